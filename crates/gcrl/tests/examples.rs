//! The examples are run as they are written.

#![allow(unreachable_pub, reason = "the examples' `main` is public for this file")]

use std::error::Error;

#[path = "../examples/collect_train_evaluate.rs"]
mod collect_train_evaluate;
#[path = "../examples/own_task_and_algorithm.rs"]
mod own_task_and_algorithm;

#[test]
fn collecting_training_and_evaluating_works_as_shown() -> Result<(), Box<dyn Error>> {
    collect_train_evaluate::main()
}

#[test]
fn a_task_and_an_algorithm_of_ones_own_work_as_shown() -> Result<(), Box<dyn Error>> {
    own_task_and_algorithm::main()
}
