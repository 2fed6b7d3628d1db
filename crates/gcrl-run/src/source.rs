//! Where a run learns from: a data set, or a task that it collects in.

use crate::catalog::Catalog;
use crate::layers::{Layer, Named, Origin};
use crate::request::RunRequest;
use crate::resolve_error::ResolveError;
use gcrl_data::Dataset;
use gcrl_envs::TaskEntry;
use std::path::PathBuf;

/// Where a run learns from, by what was asked, and who asked it.
pub(crate) struct Source {
    task: Option<(String, Origin)>,
    /// The data set to learn from.
    pub(crate) dataset: Option<(PathBuf, Origin)>,
    /// Whether it learns while collecting.
    pub(crate) is_online: bool,
}

impl Source {
    /// What the request says, or the last layer that does.
    pub(crate) fn of(request: &RunRequest, layers: &[Layer]) -> Self {
        let task = last(request.task.as_ref(), layers, |named| named.task.clone());
        let mut dataset = last(request.dataset.as_ref(), layers, |named| {
            named.dataset.as_ref().map(PathBuf::from)
        });
        if request.is_online {
            dataset = dataset.filter(|(_, origin)| *origin == Origin::Request);
        }
        // A file's way to collect is of no use beside a data set that was named for this run.
        let rank = dataset.as_ref().map_or(0, |(_, origin)| origin.rank());
        let collects = |layer: &Layer| layer.named.online.is_some() && rank <= layer.origin.rank();
        let is_online = request.is_online || layers.iter().any(collects);
        Self { task, dataset, is_online }
    }

    /// The task that was named, or that of the data set. That of the data set wins over one that was named
    /// before the data set was, and must be one that was named with it or after it.
    pub(crate) fn task(
        &self,
        dataset: Option<&Dataset>,
        catalog: &Catalog,
    ) -> Result<&'static TaskEntry, ResolveError> {
        let (Some(dataset), Some((_, by))) = (dataset, &self.dataset) else {
            let nothing =
                if self.is_online { ResolveError::NoTask } else { ResolveError::NoSource };
            let (task, _) = self.task.as_ref().filter(|_| self.is_online).ok_or(nothing)?;
            return Ok(catalog.task(task)?);
        };
        let record = &dataset.manifest().task;
        match &self.task {
            Some((task, origin)) if *task != record.id && by.rank() <= origin.rank() => {
                catalog.task(task)?;
                let (task, origin) = (task.clone(), origin.clone());
                let (found, path) = (record.id.clone(), dataset.path().to_owned());
                Err(ResolveError::OtherTask { task, origin, found, path })
            }
            _ => Ok(catalog.task_of(record)?),
        }
    }
}

/// What the request says, or the last layer that does, and which of them it is.
fn last<T: Clone>(
    asked: Option<&T>,
    layers: &[Layer],
    said: impl Fn(&Named) -> Option<T>,
) -> Option<(T, Origin)> {
    let in_layers = || {
        let mut layers = layers.iter().rev();
        layers.find_map(|layer| Some((said(&layer.named)?, layer.origin.clone())))
    };
    asked.map(|asked| (asked.clone(), Origin::Request)).or_else(in_layers)
}
