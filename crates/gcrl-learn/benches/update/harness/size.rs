//! The two sizes, and episodes to learn from.

use gcrl_core::{Episodes, Field, SuccessRule, TaskSpec, seed};
use std::rc::Rc;

/// A size: that of the Fetch tasks, or that of the Point tasks.
pub(crate) struct Size {
    pub(crate) name: &'static str,
    /// Its id is that of the task whose settings the paper gives.
    pub(crate) spec: &'static TaskSpec,
    pub(crate) episodes: Rc<Episodes>,
}

/// 25 observations, 3 goals, 4 actions; by its id batch 512, and targets every 20 updates.
static FETCH: TaskSpec = TaskSpec {
    id: "FetchPush",
    summary: "",
    observation: &[Field::new("observation", 25, "m")],
    goal: &[Field::new("block_in_world", 3, "m")],
    action: &[Field::new("action", 4, "1")],
    horizon: 50,
    n_transitions: 49,
    sub_steps: 20,
    physics_dt_secs: 0.002,
    physics_version: 1,
    reward: SuccessRule::Within(0.05),
    success: SuccessRule::Within(0.05),
};

/// 2 observations, 2 goals, 2 actions; by its id batch 128, and targets every update.
static POINT: TaskSpec = TaskSpec {
    id: "PointReach",
    observation: &[Field::new("observation", 2, "m")],
    goal: &[Field::new("point_in_world", 2, "m")],
    action: &[Field::new("action", 2, "1")],
    ..FETCH
};

/// Both sizes, with as many episodes as the references have.
pub(crate) fn all() -> [Size; 2] {
    [("fetch", &FETCH, 20_000), ("point", &POINT, 2_000)].map(|(name, spec, n_episodes)| {
        let episodes = Rc::new(synthetic(spec, n_episodes));
        Size { name, spec, episodes }
    })
}

/// Episodes of a noisy walk toward the goal: `x ← x + 0.05 u`, `u = clip(4 (g − x) + noise, −1, 1)`,
/// seen through as many noisy copies of `x` as an observation has room for.
fn synthetic(spec: &TaskSpec, n_episodes: usize) -> Episodes {
    let mut episodes = Episodes::zeros(spec.episode_shape(), n_episodes);
    let (goal_dim, n_states) = (spec.goal_dim(), episodes.shape.n_states());
    let mut observations = episodes.observation.chunks_exact_mut(spec.observation_dim());
    let mut achieved_goals = episodes.achieved_goal.chunks_exact_mut(goal_dim);
    let mut actions = episodes.action.chunks_exact_mut(spec.action_dim());
    let desired_goals = episodes.desired_goal.chunks_exact_mut(goal_dim);
    for (number, desired_goal) in desired_goals.enumerate() {
        let mut rng = seed::stream(0, "synthetic", number as u64);
        let mut uniform = |scale: f32| scale * seed::signed_unit_f32(&mut rng);
        desired_goal.fill_with(|| uniform(0.3));
        let mut position: Vec<f32> = (0..goal_dim).map(|_| uniform(0.3)).collect();
        for t in 0..n_states {
            achieved_goals.next().expect("a goal a state").copy_from_slice(&position);
            let observation = observations.next().expect("an observation a state");
            for (component, x) in observation.iter_mut().zip(position.iter().cycle()) {
                *component = x + uniform(0.02);
            }
            if t + 1 == n_states {
                break;
            }
            let action = actions.next().expect("an action a transition");
            for (i, component) in action.iter_mut().enumerate() {
                let wanted = if i < goal_dim { 4.0 * (desired_goal[i] - position[i]) } else { 0.0 };
                *component = (wanted + uniform(0.5)).clamp(-1.0, 1.0);
            }
            for (x, component) in position.iter_mut().zip(&*action) {
                *x += 0.05 * component;
            }
        }
    }
    episodes
}
