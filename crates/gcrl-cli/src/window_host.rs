//! Gives the window what it asks for: episodes, names to choose from, places to write to.

use crate::commands::options::{Noise, catalog};
use crate::commands::watched::{load, load_policies, policy_for_cell};
use crate::window_video::WindowVideo;
use anyhow::{Context, anyhow};
use gcrl_policy::TrainedPolicy;
use gcrl_recording::{Live, ReadError, Recording};
use gcrl_run::behavior;
use gcrl_sketch::{Picture, Size};
use gcrl_viewer::{EpisodeQuery, Memory, Source, VideoWriter, ViewedEpisode};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where runs are, for most users.
const RUNS: &str = "runs";

/// Folders deep in which policies of runs are looked for.
const DEEPEST: usize = 5;

/// See the module.
pub(crate) struct WindowHost {
    noise: Noise,
    /// Policies that were named or dropped.
    known: Vec<String>,
}

impl WindowHost {
    /// One whose policies act with `noise`.
    pub(crate) fn new(noise: Noise) -> Self {
        Self { noise, known: Vec::new() }
    }

    /// Offers these policies from now on.
    pub(crate) fn offer(&mut self, policies: &[String]) {
        for policy in policies {
            if !self.known.contains(policy) {
                self.known.push(policy.clone());
            }
        }
    }

    /// As many episodes as `query` asks for.
    pub(crate) fn episodes(&self, query: &EpisodeQuery) -> anyhow::Result<Vec<ViewedEpisode>> {
        match &query.source {
            Source::Episodes(path) => {
                let recordings = load(path, query.count, query.number)?.into_iter();
                Ok(recordings
                    .map(|recording| ViewedEpisode::Recorded(Box::new(recording)))
                    .collect())
            }
            Source::Task { task, policies } => {
                let task = catalog().task(task)?;
                let behaviors = load_policies(task, policies, self.noise)?;
                let played = (0..query.count).map(|place| {
                    let (behavior, number) = policy_for_cell(&behaviors, query.number, place);
                    let live = Live::start(task.make(), behavior.clone(), query.seed, number)?;
                    Ok(ViewedEpisode::Live(Box::new(live)))
                });
                played.collect()
            }
        }
    }
}

impl gcrl_viewer::ViewerHost for WindowHost {
    fn tasks(&self) -> Vec<String> {
        gcrl_envs::TASKS.iter().map(|task| task.spec.id.to_owned()).collect()
    }

    fn policies(&self, task: &str) -> Vec<String> {
        let is_of_task = |name: &String| is_of_task(name, task);
        let known = self.known.iter().filter(|name| is_of_task(name)).cloned();
        let expert = Some(behavior::EXPERT.to_owned()).filter(is_of_task);
        let found = found_policies(Path::new(RUNS), DEEPEST).into_iter().filter(is_of_task);
        let mut names = Vec::new();
        for name in known.chain(expert).chain(found).chain([behavior::RANDOM.to_owned()]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn open(&mut self, query: &EpisodeQuery) -> Result<Vec<ViewedEpisode>, String> {
        let episodes = self.episodes(query).map_err(|error| line(&error))?;
        if let Source::Task { policies, .. } = &query.source {
            self.offer(policies);
        }
        Ok(episodes)
    }

    fn recognize(&self, path: &Path, present: &EpisodeQuery) -> Result<EpisodeQuery, String> {
        let source = source_of(path).map_err(|error| line(&error))?;
        let task = |source: &Source| match source {
            Source::Task { task, .. } => Some(task.clone()),
            Source::Episodes(_) => None,
        };
        if task(&source).is_some() && task(&source) == task(&present.source) {
            // Another policy plays the same episodes.
            return Ok(EpisodeQuery { source, ..present.clone() });
        }
        Ok(EpisodeQuery { source, seed: present.seed, number: 0, count: 1 })
    }

    fn save(&self, recordings: &[&Recording]) -> Result<PathBuf, String> {
        let folder = free_place(&format!("{}-episodes", recordings[0].about.task), "");
        let written = gcrl_file::write_folder(&folder, |folder| {
            let mut places = recordings.iter().zip(0..);
            places.try_for_each(|(recording, place)| {
                recording.save(&folder.join(gcrl_recording::file_name(place)))
            })
        });
        written.map(|()| folder).map_err(|error: gcrl_file::WriteError| line(&error.into()))
    }

    fn picture(&self, task: &str, size: [u32; 2], rgb: Vec<u8>) -> Result<PathBuf, String> {
        let path = free_place(task, ".png");
        let [width, height] = size;
        let picture = Picture::from_bytes(Size { width, height }, &rgb);
        gcrl_file::write(&path, |file| picture.write_png(file))
            .map(|()| path)
            .map_err(|error| line(&error.into()))
    }

    fn video(
        &self,
        task: &str,
        size: [u32; 2],
        frames_per_sec: u32,
    ) -> Result<(PathBuf, Box<dyn VideoWriter>), String> {
        let path = free_place(task, ".gif");
        let video = WindowVideo::start(path.clone(), size, frames_per_sec)
            .map_err(|error| format!("the video cannot be written: {error}"))?;
        Ok((path, Box::new(video)))
    }

    fn memory(&self) -> Memory {
        let text = memory_file().and_then(|file| std::fs::read(file).ok());
        // Another version may have written it: an unreadable file is ignored.
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    fn remember(&self, memory: &Memory) -> Result<(), String> {
        let Some(file) = memory_file() else { return Ok(()) };
        let text = serde_json::to_vec_pretty(memory).map_err(|error| error.to_string())?;
        gcrl_file::write(&file, |output| output.write_all(&text))
            .map_err(|error| line(&error.into()))
    }
}

/// An error as the window shows it.
fn line(error: &anyhow::Error) -> String {
    format!("{error:#}")
}

/// Where the window's memory is kept.
fn memory_file() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "gcrl")?;
    Some(folders.state_dir().unwrap_or(folders.data_local_dir()).join("window.json"))
}

/// `stem-1`, or the first number that is not taken, in the working folder.
fn free_place(stem: &str, ending: &str) -> PathBuf {
    let mut places = (1..).map(|number: u32| PathBuf::from(format!("{stem}-{number}{ending}")));
    places.find(|place| !place.exists()).expect("there are more numbers than files")
}

/// The policies of runs below `folder`, in order.
fn found_policies(folder: &Path, deepest: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // A folder that cannot be read has nothing to choose from.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_policy = path.extension() == Some(OsStr::new("safetensors"))
            && folder.file_name() == Some(OsStr::new("policies"));
        if is_policy {
            found.extend(path.to_str().map(str::to_owned));
        } else if 0 < deepest && path.is_dir() {
            found.extend(found_policies(&path, deepest - 1));
        }
    }
    found
}

/// Whether `name` can act in `task`.
fn is_of_task(name: &str, task: &str) -> bool {
    catalog().task(task).is_ok_and(|task| behavior::fits(name, task))
}

/// What a file or a folder holds: recorded episodes, or a policy.
fn source_of(path: &Path) -> anyhow::Result<Source> {
    let is_episode = match gcrl_recording::files(path)?.first() {
        Some(file) => match Recording::load(file) {
            Ok(_) => true,
            Err(ReadError::Header { .. } | ReadError::Format { .. }) if !path.is_dir() => false,
            Err(error) => return Err(error.into()),
        },
        None => false,
    };
    if is_episode {
        return Ok(Source::Episodes(path.to_owned()));
    }
    let neither = || format!("neither a policy nor a recorded episode: {path:?}");
    let policy = TrainedPolicy::from_bytes(&gcrl_file::read(path)?, path).with_context(neither)?;
    let name = path.to_str().ok_or_else(|| anyhow!("its name is not UTF-8: {path:?}"))?;
    Ok(Source::Task { task: policy.parts().task.clone(), policies: vec![name.to_owned()] })
}
