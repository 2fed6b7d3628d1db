//! Plays a recording's actions from its start states, and from every state in it, and gathers errors.
//!
//! `e = ‖x̂_t − x_t‖` for each field `x` of the observation and for the achieved goal, with `x̂_t` after the
//! recorded actions `a_0 … a_{t−1}` from the recorded start; or, restarted, after `a_{t−1}` from the
//! recorded state `t − 1`. Differences of angles (unit `rad`) are taken the short way round.

use crate::report::{FieldRow, Horizon, ObjectRow, Report, Sides, TraceRow};
use crate::statistics::Spread;
use crate::trace::Trace;
use gcrl_core::{Field, GoalObservation, TaskSpec};
use gcrl_envs::{RecordedState, RestoreRecorded, RestoreRecordedError};
use std::f64::consts::{PI, TAU};
use std::ops::Range;

/// Actions after which errors are reported, beside the last.
const HORIZONS: [usize; 4] = [0, 1, 10, 25];

/// An object counts as moved if it ends farther than this from its start, in meters.
const MOVED: f64 = 0.01;

/// An object counts as lifted if it was ever higher than this above its start, in meters.
const LIFTED: f64 = 0.02;

/// How the names of a goal's fields begin where the goal is the place of an object.
const OBJECTS: [&str; 3] = ["block", "object", "puck"];

/// The environment gave up.
#[derive(Debug, thiserror::Error)]
#[error("episode {episode} of trace `{trace}` cannot be played from state {state}")]
pub struct CompareError {
    /// The trace's name.
    pub trace: String,
    /// The episode.
    pub episode: usize,
    /// The recorded state that was started from.
    pub state: usize,
    /// What the environment said.
    pub source: RestoreRecordedError,
}

/// Holds an environment against the trace `name` of its task.
///
/// # Errors
///
/// If the environment refuses a recorded state, or gives up.
///
/// # Panics
///
/// If the trace was read for another task.
pub fn compare(
    env: &mut dyn RestoreRecorded,
    name: &str,
    trace: &Trace,
) -> Result<Report, CompareError> {
    let spec = env.spec();
    let horizons = horizons(trace);
    let parts = parts(spec);
    // Errors by part, then by horizon; the last place is that of restarts.
    let mut errors = vec![vec![Vec::new(); horizons.len() + 1]; parts.len()];
    let mut played = Vec::new();
    for episode in 0..trace.n_episodes {
        let failed =
            |state| move |source| CompareError { trace: name.to_owned(), episode, state, source };
        let states = play(env, trace, episode, 0..trace.n_actions).map_err(failed(0))?;
        for (part, errors) in parts.iter().zip(&mut errors) {
            for (&horizon, errors) in horizons.iter().zip(errors) {
                errors.push(part.error(&states[horizon], &trace.state(episode, horizon)));
            }
        }
        played.push(states);
        for t in 0..trace.n_actions {
            let restarted = play(env, trace, episode, t..t + 1).map_err(failed(t))?;
            for (part, errors) in parts.iter().zip(&mut errors) {
                let error = part.error(&restarted[1], &trace.state(episode, t + 1));
                errors[horizons.len()].push(error);
            }
        }
    }
    let rows = parts.iter().zip(&errors).flat_map(|(part, errors)| {
        let steps = horizons.iter().map(|&horizon| Horizon::Steps(horizon));
        steps.chain([Horizon::Restart]).zip(errors).map(|(horizon, errors)| FieldRow {
            task: spec.id,
            trace: name.to_owned(),
            field: part.name.clone(),
            unit: part.unit,
            horizon,
            error: Spread::of(errors),
            episodes: trace.n_episodes,
        })
    });
    let rows = rows.collect();
    let traces = vec![trace_row(spec, name, trace, &played)];
    Ok(Report { rows, traces, skipped: Vec::new() })
}

/// What the environment showed at a moment.
struct Seen {
    observation: Vec<f32>,
    achieved_goal: Vec<f32>,
}

impl Seen {
    fn of(seen: GoalObservation<'_>) -> Self {
        Self { observation: seen.observation.to_vec(), achieved_goal: seen.achieved_goal.to_vec() }
    }
}

/// Plays the recorded actions of a range from the recorded state before it; returns one state more
/// than there are actions.
fn play(
    env: &mut dyn RestoreRecorded,
    trace: &Trace,
    episode: usize,
    actions: Range<usize>,
) -> Result<Vec<Seen>, RestoreRecordedError> {
    env.start_at(&trace.state(episode, actions.start), trace.desired_goal(episode))?;
    let mut states = vec![Seen::of(env.observation())];
    for t in actions {
        env.step(trace.action(episode, t))?;
        states.push(Seen::of(env.observation()));
    }
    Ok(states)
}

fn horizons(trace: &Trace) -> Vec<usize> {
    let inner = HORIZONS.into_iter().filter(|&horizon| horizon < trace.n_actions);
    inner.chain([trace.n_actions]).collect()
}

/// A part of what is seen, to be compared.
struct Part {
    name: String,
    unit: &'static str,
    is_goal: bool,
    range: Range<usize>,
}

/// Every field of the observation, the achieved goal, and its fields if there are several.
fn parts(spec: &TaskSpec) -> Vec<Part> {
    let of_fields = |fields: &'static [Field], is_goal, prefix: &str| -> Vec<Part> {
        let mut start = 0;
        let part = |field: &Field| {
            let range = start..start + field.len;
            start = range.end;
            Part { name: format!("{prefix}{}", field.name), unit: field.unit, is_goal, range }
        };
        fields.iter().map(part).collect()
    };
    let mut parts = of_fields(spec.observation, false, "");
    let first = spec.goal[0].unit;
    let unit = if spec.goal.iter().all(|field| field.unit == first) { first } else { "1" };
    let name = "achieved_goal".to_owned();
    parts.push(Part { name, unit, is_goal: true, range: 0..spec.goal_dim() });
    if 1 < spec.goal.len() {
        parts.extend(of_fields(spec.goal, true, "achieved_goal/"));
    }
    parts
}

impl Part {
    fn error(&self, ours: &Seen, theirs: &RecordedState<'_>) -> f64 {
        let (ours, theirs) = if self.is_goal {
            (&ours.achieved_goal[..], theirs.achieved_goal)
        } else {
            (&ours.observation[..], theirs.observation)
        };
        let pairs = ours[self.range.clone()].iter().zip(&theirs[self.range.clone()]);
        let squares = pairs.map(|(ours, theirs)| {
            let difference = f64::from(*ours) - f64::from(*theirs);
            let difference = if self.unit == "rad" { short_way(difference) } else { difference };
            difference * difference
        });
        squares.sum::<f64>().sqrt()
    }
}

/// The angle in [-π, π] that turns as far as `angle`, in radians.
fn short_way(angle: f64) -> f64 {
    (angle + PI).rem_euclid(TAU) - PI
}

fn trace_row(spec: &'static TaskSpec, name: &str, trace: &Trace, played: &[Vec<Seen>]) -> TraceRow {
    let mut rewards = Agreement::default();
    let mut successes = Agreement::default();
    for (episode, states) in played.iter().enumerate() {
        let goal = trace.desired_goal(episode);
        for t in 0..trace.n_actions {
            let ours = spec.reward_of(&states[t + 1].achieved_goal, goal);
            rewards.add([0.0 < ours, 0.0 < trace.reward(episode, t)]);
        }
        let last = trace.n_actions;
        let ours = spec.success.is_reached(&states[last].achieved_goal, goal);
        let theirs = spec.success.is_reached(trace.state(episode, last).achieved_goal, goal);
        successes.add([ours, theirs]);
    }
    let rates = rewards.rates();
    let n_actions = trace.n_actions as f64;
    TraceRow {
        task: spec.id,
        trace: name.to_owned(),
        episodes: trace.n_episodes,
        actions: trace.n_actions,
        reward_agreement: rewards.share(),
        success_agreement: successes.share(),
        mean_return: Sides { ours: n_actions * rates.ours, theirs: n_actions * rates.theirs },
        success_rate: successes.rates(),
        object: is_object(spec).then(|| object_row(trace, played)),
    }
}

/// Whether goals are places of an object, by the name of their field.
fn is_object(spec: &TaskSpec) -> bool {
    let [goal] = spec.goal else {
        return false;
    };
    goal.len == 3 && OBJECTS.iter().any(|object| goal.name.starts_with(object))
}

fn object_row(trace: &Trace, played: &[Vec<Seen>]) -> ObjectRow {
    let (mut moved, mut lifted) = (Agreement::default(), Agreement::default());
    let (mut total, mut errors) = (Sides { ours: 0.0, theirs: 0.0 }, Vec::new());
    for (episode, states) in played.iter().enumerate() {
        let ours = Travel::of(states.iter().map(|state| &state.achieved_goal[..]));
        let recorded = (0..=trace.n_actions).map(|t| trace.state(episode, t).achieved_goal);
        let theirs = Travel::of(recorded);
        moved.add([MOVED < ours.displacement, MOVED < theirs.displacement]);
        lifted.add([LIFTED < ours.rise, LIFTED < theirs.rise]);
        total.ours += ours.displacement;
        total.theirs += theirs.displacement;
        errors.push((ours.displacement - theirs.displacement).abs());
    }
    let n_episodes = played.len() as f64;
    ObjectRow {
        moved: moved.rates(),
        moved_agreement: moved.share(),
        lifted: lifted.rates(),
        lifted_agreement: lifted.share(),
        mean_displacement: Sides {
            ours: total.ours / n_episodes,
            theirs: total.theirs / n_episodes,
        },
        displacement_error: Spread::of(&errors),
    }
}

/// How far an object came in an episode, in meters.
struct Travel {
    /// From start to end.
    displacement: f64,
    /// From the start's height to the greatest.
    rise: f64,
}

impl Travel {
    fn of<'a>(places: impl Iterator<Item = &'a [f32]>) -> Self {
        let places: Vec<_> = places.collect();
        let (start, end) = (places[0], places[places.len() - 1]);
        let rises = places.iter().map(|place| f64::from(place[2]) - f64::from(start[2]));
        Self {
            displacement: gcrl_core::spec::distance(start, end),
            rise: rises.fold(0.0, f64::max),
        }
    }
}

/// How often two sides say yes, and how often they say the same.
#[derive(Default)]
struct Agreement {
    n_ours: usize,
    n_theirs: usize,
    n_same: usize,
    n: usize,
}

impl Agreement {
    /// Adds one answer of each side, ours first.
    fn add(&mut self, [ours, theirs]: [bool; 2]) {
        self.n_ours += usize::from(ours);
        self.n_theirs += usize::from(theirs);
        self.n_same += usize::from(ours == theirs);
        self.n += 1;
    }

    fn share(&self) -> f64 {
        self.n_same as f64 / self.n as f64
    }

    fn rates(&self) -> Sides {
        let rate = |count| count as f64 / self.n as f64;
        Sides { ours: rate(self.n_ours), theirs: rate(self.n_theirs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{self, LIFT};
    use gcrl_core::{Env, EnvError, Outcome};
    use gcrl_envs::RecordedDims;

    /// Lifts the block by half of what it is told, and sees its heading a whole turn and 0.25 off.
    struct Weak {
        height: f32,
        seen: [f32; 4],
    }

    impl Weak {
        fn see(&mut self) {
            self.seen = [0.0, 0.0, self.height, 3.25 - std::f32::consts::TAU];
        }
    }

    impl Env for Weak {
        fn spec(&self) -> &'static TaskSpec {
            &LIFT
        }
        fn reset(&mut self, _: u64) -> Result<(), EnvError> {
            unreachable!("episodes start at recorded states")
        }
        fn step(&mut self, action: &[f32]) -> Result<Outcome, EnvError> {
            self.height += 0.5 * action[0];
            self.see();
            Ok(Outcome { reward: 0.0, success: false, truncated: false })
        }
        fn observation(&self) -> GoalObservation<'_> {
            GoalObservation {
                observation: &self.seen,
                achieved_goal: &self.seen[..3],
                desired_goal: &[0.0; 3],
            }
        }
        fn set_goal(&mut self, _: &[f32]) -> Result<(), EnvError> {
            unreachable!("the goal is that of the start")
        }
    }

    impl RestoreRecorded for Weak {
        fn recorded_dims(&self) -> RecordedDims {
            recording::DIMS
        }
        fn start_at(
            &mut self,
            state: &RecordedState<'_>,
            _: &[f32],
        ) -> Result<(), RestoreRecordedError> {
            self.height = state.qpos[0];
            self.see();
            Ok(())
        }
    }

    fn compared() -> Report {
        let folder = tempfile::tempdir().unwrap();
        let path = recording::write(folder.path(), &recording::arrays());
        let trace = Trace::read(&path, &LIFT, recording::DIMS).unwrap();
        compare(&mut Weak { height: 0.0, seen: [0.0; 4] }, "test", &trace).unwrap()
    }

    #[test]
    fn errors_are_those_worked_out_by_hand() {
        let report = compared();
        let errors = |field: &str| -> Vec<_> {
            let rows = report.rows.iter().filter(|row| row.field == field);
            rows.map(|row| (row.horizon, row.error.median)).collect()
        };
        // Recorded 0.5, 1, 1 m; ours 0.5, 0.75, 0.75 m. Restarted from 0.5 and 1 m: 0.75 and 1 m.
        let (start, first) = (Horizon::Steps(0), Horizon::Steps(1));
        let last = Horizon::Steps(2);
        let expected = [(start, 0.0), (first, 0.25), (last, 0.25), (Horizon::Restart, 0.125)];
        assert_eq!(errors("block_in_world"), expected);
        assert_eq!(errors("achieved_goal"), expected);
        // A whole turn is no difference.
        assert!(errors("heading").iter().all(|(_, error)| (error - 0.25).abs() < 1e-6));
    }

    #[test]
    fn agreement_is_counted_by_hand() {
        let row = &compared().traces[0];
        // Ours are 0.25 m away twice: that earns 1, but is no success. Theirs earn 0, by their own
        // account, then 1, and succeed.
        assert_eq!(row.mean_return, Sides { ours: 2.0, theirs: 1.0 });
        assert_eq!((row.reward_agreement, row.success_agreement), (0.5, 0.0));
        assert_eq!(row.success_rate, Sides { ours: 0.0, theirs: 1.0 });
        let object = row.object.unwrap();
        assert_eq!(object.moved, Sides { ours: 1.0, theirs: 1.0 });
        assert_eq!(object.lifted, Sides { ours: 1.0, theirs: 1.0 });
        assert_eq!(object.mean_displacement, Sides { ours: 0.25, theirs: 0.5 });
        assert_eq!(object.displacement_error.median, 0.25);
    }
}
