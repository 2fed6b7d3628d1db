//! Errors as the user meets them: `error: what happened`, then, where there is something to do,
//! `hint: what`.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, Write};

/// An error with advice.
#[derive(Debug)]
struct Hinted {
    error: anyhow::Error,
    hint: String,
}

impl Display for Hinted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.error)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Attaches advice to an error.
pub(crate) trait Hint<T> {
    /// Says what to do about a failure.
    fn hint(self, hint: impl Display) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Hint<T> for Result<T, E> {
    fn hint(self, hint: impl Display) -> anyhow::Result<T> {
        self.map_err(|error| Hinted { error: error.into(), hint: hint.to_string() }.into())
    }
}

/// Prints an error and its hint, if it has one, to standard error; if that is closed or full, the exit
/// code alone tells.
pub(crate) fn report(error: &anyhow::Error) {
    // What the TOML parser says ends in a line break of its own.
    let text = format!("{error:#}");
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "error: {}", text.trim_end());
    if let Some(hinted) = error.chain().find_map(|cause| cause.downcast_ref::<Hinted>()) {
        let _ = writeln!(stderr, "\nhint: {}", hinted.hint);
    }
}
