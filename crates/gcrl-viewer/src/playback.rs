//! Which episodes are watched, at what time, and how fast.
//!
//! Whoever wants other episodes leaves a wish; `grant` fulfills it between two frames.

use crate::components::Held;
use crate::director::{Director, Show, Source, Start, Wish};
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

/// Whoever fulfills wishes.
#[derive(Resource)]
pub(crate) struct Backstage(pub(crate) Box<dyn Director>);

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
    Wish(Wish),
    /// Whatever this file or folder holds.
    File(PathBuf),
}

/// What is going on.
#[derive(Resource)]
pub(crate) struct Playback {
    /// What is seen, and the wish that it fulfills; at least one show.
    pub(crate) shows: Vec<Show>,
    pub(crate) wish: Wish,
    /// What is to be seen next.
    wanted: Option<Wanted>,
    pub(crate) secs: f32,
    pub(crate) is_playing: bool,
    pub(crate) speed: f32,
    pub(crate) at_end: AtEnd,
    /// The show whose numbers are seen.
    pub(crate) selected: usize,
    /// Counts the times that other shows came.
    pub(crate) generation: u32,
    /// Why the last wish was not granted.
    pub(crate) complaint: Option<String>,
}

impl Playback {
    /// From the start of `shows` on, which fulfill `wish`.
    pub(crate) fn new(wish: Wish, shows: Vec<Show>, start: Start) -> Self {
        Self {
            shows,
            wish,
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
        let shows = recordings.into_iter().map(|recording| Show::Recorded(Box::new(recording)));
        let shows: Vec<_> = shows.collect();
        let source = Source::Episodes(PathBuf::new());
        let wish = Wish { source, seed: 0, number: 0, count: shows.len() };
        Self::new(wish, shows, Start::Paused)
    }

    /// What has happened in each show so far.
    pub(crate) fn recordings(&self) -> impl ExactSizeIterator<Item = &Recording> {
        self.shows.iter().map(Show::recording)
    }

    /// Asks for other episodes.
    pub(crate) fn ask(&mut self, wish: Wish) {
        self.wanted = Some(Wanted::Wish(wish));
    }

    /// Asks for what a file or a folder holds: a policy, or recorded episodes.
    pub(crate) fn ask_for_file(&mut self, path: PathBuf) {
        self.wanted = Some(Wanted::File(path));
    }

    /// How long the longest episode takes, in seconds.
    pub(crate) fn duration_secs(&self) -> f32 {
        self.shows.iter().map(Show::duration_secs).fold(0.0, f32::max)
    }

    /// Goes to a time, in seconds, and plays what has not been played until then.
    pub(crate) fn seek(&mut self, secs: f32) {
        self.secs = secs.clamp(0.0, self.duration_secs());
        let secs = self.secs;
        let mut failures = vec![None; self.shows.len()];
        ComputeTaskPool::get_or_init(bevy::tasks::TaskPool::new).scope(|scope| {
            for (show, failure) in self.shows.iter_mut().zip(&mut failures) {
                let steps = secs / show.recording().about.step_secs;
                let play = async move {
                    *failure = show.advance_to((steps - ROUNDING).ceil() as usize).err();
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
        let step_secs = self.shows[0].recording().about.step_secs;
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
            AtEnd::Next => self.ask(self.wish.next()),
        }
    }

    /// Fulfills what was asked for; otherwise stays where it is, and says why.
    fn fulfill(&mut self, director: &mut dyn Director) {
        let wish = match self.wanted.take() {
            None => return,
            Some(Wanted::Wish(wish)) => Ok(wish),
            Some(Wanted::File(path)) => director.recognize(&path, &self.wish),
        };
        match wish.and_then(|wish| Ok((director.open(&wish)?, wish))) {
            Ok(opened) => {
                (self.shows, self.wish) = opened;
                (self.secs, self.is_playing, self.complaint) = (0.0, true, None);
                self.selected = self.selected.min(self.shows.len() - 1);
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

/// Fulfills what was asked for in this frame.
pub(crate) fn grant(mut playback: ResMut<Playback>, mut backstage: ResMut<Backstage>) {
    playback.fulfill(&mut *backstage.0);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::director::tests::{Three, still, three};

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
        playback.ask(Wish { number: 2, ..playback.wish.clone() });
        playback.fulfill(&mut Three);
        assert_eq!((playback.wish.number, playback.generation), (2, 2));
        playback.ask(playback.wish.next());
        playback.fulfill(&mut Three);
        assert_eq!((playback.wish.number, playback.generation), (2, 2));
        assert_eq!(playback.complaint.as_deref(), Some("there are three"));
        playback.ask(playback.wish.previous());
        playback.fulfill(&mut Three);
        assert_eq!((playback.wish.number, playback.complaint), (1, None));
    }

    #[test]
    fn a_file_shows_what_it_holds() {
        let mut playback = three();
        playback.ask_for_file("x".into());
        playback.fulfill(&mut Three);
        assert_eq!(playback.wish.source, Source::Episodes("x".into()));
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
            playback.fulfill(&mut Three);
            (playback.wish.number, playback.is_playing, playback.secs)
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
