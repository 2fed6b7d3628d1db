//! The expert policies that come with the program: `assets/experts`, listed in its `index.toml`.

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../assets/experts");

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let text = FILES.get_file(INDEX_FILE).and_then(|file| file.contents_utf8());
    toml::from_str(text.expect("the index is there")).expect("a test reads the index")
});

/// The file that lists the experts of a folder.
pub(super) const INDEX_FILE: &str = "index.toml";

/// The name of a task's usual expert, whose data are as good as the paper's.
pub(super) const EXPERT_V1: &str = "expert-v1";

/// The name of a task's best expert, where it is much better than the usual one.
pub(super) const STRONG_V1: &str = "strong-v1";

/// The experts of a folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// In the order of their names.
    #[serde(default)]
    pub expert: Vec<Expert>,
}

/// An expert policy, and how it came about. Returns are of 49 counted steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expert {
    /// `<Task>/expert-v1`, or `<Task>/strong-v1`.
    pub name: String,
    /// Its file in the folder.
    pub file: String,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
    /// The command that trained it.
    pub command: String,
    /// The seed of its training.
    pub seed: u64,
    /// Updates until it was taken.
    pub n_updates: u64,
    /// Episodes collected until then.
    pub n_episodes: u64,
    /// Version of the physics that it was trained in.
    pub physics_version: u32,
    /// Minutes of training until then, on `machine`.
    pub minutes: f64,
    /// Where it was trained.
    pub machine: String,
    /// Mean return as it acts.
    pub policy_return: f64,
    /// Mean return of a data set of it, with the paper's noise, scored as the paper's table of data sets.
    pub data_return: f64,
    /// That of the paper's data set.
    pub paper_data_return: f64,
}

/// Every expert that comes with the program.
pub fn experts() -> &'static [Expert] {
    &INDEX.expert
}

/// The usual expert of a task, as a policy file's bytes.
pub(crate) fn of_task(task: &str) -> Option<&'static [u8]> {
    let name = format!("{task}/{EXPERT_V1}");
    INDEX.expert.iter().find(|expert| expert.name == name).and_then(bytes)
}

/// The expert whose file has this hash, and its bytes.
pub(crate) fn of_blake3(blake3: &str) -> Option<(&'static Expert, &'static [u8])> {
    let expert = INDEX.expert.iter().find(|expert| expert.blake3 == blake3)?;
    Some((expert, bytes(expert)?))
}

fn bytes(expert: &Expert) -> Option<&'static [u8]> {
    FILES.get_file(&expert.file).map(include_dir::File::contents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_policy::TrainedPolicy;
    use std::path::Path;

    #[test]
    fn every_expert_is_what_the_index_says() {
        for expert in experts() {
            let bytes = bytes(expert).unwrap_or_else(|| panic!("no file {}", expert.file));
            assert_eq!(blake3::hash(bytes).to_hex().as_str(), expert.blake3, "{}", expert.name);
            let policy = TrainedPolicy::from_bytes(bytes, Path::new(&expert.file)).unwrap();
            let (task, _) = expert.name.split_once('/').unwrap();
            assert_eq!(policy.parts().task, task);
        }
    }

    #[test]
    fn every_file_is_in_the_index() {
        let files = FILES.files().map(|file| file.path().display().to_string());
        for file in files.filter(|file| file != INDEX_FILE) {
            assert!(experts().iter().any(|expert| expert.file == file), "{file}");
        }
    }
}
