//! What is kept of what is seen: a picture of the window, a video of it, the episodes.
//!
//! A video has as many pictures a second as real time has passed, whatever the window's own rate.

use crate::host::VideoWriter;
use crate::playback::{HostResource, Playback};
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::exit_on_all_closed;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

/// Pictures of a video, a second.
const RATE: u32 = 10;

/// Asks to keep something.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Picture,
    /// Begins a video, or ends the one that is being made.
    Video,
    Episodes,
}

/// A video that is being made.
struct RunningVideo {
    writer: Box<dyn VideoWriter>,
    path: PathBuf,
    size: UVec2,
    start: Duration,
    n_pictures: u64,
    is_waiting: bool,
}

impl RunningVideo {
    /// How often a picture taken now is seen.
    fn n_due(&self, now: Duration) -> u64 {
        n_due(now.saturating_sub(self.start), self.n_pictures)
    }
}

/// What is being kept.
#[derive(Resource, Default)]
pub(crate) struct Kept {
    video: Option<RunningVideo>,
    /// Videos of which the last pictures are being written.
    ending: Vec<JoinHandle<Result<PathBuf, String>>>,
    /// What was kept last, and where.
    pub(crate) news: Option<String>,
}

impl Kept {
    pub(crate) fn is_making_video(&self) -> bool {
        self.video.is_some()
    }

    /// Lets the rest of the video be written.
    fn end(&mut self) {
        let Some(RunningVideo { writer, path, .. }) = self.video.take() else { return };
        let finish = move || writer.finish().map(|()| path);
        match std::thread::Builder::new().spawn(finish) {
            Ok(ending) => self.ending.push(ending),
            Err(error) => self.news = Some(format!("the video is not finished: {error}")),
        }
    }
}

/// Adds the systems that keep what is asked for.
pub(crate) fn plugin(app: &mut App) {
    app.add_message::<Keep>()
        .init_resource::<Kept>()
        .add_systems(Update, (obey, add_due_picture).chain())
        .add_systems(Last, (report, finish).chain().after(exit_on_all_closed));
}

/// Does what is asked for.
fn obey(
    mut asked: MessageReader<Keep>,
    mut kept: ResMut<Kept>,
    mut playback: ResMut<Playback>,
    host: Res<HostResource>,
    windows: Query<&Window>,
    time: Res<Time<Real>>,
    mut commands: Commands,
) {
    for keep in asked.read() {
        let kept_now = match keep {
            Keep::Picture => {
                commands.spawn(Screenshot::primary_window()).observe(write_picture);
                continue;
            }
            Keep::Episodes => {
                let recordings: Vec<_> = playback.recordings().collect();
                host.0.save(&recordings).map(|path| format!("episodes: {}", path.display()))
            }
            Keep::Video if kept.is_making_video() => {
                kept.end();
                continue;
            }
            Keep::Video if !kept.ending.is_empty() => {
                Err("the video before is still being written: try again in a moment".to_owned())
            }
            Keep::Video => {
                let Ok(window) = windows.single() else { continue };
                let size = window.physical_size();
                let task = &playback.episodes[0].recording().about.task;
                host.0.video(task, size.to_array(), RATE).map(|(path, writer)| {
                    let start = time.elapsed();
                    let said = format!("writing a video: {}", path.display());
                    let (n_pictures, is_waiting) = (0, false);
                    kept.video =
                        Some(RunningVideo { writer, path, size, start, n_pictures, is_waiting });
                    said
                })
            }
        };
        match kept_now {
            Ok(news) => kept.news = Some(news),
            Err(complaint) => playback.complaint = Some(complaint),
        }
    }
}

/// Asks for the video's next picture when it is time.
fn add_due_picture(mut kept: ResMut<Kept>, time: Res<Time<Real>>, mut commands: Commands) {
    let Some(video) = &mut kept.video else { return };
    if !video.is_waiting && 0 < video.n_due(time.elapsed()) {
        video.is_waiting = true;
        commands.spawn(Screenshot::primary_window()).observe(add_picture);
    }
}

/// How often a picture taken `since` the start is seen, after `n_pictures` others.
fn n_due(since: Duration, n_pictures: u64) -> u64 {
    let n_passed = (since.as_secs_f64() * f64::from(RATE)) as u64 + 1;
    n_passed.saturating_sub(n_pictures)
}

fn add_picture(
    captured: On<ScreenshotCaptured>,
    mut kept: ResMut<Kept>,
    mut playback: ResMut<Playback>,
    time: Res<Time<Real>>,
) {
    let Some(video) = &mut kept.video else { return };
    video.is_waiting = false;
    let (size, pixels) = match rgb(&captured.image) {
        Ok(picture) => picture,
        Err(complaint) => {
            playback.complaint = Some(complaint);
            return;
        }
    };
    if size != video.size {
        // The pictures of a video have one size: it ends where the window changes its own.
        kept.end();
        return;
    }
    let times = video.n_due(time.elapsed());
    video.n_pictures += times;
    if let Err(error) = video.writer.push(&pixels, times) {
        playback.complaint = Some(error.to_string());
        kept.end();
    }
}

fn write_picture(
    captured: On<ScreenshotCaptured>,
    mut kept: ResMut<Kept>,
    mut playback: ResMut<Playback>,
    host: Res<HostResource>,
) {
    let task = &playback.episodes[0].recording().about.task;
    let written = rgb(&captured.image)
        .and_then(|(size, pixels)| host.0.picture(task, size.to_array(), pixels));
    match written {
        Ok(path) => kept.news = Some(format!("picture: {}", path.display())),
        Err(complaint) => playback.complaint = Some(complaint),
    }
}

/// Red, green and blue of every pixel.
fn rgb(image: &Image) -> Result<(UVec2, Vec<u8>), String> {
    let picture = image.clone().try_into_dynamic().map_err(|error| error.to_string())?.to_rgb8();
    Ok((UVec2::new(picture.width(), picture.height()), picture.into_raw()))
}

/// Tells where videos are that have been written.
fn report(mut kept: ResMut<Kept>, mut playback: ResMut<Playback>) {
    let Some(done) = kept.ending.iter().position(JoinHandle::is_finished) else { return };
    match kept.ending.remove(done).join() {
        Ok(Ok(path)) => kept.news = Some(format!("video: {}", path.display())),
        Ok(Err(complaint)) => playback.complaint = Some(complaint),
        Err(_panic) => playback.complaint = Some("the video could not be written".to_owned()),
    }
}

/// Before the program ends, videos are written to their end.
fn finish(mut exits: MessageReader<AppExit>, mut kept: ResMut<Kept>) {
    if exits.read().next().is_some() {
        kept.end();
        for ending in kept.ending.drain(..) {
            // The window is closed, so errors cannot be shown.
            let _written = ending.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_has_as_many_pictures_as_time_has_passed() {
        let n_due = |millisecs, n_pictures| n_due(Duration::from_millis(millisecs), n_pictures);
        assert_eq!([n_due(0, 0), n_due(99, 1), n_due(100, 1)], [1, 0, 1]);
        // A slow window: half a second without a picture.
        assert_eq!(n_due(630, 2), 5);
    }
}
