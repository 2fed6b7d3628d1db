//! Whole episodes as columns, and a transition as three indices into them.
//!
//! | column | shape | index |
//! |---|---|---|
//! | `observation` | `[n_episodes, n_transitions + 1, observation_dim]` | state `t` |
//! | `achieved_goal` | `[n_episodes, n_transitions + 1, goal_dim]` | state `t` |
//! | `action` | `[n_episodes, n_transitions, action_dim]` | transition `t`, from state `t` to `t + 1` |
//! | `desired_goal` | `[n_episodes, goal_dim]` | constant within the episode |
//!
//! Rewards are not kept: they follow from the goals (`TaskSpec::reward_of`).

use crate::shape::EpisodeShape;
use crate::spec::TaskSpec;

/// Borrowed columns of episodes: of a data set on disk, of a rollout, or of a replay memory.
#[derive(Clone, Copy, Debug)]
pub struct EpisodeView<'a> {
    /// Sizes of an episode.
    pub shape: EpisodeShape,
    /// Episodes present.
    pub n_episodes: usize,
    /// Episodes ever written, `n_episodes <= n_written`; where older ones were overwritten, episode
    /// number `k` since the beginning stands at index `k % n_episodes`. An engine with a memory of
    /// its own copies only what is new since it last looked.
    pub n_written: u64,
    /// `[n_episodes, n_transitions + 1, observation_dim]`
    pub observation: &'a [f32],
    /// `[n_episodes, n_transitions + 1, goal_dim]`
    pub achieved_goal: &'a [f32],
    /// `[n_episodes, n_transitions, action_dim]`
    pub action: &'a [f32],
    /// `[n_episodes, goal_dim]`
    pub desired_goal: &'a [f32],
}

impl<'a> EpisodeView<'a> {
    /// Copies the columns.
    pub fn to_episodes(&self) -> Episodes {
        Episodes {
            shape: self.shape,
            n_episodes: self.n_episodes,
            observation: self.observation.to_vec(),
            achieved_goal: self.achieved_goal.to_vec(),
            action: self.action.to_vec(),
            desired_goal: self.desired_goal.to_vec(),
        }
    }

    /// The observation in state `t` of an episode, `[observation_dim]`.
    pub fn observation(&self, episode: usize, t: usize) -> &'a [f32] {
        row(self.observation, episode * self.shape.n_states() + t, self.shape.observation_dim)
    }

    /// The goal achieved in state `t` of an episode, `[goal_dim]`.
    pub fn achieved_goal(&self, episode: usize, t: usize) -> &'a [f32] {
        row(self.achieved_goal, episode * self.shape.n_states() + t, self.shape.goal_dim)
    }

    /// The action of transition `t` of an episode, `[action_dim]`.
    pub fn action(&self, episode: usize, t: usize) -> &'a [f32] {
        row(self.action, episode * self.shape.n_transitions + t, self.shape.action_dim)
    }

    /// The goal that an episode asked for, `[goal_dim]`.
    pub fn desired_goal(&self, episode: usize) -> &'a [f32] {
        row(self.desired_goal, episode, self.shape.goal_dim)
    }

    /// The goal to learn from at a drawn transition, `[goal_dim]`.
    pub fn goal(&self, transition: TransitionIndex) -> &'a [f32] {
        let episode = transition.episode as usize;
        match transition.goal {
            GoalAt::Desired => self.desired_goal(episode),
            GoalAt::Achieved(t) => self.achieved_goal(episode, t as usize),
            GoalAt::Elsewhere { episode, t } => self.achieved_goal(episode as usize, t as usize),
        }
    }

    /// The reward of a drawn transition under its goal: 1 or 0.
    pub fn reward(&self, spec: &TaskSpec, transition: TransitionIndex) -> f32 {
        let achieved = self.achieved_goal(transition.episode as usize, transition.t as usize + 1);
        spec.reward_of(achieved, self.goal(transition))
    }

    /// The rewards of an episode under the goal it asked for, `n_transitions` of them.
    pub fn rewards(&self, spec: &TaskSpec, episode: usize) -> impl Iterator<Item = f32> + use<'a> {
        let (view, spec) = (*self, *spec);
        let desired_goal = view.desired_goal(episode);
        (1..view.shape.n_states())
            .map(move |t| spec.reward_of(view.achieved_goal(episode, t), desired_goal))
    }
}

fn row(column: &[f32], row_idx: usize, dim: usize) -> &[f32] {
    &column[row_idx * dim..(row_idx + 1) * dim]
}

/// Where the goal of a drawn transition is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalAt {
    /// The goal that the episode asked for.
    Desired,
    /// The goal achieved in this state of the same episode.
    Achieved(u32),
    /// The goal achieved in a state of any episode.
    Elsewhere {
        /// Which episode.
        episode: u32,
        /// Which state of it.
        t: u32,
    },
}

/// A drawn transition: indices only, so that the same draw gathers on any engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransitionIndex {
    /// Which episode.
    pub episode: u32,
    /// Which transition of it.
    pub t: u32,
    /// Which goal to learn from.
    pub goal: GoalAt,
}

/// Owned columns of episodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Episodes {
    /// Sizes of an episode.
    pub shape: EpisodeShape,
    /// Episodes present.
    pub n_episodes: usize,
    /// `[n_episodes, n_transitions + 1, observation_dim]`
    pub observation: Vec<f32>,
    /// `[n_episodes, n_transitions + 1, goal_dim]`
    pub achieved_goal: Vec<f32>,
    /// `[n_episodes, n_transitions, action_dim]`
    pub action: Vec<f32>,
    /// `[n_episodes, goal_dim]`
    pub desired_goal: Vec<f32>,
}

impl Episodes {
    /// Room for `n_episodes` episodes, all zero.
    pub fn zeros(shape: EpisodeShape, n_episodes: usize) -> Self {
        let n_states = n_episodes * shape.n_states();
        Self {
            shape,
            n_episodes,
            observation: vec![0.0; n_states * shape.observation_dim],
            achieved_goal: vec![0.0; n_states * shape.goal_dim],
            action: vec![0.0; n_episodes * shape.n_transitions * shape.action_dim],
            desired_goal: vec![0.0; n_episodes * shape.goal_dim],
        }
    }

    /// Copies `episodes`, of the same shape, to where number `first` begins.
    ///
    /// # Panics
    ///
    /// If the shapes differ, or there is no room for all of them.
    pub fn put(&mut self, first: usize, episodes: EpisodeView<'_>) {
        let shape = self.shape;
        assert_eq!(shape, episodes.shape, "episodes of one task have one shape");
        let copy = |column: &mut [f32], values: &[f32], episode_len: usize| {
            column[first * episode_len..][..values.len()].copy_from_slice(values);
        };
        let n_states = shape.n_states();
        copy(&mut self.observation, episodes.observation, n_states * shape.observation_dim);
        copy(&mut self.achieved_goal, episodes.achieved_goal, n_states * shape.goal_dim);
        copy(&mut self.action, episodes.action, shape.n_transitions * shape.action_dim);
        copy(&mut self.desired_goal, episodes.desired_goal, shape.goal_dim);
    }

    /// Borrows the columns.
    pub fn view(&self) -> EpisodeView<'_> {
        EpisodeView {
            shape: self.shape,
            n_episodes: self.n_episodes,
            n_written: self.n_episodes as u64,
            observation: &self.observation,
            achieved_goal: &self.achieved_goal,
            action: &self.action,
            desired_goal: &self.desired_goal,
        }
    }
}
