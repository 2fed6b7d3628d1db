//! A data set on disk: a folder, written whole or not at all.
//!
//! ```text
//! DIR/manifest.toml           what it is (`manifest`)
//! DIR/episodes.safetensors    observation [n, 50, o], achieved_goal [n, 50, g],
//!                             action [n, 49, u], desired_goal [n, g]; f32
//! ```
//!
//! Equal episodes of equal origin give equal bytes.

use crate::columns::{self, Column, columns};
use crate::manifest::{Manifest, Origin};
use crate::statistics::{describe_columns, describe_outcome};
use gcrl_core::{EpisodeView, TaskSpec};
use gcrl_file::{OutputFolder, WriteError};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use std::io::{self, Write};
use std::path::PathBuf;

/// Version of the format that this program writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;

/// Name of the format in manifests.
pub(crate) const FORMAT: &str = "gcrl-dataset";

pub(crate) const MANIFEST: &str = "manifest.toml";
pub(crate) const EPISODES: &str = "episodes.safetensors";

/// A cause for a data set not to be written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There are no episodes.
    #[error("dataset has no episodes: {path:?}")]
    Empty {
        /// Its place.
        path: PathBuf,
    },
    /// The episodes do not fit into memory.
    #[error("{n_episodes} episodes take {gib:.1} GiB, more than there is memory: {path:?}")]
    Memory {
        /// How many there would be.
        n_episodes: u64,
        /// What they take, in GiB.
        gib: f64,
        /// Where the data set would have been.
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
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Checks that `n_episodes` of the task of `spec` fit into memory, and on the disk of the folder that was
/// claimed for them, before the work of making them.
///
/// # Errors
///
/// If they do not fit.
pub fn check_size(out: &OutputFolder, spec: &TaskSpec, n_episodes: u64) -> Result<(), StoreError> {
    let numbers = columns::layouts(spec.episode_shape()).map(columns::Layout::episode_len);
    let episode_bytes = (numbers.iter().sum::<usize>() * size_of::<f32>()) as u64;
    let n_bytes = n_episodes.saturating_mul(episode_bytes);
    let fits = usize::try_from(n_bytes).is_ok_and(|n_bytes| {
        // Where memory is promised beyond what there is, as Linux does, its size has the last word.
        Vec::<u8>::new().try_reserve_exact(n_bytes).is_ok()
            && memory_bytes().is_none_or(|memory| n_bytes as u64 <= memory)
    });
    if !fits {
        let (gib, path) = (n_bytes as f64 / f64::from(1 << 30), out.path().to_owned());
        return Err(StoreError::Memory { n_episodes, gib, path });
    }
    Ok(out.check_space(n_bytes).map_err(WriteError::from)?)
}

/// Memory of the machine, swap included, where it says so.
fn memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kib = |name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    Some((kib("MemTotal:")? + kib("SwapTotal:").unwrap_or(0)) << 10)
}

/// Writes `episodes` of the task of `spec`, which came from `origin`, to the folder that was claimed for
/// them.
///
/// # Errors
///
/// If there are no episodes, a number is not finite, or the file system refuses. Nothing is left at the
/// place then; a whole data set that could not be put there is kept beside it.
///
/// # Panics
///
/// If the episodes are not of the task's shape.
pub fn write(
    out: OutputFolder,
    spec: &TaskSpec,
    episodes: EpisodeView<'_>,
    origin: Origin,
) -> Result<Manifest, StoreError> {
    assert_eq!(episodes.shape, spec.episode_shape(), "episodes of this task have its shape");
    let path = || out.path().to_owned();
    if episodes.n_episodes == 0 {
        return Err(StoreError::Empty { path: path() });
    }
    for column in columns(episodes) {
        if let Some((episode, found)) = column.first_not_finite() {
            let column = column.layout.name;
            return Err(StoreError::NotFinite { column, episode, found, path: path() });
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
    out.write(|folder| -> Result<(), StoreError> {
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
    use std::path::Path;

    const ORIGIN: Origin = Origin { behavior: BehaviorRecord::Random, seed: u64::MAX };

    /// Writes episodes to `set` in a new folder, which is removed when dropped.
    pub(crate) fn written(episodes: &Episodes) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        write(OutputFolder::claim(&path).unwrap(), &SPEC, episodes.view(), ORIGIN).unwrap();
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
    fn episodes_beyond_memory_or_disk_are_refused_before_they_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let out = OutputFolder::claim(folder.path()).unwrap();
        check_size(&out, &SPEC, 1_000).unwrap();
        // 15 + 10 + 8 + 2 numbers of 4 bytes: 140 bytes an episode.
        let error = check_size(&out, &SPEC, 1 << 50).unwrap_err();
        let expected =
            "1125899906842624 episodes take 146800640.0 GiB, more than there is memory: ";
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(matches!(check_size(&out, &SPEC, u64::MAX), Err(StoreError::Memory { .. })));
    }

    #[test]
    fn episodes_without_numbers_are_refused_and_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        let mut episodes = random_episodes(3);
        episodes.action[8] = f32::NAN;
        let claim = || OutputFolder::claim(&path).unwrap();
        let error = write(claim(), &SPEC, episodes.view(), ORIGIN).unwrap_err();
        assert!(error.to_string().starts_with("column `action` holds NaN in episode 1: "));
        let error = write(claim(), &SPEC, random_episodes(0).view(), ORIGIN);
        assert!(matches!(error, Err(StoreError::Empty { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
