//! Policies in, reports out.
//!
//! Episodes become scores (`evaluate`), scores of several seeds become intervals (`stats`), and both
//! become what a person reads: tables beside the paper's numbers (`report`, `paper`, `verdict`), the report
//! of the paper's whole table (`outcome`, `reproduction`), pictures (`plots`), and the course of a training
//! run (`metrics`, `tensorboard`). Nothing here reads the clock, and every report is returned as text or
//! bytes; only the files of a run's metrics, which grow while it trains, are written here (`log_files`).

pub mod evaluate;
pub mod log_files;
pub mod metrics;
pub mod outcome;
pub mod paper;
pub mod plots;
pub mod report;
pub mod reproduction;
pub mod stats;
pub mod tensorboard;
pub mod verdict;

mod csv_text;
mod json;
mod shell;

pub use evaluate::{Evaluation, Scores, evaluate, evaluation_seed, score};
pub use log_files::LogFiles;
pub use metrics::MetricLog;
pub use shell::shell_word;
pub use stats::{Interval, MeanStd, Summary};
