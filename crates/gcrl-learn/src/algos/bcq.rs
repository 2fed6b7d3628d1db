//! g-BCQ: goal-conditioned batch-constrained Q-learning.
//!
//! ```text
//! a(s, g)  = D(s, g, z)                                     z as in networks::autoencoder
//! u(s, g)  = clip(a + Φ ξ(s, g, a), −1, 1)                    ξ': target network
//! y        = clip(r + γ max_i (λ min_k Q'_k + (1 − λ) max_k Q'_k)(s_{t+1}, g, u'_i))      i = 1..n, k = 1, 2
//! L(Q_k)   = 1/B Σ (y − Q_k(s_t, g, u_t))²
//! L(ξ)     = −1/B Σ Q_1(s_t, g, u(s_t, g))
//! L(E, D) as in networks::autoencoder
//! policy   = the u_i of n frozen latents with the largest Q_1
//! ```
//!
//! Source: Fujimoto et al., "Off-Policy Deep Reinforcement Learning without Exploration", 2019, algorithm 1.
//! What Yang et al., 2022, ran is known to be without relabeling, on goals beside states, and most likely
//! the code `sfujim/BCQ`: from it are Φ = 0.05, λ = 0.75, n = 10, hidden layers of 750 and 750 in `E` and
//! `D`, and all numbers of the autoencoder.
//!
//! **Deviations:** all gradients are taken at the same parameters (there one network after the other);
//! networks but the autoencoder, batch, discount, optimizer and target steps are those of `[train]` (there
//! layers of 400 and 300, 100, 0.99, 1e-3 and 0.005 an update); inputs are scaled by normalizers that know
//! the batch, the achieved goal is no input, rewards are those of `s_{t+1}`, targets are clipped and nothing
//! terminates, as everywhere here; the policy's latents are frozen, and n as in learning (the code acts by
//! 100 new ones).

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::gaussian::standard_normal;
use crate::losses;
use crate::networks::autoencoder::{self, Autoencoder};
use crate::networks::critics::Critics;
use crate::networks::perturbation::Perturbation;
use crate::networks::policy;
use crate::networks::rows::{Input, Rows, STATE, STATE_ACTION};
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::{Network, Setup};
use crate::step::{Step, repeat};
use gcrl_core::seed;
use gcrl_data::Relabel;
use gcrl_nn::{At, Engine, EngineError, NetworkId};
use gcrl_policy::{BcqParts, MAX_WIDTH, PolicyKind, PolicyParts};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Settings, in the table `[bcq]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Probability that a goal is one achieved later in the episode, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub relabel: f32,
    /// Φ: the largest perturbation, in units of the largest action; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub max_perturbation: f32,
    /// λ: the share of the least critic in targets, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub least_share: f32,
    /// n: actions to choose from, 1 to 1,000.
    pub n_candidates: usize,
    /// Units of the hidden layers of the autoencoder's networks: at least one layer, each of 1 to
    /// [`MAX_WIDTH`] (65,536) units.
    pub autoencoder_hidden: Vec<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            relabel: 0.0,
            max_perturbation: 0.05,
            least_share: 0.75,
            n_candidates: 10,
            autoencoder_hidden: vec![750, 750],
        }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        let (unit, hidden) = (0.0..=1.0, &self.autoencoder_hidden);
        let is_hidden = !hidden.is_empty() && hidden.iter().all(|n| (1..=MAX_WIDTH).contains(n));
        first_problem([
            (unit.contains(&self.relabel), "bcq.relabel must be in [0, 1]"),
            (0.0 <= self.max_perturbation, "bcq.max_perturbation must not be negative"),
            (unit.contains(&self.least_share), "bcq.least_share must be in [0, 1]"),
            ((1..=1000).contains(&self.n_candidates), "bcq.n_candidates must be in [1, 1000]"),
            (is_hidden, "bcq.autoencoder_hidden must hold layers of 1 to 65536 units"),
        ])
    }
}

/// g-BCQ on a population.
pub struct Bcq {
    config: Config,
    autoencoder: Autoencoder,
    perturbation: Perturbation,
    critics: Critics,
    /// `(s_t, g, u_t)` and `(s_t, g, u)`.
    data: Rows,
    policy: Rows,
    /// `(s_{t+1}, g, u'_i)`, the candidates of a transition one below the other.
    candidates: Rows,
    /// The policy's of each member, `[n_members][n_candidates, latent_dim]`.
    latents: Vec<Vec<f32>>,
}

impl Registered for Bcq {
    const NAME: &'static str = "bcq";
    const PAPER_NAME: &'static str = "g-BCQ";
    const SUMMARY: &'static str = "Q-learning among actions like the data's, on original goals";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let (batch_size, n) = (setup.settings.batch_size, config.n_candidates);
        let autoencoder = Autoencoder::new(setup, &config.autoencoder_hidden, n)?;
        let perturbation = Perturbation::new(setup, config.max_perturbation, n)?;
        let [data, policy] = setup.add_rows(&STATE_ACTION, [batch_size; 2])?;
        let [candidates] = setup.add_rows(&STATE_ACTION, [n * batch_size])?;
        let learned = data.to(&policy);
        let critics = Critics::new(setup, 2, (&learned, &learned), &candidates)?;
        let latents_of = |root: &u64| {
            let mut rng = seed::stream(*root, "policy_latents", 0);
            autoencoder::limited(standard_normal(n * autoencoder.latent_dim(), &mut rng))
        };
        let latents = setup.seeds.iter().map(latents_of).collect();
        Ok(Self { config, autoencoder, perturbation, critics, data, policy, candidates, latents })
    }
}

impl Algorithm for Bcq {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let Self { autoencoder, perturbation, critics, data, policy, candidates, .. } = self;
        let Config { relabel, least_share, n_candidates, .. } = self.config;
        let transitions = step.sample_batch(Relabel { future_probability: relabel });
        step.update_normalizers(&transitions);
        let repeated = repeat(&transitions, n_candidates);
        step.gather(data, &transitions, At::Now, &STATE_ACTION)?;
        step.gather(policy, &transitions, At::Now, &STATE)?;
        step.gather(candidates, &repeated, At::Next, &STATE)?;

        let generated = autoencoder.forward(step, &transitions, &repeated)?;
        let batches = (&transitions[..], &repeated[..]);
        let perturbed = perturbation.forward(step, batches, (autoencoder, &generated))?;
        step.write(policy, Input::Action, &perturbed.now.numbers)?;
        step.write(candidates, Input::Action, &perturbed.next.numbers)?;
        let q = critics.forward(step);

        let (discount, batch_size) = (step.settings.discount, step.settings.batch_size);
        let rewards: Vec<_> = step.batches(&transitions).map(|batch| step.rewards(batch)).collect();
        let critic_losses = critics.regress(step, data, &q, |_, member| {
            let values =
                losses::mixed_over_critics(&q.each_target(member, candidates), least_share);
            let next_values = losses::largest_of_each(&values, n_candidates);
            losses::critic_targets(&rewards[member], &next_values, discount)
        });
        let by_value = vec![-1.0 / batch_size as f32; transitions.len()];
        let by_action = critics.action_gradient(step, policy, &[by_value]);
        perturbation.backward(step, &perturbed, &by_action);
        let autoencoder_losses = autoencoder.regress(step, &transitions, &generated);
        autoencoder.apply_gradients(step);
        perturbation.apply_gradients(step);
        critics.apply_gradients(step);

        let losses = (0..step.n_members()).map(|member| {
            let mean_q = losses::mean(q.each(member, policy)[0]);
            vec![
                ("policy_loss", -mean_q),
                ("critic_loss", critic_losses[member]),
                ("autoencoder_loss", autoencoder_losses[member]),
                ("mean_q", mean_q),
            ]
        });
        Ok(losses.collect())
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        let Self { autoencoder, perturbation, .. } = self;
        let others = [&autoencoder.encoder, &autoencoder.decoder]
            .into_iter()
            .chain([&perturbation.online, &perturbation.target]);
        others.chain(self.critics.networks()).map(Network::entry).collect()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        let network = |network: &Network| policy::network(network, member, engine);
        let parts = BcqParts {
            decoder: network(&self.autoencoder.decoder),
            perturbation: network(&self.perturbation.online),
            critic: network(self.critics.first()),
            max_perturbation: self.config.max_perturbation,
            latent_dim: self.autoencoder.latent_dim(),
            latents: self.latents[member].clone(),
        };
        policy::framed(PolicyKind::Bcq(parts), frame)
    }
}
