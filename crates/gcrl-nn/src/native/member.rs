//! One member's network: its parameters, Adam's state and the gradient, all in panels.

use super::filled;
use super::layout::Layout;
use crate::engine::EngineError;
use crate::kernels::{AdamStep, Kernel, LANES, Line, View, ViewMut, n_panels};
use crate::network::NetworkState;

/// The network of one member.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) parameters: Vec<Line>,
    pub(super) gradient: Vec<Line>,
    first_moment: Vec<Line>,
    second_moment: Vec<Line>,
    n_steps: u64,
    /// Where a gradient waits for the one that is added to it; empty until there is a pass that saves rows.
    waiting: Vec<Line>,
    /// The weights of each layer, transposed, `[n_layers]`; empty until there is a pass that saves rows.
    transposed: Vec<Vec<Line>>,
    transposed_is_stale: bool,
}

impl Member {
    pub(super) fn new(layout: &Layout, parameters: &[f32]) -> Result<Self, EngineError> {
        let zero = || filled(layout.n_lines(), Line::ZERO, "add a network");
        let mut lines = zero()?;
        layout.fill_lines(parameters, &mut lines);
        Ok(Self {
            parameters: lines,
            gradient: zero()?,
            first_moment: zero()?,
            second_moment: zero()?,
            n_steps: 0,
            waiting: Vec::new(),
            transposed: Vec::new(),
            transposed_is_stale: true,
        })
    }

    /// Makes room for what a backward pass needs beside its pass.
    pub(super) fn prepare_backward(&mut self, layout: &Layout) -> Result<(), EngineError> {
        if !self.transposed.is_empty() {
            return Ok(());
        }
        let zero = |n_lines| filled(n_lines, Line::ZERO, "add a pass");
        self.waiting = zero(layout.n_lines())?;
        let n_lines = layout.layers.iter().map(|layer| n_panels(layer.n_inputs) * layer.n_outputs);
        self.transposed = n_lines.map(zero).collect::<Result<_, _>>()?;
        self.transposed_is_stale = true;
        Ok(())
    }

    /// Puts the gradient aside, so that another one can be set.
    pub(super) fn put_gradient_aside(&mut self) {
        std::mem::swap(&mut self.gradient, &mut self.waiting);
    }

    /// Adds to the gradient the one that was put aside.
    pub(super) fn add_gradient_put_aside(&mut self) {
        for (gradient, waiting) in self.gradient.iter_mut().zip(&self.waiting) {
            for (gradient, waiting) in gradient.0.iter_mut().zip(&waiting.0) {
                *gradient += waiting;
            }
        }
    }

    /// One step of [`Engine::adam`](crate::Engine::adam).
    pub(super) fn adam(&mut self, kernel: &dyn Kernel, learning_rate: f32) {
        self.n_steps += 1;
        let n = self.n_steps as f64;
        let correction = (1.0 - libm::pow(0.999, n)).sqrt() / (1.0 - libm::pow(0.9, n));
        kernel.adam(AdamStep {
            parameters: &mut self.parameters,
            first_moment: &mut self.first_moment,
            second_moment: &mut self.second_moment,
            gradient: &self.gradient,
            step_size: (learning_rate as f64 * correction) as f32,
        });
        self.transposed_is_stale = true;
    }

    pub(super) fn polyak(&mut self, kernel: &dyn Kernel, online: &Self, tau: f32) {
        kernel.polyak(&mut self.parameters, &online.parameters, tau);
        self.transposed_is_stale = true;
    }

    pub(super) fn state(&self, layout: &Layout) -> NetworkState {
        NetworkState {
            parameters: layout.to_flat(&self.parameters),
            first_moment: layout.to_flat(&self.first_moment),
            second_moment: layout.to_flat(&self.second_moment),
            n_steps: self.n_steps,
        }
    }

    pub(super) fn set_state(&mut self, layout: &Layout, state: &NetworkState) {
        layout.fill_lines(&state.parameters, &mut self.parameters);
        layout.fill_lines(&state.first_moment, &mut self.first_moment);
        layout.fill_lines(&state.second_moment, &mut self.second_moment);
        self.n_steps = state.n_steps;
        self.transposed_is_stale = true;
    }

    /// Transposes the weights, if they changed since.
    pub(super) fn refresh_transposed(&mut self, layout: &Layout) {
        if !self.transposed_is_stale {
            return;
        }
        for (layer, lines) in layout.layers.iter().zip(&mut self.transposed) {
            let weight = layer.weight.view(&self.parameters);
            transpose(weight, ViewMut::new(lines, layer.n_outputs, layer.n_inputs));
        }
        self.transposed_is_stale = false;
    }

    /// The weights of a layer, transposed, as last refreshed.
    pub(super) fn transposed(&self, layout: &Layout, layer_idx: usize) -> View<'_> {
        let layer = &layout.layers[layer_idx];
        View::new(&self.transposed[layer_idx], layer.n_outputs, layer.n_inputs)
    }
}

/// Writes the columns of `from` into the rows of `to`, by blocks of 32 rows and columns.
fn transpose(from: View<'_>, mut to: ViewMut<'_>) {
    let mut block = [Line::ZERO; LANES];
    for from_idx in 0..n_panels(from.n_columns()) {
        for (to_idx, from) in from.panel(from_idx).chunks(LANES).enumerate() {
            block[..from.len()].copy_from_slice(from);
            block[from.len()..].fill(Line::ZERO);
            let to = to.panel(to_idx)[from_idx * LANES..].iter_mut();
            for (column, to) in (0..LANES).zip(to) {
                for (to, from) in to.0.iter_mut().zip(&block) {
                    *to = from.0[column];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn transposing_exchanges_rows_and_columns(n_rows in 1_usize..80, n_columns in 1_usize..80) {
            let mut from = vec![Line::ZERO; n_panels(n_columns) * n_rows];
            let mut view = ViewMut::new(&mut from, n_rows, n_columns);
            for row in 0..n_rows {
                for column in 0..n_columns {
                    *view.at(row, column) = (row * 100 + column) as f32;
                }
            }
            let from = View::new(&from, n_rows, n_columns);
            let mut to = vec![Line::ZERO; n_panels(n_rows) * n_columns];
            transpose(from, ViewMut::new(&mut to, n_columns, n_rows));
            let to = View::new(&to, n_columns, n_rows);
            for row in 0..n_rows {
                for column in 0..n_columns {
                    prop_assert_eq!(to.at(column, row), from.at(row, column));
                }
            }
        }
    }
}
