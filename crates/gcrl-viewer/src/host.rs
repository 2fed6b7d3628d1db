//! What the window asks of whoever opened it: episodes, names to choose from, places to write to.

use gcrl_core::EnvError;
use gcrl_recording::{Live, Recording};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// Which episodes somebody wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpisodeQuery {
    /// Where the episodes come from.
    pub source: Source,
    /// The root seed of episodes that are played.
    pub seed: u64,
    /// The number of the first episode.
    pub number: u64,
    /// How many at once, from 1 to [`MOST`].
    pub count: usize,
}

/// What time does at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It goes by.
    Playing,
    /// It waits in the first state.
    Paused,
}

/// Episodes at once, at most.
pub const MOST: usize = 36;

/// Where episodes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A task is played; the policies take turns, so that each plays the same numbers.
    Task {
        /// Its id.
        task: String,
        /// As [`ViewerHost::policies`] calls them; at least one.
        policies: Vec<String>,
    },
    /// Recorded episodes: a file or a folder.
    Episodes(PathBuf),
}

impl EpisodeQuery {
    /// The same from the next episodes on, none of which is seen now.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { number: self.number + self.n_numbers(), ..self.clone() }
    }

    /// The same from the episodes before on.
    #[must_use]
    pub fn previous(&self) -> Self {
        Self { number: self.number.saturating_sub(self.n_numbers()), ..self.clone() }
    }

    /// Different episodes at once: several policies play the same ones.
    fn n_numbers(&self) -> u64 {
        match &self.source {
            Source::Task { policies, .. } => self.count.div_ceil(policies.len().max(1)) as u64,
            Source::Episodes(_) => self.count as u64,
        }
    }
}

/// An episode that is watched.
pub enum ViewedEpisode {
    /// It is played while it is watched.
    Live(Box<Live>),
    /// It was recorded.
    Recorded(Box<Recording>),
}

impl ViewedEpisode {
    /// What has happened so far.
    pub fn recording(&self) -> &Recording {
        match self {
            Self::Live(live) => live.recording(),
            Self::Recorded(recording) => recording,
        }
    }

    /// Steps of the whole episode.
    pub fn n_steps(&self) -> usize {
        match self {
            Self::Live(live) => live.n_steps(),
            Self::Recorded(recording) => recording.n_steps(),
        }
    }

    /// How long the whole episode takes, in seconds.
    pub fn duration_secs(&self) -> f32 {
        self.n_steps() as f32 * self.recording().about.step_secs
    }

    /// Plays until `n_steps` steps are made, if it is not recorded.
    pub(crate) fn advance_to(&mut self, n_steps: usize) -> Result<(), EnvError> {
        match self {
            Self::Live(live) => live.advance_to(n_steps),
            Self::Recorded(_) => Ok(()),
        }
    }
}

/// What is kept from one window to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Width and height of the window, in logical pixels.
    pub size: Option<[f32; 2]>,
    /// Where the window was on the screen, in physical pixels.
    pub position: Option<[i32; 2]>,
    /// Cameras that somebody moved, by task and number of episodes: target and distance in meters, azimuth
    /// and elevation in radians.
    pub cameras: std::collections::BTreeMap<String, [f32; 6]>,
}

/// A video that is being written.
pub trait VideoWriter: Send + Sync {
    /// Adds a picture, `[height, width, 3]` bytes of sRGB, that is seen `times` times.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn push(&mut self, rgb: &[u8], times: u64) -> io::Result<()>;

    /// Ends the video: only now there is a file.
    ///
    /// # Errors
    ///
    /// What the user is told, if it cannot be written.
    fn finish(self: Box<Self>) -> Result<(), String>;
}

/// Whoever opened the window. Errors are one line for the user.
#[allow(clippy::missing_errors_doc, reason = "said for all")]
pub trait ViewerHost: Send + Sync + 'static {
    /// The tasks to choose from.
    fn tasks(&self) -> Vec<String>;

    /// The policies of a task to choose from; the first is a good start.
    fn policies(&self, task: &str) -> Vec<String>;

    /// Loads as many episodes as are asked for.
    fn open(&mut self, query: &EpisodeQuery) -> Result<Vec<ViewedEpisode>, String>;

    /// What is meant by a file or folder dropped on the window, or named in it.
    fn recognize(&self, path: &Path, present: &EpisodeQuery) -> Result<EpisodeQuery, String>;

    /// Writes episodes, and tells where.
    fn save(&self, recordings: &[&Recording]) -> Result<PathBuf, String>;

    /// Writes a picture of the window, `[height, width, 3]` bytes of sRGB, and tells where.
    fn picture(&self, task: &str, size: [u32; 2], rgb: Vec<u8>) -> Result<PathBuf, String>;

    /// Begins a video of pictures of this width and height, so many a second, and tells where.
    fn video(
        &self,
        task: &str,
        size: [u32; 2],
        frames_per_sec: u32,
    ) -> Result<(PathBuf, Box<dyn VideoWriter>), String>;

    /// What was kept; nothing, if there is none.
    fn memory(&self) -> Memory;

    /// Keeps this for the next window.
    fn remember(&self, memory: &Memory) -> Result<(), String>;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::playback::Playback;
    use gcrl_core::Scene;
    use gcrl_core::scene::{Camera, Pose};
    use gcrl_recording::About;

    /// An episode of `n_steps` steps of 0.1 s with one body and no goal.
    pub(crate) fn still(n_steps: usize) -> Recording {
        let about = About {
            task: "Still".to_owned(),
            physics_version: 1,
            player: "nobody".to_owned(),
            seed: 0,
            number: 0,
            step_secs: 0.1,
            observation: Vec::new(),
            goal: Vec::new(),
            action: Vec::new(),
            scene: Scene {
                bodies: vec!["world".to_owned()],
                visuals: Vec::new(),
                camera: Camera { target: [0.0; 3], eye: [0.0, -1.0, 1.0] },
                goal_radius: None,
            },
        };
        Recording {
            about,
            poses: vec![Pose::IDENTITY; n_steps + 1],
            observation: Vec::new(),
            achieved_goal: Vec::new(),
            desired_goal: Vec::new(),
            action: Vec::new(),
            reward: vec![0.0; n_steps],
            goal_points: Vec::new(),
            achieved_points: Vec::new(),
        }
    }

    /// Has episodes 0 to 2.
    pub(crate) struct Three;

    impl ViewerHost for Three {
        fn tasks(&self) -> Vec<String> {
            vec!["Still".to_owned()]
        }
        fn policies(&self, _task: &str) -> Vec<String> {
            vec!["nobody".to_owned()]
        }
        fn open(&mut self, query: &EpisodeQuery) -> Result<Vec<ViewedEpisode>, String> {
            if query.number < 3 {
                Ok((0..query.count).map(|_| ViewedEpisode::Recorded(Box::new(still(10)))).collect())
            } else {
                Err("there are three".to_owned())
            }
        }
        fn recognize(&self, path: &Path, present: &EpisodeQuery) -> Result<EpisodeQuery, String> {
            Ok(EpisodeQuery { source: Source::Episodes(path.to_owned()), ..present.clone() })
        }
        fn save(&self, _recordings: &[&Recording]) -> Result<PathBuf, String> {
            Err("nothing is written here".to_owned())
        }
        fn picture(&self, _: &str, _: [u32; 2], _: Vec<u8>) -> Result<PathBuf, String> {
            Err("nothing is written here".to_owned())
        }
        fn video(
            &self,
            _: &str,
            _: [u32; 2],
            _: u32,
        ) -> Result<(PathBuf, Box<dyn VideoWriter>), String> {
            Err("nothing is written here".to_owned())
        }
        fn memory(&self) -> Memory {
            Memory::default()
        }
        fn remember(&self, _memory: &Memory) -> Result<(), String> {
            Ok(())
        }
    }

    /// The first of three episodes.
    pub(crate) fn three() -> Playback {
        let mut playback = Playback::still(vec![still(10)]);
        playback.is_playing = true;
        playback
    }

    #[test]
    fn the_next_episodes_are_those_that_are_not_seen_yet() {
        let source = Source::Task { task: String::new(), policies: vec![String::new(); 2] };
        let query = EpisodeQuery { source, seed: 0, number: 3, count: 6 };
        assert_eq!([query.next().number, query.previous().number], [6, 0]);
        let recorded = EpisodeQuery { source: Source::Episodes("x".into()), ..query };
        assert_eq!(recorded.next().number, 9);
    }
}
