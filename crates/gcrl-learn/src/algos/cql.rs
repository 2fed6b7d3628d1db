//! g-CQL: goal-conditioned conservative Q-learning, CQL(H) on a soft actor-critic.
//!
//! ```text
//! π(· | s, g) = tanh N(μ, σ²),  log σ in [−20, 2]                  crate::gaussian
//! y        = clip(r + γ min_k Q'_k(s_{t+1}, g, a'))      a' ~ π(· | s_{t+1}, g), k = 1, 2
//! L(Q_k)   = 1/B Σ (y − Q_k(s_t, g, u_t))² + α_Q / B Σ (log Σ_i exp(Q_k(s_t, g, a_i) − log p(a_i)) − Q_k(s_t, g, u_t))
//!            a_i: n uniform, n of π(· | s_t, g), n of π(· | s_{t+1}, g), with the density p of each
//! L(π)     = 1/B Σ α log π(a | s_t, g) − min_k Q_k(s_t, g, a)      a ~ π(· | s_t, g)
//! L(log α) as in updates::temperature, H̄ = −U
//! ```
//!
//! The policy that is exported, and acts, is `tanh μ`.
//!
//! Source: Kumar et al., "Conservative Q-Learning for Offline Reinforcement Learning", 2020, equation 4. What
//! Yang et al., 2022, ran is known to be without relabeling, on goals beside states, and most likely the
//! code `aviralkumar2907/CQL`: from it are n = 10, targets without entropy, H̄, and `α_Q` = 5, its advice
//! for runs that do not adapt it.
//!
//! **Deviations:** all gradients are taken at the same parameters; no first updates by behavior cloning
//! (there 40,000 of a million or more); networks, batch, discount, optimizer and target steps are those of
//! `[train]` (there 256, 0.99, 1e-4 and 3e-4, 0.005 an update); inputs are scaled by normalizers that know
//! the batch, the achieved goal is no input, rewards are those of `s_{t+1}`, targets are clipped and nothing
//! terminates, as everywhere here.

use crate::algorithm::{Algorithm, Losses, MemberState, PolicyFrame};
use crate::losses;
use crate::networks::critics::Critics;
use crate::networks::policy;
use crate::networks::rows::{Input, Rows, STATE, STATE_ACTION};
use crate::networks::soft_actor::SoftActor;
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::{Network, Setup};
use crate::step::{Step, repeat};
use crate::updates::temperature::Temperature;
use gcrl_data::Relabel;
use gcrl_nn::{At, Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// The name of the temperature in a checkpoint.
const TEMPERATURE: &str = "temperature";

/// Settings, in the table `[cql]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Probability that a goal is one achieved later in the episode, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub relabel: f32,
    /// `α_Q`: the weight of conservatism; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub conservative_weight: f32,
    /// n: actions of each kind to compare the data's with, 1 to 1,000.
    pub n_actions: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { relabel: 0.0, conservative_weight: 5.0, n_actions: 10 }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        first_problem([
            ((0.0..=1.0).contains(&self.relabel), "cql.relabel must be in [0, 1]"),
            (0.0 <= self.conservative_weight, "cql.conservative_weight must not be negative"),
            ((1..=1000).contains(&self.n_actions), "cql.n_actions must be in [1, 1000]"),
        ])
    }
}

/// g-CQL on a population.
pub struct Cql {
    config: Config,
    actor: SoftActor,
    critics: Critics,
    /// `(s_t, g, u_t)`
    data: Rows,
    /// `(s_t, g, a_i)`, those of a transition one below the other.
    compared: Rows,
    /// `(s_t, g, a)`
    policy: Rows,
    /// `(s_{t+1}, g, a')`
    target: Rows,
    /// `[n_members]`
    temperatures: Vec<Temperature>,
}

impl Registered for Cql {
    const NAME: &'static str = "cql";
    const PAPER_NAME: &'static str = "g-CQL";
    const SUMMARY: &'static str =
        "Q-learning that doubts actions unlike the data's, on original goals";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let batch_size = setup.settings.batch_size;
        let actor = SoftActor::new(setup)?;
        let n_rows = [batch_size, 3 * config.n_actions * batch_size, batch_size];
        let [data, compared, policy] = setup.add_rows(&STATE_ACTION, n_rows)?;
        let [target] = setup.add_rows(&STATE_ACTION, [batch_size])?;
        let all = data.to(&policy);
        let critics = Critics::new(setup, 2, (&all, &all), &target)?;
        let temperatures = vec![Temperature::default(); setup.seeds.len()];
        Ok(Self { config, actor, critics, data, compared, policy, target, temperatures })
    }
}

impl Algorithm for Cql {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let Self { config, actor, critics, data, compared, policy, target, temperatures } = self;
        let transitions = step.sample_batch(Relabel { future_probability: config.relabel });
        step.update_normalizers(&transitions);
        let acted = actor.forward(step, &transitions)?;
        let others = actor.sample_others(step, &acted, config.n_actions, compared);
        let repeated = repeat(&transitions, 3 * config.n_actions);
        step.gather(data, &transitions, At::Now, &STATE_ACTION)?;
        for (rows, transitions, at, actions) in [
            (&*compared, &repeated, At::Now, &others.actions.numbers),
            (&*policy, &transitions, At::Now, &acted.now.actions.numbers),
            (&*target, &transitions, At::Next, &acted.next.actions.numbers),
        ] {
            step.gather(rows, transitions, at, &STATE)?;
            step.write(rows, Input::Action, actions)?;
        }
        let q = critics.forward(step);

        let mut gradients = vec![Vec::new(); 2];
        let mut all_losses = Vec::with_capacity(step.n_members());
        for (member, batch) in step.batches(&transitions).enumerate() {
            let next_values = q.least_target(member, target);
            let targets =
                losses::critic_targets(&step.rewards(batch), &next_values, step.settings.discount);
            let log_densities = others.log_densities.of(member, compared);
            let values = q.each(member, data).into_iter().zip(q.each(member, compared));
            let (mut critic_loss, mut conservatism) = (0.0, 0.0);
            for (gradient, (of_data, of_compared)) in gradients.iter_mut().zip(values) {
                let error = losses::squared_error(of_data, &targets);
                let excess = losses::conservatism(of_data, of_compared, log_densities);
                critic_loss += 0.5 * error.value;
                conservatism += 0.5 * excess.value;
                let weighted = |slope: &f32| config.conservative_weight * slope;
                let by_data = excess.by_data.iter().map(weighted).zip(&error.gradient);
                let by_data = by_data.map(|(excess, error)| excess + error);
                gradient.extend(by_data.chain(excess.by_compared.iter().map(weighted)));
            }
            all_losses.push(vec![("critic_loss", critic_loss), ("conservatism", conservatism)]);
        }
        critics.backward(step, &data.to(compared), &gradients);
        let by_action = critics.action_gradient(step, policy, &q.ascent(policy));
        let alphas: Vec<f32> = temperatures.iter().map(Temperature::alpha).collect();
        actor.backward(step, &acted, (&by_action, policy), &alphas);
        step.adam(&actor.network);
        critics.apply_gradients(step);

        for (member, losses) in all_losses.iter_mut().enumerate() {
            let densities = acted.now.log_densities.of(member, &actor.now);
            let mean_q = losses::mean(&q.least(member, policy));
            let (entropy, alpha) = (-losses::mean(densities), f64::from(alphas[member]));
            losses.extend([
                ("policy_loss", -alpha * entropy - mean_q),
                ("entropy", entropy),
                ("temperature", alpha),
                ("mean_q", mean_q),
            ]);
            let target_entropy = -(step.spec.action_dim() as f32);
            temperatures[member].update(densities, target_entropy, step.learning_rates[member]);
        }
        Ok(all_losses)
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        let critics = self.critics.networks();
        std::iter::once(&self.actor.network).chain(critics).map(Network::entry).collect()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_mean(&self.actor.network, member, engine, frame)
    }

    fn state(&self, member: usize) -> MemberState {
        MemberState::from([(TEMPERATURE.to_owned(), self.temperatures[member].state())])
    }

    fn state_len(&self, _name: &str) -> RangeInclusive<usize> {
        Temperature::N_NUMBERS..=Temperature::N_NUMBERS
    }

    fn set_state(&mut self, member: usize, state: &MemberState) {
        self.temperatures[member] = Temperature::from_state(&state[TEMPERATURE]);
    }
}
