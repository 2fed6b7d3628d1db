//! `fuzz READER|all INPUTS [SEED]`: damaged input for a reader, and what it did with it.
//!
//! An example, so that `cargo run` finds one program in the workspace.

use gcrl_fuzz::{READERS, Reader, check, find};
use std::process::ExitCode;

const USAGE: &str = "usage: fuzz READER|all INPUTS [SEED]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((readers, seed, n_inputs)) = parse(&arguments) else {
        let names: Vec<_> = READERS.iter().map(|reader| reader.name).collect();
        return fail(&format!("{USAGE}\nreaders: {}", names.join(", ")));
    };
    // What panics is reported once, by its number.
    std::panic::set_hook(Box::new(|_| {}));
    for reader in readers {
        match check(reader, seed, n_inputs) {
            Ok(report) => print(&format!("{}: {report:?}", reader.name)),
            Err(failure) => {
                let path = format!("fuzz-{}-{seed}-{}", reader.name, failure.input);
                let saved =
                    std::fs::write(&path, &failure.bytes).map_or("nowhere", |()| path.as_str());
                return fail(&format!("{}: {failure}; saved: {saved:?}", reader.name));
            }
        }
    }
    ExitCode::SUCCESS
}

fn parse(arguments: &[String]) -> Option<(Vec<&'static Reader>, u64, u64)> {
    let (name, rest) = arguments.split_first()?;
    let readers = if name == "all" { READERS.iter().collect() } else { vec![find(name)?] };
    let mut numbers = rest.iter().map(|number| number.parse().ok());
    let n_inputs = numbers.next()??;
    Some((readers, numbers.next().unwrap_or(Some(0))?, n_inputs))
}

#[allow(clippy::print_stdout, reason = "a program of its own")]
fn print(text: &str) {
    println!("{text}");
}

#[allow(clippy::print_stderr, reason = "a program of its own")]
fn fail(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::FAILURE
}
