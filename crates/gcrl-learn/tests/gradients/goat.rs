//! GOAT.

use crate::formula::{Before, Net, chosen, run, value};
use gcrl_core::TransitionIndex;
use gcrl_data::Relabel;

impl Before<'_> {
    /// `σ` over three critics, under the normalizer before the batch.
    fn deviation(&self, index: TransitionIndex) -> f64 {
        let state = self.state(&self.member.normalizer, index, 0);
        let action = chosen(&self.net("actor"), &state);
        let names = ["critic", "critic.1", "critic.2"];
        let values = names.map(|name| value(&self.net(name), &state, &action));
        let mean = values.iter().sum::<f64>() / 3.0;
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 3.0).sqrt()
    }

    /// Those of earlier batches, and `new`.
    fn recent(&self, name: &str, new: &[f64]) -> Vec<f64> {
        let mut all: Vec<_> = self.member.state[name].iter().map(|x| f64::from(*x)).collect();
        all.extend(new);
        all.sort_by(f64::total_cmp);
        all
    }
}

#[test]
fn goat_weighs_by_advantage_and_by_how_far_its_critics_disagree() {
    // The median by the third update, with a step of 50/3.
    let settings = [
        "goat.n_critics=3",
        "goat.advantage_clip=1.1",
        "goat.curriculum.percentile_step=16.6666666666666666",
    ];
    let case = run("goat", &settings, Relabel::ALWAYS);
    let before = case.before(&case.batch);
    let advantages: Vec<f64> = case.batch.iter().map(|i| before.advantage(*i)).collect();
    let deviations: Vec<f64> = case.batch.iter().map(|i| before.deviation(*i)).collect();
    let recent = before.recent("recent_advantages", &advantages);
    let threshold = 0.5 * (recent[(recent.len() - 1) / 2] + recent[recent.len() / 2]);
    let recent = before.recent("recent_deviations", &deviations);
    let (least, largest) = (recent[0], recent[recent.len() - 1]);
    let weights: Vec<f64> = advantages
        .iter()
        .zip(&deviations)
        .map(|(advantage, deviation)| {
            let exponential_advantage = (2.0 * advantage).exp().min(1.1);
            let best_advantage = if threshold <= *advantage { 1.0 } else { 0.05 };
            let scaled = (deviation - least) / (largest - least);
            exponential_advantage * best_advantage * (1.5 * scaled + 0.5).min(1.0)
        })
        .collect();
    let loss = |actor: &Net| before.regression(actor, &case.batch, &weights);
    case.check("actor", &before.net("actor"), loss);
    for name in before.critic_names() {
        case.check(name, &before.net(name), |c| before.critic_loss(name, c, &case.batch));
    }
}
