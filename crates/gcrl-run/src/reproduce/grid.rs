//! What is to be trained: every name looked up, every setting and folder checked, before the first update.

use crate::catalog::Catalog;
use crate::dataset::{DatasetError, check_sound};
use crate::datasets::{self, Order, Published};
use crate::engine::{self, MakeEngineError};
use crate::folder::RunFolder;
use crate::folder_error::FolderError;
use crate::layers::{Fields, Layer, settle};
use crate::observer::Observer;
use crate::reproduce::grid_error::GridError;
use crate::reproduce::method::{Asked, EvaluationPreset, MethodPreset, is_hard};
use crate::reproduce::shard::Shard;
use crate::reproduce::tables::Tables;
use crate::resolve_error::ResolveError;
use crate::results::RunResult;
use crate::run::{Run, defaults};
use gcrl_data::Dataset;
use gcrl_envs::TaskEntry;
use gcrl_eval::MeanStd;
use gcrl_eval::outcome::FinalScore;
use gcrl_eval::paper::kind_name;
use gcrl_eval::verdict::paper_result;
use gcrl_learn::{AlgorithmEntry, RunConfig};
use gcrl_nn::{DeviceKind, EngineKind};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A grid as it was asked for. Names that are given twice count once, in the order of the table.
#[derive(Clone, Debug)]
pub struct GridRequest {
    /// Tasks: ids, `easy` (the six that are trained for at most 20,000 updates), `hard` or `all`.
    pub tasks: Vec<String>,
    /// Data sets of each task: a kind, such as `random` or `expert`, or a name, such as `random-v1`.
    pub data: Vec<String>,
    /// Methods: keys, `paper`, `beyond`, `ablation`, `variants` or `all`.
    pub methods: Vec<String>,
    /// Seeds of each method on each data set.
    pub seeds: Vec<u64>,
    /// What multiplies matrices.
    pub engine: Option<EngineKind>,
    /// Where it does.
    pub device: Option<DeviceKind>,
    /// Settings of every run, each written `table.key=value`; those of an algorithm's own table are for
    /// that algorithm.
    pub settings: Vec<String>,
    /// The part that this program trains.
    pub shard: Shard,
    /// Where it is trained.
    pub machine: Machine,
    /// The folder of the data sets, in place of the usual ones.
    pub datasets: Option<PathBuf>,
    /// Whether data sets that are missing are built.
    pub is_building: bool,
    /// A folder with the tables of an earlier report: what stands there is not trained.
    pub tables: Option<PathBuf>,
    /// The folder of the runs.
    pub out: PathBuf,
}

/// Where a grid is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Here: the engine is tried before anything is trained.
    Here,
    /// Elsewhere, by the same program: a device that is missing here may be there.
    Elsewhere,
}

/// A grid that can be trained.
pub struct Grid {
    /// The cells of this program's shard, in the order in which they are trained.
    pub cells: Vec<Cell>,
    /// The tables of an earlier report that it goes on from.
    pub tables: Option<Tables>,
    /// The folder of the runs.
    pub out: PathBuf,
}

/// One run of the grid.
pub struct Cell {
    /// The data set's name, such as `FetchPush/random-v1`.
    pub dataset: String,
    /// The method.
    pub method: &'static MethodPreset,
    /// The run, of one seed or, on a GPU, of all.
    pub run: Run,
    /// Its folder.
    pub path: PathBuf,
    /// How far it is.
    pub state: CellState,
}

/// How far a cell is.
#[derive(Clone, Debug, PartialEq)]
pub enum CellState {
    /// Not finished.
    Open,
    /// Finished.
    Finished(Box<RunResult>),
    /// Finished earlier; tables alone are left of it, with the final return of each seed.
    InTables(Vec<f64>),
}

impl Grid {
    /// Looks up names, builds data sets if asked to, and checks settings and folders of all cells.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong. Nothing is written but data sets, and these after all that can be
    /// known without them was checked.
    pub fn plan(
        request: &GridRequest,
        catalog: &Catalog,
        n_threads: usize,
        observer: &dyn Observer,
    ) -> Result<Self, GridError> {
        let methods = Asked::of_names(request.methods.iter().map(|name| name.trim()))?;
        let sets = request.sets(catalog)?;
        check_out(&request.out)?;
        let tables = request.tables.as_deref().map(Tables::read).transpose()?;
        let settings = request.settings(&methods, catalog)?;
        let mut plans = Vec::new();
        for (set, task) in &sets {
            for asked in &methods {
                if asked.is_for(task.spec.id, kind_name(set.name_in_task())) {
                    let algorithm = catalog.algorithm(&asked.preset.algorithm)?;
                    let config = request.config(set, task, asked.preset, algorithm, &settings)?;
                    plans.push((set, *task, asked.preset, algorithm, config));
                }
            }
        }
        let mut cells = Vec::new();
        let mut open: Option<(&Published, Arc<Dataset>)> = None;
        for (set, task, method, algorithm, config) in plans {
            let dataset = match &open {
                Some((of, dataset)) if of.name == set.name => Arc::clone(dataset),
                _ => Arc::new(request.dataset(set, n_threads, observer)?),
            };
            open = Some((set, Arc::clone(&dataset)));
            for seeds in engine::groups(&config) {
                let path = request.out.join("cells").join(&set.name).join(&method.key);
                let path = path.join(seeds_name(&seeds));
                let config = RunConfig {
                    dataset: Some(dataset.path().to_string_lossy().into_owned()),
                    seeds,
                    ..config.clone()
                };
                let run = Run::new(config, algorithm, task, Some(Arc::clone(&dataset)));
                let run = run.map_err(|source| cell_error(set, method, source))?;
                let state = CellState::of(&path, &run)?;
                let mut cell = Cell { dataset: set.name.clone(), method, run, path, state };
                tables.iter().try_for_each(|tables| cell.go_on_from(tables))?;
                cells.push(cell);
            }
        }
        let mut indices = 0..;
        cells.retain(|_| request.shard.has(indices.next().expect("it does not end")));
        Ok(Self { cells, tables, out: request.out.clone() })
    }
}

impl GridRequest {
    /// The data sets, each with its task.
    fn sets(&self, catalog: &Catalog) -> Result<Vec<(Published, &'static TaskEntry)>, GridError> {
        let mut tasks: Vec<&str> = Vec::new();
        for name in self.tasks.iter().map(|name| name.trim()) {
            match name {
                "all" | "easy" | "hard" => {
                    let ids = gcrl_envs::TASKS.iter().map(|task| task.spec.id);
                    tasks.extend(ids.filter(|id| name == "all" || (name == "hard") == is_hard(id)));
                }
                id => tasks.push(catalog.task(id)?.spec.id),
            }
        }
        let all = datasets::published();
        let mut sets: Vec<(Published, &'static TaskEntry)> = Vec::new();
        for id in tasks {
            for data in self.data.iter().map(|data| data.trim()) {
                let is_asked = |set: &&Published| {
                    let name = set.name_in_task();
                    set.recipe.task == id && (name == data || kind_name(name) == data)
                };
                // Of several versions the last.
                let set = all.iter().rfind(is_asked).ok_or_else(|| GridError::NoDataset {
                    task: id.to_owned(),
                    data: data.to_owned(),
                })?;
                if !sets.iter().any(|(other, _)| other.name == set.name) {
                    sets.push((set.clone(), catalog.task(id)?));
                }
            }
        }
        Ok(sets)
    }

    fn settings(
        &self,
        methods: &[Asked],
        catalog: &Catalog,
    ) -> Result<Vec<GridSetting>, GridError> {
        let mut algorithms: Vec<String> = Vec::new();
        for asked in methods {
            let name = &asked.preset.algorithm;
            if !algorithms.contains(name) {
                algorithms.push(name.clone());
            }
        }
        self.settings.iter().map(|text| GridSetting::read(text, catalog, &algorithms)).collect()
    }

    /// The settings of a method on a data set, for all seeds.
    fn config(
        &self,
        set: &Published,
        task: &'static TaskEntry,
        method: &'static MethodPreset,
        algorithm: &'static AlgorithmEntry,
        settings: &[GridSetting],
    ) -> Result<RunConfig, GridError> {
        let mut config = preset_config(method, algorithm, task);
        config.dataset = Some(set.name.clone());
        let is_for = |setting: &&GridSetting| setting.owner.is_none_or(|it| it == algorithm.name);
        let layers = settings.iter().filter(is_for).map(|setting| &setting.layer);
        let fields = Fields { seeds: Some(&self.seeds), engine: self.engine, device: self.device };
        let config = settle(config, layers, fields, algorithm)?;
        let failed = |source: ResolveError| cell_error(set, method, source);
        config.resolve(algorithm).map(drop).map_err(|source| failed(source.into()))?;
        self.machine.try_engine(&config).map_err(|source| failed(source.into()))?;
        Ok(config)
    }

    /// A data set, built if it is missing and may be.
    fn dataset(
        &self,
        set: &Published,
        n_threads: usize,
        observer: &dyn Observer,
    ) -> Result<Dataset, GridError> {
        let roots = self.datasets.clone().map_or_else(datasets::roots, |root| vec![root]);
        let path = match datasets::find_published(set, &roots) {
            Err(DatasetError::NotBuilt { .. }) if self.is_building => {
                let order = Order { set, root: &roots[0], is_forced: false, n_threads };
                datasets::build(&order, observer)?;
                order.path()
            }
            found => found?,
        };
        let dataset = Dataset::open(&path).map_err(DatasetError::from)?;
        check_sound(&dataset)?;
        Ok(dataset)
    }
}

impl Machine {
    /// Makes the engine that a run asks for, as far as that can be tried here.
    fn try_engine(self, config: &RunConfig) -> Result<(), MakeEngineError> {
        match engine::make(config, 1) {
            Err(MakeEngineError::Engine { .. }) if self == Self::Elsewhere => Ok(()),
            made => made.map(drop),
        }
    }
}

/// The settings of a method on a task, as they come with the program.
pub(crate) fn preset_config(
    method: &MethodPreset,
    algorithm: &AlgorithmEntry,
    task: &TaskEntry,
) -> RunConfig {
    let mut config = defaults(algorithm, task);
    let evaluation = EvaluationPreset::of_table();
    config.train.evaluate_every = (config.train.n_updates / evaluation.n_curve_points).max(1);
    config.train.n_evaluation_episodes = evaluation.n_curve_episodes;
    config.train.n_final_evaluation_episodes = evaluation.n_final_episodes(task.spec.id);
    config.with_table(method.settings.clone(), algorithm).expect("a test applies every preset")
}

/// Checks that a grid can be at a place: that it is no file, no data set and no run.
fn check_out(out: &Path) -> Result<(), GridError> {
    let what = match fs::metadata(out) {
        Ok(found) if !found.is_dir() => "is no folder",
        _ if Dataset::open_manifest(out).is_ok() => "is a data set",
        _ if RunFolder::is_run(out) && !out.join("cells").exists() => "is the folder of a run",
        _ => return Ok(()),
    };
    Err(GridError::Out { path: out.to_owned(), what })
}

/// The name of the folder of a run of these seeds.
fn seeds_name(seeds: &[u64]) -> String {
    match seeds {
        [] => "no-seeds".to_owned(),
        [seed] => format!("seed-{seed}"),
        [first, .., last] => format!("seeds-{first}-to-{last}"),
    }
}

fn cell_error(set: &Published, method: &'static MethodPreset, source: ResolveError) -> GridError {
    GridError::Cell { method: &method.key, dataset: set.name.clone(), source: Box::new(source) }
}

impl CellState {
    /// How far the run in a folder is, which must be this one.
    pub(crate) fn of(path: &Path, run: &Run) -> Result<Self, FolderError> {
        RunFolder::check(path, run)?;
        let finished = RunFolder::finished(path)?;
        let provenance = run.provenance();
        let finished = finished.filter(|results| results.provenance == provenance);
        Ok(finished.map_or(Self::Open, |results| Self::Finished(Box::new(results))))
    }

    /// The final return of each seed, if it is finished and was evaluated.
    pub fn returns(&self) -> Vec<f64> {
        match self {
            Self::Open => Vec::new(),
            Self::Finished(results) => results.returns(),
            Self::InTables(returns) => returns.clone(),
        }
    }
}

impl Cell {
    /// As boards and logs name it, such as `FetchPush/random-v1 wgcsl seed-0`.
    pub fn name(&self) -> String {
        let seeds = seeds_name(&self.run.config.seeds);
        format!("{} {} {seeds}", self.dataset, self.method.key)
    }

    /// The paper's number for it, if there is one.
    pub fn paper(&self) -> Option<MeanStd> {
        let (task, name) = self.dataset.split_once('/')?;
        paper_result(&self.method.method(), task, name)
    }

    /// How far it is now.
    ///
    /// # Errors
    ///
    /// If its folder cannot be read, or its results were edited.
    pub fn look(&self) -> Result<CellState, FolderError> {
        match &self.state {
            CellState::Open => CellState::of(&self.path, &self.run),
            finished => Ok(finished.clone()),
        }
    }

    /// Takes the result from the tables of an earlier report, if it is there and no run led to one here.
    fn go_on_from(&mut self, tables: &Tables) -> Result<(), GridError> {
        let RunConfig { seeds, train, .. } = &self.run.config;
        let rows = tables.rows(&self.dataset, self.method, seeds, train.n_updates)?;
        let Some(rows) = rows else { return Ok(()) };
        if let Some(results) = RunFolder::finished(&self.path)? {
            for (seed, row) in results.seeds.iter().zip(rows) {
                let score = seed.evaluation.as_ref().map(FinalScore::from);
                score.map_or(Ok(()), |score| tables.check(row, &score))?;
            }
        } else {
            let returns = rows.iter().map(|row| row.score.mean_return);
            self.state = CellState::InTables(returns.collect());
        }
        Ok(())
    }

    /// Updates of all its seeds.
    pub fn n_updates(&self) -> u64 {
        self.run.config.train.n_updates * self.run.config.seeds.len() as u64
    }

    /// Rows of batches in an update, which is nearly what it costs.
    pub fn rows_per_update(&self) -> u64 {
        self.run.config.train.batch_size as u64
    }
}

/// A setting of the grid.
struct GridSetting {
    layer: Layer,
    /// The algorithm that it is for, if it is for one alone.
    owner: Option<&'static str>,
}

/// What differs from cell to cell, and is no setting of a grid.
const OF_CELLS: [&str; 5] = ["task", "dataset", "online", "algorithm", "seeds"];

impl GridSetting {
    fn read(text: &str, catalog: &Catalog, algorithms: &[String]) -> Result<Self, GridError> {
        let setting = || text.to_owned();
        let layer = Layer::of_setting(text)?;
        if let Some(key) = OF_CELLS.into_iter().find(|key| layer.table.contains_key(*key)) {
            return Err(GridError::SettingOfCells { setting: setting(), key });
        }
        let owner = layer.table.keys().find_map(|key| catalog.algorithm(key).ok());
        if owner.is_some_and(|owner| !algorithms.iter().any(|it| it == owner.name)) {
            let algorithms = algorithms.to_vec();
            return Err(GridError::SettingOfOtherAlgorithm { setting: setting(), algorithms });
        }
        Ok(Self { layer, owner: owner.map(|owner| owner.name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(tasks: &[&str], data: &[&str]) -> GridRequest {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        GridRequest {
            tasks: owned(tasks),
            data: owned(data),
            methods: owned(&["wgcsl"]),
            seeds: vec![0],
            engine: None,
            device: None,
            settings: Vec::new(),
            shard: Shard::WHOLE,
            machine: Machine::Here,
            datasets: None,
            is_building: false,
            tables: None,
            out: PathBuf::from("out"),
        }
    }

    fn names(tasks: &[&str], data: &[&str]) -> Vec<String> {
        let sets = request(tasks, data).sets(&Catalog::default()).expect("all are names");
        sets.into_iter().map(|(set, _task)| set.name).collect()
    }

    #[test]
    fn kinds_and_names_of_data_sets_are_understood_and_count_once() {
        let both = ["PointReach/random-v1", "PointReach/expert-v1"];
        assert_eq!(names(&["PointReach"], &["random", "expert"]), both);
        assert_eq!(names(&[" PointReach", "PointReach"], &["random-v1", "random"]), both[..1]);
    }

    #[test]
    fn half_of_the_words_for_tasks_is_the_other_without_the_rest() {
        assert_eq!(names(&["easy"], &["random"]).len(), 6);
        assert_eq!(names(&["hard"], &["random"]).len(), 4);
        assert_eq!(names(&["all"], &["random"]).len(), 10);
    }

    #[test]
    fn a_device_of_other_machines_is_not_looked_for_here() {
        let catalog = Catalog::default();
        let algorithm = catalog.algorithm("bc").expect("an algorithm");
        let mut config = defaults(algorithm, catalog.task("PointReach").expect("a task"));
        config.device = DeviceKind::Cuda;
        let tried = Machine::Elsewhere.try_engine(&config);
        assert!(matches!(tried, Err(MakeEngineError::NativeOnGpu)), "{tried:?}");
        config.engine = EngineKind::Torch;
        let tried = Machine::Elsewhere.try_engine(&config);
        if cfg!(feature = "torch") {
            assert!(tried.is_ok(), "{tried:?}");
        } else {
            assert!(matches!(tried, Err(MakeEngineError::NotBuilt)), "{tried:?}");
        }
    }

    #[test]
    fn a_task_without_the_data_set_is_named() {
        let error = request(&["PointReach"], &["nobody"]).sets(&Catalog::default());
        let text = error.err().map(|error| error.to_string());
        assert_eq!(text.as_deref(), Some("there is no dataset `nobody` of `PointReach`"));
    }
}
