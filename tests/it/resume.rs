//! A run that is killed, at any moment and any number of times, and resumed ends with the bits of one
//! that was not.
//!
//! Kills wait for a file, not for a time: what a run has written says how far it is.

use crate::place::{Place, without_seconds};
use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::Duration;

/// A run of 40 checkpoints a seed.
const SETTINGS: &str = "--set train.n_updates=400 --set train.batch_size=32 \
    --set train.hidden=[32,32] --set train.evaluate_every=10 --set train.n_evaluation_episodes=4 \
    --set train.n_final_evaluation_episodes=8";

/// Every evaluation is followed by a checkpoint, and one seed by the other.
const PACE: &str = "--checkpoint-every 0 --threads 1";

/// A running program, killed when dropped.
struct Running(Child);

impl Running {
    fn start(place: &Place, line: &str) -> Self {
        let mut command = place.command(line);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts"))
    }

    /// Waits until `moment` has come.
    fn wait_for(&mut self, moment: &Moment, place: &Place) {
        while !moment.has_come(place) {
            let ended = self.0.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "it ended ({ended:?}) before {moment:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Either may fail if it has ended by itself; `SIGKILL` leaves it no chance to tidy up.
        let _ended_before = self.0.kill();
        let _status = self.0.wait();
    }
}

/// How far the run in the folder `run` is, by what it has written.
#[derive(Debug)]
enum Moment {
    /// A file is there.
    File(&'static str),
    /// The metrics of a seed have so many rows at least.
    Rows(u64, usize),
}

impl Moment {
    fn has_come(&self, place: &Place) -> bool {
        match self {
            Self::File(name) => place.path(&format!("run/{name}")).exists(),
            Self::Rows(seed, n_rows) => {
                let path = place.path(&format!("run/metrics/seed-{seed}.csv"));
                // Without the head line.
                let text = std::fs::read_to_string(path).unwrap_or_default();
                *n_rows < text.lines().count()
            }
        }
    }
}

/// Starts `train`, kills it at the first moment, resumes, kills at the next, and at last lets it end.
fn train_with_kills(place: &Place, train: &str, kills: &[Moment]) {
    let mut line = format!("{train} --out run {PACE}");
    for moment in kills {
        Running::start(place, &line).wait_for(moment, place);
        assert!(!place.path("run/results.json").exists(), "it ended before it was killed");
        line = format!("train --resume run {PACE}");
    }
    place.succeeds(&line);
}

/// The files of a folder. A file that a kill left half-written is not among them: it has not taken a
/// name yet.
fn files(place: &Place, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = place.files(folder);
    files.retain(|name, _| !name.contains(".gcrl-"));
    files
}

/// Asserts that the folders `run` and `whole` hold the same policies, results and metrics.
fn assert_equal_runs(place: &Place) {
    assert!(files(place, "run/policies") == files(place, "whole/policies"));
    assert_eq!(place.text("run/results.json"), place.text("whole/results.json"));
    let metrics = |run: &str| {
        let timeless = |(name, csv): (String, Vec<u8>)| {
            (name, without_seconds(&String::from_utf8_lossy(&csv)))
        };
        files(place, &format!("{run}/metrics")).into_iter().map(timeless).collect::<Vec<_>>()
    };
    assert_eq!(metrics("run"), metrics("whole"));
    assert!(place.files("run/plots") == place.files("whole/plots"));
}

#[test]
fn a_run_killed_five_times_ends_as_one_never_killed() {
    let place = Place::with_data(20);
    let train = format!("train wgcsl --dataset data --seeds 0..2 {SETTINGS}");
    place.succeeds(&format!("{train} --out whole"));
    let kills = [
        // Before the first checkpoint: all starts again.
        Moment::File("config.toml"),
        Moment::File("checkpoints/seed-0.safetensors"),
        Moment::Rows(0, 10),
        // The first seed is done, the second has begun.
        Moment::File("checkpoints/seed-1.safetensors"),
        Moment::Rows(1, 10),
    ];
    train_with_kills(&place, &train, &kills);
    assert_equal_runs(&place);
}

#[test]
fn a_run_killed_between_two_evaluations_goes_on_from_there() {
    let place = Place::with_data(20);
    let train =
        format!("train wgcsl --dataset data --seeds 0 {SETTINGS} --set train.evaluate_every=400");
    place.succeeds(&format!("{train} --out whole"));
    // There is one evaluation, at the end: a checkpoint before it is one between two evaluations.
    train_with_kills(&place, &train, &[Moment::File("checkpoints/seed-0.safetensors")]);
    assert_equal_runs(&place);
}

#[test]
fn an_online_run_killed_four_times_ends_as_one_never_killed() {
    let place = Place::new();
    // Every other update collects, and the memory overflows, so that a checkpoint holds all it can.
    let train = format!(
        "train her --online --task PointReach --seeds 5 {SETTINGS} \
         --set online.n_random_episodes=4 --set online.updates_per_cycle=2 \
         --set online.capacity=60"
    );
    place.succeeds(&format!("{train} --out whole"));
    let kills = [
        Moment::File("config.toml"),
        Moment::File("checkpoints/seed-5.safetensors"),
        Moment::Rows(5, 7),
        Moment::Rows(5, 15),
    ];
    train_with_kills(&place, &train, &kills);
    assert_equal_runs(&place);
}

/// A finished run of one seed in `run`.
fn finished_run() -> Place {
    let place = Place::with_data(20);
    place.succeeds(&format!("train gcsl --dataset data --seeds 0 --out run {SETTINGS}"));
    place
}

#[test]
fn resuming_a_finished_run_changes_nothing() {
    let place = finished_run();
    let before = place.files("run");
    place.succeeds("train --resume run");
    let mut after = place.files("run");
    // TensorBoard's file says when the run would have started, had it never paused.
    let events = "tensorboard/seed-0/events.out.tfevents.gcrl";
    after.insert(events.to_owned(), before[events].clone());
    assert!(after == before);
}

#[test]
fn a_run_killed_between_its_last_checkpoint_and_its_policies_has_them_once_resumed() {
    let place = finished_run();
    let made_from_checkpoints = ["run/policies", "run/metrics"];
    let before = made_from_checkpoints.map(|folder| place.files(folder));
    for folder in made_from_checkpoints {
        std::fs::remove_dir_all(place.path(folder)).unwrap();
    }
    place.succeeds("train --resume run");
    assert!(made_from_checkpoints.map(|folder| place.files(folder)) == before);
}

#[test]
fn two_programs_cannot_train_in_one_folder() {
    let place = Place::with_data(20);
    let train = format!("train gcsl --dataset data --seeds 0 --out run {PACE}");
    let mut first =
        Running::start(&place, &format!("{train} {SETTINGS} --set train.n_updates=1000000"));
    first.wait_for(&Moment::Rows(0, 1), &place);
    let second = place.run("train --resume run");
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(second.stderr.starts_with("error: another program is training in this folder"));
    assert!(first.0.try_wait().unwrap().is_none(), "the first program goes on");
}

#[test]
fn a_spoiled_checkpoint_is_refused_and_left_as_it_is() {
    let place = finished_run();
    // As if it had been killed before its end: a finished run needs no checkpoint any more.
    std::fs::remove_file(place.path("run/results.json")).unwrap();
    let name = "run/checkpoints/seed-0.safetensors";
    let sound = place.read(name);
    let mut flipped = sound.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let spoiled: [&[u8]; 4] = [&flipped, &sound[..sound.len() - 1], b"", b"not a checkpoint"];
    for bytes in spoiled {
        place.write(name, bytes);
        let before = place.files("run");
        let resumed = place.run("train --resume run");
        assert_eq!(resumed.code, Some(1), "{}", resumed.stderr);
        assert!(resumed.stderr.starts_with("error: not a whole checkpoint"), "{}", resumed.stderr);
        assert!(resumed.stderr.contains("\n\nhint: delete this file"), "{}", resumed.stderr);
        assert!(place.files("run") == before);
    }
}
