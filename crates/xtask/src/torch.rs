//! Fetches libtorch into `.libtorch/` of the workspace, where `.cargo/config.toml` points to.
//!
//! libtorch is the C++ half of the Python package `torch`: pip fetches the pinned wheels from whatever
//! index it is configured for, checks their SHA-256 (`libtorch/*.txt`) and unpacks them; the libraries
//! and headers stay, the rest goes. Python itself is not needed afterwards.
//!
//! ```text
//! .libtorch/new/      being fetched; a leftover of an interrupted run is cleared away
//! .libtorch/nvidia/   CUDA's libraries, where those of torch look for them
//! .libtorch/torch/    include/, lib/, and build-version, which says that all of it is whole
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    /// What a CPU needs.
    Cpu,
    /// What an NVIDIA GPU needs; serves the CPU as well.
    Cuda,
}

impl Flavor {
    /// What stands in `build-version`: torch-sys compares the part before the plus sign with its own.
    const fn version(self) -> &'static str {
        match self {
            Self::Cpu => "2.11.0+cpu",
            Self::Cuda => "2.11.0+cu130",
        }
    }

    /// Whether the installed `version` will do. What serves a GPU serves a CPU: going back would only
    /// break the link of what is built already.
    fn is_served_by(self, version: &str) -> bool {
        version == self.version() || version == Self::Cuda.version()
    }

    /// The pinned wheels, beside this package's manifest.
    const fn requirements(self) -> &'static str {
        match self {
            Self::Cpu => "libtorch/cpu.txt",
            Self::Cuda => "libtorch/cuda.txt",
        }
    }

    /// What stays of the unpacked wheels.
    const fn kept(self) -> &'static [&'static str] {
        match self {
            Self::Cpu => &[
                "torch/include",
                "torch/lib/libc10.so",
                "torch/lib/libgomp.so.1",
                "torch/lib/libtorch.so",
                "torch/lib/libtorch_cpu.so",
                "nvidia/cu13/lib/libcudart.so.13",
                "nvidia/cu13/lib/libcupti.so.13",
            ],
            Self::Cuda => &["torch/include", "torch/lib", "nvidia"],
        }
    }
}

/// Oldest and newest 2.x of the C library that a pinned wheel may be built for (its `manylinux` tag).
const GLIBC_MINORS: std::ops::RangeInclusive<u32> = 5..=28;

/// A cause for libtorch not to be fetched; what was there before still is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// No wheel is pinned for this machine.
    #[error("no libtorch is pinned for `{found}`, only for `x86_64-linux`")]
    Platform { found: String },
    /// Python or its installer is missing.
    #[error("cannot run `python3 -m pip`: {reason}")]
    NoPip { reason: String },
    /// The installer gave up.
    #[error("pip failed to fetch the wheels: {reason}")]
    Pip { reason: String },
    /// A file or folder refused.
    #[error("cannot {act}: {path:?}")]
    File { act: &'static str, path: PathBuf, source: io::Error },
}

impl FetchError {
    /// What the user can do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        const BY_HAND: &str = "unpack libtorch 2.11.0 (C++, shared, with dependencies) from PyTorch's \
            own downloads, and set LIBTORCH to its folder";
        const SPACE: &str =
            "the disk is full; fetching takes 2 GB of space for a CPU, 7 GB with --cuda";
        match self {
            Self::Platform { .. } => Some(BY_HAND),
            Self::NoPip { .. } => Some(
                "install Python 3 with pip (Debian: `apt install python3-pip`), or set LIBTORCH \
                      to an unpacked libtorch 2.11.0",
            ),
            Self::Pip { reason } if reason.contains("DO NOT MATCH THE HASHES") => Some(
                "the wheel is damaged, or not the one that was pinned; try again, with \
                      `PIP_NO_CACHE_DIR=1` if it stays so",
            ),
            Self::Pip { reason } if reason.contains("No space left") => Some(SPACE),
            Self::Pip { .. } => Some(
                "run it again once pip's package index is reachable, or set LIBTORCH to an \
                      unpacked libtorch 2.11.0",
            ),
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => Some(SPACE),
            Self::File { .. } => None,
        }
    }
}

/// Fetches libtorch into `.libtorch/` of `workspace`, unless it is there, or the user has another.
///
/// # Errors
///
/// If the platform has no pinned wheel, pip is missing or fails, or a file cannot be written.
pub(crate) fn fetch(workspace: &Path, flavor: Flavor) -> Result<(), FetchError> {
    if let Some(path) = libtorch_of_user(workspace) {
        println!("LIBTORCH is set, so there is nothing to fetch: {}", path.display());
        return Ok(());
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        let found = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
        return Err(FetchError::Platform { found });
    }
    let folder = workspace.join(".libtorch");
    if let Some(version) = installed(&folder).filter(|version| flavor.is_served_by(version)) {
        println!("libtorch {} is already there: {}", version, folder.display());
        return Ok(());
    }
    let new = folder.join("new");
    remove(&new)?;
    let fetched = fetch_wheels(&new, flavor).and_then(|wheels| install(&wheels, &folder, flavor));
    // Half a download is of no use to the next run, and large.
    let cleared = remove(&new);
    fetched.and(cleared)?;
    println!("libtorch {} is in place: {}", flavor.version(), folder.display());
    Ok(())
}

/// A LIBTORCH that the user set; cargo sets it as well, from `.cargo/config.toml`, to our folder.
fn libtorch_of_user(workspace: &Path) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("LIBTORCH")?);
    (path != workspace.join(".libtorch/torch")).then_some(path)
}

/// The version in `folder`, if one is there as a whole.
fn installed(folder: &Path) -> Option<String> {
    let version = fs::read_to_string(folder.join("torch/build-version")).ok()?;
    Some(version.trim().to_owned())
}

/// Has pip fetch, check and unpack the wheels below `new`; returns the folder they are unpacked in.
fn fetch_wheels(new: &Path, flavor: Flavor) -> Result<PathBuf, FetchError> {
    let wheels = new.join("wheels");
    // Pip's own temporary files too: the system's folder for them may be small.
    let temporary = new.join("tmp");
    fs::create_dir_all(&temporary).map_err(failed("create the folder", &temporary))?;
    check_pip()?;
    let mut pip = pip();
    pip.args(["install", "--no-input", "--disable-pip-version-check", "--no-compile", "--no-deps"])
        .args(["--require-hashes", "--only-binary=:all:", "--implementation=cp"])
        // One wheel, whatever Python runs here: only the part that is not Python is used.
        .args([
            "--python-version=3.11",
            "--abi=cp311",
            "--abi=none",
            "--platform=manylinux2014_x86_64",
        ])
        .args(GLIBC_MINORS.map(|minor| format!("--platform=manylinux_2_{minor}_x86_64")))
        .arg("--target")
        .arg(&wheels)
        .arg("--requirement")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(flavor.requirements()))
        .env("TMPDIR", &temporary)
        // What pip downloads and how fast is shown as it comes; what goes wrong is shown at the end.
        .stderr(Stdio::piped());
    let output = pip
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .map_err(|error| FetchError::NoPip { reason: error.to_string() })?;
    if output.status.success() {
        Ok(wheels)
    } else {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(FetchError::Pip { reason })
    }
}

fn check_pip() -> Result<(), FetchError> {
    let output = pip()
        .arg("--version")
        .output()
        .map_err(|error| FetchError::NoPip { reason: error.to_string() })?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(FetchError::NoPip { reason })
}

fn pip() -> Command {
    let mut python = Command::new("python3");
    python.args(["-m", "pip"]);
    python
}

/// Moves what stays of `wheels` into `folder`, in place of what was there.
fn install(wheels: &Path, folder: &Path, flavor: Flavor) -> Result<(), FetchError> {
    let whole = folder.join("new/whole");
    for kept in flavor.kept() {
        let to = whole.join(kept);
        let parent = to.parent().expect("what is kept lies in a folder");
        fs::create_dir_all(parent).map_err(failed("create the folder", parent))?;
        fs::rename(wheels.join(kept), &to).map_err(failed("move into place", &to))?;
    }
    let version = whole.join("torch/build-version");
    fs::write(&version, flavor.version()).map_err(failed("write", &version))?;
    // `torch`, whose build-version says that all is whole, goes first and comes last.
    remove(&folder.join("torch"))?;
    remove(&folder.join("nvidia"))?;
    for name in ["nvidia", "torch"] {
        let to = folder.join(name);
        fs::rename(whole.join(name), &to).map_err(failed("move into place", &to))?;
    }
    Ok(())
}

/// Removes a folder, if there is one.
fn remove(folder: &Path) -> Result<(), FetchError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("remove the folder", folder)(error))
        }
        _ => Ok(()),
    }
}

fn failed(act: &'static str, path: &Path) -> impl Fn(io::Error) -> FetchError + use<> {
    let path = path.to_owned();
    move |source| FetchError::File { act, path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(wheels: &Path, flavor: Flavor) {
        for kept in flavor.kept() {
            let path = wheels.join(kept);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            // A folder among them has a file; the others are files.
            if Path::new(kept).extension().is_none() {
                fs::create_dir_all(&path).unwrap();
                fs::write(path.join("a"), "new").unwrap();
            } else {
                fs::write(&path, "new").unwrap();
            }
        }
        fs::write(wheels.join("torch/__init__.py"), "python").unwrap();
    }

    #[test]
    fn one_flavor_takes_the_place_of_the_other_and_python_stays_out() {
        let folder = tempfile::tempdir().unwrap();
        let wheels = folder.path().join("new/wheels");
        for flavor in [Flavor::Cpu, Flavor::Cuda] {
            fill(&wheels, flavor);
            install(&wheels, folder.path(), flavor).unwrap();
            assert_eq!(installed(folder.path()).as_deref(), Some(flavor.version()));
            assert!(folder.path().join("torch/include/a").exists());
            assert!(!folder.path().join("torch/__init__.py").exists());
            remove(&folder.path().join("new")).unwrap();
        }
        assert!(
            !folder.path().join("nvidia/cu13/lib/libcudart.so.13").exists(),
            "the first is gone"
        );
    }

    #[test]
    fn a_wheel_without_an_expected_file_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let wheels = folder.path().join("new/wheels");
        fill(&wheels, Flavor::Cpu);
        install(&wheels, folder.path(), Flavor::Cpu).unwrap();
        assert!(install(&wheels, folder.path(), Flavor::Cuda).is_err());
        assert_eq!(installed(folder.path()).as_deref(), Some(Flavor::Cpu.version()));
    }

    #[test]
    fn every_pinned_wheel_has_a_version_and_a_checksum() {
        for flavor in [Flavor::Cpu, Flavor::Cuda] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(flavor.requirements());
            let text = fs::read_to_string(path).unwrap();
            let wheels: Vec<_> = text
                .lines()
                .filter(|line| !line.starts_with('#') && !line.starts_with("-r"))
                .collect();
            assert!(!wheels.is_empty());
            for line in wheels {
                let (pin, checksum) = line.split_once(" --hash=sha256:").unwrap();
                assert!(pin.split_once("==").is_some(), "{line}");
                assert_eq!(checksum.len(), 64, "{line}");
            }
        }
    }
}
