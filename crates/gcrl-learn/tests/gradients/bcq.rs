//! g-BCQ, with few and small networks, and perturbations so large that some are cut off.

use crate::formula::{Before, DISCOUNT, Net, SEED, normal, run, value};
use gcrl_core::{ObservationBatch, Policy, TransitionIndex, seed};
use gcrl_data::Relabel;
use gcrl_learn::gaussian::standard_normal;
use gcrl_policy::PolicyKind;

const N_CANDIDATES: usize = 3;
/// Φ
const LARGEST: f64 = 3.0;
const ACTION_DIM: usize = 2;
const LATENT_DIM: usize = 4;
const SETTINGS: [&str; 3] =
    ["bcq.n_candidates=3", "bcq.max_perturbation=3", "bcq.autoencoder_hidden=[6]"];

impl Before<'_> {
    fn encoder(&self) -> Net {
        self.net_of("encoder", 5 + ACTION_DIM, &[6], 2 * LATENT_DIM)
    }

    fn decoder(&self) -> Net {
        self.net_of("decoder", 5 + LATENT_DIM, &[6], ACTION_DIM)
    }

    fn perturbation(&self, name: &str) -> Net {
        self.net_of(name, 5 + ACTION_DIM, &self.scene.config.train.hidden, ACTION_DIM)
    }

    /// `L(E, D)`
    fn autoencoder_loss(&self, encoder: &Net, decoder: &Net, batch: &[TransitionIndex]) -> f64 {
        let noise = normal("code", batch.len() * LATENT_DIM);
        let rows = batch.iter().zip(noise.chunks(LATENT_DIM)).map(|(index, noise)| {
            let (state, action) = (self.state(&self.normalizer, *index, 0), self.action(*index));
            let code = encoder.forward(&[&state[..], &action].concat());
            let (means, log_stds) = code.split_at(LATENT_DIM);
            let numbers = || means.iter().zip(log_stds);
            let latent: Vec<f64> =
                numbers().zip(noise).map(|((mean, log_std), e)| mean + log_std.exp() * e).collect();
            let found = generate(decoder, &state, &latent);
            let errors = found.iter().zip(&action).map(|(a, u)| (a - u).powi(2));
            let kl = numbers()
                .map(|(mean, log_std)| 0.5 * (mean * mean + (2.0 * log_std).exp() - 1.0) - log_std);
            errors.sum::<f64>() / ACTION_DIM as f64 + 0.5 * kl.sum::<f64>() / LATENT_DIM as f64
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `y` of every transition.
    fn targets(&self, batch: &[TransitionIndex]) -> Vec<f64> {
        let latents = limited_latents("next_latents", batch.len() * N_CANDIDATES * LATENT_DIM);
        let (decoder, perturbation) = (self.decoder(), self.perturbation("target_perturbation"));
        let critics = ["target_critic", "target_critic.1"].map(|name| self.net(name));
        let rows = batch.iter().zip(latents.chunks(N_CANDIDATES * LATENT_DIM));
        let target = |(index, latents): (&TransitionIndex, &[f64])| {
            let next = self.state(&self.normalizer, *index, 1);
            let best = latents.chunks(LATENT_DIM).map(|latent| {
                let action = perturb(&perturbation, &next, &generate(&decoder, &next, latent));
                let [one, other] = [&critics[0], &critics[1]].map(|q| value(q, &next, &action));
                0.75 * one.min(other) + 0.25 * one.max(other)
            });
            let best = best.fold(f64::NEG_INFINITY, f64::max);
            (self.reward(*index) + DISCOUNT * best).clamp(-50.0, 50.0)
        };
        rows.map(target).collect()
    }
}

fn limited_latents(name: &str, n: usize) -> Vec<f64> {
    normal(name, n).into_iter().map(|z| z.clamp(-0.5, 0.5)).collect()
}

/// `D(s, g, z)`
fn generate(decoder: &Net, state: &[f64], latent: &[f64]) -> Vec<f64> {
    decoder.forward(&[state, latent].concat()).into_iter().map(f64::tanh).collect()
}

/// `a + Φ ξ(s, g, a)`
fn unlimited(perturbation: &Net, state: &[f64], action: &[f64]) -> Vec<f64> {
    let change = perturbation.forward(&[state, action].concat());
    action.iter().zip(change).map(|(a, change)| a + LARGEST * change.tanh()).collect()
}

fn perturb(perturbation: &Net, state: &[f64], action: &[f64]) -> Vec<f64> {
    let numbers = unlimited(perturbation, state, action);
    numbers.into_iter().map(|number| number.clamp(-1.0, 1.0)).collect()
}

#[test]
fn bcq_learns_to_generate_to_perturb_and_to_value() {
    let case = run("bcq", &SETTINGS, Relabel::NEVER);
    let before = case.before(&case.batch);
    let (encoder, decoder) = (before.encoder(), before.decoder());
    case.check("encoder", &encoder, |e| before.autoencoder_loss(e, &decoder, &case.batch));
    case.check("decoder", &decoder, |d| before.autoencoder_loss(&encoder, d, &case.batch));

    let targets = before.targets(&case.batch);
    for name in ["critic", "critic.1"] {
        case.check(name, &before.net(name), |critic| {
            let rows = case.batch.iter().zip(&targets).map(|(index, target)| {
                let state = before.state(&before.normalizer, *index, 0);
                (target - value(critic, &state, &before.action(*index))).powi(2)
            });
            rows.sum::<f64>() / targets.len() as f64
        });
    }

    let latents = limited_latents("latents", case.batch.len() * LATENT_DIM);
    let critic = before.net("critic");
    let mut n_cut_off = 0;
    let perturbation = before.perturbation("perturbation");
    let states: Vec<_> = case
        .batch
        .iter()
        .zip(latents.chunks(LATENT_DIM))
        .map(|(index, latent)| {
            let state = before.state(&before.normalizer, *index, 0);
            let action = generate(&decoder, &state, latent);
            let numbers = unlimited(&perturbation, &state, &action);
            n_cut_off += numbers.iter().filter(|number| 1.0 < number.abs()).count();
            (state, action)
        })
        .collect();
    assert!((1..2 * states.len()).contains(&n_cut_off), "{n_cut_off} cut off");
    case.check("perturbation", &perturbation, |perturbation| {
        let rows = states
            .iter()
            .map(|(state, action)| value(&critic, state, &perturb(perturbation, state, action)));
        -rows.sum::<f64>() / states.len() as f64
    });
}

#[test]
fn bcq_acts_by_the_first_critic_among_frozen_latents() {
    let case = run("bcq", &SETTINGS, Relabel::NEVER);
    let before = case.before(&case.batch);
    let policy = case.policy();
    let PolicyKind::Bcq(parts) = &policy.parts().kind else { panic!("a policy of kind `bcq`") };
    let mut rng = seed::stream(SEED, "policy_latents", 0);
    let latents = standard_normal(N_CANDIDATES * LATENT_DIM, &mut rng);
    let latents: Vec<f32> = latents.into_iter().map(|z| z.clamp(-0.5, 0.5)).collect();
    assert_eq!((&parts.latents, parts.latent_dim), (&latents, LATENT_DIM));

    let (decoder, critic) = (before.decoder(), before.net("critic"));
    let perturbation = before.perturbation("perturbation");
    let view = case.scene.episodes.view();
    for index in case.batch.iter().filter(|index| index.t == 0) {
        let state = before.state(&before.member.normalizer, *index, 0);
        let candidates = latents.chunks(LATENT_DIM).map(|latent| {
            let latent: Vec<f64> = latent.iter().map(|z| f64::from(*z)).collect();
            perturb(&perturbation, &state, &generate(&decoder, &state, &latent))
        });
        let of = |action: &Vec<f64>| value(&critic, &state, action);
        let best = candidates.max_by(|a, b| of(a).total_cmp(&of(b))).unwrap();
        let episode = index.episode as usize;
        let (observation, desired_goal) =
            (view.observation(episode, 0), view.desired_goal(episode));
        let mut action = [0.0; ACTION_DIM];
        policy.act(&ObservationBatch { n_rows: 1, observation, desired_goal }, &mut action);
        for (found, expected) in action.iter().zip(&best) {
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{action:?}, not {best:?}");
        }
    }
    assert!(case.batch.iter().any(|index| index.t == 0), "an episode begins in the batch");
}
