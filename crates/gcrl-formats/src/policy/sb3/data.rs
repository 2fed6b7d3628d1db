//! What `data` says of a model, as far as its actor depends on it. Objects of Python are written there twice, as
//! a pickle, which is passed over, and as text, which is read.

use super::Sb3Error;
use crate::policy::columns::Role;
use gcrl_core::TaskSpec;
use gcrl_policy::Activation;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The entries that matter.
#[derive(Deserialize)]
pub(super) struct Data {
    policy_class: PolicyClass,
    #[serde(default)]
    policy_kwargs: PolicySettings,
    observation_space: ObservationSpace,
    action_space: ActionSpace,
    #[serde(default)]
    use_sde: bool,
    #[serde(default)]
    num_timesteps: Option<u64>,
    #[serde(default)]
    seed: Option<Value>,
}

#[derive(Deserialize)]
struct PolicyClass {
    #[serde(rename = "__module__")]
    module: String,
}

#[derive(Default, Deserialize)]
struct PolicySettings {
    /// Such as `<class 'torch.nn.modules.activation.ReLU'>`.
    #[serde(default)]
    activation_fn: Option<String>,
    #[serde(default)]
    features_extractor_class: Option<String>,
}

#[derive(Deserialize)]
struct ObservationSpace {
    /// Such as `{'achieved_goal': Box(-inf, inf, (3,), float64), …}`.
    #[serde(default)]
    spaces: Option<String>,
}

#[derive(Deserialize)]
struct ActionSpace {
    /// Such as `[-1. -1. -1. -1.]`.
    #[serde(default)]
    low: Option<String>,
    #[serde(default)]
    high: Option<String>,
}

impl Data {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Sb3Error> {
        let data: Self = serde_json::from_slice(bytes)?;
        if data.use_sde {
            return Err(Sb3Error::Model(
                "the model was trained with `use_sde=True`, whose limit of the mean no policy here has"
                    .to_owned(),
            ));
        }
        if let Some(class) = &data.policy_kwargs.features_extractor_class
            && !class.contains("CombinedExtractor")
        {
            let class = printable(class);
            return Err(Sb3Error::Model(format!(
                "features are extracted by `{class}`, where only `CombinedExtractor` is known"
            )));
        }
        let bounds = [(&data.action_space.low, -1.0), (&data.action_space.high, 1.0)];
        for (bound, expected) in bounds {
            let bound = bound.as_deref().unwrap_or_default();
            let numbers = bound.split(|it: char| it.is_whitespace() || "[],".contains(it));
            let mut numbers = numbers.filter(|number| !number.is_empty()).peekable();
            if numbers.peek().is_none() || numbers.any(|it| it.parse() != Ok(expected)) {
                let bound = printable(bound);
                return Err(Sb3Error::Model(format!(
                    "a bound of the action space is `{bound}`, where tasks have -1 and 1"
                )));
            }
        }
        Ok(data)
    }

    /// The parts of the observation, in the model's order.
    pub(super) fn spaces(&self, task: &TaskSpec) -> Result<Vec<Role>, Sb3Error> {
        let refused = |what: String| {
            Sb3Error::Model(format!(
                "observation space {what}, where task `{}` has `achieved_goal` ({goal},), `desired_goal` \
                 ({goal},) and `observation` ({},)",
                task.id,
                task.observation_dim(),
                goal = task.goal_dim(),
            ))
        };
        let Some(text) = &self.observation_space.spaces else {
            return Err(refused("has no parts".to_owned()));
        };
        let is = refused(format!("is `{}`", printable(text)));
        let Some(found) = parts(text) else { return Err(is) };
        let mut roles = Vec::new();
        for (name, dim) in found {
            match Role::named(name) {
                Some(role) if role.dim(task) == dim && !roles.contains(&role) => roles.push(role),
                _ => return Err(is),
            }
        }
        Ok(roles)
    }

    /// What follows hidden layers; `default` where the model does not say.
    pub(super) fn activation(&self, default: Activation) -> Result<Activation, Sb3Error> {
        let Some(class) = &self.policy_kwargs.activation_fn else { return Ok(default) };
        if class.contains(".ReLU'") {
            Ok(Activation::Relu)
        } else if class.contains(".Tanh'") {
            Ok(Activation::Tanh)
        } else {
            let class = printable(class);
            Err(Sb3Error::Model(format!(
                "hidden layers are followed by `{class}`, where policies here have ReLU or Tanh"
            )))
        }
    }

    /// Where the policy comes from.
    pub(super) fn notes(&self) -> BTreeMap<String, String> {
        let mut notes = BTreeMap::from([("algorithm".to_owned(), "imported".to_owned())]);
        notes.insert("policy_class".to_owned(), self.policy_class.module.clone());
        notes.extend(self.num_timesteps.map(|steps| ("steps".to_owned(), steps.to_string())));
        let seed = self.seed.as_ref().and_then(Value::as_u64);
        notes.extend(seed.map(|seed| ("seed".to_owned(), seed.to_string())));
        notes
    }
}

/// A text of the file, for messages.
fn printable(text: &str) -> String {
    text.chars().take(200).map(|it| if it.is_control() { '?' } else { it }).collect()
}

/// Names and lengths in a text such as `{'observation': Box(-inf, inf, (10,), float64)}`, or
/// `OrderedDict([('observation', Box(…)), …])` of older versions.
fn parts(text: &str) -> Option<Vec<(&str, usize)>> {
    // Between quotation marks stand names, and behind them boxes.
    let pieces: Vec<_> = text.split('\'').collect();
    let (named, []) = pieces.get(1..)?.as_chunks::<2>() else { return None };
    let dim = |space: &str| {
        let shape = space.split_once("Box(")?.1.split_once(", (")?.1.split_once(",)")?.0;
        shape.parse().ok()
    };
    named.iter().map(|&[name, space]| Some((name, dim(space)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_read_as_versions_print_them() {
        let boxes = ["Box(-inf, inf, (3,), float64)", "Box(-1.0, 1.0, (10,), float32)"];
        let expected = Some(vec![("achieved_goal", 3), ("observation", 10)]);
        let [goal, observation] = boxes;
        let new = format!("{{'achieved_goal': {goal}, 'observation': {observation}}}");
        assert_eq!(parts(&new), expected);
        let old =
            format!("OrderedDict([('achieved_goal', {goal}), ('observation', {observation})])");
        assert_eq!(parts(&old), expected);
        let array = "{'observation': Box([-1. -1.], [1. 1.], (2,), float32)}";
        assert_eq!(parts(array), Some(vec![("observation", 2)]));
        for other in
            ["", "{}", "{'image': Box(0, 255, (3, 8, 8), uint8)}", "{'a': Discrete(3)}", "'"]
        {
            assert!(parts(other).is_none_or(|parts| parts.is_empty()), "{other}");
        }
    }
}
