//! Something that makes updates and can be asked how fast.

use super::Size;
use cpu_time::ProcessTime;
use gcrl_learn::{Preset, RunConfig, Trainer};
use gcrl_nn::{Engine, Source};
use std::error::Error;
use std::rc::Rc;

/// Works for about this many CPU seconds; returns updates per CPU second.
pub(super) type Measure = Box<dyn FnMut(f64) -> Result<f64, Box<dyn Error>>>;

/// An engine, or a reference, that makes updates.
pub(crate) struct Variant {
    name: String,
    measure: Measure,
}

impl Variant {
    pub(super) fn new(name: String, measure: Measure) -> Self {
        Self { name, measure }
    }

    /// One member trained by WGCSL on an engine, with the paper's settings.
    pub(crate) fn trainer(
        name: String,
        engine: Box<dyn Engine>,
        size: &Size,
    ) -> Result<Self, Box<dyn Error>> {
        let wgcsl = gcrl_learn::find("wgcsl").ok_or("WGCSL is not registered")?;
        let preset = Preset::of_task(size.spec.id).ok_or("the paper has no settings")?;
        let config = RunConfig::new(wgcsl, size.spec.id, &preset);
        let build = (wgcsl.build)(config.options.clone())?;
        let mut trainer = Trainer::new(engine, &build, size.spec, &config, &[0])?;
        let episodes = Rc::clone(&size.episodes);
        let id = trainer.add_episodes(episodes.view())?;
        let measure = move |seconds| {
            // Of the process, not of the thread: an engine may use more than one.
            let start = ProcessTime::now();
            let mut n_updates = 0;
            loop {
                trainer.update(Source { id, view: episodes.view() })?;
                n_updates += 1;
                let elapsed = start.elapsed().as_secs_f64();
                if seconds <= elapsed {
                    return Ok(f64::from(n_updates) / elapsed);
                }
            }
        };
        Ok(Self::new(name, Box::new(measure)))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn measure(&mut self, seconds: f64) -> Result<f64, Box<dyn Error>> {
        (self.measure)(seconds)
    }
}
