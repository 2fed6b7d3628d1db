//! Control steps per second with random actions: whole steps, with observations, resets included.
//!
//! | mode | what runs |
//! |---|---|
//! | one environment | `reset` and `step` by hand |
//! | rollout of 1 episode | [`rollout`] as evaluation of a single seed calls it |
//! | rollout, 1 thread | [`rollout`] of many episodes |
//! | rollout, 2 threads | the same on two; its CPU seconds are those of both |

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use cpu_time::ProcessTime;
use gcrl_core::rollout::{Plan, rollout};
use gcrl_core::{Behavior, EnvError, seed};
use gcrl_envs::TASKS;
use gcrl_envs::registry::TaskEntry;
use rand::RngExt;
use std::hint::black_box;
use std::time::{Duration, Instant};

const N_ROUNDS: usize = 5;

/// CPU time of a mode in a round.
const ROUND: Duration = Duration::from_millis(500);

/// Episodes of a large rollout.
const N_EPISODES: u64 = 4_096;

/// Makes some steps and returns how many; the number of the call seeds them.
type Mode = (&'static str, fn(&TaskEntry, u64) -> Result<usize, EnvError>);

const MODES: [Mode; 4] = [
    ("one environment", by_hand),
    ("rollout of 1 episode", |task, call| roll_out(task, call, 1, 1)),
    ("rollout, 1 thread", |task, call| roll_out(task, call, N_EPISODES, 1)),
    ("rollout, 2 threads", |task, call| roll_out(task, call, N_EPISODES, 2)),
];

fn main() -> Result<(), EnvError> {
    // `cargo test --all-targets` runs this without the flag, and there is nothing to test.
    if !std::env::args().any(|word| word == "--bench") {
        return Ok(());
    }
    println!(
        "{:<14} {:<22} {:>22} {:>22}",
        "task", "mode", "steps per CPU second", "steps per second"
    );
    for task in TASKS {
        let mut speeds = MODES.map(|_| Vec::new());
        for _ in 0..N_ROUNDS {
            for ((_, mode), speeds) in MODES.iter().zip(&mut speeds) {
                speeds.push(measure(|call| mode(task, call))?);
            }
        }
        for ((name, _), speeds) in MODES.iter().zip(&speeds) {
            let median = |which: fn(&Speed) -> f64| {
                let mut numbers: Vec<f64> = speeds.iter().map(which).collect();
                numbers.sort_by(f64::total_cmp);
                format!("{:.2} million", numbers[N_ROUNDS / 2] / 1e6)
            };
            let (cpu, wall) =
                (median(|speed| speed.per_cpu_second), median(|speed| speed.per_second));
            println!("{:<14} {name:<22} {cpu:>22} {wall:>22}", task.spec.id);
        }
    }
    Ok(())
}

struct Speed {
    per_cpu_second: f64,
    per_second: f64,
}

fn measure(mut mode: impl FnMut(u64) -> Result<usize, EnvError>) -> Result<Speed, EnvError> {
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    let (mut n_steps, mut call) = (0, 0);
    while cpu.elapsed() < ROUND {
        n_steps += mode(call)?;
        call += 1;
    }
    let n_steps = n_steps as f64;
    Ok(Speed {
        per_cpu_second: n_steps / cpu.elapsed().as_secs_f64(),
        per_second: n_steps / wall.elapsed().as_secs_f64(),
    })
}

fn roll_out(
    task: &TaskEntry,
    call: u64,
    n_episodes: u64,
    n_threads: usize,
) -> Result<usize, EnvError> {
    let plan = Plan { seed: call, episodes: 0..n_episodes, n_threads };
    let episodes = rollout(&|| task.make(), Behavior::Uniform, &plan, &|_| {})?;
    Ok(episodes.n_episodes * episodes.shape.n_transitions)
}

fn by_hand(task: &TaskEntry, call: u64) -> Result<usize, EnvError> {
    const N_EPISODES: u64 = 100;
    let mut env = task.make();
    let mut rng = seed::stream(call, "actions", 0);
    let mut action = vec![0.0; task.spec.action_dim()];
    for episode in 0..N_EPISODES {
        env.reset(seed::child(call, "reset", episode))?;
        for _ in 0..task.spec.n_transitions() {
            action.fill_with(|| 2.0 * rng.random::<f32>() - 1.0);
            black_box(env.step(&action)?);
            black_box(env.observation());
        }
    }
    Ok(N_EPISODES as usize * task.spec.n_transitions())
}
