//! A task that is known from its episodes alone: its policies are trained here and act elsewhere.

use gcrl_core::scene::{Camera, Pose};
use gcrl_core::{Depict, Env, EnvError, GoalObservation, Outcome, Scene, TaskSpec};

/// Stands where an environment would; every act is refused.
pub(crate) struct NotSimulated {
    spec: &'static TaskSpec,
    /// `[observation_dim]`, zeros.
    observation: Vec<f32>,
    /// `[goal_dim]`, zeros.
    goal: Vec<f32>,
}

impl NotSimulated {
    pub(crate) fn new(spec: &'static TaskSpec) -> Self {
        let zeros = |dim| vec![0.0; dim];
        Self { spec, observation: zeros(spec.observation_dim()), goal: zeros(spec.goal_dim()) }
    }

    fn refusal<T>(&self) -> Result<T, EnvError> {
        Err(EnvError::NotSimulated { task: self.spec.id })
    }
}

impl Env for NotSimulated {
    fn spec(&self) -> &'static TaskSpec {
        self.spec
    }

    fn reset(&mut self, _seed: u64) -> Result<(), EnvError> {
        self.refusal()
    }

    fn step(&mut self, _action: &[f32]) -> Result<Outcome, EnvError> {
        self.refusal()
    }

    fn observation(&self) -> GoalObservation<'_> {
        let (observation, goal) = (&self.observation, &self.goal);
        GoalObservation { observation, achieved_goal: goal, desired_goal: goal }
    }

    fn set_goal(&mut self, _goal: &[f32]) -> Result<(), EnvError> {
        self.refusal()
    }
}

impl Depict for NotSimulated {
    fn scene(&self) -> Scene {
        Scene {
            bodies: Vec::new(),
            visuals: Vec::new(),
            camera: Camera { target: [0.0; 3], eye: [1.0; 3] },
            goal_radius: None,
        }
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        poses.clear();
    }

    fn goal_points(&self, _goal: &[f32]) -> Vec<[f32; 3]> {
        Vec::new()
    }
}
