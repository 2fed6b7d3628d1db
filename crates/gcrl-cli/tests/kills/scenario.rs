//! Commands that are killed, how they go on, and what is the same in the end.

use crate::foreign::Foreign;
use crate::place::{Finished, Place, without_seconds};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const SIGKILL: i32 = 9;

/// A command that writes the folder `out`.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Makes what is there before it.
    prepare: fn(&Place),
    line: &'static str,
    /// Where this file is, this command goes on.
    resumed: Option<(&'static str, &'static str)>,
    /// Where this file is, `out` may hold what is not the command's.
    open_from: Option<&'static str>,
}

/// With settings with which a run is over in a fraction of a second.
macro_rules! tiny {
    ($line:literal) => {
        concat!(
            $line,
            " --out out --threads 1 --set train.n_updates=6 --set train.batch_size=16 \
             --set train.hidden=[8,8] --set train.evaluate_every=3 \
             --set train.n_evaluation_episodes=2 --set train.n_final_evaluation_episodes=2"
        )
    };
}

const COLLECT: &str = "collect PointReach --behavior random --episodes 50 --threads 1 --out out";

const RESUMED: Option<(&str, &str)> =
    Some(("out/config.toml", "train --resume out --checkpoint-every 0 --threads 1"));

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "collect", prepare: |_| {}, line: COLLECT, resumed: None, open_from: None },
    Scenario {
        name: "collect into an empty folder",
        prepare: |place| std::fs::create_dir(place.path("out")).expect("folders can be made"),
        line: COLLECT,
        resumed: None,
        open_from: None,
    },
    Scenario {
        name: "train",
        prepare: write_data,
        line: tiny!("train wgcsl --dataset data --seeds 0..2 --checkpoint-every 0"),
        resumed: RESUMED,
        open_from: Some("out/config.toml"),
    },
    Scenario {
        name: "train --online",
        prepare: |_| {},
        line: tiny!(
            "train her --online --task PointReach --seeds 5 --checkpoint-every 0 \
             --set online.n_random_episodes=4 --set online.updates_per_cycle=2 \
             --set online.capacity=6"
        ),
        resumed: RESUMED,
        open_from: Some("out/config.toml"),
    },
    Scenario {
        name: "reproduce",
        prepare: |_| {},
        line: tiny!(
            "reproduce --tasks PointReach --data random --methods bc,gcsl --seeds 0..2 --build \
             --checkpoint-every 0"
        ),
        resumed: None,
        open_from: Some("out/cells/PointReach/random-v1/bc/seed-0/config.toml"),
    },
];

/// Writes the data set `data`.
fn write_data(place: &Place) {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    let files = FILES.get_or_init(|| Place::with_data(5).files("data"));
    for (name, content) in files {
        place.write(&format!("data/{name}"), content);
    }
}

/// When a command is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kill<'a> {
    /// At a call that changes a file system, counted from 1.
    AtCall { shim: &'a Path, at: u64 },
    /// So long after its start.
    After(Duration),
}

/// All that is the same in the end, however often a command was killed: files of the place, by name.
#[derive(PartialEq, Eq)]
pub(crate) struct End(BTreeMap<String, Vec<u8>>);

impl End {
    fn of(place: &Place, foreign: &Foreign) -> Self {
        let mut files = place.files("");
        files.retain(|name, content| {
            if name.contains("/metrics/") && !name.ends_with('/') {
                *content = without_seconds(&String::from_utf8_lossy(content)).into_bytes();
            }
            // These hold times, or the place itself.
            let timed =
                ["/checkpoints/", "/events.out.tfevents", "/data.json", "/costs.", "/report."];
            let is_timeless = !timed
                .iter()
                .any(|part| name.contains(part) && !name.ends_with('/') && !is_hidden(name));
            is_timeless && !foreign.holds(name)
        });
        Self(files)
    }

    /// Names of files that are not in both, or differ.
    fn differences<'a>(&'a self, other: &'a Self) -> Vec<&'a String> {
        let names = self.0.keys().chain(other.0.keys());
        let mut names: Vec<_> =
            names.filter(|name| self.0.get(*name) != other.0.get(*name)).collect();
        names.dedup();
        names
    }
}

/// Whether a file's own name begins as a temporary's does.
fn is_hidden(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

impl Scenario {
    /// A place where it can begin.
    fn prepared(&self) -> Place {
        let place = Place::new();
        (self.prepare)(&place);
        place
    }

    /// What it ends with if nobody kills it, how many of its calls change a file system, and how long it
    /// takes.
    pub(crate) fn undisturbed(&self, shim: &Path) -> (End, u64, Duration) {
        let place = self.prepared();
        let start = Instant::now();
        place.succeeds(self.line);
        let took = start.elapsed();
        let end = End::of(&place, &Foreign::default());
        let (again, count) = (self.prepared(), shim.with_file_name("count"));
        let mut command = again.command(self.line);
        let finished = Finished::of(command.env("LD_PRELOAD", shim).env("KILL_COUNT", &count));
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        assert!(End::of(&again, &Foreign::default()) == end, "`{}` is determined", self.name);
        let count = std::fs::read_to_string(count).expect("the shim counts");
        (end, count.parse().expect("it writes a number"), took)
    }

    /// Kills it, and what goes on after it, then lets it end; returns how many kills found it alive.
    pub(crate) fn disturbed(&self, kills: &[Kill<'_>], undisturbed: &End) -> usize {
        let (place, mut foreign) = (self.prepared(), Foreign::default());
        foreign.put(&place, "");
        foreign.put_link(&place);
        let mut n_killed = 0;
        for kill in kills {
            if !self.is_killed(&place, *kill) {
                break;
            }
            n_killed += 1;
            foreign.check(&place);
            if self.open_from.is_some_and(|file| place.path(file).exists()) {
                foreign.put(&place, "out/");
            }
        }
        let finished = place.run(self.next(&place));
        let was_complete = finished.stderr.starts_with("error: folder is not empty");
        assert!(
            finished.code == Some(0) || was_complete,
            "`{}` after {kills:?}: {}\n{:?}",
            self.name,
            finished.stderr,
            place.files("").into_keys()
        );
        foreign.check(&place);
        let end = End::of(&place, &foreign);
        let differences = end.differences(undisturbed);
        assert!(differences.is_empty(), "`{}` after {kills:?}: {differences:?}", self.name);
        n_killed
    }

    /// The command that begins or goes on.
    fn next(&self, place: &Place) -> &'static str {
        let resumed = self.resumed.filter(|(file, _)| place.path(file).exists());
        resumed.map_or(self.line, |(_, line)| line)
    }

    /// Runs a command, and kills it unless it ends before.
    fn is_killed(&self, place: &Place, kill: Kill<'_>) -> bool {
        let mut command = place.command(self.next(place));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        if let Kill::AtCall { shim, at } = kill {
            command.env("LD_PRELOAD", shim).env("KILL_AT", at.to_string());
        }
        let mut child = command.spawn().expect("the program starts");
        if let Kill::After(time) = kill {
            std::thread::sleep(time);
            child.kill().expect("a child that was not waited for can be killed");
        }
        child.wait().expect("it ends").signal() == Some(SIGKILL)
    }
}
