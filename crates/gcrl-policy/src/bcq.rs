//! Acting by the most valued of several generated and perturbed actions.
//!
//! Formula and source: [`BcqParts`].

use crate::network::{LayerRows, PackedNetwork};
use crate::parts::BcqParts;

/// A policy of this kind, laid out for inference.
#[derive(Clone, Debug)]
pub(crate) struct PackedBcq {
    decoder: PackedNetwork,
    perturbation: PackedNetwork,
    critic: PackedNetwork,
    max_perturbation: f32,
    /// `[n_latents][latent_dim]`
    latents: Vec<Vec<f32>>,
    action_dim: usize,
}

/// Rows of an act, kept from call to call so that acting does not allocate.
#[derive(Debug, Default)]
pub(crate) struct BcqRows {
    /// `[n_rows, action_dim]`
    candidates: Vec<f32>,
    /// The largest value so far, `[n_rows]`.
    best_values: Vec<f32>,
}

impl PackedBcq {
    /// Lays out `parts`, which fit each other.
    pub(crate) fn new(parts: &BcqParts) -> Self {
        Self {
            decoder: PackedNetwork::new(&parts.decoder),
            perturbation: PackedNetwork::new(&parts.perturbation),
            critic: PackedNetwork::new(&parts.critic),
            max_perturbation: parts.max_perturbation,
            latents: parts.latents.chunks_exact(parts.latent_dim).map(<[f32]>::to_vec).collect(),
            action_dim: parts.decoder.n_outputs(),
        }
    }

    /// Writes the actions for `states`, `[n_rows, observation_dim + goal_dim]`, into `actions`,
    /// `[n_rows, action_dim]`.
    ///
    /// A value that is NaN never wins, unless all are: then the first candidate is taken.
    pub(crate) fn act(
        &self,
        n_rows: usize,
        states: &[f32],
        actions: &mut [f32],
        rows: &mut LayerRows,
        BcqRows { candidates, best_values }: &mut BcqRows,
    ) {
        best_values.clear();
        best_values.resize(n_rows, f32::NEG_INFINITY);
        for (latent_idx, latent) in self.latents.iter().enumerate() {
            self.generate(n_rows, states, latent, rows, candidates);
            self.perturb(n_rows, states, rows, candidates);
            join(states, candidates.chunks_exact(self.action_dim), n_rows, &mut rows.input);
            let values = self.critic.forward(n_rows, rows).map(|value| value[0]);
            let best = actions.chunks_exact_mut(self.action_dim).zip(best_values.iter_mut());
            let candidates = candidates.chunks_exact(self.action_dim);
            for ((value, candidate), (action, best_value)) in values.zip(candidates).zip(best) {
                if latent_idx == 0 || *best_value < value {
                    action.copy_from_slice(candidate);
                }
                *best_value = best_value.max(value);
            }
        }
    }

    /// `a = decoder(s, g, z)`.
    fn generate(
        &self,
        n_rows: usize,
        states: &[f32],
        latent: &[f32],
        rows: &mut LayerRows,
        candidates: &mut Vec<f32>,
    ) {
        join(states, std::iter::repeat(latent), n_rows, &mut rows.input);
        candidates.clear();
        for candidate in self.decoder.forward(n_rows, rows) {
            candidates.extend_from_slice(candidate);
        }
    }

    /// `u = clip(a + max_perturbation · perturbation(s, g, a), ±1)`, in place.
    fn perturb(&self, n_rows: usize, states: &[f32], rows: &mut LayerRows, candidates: &mut [f32]) {
        join(states, candidates.chunks_exact(self.action_dim), n_rows, &mut rows.input);
        let perturbations = self.perturbation.forward(n_rows, rows).flatten();
        for (number, perturbation) in candidates.iter_mut().zip(perturbations) {
            *number = (*number + self.max_perturbation * perturbation).clamp(-1.0, 1.0);
        }
    }
}

/// Writes rows of a state and what follows it into `input`.
fn join<'a>(
    states: &[f32],
    tails: impl Iterator<Item = &'a [f32]>,
    n_rows: usize,
    input: &mut Vec<f32>,
) {
    input.clear();
    for (state, tail) in states.chunks_exact(states.len() / n_rows).zip(tails) {
        input.extend_from_slice(state);
        input.extend_from_slice(tail);
    }
}

#[cfg(test)]
mod tests {
    use crate::test_policies::{act, policy_of};
    use crate::{Activation, BcqParts, Network, PolicyKind};

    /// Networks that are one linear layer, from weights `[n_inputs, n_outputs]` and a bias of 0.
    fn linear(widths: [usize; 2], weights: &[f32]) -> Network {
        let parameters = [weights, &vec![0.0; widths[1]]].concat();
        Network::from_parameters(&widths, Activation::Relu, Activation::Linear, &parameters)
    }

    /// One action number, equal to the latent; nothing else reaches it. `action_value` is the factor of
    /// the action in its value.
    fn parts(latents: &[f32], perturbation: f32, action_value: f32) -> BcqParts {
        let last = |weight| [0.0, 0.0, 0.0, 0.0, 0.0, weight];
        BcqParts {
            decoder: linear([6, 1], &last(1.0)),
            perturbation: linear([6, 1], &last(perturbation)),
            critic: linear([6, 1], &last(action_value)),
            max_perturbation: 0.5,
            latent_dim: 1,
            latents: latents.to_vec(),
        }
    }

    fn action(parts: BcqParts) -> f32 {
        act(&policy_of(PolicyKind::Bcq(parts)), &[0.0; 3], &[0.0; 2])[0]
    }

    #[test]
    fn the_most_valued_candidate_is_done() {
        let latents = [0.25, -0.75, 0.5, 0.375];
        assert_eq!(action(parts(&latents, 0.0, 1.0)), 0.5);
        assert_eq!(action(parts(&latents, 0.0, -1.0)), -0.75);
    }

    #[test]
    fn candidates_are_perturbed_and_limited_before_they_are_valued() {
        // 0.25 + 0.5 · 1 · 0.25 = 0.375 is done, and so was valued, rather than 0.25.
        assert_eq!(action(parts(&[0.25], 1.0, 1.0)), 0.375);
        // 0.8 + 0.5 · 0.8 = 1.2, beyond 1.
        assert_eq!(action(parts(&[0.25, 0.8], 1.0, 1.0)), 1.0);
        // -0.5 · 0.8 · 3 + 0.8 = -0.4 is worth less than 0.25 - 0.5 · 0.25 · 3 = -0.125.
        assert_eq!(action(parts(&[0.8, 0.25], -3.0, 1.0)), -0.125);
    }

    #[test]
    fn the_first_of_equals_is_done() {
        assert_eq!(action(parts(&[0.25, -0.75, 0.5], 0.0, 0.0)), 0.25);
    }

    #[test]
    fn a_value_that_is_nan_never_wins_over_a_number() {
        // hidden = max(0, [M u, M u]) with M the largest f32; value = 4 M u - 4 M u, which is 0 up to
        // u = 0.25 and inf - inf = NaN for u = 0.5.
        let hidden = [&[0.0; 10][..], &[f32::MAX; 2], &[0.0; 2]].concat();
        let parameters = [&hidden[..], &[4.0, -4.0, 0.0]].concat();
        let critic =
            Network::from_parameters(&[6, 2, 1], Activation::Relu, Activation::Linear, &parameters);
        let action_of = |latents: &[f32]| {
            action(BcqParts { critic: critic.clone(), ..parts(latents, 0.0, 0.0) })
        };
        assert_eq!(action_of(&[0.25, 0.5, 0.125]), 0.25);
        assert_eq!(action_of(&[0.5, 0.25, 0.125]), 0.25);
        assert_eq!(action_of(&[0.5, 0.75]), 0.5);
    }
}
