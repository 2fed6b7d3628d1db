//! An algorithm of another crate: named, set, trained, saved and resumed like ours, with a network,
//! inputs, random numbers and a state of its own.

mod common;

use common::{scene, settings};
use gcrl_core::TransitionIndex;
use gcrl_data::Relabel;
use gcrl_learn::networks::policy;
use gcrl_learn::updates::regression::Regression;
use gcrl_learn::{
    Algorithm, AlgorithmConfig, AlgorithmEntry, ConfigError, Input, Losses, MemberState, Network,
    NetworkSpec, Pass, PolicyFrame, Registered, Rows, RunConfig, Setup, Step, entry, losses,
};
use gcrl_nn::{Accumulate, At, Engine, EngineError, HiddenActivation, NetworkId, OutputActivation};
use gcrl_policy::PolicyParts;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Clones behavior, and learns a model `f(s, a, z) → φ(s')` under noise `z`, in `s_0` as well as in
/// `s_t`: one network under two losses.
struct Modeler {
    config: Config,
    cloner: Regression,
    model: Network,
    now: Rows,
    start: Rows,
    pass: Pass,
    /// Updates that each member has seen.
    n_seen: Vec<f32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    noise: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { noise: 0.5 }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        (self.noise < 0.0).then_some("modeler.noise must not be negative")
    }
}

const NOISE: Input = Input::Free { name: "noise", dim: 1 };
const INPUTS: [Input; 3] = [Input::Observation, NOISE, Input::Action];

impl Registered for Modeler {
    const NAME: &'static str = "modeler";
    const PAPER_NAME: &'static str = "Modeler";
    const SUMMARY: &'static str = "cloning beside a model";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let cloner = Regression::new(setup)?;
        let spec = NetworkSpec {
            inputs: INPUTS.to_vec(),
            hidden: vec![16, 8],
            hidden_activation: HiddenActivation::Tanh,
            n_outputs: setup.spec.goal_dim(),
            output: OutputActivation::Linear,
        };
        let model = setup.add_network("model", &spec)?;
        let batch_size = setup.settings.batch_size;
        let [now, start] = setup.add_rows(&INPUTS, [batch_size; 2])?;
        let all = now.to(&start);
        let pass = setup.add_pass(&model, &all, Some(&all))?;
        let n_seen = vec![0.0; setup.seeds.len()];
        Ok(Self { config, cloner, model, now, start, pass, n_seen })
    }
}

impl Algorithm for Modeler {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let mut all_losses =
            self.cloner.update(step, Relabel::NEVER, |batch| vec![1.0; batch.len()])?;
        let transitions = step.sample_batch(Relabel::NEVER);
        step.gather(&self.now, &transitions, At::Now, &[Input::Observation, Input::Action])?;
        let first: Vec<_> =
            transitions.iter().map(|index| TransitionIndex { t: 0, ..*index }).collect();
        step.gather(&self.start, &first, At::Start, &[Input::Observation, Input::Action])?;
        let noise: Vec<f32> = (0..step.n_members())
            .flat_map(|member| {
                let mut rng = step.stream(member, "noise");
                let scale = self.config.noise;
                (0..step.settings.batch_size).map(move |_| scale * rng.random::<f32>())
            })
            .collect();
        step.write(&self.now, NOISE, &noise)?;
        step.write(&self.start, NOISE, &noise)?;
        step.forward(&self.pass);
        let outputs = step.outputs(&self.pass);
        let parts =
            [(&self.now, &transitions, Accumulate::Set), (&self.start, &first, Accumulate::Add)];
        for (rows, transitions, accumulate) in parts {
            let mut gradient = Vec::new();
            for (member, batch) in step.batches(transitions).enumerate() {
                let reached = batch.iter().flat_map(|index| {
                    step.episodes().achieved_goal(index.episode as usize, index.t as usize + 1)
                });
                let wanted: Vec<f32> = reached.copied().collect();
                let loss = losses::squared_error(outputs.of(member, rows), &wanted);
                all_losses[member].push(("model_loss", loss.value));
                gradient.extend(loss.gradient);
            }
            step.backward(&self.pass, rows, &gradient, accumulate);
        }
        step.adam(&self.model);
        self.n_seen.iter_mut().for_each(|n_seen| *n_seen += 1.0);
        Ok(all_losses)
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        vec![self.cloner.actor.entry(), self.model.entry()]
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.cloner.actor, member, engine, frame)
    }

    fn state(&self, member: usize) -> MemberState {
        MemberState::from([("n_seen".to_owned(), vec![self.n_seen[member]])])
    }

    fn set_state(&mut self, member: usize, state: &MemberState) {
        self.n_seen[member] = state["n_seen"][0];
    }
}

const MODELER: AlgorithmEntry = entry::<Modeler>();

#[test]
fn it_is_set_and_read_like_ours() {
    let config = RunConfig { dataset: Some("data".to_owned()), ..settings(&MODELER) };
    let config = config.with_setting("modeler.noise=0.25", &MODELER).unwrap();
    assert_eq!(RunConfig::from_table(config.to_table(), &MODELER).unwrap(), config);
    assert!(config.resolve(&MODELER).is_ok());
    let refused = config.clone().with_setting("modeler.nose=1", &MODELER);
    assert!(matches!(refused, Err(ConfigError::Table { table, .. }) if table == "modeler"));
    let negative = config.with_setting("modeler.noise=-1", &MODELER).unwrap();
    let message = negative.resolve(&MODELER).err().unwrap().to_string();
    assert_eq!(message, "modeler.noise must not be negative");
}

#[test]
fn it_learns_and_its_model_fits_the_data() {
    let scene = scene(&MODELER, settings(&MODELER), &[1]);
    let mut trainer = scene.trainer();
    let mut model_loss = |n_updates| {
        scene.update(&mut trainer, n_updates);
        let losses = trainer.take_losses();
        losses[0]
            .iter()
            .filter(|(name, _)| *name == "model_loss")
            .map(|(_, loss)| loss)
            .sum::<f64>()
    };
    let at_first = model_loss(10);
    let _ = model_loss(300);
    let at_last = model_loss(10);
    assert!(at_last < 0.3 * at_first, "{at_first}, then {at_last}");
    assert!(trainer.policy(0).is_ok());
}

#[test]
fn a_seed_beside_others_and_a_run_resumed_end_with_the_same_bits() {
    let together = scene(&MODELER, settings(&MODELER), &[1, 2]);
    let alone = scene(&MODELER, settings(&MODELER), &[2]);
    let (mut population, mut member) = (together.trainer(), alone.trainer());
    together.update(&mut population, 7);
    alone.update(&mut member, 7);
    assert_eq!(population.checkpoint().members[1], member.checkpoint().members[0]);
    assert_eq!(member.checkpoint().members[0].state["n_seen"], [7.0]);

    let mut resumed = alone.trainer();
    resumed.restore(&member.checkpoint()).unwrap();
    alone.update(&mut resumed, 5);
    alone.update(&mut member, 5);
    assert_eq!(resumed.checkpoint(), member.checkpoint());
}

#[test]
fn networks_that_do_not_fit_into_memory_are_refused() {
    let mut scene = scene(&MODELER, settings(&MODELER), &[1]);
    // 2⁵⁰ bytes.
    scene.config.train.hidden = vec![1 << 16; 1 << 16];
    let message = scene.try_trainer().err().unwrap().to_string();
    assert!(message.starts_with("engine `native` failed to add a network: "), "{message}");
    assert!(message.ends_with(" bytes do not fit into memory"), "{message}");
}
