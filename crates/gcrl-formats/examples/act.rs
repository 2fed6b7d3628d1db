//! What a policy does in given states, as arrays of NumPy, to hold other programs against it.
//!
//! ```text
//! cargo run -p gcrl-formats --example act -- policy.safetensors states.npz actions.npz
//! ```
//!
//! `states.npz` has `observation`, `[n, observation_dim]`, and `desired_goal`, `[n, goal_dim]`; `actions.npz` gets
//! `action`, `[n, action_dim]`.

use gcrl_core::{ObservationBatch, Policy};
use gcrl_formats::archive::{Archive, ArchiveWriter};
use gcrl_policy::TrainedPolicy;
use std::error::Error;
use std::io::Cursor;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [policy, states, actions] = &paths[..] else {
        return Err("usage: act policy.safetensors states.npz actions.npz".into());
    };
    let policy = TrainedPolicy::load(policy)?;
    let mut states = Archive::open(Cursor::new(gcrl_file::read(states)?))?;
    let mut array = |name: &str, dim: usize| -> Result<Vec<f32>, Box<dyn Error>> {
        let array = states.array(name)?.ok_or_else(|| format!("there is no array `{name}`"))?;
        match array.shape[..] {
            [_, found] if found == dim => Ok(array.numbers),
            _ => Err(format!("`{name}` has shape {:?}, not [n, {dim}]", array.shape).into()),
        }
    };
    let observation = array("observation", policy.observation_dim())?;
    let desired_goal = array("desired_goal", policy.goal_dim())?;
    let n_rows = observation.len() / policy.observation_dim();
    if desired_goal.len() != n_rows * policy.goal_dim() {
        return Err("there is another number of goals than of observations".into());
    }
    let mut action = vec![0.0; n_rows * policy.action_dim()];
    let batch = ObservationBatch { n_rows, observation: &observation, desired_goal: &desired_goal };
    policy.act(&batch, &mut action);
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()));
    archive.array("action", &[n_rows, policy.action_dim()], action)?;
    let bytes = archive.finish()?.into_inner();
    gcrl_file::write(actions, |file| file.write_all(&bytes))?;
    Ok(())
}
