//! What is written: episodes, and what is known of them.

use gcrl_core::{EpisodeView, SuccessRule, seed};
use gcrl_data::{BehaviorRecord, Dataset, Manifest};

/// Episodes to be written in another format, and what they say about themselves.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The episodes.
    pub view: EpisodeView<'a>,
    /// What they say about themselves.
    pub manifest: &'a Manifest,
}

impl<'a> From<&'a Dataset> for Source<'a> {
    fn from(dataset: &'a Dataset) -> Self {
        Self { view: dataset.view(), manifest: dataset.manifest() }
    }
}

/// Who acted in episodes that came from elsewhere.
pub(super) const IMPORTED: &str = "imported";

impl Source<'_> {
    /// The manifest as JSON.
    pub(super) fn notes(&self) -> String {
        serde_json::to_string(self.manifest).expect("a manifest is plain values")
    }

    /// The rewards of an episode, 1 or 0, `n_transitions` of them; that of transition `t` scores the goal
    /// achieved after it.
    pub(super) fn rewards(&self, episode: usize) -> impl Iterator<Item = f32> {
        let reached = self.reached(self.manifest.task.reward.into(), episode);
        reached.skip(1).map(|is_reached| f32::from(u8::from(is_reached)))
    }

    /// Whether each state of an episode would count as a success, `n_transitions + 1` of them.
    pub(super) fn successes(&self, episode: usize) -> impl Iterator<Item = bool> {
        self.reached(self.manifest.task.success.into(), episode)
    }

    fn reached(&self, rule: SuccessRule, episode: usize) -> impl Iterator<Item = bool> {
        let view = self.view;
        let goal = view.desired_goal(episode);
        (0..view.shape.n_states())
            .map(move |t| rule.is_reached(view.achieved_goal(episode, t), goal))
    }

    /// The seed that an episode was reset with; unknown where it came from elsewhere.
    pub(super) fn reset_seed(&self, episode: usize) -> Option<u64> {
        let is_ours = !matches!(
            &self.manifest.behavior,
            BehaviorRecord::Custom { name, .. } if name == IMPORTED
        );
        is_ours.then(|| seed::child(self.manifest.seed, "reset", episode as u64))
    }

    /// Numbers of an episode's column: rows of `dim`, `n_rows` an episode.
    pub(super) fn rows(column: &[f32], episode: usize, n_rows: usize, dim: usize) -> &[f32] {
        &column[episode * n_rows * dim..][..n_rows * dim]
    }
}
