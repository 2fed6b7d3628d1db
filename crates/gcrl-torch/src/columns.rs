//! Data sets in the memory of a device: each copied once, then only what is new; sampled transitions
//! are gathered and normalized there.

use crate::gather::n_transitions;
use crate::transfer::upload;
use gcrl_core::{EpisodeShape, EpisodeView, GoalAt, Normalizer, TransitionIndex};
use gcrl_nn::{At, Column, EpisodesId, Gather, InputNormalizers, Source};
use std::ops::Range;
use tch::{Device, Kind, TchError, Tensor};

/// All data sets on a device, and how the members scale them.
#[derive(Debug)]
pub(crate) struct Columns {
    device: Device,
    data: Vec<Data>,
    /// Uploaded at the first gather after they were set.
    scales: Option<Scales>,
}

/// The columns, with room for `capacity` episodes.
#[derive(Debug)]
struct Data {
    shape: EpisodeShape,
    capacity: usize,
    /// Episodes ever written of those that were copied.
    n_written: u64,
    /// `[capacity · n_states, observation_dim]`
    observation: Tensor,
    /// `[capacity · n_states + capacity, goal_dim]`: achieved goals, then desired ones.
    goal: Tensor,
    /// `[capacity · n_transitions, action_dim]`
    action: Tensor,
}

/// How the members scale.
#[derive(Debug)]
struct Scales {
    observation: Scale,
    goal: Scale,
}

/// Normalizers of one kind, of all members.
#[derive(Debug)]
struct Scale {
    /// `[n_members, 1, dim]`
    mean: Tensor,
    /// `[n_members, 1, dim]`
    std: Tensor,
    /// Least and largest input, each `[n_members, 1, 1]`.
    input: [Tensor; 2],
    /// Least and largest result, each `[n_members, 1, 1]`.
    output: [Tensor; 2],
}

impl Columns {
    /// No data set yet.
    pub(crate) const fn new(device: Device) -> Self {
        Self { device, data: Vec::new(), scales: None }
    }

    /// Copies a data set.
    pub(crate) fn add(&mut self, episodes: EpisodeView<'_>) -> Result<(), TchError> {
        let mut data = Data::with_room(episodes, episodes.n_episodes, self.device)?;
        data.copy_new(episodes)?;
        self.data.push(data);
        Ok(())
    }

    /// Copies what is new in a data set.
    pub(crate) fn refresh(
        &mut self,
        id: EpisodesId,
        episodes: EpisodeView<'_>,
    ) -> Result<(), TchError> {
        let data = &mut self.data[id.0];
        if data.capacity < episodes.n_episodes {
            // Twice the room, so that a buffer which grows is copied a few times only.
            *data = Data::with_room(episodes, 2 * episodes.n_episodes, self.device)?;
        }
        data.copy_new(episodes)
    }

    /// Lets the next gather upload the normalizers again.
    pub(crate) fn forget_normalizers(&mut self) {
        self.scales = None;
    }

    /// Fills the block `rows`, which is `[n_members, n_rows, width]`, as `gather` asks; `normalizers`
    /// are those of the members.
    pub(crate) fn fill(
        &mut self,
        rows: &Tensor,
        sizes: [usize; 3],
        source: Source<'_>,
        gather: &Gather<'_>,
        normalizers: &[InputNormalizers],
    ) -> Result<(), TchError> {
        let n = n_transitions(sizes, source.view, gather);
        let scales = match self.scales.take() {
            Some(scales) => scales,
            None => Scales {
                observation: Scale::new(
                    normalizers,
                    |of_member| &of_member.observation,
                    self.device,
                )?,
                goal: Scale::new(normalizers, |of_member| &of_member.goal, self.device)?,
            },
        };
        let scales = self.scales.insert(scales);
        let data = &self.data[source.id.0];
        let rows = rows.f_narrow(1, gather.first_row as i64, n as i64)?;
        let taken = gather.columns.iter().map(|column| data.rows_of(*column, gather.transitions));
        let taken: Vec<Option<(&Tensor, Vec<i64>)>> = taken.collect();
        let indices: Vec<i64> =
            taken.iter().flatten().flat_map(|(_, indices)| indices).copied().collect();
        let n_taken = gather.transitions.len();
        let indices = upload(&indices, &[indices.len()], self.device)?;
        let (mut first_index, mut first_column) = (0, 0);
        for (column, taken) in gather.columns.iter().zip(taken) {
            let dim = column.dim(data.shape) as i64;
            if let Some((numbers, _)) = taken {
                let taken = numbers
                    .f_index_select(0, &indices.f_narrow(0, first_index, n_taken as i64)?)?;
                first_index += n_taken as i64;
                let mut block = taken.f_view([sizes[0] as i64, n as i64, dim])?;
                match column {
                    Column::Observation(_) => scales.observation.apply(&mut block)?,
                    Column::AchievedGoal(_) | Column::Goal => scales.goal.apply(&mut block)?,
                    Column::Action | Column::Free(_) => {}
                }
                rows.f_narrow(2, first_column, dim)?.f_copy_(&block)?;
            }
            first_column += dim;
        }
        Ok(())
    }
}

impl Data {
    fn with_room(
        episodes: EpisodeView<'_>,
        capacity: usize,
        device: Device,
    ) -> Result<Self, TchError> {
        let shape = episodes.shape;
        let column = |n_rows: usize, dim: usize| {
            Tensor::f_empty([n_rows as i64, dim as i64], (Kind::Float, device))
        };
        let n_states = capacity * shape.n_states();
        Ok(Self {
            shape,
            capacity,
            n_written: 0,
            observation: column(n_states, shape.observation_dim)?,
            goal: column(n_states + capacity, shape.goal_dim)?,
            action: column(capacity * shape.n_transitions, shape.action_dim)?,
        })
    }

    fn copy_new(&mut self, episodes: EpisodeView<'_>) -> Result<(), TchError> {
        let present = episodes.n_episodes as u64;
        assert!(self.n_written <= episodes.n_written, "episodes are only added to");
        assert_eq!(self.shape, episodes.shape, "episodes keep their shape");
        let n_new = (episodes.n_written - self.n_written).min(present);
        if n_new == 0 {
            return Ok(());
        }
        let first = ((episodes.n_written - n_new) % present) as usize;
        let end = first + n_new as usize;
        // New episodes may go on at the beginning, where the oldest stood.
        self.copy(episodes, first..end.min(episodes.n_episodes))?;
        self.copy(episodes, 0..end.saturating_sub(episodes.n_episodes))?;
        self.n_written = episodes.n_written;
        Ok(())
    }

    fn copy(&self, episodes: EpisodeView<'_>, range: Range<usize>) -> Result<(), TchError> {
        let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = self.shape;
        let n_states = self.shape.n_states();
        // Of a column with `rows` rows of `dim` numbers an episode, here and there.
        let copy = |column: &Tensor, first_row: usize, numbers: &[f32], rows: usize, dim: usize| {
            let numbers = &numbers[range.start * rows * dim..range.end * rows * dim];
            let n_rows = range.len() * rows;
            let first_row = first_row + range.start * rows;
            let to = column.f_narrow(0, first_row as i64, n_rows as i64);
            to?.f_copy_(&upload(numbers, &[n_rows, dim], Device::Cpu)?)
        };
        let first_desired = self.capacity * n_states;
        copy(&self.observation, 0, episodes.observation, n_states, observation_dim)?;
        copy(&self.goal, 0, episodes.achieved_goal, n_states, goal_dim)?;
        copy(&self.goal, first_desired, episodes.desired_goal, 1, goal_dim)?;
        copy(&self.action, 0, episodes.action, n_transitions, action_dim)
    }

    /// The tensor that holds a column, and the row of it that each transition reads; `None` for a
    /// free column.
    fn rows_of(
        &self,
        column: Column,
        transitions: &[TransitionIndex],
    ) -> Option<(&Tensor, Vec<i64>)> {
        let all = |row: &dyn Fn(&TransitionIndex) -> usize| {
            transitions.iter().map(|transition| row(transition) as i64).collect()
        };
        let n_transitions = self.shape.n_transitions;
        Some(match column {
            Column::Observation(at) => {
                (&self.observation, all(&|transition| self.state_at(*transition, at)))
            }
            Column::AchievedGoal(at) => {
                (&self.goal, all(&|transition| self.state_at(*transition, at)))
            }
            Column::Goal => (&self.goal, all(&|transition| self.goal_row(*transition))),
            Column::Action => {
                let row = |transition: &TransitionIndex| {
                    let (episode, t) = (transition.episode as usize, transition.t as usize);
                    assert!(t < n_transitions, "a transition of the data");
                    self.episode(episode) * n_transitions + t
                };
                (&self.action, all(&row))
            }
            Column::Free(_) => return None,
        })
    }

    fn state_at(&self, transition: TransitionIndex, at: At) -> usize {
        self.state(transition.episode as usize, at.state(transition))
    }

    fn goal_row(&self, transition: TransitionIndex) -> usize {
        let episode = transition.episode as usize;
        match transition.goal {
            GoalAt::Desired => self.capacity * self.shape.n_states() + self.episode(episode),
            GoalAt::Achieved(t) => self.state(episode, t as usize),
            GoalAt::Elsewhere { episode, t } => self.state(episode as usize, t as usize),
        }
    }

    fn state(&self, episode: usize, t: usize) -> usize {
        assert!(t < self.shape.n_states(), "a state of the episode");
        self.episode(episode) * self.shape.n_states() + t
    }

    /// The same episode: a device does not say which index was too large, if it says anything.
    fn episode(&self, episode: usize) -> usize {
        assert!((episode as u64) < self.n_written, "an episode of the data");
        assert!(episode < self.capacity, "an episode of the data");
        episode
    }
}

impl Scale {
    fn new(
        normalizers: &[InputNormalizers],
        kind: fn(&InputNormalizers) -> &Normalizer,
        device: Device,
    ) -> Result<Self, TchError> {
        let n_members = normalizers.len();
        let vectors = |numbers: fn(&Normalizer) -> &[f32]| {
            let numbers: Vec<f32> =
                normalizers.iter().flat_map(|n| numbers(kind(n)).iter().copied()).collect();
            upload(&numbers, &[n_members, 1, numbers.len() / n_members], device)
        };
        let limits = |limit: fn(&Normalizer) -> f32| {
            let most: Vec<f32> = normalizers.iter().map(|n| limit(kind(n))).collect();
            let least: Vec<f32> = most.iter().map(|limit| -limit).collect();
            let upload = |limits: &[f32]| upload(limits, &[n_members, 1, 1], device);
            Ok::<_, TchError>([upload(&least)?, upload(&most)?])
        };
        Ok(Self {
            mean: vectors(|normalizer| &normalizer.mean)?,
            std: vectors(|normalizer| &normalizer.std)?,
            input: limits(|normalizer| normalizer.input_clip)?,
            output: limits(|normalizer| normalizer.output_clip)?,
        })
    }

    /// [`Normalizer::normalize`] of every row of `[n_members, n, dim]`, in place.
    fn apply(&self, block: &mut Tensor) -> Result<(), TchError> {
        let clamp = |block: &mut Tensor, [least, most]: &[Tensor; 2]| {
            block.f_clamp_tensor_(Some(least), Some(most)).map(drop)
        };
        clamp(block, &self.input)?;
        let _ = block.f_sub_(&self.mean)?.f_div_(&self.std)?;
        clamp(block, &self.output)
    }
}
