//! Laws of the engine, on every way to multiply that this machine has.

mod by_hand;
mod gathering;
mod oracle;
mod population;

use crate::engine::TorchEngine;
use crate::members::Members;
use gcrl_core::{EpisodeShape, Normalizer, seed};
use gcrl_nn::{Destination, Engine, InputNormalizers, NetworkShape, RowsId};
use tch::Device;

/// Looped and batched on the CPU, and the GPU where there is one.
fn engines(n_members: usize) -> Vec<TorchEngine> {
    let mut engines = vec![looped(n_members), batched(n_members)];
    if crate::cuda_devices().is_ok() {
        engines.push(TorchEngine::on(Device::Cuda(0), Members::Batched, n_members));
    }
    engines
}

fn looped(n_members: usize) -> TorchEngine {
    TorchEngine::on(Device::Cpu, Members::Looped, n_members)
}

fn batched(n_members: usize) -> TorchEngine {
    TorchEngine::batched_on_cpu(n_members)
}

/// Uniform in [-1, 1].
fn random(n: usize, root: u64, name: &str) -> Vec<f32> {
    let mut stream = seed::stream(root, name, 0);
    (0..n).map(|_| seed::signed_unit_f32(&mut stream)).collect()
}

/// Of one member, at the scale at which activations neither vanish nor grow.
fn random_parameters(shape: &NetworkShape, root: u64) -> Vec<f32> {
    let n = shape.n_parameters();
    let scale = shape.hidden.iter().map(|n| *n as f32).fold(1.0, f32::max).sqrt().recip();
    random(n, root, "parameters").iter().map(|number| number * 2.0 * scale).collect()
}

/// Normalizers that change nothing.
fn do_not_normalize(engine: &mut TorchEngine, shape: EpisodeShape) {
    let normalizers = InputNormalizers {
        observation: Normalizer::identity(shape.observation_dim, 1e6, 1e6),
        goal: Normalizer::identity(shape.goal_dim, 1e6, 1e6),
    };
    for member in 0..engine.n_members() {
        engine.set_normalizers(member, &normalizers);
    }
}

/// Fills a block `[n_members, n_rows, width]` with `inputs`.
fn fill(engine: &mut TorchEngine, rows: RowsId, width: usize, inputs: &[f32]) {
    engine.write(Destination { rows, first_row: 0, first_column: 0 }, width, inputs).unwrap();
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn assert_close(found: &[f32], expected: &[f32], bound: f32) {
    let difference = largest_difference(found, expected);
    assert!(difference <= bound, "{difference} apart: {found:?}, not {expected:?}");
}
