//! Whether there is a graphics driver, asked before bevy is started: bevy panics without one.

use crate::ViewError;
use bevy::render::settings::WgpuSettings;
use std::fmt;
use wgpu::{
    DeviceType, Instance, InstanceDescriptor, MemoryBudgetThresholds, RequestAdapterOptions,
};

/// What draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The name that its driver gives it.
    pub name: String,
    /// Who draws behind that name.
    pub kind: AdapterKind,
}

/// Whether a processor of its own draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterKind {
    /// A graphics processor, or one that passes for one.
    Hardware,
    /// A driver that draws on the CPU.
    Software,
}

impl fmt::Display for Adapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        match self.kind {
            AdapterKind::Hardware => Ok(()),
            AdapterKind::Software => formatter.write_str(" (software)"),
        }
    }
}

/// Finds what bevy would draw with.
///
/// # Errors
///
/// If no driver answers.
pub fn adapter() -> Result<Adapter, ViewError> {
    // As bevy asks, down to its environment variables.
    let settings = WgpuSettings::default();
    let Some(backends) = settings.backends else { return Err(ViewError::NoGpu) };
    let instance = Instance::new(InstanceDescriptor {
        backends,
        flags: settings.instance_flags,
        memory_budget_thresholds: MemoryBudgetThresholds::default(),
        backend_options: wgpu::BackendOptions::default(),
        display: None,
    });
    let options = RequestAdapterOptions {
        power_preference: settings.power_preference,
        force_fallback_adapter: settings.force_fallback_adapter,
        compatible_surface: None,
    };
    let found = bevy::tasks::block_on(instance.request_adapter(&options));
    let info = found.map_err(|_nothing_more_to_tell| ViewError::NoGpu)?.get_info();
    let kind = match info.device_type {
        DeviceType::Cpu => AdapterKind::Software,
        _ => AdapterKind::Hardware,
    };
    Ok(Adapter { name: info.name, kind })
}
