//! Numbers, episodes and a network in plain f64, for tests of the native engine.

#![allow(dead_code, reason = "each test binary takes what it needs")]
#![allow(clippy::unwrap_used, reason = "an error fails the test")]

use gcrl_core::seed::{self, Stream};
use gcrl_core::{EpisodeShape, Episodes, GoalAt, Normalizer, TransitionIndex};
use gcrl_nn::{
    At, Column, Engine, Gather, HiddenActivation, InputNormalizers, Native, NetworkShape,
    OutputActivation, RowsId, Source,
};

pub(crate) fn stream(salt: u64) -> Stream {
    seed::stream(0, "native", salt)
}

/// Numbers in [-1, 1].
pub(crate) fn numbers(n: usize, rng: &mut Stream) -> Vec<f32> {
    (0..n).map(|_| seed::signed_unit_f32(rng)).collect()
}

/// Parameters for which activations neither vanish nor grow.
pub(crate) fn parameters(shape: &NetworkShape, rng: &mut Stream) -> Vec<f32> {
    let layer = |(n_inputs, n_outputs): (usize, usize)| {
        let scale = 1.5 / (n_inputs as f32).sqrt();
        let layer = numbers(n_inputs * n_outputs + n_outputs, rng);
        layer.into_iter().map(move |number| scale * number)
    };
    shape.layers().into_iter().flat_map(layer).collect()
}

/// One episode whose state `t` is row `t`: three observed numbers (or `n_inputs - 1`), a goal of one,
/// an action of two.
pub(crate) fn episode(n_rows: usize, n_inputs: usize, rng: &mut Stream) -> Episodes {
    let shape = EpisodeShape {
        observation_dim: n_inputs - 1,
        goal_dim: 1,
        action_dim: 2,
        n_transitions: n_rows,
    };
    let mut episodes = Episodes::zeros(shape, 1);
    for column in [
        &mut episodes.observation,
        &mut episodes.achieved_goal,
        &mut episodes.action,
        &mut episodes.desired_goal,
    ] {
        *column = numbers(column.len(), rng);
    }
    episodes
}

pub(crate) fn in_order(n_rows: usize) -> Vec<TransitionIndex> {
    let index = |t| TransitionIndex { episode: 0, t, goal: GoalAt::Desired };
    (0..n_rows as u32).map(index).collect()
}

/// Lets every member leave such an episode as it is.
pub(crate) fn do_not_normalize(engine: &mut Native, n_inputs: usize) {
    let identity = |dim| Normalizer::identity(dim, 200.0, 200.0);
    let normalizers = InputNormalizers { observation: identity(n_inputs - 1), goal: identity(1) };
    for member in 0..engine.n_members() {
        engine.set_normalizers(member, &normalizers);
    }
}

/// Fills the first rows with `[observation, goal, action]`; returns them for one member.
pub(crate) fn fill(engine: &mut Native, rows: RowsId, episodes: &Episodes) -> Vec<Vec<f64>> {
    let n_rows = episodes.shape.n_transitions;
    do_not_normalize(engine, episodes.shape.observation_dim + 1);
    let view = episodes.view();
    let id = engine.add_episodes(view).unwrap();
    let gather = Gather {
        rows,
        first_row: 0,
        transitions: &in_order(n_rows).repeat(engine.n_members()),
        columns: &[Column::Observation(At::Now), Column::Goal, Column::Action],
    };
    engine.gather(Source { id, view }, &gather).unwrap();
    let row = |t| {
        let parts = [view.observation(0, t), view.desired_goal(0), view.action(0, t)];
        parts.concat().into_iter().map(f64::from).collect()
    };
    (0..n_rows).map(row).collect()
}

/// The network in f64, on one row.
pub(crate) fn reference(shape: &NetworkShape, parameters: &[f64], row: &[f64]) -> Vec<f64> {
    let mut here = row[..shape.n_inputs].to_vec();
    let mut rest = parameters;
    for (layer_idx, (n_inputs, n_outputs)) in shape.layers().into_iter().enumerate() {
        let (weight, after) = rest.split_at(n_inputs * n_outputs);
        let (bias, after) = after.split_at(n_outputs);
        let sum = |j: usize| {
            let terms = here.iter().enumerate().map(|(i, x)| x * weight[i * n_outputs + j]);
            bias[j] + terms.sum::<f64>()
        };
        let sums: Vec<f64> = (0..n_outputs).map(sum).collect();
        let is_last = layer_idx == shape.hidden.len();
        let activation: fn(f64) -> f64 = match (is_last, shape.hidden_activation, shape.output) {
            (false, HiddenActivation::Relu, _) => |sum| sum.max(0.0),
            (false, HiddenActivation::Tanh, _) | (true, _, OutputActivation::Tanh) => f64::tanh,
            (true, _, OutputActivation::Linear) => |sum| sum,
        };
        here = sums.into_iter().map(activation).collect();
        rest = after;
    }
    here
}
