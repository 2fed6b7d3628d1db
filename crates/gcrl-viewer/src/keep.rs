//! What is kept of what is seen: a picture of the window, a film of it, the episodes.
//!
//! A film has as many pictures a second as real time has passed, whatever the window's own rate.

use crate::director::Film;
use crate::playback::{Backstage, Playback};
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::exit_on_all_closed;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

/// Pictures of a film, a second.
const RATE: u32 = 10;

/// Asks to keep something.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Picture,
    /// Begins a film, or ends the one that is being made.
    Film,
    Episodes,
}

/// A film that is being made.
struct Filming {
    film: Box<dyn Film>,
    path: PathBuf,
    size: UVec2,
    start: Duration,
    n_pictures: u64,
    is_waiting: bool,
}

impl Filming {
    /// How often a picture taken now is seen.
    fn n_due(&self, now: Duration) -> u64 {
        n_due(now.saturating_sub(self.start), self.n_pictures)
    }
}

/// What is being kept.
#[derive(Resource, Default)]
pub(crate) struct Kept {
    filming: Option<Filming>,
    /// Films of which the last pictures are being written.
    ending: Vec<JoinHandle<Result<PathBuf, String>>>,
    /// What was kept last, and where.
    pub(crate) news: Option<String>,
}

impl Kept {
    pub(crate) fn is_filming(&self) -> bool {
        self.filming.is_some()
    }

    /// Lets the rest of the film be written.
    fn end(&mut self) {
        let Some(Filming { film, path, .. }) = self.filming.take() else { return };
        let finish = move || film.finish().map(|()| path);
        match std::thread::Builder::new().spawn(finish) {
            Ok(ending) => self.ending.push(ending),
            Err(error) => self.news = Some(format!("the film is not finished: {error}")),
        }
    }
}

/// Adds the systems that keep what is asked for.
pub(crate) fn plugin(app: &mut App) {
    app.add_message::<Keep>()
        .init_resource::<Kept>()
        .add_systems(Update, (obey, film).chain())
        .add_systems(Last, (report, finish).chain().after(exit_on_all_closed));
}

/// Does what is asked for.
fn obey(
    mut asked: MessageReader<Keep>,
    mut kept: ResMut<Kept>,
    mut playback: ResMut<Playback>,
    backstage: Res<Backstage>,
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
                backstage.0.save(&recordings).map(|path| format!("episodes: {}", path.display()))
            }
            Keep::Film if kept.is_filming() => {
                kept.end();
                continue;
            }
            Keep::Film if !kept.ending.is_empty() => {
                Err("the film before is still being written: try again in a moment".to_owned())
            }
            Keep::Film => {
                let Ok(window) = windows.single() else { continue };
                let size = window.physical_size();
                let task = &playback.shows[0].recording().about.task;
                backstage.0.film(task, size.to_array(), RATE).map(|(path, film)| {
                    let start = time.elapsed();
                    let said = format!("filming: {}", path.display());
                    let (n_pictures, is_waiting) = (0, false);
                    kept.filming =
                        Some(Filming { film, path, size, start, n_pictures, is_waiting });
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

/// Asks for the film's next picture when it is time.
fn film(mut kept: ResMut<Kept>, time: Res<Time<Real>>, mut commands: Commands) {
    let Some(filming) = &mut kept.filming else { return };
    if !filming.is_waiting && 0 < filming.n_due(time.elapsed()) {
        filming.is_waiting = true;
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
    let Some(filming) = &mut kept.filming else { return };
    filming.is_waiting = false;
    let (size, pixels) = match rgb(&captured.image) {
        Ok(picture) => picture,
        Err(complaint) => {
            playback.complaint = Some(complaint);
            return;
        }
    };
    if size != filming.size {
        // The pictures of a film have one size: it ends where the window changes its own.
        kept.end();
        return;
    }
    let times = filming.n_due(time.elapsed());
    filming.n_pictures += times;
    if let Err(error) = filming.film.push(&pixels, times) {
        playback.complaint = Some(error.to_string());
        kept.end();
    }
}

fn write_picture(
    captured: On<ScreenshotCaptured>,
    mut kept: ResMut<Kept>,
    mut playback: ResMut<Playback>,
    backstage: Res<Backstage>,
) {
    let task = &playback.shows[0].recording().about.task;
    let written = rgb(&captured.image)
        .and_then(|(size, pixels)| backstage.0.picture(task, size.to_array(), pixels));
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

/// Tells where films are that have been written.
fn report(mut kept: ResMut<Kept>, mut playback: ResMut<Playback>) {
    let Some(done) = kept.ending.iter().position(JoinHandle::is_finished) else { return };
    match kept.ending.remove(done).join() {
        Ok(Ok(path)) => kept.news = Some(format!("film: {}", path.display())),
        Ok(Err(complaint)) => playback.complaint = Some(complaint),
        Err(_panic) => playback.complaint = Some("the film could not be written".to_owned()),
    }
}

/// Before the program ends, films are written to their end.
fn finish(mut exits: MessageReader<AppExit>, mut kept: ResMut<Kept>) {
    if exits.read().next().is_some() {
        kept.end();
        for ending in kept.ending.drain(..) {
            // Nobody is there any more to be told.
            let _written = ending.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_has_as_many_pictures_as_time_has_passed() {
        let n_due = |millisecs, n_pictures| n_due(Duration::from_millis(millisecs), n_pictures);
        assert_eq!([n_due(0, 0), n_due(99, 1), n_due(100, 1)], [1, 0, 1]);
        // A slow window: half a second without a picture.
        assert_eq!(n_due(630, 2), 5);
    }
}
