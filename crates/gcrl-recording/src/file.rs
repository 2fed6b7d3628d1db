//! A recording as a file, written whole or not at all.
//!
//! It is a safetensors file, with one entry of text in its header, `gcrl`: a JSON object of `format`,
//! `version` and [`About`], the scene among it. All tensors are f32.
//!
//! | tensor | shape |
//! |---|---|
//! | `pose` | `[n_steps + 1, n_bodies, 7]`: position in meters, unit quaternion `(w, x, y, z)` |
//! | `observation`, `achieved_goal`, `desired_goal` | `[n_steps + 1, dim]` |
//! | `action` | `[n_steps, action_dim]` |
//! | `reward` | `[n_steps]` |
//! | `goal_point`, `achieved_point` | `[n_steps + 1, n_points, 3]`, in meters |

use crate::recording::{About, Recording};
use gcrl_core::FieldRecord;
use gcrl_core::scene::Pose;
use gcrl_file::WriteError;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// Version of the format that this program writes and reads. In version 1, a goal could not move.
pub const FORMAT_VERSION: u32 = 2;

const FORMAT: &str = "gcrl-recording";

/// The name of our entry in the file's header.
const KEY: &str = "gcrl";

/// Numbers of a pose.
const POSE: usize = 7;

/// A cause for a recording not to be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file or folder cannot be read.
    #[error("cannot read recording: {path:?}")]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no recording in the folder.
    #[error("no recording in the folder: {path:?}")]
    NoFiles {
        /// The folder.
        path: PathBuf,
    },
    /// The file is no safetensors file, or a tensor is missing.
    #[error("not a recording: {path:?}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SafeTensorError,
    },
    /// Its header has no entry of ours, or one that makes no sense.
    #[error("without the header of a recording: {path:?}")]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong, if there is an entry.
        source: Option<serde_json::Error>,
    },
    /// Another version of this program wrote the file.
    #[error("recording has format version {found}, where this program reads {expected}: {path:?}")]
    Version {
        /// The file's version.
        found: u32,
        /// The version that is known here.
        expected: u32,
        /// The file.
        path: PathBuf,
    },
    /// A tensor has not the shape that the header asks for, or a number is not finite.
    #[error("tensor `{tensor}` of the recording {problem}: {path:?}")]
    Tensor {
        /// The tensor.
        tensor: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A shape of the scene rides on no body.
    #[error("a shape of the recording's scene rides on body {found} of {n_bodies}: {path:?}")]
    Body {
        /// Which body.
        found: usize,
        /// How many there are.
        n_bodies: usize,
        /// The file.
        path: PathBuf,
    },
}

#[derive(Serialize)]
struct HeaderOut<'a> {
    format: &'a str,
    version: u32,
    about: &'a About,
}

#[derive(Deserialize)]
struct Version {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
struct HeaderIn {
    about: About,
}

/// The name of the file of episode `number`; names sort as numbers do.
pub fn file_name(number: u64) -> String {
    format!("episode-{number:06}.safetensors")
}

/// The recordings at `path`: the file itself, or those of the folder, in the order of their names.
///
/// # Errors
///
/// If the folder cannot be read or has none.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |source| ReadError::Open { path: path.to_owned(), source };
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|ending| ending == "safetensors") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() { Err(ReadError::NoFiles { path: path.to_owned() }) } else { Ok(files) }
}

impl Recording {
    /// Writes the recording; equal recordings give equal bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be written; what stood at `path` before still does.
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        let header = HeaderOut { format: FORMAT, version: FORMAT_VERSION, about: &self.about };
        let header = serde_json::to_string(&header).expect("names and numbers are JSON");
        let poses: Vec<f32> = self.poses.iter().flat_map(numbers_of).collect();
        let (n_states, n_points) = (self.n_steps() + 1, self.n_points());
        let tensors = [
            ("pose", vec![n_states, self.n_bodies(), POSE], &poses[..]),
            ("observation", vec![n_states, dim(&self.about.observation)], &self.observation),
            ("achieved_goal", vec![n_states, dim(&self.about.goal)], &self.achieved_goal),
            ("desired_goal", vec![n_states, dim(&self.about.goal)], &self.desired_goal),
            ("action", vec![self.n_steps(), dim(&self.about.action)], &self.action),
            ("reward", vec![self.n_steps()], &self.reward),
            ("goal_point", vec![n_states, n_points, 3], self.goal_points.as_flattened()),
            ("achieved_point", vec![n_states, n_points, 3], self.achieved_points.as_flattened()),
        ];
        let views = tensors.iter().map(|(name, shape, numbers)| {
            let bytes = bytemuck::cast_slice(numbers);
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
            (*name, view.expect("shapes are those of their numbers"))
        });
        let text = HashMap::from([(KEY.to_owned(), header)]);
        let file = safetensors::serialize(views, Some(text)).expect("names differ");
        gcrl_file::write(path, |output| output.write_all(&file))
    }

    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no recording, has a newer version, or its parts do not fit.
    pub fn load(path: &Path) -> Result<Self, ReadError> {
        let failed = |source| ReadError::Open { path: path.to_owned(), source };
        Self::from_bytes(&gcrl_file::read(path).map_err(failed)?, path)
    }

    /// Reads the bytes of a recording's file; errors name `path`.
    ///
    /// # Errors
    ///
    /// As [`Recording::load`].
    pub fn from_bytes(file: &[u8], path: &Path) -> Result<Self, ReadError> {
        let path_buf = || path.to_owned();
        let format = |source| ReadError::Format { path: path_buf(), source };
        let (_, metadata) = gcrl_file::read_tensor_header(file).map_err(format)?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
        let text = text.ok_or_else(|| ReadError::Header { path: path_buf(), source: None })?;
        let about = read_header(text, path)?;
        let tensors = Tensors { file: SafeTensors::deserialize(file).map_err(format)?, path };
        let recording = read_tensors(about, &tensors)?;
        let n_bodies = recording.n_bodies();
        let mut bodies = recording.about.scene.visuals.iter().map(|visual| visual.body);
        match bodies.find(|body| n_bodies <= *body) {
            Some(found) => Err(ReadError::Body { found, n_bodies, path: path_buf() }),
            None => Ok(recording),
        }
    }
}

fn read_header(text: &str, path: &Path) -> Result<About, ReadError> {
    let failed = |source| ReadError::Header { path: path.to_owned(), source: Some(source) };
    let Version { format, version } = serde_json::from_str(text).map_err(failed)?;
    if format != FORMAT {
        return Err(ReadError::Header { path: path.to_owned(), source: None });
    }
    if version != FORMAT_VERSION {
        let (found, expected) = (version, FORMAT_VERSION);
        return Err(ReadError::Version { found, expected, path: path.to_owned() });
    }
    let HeaderIn { about } = serde_json::from_str(text).map_err(failed)?;
    if 0.0 < about.step_secs && about.step_secs.is_finite() {
        return Ok(about);
    }
    Err(ReadError::Header { path: path.to_owned(), source: None })
}

fn read_tensors(about: About, tensors: &Tensors<'_>) -> Result<Recording, ReadError> {
    let n_steps = tensors.dim("reward", 0)?;
    let n_points = tensors.dim("goal_point", 1)?;
    let (n_states, n_bodies) = (n_steps + 1, about.scene.bodies.len());
    let (observation, goal, action) =
        (dim(&about.observation), dim(&about.goal), dim(&about.action));
    let poses = tensors.read("pose", &[n_states, n_bodies, POSE])?;
    let points = |numbers: Vec<f32>| numbers.as_chunks().0.to_vec();
    Ok(Recording {
        poses: poses.as_chunks().0.iter().map(pose_of).collect(),
        observation: tensors.read("observation", &[n_states, observation])?,
        achieved_goal: tensors.read("achieved_goal", &[n_states, goal])?,
        desired_goal: tensors.read("desired_goal", &[n_states, goal])?,
        action: tensors.read("action", &[n_steps, action])?,
        reward: tensors.read("reward", &[n_steps])?,
        goal_points: points(tensors.read("goal_point", &[n_states, n_points, 3])?),
        achieved_points: points(tensors.read("achieved_point", &[n_states, n_points, 3])?),
        about,
    })
}

/// The tensors of a file.
struct Tensors<'a> {
    file: SafeTensors<'a>,
    path: &'a Path,
}

impl Tensors<'_> {
    fn find(&self, name: &'static str) -> Result<TensorView<'_>, ReadError> {
        let failed = |source| ReadError::Format { path: self.path.to_owned(), source };
        self.file.tensor(name).map_err(failed)
    }

    /// The length of dimension `axis` of a tensor.
    fn dim(&self, name: &'static str, axis: usize) -> Result<usize, ReadError> {
        let view = self.find(name)?;
        let dim = view.shape().get(axis).copied();
        dim.ok_or_else(|| self.wrong(name, "has too few dimensions"))
    }

    /// The numbers of a tensor of this shape.
    fn read(&self, name: &'static str, shape: &[usize]) -> Result<Vec<f32>, ReadError> {
        let view = self.find(name)?;
        if view.dtype() != Dtype::F32 {
            return Err(self.wrong(name, "does not hold F32"));
        }
        if view.shape() != shape {
            return Err(self.wrong(name, "has a shape that does not fit the others"));
        }
        let (numbers, _) = view.data().as_chunks();
        let numbers: Vec<_> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(self.wrong(name, "holds a number that is not finite"));
        }
        Ok(numbers)
    }

    fn wrong(&self, tensor: &'static str, problem: &'static str) -> ReadError {
        ReadError::Tensor { tensor, problem, path: self.path.to_owned() }
    }
}

fn dim(quantities: &[FieldRecord]) -> usize {
    quantities.iter().map(|quantity| quantity.len).sum()
}

fn numbers_of(pose: &Pose) -> [f32; POSE] {
    let ([x, y, z], [w, a, b, c]) = (pose.position, pose.rotation);
    [x, y, z, w, a, b, c]
}

fn pose_of(numbers: &[f32; POSE]) -> Pose {
    let [x, y, z, w, a, b, c] = *numbers;
    Pose { position: [x, y, z], rotation: [w, a, b, c] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::tests::recorded;

    #[test]
    fn a_recording_is_read_as_it_was_written_and_its_bytes_are_determined() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join(file_name(7));
        recorded(7).save(&path).unwrap();
        assert_eq!(Recording::load(&path).unwrap(), recorded(7));
        let first = std::fs::read(&path).unwrap();
        recorded(7).save(&path).unwrap();
        assert!(std::fs::read(&path).unwrap() == first);
    }

    #[test]
    fn a_folder_s_recordings_come_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let expected: Vec<_> =
            [2, 9, 10].map(|number| folder.path().join(file_name(number))).into();
        for path in expected.iter().rev() {
            recorded(0).save(path).unwrap();
        }
        std::fs::write(folder.path().join("notes.txt"), "no recording").unwrap();
        assert_eq!(files(folder.path()).unwrap(), expected);
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(files(empty.path()), Err(ReadError::NoFiles { .. })));
    }

    #[test]
    fn parts_that_do_not_fit_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        let load = |change: fn(&mut Recording)| {
            let mut recording = recorded(0);
            change(&mut recording);
            recording.save(&path).unwrap();
            Recording::load(&path).unwrap_err().to_string()
        };
        let found = load(|recording| recording.observation[1] = f32::NAN);
        assert!(found.starts_with("tensor `observation` of the recording holds a number that is"));
        let found = load(|recording| recording.about.scene.visuals[0].body = 2);
        assert!(found.starts_with("a shape of the recording's scene rides on body 2 of 2: "));
        let found = load(|recording| recording.about.step_secs = 0.0);
        assert!(found.starts_with("without the header of a recording: "));
    }
}
