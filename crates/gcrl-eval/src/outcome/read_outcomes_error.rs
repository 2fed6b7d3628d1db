//! What can be wrong with files of outcomes.

/// A cause for files not to hold outcomes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadOutcomesError {
    /// The first line is not the names of the columns.
    #[error("found the columns `{found}`, expected `{expected}`, in line 1 of `{file}`")]
    Head {
        /// The file.
        file: &'static str,
        /// The names in the first line.
        found: String,
        /// The names of its columns.
        expected: String,
    },
    /// A line has another number of fields than the first.
    #[error("found {found} fields, expected {expected}, in line {line} of `{file}`")]
    Fields {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// Fields in it.
        found: usize,
        /// Columns of the file.
        expected: usize,
    },
    /// A field does not hold what its column holds.
    #[error(
        "found `{found}`, expected {expected}, in column `{column}` of line {line} of `{file}`"
    )]
    Field {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// The text of the field.
        found: String,
        /// What the column holds.
        expected: &'static str,
    },
    /// A run has a second row where it may have one only.
    #[error("found a second row of {run}, expected one, in line {line} of `{file}`")]
    Repeated {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// Task, data set, method and seed.
        run: String,
    },
    /// A row is about a run that `results.csv` does not have.
    #[error("found {run}, expected a run of `results.csv`, in line {line} of `{file}`")]
    NoResult {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// Task, data set, method and seed.
        run: String,
    },
}
