//! The original tasks in Python, in a process that waits for `TASK SECONDS` and answers with a speed:
//! `benches/reference/mujoco_steps.py`.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/reference/mujoco_steps.py");

/// The process; it ends when dropped.
pub(crate) struct Reference {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reference {
    /// Starts it with an interpreter that has what the script's head lists.
    pub(crate) fn start(python: &Path) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(python)
            .arg(SCRIPT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{error}: {}", python.display()))?;
        let requests = child.stdin.take().ok_or("a pipe was asked for")?;
        let answers = BufReader::new(child.stdout.take().ok_or("a pipe was asked for")?);
        Ok(Self { child, requests, answers })
    }

    /// Control steps per CPU second of a task over this much CPU time; nothing if it has no original.
    pub(crate) fn speed(
        &mut self,
        task: &str,
        cpu: Duration,
    ) -> Result<Option<f64>, Box<dyn Error>> {
        writeln!(self.requests, "{task} {}", cpu.as_secs_f64())?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            return Err("the process in Python ended early".into());
        }
        match answer.trim() {
            "none" => Ok(None),
            speed => Ok(Some(speed.parse()?)),
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // Whether it has ended already does not matter here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
