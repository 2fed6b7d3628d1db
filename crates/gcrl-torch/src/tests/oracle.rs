//! Gradients against those of libtorch's autograd, in double precision.

use super::{assert_close, engines, fill, random, random_parameters};
use crate::transfer::upload;
use gcrl_nn::{Accumulate, Engine, HiddenActivation, NetworkShape, OutputActivation};
use std::ops::Range;
use tch::{Device, Kind, Tensor};

const N_MEMBERS: usize = 2;
const N_ROWS: usize = 12;
const N_INPUTS: usize = 5;

/// What autograd says of one member.
struct Expected {
    /// `[N_ROWS, n_outputs]`
    outputs: Vec<f32>,
    /// `[n_parameters]`
    gradient: Vec<f32>,
    /// `[rows.len(), N_INPUTS]`
    input_gradient: Vec<f32>,
}

fn autograd(
    shape: &NetworkShape,
    parameters: &[f32],
    inputs: &[f32],
    rows: &Range<usize>,
    gradient: &[f32],
) -> Expected {
    let leaf = |numbers: &[f32], size: &[usize]| {
        let tensor = upload(numbers, size, Device::Cpu).unwrap().to_kind(Kind::Double);
        tensor.set_requires_grad(true)
    };
    let input = leaf(inputs, &[N_ROWS, N_INPUTS]);
    let (mut leaves, mut first) = (Vec::new(), 0);
    let mut activation = input.shallow_clone();
    let layers = shape.layers();
    for (layer_idx, (n_inputs, n_outputs)) in layers.iter().copied().enumerate() {
        let bias_at = first + n_inputs * n_outputs;
        let weight = leaf(&parameters[first..bias_at], &[n_inputs, n_outputs]);
        first = bias_at + n_outputs;
        let bias = leaf(&parameters[bias_at..first], &[n_outputs]);
        activation = activation.matmul(&weight) + &bias;
        if layer_idx + 1 < layers.len() {
            activation = match shape.hidden_activation {
                HiddenActivation::Relu => activation.relu(),
                HiddenActivation::Tanh => activation.tanh(),
            };
        } else if shape.output == OutputActivation::Tanh {
            activation = activation.tanh();
        }
        leaves.extend([weight, bias]);
    }
    let at_rows = activation.narrow(0, rows.start as i64, rows.len() as i64);
    let weights = upload(gradient, &[rows.len(), shape.n_outputs], Device::Cpu).unwrap();
    (at_rows * weights.to_kind(Kind::Double)).sum(Kind::Double).backward();
    let floats = |tensor: &Tensor| crate::transfer::to_vec(&tensor.to_kind(Kind::Float));
    Expected {
        outputs: floats(&activation.detach()),
        gradient: leaves.iter().flat_map(|leaf| floats(&leaf.grad())).collect(),
        input_gradient: floats(&input.grad().narrow(0, rows.start as i64, rows.len() as i64)),
    }
}

fn check(output: OutputActivation, rows: &Range<usize>) {
    check_hidden(HiddenActivation::Relu, output, rows);
}

fn check_hidden(
    hidden_activation: HiddenActivation,
    output: OutputActivation,
    rows: &Range<usize>,
) {
    let shape = NetworkShape {
        n_inputs: N_INPUTS,
        hidden: vec![7, 6],
        hidden_activation,
        n_outputs: 3,
        output,
    };
    let parameters: Vec<f32> =
        (0..N_MEMBERS).flat_map(|member| random_parameters(&shape, member as u64)).collect();
    let inputs = random(N_MEMBERS * N_ROWS * N_INPUTS, 0, "inputs");
    let gradient = random(N_MEMBERS * rows.len() * 3, 0, "gradient");
    for mut engine in engines(N_MEMBERS) {
        let network = engine.add_network(&shape, &parameters).unwrap();
        let block = engine.add_rows(N_ROWS, N_INPUTS).unwrap();
        let pass = engine.add_pass(network, block, 0..N_ROWS, 0..N_ROWS).unwrap();
        fill(&mut engine, block, N_INPUTS, &inputs);
        engine.forward(pass);
        engine.backward(pass, rows.clone(), &gradient, Accumulate::Set);
        let by_inputs = engine.input_gradient(pass, rows.clone(), &gradient, 0..N_INPUTS);
        let by_some = engine.input_gradient(pass, rows.clone(), &gradient, 2..4);
        let some: Vec<f32> =
            by_inputs.chunks_exact(N_INPUTS).flat_map(|row| row[2..4].to_vec()).collect();
        assert_close(&by_some, &some, 1e-6);
        let found = engine.gradient(network);
        for member in 0..N_MEMBERS {
            let of_member = |numbers: &[f32]| {
                let n = numbers.len() / N_MEMBERS;
                numbers[member * n..][..n].to_vec()
            };
            let (parameters, inputs) = (of_member(&parameters), of_member(&inputs));
            let expected = autograd(&shape, &parameters, &inputs, rows, &of_member(&gradient));
            assert_close(&of_member(engine.outputs(pass)), &expected.outputs, 1e-5);
            assert_close(&of_member(&found), &expected.gradient, 1e-5);
            assert_close(&of_member(&by_inputs), &expected.input_gradient, 1e-5);
        }
    }
}

#[test]
fn gradients_of_values_are_autograds() {
    check(OutputActivation::Linear, &(0..N_ROWS));
}

#[test]
fn gradients_of_actions_are_autograds() {
    check(OutputActivation::Tanh, &(0..N_ROWS));
}

#[test]
fn gradients_through_tanh_are_autograds() {
    check_hidden(HiddenActivation::Tanh, OutputActivation::Linear, &(0..N_ROWS));
    check_hidden(HiddenActivation::Tanh, OutputActivation::Tanh, &(3..8));
}

#[test]
fn other_rows_contribute_nothing() {
    check(OutputActivation::Linear, &(3..8));
    check(OutputActivation::Tanh, &(N_ROWS - 1..N_ROWS));
}
