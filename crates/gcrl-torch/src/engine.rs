//! The [`Engine`] trait over libtorch tensors `[runs, rows, columns]`.

use crate::columns::Columns;
use crate::device::{ENGINE, device, refused};
use crate::gather;
use crate::members::Members;
use crate::network::Network;
use crate::pass::Pass;
use gcrl_core::EpisodeView;
use gcrl_nn::{
    DeviceKind, Engine, EngineError, Gather, NetworkId, NetworkShape, NetworkState, PassId, RowsId,
};
use std::ops::Range;
use tch::{Device, Kind, Tensor};

/// See the crate.
///
/// Members of a population equal themselves trained alone bit for bit on a CPU, and to rounding on a
/// GPU. Calls that return no `Result` panic if the device fails in the middle of training: all
/// that is large was made by the `add_*` calls.
#[derive(Debug)]
pub struct TorchEngine {
    runs: usize,
    device: Device,
    members: Members,
    networks: Vec<Network>,
    /// `[runs, n_rows, width]` each.
    rows: Vec<Tensor>,
    passes: Vec<Pass>,
    columns: Columns,
}

impl TorchEngine {
    /// An engine for a population of `runs` members, at least 1.
    ///
    /// On a CPU it computes on the thread that calls it, and so does all of libtorch in this process from
    /// then on: several threads for products this small wait for each other more than they work, and
    /// trainings side by side use the cores better.
    ///
    /// # Errors
    ///
    /// If the chosen device is missing.
    pub fn new(runs: usize, kind: DeviceKind) -> Result<Self, EngineError> {
        let device = device(kind)?;
        let members = if device.is_cuda() { Members::Batched } else { Members::Looped };
        Ok(Self::on(device, members, runs))
    }

    pub(crate) fn on(device: Device, members: Members, runs: usize) -> Self {
        if device == Device::Cpu {
            tch::set_num_threads(1);
        }
        Self {
            runs,
            device,
            members,
            networks: Vec::new(),
            rows: Vec::new(),
            passes: Vec::new(),
            columns: Columns::new(device),
        }
    }
}

impl Engine for TorchEngine {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn runs(&self) -> usize {
        self.runs
    }

    fn add_network(
        &mut self,
        shape: &NetworkShape,
        parameters: &[f32],
    ) -> Result<NetworkId, EngineError> {
        let n_numbers = self.runs * shape.n_parameters();
        assert_eq!(parameters.len(), n_numbers, "parameters for every member");
        let network = Network::new(shape, parameters, self.runs, self.device, self.members);
        self.networks.push(network.map_err(refused("add a network"))?);
        Ok(NetworkId(self.networks.len() - 1))
    }

    fn add_rows(&mut self, n_rows: usize, width: usize) -> Result<RowsId, EngineError> {
        let size = [self.runs as i64, n_rows as i64, width as i64];
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
        _kept: Range<usize>,
    ) -> Result<PassId, EngineError> {
        let (of, over) = ((network, &self.networks[network.0]), (rows, &self.rows[rows.0]));
        let pass = Pass::new(of, over, range, self.device, self.members);
        self.passes.push(pass.map_err(refused("add a pass"))?);
        Ok(PassId(self.passes.len() - 1))
    }

    fn gather(
        &mut self,
        episodes: EpisodeView<'_>,
        gather: &Gather<'_>,
    ) -> Result<(), EngineError> {
        let rows = &mut self.rows[gather.rows.0];
        let sizes = rows.size();
        let sizes = [sizes[0] as usize, sizes[1] as usize, sizes[2] as usize];
        match self.members {
            Members::Looped => {
                gather::fill(rows, sizes, episodes, gather);
                Ok(())
            }
            Members::Batched => {
                self.columns.fill(rows, sizes, episodes, gather).map_err(refused("gather rows"))
            }
        }
    }

    fn forward(&mut self, pass: PassId) {
        let pass = &mut self.passes[pass.0];
        pass.forward(&self.networks[pass.network.0]);
    }

    fn join(&mut self, pass: PassId, first_column: usize, n: usize) {
        let pass = &self.passes[pass.0];
        assert!(n <= pass.range.len(), "rows of the pass");
        let outputs = pass.outputs().narrow(1, 0, n as i64);
        let n_outputs = self.networks[pass.network.0].shape.n_outputs as i64;
        let rows = self.rows[pass.rows.0].narrow(1, pass.range.start as i64, n as i64);
        rows.narrow(2, first_column as i64, n_outputs).copy_(&outputs);
    }

    fn outputs(&mut self, pass: PassId) -> &[f32] {
        self.passes[pass.0].downloaded_outputs()
    }

    fn backward(&mut self, pass: PassId, range: Range<usize>, gradient: &[f32]) {
        let pass = &mut self.passes[pass.0];
        pass.backward(&self.networks[pass.network.0], &range, gradient);
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

    fn adam(&mut self, network: NetworkId, learning_rate: f32) {
        self.networks[network.0].adam(learning_rate);
    }

    fn polyak(&mut self, target: NetworkId, online: NetworkId, tau: f32) {
        let pair = self.networks.get_disjoint_mut([target.0, online.0]);
        let [target, online] = pair.expect("two networks of this engine");
        target.mix(online, tau);
    }

    fn gradient(&self, network: NetworkId) -> Vec<f32> {
        self.networks[network.0].gradient()
    }

    fn state(&self, network: NetworkId, run: usize) -> NetworkState {
        self.networks[network.0].state(run)
    }

    fn set_state(&mut self, network: NetworkId, run: usize, state: &NetworkState) {
        self.networks[network.0].set_state(run, state);
    }
}
