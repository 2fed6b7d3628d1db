//! Shards of a grid that work in one folder, killed at random moments.

use crate::place::{Finished, Place};
use rand::{Rng, RngExt};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const N_SHARDS: usize = 4;

/// Shards that work at the same time.
const N_AT_ONCE: usize = 2;

const GRID: &str = "reproduce --tasks PointReach --data random --methods bc,gcsl --seeds 0..10 --threads 1 \
    --checkpoint-every 0 --set train.n_updates=20 --set train.batch_size=16 --set train.hidden=[8,8] \
    --set train.evaluate_every=5 --set train.n_evaluation_episodes=2 \
    --set train.n_final_evaluation_episodes=2";

/// What a report says of outcomes.
const TABLES: [&str; 2] = ["results.csv", "curves.csv"];

/// Kills the shards of a grid `n_wanted` times, and starts them again until all have ended; their cells,
/// merged, are those of a grid that nobody killed. Returns how often they were killed.
pub(crate) fn kill(n_wanted: usize, rng: &mut impl Rng) -> usize {
    let place = Place::new();
    place.succeeds("dataset build PointReach/random-v1");
    let start = Instant::now();
    place.succeeds(&format!("{GRID} --out whole"));
    // A fraction of what a shard takes, so that most are killed.
    let longest = start.elapsed() / (4 * N_SHARDS as u32);
    let (mut waiting, mut running): (Vec<usize>, Vec<(usize, Child, Instant)>) =
        ((0..N_SHARDS).collect(), Vec::new());
    let mut n_killed = 0;
    while !(waiting.is_empty() && running.is_empty()) {
        while running.len() < N_AT_ONCE && !waiting.is_empty() {
            let shard = waiting.remove(rng.random_range(0..waiting.len()));
            let line = format!("{GRID} --shard {shard}/{N_SHARDS} --out shared");
            let mut command = place.command(&line);
            let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            let moment = Instant::now() + longest.mul_f64(rng.random_range(0.0..1.0));
            running.push((shard, child.expect("the program starts"), moment));
        }
        sleep(Duration::from_millis(1));
        running.retain_mut(|(shard, child, moment)| match child.try_wait().expect("it is ours") {
            Some(status) => {
                assert!(status.success(), "shard {shard}: {status}");
                false
            }
            None if n_killed < n_wanted && *moment <= Instant::now() => {
                child.kill().and_then(|()| child.wait()).expect("a child can be killed");
                n_killed += 1;
                waiting.push(*shard);
                false
            }
            None => true,
        });
    }
    let Finished { code, stderr, .. } = place.run("reproduce merge shared --out merged");
    assert_eq!(code, Some(0), "{stderr}");
    for table in TABLES {
        let of = |folder: &str| place.text(&format!("{folder}/{table}"));
        assert_eq!(of("merged"), of("whole"), "{table} after {n_killed} kills");
    }
    let files = place.files("");
    let temporary = files.keys().find(|name| name.contains(".gcrl-"));
    assert_eq!(temporary, None, "no temporary is left");
    n_killed
}
