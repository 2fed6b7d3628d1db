//! Small values, worked out.

use super::{assert_close, engines, fill};
use gcrl_nn::{
    Accumulate, Destination, Engine, HiddenActivation, NetworkShape, NetworkState, OutputActivation,
};

/// Two inputs, two hidden units, one value.
fn shape() -> NetworkShape {
    NetworkShape {
        n_inputs: 2,
        hidden: vec![2],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 1,
        output: OutputActivation::Linear,
    }
}

/// `W₁ = [[1, −1], [2, 1]]`, `b₁ = [0.5, 0]`, `W₂ = [[2], [3]]`, `b₂ = [−1]`.
const PARAMETERS: [f32; 9] = [1.0, -1.0, 2.0, 1.0, 0.5, 0.0, 2.0, 3.0, -1.0];

/// The second row leaves the first hidden unit at exactly 0, where its derivative is 0.
const INPUTS: [f32; 4] = [1.0, 2.0, -1.0, 0.25];

#[test]
fn outputs_and_gradients_are_those_worked_out() {
    for mut engine in engines(1) {
        let network = engine.add_network(&shape(), &PARAMETERS).unwrap();
        let rows = engine.add_rows(2, 2).unwrap();
        let pass = engine.add_pass(network, rows, 0..2, 0..2).unwrap();
        fill(&mut engine, rows, 2, &INPUTS);
        engine.forward(pass);
        // h = [5.5, 1] and [0, 1.25]
        assert_eq!(engine.outputs(pass), [13.0, 2.75]);
        engine.backward(pass, 0..2, &[1.0, 2.0], Accumulate::Set);
        // d = [2, 3] and [0, 6]
        let expected = [2.0, -3.0, 4.0, 7.5, 2.0, 9.0, 5.5, 3.5, 3.0];
        assert_eq!(engine.gradient(network), expected);
        let by_inputs = engine.input_gradient(pass, 0..2, &[1.0, 2.0], 0..2);
        assert_eq!(by_inputs, [-1.0, 7.0, -6.0, 6.0]);
        assert_eq!(engine.input_gradient(pass, 1..2, &[2.0], 1..2), [6.0]);
        assert_eq!(engine.gradient(network), expected, "as it was");
        // Only the second row: d = [0, 6].
        engine.backward(pass, 1..2, &[2.0], Accumulate::Add);
        let second = [0.0, -6.0, 0.0, 1.5, 0.0, 6.0, 0.0, 2.5, 2.0];
        let sum: Vec<f32> = expected.iter().zip(second).map(|(a, b)| a + b).collect();
        assert_eq!(engine.gradient(network), sum);
        engine.backward(pass, 1..2, &[2.0], Accumulate::Set);
        assert_eq!(engine.gradient(network), second);
    }
}

#[test]
fn members_learn_at_rates_of_their_own() {
    for mut engine in engines(2) {
        let target = engine.add_network(&shape(), &[1.0; 18]).unwrap();
        let online = engine.add_network(&shape(), &PARAMETERS.repeat(2)).unwrap();
        engine.polyak(target, online, &[0.25, 0.5]);
        assert_eq!(engine.state(target, 0).parameters, PARAMETERS.map(|x| 0.75 + 0.25 * x));
        assert_eq!(engine.state(target, 1).parameters, PARAMETERS.map(|x| 0.5 + 0.5 * x));

        let rows = engine.add_rows(2, 2).unwrap();
        let pass = engine.add_pass(online, rows, 0..2, 0..2).unwrap();
        fill(&mut engine, rows, 2, &INPUTS.repeat(2));
        engine.forward(pass);
        engine.backward(pass, 0..2, &[1.0, 2.0, 1.0, 2.0], Accumulate::Set);
        engine.adam(online, &[0.01, 0.02]);
        for (member, rate) in [(0, 0.01), (1, 0.02)] {
            // The first weight's gradient is positive: a first step has the length of the rate.
            let found = engine.state(online, member).parameters[0];
            assert_close(&[found], &[PARAMETERS[0] - rate], 1e-6);
        }
    }
}

#[test]
fn written_numbers_and_copied_outputs_stand_where_they_belong() {
    for mut engine in engines(2) {
        let sum = NetworkShape { hidden: vec![1], ..shape() };
        // A hidden unit that adds its inputs up, and an output that passes it.
        let network = engine.add_network(&sum, &[1.0, 1.0, 0.0, 1.0, 0.0].repeat(2)).unwrap();
        let (from, to) = (engine.add_rows(2, 2).unwrap(), engine.add_rows(3, 3).unwrap());
        let source = engine.add_pass(network, from, 0..2, 0..0).unwrap();
        let found = engine.add_pass(network, to, 0..3, 0..0).unwrap();
        fill(&mut engine, from, 2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        engine.forward(source);
        let second_column = Destination { rows: to, first_row: 1, first_column: 1 };
        engine.copy_outputs(source, 2, second_column);
        engine
            .write(Destination { first_column: 0, ..second_column }, 1, &[0.25, 0.5, 0.75, 1.0])
            .unwrap();
        engine.forward(found);
        assert_eq!(engine.outputs(found), [0.0, 3.25, 7.5, 0.0, 11.75, 16.0]);
        engine.copy_outputs(source, 1, Destination { first_row: 2, ..second_column });
        engine.forward(found);
        assert_eq!(engine.outputs(found), [0.0, 3.25, 3.5, 0.0, 11.75, 12.0]);
    }
}

#[test]
fn the_first_adam_step_has_the_length_of_the_learning_rate() {
    for mut engine in engines(1) {
        let network = engine.add_network(&shape(), &PARAMETERS).unwrap();
        let rows = engine.add_rows(2, 2).unwrap();
        let pass = engine.add_pass(network, rows, 0..2, 0..2).unwrap();
        fill(&mut engine, rows, 2, &INPUTS);
        engine.forward(pass);
        engine.backward(pass, 0..2, &[1.0, 2.0], Accumulate::Set);
        engine.adam(network, &[0.01]);
        // m / √v = 0.1 g / (√0.001 |g|), and α = 0.01 · √0.001 / 0.1.
        let signs = [1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        let expected: Vec<f32> =
            PARAMETERS.iter().zip(signs).map(|(parameter, sign)| parameter - 0.01 * sign).collect();
        let state = engine.state(network, 0);
        assert_close(&state.parameters, &expected, 1e-6);
        assert_eq!(state.n_steps, 1);
        assert_close(&state.first_moment[..2], &[0.2, -0.3], 1e-7);
        assert_close(&state.second_moment[..2], &[0.004, 0.009], 1e-8);
    }
}

#[test]
fn moments_below_the_smallest_normal_number_become_zero() {
    for mut engine in engines(1) {
        let network = engine.add_network(&shape(), &PARAMETERS).unwrap();
        let mut state = engine.state(network, 0);
        let tiny = f32::MIN_POSITIVE;
        state.first_moment = vec![1.05 * tiny, -1.05 * tiny, 2.0 * tiny, 0., 0., 0., 0., 0., 0.];
        state.second_moment = vec![tiny, 2.0 * tiny, 0., 0., 0., 0., 0., 0., 0.];
        engine.set_state(network, 0, &state);
        engine.adam(network, &[0.0]);
        let NetworkState { first_moment, second_moment, .. } = engine.state(network, 0);
        assert_eq!(first_moment[..2], [0.0, 0.0]);
        assert_close(&[first_moment[2] / tiny], &[1.8], 1e-5);
        assert_eq!(second_moment[0], 0.0);
        assert_close(&[second_moment[1] / tiny], &[1.998], 1e-5);
    }
}

#[test]
fn the_target_takes_its_share_of_the_online_network() {
    for mut engine in engines(1) {
        let target = engine.add_network(&shape(), &[1.0; 9]).unwrap();
        let online = engine.add_network(&shape(), &PARAMETERS).unwrap();
        engine.polyak(target, online, &[0.25]);
        let expected = PARAMETERS.map(|parameter| 0.75 + 0.25 * parameter);
        assert_eq!(engine.state(target, 0).parameters, expected);
        engine.polyak(target, online, &[1.0]);
        assert_eq!(engine.state(target, 0).parameters, PARAMETERS);
        assert_eq!(engine.state(online, 0).parameters, PARAMETERS);
    }
}
