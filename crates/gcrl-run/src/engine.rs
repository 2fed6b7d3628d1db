//! The engines that this program was built with, and how the seeds of a run share them.

#[cfg(feature = "torch")]
pub use gcrl_torch::{cuda_devices, libtorch_version};

use gcrl_learn::RunConfig;
use gcrl_nn::{DeviceKind, Engine, EngineError, EngineKind, KernelChoice, Native};

/// A cause for a run not to have its engine.
#[derive(Debug, thiserror::Error)]
pub enum MakeEngineError {
    /// A GPU was asked of the engine that has none.
    #[error("engine `native` runs on CPUs only")]
    NativeOnGpu,
    /// This program was built without the feature `torch`.
    #[error("engine `torch` is not in this build")]
    NotBuilt,
    /// The device is missing, or failed.
    #[error(transparent)]
    Engine {
        /// What happened.
        #[from]
        source: EngineError,
    },
}

/// Makes the engine that a run asks for, with `n_members` members.
///
/// # Errors
///
/// If the engine is not in this build, or the device is missing or fails.
pub fn make(config: &RunConfig, n_members: usize) -> Result<Box<dyn Engine>, MakeEngineError> {
    match (config.engine, config.device) {
        (EngineKind::Native, DeviceKind::Cuda) => Err(MakeEngineError::NativeOnGpu),
        (EngineKind::Native, _) => Ok(Box::new(Native::new(n_members, KernelChoice::Fastest))),
        (EngineKind::Torch, device) => torch(device, n_members),
    }
}

/// The seeds of a run in groups; each group is one population on one engine.
///
/// On a CPU every seed trains alone, on a thread of its own. On a GPU all seeds of an offline run are
/// one batched product; online each has a replay buffer of its own, and trains alone.
pub(crate) fn groups(config: &RunConfig) -> Vec<Vec<u64>> {
    let is_on_gpu = config.engine == EngineKind::Torch && torch_takes_gpu(config.device);
    if config.online.is_none() && is_on_gpu {
        vec![config.seeds.clone()]
    } else {
        config.seeds.iter().map(|seed| vec![*seed]).collect()
    }
}

#[cfg(feature = "torch")]
fn torch(device: DeviceKind, n_members: usize) -> Result<Box<dyn Engine>, MakeEngineError> {
    Ok(Box::new(gcrl_torch::TorchEngine::new(n_members, device)?))
}

#[cfg(not(feature = "torch"))]
fn torch(_device: DeviceKind, _n_members: usize) -> Result<Box<dyn Engine>, MakeEngineError> {
    Err(MakeEngineError::NotBuilt)
}

#[cfg(feature = "torch")]
fn torch_takes_gpu(device: DeviceKind) -> bool {
    match device {
        DeviceKind::Auto => gcrl_torch::cuda_devices().is_ok(),
        DeviceKind::Cpu => false,
        DeviceKind::Cuda => true,
    }
}

#[cfg(not(feature = "torch"))]
fn torch_takes_gpu(_device: DeviceKind) -> bool {
    false
}
