//! What commands print to standard output.

use crate::hint::Hint;
use anyhow::anyhow;
use gcrl_data::Dataset;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Prints text as it is. A reader that has gone, such as `head`, is no failure.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Refuses a place for a file among those of a data set.
pub(crate) fn check_outside_of_datasets(file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match Dataset::open_manifest(folder.unwrap_or(Path::new("."))) {
        Err(_) => Ok(()),
        Ok(_) => Err(anyhow!("a data set holds its own files alone: cannot write {file:?}"))
            .hint("name a file in another folder"),
    }
}

/// Lines of two columns, the first padded.
pub(crate) fn columns(rows: &[(String, String)]) -> String {
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
    let lines = rows.iter().map(|(left, right)| format!("{left:width$}  {right}"));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
