//! Small recordings of a task made up for tests, written as `NumPy` would.

use gcrl_core::{Field, SuccessRule, TaskSpec};
use gcrl_envs::RecordedDims;
use gcrl_formats::archive::ArchiveWriter;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A block that stands where it is lifted to; its heading is seen, too.
pub(crate) static LIFT: TaskSpec = TaskSpec {
    id: "Lift",
    summary: "Lift a block.",
    observation: &[Field::new("block_in_world", 3, "m"), Field::new("heading", 1, "rad")],
    goal: &[Field::new("block_in_world", 3, "m")],
    action: &[Field::new("rise", 1, "1")],
    horizon: 3,
    n_transitions: 2,
    sub_steps: 1,
    physics_dt_secs: 0.1,
    physics_version: 1,
    reward: SuccessRule::Within(0.25),
    success: SuccessRule::Inside(0.25),
};

/// Its state: the block's height.
pub(crate) const DIMS: RecordedDims = RecordedDims { qpos: 1, qvel: 0, mocap_pos: 0 };

/// Shape and numbers of an array.
pub(crate) type Numbers = (Vec<u64>, Vec<f64>);

/// Arrays by name.
pub(crate) type Arrays = BTreeMap<&'static str, Numbers>;

/// One episode of two actions that lift the block by 0.5 m and by nothing; rewards are -1 and 0.
pub(crate) fn arrays() -> Arrays {
    let states = vec![0.0, 0.0, 0.5, 3.0, 0.0, 0.0, 1.0, 3.0, 0.0, 0.0, 1.0, 3.0];
    let goals = vec![0.0, 0.0, 0.5, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
    BTreeMap::from([
        ("observation", (vec![1, 3, 4], states)),
        ("achieved_goal", (vec![1, 3, 3], goals)),
        ("desired_goal", (vec![1, 3], vec![0.0, 0.0, 1.0])),
        ("action", (vec![1, 2, 1], vec![0.5, 0.0])),
        ("reward", (vec![1, 2], vec![-1.0, 0.0])),
        ("qpos", (vec![1, 3, 1], vec![0.5, 1.0, 1.0])),
    ])
}

/// Writes arrays to a file in `folder`; observations as float64, the rest as float32.
pub(crate) fn write(folder: &Path, arrays: &Arrays) -> PathBuf {
    let path = folder.join("Lift_test.npz");
    let mut file = ArchiveWriter::new(File::create(&path).unwrap());
    for (name, (shape, numbers)) in arrays {
        let shape: Vec<_> = shape.iter().map(|&len| len as usize).collect();
        let written = if *name == "observation" {
            file.array(name, &shape, numbers.iter().copied())
        } else {
            file.array(name, &shape, numbers.iter().map(|&number| number as f32))
        };
        written.unwrap();
    }
    file.finish().unwrap();
    path
}
