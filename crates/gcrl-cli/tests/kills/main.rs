//! A program that is killed, at any moment and at any call that changes a file system, and is started
//! again ends with the bytes of one that was not; it touches nothing that is not its own, and leaves no
//! temporary.
//!
//! A slice of the kills is part of `cargo test`; for more, every call of every command among them:
//!
//! ```text
//! GCRL_KILLS=1000 cargo test -p gcrl-cli --test kills -- --nocapture
//! ```
#![cfg(target_os = "linux")]

mod foreign;
#[path = "../../../../tests/it/place.rs"]
#[expect(dead_code, reason = "shared with the tests of the whole program, which use all of it")]
mod place;
mod scenario;
mod shards;

use place::Place;
use rand::RngExt;
use scenario::{Kill, SCENARIOS, Scenario};
use std::path::Path;

const SHIM: &str = include_str!("shim.c");

/// Kills at calls, and at moments, of each command in `cargo test`.
const SLICE: (usize, usize) = (6, 2);

/// Kills in the long run, of all commands together; `None` in `cargo test`.
fn n_kills_wanted() -> Option<usize> {
    let text = std::env::var("GCRL_KILLS").ok()?;
    Some(text.parse().expect("GCRL_KILLS is a number of kills"))
}

#[allow(
    clippy::print_stderr,
    reason = "the long run is watched, and a slice that is skipped says so"
)]
fn say(text: &str) {
    eprintln!("{text}");
}

/// Kills one command at calls and at moments; returns how often.
fn kill(scenario: &Scenario, shim: &Path, n_wanted: Option<usize>) -> usize {
    let (undisturbed, n_calls, took) = scenario.undisturbed(shim);
    assert!(0 < n_calls, "`{}` changes no file", scenario.name);
    let mut rng = gcrl_core::seed::stream(0, scenario.name, 0);
    let n_walked = n_wanted.map_or(SLICE.0 as u64, |_| n_calls);
    let mut n_at_calls = 0;
    for step in 0..n_walked {
        let first = 1 + step * n_calls / n_walked;
        // Often the command that goes on is killed, too.
        let second = rng.random_range(1..=n_calls);
        let kills = [first, second].map(|at| Kill::AtCall { shim, at });
        n_at_calls += scenario.disturbed(&kills, &undisturbed);
    }
    assert!(n_walked as usize <= n_at_calls, "`{}` is killed at every call", scenario.name);
    let left = |wanted: usize| wanted.saturating_sub(n_at_calls).max(wanted / 4);
    let n_moments = n_wanted.map_or(SLICE.1, left);
    let mut n_at_moments = 0;
    // A moment may come when the program has ended.
    for _ in 0..3 * n_moments {
        let moments = [0, 1].map(|_| Kill::After(took.mul_f64(rng.random_range(0.0..1.0))));
        n_at_moments += scenario.disturbed(&moments, &undisturbed);
        if n_moments <= n_at_moments {
            break;
        }
    }
    let name = scenario.name;
    say(&format!(
        "`{name}`: killed {n_at_calls} times at {n_walked} of {n_calls} calls, {n_at_moments} times at \
         random moments"
    ));
    n_at_calls + n_at_moments
}

#[test]
fn killed_programs_end_as_those_that_were_not_and_touch_nothing_foreign() {
    let tools = Place::new();
    let Some(shim) = tools.shim(SHIM) else {
        say("skipped: there is no compiler of C called `cc`, which makes the shim that kills");
        return;
    };
    let wanted = n_kills_wanted().map(|wanted| wanted.div_ceil(SCENARIOS.len()));
    let n_kills: usize = SCENARIOS.iter().map(|scenario| kill(scenario, &shim, wanted)).sum();
    say(&format!("{n_kills} kills"));
}

#[test]
fn shards_that_are_killed_end_as_a_grid_that_was_not() {
    let mut rng = gcrl_core::seed::stream(0, "shards", 0);
    let n_killed = shards::kill(n_kills_wanted().unwrap_or(SLICE.0), &mut rng);
    say(&format!("shards: killed {n_killed} times at random moments"));
    assert!(0 < n_killed);
}
