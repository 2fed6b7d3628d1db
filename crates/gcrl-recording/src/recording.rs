//! One recorded episode.

use gcrl_core::scene::{Pose, Scene};
use gcrl_core::{Behavior, Depict, EnvError, Field, FieldRecord, Play};
use serde::{Deserialize, Serialize};

/// How long a step of a task without physics is shown, in seconds.
const STEP_WITHOUT_PHYSICS_SECS: f32 = 0.1;

/// Everything about a recording but its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The task's id.
    pub task: String,
    /// Version of the task's motion; 0 where a recording is older than these versions.
    #[serde(default)]
    pub physics_version: u32,
    /// Who acted, in a few words.
    pub player: String,
    /// The root seed, and the episode's number under it.
    pub seed: u64,
    /// See `seed`.
    pub number: u64,
    /// How long a control step takes, in seconds.
    pub step_secs: f32,
    /// Parts of an observation, in order.
    pub observation: Vec<FieldRecord>,
    /// Parts of a goal, in order.
    pub goal: Vec<FieldRecord>,
    /// Parts of an action, in order.
    pub action: Vec<FieldRecord>,
    /// What there is to draw.
    pub scene: Scene,
}

/// One episode of `n_steps` steps, and `n_steps + 1` states. It may still grow.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What it is.
    pub about: About,
    /// Where the scene's bodies were, `[n_steps + 1, n_bodies]`.
    pub poses: Vec<Pose>,
    /// `[n_steps + 1, observation_dim]`
    pub observation: Vec<f32>,
    /// `[n_steps + 1, goal_dim]`
    pub achieved_goal: Vec<f32>,
    /// `[n_steps + 1, goal_dim]`; constant, unless somebody who watched moved the goal.
    pub desired_goal: Vec<f32>,
    /// `[n_steps, action_dim]`
    pub action: Vec<f32>,
    /// What each step earned, `[n_steps]`.
    pub reward: Vec<f32>,
    /// The points in the world that stand for the goal, `[n_steps + 1, n_points]`.
    pub goal_points: Vec<[f32; 3]>,
    /// The points that stand for what was achieved, `[n_steps + 1, n_points]`.
    pub achieved_points: Vec<[f32; 3]>,
}

impl Recording {
    /// Plays and records episode `number` of the root seed `seed`: the episode that collecting and
    /// evaluating make.
    ///
    /// # Errors
    ///
    /// The first error of the environment.
    pub fn of(
        env: &mut dyn Depict,
        behavior: &Behavior,
        seed: u64,
        number: u64,
    ) -> Result<Self, EnvError> {
        let mut play = Play::start(env, seed, number)?;
        let mut recording = Self::start(env, &behavior.name, seed, number);
        while !play.is_over(env) {
            let action = play.step(env, behavior)?;
            recording.push(env, action);
        }
        Ok(recording)
    }

    /// Records the first state of an episode, in which `env` is.
    pub fn start(env: &dyn Depict, player: &str, seed: u64, number: u64) -> Self {
        let spec = env.spec();
        let quantities = |fields: &[Field]| fields.iter().map(FieldRecord::from).collect();
        let physics_secs = (spec.physics_dt_secs * spec.sub_steps as f64) as f32;
        let about = About {
            task: spec.id.to_owned(),
            physics_version: spec.physics_version,
            player: player.to_owned(),
            seed,
            number,
            step_secs: if 0.0 < physics_secs { physics_secs } else { STEP_WITHOUT_PHYSICS_SECS },
            observation: quantities(spec.observation),
            goal: quantities(spec.goal),
            action: quantities(spec.action),
            scene: env.scene(),
        };
        let mut recording = Self::empty(about);
        recording.see(env);
        recording
    }

    /// Records a step: its action, and the state that it led `env` to.
    pub fn push(&mut self, env: &dyn Depict, action: &[f32]) {
        let seen = env.observation();
        self.action.extend(action);
        self.reward.push(env.spec().reward_of(seen.achieved_goal, seen.desired_goal));
        self.see(env);
    }

    /// Forgets what came after state `t`, and records that state anew, as `env` is now.
    pub(crate) fn replace_from(&mut self, t: usize, env: &dyn Depict) {
        fn keep<T>(column: &mut Vec<T>, n_rows: usize, count: usize) {
            column.truncate(column.len() / n_rows * count);
        }
        let (n_states, n_steps) = (self.n_steps() + 1, self.n_steps().max(1));
        keep(&mut self.poses, n_states, t);
        keep(&mut self.achieved_points, n_states, t);
        keep(&mut self.goal_points, n_states, t);
        for column in [&mut self.observation, &mut self.achieved_goal, &mut self.desired_goal] {
            keep(column, n_states, t);
        }
        keep(&mut self.action, n_steps, t);
        self.reward.truncate(t);
        self.see(env);
    }

    fn empty(about: About) -> Self {
        Self {
            about,
            poses: Vec::new(),
            observation: Vec::new(),
            achieved_goal: Vec::new(),
            desired_goal: Vec::new(),
            action: Vec::new(),
            reward: Vec::new(),
            goal_points: Vec::new(),
            achieved_points: Vec::new(),
        }
    }

    /// Adds a state.
    fn see(&mut self, env: &dyn Depict) {
        let seen = env.observation();
        self.observation.extend(seen.observation);
        self.achieved_goal.extend(seen.achieved_goal);
        self.desired_goal.extend(seen.desired_goal);
        self.achieved_points.extend(env.goal_points(seen.achieved_goal));
        self.goal_points.extend(env.goal_points(seen.desired_goal));
        let mut poses = Vec::new();
        env.poses(&mut poses);
        self.poses.extend(poses);
    }

    /// Steps in the episode.
    pub fn n_steps(&self) -> usize {
        self.reward.len()
    }

    /// Bodies in the scene.
    pub fn n_bodies(&self) -> usize {
        self.about.scene.bodies.len()
    }

    /// How long the episode takes, in seconds.
    pub fn duration_secs(&self) -> f32 {
        self.n_steps() as f32 * self.about.step_secs
    }

    /// Where the bodies were in state `t`, `[n_bodies]`.
    pub fn poses(&self, t: usize) -> &[Pose] {
        &self.poses[t * self.n_bodies()..(t + 1) * self.n_bodies()]
    }

    /// Points that stand for a goal.
    pub fn n_points(&self) -> usize {
        self.goal_points.len() / (self.n_steps() + 1)
    }

    /// The points that stand for the goal in state `t`, `[n_points]`.
    pub fn goal_points(&self, t: usize) -> &[[f32; 3]] {
        &self.goal_points[t * self.n_points()..(t + 1) * self.n_points()]
    }

    /// The points that stand for what was achieved in state `t`, `[n_points]`.
    pub fn achieved_points(&self, t: usize) -> &[[f32; 3]] {
        &self.achieved_points[t * self.n_points()..(t + 1) * self.n_points()]
    }

    /// Whether the goal was reached by the step that led to state `t`; never in the first state.
    pub fn is_reached(&self, t: usize) -> bool {
        t.checked_sub(1).is_some_and(|step| 0.0 < self.reward[step])
    }

    /// What the steps up to state `t` earned together.
    pub fn return_at(&self, t: usize) -> f32 {
        // The sum of no numbers is -0, and would be written so.
        self.reward[..t].iter().sum::<f32>() + 0.0
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use gcrl_core::scene::{Camera, Layer, Material, Shape, Visual};

    /// Three steps of 0.1 s: the second of two bodies goes from x = 0 to 1, 2 and 3.
    pub(crate) fn recorded(number: u64) -> Recording {
        let x = [0.0, 1.0, 2.0, 3.0];
        let quantity =
            |name: &str| FieldRecord { name: name.to_owned(), len: 1, unit: "m".to_owned() };
        let ball = Visual {
            body: 1,
            in_body: Pose::IDENTITY,
            shape: Shape::Sphere { radius: 0.1 },
            material: Material::matte(1.0, 0.0, 0.0),
            layer: Layer::Look,
        };
        let camera = Camera { target: [0.0; 3], eye: [0.0, -3.0, 3.0] };
        let about = About {
            task: "Line".to_owned(),
            physics_version: 1,
            player: "by hand".to_owned(),
            seed: 3,
            number,
            step_secs: 0.1,
            observation: vec![quantity("ball_in_world")],
            goal: vec![quantity("ball_in_world")],
            action: vec![quantity("ball_displacement")],
            scene: Scene {
                bodies: vec!["world".to_owned(), "ball".to_owned()],
                visuals: vec![ball],
                camera,
                goal_radius: Some(0.5),
            },
        };
        Recording {
            about,
            poses: x.iter().flat_map(|x| [Pose::IDENTITY, Pose::at([*x, 0.0, 0.0])]).collect(),
            observation: x.to_vec(),
            achieved_goal: x.to_vec(),
            desired_goal: vec![2.0; 4],
            action: vec![1.0; 3],
            reward: vec![0.0, 1.0, 0.0],
            goal_points: vec![[2.0, 0.0, 0.0]; 4],
            achieved_points: x.iter().map(|x| [*x, 0.0, 0.0]).collect(),
        }
    }

    #[test]
    fn states_and_steps_are_counted_as_everywhere() {
        let recording = recorded(0);
        assert_eq!((recording.n_steps(), recording.n_bodies()), (3, 2));
        assert_eq!(recording.poses(2)[1], Pose::at([2.0, 0.0, 0.0]));
        assert_eq!([0, 1, 2, 3].map(|t| recording.is_reached(t)), [false, false, true, false]);
        assert_eq!([0, 1, 2, 3].map(|t| recording.return_at(t)), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(recording.return_at(0).to_string(), "0");
    }
}
