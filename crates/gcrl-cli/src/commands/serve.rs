//! `gcrl serve`

use super::options::catalog;
use crate::output;
use anyhow::anyhow;
use gcrl_core::Outcome;
use gcrl_envs::{RecordedState, RestoreRecorded};
use serde::{Deserialize, Serialize};
use std::io::BufRead as _;

/// Run a task for another program, over standard input and output
///
/// A request is a line of JSON, and so is its answer: what the agent sees, and what the step earned.
/// `{"reset": SEED}` starts an episode, `{"step": [action]}` goes on, and `{"start_at": {"observation":
/// [], "achieved_goal": [], "qpos": [], "qvel": [], "mocap_pos": [], "desired_goal": []}}` starts one
/// from a recorded state, with what of it the task's original has (`gcrl parity --help`). A request that
/// cannot be met is answered by `{"error": "why"}`.
#[derive(clap::Args)]
#[command(after_help = "Example:
  printf '{\"reset\": 0}\\n{\"step\": [1, 0]}\\n' | gcrl serve PointReach")]
pub(crate) struct Args {
    /// The task
    #[arg(value_name = "TASK")]
    task: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Reset(u64),
    Step(Vec<f32>),
    StartAt(State),
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct State {
    observation: Vec<f32>,
    achieved_goal: Vec<f32>,
    qpos: Vec<f32>,
    qvel: Vec<f32>,
    mocap_pos: Vec<f32>,
    desired_goal: Vec<f32>,
}

#[derive(Serialize)]
struct Answer<'a> {
    observation: &'a [f32],
    achieved_goal: &'a [f32],
    desired_goal: &'a [f32],
    reward: f32,
    success: bool,
    truncated: bool,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let catalog = catalog();
        let task = catalog.task(&self.task)?;
        let mut env = task
            .make_recorded()
            .ok_or_else(|| anyhow!("`{}` does not start from recorded states", task.spec.id))?;
        for line in std::io::stdin().lock().split(b'\n') {
            let answer = match answer(&mut *env, &line?) {
                Ok(answer) => answer,
                Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
            };
            output::print(&(answer + "\n"))?;
        }
        Ok(())
    }
}

/// The answer to a request.
fn answer(env: &mut dyn RestoreRecorded, request: &[u8]) -> anyhow::Result<String> {
    let mut outcome = Outcome { reward: 0.0, success: false, truncated: false };
    match serde_json::from_slice(request)? {
        Request::Reset(seed) => env.reset(seed)?,
        Request::Step(action) => outcome = env.step(&action)?,
        Request::StartAt(state) => {
            let recorded = RecordedState {
                observation: &state.observation,
                achieved_goal: &state.achieved_goal,
                qpos: &state.qpos,
                qvel: &state.qvel,
                mocap_pos: &state.mocap_pos,
            };
            env.start_at(&recorded, &state.desired_goal)?;
        }
    }
    let seen = env.observation();
    Ok(serde_json::to_string(&Answer {
        observation: seen.observation,
        achieved_goal: seen.achieved_goal,
        desired_goal: seen.desired_goal,
        reward: outcome.reward,
        success: outcome.success,
        truncated: outcome.truncated,
    })?)
}
