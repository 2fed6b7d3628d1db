//! `GoFAR`, with a penalty on gradients that is felt.

use crate::formula::{Before, DISCOUNT, N_BEFORE, Net, SEED, run};
use gcrl_core::{TransitionIndex, seed};
use gcrl_data::Relabel;
use rand::RngExt;

const PENALTY: f64 = 0.7;

impl Before<'_> {
    fn discriminator(&self) -> Net {
        let hidden = &self.scene.config.train.hidden;
        Net { hidden: f64::tanh, ..self.net_of("discriminator", 4, hidden, 1) }
    }

    /// `φ(s_t)` and `g`, both scaled.
    fn goals(&self, index: TransitionIndex) -> [Vec<f64>; 2] {
        let view = self.scene.episodes.view();
        let achieved = view.achieved_goal(index.episode as usize, index.t as usize);
        [achieved, view.goal(index)].map(|goal| {
            let mut scaled = [0.0; 2];
            self.normalizer.normalizers().goal.normalize(goal, &mut scaled);
            scaled.map(f64::from).to_vec()
        })
    }

    /// `c(φ, g)`
    fn logit(&self, index: TransitionIndex) -> f64 {
        self.discriminator().forward(&self.goals(index).concat())[0]
    }

    fn discriminator_loss(&self, net: &Net, batch: &[TransitionIndex]) -> f64 {
        let mut rng = seed::stream(SEED, "mixed", N_BEFORE);
        let rows = batch.iter().map(|index| {
            let [achieved, wanted] = self.goals(*index);
            let sigmoid = |pair: Vec<f64>| 1.0 / (1.0 + (-net.forward(&pair)[0]).exp());
            let of_desired = sigmoid([&wanted[..], &wanted].concat());
            let of_achieved = sigmoid([&achieved[..], &wanted].concat());
            let share = f64::from(rng.random::<f32>());
            let mixed = wanted.iter().zip(&achieved).map(|(g, a)| share * g + (1.0 - share) * a);
            let x: Vec<f64> = mixed.chain(wanted.iter().copied()).collect();
            let slopes = (0..4).map(|i| {
                let at = |by: f64| {
                    let mut moved = x.clone();
                    moved[i] += by;
                    net.forward(&moved)[0]
                };
                (at(1e-4) - at(-1e-4)) / 2e-4
            });
            let norm = slopes.map(|slope| slope * slope).sum::<f64>().sqrt();
            -of_desired.ln() - (1.0 - of_achieved).ln() + PENALTY * (norm - 1.0).powi(2)
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `δ` for a value network.
    fn delta(&self, net: &Net, index: TransitionIndex) -> f64 {
        let next_value = self.net("target_value").forward(&self.state(&self.normalizer, index, 1));
        let value = net.forward(&self.state(&self.normalizer, index, 0));
        self.logit(index) + DISCOUNT * next_value[0] - value[0]
    }

    fn dual_loss(&self, net: &Net, batch: &[TransitionIndex]) -> f64 {
        let rows = batch.iter().map(|index| {
            // The goal stays: it is the one that the episode asked for.
            let start = TransitionIndex { t: 0, ..*index };
            let start_value = net.forward(&self.state(&self.normalizer, start, 0))[0];
            (1.0 - DISCOUNT) * start_value + (self.delta(net, *index) + 1.0).powi(2)
        });
        rows.sum::<f64>() / batch.len() as f64
    }
}

#[test]
fn gofar_discriminates_goals_and_weighs_by_the_dual() {
    let case = run("gofar", &["gofar.gradient_penalty=0.7"], Relabel::NEVER);
    let before = case.before(&case.batch);
    case.check("discriminator", &before.discriminator(), |net| {
        before.discriminator_loss(net, &case.batch)
    });
    let value = before.net("value");
    case.check("value", &value, |net| before.dual_loss(net, &case.batch));
    let weight = |index: &TransitionIndex| (before.delta(&value, *index) + 1.0).max(0.0);
    let weights: Vec<f64> = case.batch.iter().map(weight).collect();
    let loss = |actor: &Net| before.late_regression(actor, &case.batch, &weights);
    case.check("actor", &before.net("actor"), loss);
}
