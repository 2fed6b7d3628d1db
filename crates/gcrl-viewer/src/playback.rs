//! Which episodes are watched, at what time, and how fast.

use crate::Director;
use bevy::prelude::*;
use gcrl_recording::Recording;

/// Speeds that keys go through.
const SPEEDS: [f32; 7] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// What is going on.
#[derive(Resource)]
pub(crate) struct Playback {
    director: Box<dyn Director>,
    pub(crate) recordings: Vec<Recording>,
    /// The number of the first of them.
    pub(crate) number: u64,
    pub(crate) secs: f32,
    pub(crate) is_playing: bool,
    pub(crate) speed: f32,
    /// Counts the times that other episodes came.
    pub(crate) generation: u32,
    /// Why the last wish was not granted.
    pub(crate) complaint: Option<String>,
}

/// Makes no episodes.
struct Nobody;

impl Director for Nobody {
    fn episodes(&mut self, _number: u64) -> Result<Vec<Recording>, String> {
        Err("there are no other episodes".to_owned())
    }
}

impl Playback {
    pub(crate) fn new(
        director: Box<dyn Director>,
        recordings: Vec<Recording>,
        number: u64,
    ) -> Self {
        Self {
            director,
            recordings,
            number,
            secs: 0.0,
            is_playing: true,
            speed: 1.0,
            generation: 1,
            complaint: None,
        }
    }

    /// Episodes that nobody exchanges, at rest.
    pub(crate) fn still(recordings: Vec<Recording>) -> Self {
        let paused = Self::new(Box::new(Nobody), recordings, 0);
        Self { is_playing: false, ..paused }
    }

    /// What is watched, side by side.
    pub(crate) fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.recordings.iter()
    }

    /// Shows the episodes from `number` on; keeps the present ones if they cannot be made.
    pub(crate) fn choose(&mut self, number: u64) {
        match self.director.episodes(number) {
            Ok(recordings) => {
                self.recordings = recordings;
                (self.number, self.secs, self.is_playing) = (number, 0.0, true);
                self.generation += 1;
                self.complaint = None;
            }
            Err(complaint) => self.complaint = Some(complaint),
        }
    }

    /// How long the longest episode takes, in seconds.
    pub(crate) fn duration_secs(&self) -> f32 {
        self.recordings.iter().map(Recording::duration_secs).fold(0.0, f32::max)
    }

    /// Goes to a time, in seconds.
    pub(crate) fn seek(&mut self, secs: f32) {
        self.secs = secs.clamp(0.0, self.duration_secs());
    }

    /// Stops, `count` control steps from here.
    pub(crate) fn step_by(&mut self, count: f32) {
        let step_secs = self.recordings[0].about.step_secs;
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
}

/// Lets the time go by.
pub(crate) fn advance(mut playback: ResMut<Playback>, time: Res<Time>) {
    if !playback.is_playing {
        return;
    }
    let secs = playback.secs + playback.speed * time.delta_secs();
    playback.seek(secs);
    if playback.duration_secs() <= playback.secs {
        playback.is_playing = false;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use gcrl_core::Scene;
    use gcrl_core::scene::{Camera, Pose};
    use gcrl_recording::About;

    /// An episode of `n_steps` steps of 0.1 s with one body and no goal.
    pub(crate) fn still(n_steps: usize) -> Recording {
        let about = About {
            task: "Still".to_owned(),
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
    struct Three;

    impl Director for Three {
        fn episodes(&mut self, number: u64) -> Result<Vec<Recording>, String> {
            if number < 3 { Ok(vec![still(10)]) } else { Err("there are three".to_owned()) }
        }
    }

    fn playback() -> Playback {
        Playback::new(Box::new(Three), vec![still(10)], 0)
    }

    #[test]
    fn steps_go_to_whole_states_and_stay_in_the_episode() {
        let mut playback = playback();
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
        let mut playback = playback();
        playback.choose(2);
        assert_eq!((playback.number, playback.generation), (2, 2));
        playback.choose(3);
        assert_eq!((playback.number, playback.generation), (2, 2));
        assert_eq!(playback.complaint.as_deref(), Some("there are three"));
    }

    #[test]
    fn speeds_end_at_both_ends() {
        let mut playback = playback();
        for (up, expected) in [(1, 2.0), (9, 8.0), (-99, 0.1), (-1, 0.1)] {
            playback.change_speed(up);
            assert_eq!(playback.speed, expected);
        }
    }
}
