//! The benchmark: a grid of tasks, kinds of data and algorithms, and the paper's table of it.
//!
//! Everything that can be known is checked before the first episode is collected: names, settings of
//! every cell, experts, data sets and runs that are there already.

use crate::behavior::{self, BehaviorError};
use crate::catalog::{Catalog, UnknownName};
use crate::collect::{CollectError, Collection, collect};
use crate::curves::learning_curves;
use crate::dataset::{DatasetError, open_dataset};
use crate::engine::{self, MakeEngineError};
use crate::folder::RunFolder;
use crate::folder_error::FolderError;
use crate::observer::Observer;
use crate::pace::Pace;
use crate::results::RunResult;
use crate::run::{ResolveError, Run, defaults};
use crate::train::train;
use crate::train_error::TrainError;
use gcrl_core::rollout::Plan;
use gcrl_core::{Behavior, Exploration};
use gcrl_data::{BehaviorRecord, Dataset};
use gcrl_envs::TaskEntry;
use gcrl_eval::paper::{self, DatasetKind};
use gcrl_eval::plots::{ComparedMethod, Comparison, Plot, PlotError};
use gcrl_eval::report::{Cell, Row, Table};
use gcrl_eval::stats;
use gcrl_file::WriteError;
use gcrl_learn::{AlgorithmEntry, ConfigError, RunConfig, parse_setting};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Resamples of a bootstrap interval.
const N_RESAMPLES: usize = 10_000;

/// The seed of every data set.
const DATA_SEED: u64 = 0;

/// A table to be filled.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// Ids of tasks; one that is named twice counts once, as below.
    pub tasks: Vec<String>,
    /// Kinds of data.
    pub kinds: Vec<DatasetKind>,
    /// Names of algorithms.
    pub algorithms: Vec<String>,
    /// Seeds of every cell.
    pub seeds: Vec<u64>,
    /// Episodes of each data set.
    pub n_episodes: u64,
    /// Settings of every run, each written `table.key=value`; those of an algorithm's own table are for
    /// that algorithm.
    pub settings: Vec<String>,
    /// The folder to write.
    pub out: PathBuf,
    /// How the runs proceed.
    pub pace: Pace,
}

/// A cause for a benchmark not to be filled.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// A name is unknown.
    #[error(transparent)]
    Name {
        /// Which.
        #[from]
        source: UnknownName,
    },
    /// A setting is none.
    #[error("cannot use `--set {setting}`")]
    Setting {
        /// What was given.
        setting: String,
        /// What is wrong.
        source: ConfigError,
    },
    /// A setting is of an algorithm that is not in the grid.
    #[error("`--set {setting}` is of an algorithm that is not among {algorithms:?}")]
    SettingOfNobody {
        /// What was given.
        setting: String,
        /// The algorithms of the grid.
        algorithms: Vec<String>,
    },
    /// The settings of a cell do not fit each other.
    #[error("cannot train `{algorithm}` on `{task}`")]
    Cell {
        /// The algorithm.
        algorithm: &'static str,
        /// The task.
        task: &'static str,
        /// What is wrong.
        source: Box<ResolveError>,
    },
    /// Nobody can collect a data set.
    #[error(transparent)]
    Behavior {
        /// Why.
        #[from]
        source: BehaviorError,
    },
    /// A data set cannot be collected.
    #[error(transparent)]
    Collect {
        /// Why.
        #[from]
        source: CollectError,
    },
    /// A data set cannot be opened.
    #[error(transparent)]
    Dataset {
        /// Why.
        #[from]
        source: DatasetError,
    },
    /// Another data set is at the place of one of the grid.
    #[error("dataset has {what} {found}, not {expected}: {path:?}")]
    OtherDataset {
        /// What differs.
        what: &'static str,
        /// What the data set has.
        found: String,
        /// What the grid asks for.
        expected: String,
        /// The data set.
        path: PathBuf,
    },
    /// The folder of a run cannot be used.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
    /// A run failed.
    #[error(transparent)]
    Train {
        /// Why.
        #[from]
        source: TrainError,
    },
    /// A picture cannot be drawn.
    #[error(transparent)]
    Plot {
        /// Why.
        #[from]
        source: PlotError,
    },
    /// A table or picture cannot be written.
    #[error(transparent)]
    Write {
        /// Why.
        #[from]
        source: WriteError,
    },
}

/// A data set of the grid, and the runs on it.
struct Block {
    task: &'static TaskEntry,
    kind: DatasetKind,
    behavior: Behavior,
    /// The folder of the data set.
    path: PathBuf,
    /// The data set, where it is there already.
    dataset: Option<Arc<Dataset>>,
    /// A cell for each algorithm.
    cells: Vec<PlannedCell>,
}

struct PlannedCell {
    algorithm: &'static AlgorithmEntry,
    config: RunConfig,
    /// The folder of the run.
    path: PathBuf,
}

impl Benchmark {
    /// Fills the table and writes it beside the runs; the observer hears of each part of it.
    ///
    /// Runs that are complete are not trained again.
    ///
    /// # Errors
    ///
    /// What is wrong with the grid, before any work; then what fails.
    pub fn fill(
        &self,
        catalog: &Catalog,
        observer: &dyn Observer,
    ) -> Result<Vec<Table>, BenchmarkError> {
        let mut blocks = self.plan(catalog)?;
        for block in &mut blocks {
            self.collect(block, observer)?;
        }
        let mut tables = Vec::new();
        for block in &blocks {
            let results = self.train(block, observer)?;
            let table = block.table(&results);
            observer.on_table(&table);
            self.draw(block, &results)?;
            tables.push(table);
        }
        let join = |text: fn(&Table) -> String| {
            tables.iter().map(text).collect::<Vec<_>>().join("\n").into_bytes()
        };
        self.write("results.md", &join(Table::to_markdown))?;
        self.write("results.csv", &join(Table::to_csv))?;
        Ok(tables)
    }

    /// Resolves and checks the whole grid.
    fn plan(&self, catalog: &Catalog) -> Result<Vec<Block>, BenchmarkError> {
        let tasks = unique(&self.tasks).map(|task| catalog.task(task));
        let tasks: Vec<_> = tasks.collect::<Result<_, _>>()?;
        let algorithms = unique(&self.algorithms).map(|algorithm| catalog.algorithm(algorithm));
        let algorithms: Vec<_> = algorithms.collect::<Result<_, _>>()?;
        let settings =
            self.settings.iter().map(|text| GridSetting::read(text, catalog, &algorithms));
        let settings: Vec<_> = settings.collect::<Result<_, _>>()?;
        let mut blocks = Vec::new();
        for task in tasks {
            let mut kinds = self.kinds.clone();
            kinds.dedup();
            for kind in kinds {
                blocks.push(self.block(task, kind, &algorithms, &settings)?);
            }
        }
        Ok(blocks)
    }

    fn block(
        &self,
        task: &'static TaskEntry,
        kind: DatasetKind,
        algorithms: &[&'static AlgorithmEntry],
        settings: &[GridSetting<'_>],
    ) -> Result<Block, BenchmarkError> {
        let behavior = match kind {
            DatasetKind::Random => Behavior::random(),
            DatasetKind::Expert => behavior::read(behavior::EXPERT, Exploration::PAPER, task)?,
        };
        let name = format!("{}-{kind}", task.spec.id);
        let path = self.out.join("datasets").join(&name);
        // A program that was killed when it tried this place has left an empty folder.
        let _not_there_or_not_empty = std::fs::remove_dir(&path);
        let dataset = path.exists().then(|| self.open(task, &behavior, &path)).transpose()?;
        let cell = |algorithm: &&'static AlgorithmEntry| {
            let config = self.config(task, algorithm, &path, settings)?;
            let path = self.out.join("runs").join(format!("{name}-{}", algorithm.name));
            RunFolder::check(&path, &config)?;
            Ok(PlannedCell { algorithm, config, path })
        };
        let cells = algorithms.iter().map(cell).collect::<Result<_, BenchmarkError>>()?;
        Ok(Block { task, kind, behavior, path, dataset: dataset.map(Arc::new), cells })
    }

    fn config(
        &self,
        task: &'static TaskEntry,
        algorithm: &'static AlgorithmEntry,
        dataset: &Path,
        settings: &[GridSetting<'_>],
    ) -> Result<RunConfig, BenchmarkError> {
        let mut config = defaults(algorithm, task);
        config.dataset = Some(dataset.to_string_lossy().into_owned());
        config.seeds.clone_from(&self.seeds);
        for GridSetting { text, table, owner } in settings {
            if owner.is_none_or(|owner| owner == algorithm.name) {
                config = config.with_table(table.clone(), algorithm).map_err(|source| {
                    BenchmarkError::Setting { setting: (*text).to_owned(), source }
                })?;
            }
        }
        let (algorithm_name, task) = (algorithm.name, task.spec.id);
        let failed = |source: ResolveError| BenchmarkError::Cell {
            algorithm: algorithm_name,
            task,
            source: Box::new(source),
        };
        config.resolve(algorithm).map(drop).map_err(|source| failed(source.into()))?;
        engine::make(&config, 1).map_err(|source: MakeEngineError| failed(source.into()))?;
        Ok(config)
    }

    /// Opens a data set that is there already, if it is the one that would be collected.
    fn open(
        &self,
        task: &'static TaskEntry,
        behavior: &Behavior,
        path: &Path,
    ) -> Result<Dataset, BenchmarkError> {
        let dataset = open_dataset(path, task)?;
        let manifest = dataset.manifest();
        let expected = BehaviorRecord::from(behavior);
        let parts = [
            ("behavior", format!("{:?}", manifest.behavior), format!("{expected:?}")),
            ("seed", manifest.seed.to_string(), DATA_SEED.to_string()),
            ("episodes", manifest.n_episodes.to_string(), self.n_episodes.to_string()),
        ];
        match parts.into_iter().find(|(_, found, expected)| found != expected) {
            None => Ok(dataset),
            Some((what, found, expected)) => {
                Err(BenchmarkError::OtherDataset { what, found, expected, path: path.to_owned() })
            }
        }
    }

    /// Collects the data set of a block, unless it is there.
    fn collect(&self, block: &mut Block, observer: &dyn Observer) -> Result<(), BenchmarkError> {
        if block.dataset.is_none() {
            let n_threads = self.pace.n_threads;
            let plan = Plan { seed: DATA_SEED, episodes: 0..self.n_episodes, n_threads };
            let collection =
                Collection { task: block.task, behavior: &block.behavior, plan: &plan };
            collect(&collection, &block.path, observer)?;
            block.dataset = Some(Arc::new(open_dataset(&block.path, block.task)?));
        }
        Ok(())
    }

    /// Trains every algorithm on one data set.
    fn train(
        &self,
        block: &Block,
        observer: &dyn Observer,
    ) -> Result<Vec<RunResult>, BenchmarkError> {
        let cells = block.cells.iter().map(|cell| {
            let PlannedCell { algorithm, config, path } = cell;
            let run = Run::new(config.clone(), algorithm, block.task, block.dataset.clone());
            let run = run.map_err(|source| BenchmarkError::Cell {
                algorithm: algorithm.name,
                task: block.task.spec.id,
                source: Box::new(source),
            })?;
            let folder = RunFolder::open_or_create(path, &run)?;
            Ok(train(&run, &folder, self.pace, observer)?)
        });
        cells.collect()
    }

    fn draw(&self, block: &Block, results: &[RunResult]) -> Result<(), BenchmarkError> {
        let (id, kind) = (block.task.spec.id, block.kind);
        let title = format!("{id}, {kind} data");
        let runs: Vec<_> = results.iter().collect();
        let curves = learning_curves(&title, &runs, Some((id, kind))).draw()?;
        self.write_picture(&format!("{id}-{kind}-learning-curves"), &curves)?;
        let methods = results.iter().map(|result| {
            let returns = result.returns();
            let interval = stats::bootstrap_interval(
                std::slice::from_ref(&returns),
                stats::interquartile_mean,
                N_RESAMPLES,
                0,
            );
            ComparedMethod {
                label: result.paper_name.clone(),
                mean: stats::interquartile_mean(&returns),
                interval,
                paper: paper::result(id, kind, &result.paper_name),
            }
        });
        let y_label = "return, interquartile mean and 95 % interval".to_owned();
        let comparison = Comparison { title, y_label, methods: methods.collect() };
        self.write_picture(&format!("{id}-{kind}-comparison"), &comparison.draw()?)
    }

    fn write_picture(&self, name: &str, picture: &Plot) -> Result<(), BenchmarkError> {
        self.write(&format!("plots/{name}.svg"), picture.svg().as_bytes())?;
        self.write(&format!("plots/{name}.png"), &picture.png()?)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), BenchmarkError> {
        Ok(gcrl_file::write(&self.out.join(name), |file| file.write_all(content))?)
    }
}

/// A setting of the grid.
struct GridSetting<'a> {
    text: &'a str,
    table: toml::Table,
    /// The algorithm that it is for, if it is for one alone.
    owner: Option<&'static str>,
}

impl<'a> GridSetting<'a> {
    fn read(
        text: &'a str,
        catalog: &Catalog,
        algorithms: &[&'static AlgorithmEntry],
    ) -> Result<Self, BenchmarkError> {
        let setting = || text.to_owned();
        let table = parse_setting(text)
            .map_err(|source| BenchmarkError::Setting { setting: setting(), source })?;
        let owner = table.keys().find_map(|key| catalog.algorithm(key).ok());
        if owner.is_some_and(|owner| !algorithms.iter().any(|it| it.name == owner.name)) {
            let algorithms = algorithms.iter().map(|it| it.name.to_owned()).collect();
            return Err(BenchmarkError::SettingOfNobody { setting: setting(), algorithms });
        }
        Ok(Self { text, table, owner: owner.map(|owner| owner.name) })
    }
}

impl Block {
    fn table(&self, results: &[RunResult]) -> Table {
        let rows = results.iter().map(|result| {
            let paper = paper::result(self.task.spec.id, self.kind, &result.paper_name);
            let cell = Cell { measured: result.mean_return, paper };
            Row { label: result.paper_name.clone(), cells: vec![Some(cell)] }
        });
        Table {
            label: format!("{} {}", self.task.spec.id, self.kind),
            columns: vec!["return".to_owned()],
            rows: rows.collect(),
        }
    }
}

/// Names without blanks around them, each once, in their order.
fn unique(names: &[String]) -> impl Iterator<Item = &str> {
    let name = |i: usize| names[i].trim();
    (0..names.len()).filter(move |&i| (0..i).all(|j| name(j) != name(i))).map(name)
}
