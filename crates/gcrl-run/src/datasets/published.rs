//! The data sets of the benchmark by name, as `datasets/` of the project lists them.
//!
//! | file | says |
//! |---|---|
//! | `recipes/<Task>/<name>.toml` | how to make it: [`Recipe`] |
//! | `manifests/<Task>/<name>.toml` | what must come out: the manifest, with the hash of every column |

use crate::behavior::{self, BehaviorError};
use crate::catalog::{Catalog, NameKind, UnknownName};
use gcrl_core::{Behavior, Exploration};
use gcrl_data::{
    BehaviorRecord, Dataset, EntryDifference, Manifest, OpenError, Recipe, TaskRecord, differences,
};
use gcrl_envs::TaskEntry;
use include_dir::{Dir, include_dir};
use std::path::Path;

static RECIPES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../datasets/recipes");
static MANIFESTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../datasets/manifests");

/// A data set of the benchmark.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its name, such as `FetchPush/expert-v1`.
    pub name: String,
    /// How it is made.
    pub recipe: Recipe,
    /// What must come out; `None` until it was built once.
    pub record: Option<Manifest>,
}

/// What is at the place of a data set.
#[derive(Debug)]
pub enum State {
    /// Nothing.
    Missing,
    /// The data set, by its manifest.
    Equal(Box<Manifest>),
    /// Another data set, and the first thing in which it differs.
    Different(EntryDifference),
    /// Something that is no data set.
    Unreadable(OpenError),
}

/// All data sets of the benchmark: tasks in the order of `gcrl tasks`, names in alphabetical order.
///
/// # Panics
///
/// Never: a test reads all files, which are part of the program.
pub fn published() -> Vec<Published> {
    let mut all: Vec<Published> = RECIPES.dirs().flat_map(Dir::files).map(of_file).collect();
    let position =
        |of: &Published| gcrl_envs::TASKS.iter().position(|t| t.spec.id == of.recipe.task);
    all.sort_by(|a, b| position(a).cmp(&position(b)).then_with(|| a.name.cmp(&b.name)));
    all
}

/// The data set of the benchmark of this name.
///
/// # Errors
///
/// If there is none; the error names the nearest.
pub fn published_of(name: &str) -> Result<Published, UnknownName> {
    let all = published();
    let unknown = UnknownName::new(NameKind::Dataset, name, all.iter().map(|set| &*set.name));
    all.into_iter().find(|set| set.name == name).ok_or(unknown)
}

fn of_file(file: &include_dir::File<'_>) -> Published {
    let text = |file: &include_dir::File<'_>| file.contents_utf8().expect("TOML").to_owned();
    let record = MANIFESTS.get_file(file.path());
    Published {
        name: file.path().with_extension("").display().to_string(),
        recipe: toml::from_str(&text(file)).expect("a test reads every recipe"),
        record: record.map(|file| toml::from_str(&text(file)).expect("a test reads every record")),
    }
}

impl Published {
    /// Its name without the task, such as `expert-v1`.
    pub fn name_in_task(&self) -> &str {
        self.name.split_once('/').map_or("", |(_task, name)| name)
    }

    /// Its task.
    ///
    /// # Panics
    ///
    /// Never: a test looks up the task of every recipe.
    pub fn task(&self) -> &'static TaskEntry {
        Catalog::default().task(&self.recipe.task).expect("a test looks up every task")
    }

    /// Who acts in it.
    ///
    /// # Errors
    ///
    /// If the policy does not come with the program.
    pub fn behavior(&self) -> Result<Behavior, BehaviorError> {
        match &self.recipe.behavior {
            BehaviorRecord::Random => Ok(Behavior::random()),
            BehaviorRecord::Policy { blake3, noise_std, random_action_probability, .. } => {
                let (noise_std, random_action_probability) =
                    (*noise_std, *random_action_probability);
                let exploration = Exploration { noise_std, random_action_probability };
                behavior::expert_of_blake3(blake3, exploration, self.task())
            }
            BehaviorRecord::Custom { name, .. } => {
                Err(BehaviorError::NoPolicy { blake3: name.clone() })
            }
        }
    }

    /// What is in the folder `path`.
    pub fn state(&self, path: &Path) -> State {
        if !path.exists() {
            return State::Missing;
        }
        match Dataset::open_manifest(path) {
            Err(error) => State::Unreadable(error),
            Ok(manifest) => match self.difference(&manifest) {
                Some(difference) => State::Different(difference),
                None => State::Equal(Box::new(manifest)),
            },
        }
    }

    /// The first thing in which a data set differs from this one: left is what it has, right what it
    /// must have.
    pub fn difference(&self, found: &Manifest) -> Option<EntryDifference> {
        let recipe = || differences(&Recipe::from(found), &self.recipe);
        let spec = || differences(&found.task, &TaskRecord::from(self.task().spec));
        let record = || {
            let record = self.record.as_ref()?;
            let columns = differences(&found.columns, &record.columns);
            columns.into_iter().find(|difference| difference.entry.ends_with(".blake3"))
        };
        let first = |found: Vec<EntryDifference>| found.into_iter().next();
        first(recipe()).or_else(|| first(spec())).or_else(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_names_a_task_and_a_policy_that_are_there() {
        for set in published() {
            assert_eq!(set.task().spec.id, set.recipe.task);
            assert!(set.name.starts_with(&format!("{}/", set.recipe.task)), "{}", set.name);
            assert!(set.behavior().is_ok(), "{}: {:?}", set.name, set.recipe.behavior);
        }
    }

    #[test]
    fn every_record_is_of_its_recipe_and_of_the_task_as_it_is() {
        for set in published() {
            if let Some(record) = &set.record {
                assert_eq!(set.difference(record), None, "{}", set.name);
            }
        }
    }

    #[test]
    fn every_record_has_a_recipe() {
        let names: Vec<_> = published().into_iter().map(|set| set.name).collect();
        for file in MANIFESTS.dirs().flat_map(Dir::files) {
            let name = file.path().with_extension("").display().to_string();
            assert!(names.contains(&name), "{name}");
        }
    }
}
