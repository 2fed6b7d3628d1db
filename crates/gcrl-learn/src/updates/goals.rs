//! Mixtures of goals as settings: `value_goals` and `actor_goals` of `OGBench`'s agents.

use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_data::{FutureLaw, GoalMixture};
use serde::{Deserialize, Serialize};

/// Shares of goals by where they come from; what is left are goals that the episodes asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalSettings {
    /// The state in which the transition begins.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub current: f32,
    /// A later state of the episode.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub future: f32,
    /// How far ahead: `uniform` over the rest of the episode, or `geometric` with the run's discount.
    pub future_law: FutureLawName,
    /// Any state of the data.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub random: f32,
}

/// A law of future goals, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FutureLawName {
    /// `uniform`
    Uniform,
    /// `geometric`
    Geometric,
}

impl GoalSettings {
    /// `OGBench`'s for values.
    pub const VALUE: Self =
        Self { current: 0.2, future: 0.5, future_law: FutureLawName::Geometric, random: 0.3 };

    /// `OGBench`'s for actors.
    pub const ACTOR: Self =
        Self { current: 0.0, future: 1.0, future_law: FutureLawName::Uniform, random: 0.0 };

    /// Whether the shares are such: not negative, and 1 together or less, to rounding.
    pub fn is_mixture(&self) -> bool {
        let shares = [self.current, self.future, self.random];
        shares.iter().all(|share| 0.0 <= *share) && shares.iter().sum::<f32>() <= 1.0 + 1e-6
    }

    /// The same transitions under goals of this mixture, from random numbers of this `name`.
    pub fn sample(
        &self,
        step: &Step<'_>,
        name: &str,
        transitions: &[TransitionIndex],
    ) -> Vec<TransitionIndex> {
        let future_law = match self.future_law {
            FutureLawName::Uniform => FutureLaw::Uniform,
            FutureLawName::Geometric => FutureLaw::Geometric { discount: step.settings.discount },
        };
        let Self { current, future, random, .. } = *self;
        let mixture = GoalMixture { current, future, future_law, random };
        let mut relabeled = transitions.to_vec();
        let batches = relabeled.chunks_exact_mut(step.settings.batch_size);
        for (member, batch) in batches.enumerate() {
            mixture.sample_goals(step.episodes(), &mut step.stream(member, name), batch);
        }
        relabeled
    }
}
