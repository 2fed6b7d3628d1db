//! A memory of the latest episodes, for learning while acting.
//!
//! A ring: episode number `k` since the beginning stands in slot `k % capacity`.

use crate::columns::{Column, columns};
use gcrl_core::{EpisodeShape, EpisodeView, Episodes};

/// A cause for a saved memory not to be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The saved episodes are not as many as were written, or as fit.
    #[error(
        "replay memory of {capacity} episodes holds {found}, where {n_written} written ones leave {expected}"
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
    #[error("column `{column}` of a replay memory holds {found} numbers, not {expected}")]
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
    slots: Episodes,
    n_written: u64,
}

impl Replay {
    /// An empty memory with room for `capacity` episodes.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    pub fn new(shape: EpisodeShape, capacity: usize) -> Self {
        assert!(0 < capacity, "a memory has room for an episode");
        Self { slots: Episodes::zeros(shape, capacity), n_written: 0 }
    }

    /// Puts back what `view` showed when the memory was saved: its columns and its `n_written`.
    ///
    /// # Errors
    ///
    /// If the episodes are not those of a memory with `capacity` slots after `n_written` episodes.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    pub fn restore(
        capacity: usize,
        episodes: &Episodes,
        n_written: u64,
    ) -> Result<Self, RestoreError> {
        let (found, expected) = (episodes.n_episodes, n_written.min(capacity as u64) as usize);
        if found != expected {
            return Err(RestoreError::Count { found, expected, n_written, capacity });
        }
        for Column { layout, values } in columns(episodes.view()) {
            let (found, expected) = (values.len(), episodes.n_episodes * layout.episode_len());
            if found != expected {
                return Err(RestoreError::Column { column: layout.name, found, expected });
            }
        }
        let mut replay = Self::new(episodes.shape, capacity);
        replay.push(episodes);
        replay.n_written = n_written;
        Ok(replay)
    }

    /// Adds `episodes`, in order, over the oldest ones where the memory is full.
    ///
    /// # Panics
    ///
    /// If their shape is another one.
    pub fn push(&mut self, episodes: &Episodes) {
        assert_eq!(episodes.shape, self.slots.shape, "episodes of one task have one shape");
        let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = episodes.shape;
        let n_states = episodes.shape.n_states();
        for source in 0..episodes.n_episodes {
            let slot = (self.n_written % self.slots.n_episodes as u64) as usize;
            let copy = |to: &mut [f32], from: &[f32], len: usize| {
                to[slot * len..][..len].copy_from_slice(&from[source * len..][..len]);
            };
            let slots = &mut self.slots;
            copy(&mut slots.observation, &episodes.observation, n_states * observation_dim);
            copy(&mut slots.achieved_goal, &episodes.achieved_goal, n_states * goal_dim);
            copy(&mut slots.action, &episodes.action, n_transitions * action_dim);
            copy(&mut slots.desired_goal, &episodes.desired_goal, goal_dim);
            self.n_written += 1;
        }
    }

    /// Slots.
    pub fn capacity(&self) -> usize {
        self.slots.n_episodes
    }

    /// What is in the memory, slot by slot; all that a checkpoint keeps of it.
    pub fn view(&self) -> EpisodeView<'_> {
        let n_episodes = self.n_written.min(self.capacity() as u64) as usize;
        let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } =
            self.slots.shape;
        let n_states = n_episodes * self.slots.shape.n_states();
        EpisodeView {
            shape: self.slots.shape,
            n_episodes,
            n_written: self.n_written,
            observation: &self.slots.observation[..n_states * observation_dim],
            achieved_goal: &self.slots.achieved_goal[..n_states * goal_dim],
            action: &self.slots.action[..n_episodes * n_transitions * action_dim],
            desired_goal: &self.slots.desired_goal[..n_episodes * goal_dim],
        }
    }
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
        let episodes = Episodes {
            shape: view.shape,
            n_episodes: view.n_episodes,
            observation: view.observation.to_vec(),
            achieved_goal: view.achieved_goal.to_vec(),
            action: view.action.to_vec(),
            desired_goal: view.desired_goal.to_vec(),
        };
        (episodes, view.n_written)
    }

    proptest! {
        #[test]
        fn the_latest_episodes_stand_at_their_number_modulo_capacity(
            capacity in 1_usize..8, pushes in prop::collection::vec(0_u64..12, 0..6)
        ) {
            let mut replay = Replay::new(SHAPE, capacity);
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
    fn a_restored_memory_goes_on_like_the_saved_one() {
        let mut replay = Replay::new(SHAPE, 3);
        replay.push(&episodes(0..5));
        let (kept, n_written) = saved(&replay);
        let mut restored = Replay::restore(3, &kept, n_written).unwrap();
        replay.push(&episodes(5..7));
        restored.push(&episodes(5..7));
        assert_eq!(restored, replay);
    }

    #[test]
    fn a_memory_that_does_not_add_up_is_refused() {
        assert_eq!(
            Replay::restore(4, &episodes(0..3), 5).unwrap_err().to_string(),
            "replay memory of 4 episodes holds 3, where 5 written ones leave 4"
        );
        let mut short = episodes(0..3);
        short.action.pop();
        assert_eq!(
            Replay::restore(4, &short, 3).unwrap_err().to_string(),
            "column `action` of a replay memory holds 5 numbers, not 6"
        );
    }
}
