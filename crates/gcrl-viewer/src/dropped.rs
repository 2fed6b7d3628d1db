//! Files that are dropped on the window.

use crate::playback::Playback;
use bevy::prelude::*;
use bevy::window::FileDragAndDrop;

/// Shows what was dropped last.
pub(crate) fn open(mut dropped: MessageReader<FileDragAndDrop>, mut playback: ResMut<Playback>) {
    for event in dropped.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event {
            playback.ask_for_file(path_buf.clone());
        }
    }
}
