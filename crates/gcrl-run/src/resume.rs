//! A run that was begun, to be continued or made longer.

use crate::catalog::Catalog;
use crate::dataset::{DatasetError, check_sound};
use crate::folder::{DataRecord, RunFolder};
use crate::folder_error::FolderError;
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
    /// Single settings, each written `table.key=value`: `train.n_updates`, which can grow, and
    /// `train.n_final_evaluation_episodes`.
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
        run.try_engine()?;
        if run.config != before {
            folder.begin_again(&run)?;
        }
        Ok((run, folder))
    }
}

/// Opens the data set of the folder's run.
fn reopen(folder: &RunFolder, request: &ResumeRequest) -> Result<Dataset, ResolveError> {
    let saved = folder.data()?;
    let named = request.dataset.as_ref().or(saved.as_ref().map(|saved| &saved.path));
    let path = named.ok_or_else(|| FolderError::NoData { path: folder.path().to_owned() })?;
    let dataset = Dataset::open(path).map_err(DatasetError::from)?;
    let record = DataRecord::of(&dataset);
    // Where nothing was saved, checkpoints say whether it is another.
    if let Some(saved) = saved.as_ref().filter(|saved| saved.blake3 != record.blake3) {
        let (found, expected, path) = (record.blake3, saved.blake3.clone(), path.clone());
        return Err(ResolveError::OtherData { found, expected, path });
    }
    check_sound(&dataset)?;
    if saved.as_ref() != Some(&record) {
        folder.write_data(&record)?;
    }
    Ok(dataset)
}
