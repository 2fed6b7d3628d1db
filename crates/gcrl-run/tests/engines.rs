//! Every algorithm learns the same on every engine: native, and libtorch one member after the other (as on a
//! CPU) and all members at once (as on a GPU), but for the rounding of float32.

use gcrl_core::rollout::{Plan, rollout, to_the_end};
use gcrl_core::{Behavior, seed};
use gcrl_learn::checkpoint::MemberCheckpoint;
use gcrl_learn::{ALGORITHMS, AlgorithmEntry, Preset, RunConfig, Trainer};
use gcrl_nn::{DeviceKind, Engine, KernelChoice, Native, Source};
use gcrl_torch::TorchEngine;

const SEEDS: [u64; 2] = [1, 2];
const N_UPDATES: u64 = 20;

/// Adam divides by the size of gradients, so that a rounding of a gradient near 0 moves a parameter by a share
/// of a step of 0.0005; what is wrong moves all of them by whole steps.
const TOLERANCE: f32 = 2e-5;

/// The members after training by `algorithm`, with the task's own settings and small networks.
fn trained(algorithm: &AlgorithmEntry, engine: Box<dyn Engine>) -> Vec<MemberCheckpoint> {
    let task = gcrl_envs::find("PointReach").expect("a task");
    let preset = Preset::of_task(task.spec.id).expect("it has a preset");
    let mut config = RunConfig::new(algorithm, task.spec.id, &preset);
    config.dataset = Some("made here".to_owned());
    config.train.hidden = vec![24, 16];
    config.train.batch_size = 32;
    config.train.target_every = 2;
    let plan = Plan { seed: seed::child(0, "engines", 0), episodes: 0..20, n_threads: 1 };
    let episodes =
        rollout(&|| task.make(), &Behavior::random(), &plan, &to_the_end).expect("it moves");
    let build = config.resolve(algorithm).expect("settings are in range");
    let mut trainer =
        Trainer::new(engine, &build, task.spec, &config, &SEEDS).expect("networks are small");
    let view = episodes.view();
    let id = trainer.add_episodes(view).expect("episodes are few");
    for _ in 0..N_UPDATES {
        trainer.update(Source { id, view }).expect("a CPU does not fail");
    }
    trainer.checkpoint().members
}

/// The largest difference of a parameter, and where it is.
fn largest_difference(one: &[MemberCheckpoint], two: &[MemberCheckpoint]) -> (f32, String) {
    let mut largest = (0.0, String::new());
    for (one, two) in one.iter().zip(two) {
        for (name, network) in &one.networks {
            let other = &two.networks[name];
            assert_eq!(network.parameters.len(), other.parameters.len());
            for (a, b) in network.parameters.iter().zip(&other.parameters) {
                assert!(a.is_finite() && b.is_finite(), "`{name}` has left the numbers");
                if largest.0 < (a - b).abs() {
                    largest = ((a - b).abs(), name.clone());
                }
            }
        }
    }
    largest
}

#[test]
fn every_algorithm_learns_the_same_on_every_engine() {
    for algorithm in ALGORITHMS {
        let native = trained(algorithm, Box::new(Native::new(SEEDS.len(), KernelChoice::Fastest)));
        let looped = TorchEngine::new(SEEDS.len(), DeviceKind::Cpu).expect("a CPU is always there");
        let batched = TorchEngine::batched_on_cpu(SEEDS.len());
        for (name, engine) in [("one by one", looped), ("at once", batched)] {
            let (difference, network) =
                largest_difference(&native, &trained(algorithm, Box::new(engine)));
            assert!(
                difference <= TOLERANCE,
                "{} on libtorch, members {name}: {difference} in `{network}`",
                algorithm.name
            );
        }
    }
}
