//! An episode that is recorded while it is watched: it grows step by step, and its goal can be moved,
//! now or at an earlier state, from which it then goes another way.

use crate::recording::Recording;
use gcrl_core::{Behavior, Depict, EnvError, Play};

/// An episode, its environment and who acts in it.
pub struct Live {
    env: Box<dyn Depict>,
    behavior: Behavior,
    play: Play,
    recording: Recording,
}

impl Live {
    /// Starts episode `number` of the root seed `seed`.
    ///
    /// # Errors
    ///
    /// If the environment cannot be reset.
    pub fn start(
        mut env: Box<dyn Depict>,
        behavior: Behavior,
        seed: u64,
        number: u64,
    ) -> Result<Self, EnvError> {
        let play = Play::start(&mut *env, seed, number)?;
        let recording = Recording::start(&*env, &behavior.name, seed, number);
        Ok(Self { env, behavior, play, recording })
    }

    /// What has happened so far.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Steps of the whole episode.
    pub fn n_steps(&self) -> usize {
        self.env.spec().n_transitions
    }

    /// The goal that is asked for in state `t`, `[goal_dim]`.
    ///
    /// # Panics
    ///
    /// If state `t` has not been reached.
    pub fn goal(&self, t: usize) -> &[f32] {
        let dim = self.env.spec().goal_dim();
        &self.recording.desired_goal[t * dim..(t + 1) * dim]
    }

    /// The points in the world that stand for `goal`, `[goal_dim]`.
    pub fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        self.env.goal_points(goal)
    }

    /// Makes steps until there are `n_steps`, or the episode is over.
    ///
    /// # Errors
    ///
    /// The first error of the environment.
    pub fn advance_to(&mut self, n_steps: usize) -> Result<(), EnvError> {
        while self.play.t() < n_steps && !self.play.is_over(&*self.env) {
            let action = self.play.step(&mut *self.env, &self.behavior)?;
            self.recording.push(&*self.env, action);
        }
        Ok(())
    }

    /// Sets the goal to `goal`, `[goal_dim]`, from state `t` on; what came after it is forgotten.
    ///
    /// # Errors
    ///
    /// If the goal is none of the task's; the episode goes on from state `t` with the goal it had.
    ///
    /// # Panics
    ///
    /// If state `t` has not been reached.
    pub fn set_goal(&mut self, t: usize, goal: &[f32]) -> Result<(), EnvError> {
        assert!(t <= self.recording.n_steps(), "state {t} has not been reached");
        if t < self.recording.n_steps() {
            self.rewind(t)?;
        }
        let asked = self.env.set_goal(goal);
        self.recording.replace_from(t, &*self.env);
        asked
    }

    /// Brings the environment to state `t` again, by playing up to it: equal seeds, goals and actions
    /// give an equal state.
    fn rewind(&mut self, t: usize) -> Result<(), EnvError> {
        let (seed, number) = (self.recording.about.seed, self.recording.about.number);
        let goals = &self.recording.desired_goal;
        let dim = self.env.spec().goal_dim();
        self.play = Play::start(&mut *self.env, seed, number)?;
        for goal in goals.chunks(dim).take(t) {
            if self.env.observation().desired_goal != goal {
                self.env.set_goal(goal)?;
            }
            self.play.step(&mut *self.env, &self.behavior)?;
        }
        Ok(())
    }
}
