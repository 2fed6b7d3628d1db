//! What CI runs: formatting, lints with warnings as errors, tests. Where libtorch is at hand, the
//! same for what needs it.

use anyhow::{Context, bail};
use std::path::Path;
use std::process::Command;

/// `cargo` with these arguments checks what a bare machine builds.
const BARE: &[&[&str]] = &[
    &["fmt", "--all", "--check"],
    &["clippy", "--all-targets", "--", "-D", "warnings"],
    &["test", "--quiet"],
];

/// `cargo` with these arguments checks what needs libtorch.
const WITH_LIBTORCH: &[&[&str]] = &[
    &[
        "clippy",
        "-p=gcrl-torch",
        "-p=gcrl-cli",
        "-F=gcrl-cli/torch",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ],
    &["test", "--quiet", "-p=gcrl-torch"],
];

/// What the tests of the window run.
const SCREEN: [&str; 2] = ["Xvfb", "xdotool"];

/// `cargo` with these arguments checks the window.
const WITH_A_SCREEN: &[&[&str]] = &[
    &[
        "clippy",
        "--profile=draft",
        "-p=gcrl-viewer",
        "-p=gcrl-cli",
        "-F=gcrl-cli/viewer",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ],
    &[
        "test",
        "--quiet",
        "--profile=draft",
        "-p=gcrl-viewer",
        "-p=gcrl-cli",
        "-F=gcrl-cli/viewer",
        "--lib",
        "--bins",
        "--test=window",
    ],
];

/// Runs one check after the other in `workspace`, up to the first that fails.
pub(crate) fn run(workspace: &Path) -> anyhow::Result<()> {
    for arguments in BARE {
        cargo(workspace, arguments)?;
    }
    if crate::torch::is_at_hand(workspace) {
        for arguments in WITH_LIBTORCH {
            cargo(workspace, arguments)?;
        }
    } else {
        println!("without gcrl-torch: there is no libtorch here; `cargo xtask torch` fetches it");
    }
    if SCREEN.iter().all(|program| is_on_path(program)) {
        for arguments in WITH_A_SCREEN {
            cargo(workspace, arguments)?;
        }
    } else {
        println!("without the window: `Xvfb` and `xdotool` are not on the PATH");
    }
    Ok(())
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn cargo(workspace: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let line = format!("cargo {}", arguments.join(" "));
    println!("{line}");
    // The cargo that runs us, of the toolchain the user chose.
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .current_dir(workspace)
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed");
    }
    Ok(())
}
