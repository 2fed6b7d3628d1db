//! Training a run: its seeds in groups, side by side, a thread each.

use crate::curves::learning_curve;
use crate::engine;
use crate::folder::RunFolder;
use crate::folder_error::FolderError;
use crate::group::Group;
use crate::observer::{Job, Observer, Running};
use crate::pace::Pace;
use crate::provenance::Provenance;
use crate::results::{RunResult, TrainedSeed};
use crate::run::Run;
use crate::session::Session;
use crate::train_error::TrainError;
use gcrl_core::on_threads;
use gcrl_policy::TrainedPolicy;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Trains all seeds of a run, from where its checkpoints are, to the end.
///
/// A run that is complete is not trained or evaluated again.
///
/// # Errors
///
/// If the folder cannot be read or written, a checkpoint is of another run or of seeds that trained on the
/// other kind of device, an engine or an environment fails, training diverges, or the observer asks to stop.
pub fn train(
    run: &Run,
    folder: &RunFolder,
    pace: Pace,
    observer: &dyn Observer,
) -> Result<RunResult, TrainError> {
    folder.remove_abandoned(run, pace);
    let provenance = run.provenance();
    if let Some(results) = complete_results(run, folder, &provenance)? {
        return Ok(results);
    }
    let groups = engine::groups(&run.config);
    check_grouping(folder, &groups, &run.config.seeds)?;
    let n_workers = pace.n_threads.clamp(1, groups.len());
    let job = Job {
        name: format!("{} {}", run.config.task, run.config.algorithm),
        total: run.config.train.n_updates * run.config.seeds.len() as u64,
        unit: "updates",
    };
    if let Some(notice) = run.notice() {
        observer.on_notice(&notice);
    }
    let running = Running::start(observer, &job);
    let n_evaluation_threads = (pace.n_threads / n_workers).max(1);
    let stop = AtomicBool::new(false);
    let session = Session { run, folder, provenance, pace, n_evaluation_threads, observer, stop };
    let seeds = train_groups(&session, groups, n_workers)?;
    drop(running);
    folder.write_costs(&seeds)?;
    let seeds = seeds.into_iter().map(|seed| seed.result).collect();
    let results = RunResult::new(run, seeds);
    write_results(&results, folder)?;
    Ok(results)
}

/// The results that are there already, if they are of this run, as they were written, and all that was made
/// with them is there too.
fn complete_results(
    run: &Run,
    folder: &RunFolder,
    provenance: &Provenance,
) -> Result<Option<RunResult>, TrainError> {
    let results = folder.results()?;
    let is_there = |seed: &u64| {
        TrainedPolicy::load(&folder.policy(*seed)).is_ok()
            && folder.logs(*seed).iter().all(|log| log.exists())
    };
    Ok(results.filter(|results| {
        results.is_sealed()
            && results.provenance == *provenance
            && run.config.seeds.iter().all(is_there)
    }))
}

/// Checks that seeds whose training was begun together go on together, and others alone.
fn check_grouping(
    folder: &RunFolder,
    groups: &[Vec<u64>],
    seeds: &[u64],
) -> Result<(), TrainError> {
    let is_begun = |path: &PathBuf| path.exists();
    let alone = || seeds.iter().map(|seed| folder.checkpoint(&[*seed]));
    let together = || std::iter::once(folder.checkpoint(seeds));
    if seeds.len() == 1 || groups.iter().any(|seeds| folder.checkpoint(seeds).exists()) {
        return Ok(());
    }
    let other = if groups.len() == 1 { alone().find(is_begun) } else { together().find(is_begun) };
    other.map_or(Ok(()), |path| Err(TrainError::OtherGrouping { path }))
}

/// Trains groups of seeds on `n_workers` threads.
fn train_groups(
    session: &Session<'_>,
    mut groups: Vec<Vec<u64>>,
    n_workers: usize,
) -> Result<Vec<TrainedSeed>, TrainError> {
    groups.reverse();
    let (jobs, done) = (Mutex::new(groups), Mutex::new(Vec::new()));
    let failure = Mutex::new(None);
    let next = || jobs.lock().expect("no thread panics").pop();
    let work = || {
        while !session.stop.load(Ordering::Relaxed) {
            let Some(seeds) = next() else { return };
            match Group::new(session, &seeds).and_then(Group::train) {
                Ok(results) => done.lock().expect("no thread panics").extend(results),
                Err(error) => {
                    // The first failure is the cause; the others stop because of it.
                    failure.lock().expect("no thread panics").get_or_insert(error);
                    session.stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    on_threads(n_workers, work);
    if let Some(error) = failure.into_inner().expect("no thread panics") {
        return Err(error);
    }
    let mut results: Vec<TrainedSeed> = done.into_inner().expect("no thread panics");
    results.sort_by_key(|result| {
        session.run.config.seeds.iter().position(|seed| *seed == result.result.seed)
    });
    Ok(results)
}

/// Writes results and learning curves into the run's folder.
fn write_results(results: &RunResult, folder: &RunFolder) -> Result<(), FolderError> {
    if results.mean_return.is_some() {
        let plot = learning_curve(results).draw()?;
        folder.write("plots/return.svg", plot.svg().as_bytes())?;
        folder.write("plots/return.png", &plot.png()?)?;
    }
    let text = serde_json::to_string_pretty(results).expect("results are plain values");
    // Last: where it is, the run is complete.
    folder.write(RunFolder::RESULTS, text.as_bytes())
}
