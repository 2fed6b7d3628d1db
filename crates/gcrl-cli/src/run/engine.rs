//! The engines that this program was built with.

use crate::failure::Hint;
use anyhow::anyhow;
use gcrl_learn::RunConfig;
use gcrl_nn::{Engine, KernelChoice, Native};

/// How the seeds of a run are grouped: each group is one population on one engine.
///
/// On a CPU every seed trains alone, on a thread of its own. On a GPU all seeds of an offline run are
/// one batched product; online each has a replay memory of its own, and trains alone.
pub(crate) fn groups(config: &RunConfig) -> anyhow::Result<Vec<Vec<u64>>> {
    Ok(if config.online.is_none() && is_on_gpu(config)? {
        vec![config.seeds.clone()]
    } else {
        config.seeds.iter().map(|seed| vec![*seed]).collect()
    })
}

/// The device that a run asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Device {
    Auto,
    Cpu,
    Cuda,
}

/// Makes the engine that a run asks for, with `n_members` members.
pub(crate) fn make(config: &RunConfig, n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    let device = device(config)?;
    match config.engine.as_str() {
        "native" if device == Device::Cuda => Err(anyhow!("engine `native` runs on CPUs only"))
            .hint("`--engine torch --device cuda` trains on a GPU"),
        "native" => Ok(Box::new(Native::new(n_members, KernelChoice::Fastest))),
        "torch" => torch(device, n_members),
        unknown => Err(anyhow!("unknown engine `{unknown}`; there are `native` and `torch`"))
            .hint("`--engine native` runs everywhere; `gcrl doctor` says what else works here"),
    }
}

fn device(config: &RunConfig) -> anyhow::Result<Device> {
    match config.device.as_str() {
        "auto" => Ok(Device::Auto),
        "cpu" => Ok(Device::Cpu),
        "cuda" => Ok(Device::Cuda),
        unknown => Err(anyhow!("unknown device `{unknown}`; there are `auto`, `cpu` and `cuda`"))
            .hint("`--device auto` takes the GPU where the engine can use one"),
    }
}

/// Whether the run's engine, which `make` accepted, computes on a GPU.
fn is_on_gpu(config: &RunConfig) -> anyhow::Result<bool> {
    Ok(config.engine == "torch" && torch_takes_gpu(device(config)?))
}

#[cfg(feature = "torch")]
fn torch(device: Device, n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    let choice = match device {
        Device::Auto => gcrl_torch::DeviceChoice::Auto,
        Device::Cpu => gcrl_torch::DeviceChoice::Cpu,
        Device::Cuda => gcrl_torch::DeviceChoice::Cuda,
    };
    let engine = gcrl_torch::TorchEngine::new(n_members, choice)
        .hint("`gcrl doctor` says what works here; `--device cpu` runs everywhere")?;
    Ok(Box::new(engine))
}

#[cfg(feature = "torch")]
fn torch_takes_gpu(device: Device) -> bool {
    match device {
        Device::Auto => gcrl_torch::cuda_devices().is_ok(),
        Device::Cpu => false,
        Device::Cuda => true,
    }
}

#[cfg(not(feature = "torch"))]
fn torch(_device: Device, _n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    Err(anyhow!("engine `torch` is not in this build"))
        .hint("`cargo xtask torch` fetches libtorch; then build with `--features torch`")
}

#[cfg(not(feature = "torch"))]
fn torch_takes_gpu(_device: Device) -> bool {
    false
}
