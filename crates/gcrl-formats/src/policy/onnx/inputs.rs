//! The inputs of a graph: which of them is what, and how they are scaled before the first layer.

use super::OnnxError;
use super::proto::{FLOAT, Graph, Length, ValueInfo};
use crate::policy::columns::{Piece, Role};
use gcrl_core::{Normalizer, TaskSpec};

/// Inputs side by side, all scaled alike.
#[derive(Clone, Default)]
pub(super) struct Inputs {
    pieces: Vec<Piece>,
    stage: Stage,
}

/// How far the inputs' normalizers have come.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
enum Stage {
    #[default]
    Plain,
    Limited,
    Centered,
    Scaled,
    LimitedAgain,
}

impl Inputs {
    fn dim(&self) -> usize {
        self.pieces.iter().map(|piece| piece.normalizer.dim()).sum()
    }

    /// These and others, side by side. What differs in stage can be scaled no further.
    pub(super) fn append(&mut self, other: Self) {
        let is_first = self.pieces.is_empty();
        self.pieces.extend(other.pieces);
        if !is_first && self.stage != other.stage {
            self.stage = Stage::LimitedAgain;
        } else {
            self.stage = other.stage;
        }
    }

    /// Limited to plus or minus `limit`; nothing if they were limited before.
    pub(super) fn clipped(mut self, limit: f32) -> Option<Self> {
        let (stage, limit_of): (_, fn(&mut Normalizer) -> &mut f32) = match self.stage {
            Stage::Plain => (Stage::Limited, |it| &mut it.input_clip),
            Stage::Centered | Stage::Scaled => (Stage::LimitedAgain, |it| &mut it.output_clip),
            Stage::Limited | Stage::LimitedAgain => return None,
        };
        self.stage = stage;
        self.pieces.iter_mut().for_each(|piece| *limit_of(&mut piece.normalizer) = limit);
        Some(self)
    }

    /// Less their means; nothing if it is too late, or there is another number of means.
    pub(super) fn centered(self, means: &[f32]) -> Option<Self> {
        self.scaled_by(Stage::Centered, means, |normalizer| &mut normalizer.mean)
    }

    /// Divided by their standard deviations; nothing if it is too late, or there is another number.
    pub(super) fn divided(self, stds: &[f32]) -> Option<Self> {
        self.scaled_by(Stage::Scaled, stds, |normalizer| &mut normalizer.std)
    }

    fn scaled_by(
        mut self,
        stage: Stage,
        numbers: &[f32],
        part: fn(&mut Normalizer) -> &mut Vec<f32>,
    ) -> Option<Self> {
        let dim = self.dim();
        if stage <= self.stage || !(numbers.len() == dim || numbers.len() == 1) {
            return None;
        }
        self.stage = stage;
        let mut numbers = numbers.iter().copied().cycle();
        for piece in &mut self.pieces {
            part(&mut piece.normalizer).iter_mut().zip(&mut numbers).for_each(|(to, x)| *to = x);
        }
        Some(self)
    }

    /// What enters the first layer.
    pub(super) fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }
}

/// The inputs of `graph` by name.
pub(super) fn of_graph(graph: &Graph, task: &TaskSpec) -> Result<Vec<(String, Inputs)>, OnnxError> {
    let is_weight = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
    let inputs: Vec<_> = graph.input.iter().filter(|input| !is_weight(&input.name)).collect();
    let dims: Vec<_> = inputs.iter().map(|input| dim(input)).collect();
    let names = inputs.iter().map(|input| &input.name[..]);
    let roles = roles(&names.zip(dims).collect::<Vec<_>>(), task);
    let Some(roles) = roles else {
        let found = inputs.iter().map(|input| describe(input)).collect::<Vec<_>>().join(", ");
        return Err(OnnxError::Inputs {
            found: if found.is_empty() { "none".to_owned() } else { found },
            task: task.id,
            observation_dim: task.observation_dim(),
            goal_dim: task.goal_dim(),
        });
    };
    let inputs = inputs.into_iter().zip(roles).map(|(input, roles)| {
        let pieces = roles.into_iter().map(|role| Piece::plain(role, role.dim(task))).collect();
        (input.name.clone(), Inputs { pieces, stage: Stage::Plain })
    });
    Ok(inputs.collect())
}

/// What each input is: by its name if all are known, else by its size.
fn roles(inputs: &[(&str, Option<usize>)], task: &TaskSpec) -> Option<Vec<Vec<Role>>> {
    let fits = |role: Role, dim: Option<usize>| dim == Some(role.dim(task));
    let by_name: Option<Vec<Role>> = inputs.iter().map(|(name, _)| Role::named(name)).collect();
    if let Some(named) = by_name
        && 1 < named.len()
    {
        let is_fit = named.iter().zip(inputs).all(|(&role, &(_, dim))| fits(role, dim));
        let is_twice = named.iter().enumerate().any(|(i, role)| named[..i].contains(role));
        return (is_fit && !is_twice).then(|| named.into_iter().map(|role| vec![role]).collect());
    }
    let (observation, goal) = (Role::Observation, Role::DesiredGoal);
    match inputs {
        [(_, Some(dim))] if *dim == task.observation_dim() + task.goal_dim() => {
            Some(vec![vec![observation, goal]])
        }
        [(_, first), (_, second)] if task.observation_dim() != task.goal_dim() => {
            if fits(observation, *first) && fits(goal, *second) {
                Some(vec![vec![observation], vec![goal]])
            } else if fits(goal, *first) && fits(observation, *second) {
                Some(vec![vec![goal], vec![observation]])
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Columns of an input of rows of float32.
fn dim(input: &ValueInfo) -> Option<usize> {
    let tensor = input.kind.as_ref()?.tensor.as_ref()?;
    match (tensor.elem_type, &tensor.shape.as_ref()?.dim[..]) {
        (FLOAT, [_, dim]) => match dim.length {
            Some(Length::Value(dim)) => usize::try_from(dim).ok(),
            _ => None,
        },
        _ => None,
    }
}

/// Such as `state [batch, 13]`.
fn describe(input: &ValueInfo) -> String {
    let tensor = input.kind.as_ref().and_then(|kind| kind.tensor.as_ref());
    let lengths = tensor.and_then(|tensor| tensor.shape.as_ref()).map(|shape| {
        let lengths = shape.dim.iter().map(|dim| match &dim.length {
            Some(Length::Value(length)) => length.to_string(),
            Some(Length::Name(name)) => name.escape_debug().to_string(),
            None => "?".to_owned(),
        });
        lengths.collect::<Vec<_>>().join(", ")
    });
    let kind = match tensor.map(|tensor| tensor.elem_type) {
        Some(FLOAT) => "",
        _ => " of another type than float32",
    };
    format!("`{}` [{}]{kind}", input.name.escape_debug(), lengths.unwrap_or_default())
}
