//! A task and an algorithm of one's own, trained as those of the library are.
//!
//! ```sh
//! cargo run --release -p gcrl --example own_task_and_algorithm
//! ```

use gcrl::core::scene::{Camera, Pose, Scene};
use gcrl::core::seed::Stream;
use gcrl::core::{Field, SuccessRule, TaskSpec};
use gcrl::data::{Relabel, steps_to_goal};
use gcrl::envs::{Task, TaskEntry};
use gcrl::learn::networks::policy;
use gcrl::learn::updates::regression::Regression;
use gcrl::learn::{Algorithm, AlgorithmConfig, AlgorithmEntry, Losses, PolicyFrame, Registered};
use gcrl::learn::{Setup, Step};
use gcrl::nn::{Engine, EngineError, NetworkId};
use gcrl::policy::PolicyParts;
use gcrl::run::{Behavior, Catalog, Collection, Pace, Plan, Run, RunFolder, RunRequest, Silent};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::error::Error;

/// A cart on a track of 10 m goes to a place on it.
struct Cart {
    place: f32,
    step: f32,
}

impl Task for Cart {
    const SPEC: TaskSpec = TaskSpec {
        id: "Cart",
        summary: "A cart on a track goes to a place on it.",
        observation: &[Field::new("cart_on_track", 1, "m")],
        goal: &[Field::new("cart_on_track", 1, "m")],
        action: &[Field::new("cart_displacement", 1, "m")],
        horizon: 50,
        n_transitions: 49,
        sub_steps: 1,
        physics_dt_secs: 1.0,
        physics_version: 1,
        reward: SuccessRule::Within(0.5),
        success: SuccessRule::Within(0.5),
    };

    fn new() -> Self {
        Self { place: 0.0, step: 0.0 }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        goal[0] = rng.random_range(-5.0..=5.0);
        self.place = rng.random_range(-5.0..=5.0);
    }

    fn command(&mut self, action: &[f32]) {
        self.step = action[0];
    }

    fn advance(carts: &mut [&mut Self]) {
        for cart in carts {
            cart.place = (cart.place + cart.step).clamp(-5.0, 5.0);
        }
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        observation[0] = self.place;
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        achieved_goal[0] = self.place;
    }

    fn scene(&self) -> Scene {
        let camera = Camera { target: [0.0; 3], eye: [0.0, -12.0, 3.0] };
        Scene { bodies: vec!["cart".to_owned()], visuals: Vec::new(), camera, goal_radius: None }
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        poses.push(Pose::at([self.place, 0.0, 0.0]));
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        vec![[goal[0], 0.0, 0.0]]
    }
}

/// Regression on hindsight goals, weighted by `1 / (1 + k)` where the goal is reached `k` steps after `s_{t+1}`.
struct Nearest {
    learner: Regression,
}

/// Settings, in the table `[nearest]`: none.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

impl AlgorithmConfig for Config {}

impl Registered for Nearest {
    const NAME: &'static str = "nearest";
    const PAPER_NAME: &'static str = "Nearest";
    const SUMMARY: &'static str = "regression on hindsight goals, near ones first";
    type Config = Config;

    fn new(Config {}: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { learner: Regression::new(setup)? })
    }
}

impl Algorithm for Nearest {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        self.learner.update(step, Relabel::ALWAYS, |batch| {
            let weight =
                |transition| steps_to_goal(transition).map_or(1.0, |k| 1.0 / (1.0 + k as f32));
            batch.iter().map(|transition| weight(*transition)).collect()
        })
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        vec![self.learner.actor.entry()]
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.actor, member, engine, frame)
    }
}

static CART: TaskEntry = gcrl::envs::entry::<Cart>();
static NEAREST: AlgorithmEntry = gcrl::learn::entry::<Nearest>();

/// Trains the algorithm on the task.
pub fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let catalog = Catalog::default().with_task(&CART).with_algorithm(&NEAREST);

    let data = place.path().join("data");
    let plan = Plan { seed: 0, episodes: 0..300, n_threads: 2 };
    let random = Behavior::random();
    let collection = Collection { task: catalog.task("Cart")?, behavior: &random, plan: &plan };
    gcrl::run::collect(&collection, &data, &Silent)?;

    let request = RunRequest {
        algorithm: "nearest".to_owned(),
        dataset: Some(data),
        seeds: Some(vec![0, 1]),
        settings: vec!["train.n_updates=60".to_owned(), "train.evaluate_every=30".to_owned()],
        ..RunRequest::default()
    };
    let run = Run::resolve(&request, &catalog)?;
    let folder = RunFolder::create(&place.path().join("run"), &run)?;
    let results = gcrl::run::train(&run, &folder, Pace::new(2), &Silent)?;
    let random = gcrl::run::evaluate(&CART, &random, 0, 100, 2)?.undiscounted_return.mean;
    let trained = results.mean_return.expect("the task is simulated").mean;
    assert!(2.0 * random < trained, "{random} {trained}");
    Ok(())
}
