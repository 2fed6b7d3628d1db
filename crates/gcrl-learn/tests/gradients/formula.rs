//! What all formulas stand on: networks in f64, and the state before an update as they see it.

use crate::common::{self, Scene, scene};
use gcrl_core::{GoalAt, TransitionIndex, seed};
use gcrl_data::Relabel;
use gcrl_learn::checkpoint::MemberCheckpoint;
use gcrl_learn::gaussian::standard_normal;
use gcrl_learn::normalizer::RunningNormalizer;
use gcrl_learn::{Checkpoint, find};
use gcrl_policy::TrainedPolicy;
use rand::RngExt;

pub(crate) const SEED: u64 = 3;
pub(crate) const N_BEFORE: u64 = 2;
pub(crate) const DISCOUNT: f64 = 0.98;

/// A network in f64: flat parameters and the widths of its layers.
#[derive(Clone)]
pub(crate) struct Net {
    pub(crate) parameters: Vec<f64>,
    pub(crate) widths: Vec<usize>,
    /// What follows each hidden layer.
    pub(crate) hidden: fn(f64) -> f64,
}

impl Net {
    pub(crate) fn forward(&self, input: &[f64]) -> Vec<f64> {
        let mut rest = &self.parameters[..];
        let mut row = input.to_vec();
        for (layer, pair) in self.widths.windows(2).enumerate() {
            let (weight, after) = rest.split_at(pair[0] * pair[1]);
            let (bias, after) = after.split_at(pair[1]);
            rest = after;
            let last = layer + 2 == self.widths.len();
            let output = (0..pair[1]).map(|j| {
                let sum =
                    bias[j] + (0..pair[0]).map(|i| row[i] * weight[i * pair[1] + j]).sum::<f64>();
                if last { sum } else { (self.hidden)(sum) }
            });
            row = output.collect();
        }
        row
    }
}

/// The state before an update, as formulas see it.
pub(crate) struct Before<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) member: &'a MemberCheckpoint,
    /// After the batch was taken in.
    pub(crate) normalizer: RunningNormalizer,
}

impl Before<'_> {
    pub(crate) fn net(&self, name: &str) -> Net {
        let spec = self.scene.spec;
        let state = spec.observation_dim() + spec.goal_dim();
        let (n_inputs, n_outputs) = match name {
            "actor" | "target_actor" => (state, spec.action_dim()),
            "value" | "target_value" => (state, 1),
            _ => (state + spec.action_dim(), 1),
        };
        self.net_of(name, n_inputs, &self.scene.config.train.hidden, n_outputs)
    }

    /// A network of other sizes.
    pub(crate) fn net_of(
        &self,
        name: &str,
        n_inputs: usize,
        hidden: &[usize],
        n_outputs: usize,
    ) -> Net {
        let parameters = self.member.networks[name].parameters.iter().map(|p| f64::from(*p));
        let widths = [&[n_inputs][..], hidden, &[n_outputs]].concat();
        Net { parameters: parameters.collect(), widths, hidden: |x| x.max(0.0) }
    }

    pub(crate) fn critic_names(&self) -> Vec<&str> {
        let names = self.member.networks.keys().map(String::as_str);
        names.filter(|name| name.starts_with("critic")).collect()
    }

    pub(crate) fn state(
        &self,
        normalizer: &RunningNormalizer,
        index: TransitionIndex,
        offset: usize,
    ) -> Vec<f64> {
        let view = self.scene.episodes.view();
        let normalizers = normalizer.normalizers();
        let spec = self.scene.spec;
        let mut row = vec![0.0; spec.observation_dim() + spec.goal_dim()];
        let (observation, goal) = row.split_at_mut(spec.observation_dim());
        let seen = view.observation(index.episode as usize, index.t as usize + offset);
        normalizers.observation.normalize(seen, observation);
        normalizers.goal.normalize(view.goal(index), goal);
        row.into_iter().map(f64::from).collect()
    }

    pub(crate) fn action(&self, index: TransitionIndex) -> Vec<f64> {
        let action = self.scene.episodes.view().action(index.episode as usize, index.t as usize);
        action.iter().map(|component| f64::from(*component)).collect()
    }

    pub(crate) fn reward(&self, index: TransitionIndex) -> f64 {
        f64::from(self.scene.episodes.view().reward(self.scene.spec, index))
    }

    /// `A = r + γ V(s') − V(s)`, under the normalizer before the batch; `V` is the mean over critics.
    pub(crate) fn advantage(&self, index: TransitionIndex) -> f64 {
        let actor = self.net("actor");
        let critics: Vec<_> = self.critic_names().iter().map(|name| self.net(name)).collect();
        let value = |offset| {
            let state = self.state(&self.member.normalizer, index, offset);
            let action = chosen(&actor, &state);
            let values = critics.iter().map(|critic| value(critic, &state, &action));
            values.sum::<f64>() / critics.len() as f64
        };
        self.reward(index) + DISCOUNT * value(1) - value(0)
    }

    /// `1/B Σ w ‖u − π‖² / U`, under the normalizer before the batch.
    pub(crate) fn regression(
        &self,
        actor: &Net,
        batch: &[TransitionIndex],
        weights: &[f64],
    ) -> f64 {
        self.regression_under(&self.member.normalizer, actor, batch, weights)
    }

    /// The same under the normalizer with the batch.
    pub(crate) fn late_regression(
        &self,
        actor: &Net,
        batch: &[TransitionIndex],
        weights: &[f64],
    ) -> f64 {
        self.regression_under(&self.normalizer, actor, batch, weights)
    }

    fn regression_under(
        &self,
        normalizer: &RunningNormalizer,
        actor: &Net,
        batch: &[TransitionIndex],
        weights: &[f64],
    ) -> f64 {
        let rows = batch.iter().zip(weights).map(|(index, weight)| {
            let (acted, action) =
                (chosen(actor, &self.state(normalizer, *index, 0)), self.action(*index));
            let errors = acted.iter().zip(&action).map(|(found, wanted)| (found - wanted).powi(2));
            weight * errors.sum::<f64>() / action.len() as f64
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `1/B Σ (y − Q(s, g, u))²`, under the normalizer with the batch.
    pub(crate) fn critic_loss(&self, name: &str, critic: &Net, batch: &[TransitionIndex]) -> f64 {
        let target_actor = self.net("target_actor");
        let target_critic = self.net(&format!("target_{name}"));
        let rows = batch.iter().map(|index| {
            let next = self.state(&self.normalizer, *index, 1);
            let next_value = value(&target_critic, &next, &chosen(&target_actor, &next));
            let target = (self.reward(*index) + DISCOUNT * next_value).clamp(-50.0, 50.0);
            let state = self.state(&self.normalizer, *index, 0);
            (target - value(critic, &state, &self.action(*index))).powi(2)
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// The least that two critics say.
    pub(crate) fn least(&self, names: [&str; 2], state: &[f64], action: &[f64]) -> f64 {
        let values = names.map(|name| value(&self.net(name), state, action));
        values[0].min(values[1])
    }
}

/// `n` standard normal numbers of the update, of this name.
pub(crate) fn normal(name: &str, n: usize) -> Vec<f64> {
    let numbers = standard_normal(n, &mut seed::stream(SEED, name, N_BEFORE));
    numbers.into_iter().map(f64::from).collect()
}

pub(crate) fn chosen(actor: &Net, state: &[f64]) -> Vec<f64> {
    actor.forward(state).into_iter().map(f64::tanh).collect()
}

pub(crate) fn value(critic: &Net, state: &[f64], action: &[f64]) -> f64 {
    critic.forward(&[state, action].concat())[0]
}

/// The gradient that an update used, from Adam's first moments around it.
pub(crate) fn used_gradient(before: &Checkpoint, after: &Checkpoint, network: &str) -> Vec<f64> {
    let moment =
        |checkpoint: &Checkpoint| checkpoint.members[0].networks[network].first_moment.clone();
    let moments = moment(before).into_iter().zip(moment(after));
    moments.map(|(m, m_after)| (f64::from(m_after) - 0.9 * f64::from(m)) / 0.1).collect()
}

pub(crate) fn assert_is_gradient(name: &str, found: &[f64], net: &Net, loss: impl Fn(&Net) -> f64) {
    const H: f64 = 1e-6;
    let largest = found.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
    assert!(1e-4 < largest, "{name}: no gradient to speak of");
    let mut n_kinks = 0;
    for (i, found) in found.iter().enumerate() {
        let at = |by: f64| {
            let mut moved = net.clone();
            moved.parameters[i] += by;
            loss(&moved)
        };
        let (middle, up, down) = (at(0.0), at(H), at(-H));
        // Where a ReLU switches within the step, the two one-sided differences disagree.
        if 1e-3 * largest < ((up - middle) - (middle - down)).abs() / H {
            n_kinks += 1;
            continue;
        }
        let expected = (up - down) / (2.0 * H);
        assert!((found - expected).abs() < 1e-3 * largest, "{name}[{i}]: {found}, not {expected}");
    }
    assert!(20 * n_kinks < found.len(), "{name}: {n_kinks} of {} at a kink", found.len());
}

pub(crate) struct Case {
    pub(crate) before: Checkpoint,
    pub(crate) after: Checkpoint,
    pub(crate) scene: Scene,
    pub(crate) batch: Vec<TransitionIndex>,
    /// With goals put back to the original ones in a fifth of all places, drawn after the batch.
    pub(crate) restored: Vec<TransitionIndex>,
}

/// Runs an algorithm for two updates, then one more.
pub(crate) fn run(algorithm: &str, settings: &[&str], relabel: Relabel) -> Case {
    let algorithm = find(algorithm).expect("registered");
    let mut config = common::settings(algorithm);
    for setting in settings {
        config = config.with_setting(setting, algorithm).expect("a setting");
    }
    let scene = scene(algorithm, config, &[SEED]);
    let mut trainer = scene.trainer();
    scene.update(&mut trainer, N_BEFORE);
    let before = trainer.checkpoint();
    scene.update(&mut trainer, 1);
    let after = trainer.checkpoint();

    let mut rng = seed::stream(SEED, "draw", N_BEFORE);
    let nothing = TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired };
    let mut batch = vec![nothing; scene.config.train.batch_size];
    let shape = scene.episodes.shape;
    gcrl_data::sample_batch(
        scene.episodes.n_episodes,
        shape.n_transitions,
        relabel,
        &mut rng,
        &mut batch,
    );
    let mut restored = batch.clone();
    for index in &mut restored {
        if rng.random::<f32>() < 0.2 {
            index.goal = GoalAt::Desired;
        }
    }
    Case { before, after, scene, batch, restored }
}

impl Case {
    /// `seen` is the batch that the normalizer takes in.
    pub(crate) fn before(&self, seen: &[TransitionIndex]) -> Before<'_> {
        let member = &self.before.members[0];
        let mut normalizer = member.normalizer.clone();
        normalizer.update(self.scene.episodes.view(), seen);
        Before { scene: &self.scene, member, normalizer }
    }

    /// The policy of before the update.
    pub(crate) fn policy(&self) -> TrainedPolicy {
        let mut trainer = self.scene.trainer();
        trainer.restore(&self.before).expect("a checkpoint of this run");
        trainer.policy(0).expect("every number is finite")
    }

    /// A number that the update logs.
    pub(crate) fn logged(&self, name: &str) -> f64 {
        let mut checkpoint = self.before.clone();
        checkpoint.n_recent = 0;
        checkpoint.members[0].recent_losses.clear();
        let mut trainer = self.scene.trainer();
        trainer.restore(&checkpoint).expect("a checkpoint of this run");
        self.scene.update(&mut trainer, 1);
        let losses = trainer.take_losses().remove(0);
        losses.into_iter().find(|(known, _)| *known == name).expect("a known name").1
    }

    pub(crate) fn check(&self, network: &str, net: &Net, loss: impl Fn(&Net) -> f64) {
        let found = used_gradient(&self.before, &self.after, network);
        assert_is_gradient(network, &found, net, loss);
    }
}
