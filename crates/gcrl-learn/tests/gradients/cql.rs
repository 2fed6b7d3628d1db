//! g-CQL.

use crate::formula::{Before, DISCOUNT, N_BEFORE, Net, SEED, normal, run, value};
use gcrl_core::{TransitionIndex, seed};
use gcrl_data::Relabel;
use gcrl_learn::gaussian::standard_normal;
use gcrl_policy::PolicyKind;
use std::f64::consts::{LN_2, TAU};

const N_ACTIONS: usize = 2;
const ACTION_DIM: usize = 2;
const SETTINGS: [&str; 2] = ["cql.n_actions=2", "cql.conservative_weight=3"];

impl Before<'_> {
    /// `(μ, log σ)`
    fn soft_actor(&self) -> Net {
        self.net_of("actor", 5, &self.scene.config.train.hidden, 2 * ACTION_DIM)
    }

    /// The derivative of the temperature's loss by `log α`, as `updates::temperature` has it: `−mean (log π + H̄)`,
    /// `H̄ = −U`.
    fn temperature_gradient(&self, batch: &[TransitionIndex]) -> f64 {
        let actor = self.soft_actor();
        let noise = normal("actions", batch.len() * ACTION_DIM);
        let log_densities = batch.iter().zip(noise.chunks(ACTION_DIM)).map(|(index, noise)| {
            sample(&actor, &self.state(&self.normalizer, *index, 0), noise).1
        });
        ACTION_DIM as f64 - log_densities.sum::<f64>() / batch.len() as f64
    }

    /// `−min_k Q_k` and `α log π`, together the actor's loss.
    fn soft_actor_loss(&self, actor: &Net, batch: &[TransitionIndex]) -> f64 {
        let noise = normal("actions", batch.len() * ACTION_DIM);
        let alpha = f64::from(self.member.state["temperature"][0]).exp();
        let rows = batch.iter().zip(noise.chunks(ACTION_DIM)).map(|(index, noise)| {
            let state = self.state(&self.normalizer, *index, 0);
            let (action, log_density) = sample(actor, &state, noise);
            alpha * log_density - self.least(["critic", "critic.1"], &state, &action)
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// Squared error and conservatism.
    fn conservative_loss(&self, critic: &Net, batch: &[TransitionIndex]) -> f64 {
        let actor = self.soft_actor();
        let next_noise = normal("next_actions", batch.len() * ACTION_DIM);
        let mut rng = seed::stream(SEED, "other_actions", N_BEFORE);
        let rows = batch.iter().zip(next_noise.chunks(ACTION_DIM)).map(|(index, next_noise)| {
            let [state, next] = [0, 1].map(|at| self.state(&self.normalizer, *index, at));
            let (next_action, _) = sample(&actor, &next, next_noise);
            let next_value = self.least(["target_critic", "target_critic.1"], &next, &next_action);
            let target = (self.reward(*index) + DISCOUNT * next_value).clamp(-50.0, 50.0);
            let of_data = value(critic, &state, &self.action(*index));

            let mut sum = 0.0;
            for _ in 0..N_ACTIONS {
                let action = [(); ACTION_DIM].map(|()| f64::from(seed::signed_unit_f32(&mut rng)));
                sum += value(critic, &state, &action).exp() * (ACTION_DIM as f64 * LN_2).exp();
            }
            for distributed_in in [&state, &next] {
                let noise = standard_normal(N_ACTIONS * ACTION_DIM, &mut rng);
                let noise: Vec<f64> = noise.into_iter().map(f64::from).collect();
                for noise in noise.chunks(ACTION_DIM) {
                    let (action, log_density) = sample(&actor, distributed_in, noise);
                    sum += value(critic, &state, &action).exp() / log_density.exp();
                }
            }
            (target - of_data).powi(2) + 3.0 * (sum.ln() - of_data)
        });
        rows.sum::<f64>() / batch.len() as f64
    }
}

/// `tanh(μ + σ ε)` and its log density.
fn sample(actor: &Net, state: &[f64], noise: &[f64]) -> (Vec<f64>, f64) {
    let parameters = actor.forward(state);
    let (means, log_stds) = parameters.split_at(ACTION_DIM);
    let mut log_density = 0.0;
    let numbers = means.iter().zip(log_stds).zip(noise).map(|((mean, log_std), e)| {
        let action = (mean + log_std.exp() * e).tanh();
        log_density -= 0.5 * e * e + log_std + 0.5 * TAU.ln() + (1.0 - action * action).ln();
        action
    });
    (numbers.collect(), log_density)
}

#[test]
fn cql_doubts_actions_that_the_data_lack_and_keeps_its_actor_soft() {
    let case = run("cql", &SETTINGS, Relabel::NEVER);
    let before = case.before(&case.batch);
    for name in ["critic", "critic.1"] {
        case.check(name, &before.net(name), |c| before.conservative_loss(c, &case.batch));
    }
    case.check("actor", &before.soft_actor(), |a| before.soft_actor_loss(a, &case.batch));
    let [old, new] = [&case.before, &case.after].map(|it| &it.members[0].state["temperature"]);
    assert!(old[0] != 0.0 && old[0] != new[0], "the temperature moves: {old:?}, {new:?}");
    // Numbers 1 are Adam's first moments.
    let found = (f64::from(new[1]) - 0.9 * f64::from(old[1])) / 0.1;
    let expected = before.temperature_gradient(&case.batch);
    assert!((found - expected).abs() < 1e-4, "temperature: {found}, not {expected}");
}

#[test]
fn cql_acts_by_the_mean() {
    let case = run("cql", &SETTINGS, Relabel::ALWAYS);
    let policy = case.policy();
    let PolicyKind::Mlp(network) = &policy.parts().kind else { panic!("a policy of kind `mlp`") };
    let parameters = network.layers.iter().flat_map(|layer| layer.weight.iter().chain(&layer.bias));
    let parameters = parameters.map(|number| f64::from(*number)).collect();
    let before = case.before(&case.batch);
    let whole = before.soft_actor();
    let mean = Net { parameters, widths: network.widths(), ..whole.clone() };
    assert_eq!(network.output, gcrl_policy::Activation::Tanh);
    for index in &case.batch {
        let state = before.state(&before.normalizer, *index, 0);
        assert_eq!(mean.forward(&state), whole.forward(&state)[..ACTION_DIM]);
    }
}
