//! Features of rows, and their statistics: `meta/stats.json`.

use super::Source;
use gcrl_core::EpisodeShape;
use serde_json::{Map, Value, json};

/// A feature that a row takes from the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    Observation,
    DesiredGoal,
    AchievedGoal,
    Action,
}

/// Quantiles that `LeRobot` normalizes by, with their names.
const QUANTILES: [(&str, f64); 5] =
    [("q01", 0.01), ("q10", 0.1), ("q50", 0.5), ("q90", 0.9), ("q99", 0.99)];

impl Feature {
    pub(super) const ALL: [Self; 4] =
        [Self::Observation, Self::DesiredGoal, Self::AchievedGoal, Self::Action];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Observation => "observation.state",
            Self::DesiredGoal => "observation.environment_state",
            Self::AchievedGoal => "observation.achieved_goal",
            Self::Action => "action",
        }
    }

    pub(super) fn dim(self, shape: EpisodeShape) -> usize {
        match self {
            Self::Observation => shape.observation_dim,
            Self::DesiredGoal | Self::AchievedGoal => shape.goal_dim,
            Self::Action => shape.action_dim,
        }
    }

    /// Its numbers in the row of transition `t` of an episode.
    pub(super) fn row(self, source: Source<'_>, episode: usize, t: usize) -> &[f32] {
        let view = source.view;
        match self {
            Self::Observation => view.observation(episode, t),
            Self::DesiredGoal => view.desired_goal(episode),
            Self::AchievedGoal => view.achieved_goal(episode, t),
            Self::Action => view.action(episode, t),
        }
    }
}

/// Statistics of every feature over all rows, number by number.
pub(super) fn statistics(source: Source<'_>) -> Value {
    let (n_episodes, shape) = (source.view.n_episodes, source.view.shape);
    let n_transitions = shape.n_transitions;
    let mut features = Map::new();
    for feature in Feature::ALL {
        let of_component = |d: usize| {
            let rows = (0..n_episodes)
                .flat_map(|episode| (0..n_transitions).map(move |t| (episode, t)))
                .map(|(episode, t)| feature.row(source, episode, t)[d]);
            describe(rows.collect())
        };
        let components = (0..feature.dim(shape)).map(of_component).collect();
        features.insert(feature.name().to_owned(), join(components, n_episodes * n_transitions));
    }
    let rewards = (0..n_episodes).flat_map(|episode| source.rewards(episode));
    let rewards = join(vec![describe(rewards.collect())], n_episodes * n_transitions);
    features.insert("next.reward".to_owned(), rewards);
    Value::Object(features)
}

/// Names and values of the statistics of one component.
fn describe(mut numbers: Vec<f32>) -> Vec<(&'static str, f64)> {
    let n = numbers.len() as f64;
    let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let variance = numbers.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / n;
    numbers.sort_unstable_by(f32::total_cmp);
    // Between two numbers, linearly, as NumPy does.
    let quantile = |share: f64| {
        let place = share * (n - 1.0);
        let (low, rest) = (place.floor() as usize, place.fract());
        let high = (low + 1).min(numbers.len() - 1);
        f64::from(numbers[low]) * (1.0 - rest) + f64::from(numbers[high]) * rest
    };
    let mut found = vec![
        ("min", f64::from(numbers[0])),
        ("max", f64::from(numbers[numbers.len() - 1])),
        ("mean", mean),
        ("std", variance.sqrt()),
    ];
    found.extend(QUANTILES.map(|(name, share)| (name, quantile(share))));
    found
}

/// Statistics by name, each a list over the components.
fn join(components: Vec<Vec<(&'static str, f64)>>, count: usize) -> Value {
    let mut joined = Map::new();
    for (name, value) in components.into_iter().flatten() {
        let list = joined.entry(name).or_insert_with(|| json!([]));
        list.as_array_mut().expect("all are lists").push(json!(value));
    }
    joined.insert("count".to_owned(), json!([count]));
    Value::Object(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_numbers_as_those_of_numpy() {
        // numpy.quantile([0, 1, 2, 3], 0.1) is 0.3 (to rounding), and of 0.5, 1.5.
        let found = describe(vec![3.0, 0.0, 2.0, 1.0]);
        let value = |name| found.iter().find(|(other, _)| *other == name).unwrap().1;
        assert_eq!((value("min"), value("max"), value("mean")), (0.0, 3.0, 1.5));
        assert!((value("q10") - 0.3).abs() < 1e-12);
        assert_eq!(value("q50"), 1.5);
        assert!((value("std") - 1.25_f64.sqrt()).abs() < 1e-12);
    }
}
