//! Files are short, registered, where they belong, and safe but for a few.

use crate::source;

/// Folders of our Rust files.
const FOLDERS: [&str; 3] = ["crates", "envs", "tests"];

/// Lines of any file, at most.
const FILE_LINES: usize = 500;

/// Lines of a task's or an algorithm's file, at most.
const TASK_OR_ALGORITHM_LINES: usize = 200;

/// Files, and folders, in which `unsafe_code` is allowed; each has a reason beside the permission.
const UNSAFE: &[&str] = &[
    "crates/gcrl-cli/src/signals.rs",
    "crates/gcrl-data/src/map.rs",
    "crates/gcrl-fuzz/src/allocations.rs",
    "crates/gcrl-nn/src/kernels/",
    "crates/gcrl-physics/src/articulation/registers.rs",
    "crates/gcrl-physics/src/articulation/side_by_side.rs",
    "crates/gcrl-policy/src/dispatch.rs",
    "crates/gcrl-python/src/dataset.rs",
    "crates/gcrl-torch/src/",
];

/// What lies at the top beside names that begin with a dot.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "assets",
    "crates",
    "datasets",
    "envs",
    "tests",
];

/// A file's name without folder and ending.
fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs")
}

fn tasks() -> Vec<String> {
    source::rust_files("envs/src/tasks")
}

fn algorithms() -> Vec<String> {
    source::rust_files("crates/gcrl-learn/src/algos")
}

fn n_lines(path: &str) -> usize {
    source::text(path).lines().count()
}

#[test]
fn every_file_keeps_its_budget() {
    let mut too_long = Vec::new();
    for path in FOLDERS.into_iter().flat_map(source::rust_files) {
        if FILE_LINES < n_lines(&path) {
            too_long.push(path);
        }
    }
    for path in tasks().into_iter().chain(algorithms()) {
        if TASK_OR_ALGORITHM_LINES < n_lines(&path) {
            too_long.push(path);
        }
    }
    assert_eq!(too_long, [""; 0], "split them by ideas");
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    for path in FOLDERS.into_iter().flat_map(source::rust_files) {
        assert!(source::text(&path).starts_with("//! "), "{path}");
    }
}

#[test]
fn every_task_and_every_algorithm_is_registered() {
    let registry = source::text("envs/src/registry.rs");
    for path in tasks() {
        let import = format!("{}::", stem(&path));
        assert!(registry.contains(&import), "no task of {path} is registered");
    }
    let registry = source::text("crates/gcrl-learn/src/registry.rs");
    for path in algorithms() {
        let entry = format!("entry::<algos::{}::", stem(&path));
        assert!(registry.contains(&entry), "no algorithm of {path} is registered");
    }
    assert_eq!(tasks().len(), gcrl_envs::TASKS.len());
    assert_eq!(algorithms().len(), gcrl_learn::ALGORITHMS.len());
}

#[test]
fn unsafe_code_is_where_it_must_be_and_nowhere_else() {
    let lifts = |path: &String| {
        let text = source::text(path);
        // In two parts, so that this file is not one of them.
        [concat!("allow(", "unsafe_code"), concat!("expect(", "unsafe_code")]
            .iter()
            .any(|permission| text.replace(char::is_whitespace, "").contains(permission))
    };
    let found: Vec<_> = FOLDERS.into_iter().flat_map(source::rust_files).filter(lifts).collect();
    for path in &found {
        assert!(UNSAFE.iter().any(|place| path.starts_with(place)), "{path}");
    }
    for place in UNSAFE {
        assert!(found.iter().any(|path| path.starts_with(place)), "{place} needs no permission");
    }
}

/// Lines of code in the crates' sources, each with its file, of the files that `is_of` takes.
fn lines_of_code(is_of: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let files = source::rust_files("crates").into_iter();
    let files = files.filter(|path| path.contains("/src/") && is_of(path));
    let of_file = |path: String| {
        let text = source::text(&path);
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        code.map(|line| (path.clone(), line.to_owned())).collect::<Vec<_>>()
    };
    files.flat_map(of_file).collect()
}

#[test]
fn only_the_program_speaks_of_its_flags() {
    // Whoever calls a library from Python or from a program of their own has none.
    let is_library = |path: &str| {
        !["crates/gcrl-cli/", "crates/xtask/"].iter().any(|program| path.starts_with(program))
    };
    let mut lines = lines_of_code(is_library);
    assert!(10_000 < lines.len());
    lines.retain(|(_, line)| line.contains("`--"));
    assert_eq!(lines, []);
}

#[test]
fn the_program_and_its_library_look_tasks_up_in_a_catalog() {
    let of_run =
        |path: &str| ["gcrl-cli", "gcrl-run", "gcrl-python"].iter().any(|name| path.contains(name));
    let mut lines = lines_of_code(of_run);
    assert!(5_000 < lines.len());
    lines.retain(|(_, line)| line.contains("gcrl_envs::find"));
    assert_eq!(lines, []);
}

#[test]
fn the_top_level_is_a_table_of_contents() {
    let ignored = source::text(".gitignore");
    let is_ignored = |name: &str| {
        let patterns = ignored.lines().filter_map(|line| line.strip_prefix('/'));
        patterns.map(|pattern| pattern.trim_end_matches('/')).any(|pattern| {
            match pattern.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == pattern,
            }
        })
    };
    let unexpected: Vec<_> = source::names(".")
        .into_iter()
        .filter(|name| !name.starts_with('.') && !is_ignored(name))
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    assert_eq!(unexpected, [""; 0]);
}
