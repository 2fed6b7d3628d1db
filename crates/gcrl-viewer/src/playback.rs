//! Which episodes are watched, at what time, and how fast.
//!
//! Whoever wants other episodes says which; `load_wanted` loads them between two frames.

use crate::components::Held;
use crate::host::{EpisodeQuery, Source, Start, ViewedEpisode, ViewerHost};
use bevy::prelude::*;
use bevy::tasks::ComputeTaskPool;
use gcrl_recording::Recording;
use std::path::PathBuf;

/// Speeds that keys go through.
const SPEEDS: [f32; 7] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// How long the end is seen before the next episode, in seconds.
const HOLD_SECS: f32 = 0.8;

/// Time does not go by faster than this in one frame: a slow one must not skip what happens.
const LONGEST_FRAME_SECS: f32 = 0.1;

/// Rounding must not keep a state from being reached.
const ROUNDING: f32 = 1e-3;

/// Whoever opened the window, and loads episodes.
#[derive(Resource)]
pub(crate) struct HostResource(pub(crate) Box<dyn ViewerHost>);

/// What happens when the episodes are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtEnd {
    Next,
    Repeat,
    Stop,
}

impl AtEnd {
    pub(crate) const ALL: [Self; 3] = [Self::Next, Self::Repeat, Self::Stop];

    /// As the panel calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Repeat => "repeat",
            Self::Stop => "stop",
        }
    }
}

/// What somebody asked for.
enum Wanted {
    Episodes(EpisodeQuery),
    /// Whatever this file or folder holds.
    File(PathBuf),
}

/// What is going on.
#[derive(Resource)]
pub(crate) struct Playback {
    /// What is seen, at least one episode, and what was asked for to see it.
    pub(crate) episodes: Vec<ViewedEpisode>,
    pub(crate) query: EpisodeQuery,
    /// What is to be seen next.
    wanted: Option<Wanted>,
    pub(crate) secs: f32,
    pub(crate) is_playing: bool,
    pub(crate) speed: f32,
    pub(crate) at_end: AtEnd,
    /// The episode whose numbers are seen.
    pub(crate) selected: usize,
    /// Counts the times that other episodes came.
    pub(crate) generation: u32,
    /// Why what was asked for last could not be loaded.
    pub(crate) complaint: Option<String>,
}

impl Playback {
    /// From the start of `episodes` on, which `query` asked for.
    pub(crate) fn new(query: EpisodeQuery, episodes: Vec<ViewedEpisode>, start: Start) -> Self {
        Self {
            episodes,
            query,
            wanted: None,
            secs: 0.0,
            is_playing: start == Start::Playing,
            speed: 1.0,
            at_end: AtEnd::Next,
            selected: 0,
            generation: 1,
            complaint: None,
        }
    }

    /// Episodes that nobody exchanges, at rest.
    pub(crate) fn still(recordings: Vec<Recording>) -> Self {
        let episodes =
            recordings.into_iter().map(|recording| ViewedEpisode::Recorded(Box::new(recording)));
        let episodes: Vec<_> = episodes.collect();
        let source = Source::Episodes(PathBuf::new());
        let query = EpisodeQuery { source, seed: 0, number: 0, count: episodes.len() };
        Self::new(query, episodes, Start::Paused)
    }

    /// What has happened in each episode so far.
    pub(crate) fn recordings(&self) -> impl ExactSizeIterator<Item = &Recording> {
        self.episodes.iter().map(ViewedEpisode::recording)
    }

    /// Asks for other episodes.
    pub(crate) fn ask(&mut self, query: EpisodeQuery) {
        self.wanted = Some(Wanted::Episodes(query));
    }

    /// Asks for what a file or a folder holds: a policy, or recorded episodes.
    pub(crate) fn ask_for_file(&mut self, path: PathBuf) {
        self.wanted = Some(Wanted::File(path));
    }

    /// How long the longest episode takes, in seconds.
    pub(crate) fn duration_secs(&self) -> f32 {
        self.episodes.iter().map(ViewedEpisode::duration_secs).fold(0.0, f32::max)
    }

    /// Goes to a time, in seconds, and plays what has not been played until then.
    pub(crate) fn seek(&mut self, secs: f32) {
        self.secs = secs.clamp(0.0, self.duration_secs());
        let secs = self.secs;
        let mut failures = vec![None; self.episodes.len()];
        ComputeTaskPool::get_or_init(bevy::tasks::TaskPool::new).scope(|scope| {
            for (episode, failure) in self.episodes.iter_mut().zip(&mut failures) {
                let steps = secs / episode.recording().about.step_secs;
                let play = async move {
                    *failure = episode.advance_to((steps - ROUNDING).ceil() as usize).err();
                };
                scope.spawn(play);
            }
        });
        if let Some(failure) = failures.into_iter().flatten().next() {
            self.complaint = Some(failure.to_string());
            self.is_playing = false;
        }
    }

    /// Stops, `count` control steps from here.
    pub(crate) fn step_by(&mut self, count: f32) {
        let step_secs = self.episodes[0].recording().about.step_secs;
        self.is_playing = false;
        self.seek(((self.secs / step_secs).round() + count) * step_secs);
    }

    /// Plays or pauses; at the end, plays again.
    pub(crate) fn toggle(&mut self) {
        if self.duration_secs() <= self.secs {
            self.secs = 0.0;
        }
        self.is_playing = !self.is_playing;
    }

    /// To a neighboring speed.
    pub(crate) fn change_speed(&mut self, up: isize) {
        let present = SPEEDS.iter().position(|speed| self.speed <= *speed).unwrap_or(0);
        let next = present.saturating_add_signed(up).min(SPEEDS.len() - 1);
        self.speed = SPEEDS[next];
    }

    /// Lets `secs` seconds go by, of which `held` have been spent at the end.
    fn pass(&mut self, secs: f32, held: &mut f32) {
        if !self.is_playing {
            *held = 0.0;
            return;
        }
        self.seek(self.secs + self.speed * secs.min(LONGEST_FRAME_SECS));
        if self.secs < self.duration_secs() {
            *held = 0.0;
            return;
        }
        *held += secs;
        match self.at_end {
            AtEnd::Stop => self.is_playing = false,
            _ if *held < HOLD_SECS => {}
            AtEnd::Repeat => self.secs = 0.0,
            AtEnd::Next => self.ask(self.query.next()),
        }
    }

    /// Loads what was asked for; otherwise stays where it is, and says why.
    fn load_wanted(&mut self, host: &mut dyn ViewerHost) {
        let query = match self.wanted.take() {
            None => return,
            Some(Wanted::Episodes(query)) => Ok(query),
            Some(Wanted::File(path)) => host.recognize(&path, &self.query),
        };
        match query.and_then(|query| Ok((host.open(&query)?, query))) {
            Ok(opened) => {
                (self.episodes, self.query) = opened;
                (self.secs, self.is_playing, self.complaint) = (0.0, true, None);
                self.selected = self.selected.min(self.episodes.len() - 1);
                self.generation += 1;
            }
            Err(complaint) => (self.is_playing, self.complaint) = (false, Some(complaint)),
        }
    }
}

/// Lets the time go by.
pub(crate) fn advance(
    mut playback: ResMut<Playback>,
    time: Res<Time>,
    goal: Res<Held>,
    mut held: Local<f32>,
) {
    playback.pass(time.delta_secs(), &mut held);
    if goal.is_some() {
        // The end waits for whoever still moves the goal.
        *held = 0.0;
    }
}

/// Loads what was asked for in this frame.
pub(crate) fn load_wanted(mut playback: ResMut<Playback>, mut host: ResMut<HostResource>) {
    playback.load_wanted(&mut *host.0);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::host::tests::{Three, still, three};

    #[test]
    fn steps_go_to_whole_states_and_stay_in_the_episode() {
        let mut playback = three();
        playback.seek(0.234);
        playback.step_by(1.0);
        assert!((playback.secs - 0.3).abs() < 1e-6 && !playback.is_playing);
        playback.step_by(-9.0);
        assert_eq!(playback.secs, 0.0);
        playback.seek(7.0);
        assert!((playback.secs - 1.0).abs() < 1e-6);
        playback.toggle();
        assert!(playback.is_playing && playback.secs == 0.0, "at the end, play starts anew");
    }

    #[test]
    fn an_episode_that_cannot_be_made_leaves_the_present_one() {
        let mut playback = three();
        playback.ask(EpisodeQuery { number: 2, ..playback.query.clone() });
        playback.load_wanted(&mut Three);
        assert_eq!((playback.query.number, playback.generation), (2, 2));
        playback.ask(playback.query.next());
        playback.load_wanted(&mut Three);
        assert_eq!((playback.query.number, playback.generation), (2, 2));
        assert_eq!(playback.complaint.as_deref(), Some("there are three"));
        playback.ask(playback.query.previous());
        playback.load_wanted(&mut Three);
        assert_eq!((playback.query.number, playback.complaint), (1, None));
    }

    #[test]
    fn a_file_shows_what_it_holds() {
        let mut playback = three();
        playback.ask_for_file("x".into());
        playback.load_wanted(&mut Three);
        assert_eq!(playback.query.source, Source::Episodes("x".into()));
    }

    #[test]
    fn speeds_end_at_both_ends() {
        let mut playback = three();
        for (up, expected) in [(1, 2.0), (9, 8.0), (-99, 0.1), (-1, 0.1)] {
            playback.change_speed(up);
            assert_eq!(playback.speed, expected);
        }
    }

    #[test]
    fn at_the_end_it_stops_repeats_or_goes_on() {
        let at_end = |at_end| {
            let mut playback = three();
            playback.at_end = at_end;
            let mut held = 0.0;
            // 0.9 s of the episode, and the time that its end is seen.
            (0..17).for_each(|_| playback.pass(0.1, &mut held));
            playback.load_wanted(&mut Three);
            (playback.query.number, playback.is_playing, playback.secs)
        };
        assert_eq!(at_end(AtEnd::Stop), (0, false, 1.0));
        assert_eq!(at_end(AtEnd::Repeat), (0, true, 0.0));
        assert_eq!(at_end(AtEnd::Next), (1, true, 0.0));
    }

    #[test]
    fn a_slow_frame_skips_nothing() {
        let mut playback = Playback { is_playing: true, ..Playback::still(vec![still(10)]) };
        playback.pass(5.0, &mut 0.0);
        assert!((playback.secs - LONGEST_FRAME_SECS).abs() < 1e-6);
    }
}
