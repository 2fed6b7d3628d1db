//! A folder of its own for each test, in which the program runs as a user runs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_gcrl");

/// Settings with which a run takes a fraction of a second.
pub(crate) const TINY: &str = "--set train.n_updates=20 --set train.batch_size=32 \
    --set train.hidden=[32,32] --set train.evaluate_every=10 --set train.n_evaluation_episodes=4 \
    --set train.n_final_evaluation_episodes=8";

/// Variables that a developer or a scheduler may have set, and that would change what the program does:
/// where its data sets are, and which part of a grid it computes.
const OF_THE_USER: [&str; 8] = [
    "GCRL_DATASETS",
    "GCRL_SHARDS",
    "HQ_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "SLURM_ARRAY_TASK_COUNT",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_STEP",
];

/// A temporary folder, removed when dropped.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

/// A run of the program that came to its end.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("the machine has room for temporary files") }
    }

    /// A folder with the data set `data`: random actions in PointReach.
    pub(crate) fn with_data(n_episodes: usize) -> Self {
        let place = Self::new();
        place.succeeds(&format!(
            "collect PointReach --behavior random --episodes {n_episodes} --out data"
        ));
        place
    }

    /// Where `name` is, relative to the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Compiles C code that stands before the C library; `None` on a machine without a compiler of C.
    #[cfg(target_os = "linux")]
    pub(crate) fn shim(&self, source: &str) -> Option<PathBuf> {
        self.write("shim.c", source);
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-w", "-o", "shim.so", "shim.c", "-ldl"]);
        let compiled = compile.current_dir(self.path("")).status().ok()?;
        assert!(compiled.success(), "the shim compiles");
        Some(self.path("shim.so"))
    }

    /// What the file `name` holds.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What the text file `name` holds.
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("text files are UTF-8")
    }

    /// Replaces or makes the file `name`.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("folders can be made");
        std::fs::write(path, content).expect("files can be written");
    }

    /// The program with the arguments of `line`, which spaces separate, and without [`OF_THE_USER`].
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(line.split_whitespace()).current_dir(self.folder.path()).stdin(Stdio::null());
        for variable in OF_THE_USER {
            command.env_remove(variable);
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, line: &str) -> Finished {
        Finished::of(&mut self.command(line))
    }

    /// Runs the program, which must succeed, and returns what it printed.
    pub(crate) fn succeeds(&self, line: &str) -> String {
        let finished = self.run(line);
        assert_eq!(finished.code, Some(0), "`gcrl {line}`: {}", finished.stderr);
        finished.stdout
    }

    /// Runs the program where an environment variable is set; it must succeed.
    pub(crate) fn succeeds_in(&self, (name, value): (&str, &str), line: &str) -> String {
        let finished = Finished::of(self.command(line).env(name, value));
        assert_eq!(finished.code, Some(0), "`gcrl {line}`: {}", finished.stderr);
        finished.stdout
    }

    /// The names in the folder `name`, hidden ones too.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(name)).expect("the folder is there");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.expect("its entries can be read").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    }

    /// Every file below the folder `name`, hidden ones too, by its path in that folder.
    pub(crate) fn files(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let (root, mut files) = (self.path(name), BTreeMap::new());
        gather(&root, &root, &mut files);
        files
    }
}

impl Finished {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// A table of metrics without the one column that measures the machine.
pub(crate) fn without_seconds(csv: &str) -> String {
    let head = csv.lines().next().unwrap_or_default();
    let seconds = head.split(',').position(|name| name == "seconds");
    let line = |line: &str| {
        let fields = line.split(',').enumerate().filter(|(column, _)| Some(*column) != seconds);
        fields.map(|(_, field)| field).collect::<Vec<_>>().join(",") + "\n"
    };
    csv.lines().map(line).collect()
}

/// Folders count as files without content, by a name that ends in `/`.
fn gather(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("its entries can be read").path();
        let name = path.strip_prefix(root).expect("entries are below their root").to_string_lossy();
        if path.is_dir() {
            files.insert(format!("{name}/"), Vec::new());
            gather(root, &path, files);
        } else {
            files.insert(name.into_owned(), std::fs::read(&path).expect("files can be read"));
        }
    }
}
