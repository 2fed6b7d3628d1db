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

/// Makes the engine that a run asks for, with `n_members` members.
pub(crate) fn make(config: &RunConfig, n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    if !["auto", "cpu", "cuda"].contains(&config.device.as_str()) {
        return unknown_device(config);
    }
    match config.engine.as_str() {
        "native" if config.device == "cuda" => Err(anyhow!("engine `native` runs on CPUs only"))
            .hint("`--engine torch --device cuda` trains on a GPU"),
        "native" => Ok(Box::new(Native::new(n_members, KernelChoice::Fastest))),
        "torch" => torch(config, n_members),
        _ => unknown(config),
    }
}

fn unknown<T>(config: &RunConfig) -> anyhow::Result<T> {
    Err(anyhow!("unknown engine `{}`; there are `native` and `torch`", config.engine))
        .hint("`--engine native` runs everywhere; `gcrl doctor` says what else works here")
}

fn unknown_device<T>(config: &RunConfig) -> anyhow::Result<T> {
    Err(anyhow!("unknown device `{}`; there are `auto`, `cpu` and `cuda`", config.device))
        .hint("`--device auto` takes the GPU where the engine can use one")
}

#[cfg(feature = "torch")]
fn device(config: &RunConfig) -> anyhow::Result<gcrl_torch::DeviceChoice> {
    Ok(match config.device.as_str() {
        "auto" => gcrl_torch::DeviceChoice::Auto,
        "cpu" => gcrl_torch::DeviceChoice::Cpu,
        "cuda" => gcrl_torch::DeviceChoice::Cuda,
        _ => return unknown_device(config),
    })
}

#[cfg(feature = "torch")]
fn torch(config: &RunConfig, n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    let engine = gcrl_torch::TorchEngine::new(n_members, device(config)?)
        .hint("`gcrl doctor` says what works here; `--device cpu` runs everywhere")?;
    Ok(Box::new(engine))
}

#[cfg(feature = "torch")]
fn is_on_gpu(config: &RunConfig) -> anyhow::Result<bool> {
    match config.engine.as_str() {
        "native" => Ok(false),
        "torch" => Ok(match device(config)? {
            gcrl_torch::DeviceChoice::Cpu => false,
            gcrl_torch::DeviceChoice::Cuda => true,
            gcrl_torch::DeviceChoice::Auto => gcrl_torch::cuda_devices().is_ok(),
        }),
        _ => unknown(config),
    }
}

#[cfg(not(feature = "torch"))]
fn torch(_config: &RunConfig, _n_members: usize) -> anyhow::Result<Box<dyn Engine>> {
    Err(anyhow!("engine `torch` is not in this build"))
        .hint("`cargo xtask torch` fetches libtorch; then build with `--features torch`")
}

#[cfg(not(feature = "torch"))]
fn is_on_gpu(config: &RunConfig) -> anyhow::Result<bool> {
    make(config, 1).map(|_| false)
}
