//! The engines that this program was built with.

use crate::failure::Hint;
use anyhow::anyhow;
use gcrl_learn::RunConfig;
use gcrl_nn::{DeviceKind, Engine, EngineKind, KernelChoice, Native};

/// How the seeds of a run are grouped: each group is one population on one engine.
///
/// On a CPU every seed trains alone, on a thread of its own. On a GPU all seeds of an offline run are
/// one batched product; online each has a replay memory of its own, and trains alone.
pub(crate) fn groups(config: &RunConfig) -> Vec<Vec<u64>> {
    if config.online.is_none() && is_on_gpu(config) {
        vec![config.seeds.clone()]
    } else {
        config.seeds.iter().map(|seed| vec![*seed]).collect()
    }
}

/// Makes the engine that a run asks for, with `n_members` members.
pub(crate) fn make(config: &RunConfig, n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    match (config.engine, config.device) {
        (EngineKind::Native, DeviceKind::Cuda) => Err(anyhow!("engine `native` runs on CPUs only"))
            .hint("`--engine torch --device cuda` trains on a GPU"),
        (EngineKind::Native, _) => Ok(Box::new(Native::new(n_members, KernelChoice::Fastest))),
        (EngineKind::Torch, device) => torch(device, n_members),
    }
}

/// The engine of this name.
pub(crate) fn kind(name: &str) -> anyhow::Result<EngineKind> {
    name.parse().hint("`--engine native` runs everywhere; `gcrl doctor` says what else works here")
}

/// The device of this name.
pub(crate) fn device(name: &str) -> anyhow::Result<DeviceKind> {
    name.parse().hint("`--device auto` takes the GPU where the engine can use one")
}

/// Whether the run's engine, which `make` accepted, computes on a GPU.
fn is_on_gpu(config: &RunConfig) -> bool {
    config.engine == EngineKind::Torch && torch_takes_gpu(config.device)
}

#[cfg(feature = "torch")]
fn torch(device: DeviceKind, n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    let engine = gcrl_torch::TorchEngine::new(n_members, device)
        .hint("`gcrl doctor` says what works here; `--device cpu` runs everywhere")?;
    Ok(Box::new(engine))
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
fn torch(_device: DeviceKind, _n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    Err(anyhow!("engine `torch` is not in this build"))
        .hint("`cargo xtask torch` fetches libtorch; then build with `--features torch`")
}

#[cfg(not(feature = "torch"))]
fn torch_takes_gpu(_device: DeviceKind) -> bool {
    false
}
