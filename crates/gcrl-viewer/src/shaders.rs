//! Whether anything that is drawn still waits for its shader.

use bevy::render::render_resource::{CachedPipelineState, PipelineCache};

/// Whether everything that was asked for can be drawn.
pub(crate) fn are_ready(cache: &PipelineCache) -> bool {
    cache.pipelines().all(|pipeline| matches!(pipeline.state, CachedPipelineState::Ok(_)))
}
