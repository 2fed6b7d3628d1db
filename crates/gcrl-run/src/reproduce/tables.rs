//! Results of a report whose cells are elsewhere: the tables that are left of them.

use crate::datasets;
use crate::reproduce::method::MethodPreset;
use gcrl_eval::outcome::{FinalScore, Outcome, OutcomeFiles, ReadOutcomesError};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A cause for tables not to be added to what cells led to.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// A table cannot be read.
    #[error("cannot read table: {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A table holds something else.
    #[error("tables of {folder:?} cannot be used")]
    Content {
        /// Their folder.
        folder: PathBuf,
        /// What is wrong.
        source: ReadOutcomesError,
    },
    /// A row is of a data set or method that this program does not know.
    #[error("tables of {folder:?} have {run}, which is of no grid of this program")]
    Foreign {
        /// Their folder.
        folder: PathBuf,
        /// Method, data set and seed.
        run: String,
    },
    /// A row is not what a cell led to.
    #[error("tables of {folder:?} have another result of {run} than its cell")]
    Different {
        /// Their folder.
        folder: PathBuf,
        /// Method, data set and seed.
        run: String,
    },
    /// A row has other updates than the cells of its method and data set.
    #[error("tables of {folder:?} have {run} with {found} updates, cells of it have {expected}")]
    Updates {
        /// Their folder.
        folder: PathBuf,
        /// Method, data set and seed.
        run: String,
        /// Updates in the row.
        found: u64,
        /// Updates of the cells.
        expected: u64,
    },
}

/// The results in `results.csv`, `curves.csv` and `costs.csv` of an earlier report, whose cells may be gone.
///
/// Of their settings the tables say updates alone.
#[derive(Clone, Debug)]
pub struct Tables {
    folder: PathBuf,
    outcomes: Vec<Outcome>,
}

impl Tables {
    /// Reads the tables in `folder`, as [`write_report`](super::write_report) left them; those of curves and
    /// costs may be missing.
    ///
    /// # Errors
    ///
    /// If a table cannot be read, or a row is of no grid of this program.
    pub fn read(folder: &Path) -> Result<Self, TablesError> {
        let outcomes = files(folder)?.read();
        let failed = |source| TablesError::Content { folder: folder.to_owned(), source };
        let tables = Self { folder: folder.to_owned(), outcomes: outcomes.map_err(failed)? };
        match tables.outcomes.iter().find(|outcome| !is_of_grid(outcome)) {
            None => Ok(tables),
            Some(outcome) => {
                let (folder, run) = tables.place(outcome);
                Err(TablesError::Foreign { folder, run })
            }
        }
    }

    pub(crate) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The rows of the seeds of a method on a data set, such as `FetchPush/random-v1`, if all are here.
    pub(crate) fn rows(
        &self,
        dataset: &str,
        method: &MethodPreset,
        seeds: &[u64],
        n_updates: u64,
    ) -> Result<Option<Vec<&Outcome>>, TablesError> {
        let is_same = |it: &&Outcome| it.method == method.key && dataset_name(it) == dataset;
        let rows = self.outcomes.iter().filter(is_same);
        rows.clone().try_for_each(|row| self.check_updates(row, n_updates))?;
        let of_seed = |&seed: &u64| rows.clone().find(|it| it.seed == seed);
        Ok(seeds.iter().map(of_seed).collect())
    }

    /// Checks that a row is what its cell led to: the same score, unless that is of other episodes.
    pub(crate) fn check(&self, row: &Outcome, score: &FinalScore) -> Result<(), TablesError> {
        if row.score.n_episodes != score.n_episodes || row.score == *score {
            return Ok(());
        }
        let (folder, run) = self.place(row);
        Err(TablesError::Different { folder, run })
    }

    /// Checks that a row has as many updates as the cells of its method and data set.
    pub(crate) fn check_updates(&self, row: &Outcome, expected: u64) -> Result<(), TablesError> {
        if row.n_updates == expected {
            return Ok(());
        }
        let (folder, run) = self.place(row);
        Err(TablesError::Updates { folder, run, found: row.n_updates, expected })
    }

    /// What errors name of a row: the folder of its table, and the run.
    fn place(&self, outcome: &Outcome) -> (PathBuf, String) {
        let Outcome { method, seed, .. } = outcome;
        let run = format!("{} {method} seed {seed}", dataset_name(outcome));
        (self.folder.clone(), run)
    }
}

fn dataset_name(outcome: &Outcome) -> String {
    format!("{}/{}", outcome.task, outcome.dataset)
}

fn is_of_grid(outcome: &Outcome) -> bool {
    MethodPreset::of_key(&outcome.method).is_some()
        && datasets::published_of(&dataset_name(outcome)).is_ok()
}

fn files(folder: &Path) -> Result<OutcomeFiles, TablesError> {
    let text = |name: &str, is_needed: bool| {
        let path = folder.join(name);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_needed => {
                Ok(String::new())
            }
            read => read.map_err(|source| TablesError::Read { path, source }),
        }
    };
    Ok(OutcomeFiles {
        results: text("results.csv", true)?,
        curves: text("curves.csv", false)?,
        costs: text("costs.csv", false)?,
    })
}
