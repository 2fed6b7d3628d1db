//! What an algorithm is built with: networks, rows of inputs, and passes of the ones over the others.

use crate::networks::init;
use crate::networks::rows::{Input, Pass, Rows, STATE, STATE_ACTION};
use crate::settings::Settings;
use gcrl_core::{TaskSpec, seed};
use gcrl_nn::{
    Engine, EngineError, HiddenActivation, NetworkId, NetworkShape, OutputActivation, memory,
};
use std::borrow::Cow;

/// What an algorithm is built with.
pub struct Setup<'a> {
    /// Holds the networks.
    pub engine: &'a mut dyn Engine,
    /// The task.
    pub spec: &'static TaskSpec,
    /// Batch and networks.
    pub settings: &'a Settings,
    /// One per member.
    pub seeds: &'a [u64],
}

/// What a network reads and returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSpec {
    /// The vectors of an input row, in order.
    pub inputs: Vec<Input>,
    /// Units of each hidden layer.
    pub hidden: Vec<usize>,
    /// What follows each hidden layer.
    pub hidden_activation: HiddenActivation,
    /// Numbers in an output row.
    pub n_outputs: usize,
    /// What follows the last layer.
    pub output: OutputActivation,
}

/// A network of every member.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name in checkpoints.
    pub name: Cow<'static, str>,
    /// The engine's handle.
    pub id: NetworkId,
    /// The vectors of an input row.
    pub inputs: Vec<Input>,
    /// Its sizes.
    pub shape: NetworkShape,
}

impl Network {
    /// What [`Algorithm::networks`](crate::Algorithm::networks) returns of it.
    pub fn entry(&self) -> (Cow<'static, str>, NetworkId) {
        (self.name.clone(), self.id)
    }
}

impl Setup<'_> {
    /// Adds `π(s, g)`, with `tanh` outputs and the run's hidden layers.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn add_actor(&mut self, name: &'static str) -> Result<Network, EngineError> {
        let (n_outputs, output) = (self.spec.action_dim(), OutputActivation::Tanh);
        let spec = self.network_spec(&STATE, n_outputs, output);
        self.add_network(name, &spec)
    }

    /// Adds `Q(s, g, a)`, with one linear output and the run's hidden layers.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn add_critic(
        &mut self,
        name: impl Into<Cow<'static, str>>,
    ) -> Result<Network, EngineError> {
        let spec = self.network_spec(&STATE_ACTION, 1, OutputActivation::Linear);
        self.add_network(name, &spec)
    }

    /// A network with the run's hidden layers.
    pub fn network_spec(
        &self,
        inputs: &[Input],
        n_outputs: usize,
        output: OutputActivation,
    ) -> NetworkSpec {
        NetworkSpec {
            inputs: inputs.to_vec(),
            hidden: self.settings.hidden.clone(),
            hidden_activation: HiddenActivation::Relu,
            n_outputs,
            output,
        }
    }

    /// Adds a network. Its initial parameters are functions of a member's seed and of its name.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn add_network(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        spec: &NetworkSpec,
    ) -> Result<Network, EngineError> {
        let name = name.into();
        let shape = NetworkShape {
            n_inputs: spec.inputs.iter().map(|input| input.dim(self.spec)).sum(),
            hidden: spec.hidden.clone(),
            hidden_activation: spec.hidden_activation,
            n_outputs: spec.n_outputs,
            output: spec.output,
        };
        let mut parameters = self.room_for_parameters(&shape)?;
        for seed in self.seeds {
            init::xavier_uniform(&shape, &mut seed::stream(*seed, &name, 0), &mut parameters);
        }
        let id = self.engine.add_network(&shape, &parameters)?;
        Ok(Network { name, id, inputs: spec.inputs.clone(), shape })
    }

    /// Adds a target network, `target_NAME`, that starts equal to its online network.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn add_target(&mut self, online: &Network) -> Result<Network, EngineError> {
        let mut parameters = self.room_for_parameters(&online.shape)?;
        for member in 0..self.seeds.len() {
            parameters.extend(self.engine.state(online.id, member).parameters);
        }
        let id = self.engine.add_network(&online.shape, &parameters)?;
        Ok(Network { name: format!("target_{}", online.name).into(), id, ..online.clone() })
    }

    fn room_for_parameters(&self, shape: &NetworkShape) -> Result<Vec<f32>, EngineError> {
        let n_numbers = shape.n_parameters().saturating_mul(self.seeds.len());
        memory::with_room(n_numbers).map_err(|error| error.of(self.engine.name(), "add a network"))
    }

    /// Adds a block of rows of `inputs`: `n_rows` of them one below the other, to be named.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn add_rows<const N: usize>(
        &mut self,
        inputs: &[Input],
        n_rows: [usize; N],
    ) -> Result<[Rows; N], EngineError> {
        let columns: Vec<_> = inputs.iter().map(|input| (*input, input.dim(self.spec))).collect();
        let width = columns.iter().map(|(_, dim)| dim).sum();
        let block = self.engine.add_rows(n_rows.iter().sum(), width)?;
        let mut end = 0;
        Ok(n_rows.map(|n_rows| {
            let first_row = end;
            end += n_rows;
            Rows { block, range: first_row..end, columns: columns.clone() }
        }))
    }

    /// Adds a pass of a network over rows that begin with its inputs. A backward pass may be asked for
    /// those of `saved`.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    ///
    /// # Panics
    ///
    /// If the rows hold other inputs, or `saved` are not among them.
    pub fn add_pass(
        &mut self,
        network: &Network,
        rows: &Rows,
        saved: Option<&Rows>,
    ) -> Result<Pass, EngineError> {
        let found = rows.columns.iter().map(|(input, _)| input);
        assert!(network.inputs.iter().eq(found.take(network.inputs.len())), "rows of its inputs");
        let saved = saved.map_or(0..0, |saved| rows.position_of(saved));
        let id = self.engine.add_pass(network.id, rows.block, rows.range.clone(), saved)?;
        Ok(Pass { id, rows: rows.clone(), n_outputs: network.shape.n_outputs })
    }
}
