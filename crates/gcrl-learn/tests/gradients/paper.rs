//! The paper's method and its baselines.

use crate::formula::{Before, DISCOUNT, Net, chosen, run, value};
use gcrl_core::{GoalAt, TransitionIndex};
use gcrl_data::Relabel;

impl Before<'_> {
    /// `−1/B Σ Q(s, g, π) + λ · mean π²`, under the normalizer with the batch.
    fn policy_gradient_loss(&self, actor: &Net, batch: &[TransitionIndex], penalty: f64) -> f64 {
        let critic = self.net("critic");
        let rows = batch.iter().map(|index| {
            let state = self.state(&self.normalizer, *index, 0);
            let action = chosen(actor, &state);
            let mean_square = action.iter().map(|a| a * a).sum::<f64>() / action.len() as f64;
            penalty * mean_square - value(&critic, &state, &action)
        });
        rows.sum::<f64>() / batch.len() as f64
    }
}

#[test]
fn gcsl_and_bc_regress_on_hindsight_and_on_original_goals() {
    for (algorithm, relabel) in [("gcsl", Relabel::ALWAYS), ("bc", Relabel::NEVER)] {
        let case = run(algorithm, &[], relabel);
        let before = case.before(&case.batch);
        let weights = vec![1.0; case.batch.len()];
        let loss = |actor: &Net| before.regression(actor, &case.batch, &weights);
        case.check("actor", &before.net("actor"), loss);
    }
}

#[test]
fn marwil_weighs_by_the_exponential_advantage_of_original_goals() {
    for (setting, clip) in
        [("marwil.advantage_clip=3e38", f64::INFINITY), ("marwil.advantage_clip=1.01", 1.01)]
    {
        let case = run("marwil", &[setting], Relabel::NEVER);
        let before = case.before(&case.batch);
        let weight = |index: &_| before.advantage(*index).exp().min(clip);
        let weights: Vec<f64> = case.batch.iter().map(weight).collect();
        assert_eq!(weights.contains(&clip), clip.is_finite(), "the limit is at work: {weights:?}");
        let critic_loss = |critic: &Net| before.critic_loss("critic", critic, &case.batch);
        case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
        case.check("critic", &before.net("critic"), critic_loss);
    }
}

#[test]
fn wgcsl_weighs_by_all_three_weights() {
    // A clip of 1.1 and a percentile of 60 by the third update: each of the weights is at work.
    let settings = ["wgcsl.advantage_clip=1.1", "wgcsl.curriculum.percentile_step=20"];
    let case = run("wgcsl", &settings, Relabel::ALWAYS);
    let before = case.before(&case.restored);
    let advantages: Vec<f64> = case.batch.iter().map(|i| before.advantage(*i)).collect();
    let mut recent: Vec<f64> = before.member.state["recent_advantages"]
        .iter()
        .map(|a| f64::from(*a))
        .chain(advantages.clone())
        .collect();
    recent.sort_by(f64::total_cmp);
    let rank = 0.6 * (recent.len() - 1) as f64;
    let (low, share) = (recent[rank as usize], rank.fract());
    let threshold = low + share * (recent[rank as usize + 1] - low);
    let weights: Vec<f64> = case
        .batch
        .iter()
        .zip(&advantages)
        .map(|(index, advantage)| {
            let GoalAt::Achieved(i) = index.goal else { panic!("every goal is relabeled") };
            let discounted_relabeling = DISCOUNT.powi((i - index.t - 1) as i32);
            let exponential_advantage = advantage.exp().min(1.1);
            let best_advantage = if threshold <= *advantage { 1.0 } else { 0.05 };
            discounted_relabeling * exponential_advantage * best_advantage
        })
        .collect();
    case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
    case.check("critic", &before.net("critic"), |c| {
        before.critic_loss("critic", c, &case.restored)
    });
}

#[test]
fn wgcsl_with_three_critics_averages_their_values_and_each_learns_from_its_own_target() {
    let settings = ["wgcsl.n_critics=3", "wgcsl.best_advantage=false"];
    let case = run("wgcsl", &settings, Relabel::ALWAYS);
    let before = case.before(&case.restored);
    let weight = |index: &TransitionIndex| {
        let GoalAt::Achieved(i) = index.goal else { panic!("every goal is relabeled") };
        DISCOUNT.powi((i - index.t - 1) as i32) * before.advantage(*index).exp().min(10.0)
    };
    let weights: Vec<f64> = case.batch.iter().map(weight).collect();
    case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
    assert_eq!(before.critic_names(), ["critic", "critic.1", "critic.2"]);
    for name in before.critic_names() {
        let loss = |critic: &Net| before.critic_loss(name, critic, &case.restored);
        case.check(name, &before.net(name), loss);
    }
    assert_ne!(before.net("critic").parameters, before.net("critic.1").parameters);
}

#[test]
fn wgcsl_with_the_relabeling_weight_alone_has_no_critic() {
    let settings = ["wgcsl.exponential_advantage=false", "wgcsl.best_advantage=false"];
    let case = run("wgcsl", &settings, Relabel::ALWAYS);
    assert_eq!(case.before.members[0].networks.len(), 1);
    let before = case.before(&case.batch);
    let weight = |index: &TransitionIndex| match index.goal {
        GoalAt::Achieved(i) => DISCOUNT.powi((i - index.t - 1) as i32),
        _ => panic!("every goal is relabeled"),
    };
    let weights: Vec<f64> = case.batch.iter().map(weight).collect();
    case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
}

#[test]
fn her_and_ddpg_climb_the_critic_with_a_penalty_on_actions() {
    let her = Relabel { future_probability: 0.8 };
    for (algorithm, relabel) in [("her", her), ("ddpg", Relabel::NEVER)] {
        let setting = format!("{algorithm}.action_penalty=0.3");
        let case = run(algorithm, &[&setting], relabel);
        let before = case.before(&case.batch);
        let loss = |actor: &Net| before.policy_gradient_loss(actor, &case.batch, 0.3);
        case.check("actor", &before.net("actor"), loss);
        case.check("critic", &before.net("critic"), |c| {
            before.critic_loss("critic", c, &case.batch)
        });
    }
}
