//! The engine in plain Rust, on one thread of the CPU: runs everywhere, equal bits from run to run.
//!
//! Members of a population are looped: each equals itself trained alone, bit for bit. All buffers are
//! made by the `add_*` calls; an update allocates only what it returns.

mod layout;
mod member;
mod pass;
mod rows;

use crate::engine::{Accumulate, Destination, Engine, EngineError, PassId};
use crate::gather::{EpisodesId, Gather, InputNormalizers, RowsId, Source, Version};
use crate::kernels::{Kernel, KernelChoice};
use crate::memory;
use crate::network::{HiddenActivation, NetworkId, NetworkShape, NetworkState, OutputActivation};
use gcrl_core::EpisodeView;
use layout::Layout;
use member::Member;
use pass::{Activations, BackwardPass, Scratch};
use rows::RowBlock;
use std::ops::Range;

/// The name of this engine.
const ENGINE: &str = "native";

/// The engine in plain Rust.
#[derive(Debug)]
pub struct Native {
    kernel: Box<dyn Kernel>,
    n_members: usize,
    networks: Vec<Network>,
    /// `[n_blocks, n_members]`
    rows: Vec<Vec<RowBlock>>,
    passes: Vec<Pass>,
    /// What was added, as it was when it was last refreshed.
    episodes: Vec<Version>,
    /// `[n_members]`; none before they are set.
    normalizers: Vec<Option<InputNormalizers>>,
    scratch: Scratch,
}

/// `n` copies of `number`, for an act of this engine.
fn filled<T: Clone>(n: usize, number: T, act: &'static str) -> Result<Vec<T>, EngineError> {
    memory::filled(n, number).map_err(|error| error.of(ENGINE, act))
}

/// A network of every member.
#[derive(Debug)]
struct Network {
    layout: Layout,
    activations: NetworkActivations,
    /// `[n_members]`
    members: Vec<Member>,
}

/// What follows the layers of a network.
#[derive(Clone, Copy, Debug)]
struct NetworkActivations {
    hidden: HiddenActivation,
    output: OutputActivation,
}

/// A network on a range of rows of every member.
#[derive(Debug)]
struct Pass {
    network: NetworkId,
    rows: RowsId,
    range: Range<usize>,
    /// `[n_members]`
    activations: Vec<Activations>,
    /// `[n_members, n_rows, n_outputs]`
    outputs: Vec<f32>,
}

impl Native {
    /// An engine for a population of `n_members` members, on the chosen kernel.
    ///
    /// # Panics
    ///
    /// If `n_members` is 0.
    pub fn new(n_members: usize, kernel: KernelChoice) -> Self {
        assert!(0 < n_members, "a population has a member");
        Self {
            kernel: kernel.kernel(),
            n_members,
            networks: Vec::new(),
            rows: Vec::new(),
            passes: Vec::new(),
            episodes: Vec::new(),
            normalizers: vec![None; n_members],
            scratch: Scratch::default(),
        }
    }

    /// The kernel's name, such as `avx512`.
    pub fn kernel_name(&self) -> &'static str {
        self.kernel.name()
    }

    /// Calls `act` with each member's backward pass over `range` of a pass, from the gradient at its
    /// outputs.
    fn for_each_backward_pass(
        &mut self,
        pass: PassId,
        range: &Range<usize>,
        gradient: &[f32],
        mut act: impl FnMut(BackwardPass<'_>),
    ) {
        let Pass { network, rows, range: pass_rows, activations, outputs } = &self.passes[pass.0];
        let Network { layout, activations: kinds, members } = &mut self.networks[network.0];
        let (n_inputs, n_outputs) = (layout.n_inputs(), layout.n_outputs());
        let n_numbers = range.len() * n_outputs;
        assert_eq!(gradient.len(), self.n_members * n_numbers, "a gradient for every output");
        for (member_idx, member) in members.iter_mut().enumerate() {
            let first = (member_idx * pass_rows.len() + range.start) * n_outputs;
            let input = self.rows[rows.0][member_idx].view(n_inputs).rows(pass_rows.clone());
            let mut backward = BackwardPass {
                kernel: &*self.kernel,
                layout,
                hidden_activation: kinds.hidden,
                member,
                activations: &activations[member_idx],
                input: input.rows(range.clone()),
                rows: range.clone(),
                scratch: &mut self.scratch,
            };
            let gradient = &gradient[member_idx * n_numbers..][..n_numbers];
            backward.start(kinds.output, &outputs[first..first + n_numbers], gradient);
            act(backward);
        }
    }
}

impl Engine for Native {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn n_members(&self) -> usize {
        self.n_members
    }

    fn add_network(
        &mut self,
        shape: &NetworkShape,
        parameters: &[f32],
    ) -> Result<NetworkId, EngineError> {
        let n_parameters = shape.n_parameters();
        assert_eq!(parameters.len(), self.n_members * n_parameters, "parameters for every member");
        let layout = Layout::new(shape);
        let parameters = parameters.chunks_exact(n_parameters);
        let members = parameters.map(|parameters| Member::new(&layout, parameters));
        let members = members.collect::<Result<_, _>>()?;
        let activations =
            NetworkActivations { hidden: shape.hidden_activation, output: shape.output };
        self.networks.push(Network { layout, activations, members });
        Ok(NetworkId(self.networks.len() - 1))
    }

    fn add_rows(&mut self, n_rows: usize, width: usize) -> Result<RowsId, EngineError> {
        let blocks = (0..self.n_members).map(|_| RowBlock::new(n_rows, width));
        self.rows.push(blocks.collect::<Result<_, _>>()?);
        Ok(RowsId(self.rows.len() - 1))
    }

    fn add_pass(
        &mut self,
        network: NetworkId,
        rows: RowsId,
        range: Range<usize>,
        saved: Range<usize>,
    ) -> Result<PassId, EngineError> {
        let Network { layout, members, .. } = &mut self.networks[network.0];
        let block = &self.rows[rows.0][0];
        assert!(range.start <= range.end && range.end <= block.n_rows(), "rows of the block");
        assert!(layout.n_inputs() <= block.width(), "rows that hold the inputs");
        let n_rows = range.len();
        assert!(saved.start <= saved.end && saved.end <= n_rows, "rows of the pass");
        self.scratch.grow(layout, saved.len())?;
        if !saved.is_empty() {
            members.iter_mut().try_for_each(|member| member.prepare_backward(layout))?;
        }
        let activations = (0..self.n_members).map(|_| Activations::new(layout, saved.clone()));
        let n_outputs = self.n_members.saturating_mul(n_rows).saturating_mul(layout.n_outputs());
        self.passes.push(Pass {
            network,
            rows,
            range,
            activations: activations.collect::<Result<_, _>>()?,
            outputs: filled(n_outputs, 0.0, "add a pass")?,
        });
        Ok(PassId(self.passes.len() - 1))
    }

    fn add_episodes(&mut self, episodes: EpisodeView<'_>) -> Result<EpisodesId, EngineError> {
        self.episodes.push(Version::of(episodes));
        Ok(EpisodesId(self.episodes.len() - 1))
    }

    fn refresh_episodes(
        &mut self,
        id: EpisodesId,
        episodes: EpisodeView<'_>,
    ) -> Result<(), EngineError> {
        self.episodes[id.0] = self.episodes[id.0].refreshed(episodes);
        Ok(())
    }

    fn set_normalizers(&mut self, member: usize, normalizers: &InputNormalizers) {
        match &mut self.normalizers[member] {
            Some(known) => known.clone_from(normalizers),
            unset => *unset = Some(normalizers.clone()),
        }
    }

    fn gather(&mut self, source: Source<'_>, gather: &Gather<'_>) -> Result<(), EngineError> {
        let Gather { rows, first_row, transitions, columns } = *gather;
        self.episodes[source.id.0].expect(source.view);
        let n = transitions.len() / self.n_members;
        assert_eq!(transitions.len(), self.n_members * n, "as many transitions for every member");
        let members = self.rows[rows.0].iter_mut().zip(&self.normalizers);
        for (member_idx, (rows, normalizers)) in members.enumerate() {
            let normalizers = normalizers.as_ref().expect("normalizers are set before a gather");
            let transitions = &transitions[member_idx * n..][..n];
            rows.gather(source.view, first_row, transitions, columns, normalizers);
        }
        Ok(())
    }

    fn write(&mut self, to: Destination, width: usize, numbers: &[f32]) -> Result<(), EngineError> {
        let n_numbers = numbers.len() / self.n_members;
        assert_eq!(numbers.len(), self.n_members * n_numbers, "as many rows for every member");
        assert_eq!(n_numbers % width, 0, "whole rows");
        let members = numbers.chunks_exact(n_numbers.max(1));
        for (rows, numbers) in self.rows[to.rows.0].iter_mut().zip(members) {
            rows.put_all(to.first_row, to.first_column, width, numbers);
        }
        Ok(())
    }

    fn copy_outputs(&mut self, pass: PassId, n: usize, to: Destination) {
        let Pass { network, range, outputs, .. } = &self.passes[pass.0];
        assert!(n <= range.len(), "rows of the pass");
        let n_outputs = self.networks[network.0].layout.n_outputs();
        for (member_idx, rows) in self.rows[to.rows.0].iter_mut().enumerate() {
            let outputs = &outputs[member_idx * range.len() * n_outputs..][..n * n_outputs];
            rows.put_all(to.first_row, to.first_column, n_outputs, outputs);
        }
    }

    fn forward(&mut self, pass: PassId) {
        let Pass { network, rows, range, activations, outputs } = &mut self.passes[pass.0];
        let Network { layout, activations: kinds, members } = &self.networks[network.0];
        let n_numbers = range.len() * layout.n_outputs();
        for (member_idx, (member, activations)) in members.iter().zip(activations).enumerate() {
            let input = self.rows[rows.0][member_idx].view(layout.n_inputs()).rows(range.clone());
            let outputs = &mut outputs[member_idx * n_numbers..][..n_numbers];
            let parameters = &member.parameters;
            let network = pass::Network { layout, kinds: *kinds, parameters };
            let scratch = &mut self.scratch;
            pass::forward(&*self.kernel, network, input, activations, scratch, outputs);
        }
    }

    fn outputs(&mut self, pass: PassId) -> &[f32] {
        &self.passes[pass.0].outputs
    }

    fn backward(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        accumulate: Accumulate,
    ) {
        self.for_each_backward_pass(pass, &range, gradient, |mut backward| match accumulate {
            Accumulate::Set => backward.set_parameter_gradient(),
            Accumulate::Add => backward.add_parameter_gradient(),
        });
    }

    fn input_gradient(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        columns: Range<usize>,
    ) -> Vec<f32> {
        let n_numbers = range.len() * columns.len();
        let mut found = vec![0.0; self.n_members * n_numbers];
        let mut members = found.chunks_exact_mut(n_numbers);
        self.for_each_backward_pass(pass, &range, gradient, |mut backward| {
            backward.input_gradient(columns.clone(), members.next().expect("one chunk a member"));
        });
        found
    }

    fn adam(&mut self, network: NetworkId, learning_rates: &[f32]) {
        assert_eq!(learning_rates.len(), self.n_members, "a learning rate for every member");
        for (member, rate) in self.networks[network.0].members.iter_mut().zip(learning_rates) {
            member.adam(&*self.kernel, *rate);
        }
    }

    fn polyak(&mut self, target: NetworkId, online: NetworkId, taus: &[f32]) {
        assert_eq!(taus.len(), self.n_members, "a tau for every member");
        let pair = self.networks.get_disjoint_mut([target.0, online.0]);
        let [target, online] = pair.expect("two networks of this engine");
        assert_eq!(target.layout, online.layout, "target and online networks have one shape");
        for ((target, online), tau) in target.members.iter_mut().zip(&online.members).zip(taus) {
            target.polyak(&*self.kernel, online, *tau);
        }
    }

    fn gradient(&self, network: NetworkId) -> Vec<f32> {
        let Network { layout, members, .. } = &self.networks[network.0];
        members.iter().flat_map(|member| layout.to_flat(&member.gradient)).collect()
    }

    fn state(&self, network: NetworkId, member: usize) -> NetworkState {
        let Network { layout, members, .. } = &self.networks[network.0];
        members[member].state(layout)
    }

    fn set_state(&mut self, network: NetworkId, member: usize, state: &NetworkState) {
        let Network { layout, members, .. } = &mut self.networks[network.0];
        members[member].set_state(layout, state);
    }
}
