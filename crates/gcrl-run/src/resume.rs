//! A run that was begun, to be continued or made longer.

use crate::catalog::Catalog;
use crate::dataset::DatasetError;
use crate::folder::{DataRecord, RunFolder};
use crate::layers::Layer;
use crate::provenance::{may_change, table_difference};
use crate::resolve_error::ResolveError;
use crate::run::Run;
use gcrl_data::Dataset;
use gcrl_file::parse_toml;
use gcrl_learn::RunConfig;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::{Table, Value};

/// How a run is to be continued.
#[derive(Clone, Debug, Default)]
pub struct ResumeRequest {
    /// Where its data set is now, if it has moved.
    pub dataset: Option<PathBuf>,
    /// Single settings, each written `table.key=value`; only `train.n_updates` can change, and grow.
    pub settings: Vec<String>,
}

impl Run {
    /// The run in the folder `path`, to be continued, and that folder, held. What changed is written into
    /// it.
    ///
    /// # Errors
    ///
    /// If there is no run, its settings cannot be read, another program holds the folder, the data set is
    /// not the one that the run began with, or more is to change than where that data set is, how many
    /// updates there are and how many episodes are played at the end.
    pub fn resume(
        path: &Path,
        request: &ResumeRequest,
        catalog: &Catalog,
    ) -> Result<(Self, RunFolder), ResolveError> {
        let (file, text) = RunFolder::config_text(path)?;
        let unreadable = |source| ResolveError::SavedSettings { path: file.clone(), source };
        let saved: Table = parse_toml(&text).map_err(|source| unreadable(source.into()))?;
        let name = saved.get("algorithm").and_then(Value::as_str).unwrap_or_default();
        let algorithm = catalog.algorithm(name)?;
        let before = RunConfig::from_table(saved, algorithm).map_err(unreadable)?;
        let mut config = before.clone();
        for setting in &request.settings {
            config = Layer::of_setting(setting)?.apply(config, algorithm)?;
        }
        let may_differ = may_change(before.train.n_updates, config.train.n_updates);
        let difference = table_difference("", &before.to_table(), &config.to_table(), may_differ);
        if let Some(difference) = difference {
            return Err(ResolveError::Begun { difference });
        }
        let folder = RunFolder::lock(path)?;
        let dataset = match config.online {
            None => Some(Arc::new(reopen(&folder, request)?)),
            Some(_) => None,
        };
        let task = match dataset.as_deref().map(|dataset| &dataset.manifest().task) {
            Some(record) if record.id == before.task => catalog.task_of(record)?,
            _ => catalog.task(&before.task)?,
        };
        let run = Self::new(config, algorithm, task, dataset)?;
        if run.config != before {
            folder.write_config(&run)?;
        }
        Ok((run, folder))
    }
}

/// Opens the data set of the folder's run.
fn reopen(folder: &RunFolder, request: &ResumeRequest) -> Result<Dataset, ResolveError> {
    let saved = folder.data()?;
    let path = request.dataset.as_ref().unwrap_or(&saved.path);
    let dataset = Dataset::open(path).map_err(DatasetError::from)?;
    let found = dataset.blake3();
    if found != saved.blake3 {
        let (expected, path) = (saved.blake3, path.clone());
        return Err(ResolveError::OtherData { found, expected, path });
    }
    let record = DataRecord::of(&dataset);
    if record != saved {
        folder.write_data(&record)?;
    }
    Ok(dataset)
}
