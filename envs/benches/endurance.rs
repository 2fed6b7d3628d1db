//! Millions of control steps that nobody would take on purpose, and what came of them.
//!
//! | mode | actions |
//! |---|---|
//! | random | uniform |
//! | constant | every component at one of its limits, for a whole episode |
//! | bang-bang | every component at a limit, changing to the other now and then |
//! | hostile | straight at the object, or onto it from above; where there is none, at the goal, or as bang-bang |
//!
//! `cargo bench -p gcrl-envs --bench endurance` takes 10 million steps a task in each mode; `-- --steps N
//! --task TASK --mode MODE` makes that less. It fails if a state is not finite, or beyond [`LIMITS`].

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use gcrl_core::seed::{self, Stream};
use gcrl_core::{Env, EnvError, Field, TaskSpec};
use gcrl_envs::{TASKS, TaskEntry};
use rand::RngExt;
use std::error::Error;

/// What may become of an object; its place is the task's goal.
struct Limits {
    task: &'static str,
    /// Largest speed, in meters per second. Falling from a table makes 2.8, from a gripper at its
    /// highest (1.1 m) 4.7; grippers move at 0.83, and squeeze a puck out at 6.8.
    speed: f64,
    /// Least height of its center, in meters: the floor yields to what falls on it.
    height: f64,
    /// Footprint of the table, least and largest x and y, and the least height of the center of what
    /// was over it a step before.
    table: [f64; 5],
}

/// Tables as in the tasks' originals, whose top is at 0.4 m. Contacts are soft: a gripper that presses
/// in 200 episodes brings a block down to 0.380 m and a puck to 0.353, here as in `MuJoCo` 2.3.3.
const LIMITS: [Limits; 3] = [
    Limits { task: "FetchPush", speed: 4.7, height: -0.1, table: [1.05, 1.55, 0.40, 1.10, 0.30] },
    Limits { task: "FetchSlide", speed: 8.0, height: -0.1, table: [0.70, 1.95, 0.30, 1.20, 0.30] },
    Limits {
        task: "FetchPickAndPlace",
        speed: 4.7,
        height: -0.1,
        table: [1.05, 1.55, 0.40, 1.10, 0.30],
    },
];

/// Largest number in an observation of any task: far beyond what motion makes, far below an explosion.
const LARGEST: f32 = 1e3;

/// How far inside its edges a table must bear an object, in meters.
const EDGE: f64 = 0.03;

/// Draws the next action from what is seen.
type Mode = (&'static str, fn(&dyn Env, &mut Stream, &mut [f32]));

const MODES: [Mode; 4] = [
    ("random", |_, rng, action| action.fill_with(|| seed::signed_unit_f32(rng))),
    ("constant", |_, _, _| {}),
    ("bang-bang", bang_bang),
    ("hostile", hostile),
];

/// What came of a mode.
#[derive(Default)]
struct Findings {
    n_steps: usize,
    /// Errors: the first, and how many.
    first_error: Option<EnvError>,
    n_errors: usize,
    largest: f32,
    /// Largest speed of the object, with the seed of its episode.
    speed: Option<(f64, u64)>,
    /// Least height of the object, and over the table, with the seeds of their episodes.
    height: Option<(f64, u64)>,
    table_height: Option<(f64, u64)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --all-targets` runs this without the flag, and there is nothing to test.
    let words: Vec<String> = std::env::args().skip(1).collect();
    if !words.iter().any(|word| word == "--bench") {
        return Ok(());
    }
    let value = |name: &str| {
        let place = words.iter().position(|word| word == name)?;
        words.get(place + 1)
    };
    let n_steps = value("--steps").map_or(Ok(10_000_000), |text| text.parse())?;
    println!(
        "{:<18} {:<10} {:>10} {:>7} {:>9} {:>16} {:>16} {:>16}",
        "task", "mode", "steps", "errors", "largest", "object m/s", "lowest m", "over table m"
    );
    let mut is_sound = true;
    for task in TASKS.iter().filter(|task| value("--task").is_none_or(|id| id == task.spec.id)) {
        for mode in MODES.iter().filter(|mode| value("--mode").is_none_or(|name| name == mode.0)) {
            let findings = endure(task, mode, n_steps);
            findings.print(task, mode.0);
            is_sound &= findings.is_sound(task.spec);
        }
    }
    if is_sound { Ok(()) } else { Err("beyond the limits".into()) }
}

/// Plays whole episodes until there are enough steps.
fn endure(task: &TaskEntry, (name, next): &Mode, n_steps: usize) -> Findings {
    let (mut env, mut findings) = (task.make(), Findings::default());
    let mut action = vec![0.0; task.spec.action_dim()];
    for episode in 0.. {
        if n_steps <= findings.n_steps {
            break;
        }
        let seed = seed::child(0, name, episode);
        let mut rng = seed::stream(seed, "actions", 0);
        action.fill_with(|| if rng.random::<bool>() { 1.0 } else { -1.0 });
        if let Err(error) = findings.play(&mut *env, seed, &mut rng, &mut action, *next) {
            findings.n_errors += 1;
            findings.first_error.get_or_insert(error);
        }
    }
    findings
}

fn bang_bang(_: &dyn Env, rng: &mut Stream, action: &mut [f32]) {
    for component in action {
        if rng.random::<f32>() < 0.15 {
            *component = -*component;
        }
    }
}

/// Rams the object, or, in every other episode, gets above it, presses down and squeezes.
fn hostile(env: &dyn Env, rng: &mut Stream, action: &mut [f32]) {
    let seen = env.observation();
    let hand = place_of("gripper", env.spec(), seen.observation)
        .or_else(|| place_of("hand", env.spec(), seen.observation));
    let target = if limits(env.spec()).is_some() { seen.achieved_goal } else { seen.desired_goal };
    let (Some(hand), 3, true) = (hand, target.len(), 3 <= action.len()) else {
        return bang_bang(env, rng, action);
    };
    for axis in 0..3 {
        action[axis] = if hand[axis] < target[axis] { 1.0 } else { -1.0 };
    }
    // Goals are drawn: the last bit of one is a coin that lasts an episode.
    let presses = seen.desired_goal[0].to_bits() & 1 == 0;
    if presses {
        let is_above = (target[0] - hand[0]).hypot(target[1] - hand[1]) < 0.03;
        action[2] = if is_above || target[2] + 0.1 < hand[2] { -1.0 } else { 1.0 };
    }
    if let Some(fingers) = action.get_mut(3) {
        *fingers = if rng.random::<f32>() < 0.8 { -1.0 } else { 1.0 };
    }
}

/// Where the first part of an observation is whose name begins so, if it is a point.
fn place_of<'a>(name: &str, spec: &TaskSpec, observation: &'a [f32]) -> Option<&'a [f32]> {
    let mut start = 0;
    for Field { name: found, len, .. } in spec.observation {
        if found.starts_with(name) && *len == 3 {
            return Some(&observation[start..start + 3]);
        }
        start += len;
    }
    None
}

fn limits(spec: &TaskSpec) -> Option<&'static Limits> {
    LIMITS.iter().find(|limits| limits.task == spec.id)
}

impl Findings {
    fn play(
        &mut self,
        env: &mut dyn Env,
        seed: u64,
        rng: &mut Stream,
        action: &mut [f32],
        next: fn(&dyn Env, &mut Stream, &mut [f32]),
    ) -> Result<(), EnvError> {
        env.reset(seed)?;
        for _ in 0..env.spec().horizon {
            let before = env.observation().achieved_goal.to_vec();
            next(env, rng, action);
            env.step(action)?;
            self.n_steps += 1;
            self.look(env, &before, seed);
        }
        Ok(())
    }

    fn look(&mut self, env: &dyn Env, before: &[f32], seed: u64) {
        let (seen, spec) = (env.observation(), env.spec());
        let numbers = seen.observation.iter().chain(seen.achieved_goal);
        self.largest = numbers.fold(self.largest, |largest, number| largest.max(number.abs()));
        let Some(limits) = limits(spec) else {
            return;
        };
        let [x, y, z] = [0, 1, 2].map(|axis| f64::from(seen.achieved_goal[axis]));
        let step_secs = spec.sub_steps as f64 * spec.physics_dt_secs;
        let speed = gcrl_core::spec::distance(seen.achieved_goal, before) / step_secs;
        raise(&mut self.speed, speed, seed);
        lower(&mut self.height, z, seed);
        let [x_min, x_max, y_min, y_max, least] = limits.table;
        let is_within = |x: f64, min: f64, max: f64| min + EDGE < x && x < max - EDGE;
        let is_over = |x, y| is_within(x, x_min, x_max) && is_within(y, y_min, y_max);
        let [x_before, y_before, z_before] = [0, 1, 2].map(|axis| f64::from(before[axis]));
        // What rolls below the table on the floor did not fall through it.
        if is_over(x, y) && is_over(x_before, y_before) && least <= z_before {
            lower(&mut self.table_height, z, seed);
        }
    }

    fn print(&self, task: &TaskEntry, mode: &str) {
        let number = |found: Option<(f64, u64)>| {
            found.map_or("-".to_owned(), |(number, _)| format!("{number:.3}"))
        };
        println!(
            "{:<18} {mode:<10} {:>10} {:>7} {:>9.2} {:>16} {:>16} {:>16}",
            task.spec.id,
            self.n_steps,
            self.n_errors,
            self.largest,
            number(self.speed),
            number(self.height),
            number(self.table_height)
        );
        if let Some(error) = &self.first_error {
            println!("  first error: {error}");
        }
        if !self.is_sound(task.spec) {
            let seed = |found: Option<(f64, u64)>| found.map(|(_, seed)| seed);
            println!(
                "  beyond the limits; seeds of the fastest {:?}, the lowest {:?}, the lowest over the table {:?}",
                seed(self.speed),
                seed(self.height),
                seed(self.table_height)
            );
        }
    }

    fn is_sound(&self, spec: &TaskSpec) -> bool {
        let is_calm = limits(spec).is_none_or(|limits| {
            self.speed.is_none_or(|(speed, _)| speed <= limits.speed)
                && self.height.is_none_or(|(height, _)| limits.height <= height)
                && self.table_height.is_none_or(|(height, _)| limits.table[4] <= height)
        });
        is_calm && self.n_errors == 0 && self.largest <= LARGEST
    }
}

fn raise(record: &mut Option<(f64, u64)>, number: f64, seed: u64) {
    if record.is_none_or(|(largest, _)| largest < number) {
        *record = Some((number, seed));
    }
}

fn lower(record: &mut Option<(f64, u64)>, number: f64, seed: u64) {
    if record.is_none_or(|(least, _)| number < least) {
        *record = Some((number, seed));
    }
}
