//! A run, resolved: every name looked up, every setting checked, the data set opened once.

use crate::catalog::{Catalog, UnknownName};
use crate::dataset::DatasetError;
use crate::datasets;
use crate::engine::{self, MakeEngineError};
use crate::folder_error::FolderError;
use crate::provenance::{Difference, FORMAT, Provenance};
use crate::request::RunRequest;
use gcrl_data::Dataset;
use gcrl_envs::TaskEntry;
use gcrl_learn::{AlgorithmEntry, Build, ConfigError, Online, Preset, RunConfig, parse_setting};
use std::path::PathBuf;
use std::sync::Arc;
use toml::Table;

/// A run that can be trained.
pub struct Run {
    /// Every setting.
    pub config: RunConfig,
    /// The task.
    pub task: &'static TaskEntry,
    /// The algorithm.
    pub algorithm: &'static AlgorithmEntry,
    /// What it learns from; absent online.
    pub dataset: Option<Arc<Dataset>>,
    /// Builds the algorithm's networks.
    pub(crate) build: Build,
}

/// A cause for a run not to be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// A name is unknown.
    #[error(transparent)]
    Name {
        /// Which.
        #[from]
        source: UnknownName,
    },
    /// The file of settings cannot be read.
    #[error("cannot read settings: {path:?}")]
    ReadSettings {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of settings holds something that is no setting.
    #[error("cannot use settings: {path:?}")]
    SettingsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// A single setting is none.
    #[error("cannot use `--set {setting}`")]
    Setting {
        /// What was given.
        setting: String,
        /// What is wrong.
        source: ConfigError,
    },
    /// Settings are out of range, or do not fit each other.
    #[error(transparent)]
    Config {
        /// What is wrong.
        #[from]
        source: ConfigError,
    },
    /// Neither a data set nor online training was asked for.
    #[error("nothing to learn from")]
    NoSource,
    /// Online training has no data set to take its task from.
    #[error("online training of no task")]
    NoTask,
    /// The task that was named is not that of the data set.
    #[error("task `{task}` was named, and the dataset is of task `{found}`: {path:?}")]
    OtherTask {
        /// The task that was named.
        task: String,
        /// The data set's task.
        found: String,
        /// The data set.
        path: PathBuf,
    },
    /// The data set cannot be used.
    #[error(transparent)]
    Dataset {
        /// Why.
        #[from]
        source: DatasetError,
    },
    /// The settings of a run that was begun cannot be read.
    #[error("cannot read the run's settings: {path:?}")]
    SavedSettings {
        /// Their file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// A run that was begun can be made longer, and not changed otherwise.
    #[error("only more updates can be asked of a run that was begun; {difference}")]
    NotLonger {
        /// The first thing that would change.
        difference: Difference,
    },
    /// The data set is not the one that the run began with.
    #[error("the run began with the dataset {expected}, and this one is {found}: {path:?}")]
    OtherData {
        /// BLAKE3 of the data set.
        found: String,
        /// BLAKE3 of the one that the run began with.
        expected: String,
        /// The data set.
        path: PathBuf,
    },
    /// The run's folder cannot be read or written.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
    /// The engine cannot be used.
    #[error(transparent)]
    Engine {
        /// Why.
        #[from]
        source: MakeEngineError,
    },
}

impl Run {
    /// Looks up names, reads settings in their order, opens the data set, and checks everything.
    ///
    /// # Errors
    ///
    /// The first thing that is unknown, unreadable, out of range or in contradiction to another.
    pub fn resolve(request: &RunRequest, catalog: &Catalog) -> Result<Self, ResolveError> {
        let algorithm = catalog.algorithm(&request.algorithm)?;
        let mut layers = layers(request, catalog)?;
        let mut source = Source::of(request, &mut layers);
        source.dataset = source.dataset.map(|path| datasets::find(&path)).transpose()?;
        let dataset = source.dataset.as_deref().map(Dataset::open).transpose();
        let dataset = dataset.map_err(DatasetError::from)?;
        let task = source.task(dataset.as_ref(), catalog)?;

        let mut config = defaults(algorithm, task);
        config.online = source.is_online.then(Online::default);
        for layer in layers {
            config = layer.apply(config, algorithm)?;
        }
        config.dataset = source.dataset.map(|path| path.to_string_lossy().into_owned());
        if let Some(seeds) = &request.seeds {
            config.seeds.clone_from(seeds);
        }
        config.engine = request.engine.unwrap_or(config.engine);
        config.device = request.device.unwrap_or(config.device);
        Self::new(config, algorithm, task, dataset.map(Arc::new))
    }

    /// A run of settings that are whole, on a data set that is open, unless it is online.
    ///
    /// # Errors
    ///
    /// If a setting is out of range, the data set is of another task or version of the task, or the
    /// engine is not to be had.
    pub fn new(
        config: RunConfig,
        algorithm: &'static AlgorithmEntry,
        task: &'static TaskEntry,
        dataset: Option<Arc<Dataset>>,
    ) -> Result<Self, ResolveError> {
        let build = config.resolve(algorithm)?;
        if let Some(dataset) = &dataset {
            dataset.check_task(task.spec).map_err(DatasetError::from)?;
        }
        engine::make(&config, 1)?;
        Ok(Self { config, task, algorithm, dataset, build })
    }

    /// What determines the numbers of this run.
    pub fn provenance(&self) -> Provenance {
        let mut settings = self.config.to_table();
        settings.remove("dataset");
        let dataset = self.dataset.as_deref().map(Dataset::blake3);
        let physics_version = self.task.spec.physics_version;
        Provenance { format: FORMAT, physics_version, dataset, settings }
    }
}

/// The settings of an algorithm on a task before those of the user: the paper's, and on a task that the
/// paper does not have, those of its shortest schedule.
pub fn defaults(algorithm: &AlgorithmEntry, task: &TaskEntry) -> RunConfig {
    let preset = Preset::of_task(task.spec.id).unwrap_or_else(Preset::fallback);
    RunConfig::new(algorithm, task.spec.id, &preset)
}

/// Settings from one place, and how errors in them are told.
struct Layer {
    table: Table,
    origin: Origin,
}

enum Origin {
    Preset,
    File(PathBuf),
    Setting(String),
}

/// Settings from the file, then the single ones.
fn layers(request: &RunRequest, catalog: &Catalog) -> Result<Vec<Layer>, ResolveError> {
    let preset = request.preset.clone();
    let mut layers: Vec<_> =
        preset.map(|table| Layer { table, origin: Origin::Preset }).into_iter().collect();
    if let Some(path) = &request.config {
        let text = gcrl_file::read_text(path)
            .map_err(|source| ResolveError::ReadSettings { path: path.clone(), source })?;
        let mut table: Table = text.parse().map_err(|source| ResolveError::SettingsFile {
            path: path.clone(),
            source: ConfigError::Toml { source: Box::new(source) },
        })?;
        // The file may be of another algorithm.
        table.remove("algorithm");
        table.retain(|key, _| *key == request.algorithm || catalog.algorithm(key).is_err());
        layers.push(Layer { table, origin: Origin::File(path.clone()) });
    }
    for setting in &request.settings {
        let table = parse_setting(setting)
            .map_err(|source| ResolveError::Setting { setting: setting.clone(), source })?;
        layers.push(Layer { table, origin: Origin::Setting(setting.clone()) });
    }
    Ok(layers)
}

impl Layer {
    fn apply(
        self,
        config: RunConfig,
        algorithm: &'static AlgorithmEntry,
    ) -> Result<RunConfig, ResolveError> {
        config.with_table(self.table, algorithm).map_err(|source| match self.origin {
            Origin::Preset => source.into(),
            Origin::File(path) => ResolveError::SettingsFile { path, source },
            Origin::Setting(setting) => ResolveError::Setting { setting, source },
        })
    }
}

/// Where a run learns from, by what was asked.
struct Source {
    /// The task that was named, by a flag if `is_task_certain`, otherwise by a file.
    task: Option<String>,
    is_task_certain: bool,
    dataset: Option<PathBuf>,
    is_online: bool,
}

impl Source {
    /// Takes task, data set and online training out of the layers; a flag wins over all of them.
    fn of(request: &RunRequest, layers: &mut [Layer]) -> Self {
        let take = |layers: &mut [Layer], key: &str| {
            let values = layers.iter_mut().filter_map(|layer| layer.table.remove(key));
            values.last().and_then(|value| value.as_str().map(str::to_owned))
        };
        let (task, dataset) = (take(layers, "task"), take(layers, "dataset"));
        let dataset_in_file = dataset.map(PathBuf::from).filter(|_| !request.is_online);
        if request.dataset.is_some() {
            // The file's way to collect is of no use beside the data set that was named.
            let is_file = |layer: &&mut Layer| matches!(layer.origin, Origin::File(_));
            layers.iter_mut().filter(is_file).for_each(|layer| _ = layer.table.remove("online"));
        }
        let is_online =
            request.is_online || layers.iter().any(|layer| layer.table.contains_key("online"));
        let is_task_certain =
            request.task.is_some() || (request.dataset.is_none() && dataset_in_file.is_some());
        Self {
            task: request.task.clone().or(task),
            is_task_certain,
            dataset: request.dataset.clone().or(dataset_in_file),
            is_online,
        }
    }

    /// The task that was named, or that of the data set.
    fn task(
        &self,
        dataset: Option<&Dataset>,
        catalog: &Catalog,
    ) -> Result<&'static TaskEntry, ResolveError> {
        let Some(dataset) = dataset else {
            let nothing =
                if self.is_online { ResolveError::NoTask } else { ResolveError::NoSource };
            let task = self.task.as_ref().filter(|_| self.is_online).ok_or(nothing)?;
            return Ok(catalog.task(task)?);
        };
        let record = &dataset.manifest().task;
        match &self.task {
            Some(task) if self.is_task_certain && *task != record.id => {
                catalog.task(task)?;
                let (task, found, path) =
                    (task.clone(), record.id.clone(), dataset.path().to_owned());
                Err(ResolveError::OtherTask { task, found, path })
            }
            _ => Ok(catalog.task_of(record)?),
        }
    }
}
