//! The references in Python, each a process that waits, warm, for `go SECONDS` and answers with a line
//! of JSON: `benches/reference`.

use super::Size;
use super::variant::Variant;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// A script, and the name that the table gives it.
pub(crate) struct Script {
    pub(crate) name: &'static str,
    path: &'static str,
}

pub(crate) const SCRIPTS: [Script; 2] = [
    Script {
        name: "jax jit",
        path: concat!(env!("CARGO_MANIFEST_DIR"), "/../gcrl-learn/benches/reference/jax_jit.py"),
    },
    Script {
        name: "pytorch eager",
        path: concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../gcrl-learn/benches/reference/eager_pytorch.py"
        ),
    },
];

/// Starts a script; it ends with its input, when the variant is dropped.
pub(super) fn start(
    python: &Path,
    script: &Script,
    size: &Size,
) -> Result<Variant, Box<dyn Error>> {
    let mut child = Command::new(python)
        .args([script.path, "--size", size.name, "--rounds"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{error}: {}", python.display()))?;
    let mut requests = child.stdin.take().ok_or("a pipe was asked for")?;
    let mut answers = BufReader::new(child.stdout.take().ok_or("a pipe was asked for")?);
    let name = script.name;
    let measure = move |seconds: f64| {
        // Where the process is gone, the missing answer says so.
        let _ = writeln!(requests, "go {seconds}");
        let mut answer = String::new();
        if answers.read_line(&mut answer)? == 0 {
            return Err(format!("`{name}` ended early").into());
        }
        let answer: serde_json::Value = serde_json::from_str(&answer)?;
        Ok(answer["updates_per_cpu_second"].as_f64().ok_or("the answer lacks the speed")?)
    };
    Ok(Variant::new(name.to_owned(), Box::new(measure)))
}
