//! Outcomes as three CSV tables: what each is called, and its columns.
//!
//! | file | a row is | beside `task`, `dataset`, `method`, `seed` |
//! |---|---|---|
//! | `results.csv` | an outcome | `updates`, `episodes`, and the final scores |
//! | `curves.csv` | an evaluation during training | `updates`, and the scores of that policy |
//! | `costs.csv` | an outcome whose cost is known | `core_seconds`, `evaluation_core_seconds` |
//!
//! `results.csv` and `curves.csv` are determined by settings and seeds, `costs.csv` is measured. Numbers
//! have the fewest digits that read back as the same `f64`; what does not exist is an empty field.

/// What leads every row.
pub(super) const RUN: [&str; 4] = ["task", "dataset", "method", "seed"];

/// A table: its file, and what follows [`RUN`].
pub(super) struct Columns {
    pub(super) file: &'static str,
    pub(super) names: &'static [&'static str],
}

pub(super) const RESULTS: Columns = Columns {
    file: "results.csv",
    names: &[
        "updates",
        "episodes",
        "return",
        "return_standard_error",
        "discounted_return",
        "success",
        "final_distance",
    ],
};

pub(super) const CURVES: Columns = Columns {
    file: "curves.csv",
    names: &["updates", "return", "discounted_return", "success", "mean_q"],
};

pub(super) const COSTS: Columns =
    Columns { file: "costs.csv", names: &["core_seconds", "evaluation_core_seconds"] };

/// Outcomes as the texts of three files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeFiles {
    /// `results.csv`: one row for each outcome.
    pub results: String,
    /// `curves.csv`: one row for each evaluation during training.
    pub curves: String,
    /// `costs.csv`: one row for each outcome whose cost is known.
    pub costs: String,
}

impl Columns {
    /// The names of all columns.
    pub(super) fn head(&self) -> Vec<String> {
        RUN.iter().chain(self.names).map(ToString::to_string).collect()
    }
}
