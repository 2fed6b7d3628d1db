//! The promises of the native engine, on each of its kernels, against a network in plain f64.

#![allow(clippy::unwrap_used, reason = "an error fails the test")]

mod common;

use common::{episode, fill, numbers, parameters, reference, stream};
use gcrl_nn::{
    Accumulate, Engine, HiddenActivation, KernelChoice, Native, NetworkId, NetworkShape,
    NetworkState, OutputActivation, PassId,
};
use proptest::prelude::*;
use rand::RngExt;
use std::ops::Range;

const KERNELS: [KernelChoice; 2] = [KernelChoice::Fastest, KernelChoice::Portable];

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
