//! Collects random episodes, trains WGCSL on them, and evaluates what it learned, in seconds.
//!
//! ```sh
//! cargo run --release -p gcrl --example collect_train_evaluate
//! ```

use gcrl::run::{
    Behavior, Catalog, Collection, Exploration, Pace, Plan, Run, RunFolder, RunRequest,
};
use gcrl::run::{Silent, behavior, collect, evaluate, train};
use std::error::Error;

/// Collects, trains and evaluates.
pub fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let catalog = Catalog::default();
    let task = catalog.task("PointReach")?;

    let data = place.path().join("data");
    let plan = Plan { seed: 0, episodes: 0..300, n_threads: 2 };
    collect(&Collection { task, behavior: &Behavior::random(), plan: &plan }, &data, &Silent)?;

    let run = Run::resolve(
        &RunRequest {
            algorithm: "wgcsl".to_owned(),
            dataset: Some(data),
            seeds: Some(vec![0]),
            settings: vec!["train.n_updates=60".to_owned(), "train.evaluate_every=30".to_owned()],
            ..RunRequest::default()
        },
        &catalog,
    )?;
    let folder = RunFolder::create(&place.path().join("run"), &run)?;
    train(&run, &folder, Pace::new(2), &Silent)?;

    let behavior = behavior::read(&folder.policy(0).to_string_lossy(), Exploration::NONE, task)?;
    let score = evaluate(task, &behavior, 1, 100, 2)?.undiscounted_return;
    assert!(20.0 < score.mean, "random actions return 1.3, the paper's policies 44.3");
    Ok(())
}
