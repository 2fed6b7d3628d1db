//! Components and resources that systems of several files share.

use bevy::prelude::*;

/// Belongs to the present episodes.
#[derive(Component, Clone)]
pub(crate) struct Staged;

/// What is shown beside the episode.
#[derive(Resource, Clone, Copy, Debug)]
pub(crate) struct Shown {
    pub(crate) panel: Visible,
    pub(crate) help: Visible,
    pub(crate) trail: Visible,
    /// Shapes that touch, instead of those that look.
    pub(crate) collision: Visible,
}

/// Whether something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visible {
    Yes,
    No,
}

impl Visible {
    pub(crate) fn toggle(&mut self) {
        *self = if *self == Self::Yes { Self::No } else { Self::Yes };
    }
}

impl Default for Shown {
    fn default() -> Self {
        Self { panel: Visible::Yes, help: Visible::No, trail: Visible::Yes, collision: Visible::No }
    }
}

/// A goal that the mouse holds.
#[derive(Resource, Default)]
pub(crate) struct Held(pub(crate) Option<Taken>);

/// One of the points that stand for the goal of an episode.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    /// The index of the episode.
    pub(crate) episode: usize,
    /// The index among its goal points.
    pub(crate) point: usize,
}

impl Held {
    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }
}
