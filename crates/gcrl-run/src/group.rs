//! Seeds that train as one population: update, log, evaluate, checkpoint, export.
//!
//! The loop is a function of settings and seeds alone. Checkpoints are taken between two updates and hold
//! all that the loop knows, so that one which was killed and resumed ends with the same bits.

use crate::clock::{Clock, Saved};
use crate::engine;
use crate::episode_source::{Collector, EpisodeSource};
use crate::folder_error::FolderError;
use crate::provenance::{Provenance, may_change};
use crate::results::{SeedResult, TrainedSeed};
use crate::session::Session;
use crate::train_error::TrainError;
use gcrl_core::rollout::{OnProgress, Plan, to_the_end};
use gcrl_core::{Behavior, EnvPool, seed};
use gcrl_eval::outcome::Cost;
use gcrl_eval::{Evaluation, LogFiles, MetricLog};
use gcrl_learn::{Checkpoint, CheckpointError, Trainer};
use gcrl_policy::TrainedPolicy;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

/// Seeds that train as one population.
pub(crate) struct Group<'a> {
    session: &'a Session<'a>,
    trainer: Trainer,
    source: EpisodeSource<'a>,
    /// Environments for all that the group plays, made once.
    pool: EnvPool,
    logs: Vec<MetricLog>,
    /// The files of the logs, opened once a checkpoint has said what they hold.
    log_files: Vec<LogFiles>,
    /// After the last update: the final evaluation of each seed.
    evaluations: Option<Vec<Option<Evaluation>>>,
    clock: Clock,
}

/// What a checkpoint keeps beside the trainer's own; those of older programs keep more.
#[derive(Serialize, Deserialize)]
struct Extra {
    provenance: Provenance,
    #[serde(flatten)]
    clock: Saved,
    /// Each member's metrics, as CSV, which keeps numbers that are not finite.
    logs: Vec<String>,
    evaluations: Option<Vec<Option<Evaluation>>>,
}

impl<'a> Group<'a> {
    /// The group as its checkpoint has it, or at its start.
    pub(crate) fn new(session: &'a Session<'a>, seeds: &[u64]) -> Result<Self, TrainError> {
        let Session { run, .. } = session;
        let engine = engine::make(&run.config, seeds.len())?;
        let trainer = Trainer::new(engine, &run.build, run.task.spec, &run.config, seeds)?
            .learning_from(session.provenance.dataset.clone());
        let source = match (&run.dataset, &run.config.online) {
            (Some(dataset), _) => EpisodeSource::Dataset { dataset, id: None },
            (None, Some(online)) => {
                EpisodeSource::Online(Box::new(Collector::new(online, run.task, seeds[0])?))
            }
            (None, None) => unreachable!("a resolved run has a source"),
        };
        let mut group = Self {
            session,
            trainer,
            source,
            pool: EnvPool::new(&|| run.task.make(), session.n_envs()),
            logs: vec![MetricLog::default(); seeds.len()],
            log_files: Vec::new(),
            evaluations: None,
            clock: Clock::new(),
        };
        group.restore()?;
        Ok(group)
    }

    /// Continues from the group's checkpoint, if it has one.
    fn restore(&mut self) -> Result<(), TrainError> {
        let path = self.session.folder.checkpoint(self.trainer.seeds());
        if path.exists() {
            let checkpoint = Checkpoint::load(&path)?;
            let unreadable = |error: &dyn Display| CheckpointError::Format {
                reason: error.to_string(),
                path: path.clone(),
            };
            let extra: Extra =
                serde_json::from_str(&checkpoint.note).map_err(|error| unreadable(&error))?;
            let n_updates = self.session.run.config.train.n_updates;
            let may_differ = may_change(checkpoint.n_updates, n_updates);
            let now = &self.session.provenance;
            if let Some(difference) = extra.provenance.difference(now, may_differ) {
                return Err(TrainError::OtherRun { difference, path });
            }
            let restored = self.trainer.restore(&checkpoint);
            restored.map_err(|source| TrainError::Restore { path: path.clone(), source })?;
            let restored = self.source.restore(checkpoint.replay);
            restored.map_err(|source| TrainError::RestoreReplay { path: path.clone(), source })?;
            let logs = extra.logs.iter().map(|text| MetricLog::from_csv(text));
            self.logs = logs.collect::<Result<_, _>>().map_err(|error| unreadable(&error))?;
            // Those of a run that was made longer, or is evaluated over other episodes now, are out of date.
            let is_same = extra.provenance == self.session.provenance;
            self.evaluations = extra.evaluations.filter(|_| is_same);
            self.clock = Clock::going_on(extra.clock);
            let n_done = self.trainer.n_updates() * self.trainer.seeds().len() as u64;
            self.session.observer.on_resume(n_done);
        }
        let start_secs = self.clock.start_secs();
        for (seed, log) in self.trainer.seeds().iter().zip(&self.logs) {
            let [csv, events] = self.session.folder.logs(*seed);
            self.log_files.push(LogFiles::open(&csv, &events, log, start_secs)?);
        }
        if self.trainer.n_updates() == 0 {
            return Ok(());
        }
        // The program may have been killed after the checkpoint and before what is made from it.
        self.export()
    }

    /// Trains to the end.
    pub(crate) fn train(mut self) -> Result<Vec<TrainedSeed>, TrainError> {
        let settings = &self.session.run.config.train;
        let n_members = self.trainer.seeds().len() as u64;
        let mut last_checkpoint = Instant::now();
        while self.trainer.n_updates() < settings.n_updates {
            let episodes = self.source.episodes(&mut self.trainer, &mut self.pool)?;
            self.trainer.update(episodes)?;
            self.session.observer.on_progress(n_members);
            let is_last = self.trainer.n_updates() == settings.n_updates;
            if is_last || self.trainer.n_updates().is_multiple_of(settings.evaluate_every) {
                self.log()?;
            }
            self.keep()?;
            let is_due = self.session.pace.checkpoint_every <= last_checkpoint.elapsed();
            let is_to_stop = !is_last && self.session.is_to_stop();
            if is_last || is_due || is_to_stop {
                self.checkpoint()?;
                last_checkpoint = Instant::now();
            }
            if is_to_stop {
                return Err(TrainError::Stopped);
            }
        }
        if self.evaluations.is_none() {
            let n_episodes = settings.n_final_evaluation_episodes;
            let members = 0..self.trainer.seeds().len();
            // The checkpoint of the last update is written: it can be broken off.
            let session = self.session;
            let on_progress = |_| session.goes_on();
            let evaluations =
                members.map(|member| self.evaluate(member, n_episodes, "final", &on_progress));
            self.evaluations = Some(evaluations.collect::<Result<_, _>>()?);
            self.checkpoint()?;
        }
        let cost = self.cost();
        let evaluations = self.evaluations.unwrap_or_default();
        let seeds = self.trainer.seeds().iter().zip(evaluations).zip(&self.logs);
        let results = seeds.map(|((&seed, evaluation), log)| {
            let result = SeedResult { seed, evaluation, curve: log.column("return") };
            TrainedSeed { result, cost }
        });
        Ok(results.collect())
    }

    /// What each seed has taken: an equal part of what the group has.
    fn cost(&self) -> Option<Cost> {
        let part = |seconds| seconds / self.trainer.seeds().len() as f64;
        self.clock.cost().map(|cost| Cost {
            core_seconds: part(cost.core_seconds),
            evaluation_core_seconds: part(cost.evaluation_core_seconds),
        })
    }

    /// Adds a row to every member's log: losses since the last one, and an evaluation.
    fn log(&mut self) -> Result<(), TrainError> {
        let n_updates = self.trainer.n_updates();
        let stream = format!("evaluation at {n_updates}");
        let losses = self.trainer.take_losses();
        for (member, losses) in losses.into_iter().enumerate() {
            let n_episodes = self.session.run.config.train.n_evaluation_episodes;
            let score = self.evaluate(member, n_episodes, &stream, &to_the_end)?;
            let mut metrics = losses;
            if let Some(score) = &score {
                metrics.push(("return", score.undiscounted_return.mean));
                metrics.push(("discounted_return", score.discounted_return.mean));
                metrics.push(("success", score.success.rate));
                metrics.push(("final_distance", score.final_distance.mean));
            }
            metrics.push(("seconds", self.clock.seconds()));
            self.logs[member].push(n_updates, &metrics);
            self.log_files[member].append(&self.logs[member], self.clock.start_secs())?;
            if let Some(score) = &score {
                let seed = self.trainer.seeds()[member];
                self.session.observer.on_evaluation(seed, n_updates, score);
            }
        }
        Ok(())
    }

    /// Plays the policy of a member as it is now, if its task is simulated.
    fn evaluate(
        &mut self,
        member: usize,
        n_episodes: usize,
        stream: &str,
        on_progress: OnProgress<'_>,
    ) -> Result<Option<Evaluation>, TrainError> {
        if !self.session.run.task.is_simulated() {
            return Ok(None);
        }
        let seed = self.trainer.seeds()[member];
        let policy = Arc::new(self.policy(member)?);
        let behavior = Behavior::of("trained", policy);
        let plan = Plan {
            seed: seed::child(seed, stream, 0),
            episodes: 0..n_episodes as u64,
            n_threads: self.session.n_evaluation_threads,
        };
        let pool = &mut self.pool;
        let evaluate = || gcrl_eval::evaluate(pool, &behavior, &plan, on_progress);
        Ok(Some(self.clock.evaluation(plan.n_threads, evaluate)?))
    }

    /// The policy of a member as it is now.
    fn policy(&self, member: usize) -> Result<TrainedPolicy, TrainError> {
        let (seed, n_updates) = (self.trainer.seeds()[member], self.trainer.n_updates());
        let policy = self.trainer.policy(member);
        policy.map_err(|source| TrainError::Diverged { seed, n_updates, source })
    }

    /// Keeps the policies as they are now, if it is time to. A resumed run keeps the same ones again.
    fn keep(&self) -> Result<(), TrainError> {
        let n_updates = self.trainer.n_updates();
        if !self.session.pace.keep_every.is_some_and(|every| n_updates.is_multiple_of(every)) {
            return Ok(());
        }
        for (member, &seed) in self.trainer.seeds().iter().enumerate() {
            let path = self.session.folder.kept_policy(seed, n_updates);
            self.policy(member)?.save(&path).map_err(FolderError::from)?;
        }
        Ok(())
    }

    /// Writes the checkpoint, then what can be made again from it.
    fn checkpoint(&self) -> Result<(), TrainError> {
        let extra = Extra {
            provenance: self.session.provenance.clone(),
            clock: self.clock.save(),
            logs: self.logs.iter().map(MetricLog::to_csv).collect(),
            evaluations: self.evaluations.clone(),
        };
        let note = serde_json::to_string(&extra).expect("provenance and metrics are plain values");
        let replay = self.source.replay();
        let checkpoint = Checkpoint { replay, note, ..self.trainer.checkpoint() };
        checkpoint
            .save(&self.session.folder.checkpoint(self.trainer.seeds()))
            .map_err(|source| TrainError::WriteCheckpoint { source })?;
        self.export()
    }

    /// Writes the policies, which can be made again from a checkpoint.
    fn export(&self) -> Result<(), TrainError> {
        for (member, &seed) in self.trainer.seeds().iter().enumerate() {
            let policy = self.policy(member)?;
            policy.save(&self.session.folder.policy(seed)).map_err(FolderError::from)?;
        }
        Ok(())
    }
}
