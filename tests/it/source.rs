//! The project's own files, as tests read them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Table;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A text file of the project.
pub(crate) fn text(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The TOML file `name`.
pub(crate) fn table(name: &str) -> Table {
    text(name).parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Names in a folder, in order.
pub(crate) fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the project has this folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("entries can be read").file_name().into_string().expect("names are UTF-8")
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

/// The folder of every crate, by the crate's name.
pub(crate) fn crates() -> BTreeMap<String, String> {
    let in_crates = names("crates").into_iter().map(|name| format!("crates/{name}"));
    let folders = in_crates.chain(["envs".to_owned()]);
    let named = folders.filter(|folder| root().join(folder).join("Cargo.toml").exists());
    let name = |folder: &str| {
        let manifest = table(&format!("{folder}/Cargo.toml"));
        manifest["package"]["name"].as_str().expect("names are text").to_owned()
    };
    named.map(|folder| (name(&folder), folder)).collect()
}

/// Every Rust file below `folder`, by its path from the workspace, in order.
pub(crate) fn rust_files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    for name in names(folder) {
        let path = format!("{folder}/{name}");
        if root().join(&path).is_dir() {
            files.extend(rust_files(&path));
        } else if Path::new(&path).extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}
