//! Who may import whom: the table in `crates/README.md`, compared with the manifests, so that a new edge is
//! a line that somebody reviews.

use crate::source;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use toml::{Table, Value};

/// Who alone may name what is heavy: a tensor library, a renderer, the terminal, the memory map,
/// foreign formats.
const HEAVY: &[(&str, &[&str])] = &[
    ("tch", &["gcrl-torch"]),
    ("torch-sys", &["gcrl-torch"]),
    ("libloading", &["gcrl-torch"]),
    ("matrixmultiply", &["gcrl-nn"]),
    ("memmap2", &["gcrl-data"]),
    ("rapier3d", &["gcrl-physics"]),
    ("mjcf-rs", &["gcrl-physics"]),
    ("roxmltree", &["gcrl-physics"]),
    ("npyz", &["gcrl-formats"]),
    ("zip", &["gcrl-formats"]),
    ("rust-hdf5", &["gcrl-formats"]),
    ("arrow-array", &["gcrl-formats"]),
    ("arrow-ipc", &["gcrl-formats"]),
    ("parquet", &["gcrl-formats"]),
    ("prost", &["gcrl-formats"]),
    ("plotters", &["gcrl-eval"]),
    ("resvg", &["gcrl-eval"]),
    ("base64", &["gcrl-page"]),
    ("pyo3", &["gcrl-python"]),
    ("numpy", &["gcrl-python"]),
    ("bevy", &["gcrl-viewer"]),
    ("bevy_egui", &["gcrl-viewer"]),
    ("wgpu", &["gcrl-viewer"]),
    ("x11rb", &["gcrl-cli", "gcrl-viewer"]), // of the program, its tests alone
    ("directories", &["gcrl-cli", "gcrl-run"]),
    ("ab_glyph", &["gcrl-sketch"]),
    ("epaint_default_fonts", &["gcrl-eval", "gcrl-sketch"]),
    ("gif", &["gcrl-sketch"]),
    ("png", &["gcrl-cli", "gcrl-sketch"]), // of the program, its tests alone
    ("indicatif", &["gcrl-cli"]),
    ("signal-hook", &["gcrl-cli"]),
    ("clap_complete", &["gcrl-cli"]),
    // The project's chores are a program, too.
    ("anyhow", &["gcrl-cli", "xtask"]),
    ("clap", &["gcrl-cli", "xtask"]),
];

/// What a bare machine neither builds nor needs.
const NOT_DEFAULT: &[&str] = &["gcrl-python", "gcrl-torch", "gcrl-viewer", "xtask"];

/// Tables of dependencies in a manifest; no crate has some for one system only.
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

fn manifests() -> BTreeMap<String, Table> {
    let crates = source::crates().into_iter();
    crates.map(|(name, folder)| (name, source::table(&format!("{folder}/Cargo.toml")))).collect()
}

/// The packages that a manifest names, whatever it calls them.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    assert!(!manifest.contains_key("target"), "dependencies of one system escape this table");
    let tables = TABLES.iter().filter_map(|table| manifest.get(*table)?.as_table());
    let package = |(name, value): (&String, &Value)| {
        let renamed = value.get("package").and_then(Value::as_str);
        renamed.unwrap_or(name).to_owned()
    };
    tables.flat_map(|table| table.iter().map(package)).collect()
}

/// What each crate imports of ours, in its code or its tests, by the table of `crates/README.md`: crates in
/// its first column, and in its third those that they import, without `gcrl-`.
fn plan() -> BTreeMap<String, Vec<String>> {
    let page = source::text("crates/README.md");
    let rows = page.lines().filter(|line| line.starts_with("| `")).map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let (name, imports) = (cells[1].split('`').nth(1), cells[3]);
        let imports = imports.split(", ").filter(|import| *import != "–");
        (name.expect("a crate").to_owned(), imports.map(|name| format!("gcrl-{name}")).collect())
    });
    rows.collect()
}

#[test]
fn every_crate_stands_in_the_plan_and_imports_those_that_it_says() {
    let manifests = manifests();
    let imports = |manifest| {
        let ours = dependencies(manifest).into_iter();
        ours.filter(|package| manifests.contains_key(package)).collect()
    };
    let found: BTreeMap<_, Vec<_>> =
        manifests.iter().map(|(name, manifest)| (name.clone(), imports(manifest))).collect();
    let plan = plan();
    for (name, imports) in &found {
        assert_eq!(plan.get(name), Some(imports), "imports of `{name}`, in the plan and found");
    }
    assert_eq!(plan, found, "the plan has a crate that there is not");
}

#[test]
fn heavy_crates_are_named_where_the_plan_says() {
    let manifests = manifests();
    for (heavy, expected) in HEAVY {
        let names_it = |(name, manifest): (&String, &Table)| {
            dependencies(manifest).contains(*heavy).then(|| name.clone())
        };
        let found: Vec<_> = manifests.iter().filter_map(names_it).collect();
        assert_eq!(found, *expected, "`{heavy}` is named by other crates than in the plan");
    }
}

#[test]
fn a_bare_machine_builds_all_but_the_fenced_crates() {
    let workspace = source::table("Cargo.toml");
    let default = workspace["workspace"]["default-members"].as_array().unwrap();
    let default: BTreeSet<_> = default.iter().map(|folder| folder.as_str().unwrap()).collect();
    for (name, folder) in source::crates() {
        let is_fenced = NOT_DEFAULT.contains(&name.as_str());
        assert_ne!(default.contains(folder.as_str()), is_fenced, "{name}");
    }
}

#[test]
fn libtorch_and_bevy_are_asked_for_and_never_given() {
    for (importer, name) in [("gcrl-run", "gcrl-torch"), ("gcrl-cli", "gcrl-viewer")] {
        let manifest = &manifests()[importer];
        assert_eq!(manifest["features"]["default"], Value::Array(Vec::new()));
        assert_eq!(manifest["dependencies"][name]["optional"], Value::Boolean(true));
    }
}

#[test]
fn the_default_program_holds_nothing_of_the_fenced_crates() {
    let line = "tree --package gcrl-cli --edges normal,build --prefix none --locked --offline";
    // The cargo that runs the tests has fetched what it tells of.
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = cargo.args(line.split(' ')).current_dir(source::root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let held: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(held.contains("rapier3d"), "{tree}");
    let is_fenced = |owners: &&[&str]| owners.iter().all(|owner| NOT_DEFAULT.contains(owner));
    let fenced = HEAVY.iter().filter(|(_, owners)| is_fenced(owners)).map(|(name, _)| *name);
    let found: Vec<_> =
        fenced.chain(["winit", "wgpu-hal"]).filter(|it| held.contains(it)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn every_crate_keeps_the_workspace_s_lints() {
    for (name, manifest) in manifests() {
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(lints, Some(&Value::Boolean(true)), "{name}");
    }
}
