//! A network on a range of rows: the forward and the backward pass.
//!
//! ```text
//! forward:   h_l = f(h_{l−1} W_l + b_l), outputs = activation(h_L W + b)
//! backward:  d   = gradient · activation'(outputs)       at the last layer
//!            ∂W_l = h_{l−1}ᵀ d_l,  ∂b_l = Σ_rows d_l,  d_{l−1} = d_l W_lᵀ · f'(h_{l−1})
//! ```
//!
//! Every result has its buffer, made once: an update allocates next to nothing.

use crate::members::{Members, add_product, affine, affine_relu, multiply};
use crate::network::{Layer, Network};
use crate::transfer::{download, to_vec, upload};
use gcrl_nn::{Accumulate, HiddenActivation, NetworkId, OutputActivation};
use std::ops::Range;
use tch::{Device, Kind, TchError, Tensor};

/// A network on a range of rows.
#[derive(Debug)]
pub(crate) struct Pass {
    pub(crate) network: NetworkId,
    /// Which rows of the block.
    pub(crate) range: Range<usize>,
    n_members: usize,
    /// After the activation, `[n_members, n_rows, n_outputs]`.
    outputs: Tensor,
    /// The gradient at the outputs, `[n_members, n_rows, n_outputs]`.
    output_gradient: Tensor,
    /// Views and buffers, `[n_parts]`.
    parts: Vec<Part>,
    /// What `outputs` lends, `[n_members, n_rows, n_outputs]`.
    downloaded: Vec<f32>,
}

/// A pass of one part, see [`crate::members`].
#[derive(Debug)]
struct Part {
    /// `[.., n_rows, n_inputs]`, a view of the block.
    input: Tensor,
    /// What each layer returns, after its activation, `[.., n_rows, n_outputs]`; the last are the outputs.
    activations: Vec<Tensor>,
    /// The gradient before the activation of each layer, shaped as `activations`.
    gradients: Vec<Tensor>,
}

impl Part {
    /// Views of a range of rows.
    fn rows(&self, rows: &Range<usize>) -> Self {
        let of_rows = |tensor: &Tensor| tensor.narrow(-2, rows.start as i64, rows.len() as i64);
        Self {
            input: of_rows(&self.input),
            activations: self.activations.iter().map(of_rows).collect(),
            gradients: self.gradients.iter().map(of_rows).collect(),
        }
    }
}

impl Pass {
    /// A pass of `network` over `range` of `block`, which is `[n_members, n_rows, width]`.
    pub(crate) fn new(
        (network_id, network): (NetworkId, &Network),
        block: &Tensor,
        range: Range<usize>,
        device: Device,
        members: Members,
    ) -> Result<Self, TchError> {
        let n_inputs = network.shape.n_inputs as i64;
        let (n_members, n_block_rows, width) = block.size3()?;
        let (first_row, n_rows) = (range.start as i64, range.len() as i64);
        assert!(first_row <= n_block_rows - n_rows, "rows of the block");
        assert!(n_inputs <= width, "rows that hold the inputs");
        let inputs = members.parts(&block.narrow(1, first_row, n_rows).narrow(2, 0, n_inputs));
        let buffers = || -> Result<Vec<Tensor>, TchError> {
            let layers = network.shape.layers().into_iter();
            let sizes = layers.map(|(_, n_outputs)| [n_members, n_rows, n_outputs as i64]);
            sizes.map(|size| Tensor::f_empty(size, (Kind::Float, device))).collect()
        };
        let (activations, gradients) = (buffers()?, buffers()?);
        let last = |layers: &[Tensor]| layers.last().expect("a last layer").shallow_clone();
        let part = |(part_idx, input): (usize, Tensor)| {
            let of_part = |population: &Tensor| members.parts(population).swap_remove(part_idx);
            Part {
                input,
                activations: activations.iter().map(of_part).collect(),
                gradients: gradients.iter().map(of_part).collect(),
            }
        };
        let (outputs, output_gradient) = (last(&activations), last(&gradients));
        Ok(Self {
            network: network_id,
            range,
            n_members: n_members as usize,
            downloaded: vec![0.0; outputs.numel()],
            outputs,
            output_gradient,
            parts: inputs.into_iter().enumerate().map(part).collect(),
        })
    }

    /// See [`gcrl_nn::Engine::forward`].
    pub(crate) fn forward(&mut self, network: &Network) {
        for (part, layers) in self.parts.iter_mut().zip(&network.parts) {
            let n_hidden = layers.len() - 1;
            let mut input = &part.input;
            for (layer_idx, (layer, output)) in layers.iter().zip(&mut part.activations).enumerate()
            {
                let hidden = (layer_idx < n_hidden).then_some(network.shape.hidden_activation);
                if hidden == Some(HiddenActivation::Relu) {
                    affine_relu(output, input, &layer.weight, &layer.bias);
                } else {
                    affine(output, input, &layer.weight, &layer.bias);
                    let is_tanh = match hidden {
                        Some(activation) => activation == HiddenActivation::Tanh,
                        None => network.shape.output == OutputActivation::Tanh,
                    };
                    if is_tanh {
                        let _ = output.tanh_();
                    }
                }
                input = output;
            }
        }
    }

    /// The outputs, `[n_members, n_rows, n_outputs]`, on the device.
    pub(crate) fn outputs(&self) -> &Tensor {
        &self.outputs
    }

    /// The outputs, `[n_members, n_rows, n_outputs]`, copied from the device.
    pub(crate) fn downloaded_outputs(&mut self) -> &[f32] {
        download(&self.outputs, &mut self.downloaded);
        &self.downloaded
    }

    /// See [`gcrl_nn::Engine::backward`].
    pub(crate) fn backward(
        &mut self,
        network: &Network,
        rows: &Range<usize>,
        gradient: &[f32],
        accumulate: Accumulate,
    ) {
        self.backpropagate(network, rows, gradient, |layer, _, input, gradient| {
            let (input, sums) = (input.transpose(-2, -1), &layer.bias_gradient);
            match accumulate {
                Accumulate::Set => {
                    multiply(&layer.weight_gradient, &input, gradient);
                    let _ = gradient.sum_intlist_out(sums, [-2_i64].as_slice(), true, None::<Kind>);
                }
                Accumulate::Add => {
                    add_product(&layer.weight_gradient, &input, gradient);
                    let sum = gradient.sum_dim_intlist([-2_i64].as_slice(), true, None::<Kind>);
                    let _ = sums.shallow_clone().g_add_(&sum);
                }
            }
        });
    }

    /// See [`gcrl_nn::Engine::input_gradient`].
    pub(crate) fn input_gradient(
        &mut self,
        network: &Network,
        rows: &Range<usize>,
        gradient: &[f32],
        columns: &Range<usize>,
    ) -> Vec<f32> {
        let mut found = Vec::with_capacity(self.n_members * rows.len() * columns.len());
        self.backpropagate(network, rows, gradient, |layer, layer_idx, _, gradient| {
            if layer_idx == 0 {
                let weight = layer.weight.narrow(-2, columns.start as i64, columns.len() as i64);
                found.extend(to_vec(&gradient.matmul(&weight.transpose(-2, -1))));
            }
        });
        found
    }

    /// Carries `gradient`, `[n_members, rows.len(), n_outputs]`, down from the last layer to the first;
    /// `at_layer` receives, part by part, each layer with its index, its input, and the gradient
    /// before its activation, on those rows.
    fn backpropagate(
        &mut self,
        network: &Network,
        rows: &Range<usize>,
        gradient: &[f32],
        mut at_layer: impl FnMut(&Layer, usize, &Tensor, &Tensor),
    ) {
        assert!(rows.end <= self.range.len(), "rows of the pass");
        let shape = [self.n_members, rows.len(), network.shape.n_outputs];
        let gradient = upload(gradient, &shape, Device::Cpu).expect("a gradient for every output");
        self.output_gradient.narrow(1, rows.start as i64, rows.len() as i64).copy_(&gradient);
        for (part, layers) in self.parts.iter().zip(&network.parts) {
            let Part { input, activations, gradients } = part.rows(rows);
            let last = layers.len() - 1;
            if network.shape.output == OutputActivation::Tanh {
                let gradient = &gradients[last];
                let _ = Tensor::tanh_backward_grad_input(gradient, gradient, &activations[last]);
            }
            for layer_idx in (0..layers.len()).rev() {
                let (layer, gradient) = (&layers[layer_idx], &gradients[layer_idx]);
                let Some(before) = layer_idx.checked_sub(1) else {
                    at_layer(layer, layer_idx, &input, gradient);
                    continue;
                };
                at_layer(layer, layer_idx, &activations[before], gradient);
                let below = &gradients[before];
                multiply(below, gradient, &layer.weight_transposed);
                let _ = match network.shape.hidden_activation {
                    HiddenActivation::Relu => {
                        activations[before].threshold_backward_grad_input(below, below, 0.0)
                    }
                    HiddenActivation::Tanh => {
                        Tensor::tanh_backward_grad_input(below, below, &activations[before])
                    }
                };
            }
        }
    }
}
