//! The memory of long work, in MiB, after 1, 10, 50 and 100 % of it: what grows without end fails after
//! hours. Linux alone tells.
//!
//! ```sh
//! cargo bench -p gcrl-run --bench memory -- 1000000 10000
//! ```
//!
//! The arguments are the episodes to evaluate, and the checkpoints to write.

use gcrl_core::{Behavior, ObservationBatch, Policy, TaskSpec};
use gcrl_run::{
    Catalog, Collection, Observer, Pace, Plan, Run, RunFolder, RunRequest, Silent, collect,
    evaluate, train,
};
use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Parts of the whole at which memory is looked at, in percent.
const PERCENT: [u64; 4] = [1, 10, 50, 100];

/// Memory in use, by how much of the work is done.
struct Memory {
    total: u64,
    n_done: AtomicU64,
    kib: [AtomicU64; 4],
}

impl Memory {
    fn of(total: u64) -> Self {
        Self { total, n_done: AtomicU64::new(0), kib: Default::default() }
    }

    /// So much more is done.
    fn add(&self, n_done: u64) {
        let n_done = self.n_done.fetch_add(n_done, Ordering::Relaxed) + n_done;
        for (percent, kib) in PERCENT.iter().zip(&self.kib) {
            if self.total * percent <= 100 * n_done && kib.load(Ordering::Relaxed) == 0 {
                kib.store(resident_kib(), Ordering::Relaxed);
            }
        }
    }

    fn line(&self, work: &str) -> String {
        let mut line = format!("{work}:");
        for (percent, kib) in PERCENT.iter().zip(&self.kib) {
            let mib = kib.load(Ordering::Relaxed) as f64 / 1024.0;
            let _ = write!(line, " {percent} % {mib:.1} MiB;");
        }
        line
    }
}

/// Memory that the process has in use; 0 where the system does not tell.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// A policy that stands still and counts.
struct Counted {
    spec: &'static TaskSpec,
    memory: Arc<Memory>,
}

impl Policy for Counted {
    fn observation_dim(&self) -> usize {
        self.spec.observation_dim()
    }

    fn goal_dim(&self) -> usize {
        self.spec.goal_dim()
    }

    fn action_dim(&self) -> usize {
        self.spec.action_dim()
    }

    fn act(&self, batch: &ObservationBatch<'_>, action: &mut [f32]) {
        action.fill(0.0);
        self.memory.add(batch.n_rows as u64);
    }
}

/// Hears of updates; each writes a checkpoint.
struct Updates(Memory);

impl Observer for Updates {
    fn on_progress(&self, n_done: u64) {
        self.0.add(n_done);
    }
}

fn evaluated(n_episodes: u64) -> Result<String, Box<dyn Error>> {
    let task = Catalog::default().task("PointReach")?;
    let memory = Arc::new(Memory::of(n_episodes * task.spec.n_transitions as u64));
    let policy = Counted { spec: task.spec, memory: Arc::clone(&memory) };
    evaluate(task, &Behavior::of("still", Arc::new(policy)), 0, n_episodes, 2)?;
    Ok(memory.line(&format!("{n_episodes} episodes evaluated")))
}

fn trained(n_checkpoints: u64) -> Result<String, Box<dyn Error>> {
    let (place, catalog) = (tempfile::tempdir()?, Catalog::default());
    let data = place.path().join("data");
    let (task, plan) =
        (catalog.task("PointReach")?, Plan { seed: 0, episodes: 0..20, n_threads: 1 });
    collect(&Collection { task, behavior: &Behavior::random(), plan: &plan }, &data, &Silent)?;
    let request = RunRequest {
        algorithm: "wgcsl".to_owned(),
        dataset: Some(data),
        seeds: Some(vec![0]),
        settings: vec![
            format!("train.n_updates={n_checkpoints}"),
            format!("train.evaluate_every={}", n_checkpoints.div_ceil(100)),
            "train.batch_size=16".to_owned(),
            "train.hidden=[16,16]".to_owned(),
            "train.n_evaluation_episodes=4".to_owned(),
        ],
        ..RunRequest::default()
    };
    let run = Run::resolve(&request, &catalog)?;
    let folder = RunFolder::create(&place.path().join("run"), &run)?;
    let updates = Updates(Memory::of(n_checkpoints));
    train(
        &run,
        &folder,
        Pace { n_threads: 1, checkpoint_every: Duration::ZERO, keep_every: None },
        &updates,
    )?;
    Ok(updates.0.line(&format!("{n_checkpoints} checkpoints written")))
}

#[allow(clippy::print_stdout, reason = "a program of its own")]
fn main() -> Result<(), Box<dyn Error>> {
    let counts: Vec<u64> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let count = |i: usize, least| counts.get(i).copied().unwrap_or(least);
    println!("{}", trained(count(1, 100))?);
    println!("{}", evaluated(count(0, 10_000))?);
    Ok(())
}
