//! A data set in the memory of a device: copied once, then only what is new; drawn transitions are
//! gathered and normalized there.

use crate::gather::{Source, n_transitions};
use crate::transfer::upload;
use gcrl_core::{EpisodeShape, EpisodeView, GoalAt, Normalizer};
use gcrl_nn::{Gather, InputNormalizers, RowContent};
use std::ops::Range;
use tch::{Device, Kind, TchError, Tensor};

/// See the module.
#[derive(Debug)]
pub(crate) struct Columns {
    device: Device,
    data: Option<Data>,
    scales: Option<Scales>,
}

/// The columns, with room for `capacity` episodes.
#[derive(Debug)]
struct Data {
    shape: EpisodeShape,
    /// Where the columns stand in the memory of the CPU: another place is another data set.
    address: usize,
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

/// How the members scale, and on the device.
#[derive(Debug)]
struct Scales {
    normalizers: Vec<InputNormalizers>,
    observation: Scale,
    goal: Scale,
}

/// Normalizers of one kind, of all members.
#[derive(Debug)]
struct Scale {
    /// `[runs, 1, dim]`
    mean: Tensor,
    /// `[runs, 1, dim]`
    std: Tensor,
    /// Least and largest input, each `[runs, 1, 1]`.
    input: [Tensor; 2],
    /// Least and largest result, each `[runs, 1, 1]`.
    output: [Tensor; 2],
}

impl Columns {
    /// No data set yet.
    pub(crate) const fn new(device: Device) -> Self {
        Self { device, data: None, scales: None }
    }

    /// Fills the block `rows`, which is `[runs, n_rows, width]`, as `gather` asks.
    pub(crate) fn fill(
        &mut self,
        rows: &Tensor,
        sizes: [usize; 3],
        episodes: EpisodeView<'_>,
        gather: &Gather<'_>,
    ) -> Result<(), TchError> {
        let n = n_transitions(sizes, episodes, gather);
        let runs = sizes[0];
        let device = self.device;
        let data = follow(&mut self.data, episodes, device)?;
        let indices = upload(&data.indices(episodes, gather), &[3, runs * n], device)?;
        let take = |column: &Tensor, kind: i64, dim: usize| -> Result<Tensor, TchError> {
            let taken = column.f_index_select(0, &indices.f_select(0, kind)?)?;
            taken.f_view([runs as i64, n as i64, dim as i64])
        };
        let shape = data.shape;
        let mut observation = take(&data.observation, 0, shape.observation_dim)?;
        let mut goal = take(&data.goal, 1, shape.goal_dim)?;
        let scales = Scales::refresh(&mut self.scales, gather.normalizers, device)?;
        scales.observation.apply(&mut observation)?;
        scales.goal.apply(&mut goal)?;
        let rows = rows.f_narrow(1, gather.first_row as i64, n as i64)?;
        let put = |first_column: usize, block: &Tensor, dim: usize| {
            rows.f_narrow(2, first_column as i64, dim as i64)?.f_copy_(block)
        };
        put(0, &observation, shape.observation_dim)?;
        put(shape.observation_dim, &goal, shape.goal_dim)?;
        if gather.content == RowContent::StateGoalAction {
            let action = take(&data.action, 2, shape.action_dim)?;
            put(shape.observation_dim + shape.goal_dim, &action, shape.action_dim)?;
        }
        Ok(())
    }
}

/// Copies of `episodes` what is not on the device yet.
fn follow<'a>(
    data: &'a mut Option<Data>,
    episodes: EpisodeView<'_>,
    device: Device,
) -> Result<&'a mut Data, TchError> {
    let known = data.take().filter(|data| data.is_of(episodes));
    let known = match known {
        // Twice the room, so that a memory which grows is copied a few times only.
        Some(known) if known.capacity < episodes.n_episodes => {
            Data::with_room(episodes, 2 * episodes.n_episodes, device)?
        }
        Some(known) => known,
        None => Data::with_room(episodes, episodes.n_episodes, device)?,
    };
    let data = data.insert(known);
    data.copy_new(episodes)?;
    Ok(data)
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
            address: address(episodes),
            capacity,
            n_written: 0,
            observation: column(n_states, shape.observation_dim)?,
            goal: column(n_states + capacity, shape.goal_dim)?,
            action: column(capacity * shape.n_transitions, shape.action_dim)?,
        })
    }

    /// Whether `episodes` continue what was copied.
    fn is_of(&self, episodes: EpisodeView<'_>) -> bool {
        self.shape == episodes.shape
            && self.address == address(episodes)
            && self.n_written <= episodes.n_written
    }

    fn copy_new(&mut self, episodes: EpisodeView<'_>) -> Result<(), TchError> {
        let present = episodes.n_episodes as u64;
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

    /// Rows of the three columns that the drawn transitions read, `[3, runs · n]`.
    fn indices(&self, episodes: EpisodeView<'_>, gather: &Gather<'_>) -> Vec<i64> {
        let n = gather.transitions.len();
        let (n_states, n_transitions) = (self.shape.n_states(), self.shape.n_transitions);
        let mut indices = vec![0; 3 * n];
        for (i, transition) in gather.transitions.iter().enumerate() {
            let Source { episode, state, transition: t } = Source::of(*transition, gather.state);
            // A device does not say which index was too large, if it says anything.
            assert!(episode < episodes.n_episodes && t < n_transitions, "a transition of the data");
            let goal = match transition.goal {
                GoalAt::Desired => self.capacity * n_states + episode,
                GoalAt::Achieved(t) => {
                    assert!((t as usize) < n_states, "a state of the episode");
                    episode * n_states + t as usize
                }
            };
            indices[i] = (episode * n_states + state) as i64;
            indices[n + i] = goal as i64;
            indices[2 * n + i] = (episode * n_transitions + t) as i64;
        }
        indices
    }
}

fn address(episodes: EpisodeView<'_>) -> usize {
    episodes.observation.as_ptr().addr()
}

impl Scales {
    /// Uploads `normalizers`, unless they are those of the last call.
    fn refresh<'a>(
        scales: &'a mut Option<Self>,
        normalizers: &[InputNormalizers],
        device: Device,
    ) -> Result<&'a mut Self, TchError> {
        let scales_now = match scales.take().filter(|scales| scales.normalizers == normalizers) {
            Some(scales) => scales,
            None => Self {
                observation: Scale::new(normalizers, |of_member| &of_member.observation, device)?,
                goal: Scale::new(normalizers, |of_member| &of_member.goal, device)?,
                normalizers: normalizers.to_vec(),
            },
        };
        Ok(scales.insert(scales_now))
    }
}

impl Scale {
    fn new(
        normalizers: &[InputNormalizers],
        kind: fn(&InputNormalizers) -> &Normalizer,
        device: Device,
    ) -> Result<Self, TchError> {
        let runs = normalizers.len();
        let vectors = |numbers: fn(&Normalizer) -> &[f32]| {
            let numbers: Vec<f32> =
                normalizers.iter().flat_map(|n| numbers(kind(n)).iter().copied()).collect();
            upload(&numbers, &[runs, 1, numbers.len() / runs], device)
        };
        let limits = |limit: fn(&Normalizer) -> f32| {
            let most: Vec<f32> = normalizers.iter().map(|n| limit(kind(n))).collect();
            let least: Vec<f32> = most.iter().map(|limit| -limit).collect();
            let upload = |limits: &[f32]| upload(limits, &[runs, 1, 1], device);
            Ok::<_, TchError>([upload(&least)?, upload(&most)?])
        };
        Ok(Self {
            mean: vectors(|normalizer| &normalizer.mean)?,
            std: vectors(|normalizer| &normalizer.std)?,
            input: limits(|normalizer| normalizer.input_clip)?,
            output: limits(|normalizer| normalizer.output_clip)?,
        })
    }

    /// [`Normalizer::normalize`] of every row of `[runs, n, dim]`, in place.
    fn apply(&self, block: &mut Tensor) -> Result<(), TchError> {
        let clamp = |block: &mut Tensor, [least, most]: &[Tensor; 2]| {
            block.f_clamp_tensor_(Some(least), Some(most)).map(drop)
        };
        clamp(block, &self.input)?;
        let _ = block.f_sub_(&self.mean)?.f_div_(&self.std)?;
        clamp(block, &self.output)
    }
}
