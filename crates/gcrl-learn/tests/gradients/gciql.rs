//! GCIQL.

use crate::formula::{Before, Case, DISCOUNT, N_BEFORE, Net, SEED, chosen, run, value};
use gcrl_core::{TransitionIndex, seed};
use gcrl_data::{FutureLaw, GoalMixture, Relabel};

impl Before<'_> {
    /// `1/B Σ |τ − 1[A < 0]| A²` with `A = min Q'(s, g, u) − V(s, g)`.
    fn expectile_loss(&self, net: &Net, batch: &[TransitionIndex], expectile: f64) -> f64 {
        let rows = batch.iter().map(|index| {
            let state = self.state(&self.normalizer, *index, 0);
            let targets = ["target_critic", "target_critic.1"];
            let advantage =
                self.least(targets, &state, &self.action(*index)) - net.forward(&state)[0];
            if advantage < 0.0 {
                (1.0 - expectile) * advantage.powi(2)
            } else {
                expectile * advantage.powi(2)
            }
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `1/B Σ (clip(r + γ V(s', g)) − Q(s, g, u))²`.
    fn implicit_critic_loss(&self, critic: &Net, batch: &[TransitionIndex]) -> f64 {
        let net = self.net("value");
        let rows = batch.iter().map(|index| {
            let next_value = net.forward(&self.state(&self.normalizer, *index, 1))[0];
            let target = (self.reward(*index) + DISCOUNT * next_value).clamp(-50.0, 50.0);
            let state = self.state(&self.normalizer, *index, 0);
            (target - value(critic, &state, &self.action(*index))).powi(2)
        });
        rows.sum::<f64>() / batch.len() as f64
    }
}

/// Runs GCIQL as [`run`] does; the batch is that under goals `g`, `restored` that under goals `h`.
fn run_gciql(settings: &[&str]) -> Case {
    let mut case = run("gciql", settings, Relabel::NEVER);
    let view = case.scene.episodes.view();
    let sample = |current, future, future_law, random, name: &str| {
        let mut batch = case.batch.clone();
        let mixture = GoalMixture { current, future, future_law, random };
        mixture.sample_goals(view, &mut seed::stream(SEED, name, N_BEFORE), &mut batch);
        batch
    };
    let geometric = FutureLaw::Geometric { discount: 0.98 };
    let with_g = sample(0.2, 0.5, geometric, 0.3, "value_goals");
    let with_h = sample(0.0, 1.0, FutureLaw::Uniform, 0.0, "actor_goals");
    (case.batch, case.restored) = (with_g, with_h);
    case
}

fn check_gciqls_values(case: &Case, before: &Before<'_>) {
    let loss = |net: &Net| before.expectile_loss(net, &case.batch, 0.9);
    case.check("value", &before.net("value"), loss);
    for name in ["critic", "critic.1"] {
        case.check(name, &before.net(name), |c| before.implicit_critic_loss(c, &case.batch));
    }
}

#[test]
fn gciql_weighs_by_the_advantage_of_the_least_critic_over_the_value() {
    let case = run_gciql(&["gciql.largest_weight=1.05"]);
    let before = case.before(&case.batch);
    check_gciqls_values(&case, &before);
    let weight = |index: &TransitionIndex| {
        let state = before.state(&before.normalizer, *index, 0);
        let q = before.least(["critic", "critic.1"], &state, &before.action(*index));
        (3.0 * (q - before.net("value").forward(&state)[0])).exp().min(1.05)
    };
    let weights: Vec<f64> = case.restored.iter().map(weight).collect();
    assert!(weights.contains(&1.05) && weights.iter().any(|w| *w < 1.05));
    let loss = |actor: &Net| before.late_regression(actor, &case.restored, &weights);
    case.check("actor", &before.net("actor"), loss);
}

#[test]
fn gciql_can_climb_the_least_critic_beside_regression() {
    let case = run_gciql(&["gciql.extraction=ddpg+bc", "gciql.regression_weight=0.4"]);
    let before = case.before(&case.batch);
    check_gciqls_values(&case, &before);
    let least = |actor: &Net, index: &TransitionIndex| {
        let state = before.state(&before.normalizer, *index, 0);
        before.least(["critic", "critic.1"], &state, &chosen(actor, &state))
    };
    let actor = before.net("actor");
    let size: f64 = case.restored.iter().map(|index| least(&actor, index).abs()).sum();
    let weights = vec![0.4; case.restored.len()];
    let loss = |actor: &Net| {
        let ascent: f64 = case.restored.iter().map(|index| least(actor, index)).sum();
        before.late_regression(actor, &case.restored, &weights) - ascent / size
    };
    case.check("actor", &actor, loss);
    let (found, expected) = (case.logged("policy_loss"), loss(&actor));
    assert!((found - expected).abs() < 1e-4, "policy_loss: {found}, not {expected}");
}
