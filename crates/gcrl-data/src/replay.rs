//! A replay buffer: the latest episodes, for learning while acting.
//!
//! A ring: episode number `k` since the beginning stands in slot `k % capacity`.

use crate::columns::{Column, columns, layouts};
use gcrl_core::{EpisodeShape, EpisodeView, Episodes};

/// A cause for a replay buffer not to be made, or not to be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The buffer is too large.
    #[error("replay buffer of {capacity} episodes does not fit into memory")]
    Memory {
        /// Slots asked for.
        capacity: usize,
    },
    /// The saved episodes are not as many as were written, or as fit.
    #[error(
        "replay buffer of {capacity} episodes holds {found}, where {n_written} written ones leave {expected}"
    )]
    Count {
        /// Episodes found.
        found: usize,
        /// Episodes that should be there.
        expected: usize,
        /// Episodes ever written.
        n_written: u64,
        /// Slots.
        capacity: usize,
    },
    /// A column has the wrong length.
    #[error("column `{column}` of a replay buffer holds {found} numbers, not {expected}")]
    Column {
        /// The column.
        column: &'static str,
        /// Numbers found.
        found: usize,
        /// Numbers that its shape asks for.
        expected: usize,
    },
}

/// The latest episodes, at most `capacity` of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// As many episodes as are present, with room reserved for `capacity` of them.
    slots: Episodes,
    capacity: usize,
    n_written: u64,
}

impl Replay {
    /// An empty buffer with room for `capacity` episodes.
    ///
    /// # Errors
    ///
    /// If that much memory cannot be had.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    pub fn new(shape: EpisodeShape, capacity: usize) -> Result<Self, ReplayError> {
        assert!(0 < capacity, "a replay buffer has room for an episode");
        let mut slots = Episodes::zeros(shape, 0);
        for (column, layout) in columns_mut(&mut slots).into_iter().zip(layouts(shape)) {
            let n_numbers = layout.episode_len().saturating_mul(capacity);
            let reserved = column.try_reserve_exact(n_numbers);
            reserved.map_err(|_error| ReplayError::Memory { capacity })?;
        }
        Ok(Self { slots, capacity, n_written: 0 })
    }

    /// Puts back what `view` showed when the buffer was saved: its columns and its `n_written`.
    ///
    /// # Errors
    ///
    /// If the episodes are not those of a buffer with `capacity` slots after `n_written` episodes, or
    /// that much memory cannot be had.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    pub fn restore(
        capacity: usize,
        episodes: &Episodes,
        n_written: u64,
    ) -> Result<Self, ReplayError> {
        let (found, expected) = (episodes.n_episodes, n_written.min(capacity as u64) as usize);
        if found != expected {
            return Err(ReplayError::Count { found, expected, n_written, capacity });
        }
        for Column { layout, values } in columns(episodes.view()) {
            let (found, expected) = (values.len(), episodes.n_episodes * layout.episode_len());
            if found != expected {
                return Err(ReplayError::Column { column: layout.name, found, expected });
            }
        }
        let mut replay = Self::new(episodes.shape, capacity)?;
        replay.push(episodes);
        replay.n_written = n_written;
        Ok(replay)
    }

    /// Adds `episodes`, in order, over the oldest ones where the buffer is full.
    ///
    /// # Panics
    ///
    /// If their shape is another one.
    pub fn push(&mut self, episodes: &Episodes) {
        assert_eq!(episodes.shape, self.slots.shape, "episodes of one task have one shape");
        for source in 0..episodes.n_episodes {
            let slot = (self.n_written % self.capacity as u64) as usize;
            let from = columns(episodes.view());
            for (to, from) in columns_mut(&mut self.slots).into_iter().zip(from) {
                let len = from.layout.episode_len();
                let numbers = &from.values[source * len..][..len];
                match to.get_mut(slot * len..(slot + 1) * len) {
                    Some(oldest) => oldest.copy_from_slice(numbers),
                    None => to.extend_from_slice(numbers),
                }
            }
            self.slots.n_episodes = self.slots.n_episodes.max(slot + 1);
            self.n_written += 1;
        }
    }

    /// Slots.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// What is in the buffer, slot by slot; all that a checkpoint keeps of it.
    pub fn view(&self) -> EpisodeView<'_> {
        EpisodeView { n_written: self.n_written, ..self.slots.view() }
    }
}

/// The columns of `episodes`, in the order of [`layouts`].
fn columns_mut(episodes: &mut Episodes) -> [&mut Vec<f32>; 4] {
    let Episodes { observation, achieved_goal, action, desired_goal, .. } = episodes;
    [observation, achieved_goal, action, desired_goal]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHAPE: EpisodeShape =
        EpisodeShape { observation_dim: 3, goal_dim: 2, action_dim: 1, n_transitions: 2 };

    /// Episodes of which number `k` holds `k` everywhere.
    fn episodes(numbers: std::ops::Range<u64>) -> Episodes {
        let mut episodes = Episodes::zeros(SHAPE, (numbers.end - numbers.start) as usize);
        let fill = |column: &mut [f32], len: usize| {
            for (episode, number) in column.chunks_exact_mut(len).zip(numbers.clone()) {
                episode.fill(number as f32);
            }
        };
        fill(&mut episodes.observation, 9);
        fill(&mut episodes.achieved_goal, 6);
        fill(&mut episodes.action, 2);
        fill(&mut episodes.desired_goal, 2);
        episodes
    }

    /// What a checkpoint keeps.
    fn saved(replay: &Replay) -> (Episodes, u64) {
        let view = replay.view();
        (view.to_episodes(), view.n_written)
    }

    proptest! {
        #[test]
        fn the_latest_episodes_stand_at_their_number_modulo_capacity(
            capacity in 1_usize..8, pushes in prop::collection::vec(0_u64..12, 0..6)
        ) {
            let mut replay = Replay::new(SHAPE, capacity).unwrap();
            let mut n_written = 0;
            for n in pushes {
                replay.push(&episodes(n_written..n_written + n));
                n_written += n;
            }
            let view = replay.view();
            prop_assert_eq!(view.n_written, n_written);
            prop_assert_eq!(view.n_episodes as u64, n_written.min(capacity as u64));
            for number in n_written - view.n_episodes as u64..n_written {
                let slot = (number % capacity as u64) as usize;
                let all_columns = [
                    view.observation(slot, 2), view.achieved_goal(slot, 2),
                    view.action(slot, 1), view.desired_goal(slot),
                ];
                prop_assert!(all_columns.concat().iter().all(|value| *value == number as f32));
            }
            let (episodes, n_written) = saved(&replay);
            prop_assert_eq!(Replay::restore(capacity, &episodes, n_written), Ok(replay));
        }
    }

    #[test]
    fn a_restored_buffer_goes_on_like_the_saved_one() {
        let mut replay = Replay::new(SHAPE, 3).unwrap();
        replay.push(&episodes(0..5));
        let (kept, n_written) = saved(&replay);
        let mut restored = Replay::restore(3, &kept, n_written).unwrap();
        replay.push(&episodes(5..7));
        restored.push(&episodes(5..7));
        assert_eq!(restored, replay);
    }

    #[test]
    fn a_buffer_that_does_not_add_up_is_refused() {
        assert_eq!(
            Replay::restore(4, &episodes(0..3), 5).unwrap_err().to_string(),
            "replay buffer of 4 episodes holds 3, where 5 written ones leave 4"
        );
        let mut short = episodes(0..3);
        short.action.pop();
        assert_eq!(
            Replay::restore(4, &short, 3).unwrap_err().to_string(),
            "column `action` of a replay buffer holds 5 numbers, not 6"
        );
    }

    #[test]
    fn a_buffer_that_does_not_fit_into_memory_is_refused() {
        for capacity in [usize::MAX, 1_000_000_000_000_000_000] {
            let refused = Replay::new(SHAPE, capacity);
            assert_eq!(refused, Err(ReplayError::Memory { capacity }));
        }
    }
}
