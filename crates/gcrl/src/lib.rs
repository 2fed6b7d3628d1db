//! Offline goal-conditioned reinforcement learning as a library: one dependency, from which the
//! libraries of the project are imported under short names.
//!
//! A first program steps a task, then scores random actions over 100 episodes:
//!
//! ```
//! use gcrl::run::{Behavior, Catalog, evaluate};
//!
//! let catalog = Catalog::default();
//! let task = catalog.task("PointReach")?;
//!
//! let mut env = task.make();
//! env.reset(0)?;
//! let before = env.observation().achieved_goal[0];
//! let outcome = env.step(&[0.5, 0.0])?;
//! assert_eq!(env.observation().achieved_goal[0], before + 0.5);
//! assert!(!outcome.truncated, "an episode has 50 steps");
//!
//! let evaluation = evaluate(task, &Behavior::random(), 0, 100, 2)?;
//! assert!(evaluation.undiscounted_return.mean < 10.0, "trained policies earn more than 40");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What to use when:
//!
//! | you want to | use |
//! |---|---|
//! | collect, train, evaluate and resume, as the program does | [`run`]: `collect`, `Run`, `train`, `evaluate` |
//! | step an environment, or write a policy or a loop of your own | [`core`]: `Env`, `Policy`, `Behavior`, `EnvPool` |
//! | list the tasks, or write one | [`envs`]: `TASKS`, `Task`, `entry` |
//! | read, write, compare and sample data sets | [`data`]: `Dataset`, `write`, `sample_batch`, `Relabel` |
//! | load a policy and act with it | [`policy`]: `TrainedPolicy` |
//! | write an algorithm | [`learn`]: `Algorithm`, `Registered`, `entry`; [`nn`]: `Engine` |
//! | statistics, tables beside the paper's, plots | [`eval`] |
//! | keep episodes with the pose of every body, to draw them | [`recording`]: `Recording` |
//! | give a task of your own a robot with joints | [`physics`]: `Robot`, `World`, `articulation` |
//!
//! The programs in `crates/gcrl/examples` are longer: `collect_train_evaluate` is the whole pipeline,
//! `own_task_and_algorithm` trains an algorithm of its own on a task of its own. The feature `torch` adds
//! the engine on libtorch.

pub use gcrl_core as core;
pub use gcrl_data as data;
pub use gcrl_envs as envs;
pub use gcrl_eval as eval;
pub use gcrl_learn as learn;
pub use gcrl_nn as nn;
pub use gcrl_physics as physics;
pub use gcrl_policy as policy;
pub use gcrl_recording as recording;
pub use gcrl_run as run;

/// The page on the library, whose code is tested like this one's.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;
