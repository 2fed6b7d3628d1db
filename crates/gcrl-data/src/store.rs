//! A data set on disk: a folder, written whole or not at all.
//!
//! ```text
//! DIR/manifest.toml           what it is (`manifest`)
//! DIR/episodes.safetensors    observation [n, 50, o], achieved_goal [n, 50, g],
//!                             action [n, 49, u], desired_goal [n, g]; f32
//! ```
//!
//! Equal episodes of equal origin give equal bytes.

use crate::columns::{Column, columns};
use crate::manifest::{Manifest, Origin};
use crate::statistics::{describe_columns, describe_outcome};
use gcrl_core::{EpisodeView, TaskSpec};
use gcrl_file::WriteError;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Version of the format that this program writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;

/// Name of the format in manifests.
pub(crate) const FORMAT: &str = "gcrl-dataset";

pub(crate) const MANIFEST: &str = "manifest.toml";
pub(crate) const EPISODES: &str = "episodes.safetensors";

/// A cause for a data set not to be written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is something at its place.
    #[error("folder is not empty, and datasets are never overwritten: {path:?}")]
    Occupied {
        /// The place.
        path: PathBuf,
    },
    /// There is a file at its place.
    #[error("there is a file where the folder of a dataset should be: {path:?}")]
    File {
        /// The place.
        path: PathBuf,
    },
    /// The place cannot be looked at.
    #[error("cannot look into folder: {path:?}")]
    Look {
        /// The place.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There are no episodes.
    #[error("dataset has no episodes: {path:?}")]
    Empty {
        /// Its place.
        path: PathBuf,
    },
    /// A number is NaN or infinite.
    #[error("column `{column}` holds {found} in episode {episode}: {path:?}")]
    NotFinite {
        /// The column.
        column: &'static str,
        /// The episode.
        episode: usize,
        /// The number.
        found: f32,
        /// Where the data set would have been.
        path: PathBuf,
    },
    /// The file system refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Checks that a data set can be written at `path`, before the work of making its episodes.
///
/// # Errors
///
/// If there is anything but an empty folder.
pub fn check_place(path: &Path) -> Result<(), StoreError> {
    let path_buf = || path.to_owned();
    match std::fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(StoreError::Occupied { path: path_buf() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(StoreError::File { path: path_buf() })
        }
        Err(source) => Err(StoreError::Look { path: path_buf(), source }),
    }
}

/// Writes `episodes` of the task of `spec`, which came from `origin`, to the folder `path`.
///
/// # Errors
///
/// If there is anything but an empty folder at `path`, there are no episodes, a number is not finite,
/// or the file system refuses. Nothing is left at `path` then.
///
/// # Panics
///
/// If the episodes are not of the task's shape.
pub fn write(
    path: &Path,
    spec: &TaskSpec,
    episodes: EpisodeView<'_>,
    origin: Origin,
) -> Result<Manifest, StoreError> {
    assert_eq!(episodes.shape, spec.episode_shape(), "episodes of this task have its shape");
    check_place(path)?;
    if episodes.n_episodes == 0 {
        return Err(StoreError::Empty { path: path.to_owned() });
    }
    for column in columns(episodes) {
        if let Some((episode, found)) = column.first_not_finite() {
            let (column, path) = (column.layout.name, path.to_owned());
            return Err(StoreError::NotFinite { column, episode, found, path });
        }
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: FORMAT_VERSION,
        program: concat!("gcrl ", env!("CARGO_PKG_VERSION")).to_owned(),
        seed: origin.seed,
        n_episodes: episodes.n_episodes,
        task: spec.into(),
        behavior: origin.behavior,
        outcome: describe_outcome(episodes, spec.reward, spec.success),
        columns: describe_columns(episodes),
    };
    gcrl_file::write_folder(path, |folder| -> Result<(), StoreError> {
        gcrl_file::write(&folder.join(EPISODES), |file| write_columns(&columns(episodes), file))?;
        let text = toml::to_string(&manifest).expect("a manifest is a TOML table");
        gcrl_file::write(&folder.join(MANIFEST), |file| file.write_all(text.as_bytes()))?;
        Ok(())
    })?;
    Ok(manifest)
}

/// Writes a safetensors file: the length of its header, the header, the columns one after another.
///
/// The library would first copy all columns into one buffer.
///
/// Source: the safetensors format, version 0.8 of its Rust library.
fn write_columns(columns: &[Column<'_>], file: &mut dyn Write) -> io::Result<()> {
    let mut end = 0;
    let tensors = columns.iter().map(|Column { layout, values }| {
        let start = end;
        end += size_of_val(*values);
        let shape = layout.shape(values.len() / layout.episode_len());
        let info = TensorInfo { dtype: Dtype::F32, shape, data_offsets: (start, end) };
        (layout.name.to_owned(), info)
    });
    let metadata = Metadata::new(None, tensors.collect()).expect("columns follow each other");
    let mut header = serde_json::to_vec(&metadata)?;
    // Numbers start at a multiple of 8 bytes, so that they can be read where they lie.
    header.resize(header.len().next_multiple_of(size_of::<u64>()), b' ');
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(&header)?;
    columns.iter().try_for_each(|column| file.write_all(bytemuck::cast_slice(column.values)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::BehaviorRecord;
    use crate::columns::tests::{SPEC, random_episodes};
    use gcrl_core::Episodes;

    const ORIGIN: Origin = Origin { behavior: BehaviorRecord::Random, seed: u64::MAX };

    /// Writes episodes to `set` in a new folder, which is removed when dropped.
    pub(crate) fn written(episodes: &Episodes) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        write(&path, &SPEC, episodes.view(), ORIGIN).unwrap();
        (folder, path)
    }

    #[test]
    fn equal_episodes_give_equal_bytes() {
        let (_first, first) = written(&random_episodes(9));
        let (_second, second) = written(&random_episodes(9));
        for name in [MANIFEST, EPISODES] {
            let bytes = |path: &Path| std::fs::read(path.join(name)).unwrap();
            assert!(bytes(&first) == bytes(&second), "{name}");
        }
    }

    #[test]
    fn the_safetensors_library_reads_what_is_written() {
        let episodes = random_episodes(9);
        let (_folder, path) = written(&episodes);
        let bytes = std::fs::read(path.join(EPISODES)).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let goals = file.tensor("desired_goal").unwrap();
        assert_eq!(goals.shape(), [9, 2]);
        assert_eq!(goals.data(), bytemuck::cast_slice::<f32, u8>(&episodes.desired_goal));
    }

    #[test]
    fn an_occupied_place_is_refused() {
        let (folder, path) = written(&random_episodes(1));
        let error = check_place(&path).unwrap_err();
        assert!(error.to_string().starts_with("folder is not empty, and datasets are never over"));
        let again = write(&path, &SPEC, random_episodes(2).view(), ORIGIN);
        assert!(matches!(again, Err(StoreError::Occupied { .. })));
        let file = path.join(MANIFEST);
        assert!(matches!(check_place(&file), Err(StoreError::File { .. })));
        assert!(check_place(&folder.path().join("not/there")).is_ok());
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        assert!(check_place(&folder.path().join("empty")).is_ok());
    }

    #[test]
    fn episodes_without_numbers_are_refused_and_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        let mut episodes = random_episodes(3);
        episodes.action[8] = f32::NAN;
        let error = write(&path, &SPEC, episodes.view(), ORIGIN).unwrap_err();
        assert!(error.to_string().starts_with("column `action` holds NaN in episode 1: "));
        let error = write(&path, &SPEC, random_episodes(0).view(), ORIGIN);
        assert!(matches!(error, Err(StoreError::Empty { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
