//! The four columns of episodes, for code that does the same to each of them.

use gcrl_core::{EpisodeShape, EpisodeView};

/// The sizes of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Its name in files.
    pub(crate) name: &'static str,
    /// States or transitions of an episode; `None` where a column has one row an episode.
    pub(crate) n_rows: Option<usize>,
    /// Numbers in a row.
    pub(crate) dim: usize,
}

impl Layout {
    /// `[n_episodes, n_rows, dim]`, or `[n_episodes, dim]`.
    pub(crate) fn shape(self, n_episodes: usize) -> Vec<usize> {
        [Some(n_episodes), self.n_rows, Some(self.dim)].into_iter().flatten().collect()
    }

    /// Numbers of an episode.
    pub(crate) fn episode_len(self) -> usize {
        self.n_rows.unwrap_or(1) * self.dim
    }
}

/// The columns of episodes of `shape`, in the order of files.
pub(crate) fn layouts(shape: EpisodeShape) -> [Layout; 4] {
    let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = shape;
    let n_states = shape.n_states();
    [
        Layout { name: "observation", n_rows: Some(n_states), dim: observation_dim },
        Layout { name: "achieved_goal", n_rows: Some(n_states), dim: goal_dim },
        Layout { name: "action", n_rows: Some(n_transitions), dim: action_dim },
        Layout { name: "desired_goal", n_rows: None, dim: goal_dim },
    ]
}

/// A column with its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    /// Its sizes.
    pub(crate) layout: Layout,
    /// Row by row.
    pub(crate) values: &'a [f32],
}

/// The columns of `view`, in the order of files.
pub(crate) fn columns(view: EpisodeView<'_>) -> [Column<'_>; 4] {
    let [observation, achieved_goal, action, desired_goal] = layouts(view.shape);
    [
        Column { layout: observation, values: view.observation },
        Column { layout: achieved_goal, values: view.achieved_goal },
        Column { layout: action, values: view.action },
        Column { layout: desired_goal, values: view.desired_goal },
    ]
}

impl Column<'_> {
    /// The first NaN or infinity: its episode and the number.
    ///
    /// Looks at whole blocks, so that it runs at the speed of memory.
    pub(crate) fn first_not_finite(&self) -> Option<(usize, f32)> {
        const EXPONENT: u32 = 0x7f80_0000;
        let is_bad = |value: &f32| value.to_bits() & EXPONENT == EXPONENT;
        let mut blocks = self.values.chunks(4096).enumerate();
        let (block_idx, block) = blocks.find(|(_, block)| {
            block.iter().fold(false, |any_bad, value| any_bad | is_bad(value))
        })?;
        let index = block.iter().position(is_bad)?;
        Some(((block_idx * 4096 + index) / self.layout.episode_len(), block[index]))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use gcrl_core::{Episodes, Field, SuccessRule, TaskSpec, seed};

    pub(crate) const SPEC: TaskSpec = TaskSpec {
        id: "PointReach",
        summary: "",
        observation: &[Field::new("point_in_world", 2, "m"), Field::new("speed", 1, "m/s")],
        goal: &[Field::new("point_in_world", 2, "m")],
        action: &[Field::new("velocity", 2, "m/s")],
        horizon: 5,
        n_transitions: 4,
        sub_steps: 1,
        physics_dt_secs: 0.5,
        physics_version: 1,
        reward: SuccessRule::Within(1.0),
        success: SuccessRule::Inside(0.25),
    };

    /// Episodes of `SPEC` with random numbers in [-1, 1], the same in every run.
    pub(crate) fn random_episodes(n_episodes: usize) -> Episodes {
        let mut rng = seed::stream(3, "test episodes", 0);
        let mut episodes = Episodes::zeros(SPEC.episode_shape(), n_episodes);
        for column in [
            &mut episodes.observation,
            &mut episodes.achieved_goal,
            &mut episodes.action,
            &mut episodes.desired_goal,
        ] {
            column.fill_with(|| seed::signed_unit_f32(&mut rng));
        }
        episodes
    }

    #[test]
    fn the_first_bad_number_is_found_wherever_it_stands() {
        let layout = layouts(SPEC.episode_shape())[0];
        assert_eq!(layout.episode_len(), 15);
        let mut values = vec![f32::MAX; 10_000];
        assert_eq!(Column { layout, values: &values }.first_not_finite(), None);
        for (index, bad) in [(9_999, f32::INFINITY), (4_096, f32::NEG_INFINITY), (0, f32::INFINITY)]
        {
            values[index] = bad;
            let found = Column { layout, values: &values }.first_not_finite();
            assert_eq!(found, Some((index / 15, bad)));
        }
        values[0] = f32::NAN;
        let found = Column { layout, values: &values }.first_not_finite();
        assert!(found.is_some_and(|(episode, found)| episode == 0 && found.is_nan()));
    }

    #[test]
    fn shapes_are_those_of_the_vocabulary() {
        let shapes = layouts(SPEC.episode_shape()).map(|layout| layout.shape(7));
        assert_eq!(shapes, [vec![7, 5, 3], vec![7, 5, 2], vec![7, 4, 2], vec![7, 2]]);
    }
}
