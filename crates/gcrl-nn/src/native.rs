//! The engine in plain Rust, on one thread of the CPU: runs everywhere, equal bits from run to run.
//!
//! Members of a population are looped: each equals itself trained alone, bit for bit. All buffers are
//! made by the `add_*` calls; an update allocates only what it returns.

mod layout;
mod member;
mod pass;
mod rows;

use crate::engine::{Engine, EngineError, Gather, PassId, RowsId};
use crate::kernels::{Kernel, KernelChoice};
use crate::network::{NetworkId, NetworkShape, NetworkState, OutputActivation};
use gcrl_core::EpisodeView;
use layout::Layout;
use member::Member;
use pass::{Activations, Back, Scratch};
use rows::{Fill, RowBlock};
use std::ops::Range;

/// See the module.
#[derive(Debug)]
pub struct Native {
    kernel: Box<dyn Kernel>,
    runs: usize,
    networks: Vec<Network>,
    /// `[n_blocks, runs]`
    rows: Vec<Vec<RowBlock>>,
    passes: Vec<Pass>,
    scratch: Scratch,
}

/// A network of every member.
#[derive(Debug)]
struct Network {
    layout: Layout,
    output: OutputActivation,
    /// `[runs]`
    members: Vec<Member>,
}

/// A network on a range of rows of every member.
#[derive(Debug)]
struct Pass {
    network: NetworkId,
    rows: RowsId,
    range: Range<usize>,
    /// `[runs]`
    activations: Vec<Activations>,
    /// `[runs, n_rows, n_outputs]`
    outputs: Vec<f32>,
}

impl Native {
    /// An engine for a population of `runs` members, on the chosen kernel.
    ///
    /// # Panics
    ///
    /// If `runs` is 0.
    pub fn new(runs: usize, kernel: KernelChoice) -> Self {
        assert!(0 < runs, "a population has a member");
        Self {
            kernel: kernel.kernel(),
            runs,
            networks: Vec::new(),
            rows: Vec::new(),
            passes: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// The kernel's name, such as `avx512`.
    pub fn kernel_name(&self) -> &'static str {
        self.kernel.name()
    }

    /// Calls `act` with each member's way back over `range` of a pass, from the gradient at its outputs.
    fn back(
        &mut self,
        pass: PassId,
        range: &Range<usize>,
        gradient: &[f32],
        mut act: impl FnMut(Back<'_>),
    ) {
        let Pass { network, rows, range: pass_rows, activations, outputs } = &self.passes[pass.0];
        let Network { layout, output, members } = &mut self.networks[network.0];
        let (n_inputs, n_outputs) = (layout.n_inputs(), layout.n_outputs());
        let n_numbers = range.len() * n_outputs;
        assert_eq!(gradient.len(), self.runs * n_numbers, "a gradient for every output");
        for (run, member) in members.iter_mut().enumerate() {
            let first = (run * pass_rows.len() + range.start) * n_outputs;
            let input = self.rows[rows.0][run].view(n_inputs).rows(pass_rows.clone());
            let mut back = Back {
                kernel: &*self.kernel,
                layout,
                member,
                activations: &activations[run],
                input: input.rows(range.clone()),
                rows: range.clone(),
                scratch: &mut self.scratch,
            };
            let gradient = &gradient[run * n_numbers..][..n_numbers];
            back.start(*output, &outputs[first..first + n_numbers], gradient);
            act(back);
        }
    }
}

impl Engine for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn runs(&self) -> usize {
        self.runs
    }

    fn add_network(
        &mut self,
        shape: &NetworkShape,
        parameters: &[f32],
    ) -> Result<NetworkId, EngineError> {
        let n_parameters = shape.n_parameters();
        assert_eq!(parameters.len(), self.runs * n_parameters, "parameters for every member");
        let layout = Layout::new(shape);
        let parameters = parameters.chunks_exact(n_parameters);
        let members = parameters.map(|parameters| Member::new(&layout, parameters)).collect();
        self.networks.push(Network { layout, output: shape.output, members });
        Ok(NetworkId(self.networks.len() - 1))
    }

    fn add_rows(&mut self, n_rows: usize, width: usize) -> Result<RowsId, EngineError> {
        self.rows.push((0..self.runs).map(|_| RowBlock::new(n_rows, width)).collect());
        Ok(RowsId(self.rows.len() - 1))
    }

    fn add_pass(
        &mut self,
        network: NetworkId,
        rows: RowsId,
        range: Range<usize>,
        kept: Range<usize>,
    ) -> Result<PassId, EngineError> {
        let layout = &self.networks[network.0].layout;
        let block = &self.rows[rows.0][0];
        assert!(range.start <= range.end && range.end <= block.n_rows(), "rows of the block");
        assert!(layout.n_inputs() <= block.width(), "rows that hold the inputs");
        let n_rows = range.len();
        assert!(kept.start <= kept.end && kept.end <= n_rows, "rows of the pass");
        self.scratch.grow(layout, kept.len());
        self.passes.push(Pass {
            network,
            rows,
            range,
            activations: (0..self.runs).map(|_| Activations::new(layout, kept.clone())).collect(),
            outputs: vec![0.0; self.runs * n_rows * layout.n_outputs()],
        });
        Ok(PassId(self.passes.len() - 1))
    }

    fn gather(
        &mut self,
        episodes: EpisodeView<'_>,
        gather: &Gather<'_>,
    ) -> Result<(), EngineError> {
        let Gather { rows, first_row, transitions, state, content, normalizers } = *gather;
        let n = transitions.len() / self.runs;
        assert_eq!(transitions.len(), self.runs * n, "as many transitions for every member");
        assert_eq!(normalizers.len(), self.runs, "normalizers for every member");
        for (run, (rows, normalizers)) in self.rows[rows.0].iter_mut().zip(normalizers).enumerate()
        {
            let transitions = &transitions[run * n..][..n];
            rows.gather(episodes, &Fill { first_row, transitions, state, content, normalizers });
        }
        Ok(())
    }

    fn forward(&mut self, pass: PassId) {
        let Pass { network, rows, range, activations, outputs } = &mut self.passes[pass.0];
        let Network { layout, output, members } = &self.networks[network.0];
        let n_numbers = range.len() * layout.n_outputs();
        for (run, (member, activations)) in members.iter().zip(activations).enumerate() {
            let input = self.rows[rows.0][run].view(layout.n_inputs()).rows(range.clone());
            let outputs = &mut outputs[run * n_numbers..][..n_numbers];
            let network = (layout, *output);
            let parameters = &member.parameters;
            let scratch = &mut self.scratch;
            pass::forward(&*self.kernel, network, parameters, input, activations, scratch, outputs);
        }
    }

    fn join(&mut self, pass: PassId, first_column: usize, n: usize) {
        let Pass { network, rows, range, outputs, .. } = &self.passes[pass.0];
        assert!(n <= range.len(), "rows of the pass");
        let n_outputs = self.networks[network.0].layout.n_outputs();
        for (run, rows) in self.rows[rows.0].iter_mut().enumerate() {
            let outputs = &outputs[run * range.len() * n_outputs..][..n * n_outputs];
            for (row, outputs) in range.clone().zip(outputs.chunks_exact(n_outputs)) {
                rows.put(row, first_column, outputs);
            }
        }
    }

    fn outputs(&mut self, pass: PassId) -> &[f32] {
        &self.passes[pass.0].outputs
    }

    fn backward(&mut self, pass: PassId, range: Range<usize>, gradient: &[f32]) {
        self.back(pass, &range, gradient, |mut back| back.set_parameter_gradient());
    }

    fn input_gradient(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        columns: Range<usize>,
    ) -> Vec<f32> {
        let n_numbers = range.len() * columns.len();
        let mut found = vec![0.0; self.runs * n_numbers];
        let mut members = found.chunks_exact_mut(n_numbers);
        self.back(pass, &range, gradient, |mut back| {
            back.input_gradient(columns.clone(), members.next().expect("one chunk a member"));
        });
        found
    }

    fn adam(&mut self, network: NetworkId, learning_rate: f32) {
        for member in &mut self.networks[network.0].members {
            member.adam(&*self.kernel, learning_rate);
        }
    }

    fn polyak(&mut self, target: NetworkId, online: NetworkId, tau: f32) {
        let pair = self.networks.get_disjoint_mut([target.0, online.0]);
        let [target, online] = pair.expect("two networks of this engine");
        assert_eq!(target.layout, online.layout, "target and online networks have one shape");
        for (target, online) in target.members.iter_mut().zip(&online.members) {
            target.polyak(&*self.kernel, online, tau);
        }
    }

    fn gradient(&self, network: NetworkId) -> Vec<f32> {
        let Network { layout, members, .. } = &self.networks[network.0];
        members.iter().flat_map(|member| layout.to_flat(&member.gradient)).collect()
    }

    fn state(&self, network: NetworkId, run: usize) -> NetworkState {
        let Network { layout, members, .. } = &self.networks[network.0];
        members[run].state(layout)
    }

    fn set_state(&mut self, network: NetworkId, run: usize, state: &NetworkState) {
        let Network { layout, members, .. } = &mut self.networks[network.0];
        members[run].set_state(layout, state);
    }
}
