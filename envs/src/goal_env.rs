//! The environment around any task: seeding, clipping, horizon and reward, written once.

use crate::task::Task;
use gcrl_core::scene::Pose;
use gcrl_core::{
    Depict, Env, EnvError, GoalObservation, Outcome, Scene, StepSideBySide, TaskSpec, Turn, seed,
};
use std::any::Any;

/// An environment that runs task `T`.
pub struct GoalEnv<T: Task> {
    task: T,
    seed: u64,
    /// Control steps taken; `None` outside an episode.
    n_steps: Option<usize>,
    action: Vec<f32>,
    observation: Vec<f32>,
    achieved_goal: Vec<f32>,
    desired_goal: Vec<f32>,
}

impl<T: Task> GoalEnv<T> {
    /// An environment of `task` that waits for its first `reset`.
    pub fn new(task: T) -> Self {
        Self {
            task,
            seed: 0,
            n_steps: None,
            action: vec![0.0; T::SPEC.action_dim()],
            observation: vec![0.0; T::SPEC.observation_dim()],
            achieved_goal: vec![0.0; T::SPEC.goal_dim()],
            desired_goal: vec![0.0; T::SPEC.goal_dim()],
        }
    }

    /// Starts an episode in the state that `place` puts the task in, and with `goal`, `[goal_dim]`.
    pub(crate) fn start_with(
        &mut self,
        goal: &[f32],
        place: impl FnOnce(&mut T),
    ) -> Result<(), EnvError> {
        self.seed = 0;
        place(&mut self.task);
        self.n_steps = Some(0);
        self.set_goal(goal)
    }

    /// Takes the command of a step; returns the step's number.
    fn begin_step(&mut self, action: &[f32]) -> Result<usize, EnvError> {
        let Some(step) = self.n_steps else {
            return Err(EnvError::NotReset { task: T::SPEC.id });
        };
        self.check(action, step)?;
        for (limited, component) in self.action.iter_mut().zip(action) {
            *limited = component.clamp(-1.0, 1.0);
        }
        self.task.command(&self.action);
        Ok(step)
    }

    /// Sees what a step, whose task has moved on, led to.
    fn finish_step(&mut self, step: usize) -> Result<Outcome, EnvError> {
        self.observe(step)?;
        let truncated = step + 1 == T::SPEC.horizon;
        self.n_steps = (!truncated).then_some(step + 1);
        Ok(Outcome {
            reward: T::SPEC.reward_of(&self.achieved_goal, &self.desired_goal),
            success: T::SPEC.success.is_reached(&self.achieved_goal, &self.desired_goal),
            truncated,
        })
    }

    /// Steps environments side by side, if all are of this type.
    fn step_side_by_side(turns: &mut [Turn<'_>]) -> Vec<Result<Outcome, EnvError>> {
        let own = turns.iter_mut().map(|(env, action)| {
            let env: &mut dyn Any = &mut **env;
            Some((env.downcast_mut::<Self>()?, *action))
        });
        let own = own.collect::<Option<Vec<_>>>();
        let Some(mut own) = own else {
            return turns.iter_mut().map(|(env, action)| env.step(action)).collect();
        };
        let begun: Vec<_> = own.iter_mut().map(|(env, action)| env.begin_step(action)).collect();
        let moving = own.iter_mut().zip(&begun).filter(|(_, begun)| begun.is_ok());
        let mut tasks: Vec<_> = moving.map(|((env, _), _)| &mut env.task).collect();
        T::advance(&mut tasks);
        own.iter_mut().zip(begun).map(|((env, _), begun)| env.finish_step(begun?)).collect()
    }

    /// Reads the task's state; a state that is not finite ends the episode.
    fn observe(&mut self, step: usize) -> Result<(), EnvError> {
        self.task.observation(&self.desired_goal, &mut self.observation);
        self.task.achieved_goal(&mut self.achieved_goal);
        let mut seen = self.observation.iter().chain(&self.achieved_goal);
        if seen.all(|number| number.is_finite()) {
            return Ok(());
        }
        self.n_steps = None;
        Err(EnvError::StateNotFinite { task: T::SPEC.id, seed: self.seed, step })
    }

    fn check(&self, action: &[f32], step: usize) -> Result<(), EnvError> {
        let task = T::SPEC.id;
        if action.len() != self.action.len() {
            let (found, expected) = (action.len(), self.action.len());
            return Err(EnvError::ActionLength { task, found, expected });
        }
        match action.iter().position(|component| component.is_nan()) {
            Some(component) => {
                Err(EnvError::ActionNotFinite { task, seed: self.seed, step, component })
            }
            None => Ok(()),
        }
    }
}

impl<T: Task> Env for GoalEnv<T> {
    fn spec(&self) -> &'static TaskSpec {
        const { &T::SPEC }
    }

    fn reset(&mut self, seed: u64) -> Result<(), EnvError> {
        self.seed = seed;
        self.task.reset(&mut self.desired_goal, &mut seed::stream(seed, "task", 0));
        self.n_steps = Some(0);
        self.observe(0)
    }

    fn step(&mut self, action: &[f32]) -> Result<Outcome, EnvError> {
        let step = self.begin_step(action)?;
        T::advance(&mut [&mut self.task]);
        self.finish_step(step)
    }

    fn side_by_side(&self) -> Option<StepSideBySide> {
        Some(Self::step_side_by_side)
    }

    fn observation(&self) -> GoalObservation<'_> {
        GoalObservation {
            observation: &self.observation,
            achieved_goal: &self.achieved_goal,
            desired_goal: &self.desired_goal,
        }
    }

    fn set_goal(&mut self, goal: &[f32]) -> Result<(), EnvError> {
        let found = goal.iter().filter(|number| number.is_finite()).count();
        let expected = self.desired_goal.len();
        if found != expected || found != goal.len() {
            return Err(EnvError::Goal { task: T::SPEC.id, found, expected });
        }
        self.desired_goal.copy_from_slice(goal);
        self.observe(self.n_steps.unwrap_or(0))
    }
}

impl<T: Task> Depict for GoalEnv<T> {
    fn scene(&self) -> Scene {
        self.task.scene()
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        poses.clear();
        self.task.poses(poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        self.task.goal_points(goal)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use gcrl_core::seed::Stream;
    use gcrl_core::{Field, SuccessRule};

    /// A counter that the action advances, and that blows up above 1.5.
    pub(crate) struct Counter(pub(crate) f32);

    impl Task for Counter {
        const SPEC: TaskSpec = TaskSpec {
            id: "Counter",
            summary: "",
            observation: &[Field::new("count", 1, "1")],
            goal: &[Field::new("count", 1, "1")],
            action: &[Field::new("increment", 1, "1")],
            horizon: 3,
            n_transitions: 2,
            sub_steps: 2,
            physics_dt_secs: 0.0,
            physics_version: crate::PHYSICS_VERSION,
            reward: SuccessRule::Within(0.5),
            success: SuccessRule::Within(0.25),
        };
        fn new() -> Self {
            Self(0.0)
        }
        fn reset(&mut self, goal: &mut [f32], _rng: &mut Stream) {
            self.0 = 0.0;
            goal[0] = 0.0;
        }
        fn command(&mut self, action: &[f32]) {
            self.0 += action[0];
        }
        fn advance(tasks: &mut [&mut Self]) {
            for task in tasks {
                for _ in 0..Self::SPEC.sub_steps {
                    task.0 *= if 1.5 < task.0 { f32::INFINITY } else { 0.5 };
                }
            }
        }
        fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
            observation[0] = self.0;
        }
        fn achieved_goal(&self, achieved_goal: &mut [f32]) {
            achieved_goal[0] = self.0;
        }
        fn scene(&self) -> Scene {
            unreachable!("nothing is drawn")
        }
        fn poses(&self, _: &mut Vec<Pose>) {}
        fn goal_points(&self, _: &[f32]) -> Vec<[f32; 3]> {
            Vec::new()
        }
    }

    pub(crate) fn counter() -> GoalEnv<Counter> {
        GoalEnv::new(Counter::new())
    }

    #[test]
    fn actions_are_limited_and_the_task_moves_on_once() {
        let mut env = counter();
        env.reset(0).unwrap();
        let outcome = env.step(&[100.0]).unwrap();
        assert_eq!(env.observation().observation, [0.25]);
        assert_eq!(outcome, Outcome { reward: 1.0, success: true, truncated: false });
    }

    #[test]
    fn the_horizon_truncates_and_ends_the_episode() {
        let mut env = counter();
        assert_eq!(env.step(&[0.0]), Err(EnvError::NotReset { task: "Counter" }));
        env.reset(0).unwrap();
        let truncated: Vec<_> = (0..3).map(|_| env.step(&[0.0]).unwrap().truncated).collect();
        assert_eq!(truncated, [false, false, true]);
        assert_eq!(env.step(&[0.0]), Err(EnvError::NotReset { task: "Counter" }));
    }

    #[test]
    fn a_bad_action_is_refused_and_the_episode_goes_on() {
        let mut env = counter();
        env.reset(5).unwrap();
        let too_long = EnvError::ActionLength { task: "Counter", found: 2, expected: 1 };
        assert_eq!(env.step(&[0.0, 0.0]), Err(too_long));
        let nan = EnvError::ActionNotFinite { task: "Counter", seed: 5, step: 0, component: 0 };
        assert_eq!(env.step(&[f32::NAN]), Err(nan));
        assert!(env.step(&[f32::INFINITY]).is_ok());
    }

    #[test]
    fn a_goal_of_another_length_or_without_a_number_is_refused() {
        let mut env = counter();
        env.reset(0).unwrap();
        env.set_goal(&[0.75]).unwrap();
        let refused = |found| Err(EnvError::Goal { task: "Counter", found, expected: 1 });
        assert_eq!(env.set_goal(&[]), refused(0));
        assert_eq!(env.set_goal(&[0.0, 0.0]), refused(2));
        assert_eq!(env.set_goal(&[f32::NAN]), refused(0));
        assert_eq!(env.observation().desired_goal, [0.75]);
    }

    #[test]
    fn a_state_that_is_not_finite_ends_the_episode() {
        let mut env = counter();
        env.reset(7).unwrap();
        env.task.0 = 1.0;
        let blown_up = EnvError::StateNotFinite { task: "Counter", seed: 7, step: 0 };
        assert_eq!(env.step(&[1.0]), Err(blown_up));
        assert_eq!(env.step(&[0.0]), Err(EnvError::NotReset { task: "Counter" }));
    }
}
