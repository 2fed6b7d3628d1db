//! The promises of the native engine, on each of its kernels, against a network in plain f64.

#![allow(clippy::unwrap_used, reason = "an error fails the test")]

use gcrl_core::seed::{self, Stream};
use gcrl_core::{EpisodeShape, Episodes, GoalAt, Normalizer, TransitionIndex};
use gcrl_nn::{
    Accumulate, At, Column, Destination, Engine, EngineError, Gather, HiddenActivation,
    InputNormalizers, KernelChoice, Native, NetworkId, NetworkShape, NetworkState,
    OutputActivation, PassId, RowsId, Source,
};
use proptest::prelude::*;
use rand::RngExt;
use std::ops::Range;

const KERNELS: [KernelChoice; 2] = [KernelChoice::Fastest, KernelChoice::Portable];

fn stream(salt: u64) -> Stream {
    seed::stream(0, "native", salt)
}

/// Numbers in [-1, 1].
fn numbers(n: usize, rng: &mut Stream) -> Vec<f32> {
    (0..n).map(|_| 2.0 * rng.random::<f32>() - 1.0).collect()
}

/// Parameters for which activations neither vanish nor grow.
fn parameters(shape: &NetworkShape, rng: &mut Stream) -> Vec<f32> {
    let layer = |(n_inputs, n_outputs): (usize, usize)| {
        let scale = 1.5 / (n_inputs as f32).sqrt();
        let layer = numbers(n_inputs * n_outputs + n_outputs, rng);
        layer.into_iter().map(move |number| scale * number)
    };
    shape.layers().into_iter().flat_map(layer).collect()
}

/// One episode whose state `t` is row `t`: three observed numbers (or `n_inputs - 1`), a goal of one,
/// an action of two.
fn episode(n_rows: usize, n_inputs: usize, rng: &mut Stream) -> Episodes {
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

fn in_order(n_rows: usize) -> Vec<TransitionIndex> {
    let index = |t| TransitionIndex { episode: 0, t, goal: GoalAt::Desired };
    (0..n_rows as u32).map(index).collect()
}

/// Lets every member leave such an episode as it is.
fn do_not_normalize(engine: &mut Native, n_inputs: usize) {
    let identity = |dim| Normalizer::identity(dim, 200.0, 200.0);
    let normalizers = InputNormalizers { observation: identity(n_inputs - 1), goal: identity(1) };
    for member in 0..engine.n_members() {
        engine.set_normalizers(member, &normalizers);
    }
}

/// Fills the first rows with `[observation, goal, action]`; returns them for one member.
fn fill(engine: &mut Native, rows: RowsId, episodes: &Episodes) -> Vec<Vec<f64>> {
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
fn reference(shape: &NetworkShape, parameters: &[f64], row: &[f64]) -> Vec<f64> {
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

/// An engine of one member with one network on `range` of its rows.
struct Single {
    engine: Native,
    network: NetworkId,
    pass: PassId,
    parameters: Vec<f64>,
    /// Of the pass.
    rows: Vec<Vec<f64>>,
}

impl Single {
    fn new(choice: KernelChoice, shape: &NetworkShape, n_rows: usize, range: Range<usize>) -> Self {
        let mut rng = stream(0);
        let parameters = parameters(shape, &mut rng);
        let mut engine = Native::new(1, choice);
        let network = engine.add_network(shape, &parameters).unwrap();
        let rows = engine.add_rows(n_rows, shape.n_inputs + 2).unwrap();
        let pass = engine.add_pass(network, rows, range.clone(), 0..range.len()).unwrap();
        let filled = fill(&mut engine, rows, &episode(n_rows, shape.n_inputs, &mut rng));
        engine.forward(pass);
        let parameters = parameters.into_iter().map(f64::from).collect();
        Self { engine, network, pass, parameters, rows: filled[range].to_vec() }
    }
}

fn shapes() -> impl Strategy<Value = NetworkShape> {
    let hidden = prop::collection::vec(1_usize..70, 1..4);
    let hidden_activation = prop_oneof![Just(HiddenActivation::Relu), Just(HiddenActivation::Tanh)];
    let output = prop_oneof![Just(OutputActivation::Linear), Just(OutputActivation::Tanh)];
    (2_usize..70, hidden, hidden_activation, 1_usize..40, output).prop_map(
        |(n_inputs, hidden, hidden_activation, n_outputs, output)| NetworkShape {
            n_inputs,
            hidden,
            hidden_activation,
            n_outputs,
            output,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn outputs_are_those_of_the_network_in_f64(shape in shapes(), n in 1_usize..120, first in 0_usize..3) {
        for choice in KERNELS {
            let mut single = Single::new(choice, &shape, first + n + 1, first..first + n);
            let outputs = single.engine.outputs(single.pass).to_vec();
            prop_assert_eq!(outputs.len(), n * shape.n_outputs);
            for (found, row) in outputs.chunks(shape.n_outputs).zip(&single.rows) {
                for (found, y) in found.iter().zip(reference(&shape, &single.parameters, row)) {
                    prop_assert!((*found as f64 - y).abs() < 1e-5, "{found} and {y}");
                }
            }
        }
    }

    /// `L = Σ c y` over rows `2..7` of a pass over rows `1..10`, with `c` in [-1, 1].
    #[test]
    fn gradients_are_central_differences(shape in shapes(), salt in 0_u64..1000) {
        const STEP: f64 = 1e-6;
        let range = 2..7;
        let mut rng = stream(salt);
        let c = numbers(range.len() * shape.n_outputs, &mut rng);
        let loss = |parameters: &[f64], rows: &[Vec<f64>]| -> f64 {
            let outputs = rows.iter().flat_map(|row| reference(&shape, parameters, row));
            outputs.zip(&c).map(|(y, c)| y * *c as f64).sum()
        };
        for choice in KERNELS {
            let Single { mut engine, network, pass, mut parameters, rows } =
                Single::new(choice, &shape, 11, 1..10);
            let mut rows = rows[range.clone()].to_vec();
            engine.backward(pass, range.clone(), &c, Accumulate::Set);
            let gradient = engine.gradient(network);
            for _ in 0..30 {
                let i = rng.random_range(0..parameters.len());
                let theta = parameters[i];
                let mut shifted = |step| {
                    parameters[i] = theta + step;
                    loss(&parameters, &rows)
                };
                let difference = (shifted(STEP) - shifted(-STEP)) / (2.0 * STEP);
                parameters[i] = theta;
                prop_assert!((gradient[i] as f64 - difference).abs() < 1e-4 * difference.abs().max(1.0));
            }
            let columns = rng.random_range(0..shape.n_inputs)..shape.n_inputs;
            let found = engine.input_gradient(pass, range.clone(), &c, columns.clone());
            prop_assert_eq!(found.len(), range.len() * columns.len());
            prop_assert_eq!(engine.gradient(network), gradient);
            for (row, found) in found.chunks(columns.len()).enumerate() {
                for (column, found) in columns.clone().zip(found) {
                    let x = rows[row][column];
                    let mut shifted = |step| {
                        rows[row][column] = x + step;
                        loss(&parameters, &rows)
                    };
                    let difference = (shifted(STEP) - shifted(-STEP)) / (2.0 * STEP);
                    rows[row][column] = x;
                    prop_assert!((*found as f64 - difference).abs() < 1e-4 * difference.abs().max(1.0));
                }
            }
        }
    }
}

/// A population that learns `sin` of the sum of a row's inputs.
struct Regression {
    engine: Native,
    network: NetworkId,
    target: NetworkId,
    pass: PassId,
    goals: Vec<f32>,
}

impl Regression {
    const N_ROWS: usize = 37;

    fn shape() -> NetworkShape {
        NetworkShape {
            n_inputs: 5,
            hidden: vec![40, 24],
            hidden_activation: HiddenActivation::Relu,
            n_outputs: 1,
            output: OutputActivation::Tanh,
        }
    }

    /// Members start from the given seeds.
    fn new(choice: KernelChoice, seeds: &[u64]) -> Self {
        let shape = Self::shape();
        let flat: Vec<f32> =
            seeds.iter().flat_map(|seed| parameters(&shape, &mut stream(*seed))).collect();
        let mut engine = Native::new(seeds.len(), choice);
        let network = engine.add_network(&shape, &flat).unwrap();
        let target = engine.add_network(&shape, &flat).unwrap();
        let rows = engine.add_rows(Self::N_ROWS, shape.n_inputs + 2).unwrap();
        let pass = engine.add_pass(network, rows, 0..Self::N_ROWS, 0..Self::N_ROWS).unwrap();
        let episodes = episode(Self::N_ROWS, shape.n_inputs, &mut stream(99));
        let rows = fill(&mut engine, rows, &episodes);
        let goal = |row: &Vec<f64>| row[..shape.n_inputs].iter().sum::<f64>().sin() as f32;
        Self { engine, network, target, pass, goals: rows.iter().map(goal).collect() }
    }

    fn update(&mut self, n: usize) {
        for _ in 0..n {
            self.engine.forward(self.pass);
            let outputs = self.engine.outputs(self.pass).iter();
            let goals = self.goals.iter().cycle();
            let gradient: Vec<f32> =
                outputs.zip(goals).map(|(y, goal)| (y - goal) / 37.0).collect();
            self.engine.backward(self.pass, 0..Self::N_ROWS, &gradient, Accumulate::Set);
            let n_members = self.engine.n_members();
            self.engine.adam(self.network, &vec![3e-3; n_members]);
            self.engine.polyak(self.target, self.network, &vec![0.1; n_members]);
        }
    }

    fn states(&self, member: usize) -> [NetworkState; 2] {
        [self.network, self.target].map(|network| self.engine.state(network, member))
    }

    fn outputs(&mut self) -> Vec<f32> {
        self.engine.forward(self.pass);
        self.engine.outputs(self.pass).to_vec()
    }
}

#[test]
fn a_regression_is_learned_and_kernels_agree_to_rounding() {
    let [mut fastest, mut portable] = KERNELS.map(|choice| Regression::new(choice, &[1]));
    for (n_updates, tolerance) in [(1, 1e-5), (99, 1e-3)] {
        fastest.update(n_updates);
        portable.update(n_updates);
        for (a, b) in fastest.outputs().iter().zip(portable.outputs()) {
            assert!((a - b).abs() < tolerance, "{a} and {b} after {n_updates}");
        }
    }
    fastest.update(400);
    for (y, goal) in fastest.outputs().iter().zip(&fastest.goals) {
        assert!((y - goal).abs() < 0.1, "{y} and {goal}");
    }
}

#[test]
fn members_of_a_population_equal_members_alone_bit_for_bit() {
    for choice in KERNELS {
        let mut population = Regression::new(choice, &[3, 1, 2]);
        population.update(20);
        for (member, seed) in [3, 1, 2].into_iter().enumerate() {
            let mut alone = Regression::new(choice, &[seed]);
            alone.update(20);
            assert_eq!(population.states(member), alone.states(0));
        }
    }
}

#[test]
fn a_state_continues_bit_for_bit_in_another_engine() {
    for choice in KERNELS {
        let mut whole = Regression::new(choice, &[1, 2]);
        whole.update(10);
        let mut resumed = Regression::new(choice, &[5, 6]);
        resumed.update(3);
        for member in 0..2 {
            let [network, target] = whole.states(member);
            resumed.engine.set_state(resumed.network, member, &network);
            resumed.engine.set_state(resumed.target, member, &target);
            assert_eq!(resumed.states(member), [network, target]);
        }
        whole.update(10);
        resumed.update(10);
        assert_eq!([whole.states(0), whole.states(1)], [resumed.states(0), resumed.states(1)]);
        assert_eq!(whole.states(0)[0].n_steps, 20);
    }
}

#[test]
fn three_steps_of_adam_follow_the_formula_in_f64() {
    for choice in KERNELS {
        let mut regression = Regression::new(choice, &[1]);
        let [start, _] = regression.states(0);
        let n_parameters = start.parameters.len();
        let mut theta: Vec<f64> = start.parameters.iter().copied().map(f64::from).collect();
        let (mut m, mut v) = (vec![0.0; n_parameters], vec![0.0; n_parameters]);
        for n in 1..=3 {
            regression.update(1);
            let alpha = 3e-3 * (1.0 - 0.999_f64.powi(n)).sqrt() / (1.0 - 0.9_f64.powi(n));
            for (i, g) in regression.engine.gradient(regression.network).into_iter().enumerate() {
                let g = g as f64;
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                theta[i] -= alpha * m[i] / (v[i].sqrt() + 1e-8);
            }
        }
        let [end, _] = regression.states(0);
        for (found, theta) in end.parameters.iter().zip(theta) {
            assert!((*found as f64 - theta).abs() < 1e-6, "{found} and {theta}");
        }
    }
}

/// A network of one unit that passes the sum of its inputs, as long as it is positive.
fn sum_network(engine: &mut Native, n_inputs: usize) -> NetworkId {
    let shape = NetworkShape {
        n_inputs,
        hidden: vec![1],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 1,
        output: OutputActivation::Linear,
    };
    let mut flat = vec![1.0; n_inputs];
    flat.extend([0.0, 1.0, 0.0]);
    engine.add_network(&shape, &flat.repeat(engine.n_members())).unwrap()
}

/// Two episodes of three states; only the second holds numbers.
fn two_episodes() -> Episodes {
    let shape = EpisodeShape { observation_dim: 1, goal_dim: 1, action_dim: 1, n_transitions: 2 };
    Episodes {
        shape,
        n_episodes: 2,
        observation: vec![0.0, 0.0, 0.0, 1.0, 5.0, 300.0],
        achieved_goal: vec![0.0, 0.0, 0.0, 0.25, 0.5, 0.75],
        action: vec![0.0, 0.0, 0.125, 0.375],
        desired_goal: vec![0.0, 2.0],
    }
}

#[test]
fn gather_scales_and_clips_the_columns_asked_for() {
    let episodes = two_episodes();
    let view = episodes.view();
    let mut engine = Native::new(1, KernelChoice::Fastest);
    let normalizers = InputNormalizers {
        observation: Normalizer {
            mean: vec![1.0],
            std: vec![2.0],
            input_clip: 200.0,
            output_clip: 50.0,
        },
        goal: Normalizer::identity(1, 200.0, 50.0),
    };
    engine.set_normalizers(0, &normalizers);
    let id = engine.add_episodes(view).unwrap();
    let network = sum_network(&mut engine, 3);
    let rows = engine.add_rows(5, 3).unwrap();
    let pass = engine.add_pass(network, rows, 0..5, 0..0).unwrap();
    let mut gather = |first_row, t, goal, columns: &[Column]| {
        let transitions = &[TransitionIndex { episode: 1, t, goal }];
        let gather = Gather { rows, first_row, transitions, columns };
        engine.gather(Source { id, view }, &gather).unwrap();
    };
    let now = [Column::Observation(At::Now), Column::Goal, Column::Action];
    let next = [Column::Observation(At::Next), Column::Goal, Column::Action];
    // (5 − 1) / 2 + 2 + 0.375
    gather(0, 1, GoalAt::Desired, &now);
    // min(50, (300, limited to 200, − 1) / 2) + 0.75 + 0.375
    gather(1, 1, GoalAt::Achieved(2), &next);
    // (1 − 1) / 2 + 0.5 + 0.125, and then without a new action (5 − 1) / 2 + 0.5 + 0.125
    gather(2, 0, GoalAt::Achieved(1), &now);
    gather(2, 0, GoalAt::Achieved(1), &[Column::Observation(At::Next), Column::Goal]);
    // (1 − 1) / 2 + 0.75 + 0.375: the first state and the goal achieved in the last.
    let start = Column::Observation(At::Start);
    gather(3, 1, GoalAt::Desired, &[start, Column::AchievedGoal(At::Next), Column::Action]);
    // 9 stays in the middle: (5 − 1) / 2 + 9 + 0.375
    gather(4, 1, GoalAt::Desired, &[Column::Observation(At::Now), Column::Goal, Column::Action]);
    engine.write(Destination { rows, first_row: 4, first_column: 1 }, 1, &[9.0]).unwrap();
    let gather = Gather {
        rows,
        first_row: 4,
        transitions: &[TransitionIndex { episode: 1, t: 1, goal: GoalAt::Desired }],
        columns: &[Column::Observation(At::Now), Column::Free(1), Column::Action],
    };
    engine.gather(Source { id, view }, &gather).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [4.375, 51.125, 2.625, 1.125, 11.375]);
}

#[test]
fn a_goal_of_another_episode_is_gathered_from_there() {
    let episodes = two_episodes();
    let view = episodes.view();
    let mut engine = Native::new(1, KernelChoice::Fastest);
    do_not_normalize(&mut engine, 2);
    let id = engine.add_episodes(view).unwrap();
    let network = sum_network(&mut engine, 1);
    let rows = engine.add_rows(1, 1).unwrap();
    let pass = engine.add_pass(network, rows, 0..1, 0..0).unwrap();
    let goal = GoalAt::Elsewhere { episode: 1, t: 2 };
    let transitions = &[TransitionIndex { episode: 0, t: 0, goal }];
    let gather = Gather { rows, first_row: 0, transitions, columns: &[Column::Goal] };
    engine.gather(Source { id, view }, &gather).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [0.75]);
}

#[test]
#[should_panic(expected = "episodes that changed are refreshed")]
fn episodes_that_grew_are_not_gathered_from_before_they_are_refreshed() {
    let episodes = two_episodes();
    let mut engine = Native::new(1, KernelChoice::Fastest);
    do_not_normalize(&mut engine, 2);
    let id = engine.add_episodes(episodes.view()).unwrap();
    let view = gcrl_core::EpisodeView { n_written: 3, ..episodes.view() };
    engine.refresh_episodes(id, view).unwrap();
    let rows = engine.add_rows(1, 1).unwrap();
    let gather = Gather { rows, first_row: 0, transitions: &[], columns: &[Column::Goal] };
    engine.gather(Source { id, view }, &gather).unwrap();
    engine.gather(Source { id, view: episodes.view() }, &gather).unwrap();
}

#[test]
fn outputs_become_inputs_across_panels_and_in_another_block() {
    // 33 inputs, an action of two: columns 33 and 34 stand in the second panel.
    let mut rng = stream(7);
    let actor = NetworkShape {
        n_inputs: 33,
        hidden: vec![8],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 2,
        output: OutputActivation::Tanh,
    };
    let critic = NetworkShape { n_inputs: 35, n_outputs: 1, ..actor.clone() };
    let (pi, q) = (parameters(&actor, &mut rng), parameters(&critic, &mut rng));
    let mut engine = Native::new(1, KernelChoice::Fastest);
    let [rows, other_rows] = [(); 2].map(|()| engine.add_rows(6, 35).unwrap());
    let pi_id = engine.add_network(&actor, &pi).unwrap();
    let q_id = engine.add_network(&critic, &q).unwrap();
    let pi_pass = engine.add_pass(pi_id, rows, 1..5, 0..0).unwrap();
    let q_passes = [rows, other_rows].map(|rows| engine.add_pass(q_id, rows, 0..6, 0..0).unwrap());
    let episodes = episode(6, 33, &mut rng);
    let filled = fill(&mut engine, rows, &episodes);
    fill(&mut engine, other_rows, &episodes);
    engine.forward(pi_pass);
    // Rows 1, 2 and 3 to themselves, rows 1 and 2 to the rows 4 and 5 of the other block.
    engine.copy_outputs(pi_pass, 3, Destination { rows, first_row: 1, first_column: 33 });
    let to = Destination { rows: other_rows, first_row: 4, first_column: 33 };
    engine.copy_outputs(pi_pass, 2, to);
    let [pi, q] = [pi, q].map(|flat| flat.into_iter().map(f64::from).collect::<Vec<f64>>());
    let sources = [[0, 1, 2, 3, 0, 0], [0, 0, 0, 0, 1, 2]];
    for (pass, sources) in q_passes.into_iter().zip(sources) {
        engine.forward(pass);
        for (i, (found, source)) in engine.outputs(pass).iter().zip(sources).enumerate() {
            let mut row = filled[i].clone();
            if 0 < source {
                row[33..].copy_from_slice(&reference(&actor, &pi, &filled[source]));
            }
            let expected = reference(&critic, &q, &row)[0];
            assert!((*found as f64 - expected).abs() < 1e-5, "row {i}: {found} and {expected}");
        }
    }
}

#[test]
fn written_numbers_stand_where_they_were_written_in_every_member() {
    let mut engine = Native::new(2, KernelChoice::Fastest);
    let network = sum_network(&mut engine, 34);
    let rows = engine.add_rows(3, 34).unwrap();
    let pass = engine.add_pass(network, rows, 0..3, 0..0).unwrap();
    // Columns 31 and 32 stand in two panels.
    let to = Destination { rows, first_row: 1, first_column: 31 };
    engine.write(to, 2, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [0.0, 3.0, 12.0, 0.0, 48.0, 192.0]);
    engine.write(Destination { first_row: 2, ..to }, 1, &[0.5, 0.25]).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [0.0, 3.0, 8.5, 0.0, 48.0, 128.25]);
}

#[test]
fn gradients_of_two_losses_add_up() {
    for choice in KERNELS {
        let mut rng = stream(3);
        let shape = NetworkShape { n_outputs: 3, ..Regression::shape() };
        let Single { mut engine, network, pass, .. } = Single::new(choice, &shape, 9, 0..9);
        let (one, other) = (numbers(9 * 3, &mut rng), numbers(4 * 3, &mut rng));
        engine.backward(pass, 2..6, &other, Accumulate::Set);
        let second = engine.gradient(network);
        engine.backward(pass, 0..9, &one, Accumulate::Set);
        let first = engine.gradient(network);
        engine.backward(pass, 2..6, &other, Accumulate::Add);
        let sum: Vec<f32> = first.iter().zip(&second).map(|(a, b)| a + b).collect();
        assert_eq!(engine.gradient(network), sum);
        // Twice more, from what is there by then.
        engine.backward(pass, 2..6, &other, Accumulate::Add);
        let sum: Vec<f32> = sum.iter().zip(&second).map(|(a, b)| a + b).collect();
        assert_eq!(engine.gradient(network), sum);
        engine.backward(pass, 0..9, &one, Accumulate::Set);
        assert_eq!(engine.gradient(network), first);
    }
}

#[test]
fn members_learn_at_rates_of_their_own() {
    for choice in KERNELS {
        let states = |rates: &[f32], taus: &[f32]| {
            let mut population = Regression::new(choice, &vec![1; rates.len()]);
            let engine = &mut population.engine;
            engine.forward(population.pass);
            let gradient = vec![0.5; rates.len() * Regression::N_ROWS];
            engine.backward(population.pass, 0..Regression::N_ROWS, &gradient, Accumulate::Set);
            engine.adam(population.network, rates);
            engine.polyak(population.target, population.network, taus);
            (0..rates.len()).map(|member| population.states(member)).collect::<Vec<_>>()
        };
        let together = states(&[0.01, 0.02], &[0.5, 0.25]);
        assert_eq!(together[0], states(&[0.01], &[0.5])[0]);
        assert_eq!(together[1], states(&[0.02], &[0.25])[0]);
        assert_ne!(together[0], together[1]);
    }
}

#[test]
fn networks_and_rows_that_do_not_fit_into_memory_are_refused() {
    let mut engine = Native::new(1, KernelChoice::Fastest);
    let rows = engine.add_rows(1 << 55, 5).unwrap_err();
    assert!(matches!(rows, EngineError::Memory { act: "add rows", .. }), "{rows}");
    let network = sum_network(&mut engine, 1);
    let rows = engine.add_rows(4, 1).unwrap();
    assert!(engine.add_pass(network, rows, 0..4, 0..4).is_ok());
}
