//! Where the data sets of the benchmark are: under the first root that has them.

use crate::dataset::DatasetError;
use crate::datasets::published::{Published, State, published_of};
use directories::ProjectDirs;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The environment variable that names the folder of the data sets.
pub const ROOT_VARIABLE: &str = "GCRL_DATASETS";

/// Folders that are searched for data sets, the first of which is built into: `GCRL_DATASETS` alone,
/// where it is set; otherwise `datasets` here, then `datasets` in the user's folder of data.
pub fn roots() -> Vec<PathBuf> {
    roots_of(std::env::var_os(ROOT_VARIABLE).as_deref())
}

fn roots_of(variable: Option<&OsStr>) -> Vec<PathBuf> {
    if let Some(root) = variable.filter(|root| !root.is_empty()) {
        return vec![PathBuf::from(root)];
    }
    let user = ProjectDirs::from("", "", "gcrl").map(|folders| folders.data_dir().join("datasets"));
    std::iter::once(PathBuf::from("datasets")).chain(user).collect()
}

/// The folder of a data set: `dataset` itself where there is one, otherwise that of the data set of the
/// benchmark that it is the name of.
///
/// # Errors
///
/// If it is the name of one that is not built, another data set is at its place, or it is neither a folder nor
/// a name, and like that of one of the benchmark.
pub fn find(dataset: &Path) -> Result<PathBuf, DatasetError> {
    if dataset.exists() {
        return Ok(dataset.to_owned());
    }
    let name = dataset.to_string_lossy();
    match published_of(&name) {
        Ok(set) => find_published(&set, &roots()),
        Err(unknown) if is_like_a_name(&name) => Err(unknown.into()),
        Err(_) => Ok(dataset.to_owned()),
    }
}

/// Whether a path that leads nowhere is meant as the name of a data set of the benchmark: it begins with a task.
fn is_like_a_name(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    gcrl_envs::TASKS.iter().any(|task| task.spec.id.eq_ignore_ascii_case(first))
}

/// The folder of a data set of the benchmark, under the first of these roots that has it.
pub(crate) fn find_published(set: &Published, roots: &[PathBuf]) -> Result<PathBuf, DatasetError> {
    for root in roots {
        let path = root.join(&set.name);
        match set.state(&path) {
            State::Missing => {}
            State::Equal(_) => return Ok(path),
            State::Unreadable(source) => return Err(source.into()),
            State::Different(difference) => {
                let name = set.name.clone();
                return Err(DatasetError::Different { name, difference, path });
            }
        }
    }
    Err(DatasetError::NotBuilt { name: set.name.clone(), roots: roots.to_vec() })
}

/// Bytes of all files of a folder, those of its folders left out.
pub fn size_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::published::published;

    #[test]
    fn the_variable_is_the_only_root_where_it_is_set() {
        assert_eq!(roots_of(Some(OsStr::new("/sets"))), [Path::new("/sets")]);
        for unset in [None, Some(OsStr::new(""))] {
            assert_eq!(roots_of(unset)[0], Path::new("datasets"));
        }
    }

    #[test]
    fn what_is_no_name_is_a_folder() {
        assert_eq!(find(Path::new("no/such/set")).unwrap(), Path::new("no/such/set"));
    }

    #[test]
    fn what_is_like_a_name_finds_its_neighbor() {
        let error = find(Path::new("pointreach/random")).unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown dataset `pointreach/random`; the nearest is `PointReach/random-v1`"
        );
    }

    #[test]
    fn one_that_is_not_built_is_named_with_where_it_was_looked_for() {
        let set = published().remove(0);
        let folder = tempfile::tempdir().unwrap();
        let error = find_published(&set, &[folder.path().to_owned()]).unwrap_err();
        assert!(matches!(error, DatasetError::NotBuilt { roots, .. } if roots == [folder.path()]));
    }
}
