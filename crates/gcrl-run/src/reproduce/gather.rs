//! What the finished cells in a folder led to.

use crate::catalog::{Catalog, UnknownName};
use crate::datasets::{self, Published};
use crate::folder::RunFolder;
use crate::folder_error::FolderError;
use crate::provenance::{Difference, FINAL_EPISODES, FORMAT, table_difference, table_differences};
use crate::reproduce::grid::preset_config;
use crate::reproduce::method::MethodPreset;
use crate::reproduce::tables::{Tables, TablesError};
use crate::results::{RunResult, SeedResult};
use gcrl_eval::MetricLog;
use gcrl_eval::outcome::{Cost, CurveSample, FinalScore, Method, Outcome};
use gcrl_eval::reproduction::CellPolicy;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::Table;

/// What the cells in a folder led to.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The methods that have outcomes, in the order of the table.
    pub methods: Vec<Method>,
    /// An outcome for each seed of each finished cell: data sets and methods in the order of the table.
    pub outcomes: Vec<Outcome>,
    /// A policy of each method on each data set, that of its first seed.
    pub policies: Vec<CellPolicy>,
    /// Cells that are begun and not finished.
    pub n_unfinished: usize,
    /// Data sets and methods with other settings than the program's own, each with those that differ.
    pub other_settings: Vec<String>,
}

/// A cause for what is in a folder not to be used.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A folder cannot be listed.
    #[error("cannot list folder: {path:?}")]
    List {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder is at the place of a cell that this program does not know.
    #[error("no cell of a grid: {path:?}")]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// A cell was trained by another version of the program, or on other data.
    #[error("cell is of another version, {difference}: {path:?}")]
    OtherVersion {
        /// The first thing that differs.
        difference: Difference,
        /// The cell.
        path: PathBuf,
    },
    /// Cells of one method and data set have different settings.
    #[error("cells of one method have different settings, {difference}: {path:?}")]
    Mixed {
        /// The first thing that differs.
        difference: Difference,
        /// The second cell.
        path: PathBuf,
    },
    /// A name is unknown.
    #[error(transparent)]
    Name {
        /// Which.
        #[from]
        source: UnknownName,
    },
    /// A file of a cell cannot be read.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
}

/// Reads what the finished cells in `out` led to.
///
/// # Errors
///
/// If a folder or file cannot be read, a cell is not of this program's grid or version, or its results
/// were edited.
pub fn gather(out: &Path, catalog: &Catalog) -> Result<Gathered, GatherError> {
    let mut all = Gathered {
        methods: Vec::new(),
        outcomes: Vec::new(),
        policies: Vec::new(),
        n_unfinished: 0,
        other_settings: Vec::new(),
    };
    let mut groups = cell_groups(out)?;
    for set in datasets::published() {
        for method in MethodPreset::all() {
            let Some(cells) = groups.remove(&(set.name.clone(), method.key.clone())) else {
                continue;
            };
            all.add(&set, method, &cells, catalog)?;
        }
    }
    if let Some(path) = groups.into_values().flatten().next() {
        return Err(GatherError::Foreign { path });
    }
    all.sort();
    Ok(all)
}

impl Gathered {
    /// Adds the results in tables where there is no cell of them, or one that was evaluated over fewer
    /// episodes. Returns how many have no cell.
    ///
    /// # Errors
    ///
    /// If a row does not fit the cells; rows before it are added.
    pub fn add_tables(&mut self, tables: &Tables) -> Result<usize, TablesError> {
        let n_before = self.outcomes.len();
        for row in tables.outcomes() {
            let of_method = (&row.task, &row.dataset, &row.method);
            let is_same = |it: &Outcome| (&it.task, &it.dataset, &it.method) == of_method;
            if let Some(other) = self.outcomes.iter().find(|it| is_same(it)) {
                tables.check_updates(row, other.n_updates)?;
            }
            match self.outcomes.iter_mut().find(|it| is_same(it) && it.seed == row.seed) {
                None => self.outcomes.push(row.clone()),
                Some(cell) => {
                    tables.check(row, &cell.score)?;
                    if cell.score.n_episodes < row.score.n_episodes {
                        cell.clone_from(row);
                    }
                }
            }
        }
        let n_added = self.outcomes.len() - n_before;
        self.sort();
        Ok(n_added)
    }

    /// Puts outcomes into the order of the table, and names the methods that have some.
    pub(crate) fn sort(&mut self) {
        let sets: Vec<_> = datasets::published().iter().map(names).collect();
        let methods = MethodPreset::all();
        self.outcomes.sort_by_key(|it| {
            let set = sets.iter().position(|(task, set)| (task, set) == (&it.task, &it.dataset));
            let method = methods.iter().position(|method| method.key == it.method);
            (set, method, it.seed)
        });
        let has = |method: &&MethodPreset| self.outcomes.iter().any(|it| it.method == method.key);
        self.methods = methods.iter().filter(has).map(MethodPreset::method).collect();
    }

    /// Adds the cells of a method on a data set.
    fn add(
        &mut self,
        set: &Published,
        method: &'static MethodPreset,
        cells: &[PathBuf],
        catalog: &Catalog,
    ) -> Result<(), GatherError> {
        let task = catalog.task(&set.recipe.task)?;
        let algorithm = catalog.algorithm(&method.algorithm)?;
        let preset = preset_config(method, algorithm, task).to_table();
        let mut same = SameSettings::default();
        let mut outcomes = Vec::new();
        let mut policies = BTreeMap::new();
        for path in cells {
            let Some(results) = RunFolder::finished(path)? else {
                self.n_unfinished += 1;
                continue;
            };
            same.check(set, &results, path)?;
            let costs = RunFolder::costs(path)?;
            for seed in &results.seeds {
                let log = RunFolder::metrics(path, seed.seed)?;
                let cost = costs.get(&seed.seed).copied();
                outcomes.extend(outcome(set, method, &results, seed, &log, cost));
                policies.insert(seed.seed, RunFolder::policy_in(path, seed.seed));
            }
        }
        let (task, dataset) = names(set);
        self.policies.extend(policies.into_values().next().map(|path| CellPolicy {
            task,
            dataset,
            method: method.key.clone(),
            path,
            replay: None,
        }));
        self.outcomes.append(&mut outcomes);
        let other = same.first.map(|found| table_differences("", &preset, &found, &DIFFERING));
        let other: Vec<_> = other.iter().flatten().map(Difference::to_string).collect();
        if !other.is_empty() {
            let text = format!("{} {}: {}", set.name, method.key, other.join(", "));
            self.other_settings.push(text);
        }
        Ok(())
    }
}

/// Settings in which cells of one method on one data set may differ, beside episodes of the final evaluation:
/// seeds, what multiplies, and where the data set is.
const DIFFERING: [&str; 4] = ["seeds", "engine", "device", "dataset"];

/// Checks that the cells of one method on one data set are of this program, and have the same settings.
#[derive(Default)]
pub(crate) struct SameSettings {
    /// Those of the first cell.
    first: Option<Table>,
}

impl SameSettings {
    pub(crate) fn check(
        &mut self,
        set: &Published,
        results: &RunResult,
        path: &Path,
    ) -> Result<(), GatherError> {
        let path = || path.to_owned();
        if let Some(difference) = version_difference(set, results) {
            return Err(GatherError::OtherVersion { difference, path: path() });
        }
        let settings = &results.provenance.settings;
        let first = self.first.get_or_insert_with(|| settings.clone());
        let may_differ = [&DIFFERING[..], &[FINAL_EPISODES]].concat();
        match table_difference("", first, settings, &may_differ) {
            None => Ok(()),
            Some(difference) => Err(GatherError::Mixed { difference, path: path() }),
        }
    }
}

/// The first thing beside settings in which results are not those of this program.
fn version_difference(set: &Published, results: &RunResult) -> Option<Difference> {
    let found = &results.provenance;
    let physics_version = set.task().spec.physics_version;
    let number = |number: u32| Some(number.to_string());
    let dataset = set.record.as_ref().map(gcrl_data::Manifest::blake3);
    let parts = [
        ("task", Some(results.task.clone()), Some(set.recipe.task.clone())),
        ("format", number(found.format), number(FORMAT)),
        ("physics_version", number(found.physics_version), number(physics_version)),
        ("dataset", found.dataset.clone(), dataset.or_else(|| found.dataset.clone())),
    ];
    parts.into_iter().find_map(|(what, found, now)| Difference::between(what, found, now))
}

/// A data set's task, and its name within it.
fn names(set: &Published) -> (String, String) {
    (set.recipe.task.clone(), set.name_in_task().to_owned())
}

/// What a seed led to, if it was evaluated.
fn outcome(
    set: &Published,
    method: &MethodPreset,
    results: &RunResult,
    seed: &SeedResult,
    log: &MetricLog,
    cost: Option<Cost>,
) -> Option<Outcome> {
    let by_update = |name: &str| log.column(name).into_iter().collect::<BTreeMap<u64, f64>>();
    let [discounted, success, q] = ["discounted_return", "success", "mean_q"].map(by_update);
    let at = |column: &BTreeMap<u64, f64>, n_updates| column.get(&n_updates).copied();
    let curve = seed.curve.iter().map(|&(n_updates, mean_return)| CurveSample {
        n_updates,
        mean_return,
        discounted_return: at(&discounted, n_updates).unwrap_or(f64::NAN),
        success: at(&success, n_updates).unwrap_or(f64::NAN),
        mean_q: at(&q, n_updates),
    });
    let (task, dataset) = names(set);
    Some(Outcome {
        task,
        dataset,
        method: method.key.clone(),
        seed: seed.seed,
        n_updates: results.n_updates,
        score: FinalScore::from(seed.evaluation.as_ref()?),
        curve: curve.collect(),
        cost,
    })
}

/// The folders of cells, by data set and method.
fn cell_groups(out: &Path) -> Result<BTreeMap<(String, String), Vec<PathBuf>>, GatherError> {
    let mut groups: BTreeMap<_, Vec<PathBuf>> = BTreeMap::new();
    for cell in cells(out)? {
        let names: Vec<_> = cell.iter().rev().map(|name| name.to_string_lossy()).collect();
        let [_seeds, method, set, task, ..] = &names[..] else { continue };
        let key = (format!("{task}/{set}"), method.to_string());
        groups.entry(key).or_default().push(cell.clone());
    }
    Ok(groups)
}

/// The folders of all cells in a folder, sorted.
pub(crate) fn cells(out: &Path) -> Result<Vec<PathBuf>, GatherError> {
    let mut level = vec![out.join("cells")];
    // Tasks, data sets, methods, runs.
    for _ in 0..4 {
        let next = level.iter().map(|path| folders(path)).collect::<Result<Vec<_>, _>>()?;
        level = next.concat();
    }
    Ok(level)
}

/// The folders in a folder, sorted by name, but for those whose name begins with a dot, which a program is
/// still writing.
fn folders(path: &Path) -> Result<Vec<PathBuf>, GatherError> {
    let failed = |source| GatherError::List { path: path.to_owned(), source };
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !is_hidden {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
