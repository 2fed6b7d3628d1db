//! Laws of the engine, on every way to multiply that this machine has.

mod by_hand;
mod gathering;
mod oracle;
mod population;

use crate::engine::TorchEngine;
use crate::members::Members;
use gcrl_core::{EpisodeShape, Episodes, GoalAt, Normalizer, TransitionIndex, seed};
use gcrl_nn::{Engine, Gather, InputNormalizers, NetworkShape, RowContent, RowsId, StateAt};
use rand::RngExt;
use tch::Device;

/// Looped and batched on the CPU, and the GPU where there is one.
fn engines(runs: usize) -> Vec<TorchEngine> {
    let mut engines = vec![looped(runs), batched(runs)];
    if crate::cuda_devices().is_ok() {
        engines.push(TorchEngine::on(Device::Cuda(0), Members::Batched, runs));
    }
    engines
}

fn looped(runs: usize) -> TorchEngine {
    TorchEngine::on(Device::Cpu, Members::Looped, runs)
}

fn batched(runs: usize) -> TorchEngine {
    TorchEngine::on(Device::Cpu, Members::Batched, runs)
}

/// Uniform in [-1, 1].
fn random(n: usize, root: u64, name: &str) -> Vec<f32> {
    let mut stream = seed::stream(root, name, 0);
    (0..n).map(|_| 2.0 * stream.random::<f32>() - 1.0).collect()
}

/// Of one member, at the scale at which activations neither vanish nor grow.
fn random_parameters(shape: &NetworkShape, root: u64) -> Vec<f32> {
    let n = shape.n_parameters();
    let scale = shape.hidden.iter().map(|n| *n as f32).fold(1.0, f32::max).sqrt().recip();
    random(n, root, "parameters").iter().map(|number| number * 2.0 * scale).collect()
}

/// Changes nothing.
fn no_normalizers(shape: EpisodeShape) -> InputNormalizers {
    InputNormalizers {
        observation: Normalizer::identity(shape.observation_dim, 1e6, 1e6),
        goal: Normalizer::identity(shape.goal_dim, 1e6, 1e6),
    }
}

/// Fills a block `[runs, n_rows, width]` with `inputs`: each row is an episode whose goal is the last
/// column.
fn fill(engine: &mut TorchEngine, rows: RowsId, width: usize, inputs: &[f32]) {
    let shape =
        EpisodeShape { observation_dim: width - 1, goal_dim: 1, action_dim: 1, n_transitions: 1 };
    let mut episodes = Episodes::zeros(shape, inputs.len() / width);
    for (episode, row) in inputs.chunks_exact(width).enumerate() {
        let first = episode * 2 * (width - 1);
        episodes.observation[first..first + width - 1].copy_from_slice(&row[..width - 1]);
        episodes.desired_goal[episode] = row[width - 1];
    }
    let transitions: Vec<_> = (0..episodes.n_episodes as u32)
        .map(|episode| TransitionIndex { episode, t: 0, goal: GoalAt::Desired })
        .collect();
    let gather = Gather {
        rows,
        first_row: 0,
        transitions: &transitions,
        state: StateAt::Now,
        content: RowContent::StateGoal,
        normalizers: &vec![no_normalizers(shape); engine.runs()],
    };
    engine.gather(episodes.view(), &gather).unwrap();
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn assert_close(found: &[f32], expected: &[f32], bound: f32) {
    let difference = largest_difference(found, expected);
    assert!(difference <= bound, "{difference} apart: {found:?}, not {expected:?}");
}
