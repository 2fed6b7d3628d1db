//! Results of a report whose cells are elsewhere: the tables that are left of them.

use crate::datasets;
use crate::reproduce::gather::Gathered;
use crate::reproduce::method::MethodPreset;
use gcrl_eval::outcome::{Outcome, OutcomeFiles, ReadOutcomesError};
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
    /// A row has other updates than others of its method and data set.
    #[error(
        "tables of {folder:?} have {run} with {found} updates, other seeds of it have {expected}"
    )]
    Updates {
        /// Their folder.
        folder: PathBuf,
        /// Method, data set and seed.
        run: String,
        /// Updates in the row.
        found: u64,
        /// Updates of the others.
        expected: u64,
    },
}

impl Gathered {
    /// Adds the results in `results.csv`, `curves.csv` and `costs.csv` in `folder`, as
    /// [`write_report`](super::write_report) left them, where there is no cell of them; of curves and costs
    /// the files may be missing. Returns how many were added. Of their settings the tables say updates
    /// alone.
    ///
    /// # Errors
    ///
    /// If a table cannot be read, or a row is of no grid of this program, or does not fit the cells; rows
    /// before it are added.
    pub fn add_tables(&mut self, folder: &Path) -> Result<usize, TablesError> {
        let n_before = self.outcomes.len();
        for outcome in read(folder)? {
            let Outcome { ref task, ref dataset, ref method, seed, n_updates: found, .. } = outcome;
            let run = format!("{task}/{dataset} {method} seed {seed}");
            let folder = folder.to_owned();
            let is_known = datasets::published_of(&format!("{task}/{dataset}")).is_ok();
            if MethodPreset::of_key(method).is_none() || !is_known {
                return Err(TablesError::Foreign { folder, run });
            }
            let of_method = (task, dataset, method);
            let mut seeds =
                self.outcomes.iter().filter(|it| (&it.task, &it.dataset, &it.method) == of_method);
            if let Some(other) = seeds.clone().find(|it| it.n_updates != found) {
                let expected = other.n_updates;
                return Err(TablesError::Updates { folder, run, found, expected });
            }
            match seeds.find(|it| it.seed == seed) {
                None => self.outcomes.push(outcome),
                Some(cell) if cell.score == outcome.score => {}
                Some(_) => return Err(TablesError::Different { folder, run }),
            }
        }
        let n_added = self.outcomes.len() - n_before;
        self.sort();
        Ok(n_added)
    }
}

fn read(folder: &Path) -> Result<Vec<Outcome>, TablesError> {
    let text = |name: &str, is_needed: bool| {
        let path = folder.join(name);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_needed => {
                Ok(String::new())
            }
            read => read.map_err(|source| TablesError::Read { path, source }),
        }
    };
    let files = OutcomeFiles {
        results: text("results.csv", true)?,
        curves: text("curves.csv", false)?,
        costs: text("costs.csv", false)?,
    };
    let failed = |source| TablesError::Content { folder: folder.to_owned(), source };
    files.read().map_err(failed)
}
