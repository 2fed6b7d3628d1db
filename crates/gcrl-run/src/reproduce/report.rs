//! The files that show what the cells in a folder led to.

use crate::reproduce::gather::Gathered;
use gcrl_eval::outcome::OutcomeFiles;
use gcrl_eval::plots::PlotError;
use gcrl_eval::reproduction::Reproduction;
use gcrl_file::WriteError;
use std::path::Path;

/// A cause for a report not to be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A picture cannot be drawn.
    #[error(transparent)]
    Plot {
        /// Why.
        #[from]
        source: PlotError,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write {
        /// Why.
        #[from]
        source: WriteError,
    },
}

/// Writes `results.csv`, `curves.csv`, `costs.csv`, `report.md`, `report.html` and `plots/` into `out`, for
/// what was gathered there.
///
/// # Errors
///
/// If a picture cannot be drawn, or a file cannot be written.
pub fn write_report(out: &Path, gathered: Gathered) -> Result<(), ReportError> {
    let tasks: Vec<&str> = gcrl_envs::TASKS.iter().map(|task| task.spec.id).collect();
    let files = OutcomeFiles::write(&gathered.outcomes, &tasks);
    let notes = notes(&gathered);
    let folder = out.display().to_string();
    let Gathered { methods, outcomes, policies, .. } = gathered;
    let report = Reproduction { methods, outcomes, folder, policies, notes };
    write(out, "results.csv", files.results.as_bytes())?;
    write(out, "curves.csv", files.curves.as_bytes())?;
    write(out, "costs.csv", files.costs.as_bytes())?;
    for (name, plot) in report.plots() {
        write(out, &format!("plots/{name}.svg"), plot.svg().as_bytes())?;
    }
    write(out, "report.md", report.to_markdown().as_bytes())?;
    Ok(write(out, "report.html", report.to_html().as_bytes())?)
}

fn notes(gathered: &Gathered) -> Vec<String> {
    let n = gathered.n_unfinished;
    let unfinished = (n > 0).then(|| format!("Runs that are begun and not finished: {n}."));
    let other = &gathered.other_settings;
    let other = (!other.is_empty())
        .then(|| format!("Not the settings that come with the program: {}.", other.join("; ")));
    unfinished.into_iter().chain(other).collect()
}

fn write(out: &Path, name: &str, content: &[u8]) -> Result<(), WriteError> {
    gcrl_file::write(&out.join(name), |file| file.write_all(content))
}
