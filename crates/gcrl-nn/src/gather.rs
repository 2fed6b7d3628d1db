//! Which numbers of a data set go where among the rows that an engine holds.

use gcrl_core::{EpisodeShape, EpisodeView, Normalizer, TransitionIndex};

/// A block of input rows that an engine holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsId(pub usize);

/// Episodes that an engine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpisodesId(pub usize);

/// Episodes to gather from: the engine's handle, and where they are in the memory of the CPU.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What [`Engine::add_episodes`](crate::Engine::add_episodes) returned for them.
    pub id: EpisodesId,
    /// The episodes, as they were when they were last added or refreshed.
    pub view: EpisodeView<'a>,
}

/// Which state of an episode is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// `s_0`, in which the episode began.
    Start,
    /// `s_t`, in which the transition begins.
    Now,
    /// `s_{t+1}`, in which it ends.
    Next,
}

impl At {
    /// The index of the state for a transition.
    pub fn state(self, transition: TransitionIndex) -> usize {
        match self {
            Self::Start => 0,
            Self::Now => transition.t as usize,
            Self::Next => transition.t as usize + 1,
        }
    }
}

/// What a row holds, one vector after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// An observation, scaled as observations are.
    Observation(At),
    /// A goal that the episode achieved, scaled as goals are.
    AchievedGoal(At),
    /// The goal that the transition is learned under, scaled as goals are.
    Goal,
    /// The action of the transition, as the data set has it.
    Action,
    /// So many numbers, which a gather leaves as they are: for
    /// [`Engine::write`](crate::Engine::write) and [`Engine::copy_outputs`](crate::Engine::copy_outputs).
    Free(usize),
}

impl Column {
    /// Numbers in it.
    pub fn dim(self, shape: EpisodeShape) -> usize {
        match self {
            Self::Observation(_) => shape.observation_dim,
            Self::AchievedGoal(_) | Self::Goal => shape.goal_dim,
            Self::Action => shape.action_dim,
            Self::Free(n) => n,
        }
    }

    /// Numbers in a row of `columns`.
    pub fn total_dim(columns: &[Self], shape: EpisodeShape) -> usize {
        columns.iter().map(|column| column.dim(shape)).sum()
    }
}

/// Which rows to fill, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Gather<'a> {
    /// The block to fill, in every member.
    pub rows: RowsId,
    /// The first row to fill; as many follow as there are transitions a member.
    pub first_row: usize,
    /// Sampled transitions, `[n_members, n]`.
    pub transitions: &'a [TransitionIndex],
    /// What goes into a row, from its first number on.
    pub columns: &'a [Column],
}

/// How one member scales its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct InputNormalizers {
    /// For observations.
    pub observation: Normalizer,
    /// For goals.
    pub goal: Normalizer,
}

impl InputNormalizers {
    /// Writes a column of one transition into `out`, of its dim; nothing of a free one.
    #[inline]
    pub fn fill(
        &self,
        column: Column,
        episodes: EpisodeView<'_>,
        transition: TransitionIndex,
        out: &mut [f32],
    ) {
        let episode = transition.episode as usize;
        match column {
            Column::Observation(at) => {
                let observation = episodes.observation(episode, at.state(transition));
                self.observation.normalize(observation, out);
            }
            Column::AchievedGoal(at) => {
                let goal = episodes.achieved_goal(episode, at.state(transition));
                self.goal.normalize(goal, out);
            }
            Column::Goal => self.goal.normalize(episodes.goal(transition), out),
            Column::Action => {
                out.copy_from_slice(episodes.action(episode, transition.t as usize));
            }
            Column::Free(_) => {}
        }
    }
}

/// Numbers of a column that tell one data set from another.
const N_COMPARED: usize = 8;

/// What an engine remembers of episodes, to notice that they changed, or that others are shown in their place.
///
/// Episodes that are in memory at one time differ in where their columns stand. Others that took the place
/// of some that are gone differ in some of the numbers compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    shape: EpisodeShape,
    n_episodes: usize,
    n_written: u64,
    columns: [ColumnMark; 4],
}

/// Where a column stands, and some of its numbers, bit by bit: equally spaced, its last among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ColumnMark {
    address: usize,
    numbers: [u32; N_COMPARED],
}

impl ColumnMark {
    fn of(column: &[f32]) -> Self {
        let number = |i: usize| column.get(((i + 1) * column.len() / N_COMPARED).wrapping_sub(1));
        let numbers = std::array::from_fn(|i| number(i).map_or(0, |number| number.to_bits()));
        Self { address: column.as_ptr().addr(), numbers }
    }
}

impl Version {
    /// That of `episodes`.
    pub fn of(episodes: EpisodeView<'_>) -> Self {
        let EpisodeView { shape, n_episodes, n_written, .. } = episodes;
        let EpisodeView { observation, achieved_goal, action, desired_goal, .. } = episodes;
        let columns = [observation, achieved_goal, action, desired_goal].map(ColumnMark::of);
        Self { shape, n_episodes, n_written, columns }
    }

    /// That of `episodes`, which are these or were written to since.
    ///
    /// # Panics
    ///
    /// If nothing was written, and they are other episodes.
    #[must_use]
    pub fn refreshed(self, episodes: EpisodeView<'_>) -> Self {
        if episodes.n_written == self.n_written {
            self.expect(episodes);
        }
        Self::of(episodes)
    }

    /// Notices other episodes than these.
    ///
    /// # Panics
    ///
    /// If they are others, or were written to since.
    pub fn expect(self, episodes: EpisodeView<'_>) {
        let Self { shape, n_episodes, n_written, columns } = Self::of(episodes);
        let (found, known) =
            ((shape, n_episodes, n_written), (self.shape, self.n_episodes, self.n_written));
        assert_eq!(found, known, "episodes that changed are refreshed");
        assert_eq!(columns, self.columns, "a handle is used with its own episodes");
    }
}
