//! A run, resolved: every name looked up, every setting checked, the data set opened once.

use crate::catalog::Catalog;
use crate::dataset::{DatasetError, check_sound};
use crate::datasets;
use crate::engine::{self, MakeEngineError};
use crate::layers::{Fields, Layer, settle};
use crate::provenance::{FORMAT, Provenance};
use crate::request::RunRequest;
use crate::resolve_error::ResolveError;
use crate::source::Source;
use gcrl_data::Dataset;
use gcrl_envs::TaskEntry;
use gcrl_learn::{AlgorithmEntry, Build, Online, Preset, RunConfig, Schedule};
use std::sync::Arc;

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

impl Run {
    /// Looks up names, reads settings in their order, opens the data set, and checks everything.
    ///
    /// # Errors
    ///
    /// The first thing that is unknown, unreadable, out of range or in contradiction to another.
    pub fn resolve(request: &RunRequest, catalog: &Catalog) -> Result<Self, ResolveError> {
        let algorithm = catalog.algorithm(&request.algorithm)?;
        let layers = layers(request, algorithm, catalog)?;
        let source = Source::of(request, &layers);
        let path = source.dataset.as_ref().map(|(path, _)| datasets::find(path)).transpose()?;
        let dataset = path.as_deref().map(Dataset::open).transpose();
        let dataset = dataset.map_err(DatasetError::from)?;
        let task = source.task(dataset.as_ref(), catalog)?;

        let mut config = defaults(algorithm, task);
        // Also a way to collect that is not taken has no unknown settings.
        config.online = Some(Online::default());
        let RunRequest { seeds, engine, device, .. } = request;
        let fields = Fields { seeds: seeds.as_deref(), engine: *engine, device: *device };
        config = settle(config, &layers, fields, algorithm)?;
        task.spec.id.clone_into(&mut config.task);
        config.dataset = path.map(|path| path.to_string_lossy().into_owned());
        config.online = config.online.filter(|_| source.is_online);
        let run = Self::new(config, algorithm, task, dataset.map(Arc::new))?;
        run.try_engine()?;
        run.dataset.as_deref().map_or(Ok(()), check_sound)?;
        Ok(run)
    }

    /// A run of settings that are whole, on a data set that is open, unless it is online.
    ///
    /// # Errors
    ///
    /// If a setting is out of range, or the data set is of another task or version of the task.
    pub(crate) fn new(
        config: RunConfig,
        algorithm: &'static AlgorithmEntry,
        task: &'static TaskEntry,
        dataset: Option<Arc<Dataset>>,
    ) -> Result<Self, ResolveError> {
        let build = config.resolve(algorithm)?;
        if let Some(dataset) = &dataset {
            dataset.check_task(task.spec).map_err(DatasetError::from)?;
        }
        Ok(Self { config, task, algorithm, dataset, build })
    }

    /// Makes the engine that it asks for, to see whether this machine has it.
    pub(crate) fn try_engine(&self) -> Result<(), MakeEngineError> {
        engine::make(&self.config, 1).map(drop)
    }

    /// That nobody has published settings for this task, if so, and which stand in for them.
    pub(crate) fn notice(&self) -> Option<String> {
        let task = self.task.spec.id;
        if Preset::of_task(task).is_some() {
            return None;
        }
        let Schedule { n_updates, batch_size, .. } = Preset::fallback().schedule;
        Some(format!(
            "the paper has no settings for task `{task}`; where none is given, those of its shortest \
             schedule hold, such as `train.n_updates={n_updates}` and `train.batch_size={batch_size}`"
        ))
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

/// Settings of the preset, then those of the file, then the single ones.
fn layers(
    request: &RunRequest,
    algorithm: &AlgorithmEntry,
    catalog: &Catalog,
) -> Result<Vec<Layer>, ResolveError> {
    let preset = request.preset.clone().map(Layer::of_preset).transpose()?;
    let file = request.config.as_deref().map(|path| {
        let text = gcrl_file::read_text(path)
            .map_err(|source| ResolveError::ReadSettings { path: path.to_owned(), source })?;
        Ok::<_, ResolveError>(Layer::of_file(&text, path, algorithm, catalog)?)
    });
    let file = file.transpose()?;
    let settings = request.settings.iter().map(|setting| Layer::of_setting(setting));
    let settings = settings.collect::<Result<Vec<_>, _>>()?;
    Ok(preset.into_iter().chain(file).chain(settings).collect())
}
