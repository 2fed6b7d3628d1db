//! Control steps per second with random actions: whole steps, with observations, resets included.
//!
//! | mode | what runs |
//! |---|---|
//! | one environment | `reset` and `step` by hand |
//! | 64, one by one | the same of 64 environments, a step of each in turn |
//! | 64, side by side | the same with [`step_each`], as rollouts and pools do |
//! | rollout of 1 episode | [`rollout`] as evaluation of a single seed calls it |
//! | rollout, 1 thread | [`rollout`] of many episodes |
//! | rollout, 2 threads | the same on two; its CPU seconds are those of both |
//! | original in `MuJoCo` | with `--python PYTHON`: the task's original, in Python; see `reference.rs` |
//!
//! Modes take turns. `--task TASK` times one task; `--secs SECONDS` sets the CPU time of a mode in each
//! of the five rounds; `cargo bench -p gcrl-envs --bench steps -- --python PYTHON` shows all.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

mod reference;

use cpu_time::ProcessTime;
use gcrl_core::rollout::{Plan, rollout, to_the_end};
use gcrl_core::{Behavior, Depict, Env, EnvError, Outcome, Turn, seed, step_each};
use gcrl_envs::TASKS;
use gcrl_envs::registry::TaskEntry;
use reference::Reference;
use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const N_ROUNDS: usize = 5;

/// Control steps that a large rollout takes about, in whole episodes.
const N_ROLLOUT_STEPS: f64 = 200_000.0;

/// Names of the modes; the last three are rollouts of some episodes on some threads.
const MODES: [&str; 6] = [
    "one environment",
    "64, one by one",
    "64, side by side",
    "rollout of 1 episode",
    "rollout, 1 thread",
    "rollout, 2 threads",
];

/// Its place among them; one by one is before it.
const SIDE_BY_SIDE: usize = 2;

/// What the command line asks for.
struct Options {
    task: Option<String>,
    /// CPU time of a mode in a round.
    round: Duration,
    python: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --all-targets` runs this without the flag, and there is nothing to test.
    let Some(options) = Options::read()? else {
        return Ok(());
    };
    let mut reference = options.python.as_deref().map(Reference::start).transpose()?;
    println!(
        "{:<18} {:<22} {:>22} {:>22}",
        "task", "mode", "steps per CPU second", "steps per second"
    );
    for task in TASKS {
        if options.task.as_ref().is_none_or(|id| id == task.spec.id) {
            print_task(task, options.round, reference.as_mut())?;
        }
    }
    Ok(())
}

impl Options {
    /// Nothing without `--bench`.
    fn read() -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self { task: None, round: Duration::from_millis(500), python: None };
        let (mut words, mut is_bench) = (std::env::args().skip(1), false);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--bench" => is_bench = true,
                "--task" => options.task = Some(value()?),
                "--secs" => options.round = Duration::from_secs_f64(value()?.parse()?),
                "--python" => options.python = Some(value()?.into()),
                _ => return Err(format!("unknown option `{word}`").into()),
            }
        }
        Ok(is_bench.then_some(options))
    }
}

/// Times a task, mode by mode, in rounds.
fn print_task(
    task: &TaskEntry,
    round: Duration,
    mut reference: Option<&mut Reference>,
) -> Result<(), Box<dyn Error>> {
    let mut speeds = MODES.map(|_| Vec::new());
    let mut original = Vec::new();
    let mut env = task.make();
    // A large rollout ends within a round or two, however slow the task.
    let warm = measure(round / 5, |call| by_hand(&mut *env, call))?;
    let n_steps = N_ROLLOUT_STEPS.min(0.5 * round.as_secs_f64() * warm.per_cpu_second);
    let n_episodes = (n_steps / task.spec.horizon as f64).max(256.0) as u64;
    let mut envs: Vec<_> = (0..Plan::ENVS_PER_THREAD).map(|_| task.make()).collect();
    for _ in 0..N_ROUNDS {
        speeds[0].push(measure(round, |call| by_hand(&mut *env, call))?);
        speeds[1].push(measure(round, |call| in_turns(&mut envs, call, one_by_one))?);
        speeds[2].push(measure(round, |call| in_turns(&mut envs, call, step_each))?);
        for (speeds, (n_episodes, n_threads)) in
            speeds[3..].iter_mut().zip([(1, 1), (n_episodes, 1), (n_episodes, 2)])
        {
            speeds.push(measure(round, |call| roll_out(task, call, n_episodes, n_threads))?);
        }
        if let Some(reference) = reference.as_deref_mut() {
            original.extend(reference.speed(task.spec.id, round)?);
        }
    }
    let id = task.spec.id;
    for (name, speeds) in MODES.iter().zip(&speeds) {
        let of = |which: fn(&Speed) -> f64| median(speeds.iter().map(which).collect());
        let (cpu, wall) = (of(|speed| speed.per_cpu_second), of(|speed| speed.per_second));
        println!("{id:<18} {name:<22} {cpu:>22.0} {wall:>22.0}");
    }
    let of = |mode: usize| speeds[mode].iter().map(|speed: &Speed| speed.per_cpu_second);
    let gain = |other| median(of(SIDE_BY_SIDE).zip(of(other)).map(|(a, b)| a / b).collect());
    let (alone, in_turn) = (gain(0), gain(SIDE_BY_SIDE - 1));
    println!(
        "{id:<18} side by side is {alone:.2} times one environment, {in_turn:.2} times one by one"
    );
    if !original.is_empty() {
        let ratios = speeds[0].iter().zip(&original);
        let ratio = median(ratios.map(|(ours, theirs)| ours.per_cpu_second / theirs).collect());
        let theirs = median(original);
        println!(
            "{id:<18} {:<22} {theirs:>22.0}   one environment is {ratio:.1} times that",
            "original in MuJoCo"
        );
    }
    Ok(())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

struct Speed {
    per_cpu_second: f64,
    per_second: f64,
}

fn measure(
    round: Duration,
    mut mode: impl FnMut(u64) -> Result<usize, EnvError>,
) -> Result<Speed, EnvError> {
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    let (mut n_steps, mut call) = (0, 0);
    while cpu.elapsed() < round {
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
    let episodes = rollout(&|| task.make(), &Behavior::random(), &plan, &to_the_end)?;
    Ok(episodes.n_episodes * episodes.shape.n_transitions)
}

fn one_by_one(turns: &mut [Turn<'_>]) -> Vec<Result<Outcome, EnvError>> {
    turns.iter_mut().map(|(env, action)| env.step(action)).collect()
}

/// Plays an episode in each of `envs` with random actions; `step` makes a step of all.
fn in_turns(
    envs: &mut [Box<dyn Depict>],
    call: u64,
    step: impl Fn(&mut [Turn<'_>]) -> Vec<Result<Outcome, EnvError>>,
) -> Result<usize, EnvError> {
    let spec = envs[0].spec();
    let mut rng = seed::stream(call, "actions", 0);
    let mut actions = vec![0.0; envs.len() * spec.action_dim()];
    for (lane, env) in envs.iter_mut().enumerate() {
        env.reset(seed::child(call, "reset", lane as u64))?;
    }
    for _ in 0..spec.horizon {
        actions.fill_with(|| seed::signed_unit_f32(&mut rng));
        let actions = actions.chunks_exact(spec.action_dim());
        let envs = envs.iter_mut().map(|env| &mut **env as &mut dyn Env);
        let mut turns: Vec<_> = envs.zip(actions).collect();
        for outcome in step(&mut turns) {
            black_box(outcome?);
        }
    }
    Ok(envs.len() * spec.horizon)
}

/// Plays an episode with random actions.
fn by_hand(env: &mut dyn Env, call: u64) -> Result<usize, EnvError> {
    let spec = env.spec();
    let mut rng = seed::stream(call, "actions", 0);
    let mut action = vec![0.0; spec.action_dim()];
    env.reset(seed::child(call, "reset", 0))?;
    for _ in 0..spec.horizon {
        action.fill_with(|| seed::signed_unit_f32(&mut rng));
        black_box(env.step(&action)?);
        black_box(env.observation());
    }
    Ok(spec.horizon)
}
