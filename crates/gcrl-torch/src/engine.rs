//! The [`Engine`] trait over libtorch tensors `[n_members, rows, columns]`.

use crate::columns::Columns;
use crate::device::{ENGINE, device, refused};
use crate::gather;
use crate::members::Members;
use crate::network::Network;
use crate::pass::Pass;
use crate::transfer::upload;
use gcrl_core::EpisodeView;
use gcrl_nn::{
    Accumulate, Destination, DeviceKind, Engine, EngineError, EpisodesId, Gather, InputNormalizers,
    NetworkId, NetworkShape, NetworkState, PassId, RowsId, Source, Version,
};
use std::ops::Range;
use tch::{Device, Kind, Tensor};

/// The engine on libtorch.
///
/// Members of a population equal themselves trained alone bit for bit on a CPU, and to rounding on a
/// GPU. Calls that return no `Result` panic if the device fails in the middle of training: all
/// that is large was made by the `add_*` calls.
#[derive(Debug)]
pub struct TorchEngine {
    n_members: usize,
    device: Device,
    members: Members,
    networks: Vec<Network>,
    /// `[n_members, n_rows, width]` each.
    rows: Vec<Tensor>,
    passes: Vec<Pass>,
    /// Data sets, as they were when they were last refreshed.
    episodes: Vec<Version>,
    /// `[n_members]`, or fewer before they are set.
    normalizers: Vec<InputNormalizers>,
    columns: Columns,
}

impl TorchEngine {
    /// An engine for a population of `n_members` members, at least 1.
    ///
    /// On a CPU it computes on the thread that calls it, and so does all of libtorch in this process from
    /// then on: several threads for products this small wait for each other more than they work, and
    /// trainings side by side use the cores better.
    ///
    /// # Errors
    ///
    /// If the chosen device is missing.
    pub fn new(n_members: usize, kind: DeviceKind) -> Result<Self, EngineError> {
        let device = device(kind)?;
        let members = if device.is_cuda() { Members::Batched } else { Members::Looped };
        Ok(Self::on(device, members, n_members))
    }

    /// An engine on the CPU that computes as on a GPU, all members at once: slower, and for comparison with
    /// the other way.
    pub fn batched_on_cpu(n_members: usize) -> Self {
        Self::on(Device::Cpu, Members::Batched, n_members)
    }

    pub(crate) fn on(device: Device, members: Members, n_members: usize) -> Self {
        if device == Device::Cpu {
            tch::set_num_threads(1);
        }
        Self {
            n_members,
            device,
            members,
            networks: Vec::new(),
            rows: Vec::new(),
            passes: Vec::new(),
            episodes: Vec::new(),
            normalizers: Vec::new(),
            columns: Columns::new(device),
        }
    }
}

impl TorchEngine {
    /// `n` rows of `width` numbers, in every member, as a view.
    fn place(&self, to: Destination, n: usize, width: usize) -> Tensor {
        let rows = self.rows[to.rows.0].narrow(1, to.first_row as i64, n as i64);
        rows.narrow(2, to.first_column as i64, width as i64)
    }
}

impl Engine for TorchEngine {
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
        let n_numbers = self.n_members * shape.n_parameters();
        assert_eq!(parameters.len(), n_numbers, "parameters for every member");
        let network = Network::new(shape, parameters, self.n_members, self.device, self.members);
        self.networks.push(network.map_err(refused("add a network"))?);
        Ok(NetworkId(self.networks.len() - 1))
    }

    fn add_rows(&mut self, n_rows: usize, width: usize) -> Result<RowsId, EngineError> {
        let size = [self.n_members as i64, n_rows as i64, width as i64];
        let rows = Tensor::f_zeros(size, (Kind::Float, self.device));
        self.rows.push(rows.map_err(refused("add rows"))?);
        Ok(RowsId(self.rows.len() - 1))
    }

    fn add_pass(
        &mut self,
        network: NetworkId,
        rows: RowsId,
        range: Range<usize>,
        // All activations have their buffers: one large product has them anyway.
        _saved: Range<usize>,
    ) -> Result<PassId, EngineError> {
        let (of, over) = ((network, &self.networks[network.0]), &self.rows[rows.0]);
        let pass = Pass::new(of, over, range, self.device, self.members);
        self.passes.push(pass.map_err(refused("add a pass"))?);
        Ok(PassId(self.passes.len() - 1))
    }

    fn add_episodes(&mut self, episodes: EpisodeView<'_>) -> Result<EpisodesId, EngineError> {
        if self.members == Members::Batched {
            self.columns.add(episodes).map_err(refused("add episodes"))?;
        }
        self.episodes.push(Version::of(episodes));
        Ok(EpisodesId(self.episodes.len() - 1))
    }

    fn refresh_episodes(
        &mut self,
        id: EpisodesId,
        episodes: EpisodeView<'_>,
    ) -> Result<(), EngineError> {
        let version = self.episodes[id.0].refreshed(episodes);
        if self.members == Members::Batched {
            self.columns.refresh(id, episodes).map_err(refused("refresh episodes"))?;
        }
        self.episodes[id.0] = version;
        Ok(())
    }

    fn set_normalizers(&mut self, member: usize, normalizers: &InputNormalizers) {
        assert!(member < self.n_members, "a member of the population");
        if self.normalizers.len() < self.n_members {
            self.normalizers.resize(self.n_members, normalizers.clone());
        }
        self.normalizers[member].clone_from(normalizers);
        self.columns.forget_normalizers();
    }

    fn gather(&mut self, source: Source<'_>, gather: &Gather<'_>) -> Result<(), EngineError> {
        self.episodes[source.id.0].expect(source.view);
        assert_eq!(self.normalizers.len(), self.n_members, "normalizers are set before a gather");
        let rows = &mut self.rows[gather.rows.0];
        let sizes = rows.size();
        let sizes = [sizes[0] as usize, sizes[1] as usize, sizes[2] as usize];
        match self.members {
            Members::Looped => {
                gather::fill(rows, sizes, source.view, gather, &self.normalizers);
                Ok(())
            }
            Members::Batched => self
                .columns
                .fill(rows, sizes, source, gather, &self.normalizers)
                .map_err(refused("gather rows")),
        }
    }

    fn write(&mut self, to: Destination, width: usize, numbers: &[f32]) -> Result<(), EngineError> {
        let n = numbers.len() / (self.n_members * width);
        assert_eq!(numbers.len(), self.n_members * n * width, "as many rows for every member");
        let written = upload(numbers, &[self.n_members, n, width], self.device)
            .and_then(|numbers| self.place(to, n, width).f_copy_(&numbers));
        written.map_err(refused("write rows"))
    }

    fn copy_outputs(&mut self, pass: PassId, n: usize, to: Destination) {
        let pass = &self.passes[pass.0];
        assert!(n <= pass.range.len(), "rows of the pass");
        let outputs = pass.outputs().narrow(1, 0, n as i64);
        let n_outputs = self.networks[pass.network.0].shape.n_outputs;
        self.place(to, n, n_outputs).copy_(&outputs);
    }

    fn forward(&mut self, pass: PassId) {
        let pass = &mut self.passes[pass.0];
        pass.forward(&self.networks[pass.network.0]);
    }

    fn outputs(&mut self, pass: PassId) -> &[f32] {
        self.passes[pass.0].downloaded_outputs()
    }

    fn backward(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        accumulate: Accumulate,
    ) {
        let pass = &mut self.passes[pass.0];
        pass.backward(&self.networks[pass.network.0], &range, gradient, accumulate);
    }

    fn input_gradient(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        columns: Range<usize>,
    ) -> Vec<f32> {
        let pass = &mut self.passes[pass.0];
        pass.input_gradient(&self.networks[pass.network.0], &range, gradient, &columns)
    }

    fn adam(&mut self, network: NetworkId, learning_rates: &[f32]) {
        self.networks[network.0].adam(learning_rates);
    }

    fn polyak(&mut self, target: NetworkId, online: NetworkId, taus: &[f32]) {
        let pair = self.networks.get_disjoint_mut([target.0, online.0]);
        let [target, online] = pair.expect("two networks of this engine");
        target.mix(online, taus);
    }

    fn gradient(&self, network: NetworkId) -> Vec<f32> {
        self.networks[network.0].gradient()
    }

    fn state(&self, network: NetworkId, member: usize) -> NetworkState {
        self.networks[network.0].state(member)
    }

    fn set_state(&mut self, network: NetworkId, member: usize, state: &NetworkState) {
        self.networks[network.0].set_state(member, state);
    }
}
