//! The parameters of a population's network: one flat tensor `[n_members, n_parameters]`, of which layers
//! are views, so that Adam, the target's mixing and a checkpoint are one pass over it.

use crate::adam;
use crate::members::Members;
use crate::transfer::{to_vec, upload};
use gcrl_nn::{NetworkShape, NetworkState};
use tch::{Device, TchError, Tensor};

/// A network of every member.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) shape: NetworkShape,
    members: Members,
    /// This and the next three: `[n_members, n_parameters]`.
    parameters: Tensor,
    gradient: Tensor,
    first_moment: Tensor,
    second_moment: Tensor,
    /// Adam steps taken, `[n_members]`.
    n_steps: Vec<u64>,
    /// Views of parameters and gradient, `[n_parts][n_layers]`.
    pub(crate) parts: Vec<Vec<Layer>>,
}

/// One layer of one part, see [`crate::members`].
#[derive(Debug)]
pub(crate) struct Layer {
    /// `[.., n_inputs, n_outputs]`
    pub(crate) weight: Tensor,
    /// `[.., n_outputs, n_inputs]`
    pub(crate) weight_transposed: Tensor,
    /// `[.., 1, n_outputs]`
    pub(crate) bias: Tensor,
    /// Shaped as `weight`.
    pub(crate) weight_gradient: Tensor,
    /// Shaped as `bias`.
    pub(crate) bias_gradient: Tensor,
}

impl Network {
    /// A network with initial `parameters`, `[n_members, n_parameters]`.
    pub(crate) fn new(
        shape: &NetworkShape,
        parameters: &[f32],
        n_members: usize,
        device: Device,
        members: Members,
    ) -> Result<Self, TchError> {
        let parameters = upload(parameters, &[n_members, shape.n_parameters()], device)?;
        let gradient = parameters.f_zeros_like()?;
        let parts = parts_of_layers(shape, members, &parameters, &gradient);
        Ok(Self {
            shape: shape.clone(),
            members,
            first_moment: parameters.f_zeros_like()?,
            second_moment: parameters.f_zeros_like()?,
            parameters,
            gradient,
            n_steps: vec![0; n_members],
            parts,
        })
    }

    /// See [`gcrl_nn::Engine::adam`].
    pub(crate) fn adam(&mut self, learning_rates: &[f32]) {
        assert_eq!(learning_rates.len(), self.n_steps.len(), "a learning rate for every member");
        for n_steps in &mut self.n_steps {
            *n_steps += 1;
        }
        let steps = learning_rates.iter().zip(&self.n_steps);
        let step_sizes: Vec<f32> =
            steps.map(|(learning_rate, n)| adam::step_size(*learning_rate, *n)).collect();
        let state = adam::State {
            parameters: &mut self.parameters,
            first_moment: &mut self.first_moment,
            second_moment: &mut self.second_moment,
            gradient: &mut self.gradient,
        };
        match self.members {
            Members::Looped => adam::loop_over_numbers(state, &step_sizes),
            Members::Batched => adam::whole_tensors(state, &step_sizes),
        }
    }

    /// See [`gcrl_nn::Engine::polyak`].
    pub(crate) fn mix(&mut self, online: &Self, taus: &[f32]) {
        assert_eq!(taus.len(), self.n_steps.len(), "a tau for every member");
        assert_eq!(self.shape, online.shape, "target and online networks have one shape");
        if taus.iter().all(|tau| *tau == taus[0]) {
            let _ = self.parameters.lerp_(&online.parameters, taus[0] as f64);
            return;
        }
        let taus = upload(taus, &[taus.len(), 1], self.parameters.device())
            .expect("a device that holds the parameters has room for a number a member");
        let _ =
            self.parameters.lerp_tensor_(&online.parameters, &taus.expand_as(&online.parameters));
    }

    /// Flat, `[n_members, n_parameters]`.
    pub(crate) fn gradient(&self) -> Vec<f32> {
        to_vec(&self.gradient)
    }

    /// What continues the training of a member.
    pub(crate) fn state(&self, member: usize) -> NetworkState {
        let of_member = |tensor: &Tensor| to_vec(&tensor.select(0, member as i64));
        NetworkState {
            parameters: of_member(&self.parameters),
            first_moment: of_member(&self.first_moment),
            second_moment: of_member(&self.second_moment),
            n_steps: self.n_steps[member],
        }
    }

    /// Puts back what `state` returned.
    pub(crate) fn set_state(&mut self, member: usize, state: &NetworkState) {
        let n_parameters = self.shape.n_parameters();
        let set = |tensor: &Tensor, numbers: &[f32]| {
            assert_eq!(numbers.len(), n_parameters, "state of a network of this shape");
            tensor.select(0, member as i64).copy_(&Tensor::from_slice(numbers));
        };
        set(&self.parameters, &state.parameters);
        set(&self.first_moment, &state.first_moment);
        set(&self.second_moment, &state.second_moment);
        self.n_steps[member] = state.n_steps;
    }
}

fn parts_of_layers(
    shape: &NetworkShape,
    members: Members,
    parameters: &Tensor,
    gradient: &Tensor,
) -> Vec<Vec<Layer>> {
    let parameters = members.parts(parameters);
    let pairs = parameters.iter().zip(members.parts(gradient));
    pairs.map(|(parameters, gradient)| layers(shape, parameters, &gradient)).collect()
}

/// Views of one part's flat tensors `[.., n_parameters]` as layers.
fn layers(shape: &NetworkShape, parameters: &Tensor, gradient: &Tensor) -> Vec<Layer> {
    let mut first = 0;
    let mut block = |n_rows: usize, n_columns: usize| {
        let size = [n_rows as i64, n_columns as i64];
        let n_numbers = size[0] * size[1];
        let view = |flat: &Tensor| flat.narrow(-1, first, n_numbers).unflatten(-1, size);
        let views = (view(parameters), view(gradient));
        first += n_numbers;
        views
    };
    let sizes = shape.layers().into_iter();
    sizes
        .map(|(n_inputs, n_outputs)| {
            let (weight, weight_gradient) = block(n_inputs, n_outputs);
            let (bias, bias_gradient) = block(1, n_outputs);
            let weight_transposed = weight.transpose(-2, -1);
            Layer { weight, weight_transposed, bias, weight_gradient, bias_gradient }
        })
        .collect()
}
