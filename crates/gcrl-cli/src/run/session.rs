//! The loop of training: update, log, evaluate, checkpoint, export.
//!
//! Groups of seeds train side by side, a thread each. A group's loop is a function of its settings and
//! seeds alone; checkpoints are taken between two updates, so a run that was killed and resumed ends
//! with the same bits as one that was not.

use super::source::{Collector, Source};
use super::{Outcome, RunFolder, engine};
use crate::failure::Hint;
use crate::lookup;
use crate::progress::Progress;
use anyhow::Context;
use gcrl_core::rollout::Plan;
use gcrl_core::{Behavior, EnvPool, seed};
use gcrl_data::Dataset;
use gcrl_envs::TaskEntry;
use gcrl_eval::{Evaluation, MetricLog};
use gcrl_learn::{Checkpoint, RunConfig, Trainer};
use gcrl_policy::MlpPolicy;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How a run proceeds; results do not depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Groups that train at the same time.
    pub(crate) n_threads: usize,
    /// Time between two checkpoints; they are taken after evaluations.
    pub(crate) checkpoint_every: Duration,
}

/// One run of the program on one run's folder.
struct Session<'a> {
    folder: &'a RunFolder,
    config: &'a RunConfig,
    task: &'static TaskEntry,
    dataset: Option<&'a Dataset>,
    pace: Pace,
    progress: Progress,
}

/// What one seed of a finished run led to.
#[derive(Clone, Debug)]
pub(crate) struct SeedOutcome {
    pub(crate) seed: u64,
    pub(crate) evaluation: Evaluation,
    pub(crate) log: MetricLog,
}

/// Trains all seeds of a run on `dataset`, unless it is online, from where its checkpoints are, to the
/// end.
pub(crate) fn train(
    folder: &RunFolder,
    config: &RunConfig,
    dataset: Option<&Dataset>,
    pace: Pace,
) -> anyhow::Result<Outcome> {
    let _build = config.check()?;
    let task = lookup::task(&config.task)?;
    let groups = engine::groups(config)?;
    let total = config.train.n_updates * config.seeds.len() as u64;
    let what = format!("{} {}", config.task, config.algorithm);
    let progress = Progress::new(&what, total, "updates");
    let session = Session { folder, config, task, dataset, pace, progress };
    let outcomes = session.train_groups(groups)?;
    drop(session);
    let outcome = Outcome::new(config, outcomes);
    outcome.write(folder)?;
    Ok(outcome)
}

/// Opens the data set of a run that has one.
pub(crate) fn open_dataset_of(config: &RunConfig) -> anyhow::Result<Option<Dataset>> {
    let task = lookup::task(&config.task)?;
    config.dataset.as_ref().map(|path| open_dataset(path, task)).transpose()
}

/// Opens a data set and checks that it is of the task.
pub(crate) fn open_dataset(path: &str, task: &TaskEntry) -> anyhow::Result<Dataset> {
    let dataset = Dataset::open(Path::new(path))
        .hint("`gcrl collect` makes data sets; `gcrl dataset verify` examines one")?;
    dataset
        .check_task(task.spec)
        .hint("name the data set's own task with `--task`, or collect another data set")?;
    Ok(dataset)
}

impl Session<'_> {
    fn train_groups(&self, mut groups: Vec<Vec<u64>>) -> anyhow::Result<Vec<SeedOutcome>> {
        groups.reverse();
        let n_workers = self.pace.n_threads.clamp(1, groups.len());
        let (jobs, done) = (Mutex::new(groups), Mutex::new(Vec::new()));
        let next = || jobs.lock().expect("no thread panics").pop();
        let work = || {
            while let Some(seeds) = next() {
                match self.train_group(&seeds) {
                    Ok(outcomes) => done.lock().expect("no thread panics").extend(outcomes),
                    Err(error) => {
                        jobs.lock().expect("no thread panics").clear();
                        return Err(error);
                    }
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..n_workers).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("no thread panics"))
        })?;
        let mut outcomes = done.into_inner().expect("no thread panics");
        outcomes.sort_by_key(|outcome: &SeedOutcome| {
            self.config.seeds.iter().position(|seed| *seed == outcome.seed)
        });
        Ok(outcomes)
    }

    fn train_group(&self, seeds: &[u64]) -> anyhow::Result<Vec<SeedOutcome>> {
        let config = self.config;
        let engine = engine::make(config, seeds.len())?;
        let mut trainer = Trainer::new(engine, &config.check()?, self.task.spec, config, seeds)?;
        let mut source = self.source(seeds[0]);
        let mut pool = self.pool();
        let mut logs = vec![MetricLog::default(); seeds.len()];
        let mut clock = Clock::new();
        self.restore(&mut trainer, &mut source, &mut logs, &mut clock)?;

        let settings = &config.train;
        let mut last_checkpoint = Instant::now();
        while trainer.n_updates() < settings.n_updates {
            trainer.update(source.episodes(&trainer, &mut pool)?)?;
            self.progress.advance(seeds.len() as u64);
            let is_last = trainer.n_updates() == settings.n_updates;
            if !is_last && !trainer.n_updates().is_multiple_of(settings.evaluate_every) {
                continue;
            }
            self.log(&mut trainer, &mut pool, &mut logs, &clock)?;
            if is_last || self.pace.checkpoint_every <= last_checkpoint.elapsed() {
                let path = self.folder.path().display();
                self.checkpoint(&trainer, &source, &logs, &clock)
                    .hint(format!("free some space; `gcrl train --resume {path}` continues"))?;
                last_checkpoint = Instant::now();
            }
        }
        let outcomes = seeds.iter().zip(logs).enumerate().map(|(member, (&seed, log))| {
            let policy = trainer.policy(member)?;
            let evaluation = self.evaluate(
                &mut pool,
                policy,
                seed,
                settings.n_final_evaluation_episodes,
                "final",
            )?;
            Ok(SeedOutcome { seed, evaluation, log })
        });
        outcomes.collect()
    }

    /// Environments for all that a group plays: to collect, to evaluate along the way, and at the end.
    fn pool(&self) -> EnvPool {
        let settings = &self.config.train;
        let online = self.config.online.as_ref();
        let n_collected = online.map_or(0, |online| online.episodes_per_cycle);
        let n_together =
            [settings.n_evaluation_episodes, settings.n_final_evaluation_episodes, n_collected];
        let n_envs = n_together.into_iter().max().unwrap_or(1).min(EnvPool::PER_THREAD);
        EnvPool::new(&|| self.task.make(), n_envs)
    }

    fn source(&self, seed: u64) -> Source<'_> {
        match (self.dataset, &self.config.online) {
            (Some(dataset), _) => Source::Dataset(dataset),
            (None, Some(online)) => {
                Source::Online(Box::new(Collector::new(online, self.task, seed)))
            }
            (None, None) => unreachable!("RunConfig::check refuses a run without a source"),
        }
    }

    /// Continues from the group's checkpoint, if it has one.
    fn restore(
        &self,
        trainer: &mut Trainer,
        source: &mut Source<'_>,
        logs: &mut [MetricLog],
        clock: &mut Clock,
    ) -> anyhow::Result<()> {
        let path = self.folder.checkpoint(trainer.seeds());
        if !path.exists() {
            return Ok(());
        }
        let checkpoint = Checkpoint::load(&path)
            .hint("delete this file to train its seeds again from the start")?;
        trainer.restore(&checkpoint).with_context(|| format!("cannot resume from {path:?}"))?;
        let note: Note = serde_json::from_str(&checkpoint.note)
            .with_context(|| format!("checkpoint has unreadable metrics: {path:?}"))?;
        for (log, csv) in logs.iter_mut().zip(&note.metrics) {
            *log = MetricLog::from_csv(csv)
                .with_context(|| format!("checkpoint has unreadable metrics: {path:?}"))?;
        }
        clock.before = Duration::from_secs_f64(note.seconds);
        source.restore(checkpoint.replay)?;
        self.progress.start_from(trainer.n_updates() * trainer.seeds().len() as u64);
        // The program may have been killed after the checkpoint and before what is made from it.
        self.export(trainer, logs, clock)
    }

    /// Adds a row to every member's log: losses since the last one, and an evaluation.
    fn log(
        &self,
        trainer: &mut Trainer,
        pool: &mut EnvPool,
        logs: &mut [MetricLog],
        clock: &Clock,
    ) -> anyhow::Result<()> {
        let losses = trainer.take_losses();
        for (member, (log, losses)) in logs.iter_mut().zip(losses).enumerate() {
            let policy = trainer
                .policy(member)
                .hint("training diverged; a lower `--set train.learning_rate=…` may help")?;
            let n_episodes = self.config.train.n_evaluation_episodes;
            let stream = format!("evaluation at {}", trainer.n_updates());
            let score =
                self.evaluate(pool, policy, trainer.seeds()[member], n_episodes, &stream)?;
            let mut metrics = losses;
            metrics.push(("return", score.undiscounted_return.mean));
            metrics.push(("discounted_return", score.discounted_return.mean));
            metrics.push(("success", score.success.rate));
            metrics.push(("final_distance", score.final_distance.mean));
            metrics.push(("seconds", clock.elapsed().as_secs_f64()));
            log.push(trainer.n_updates(), &metrics);
        }
        Ok(())
    }

    fn evaluate(
        &self,
        pool: &mut EnvPool,
        policy: MlpPolicy,
        seed: u64,
        n_episodes: usize,
        stream: &str,
    ) -> anyhow::Result<Evaluation> {
        let behavior = Behavior::of(&*self.config.algorithm, Arc::new(policy));
        let episodes = 0..n_episodes as u64;
        let plan = Plan { seed: seed::child(seed, stream, 0), episodes, n_threads: 1 };
        Ok(gcrl_eval::evaluate(pool, &behavior, &plan)?)
    }

    /// Writes the checkpoint, then what can be made again from it.
    fn checkpoint(
        &self,
        trainer: &Trainer,
        source: &Source<'_>,
        logs: &[MetricLog],
        clock: &Clock,
    ) -> anyhow::Result<()> {
        let metrics: Vec<_> = logs.iter().map(MetricLog::to_csv).collect();
        let note = Note { seconds: clock.elapsed().as_secs_f64(), metrics };
        let note = serde_json::to_string(&note)?;
        let checkpoint = Checkpoint { replay: source.replay(), note, ..trainer.checkpoint() };
        checkpoint.save(&self.folder.checkpoint(trainer.seeds()))?;
        self.export(trainer, logs, clock)
    }

    /// Writes what can be made from a checkpoint: policies, and metrics as files.
    fn export(&self, trainer: &Trainer, logs: &[MetricLog], clock: &Clock) -> anyhow::Result<()> {
        for (member, &seed) in trainer.seeds().iter().enumerate() {
            trainer.policy(member)?.save(&self.folder.policy(seed))?;
            let csv = logs[member].to_csv();
            self.folder.write(&format!("metrics/seed-{seed}.csv"), csv.as_bytes())?;
            let events = format!("tensorboard/seed-{seed}/events.out.tfevents.gcrl");
            self.folder.write(&events, &logs[member].to_tensorboard(clock.start_secs()))?;
        }
        Ok(())
    }
}

/// What a session keeps in a checkpoint.
#[derive(serde::Serialize, serde::Deserialize)]
struct Note {
    seconds: f64,
    metrics: Vec<String>,
}

/// How long a run has trained, over all its sessions.
struct Clock {
    before: Duration,
    since: Instant,
}

impl Clock {
    fn new() -> Self {
        Self { before: Duration::ZERO, since: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        self.before + self.since.elapsed()
    }

    /// When the run would have started had it never paused, in seconds since 1970.
    #[allow(clippy::disallowed_methods, reason = "TensorBoard shows when points were logged")]
    fn start_secs(&self) -> f64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.saturating_sub(self.elapsed()).as_secs_f64()
    }
}
