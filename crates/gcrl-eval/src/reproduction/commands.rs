//! The commands that make each cell and show its policy.

use super::CellPolicy;
use super::document::{CellCommands, Part, Section};
use super::grid::{DataRow, Grid, Runs};
use super::words;
use crate::outcome::Method;
use crate::shell::shell_word;
use std::collections::BTreeSet;

const ANCHOR: &str = "commands";
const TITLE: &str = "Commands";

pub(super) fn section(grid: &Grid<'_>, folder: &str, policies: &[CellPolicy]) -> Section {
    let blocks: Vec<CellCommands> = grid
        .measured_rows()
        .flat_map(|row| grid.methods.iter().map(move |method| (row, method)))
        .filter_map(|(row, method)| {
            Some(commands(row, method, grid.runs(row, &method.key)?, folder, policies))
        })
        .collect();
    if blocks.is_empty() {
        return Section::left_out(ANCHOR, TITLE, "Left out: there is no outcome yet.");
    }
    let text = "Of each cell, its runs, the command that makes it, and the command that shows the policy \
                of its first seed.";
    let parts = vec![Part::Text(text.to_owned()), Part::Commands(blocks)];
    Section { anchor: ANCHOR, title: TITLE, parts }
}

/// The name of a cell's block that links refer to.
pub(super) fn anchor(row: &DataRow, method: &Method) -> String {
    words::slug(&format!("cell-{}-{}-{}", row.task, row.dataset, method.key))
}

fn commands(
    row: &DataRow,
    method: &Method,
    runs: &Runs<'_>,
    folder: &str,
    policies: &[CellPolicy],
) -> CellCommands {
    let DataRow { task, dataset, .. } = row;
    let seeds = runs.seeds();
    let data = row.kind().map_or_else(|| dataset.clone(), |kind| kind.to_string());
    let make = format!(
        "gcrl reproduce --tasks {} --data {} --methods {} --seeds {} --out {}",
        shell_word(task),
        shell_word(&data),
        shell_word(&method.key),
        words::seeds(&seeds),
        shell_word(folder)
    );
    let (key, seed) = (&method.key, seeds[0]);
    let at_hand = policies
        .iter()
        .find(|it| it.task == *task && it.dataset == *dataset && it.method == method.key);
    let policy = at_hand.map_or_else(
        || {
            format!(
                "{folder}/cells/{task}/{dataset}/{key}/seed-{seed}/policies/seed-{seed}.safetensors"
            )
        },
        |policy| policy.path.display().to_string(),
    );
    let show = format!("gcrl view {} --policy {}", shell_word(task), shell_word(&policy));
    CellCommands {
        anchor: anchor(row, method),
        title: format!("{} on {}", method.name, row.name()),
        facts: facts(runs),
        replay: at_hand.and_then(|policy| policy.replay.clone()),
        commands: vec![make, show],
    }
}

fn facts(runs: &Runs<'_>) -> Vec<String> {
    let outcomes = runs.outcomes();
    let n_updates: BTreeSet<u64> = outcomes.iter().map(|outcome| outcome.n_updates).collect();
    let n_updates: Vec<String> = n_updates.into_iter().map(|n| words::grouped(n as f64)).collect();
    let n_episodes: BTreeSet<usize> =
        outcomes.iter().map(|outcome| outcome.score.n_episodes).collect();
    let n_episodes: Vec<String> = n_episodes.iter().map(ToString::to_string).collect();
    let of_seed = outcomes.iter().map(|outcome| {
        let score = outcome.score;
        format!(
            "seed {}: return {}, success {:.0} %, distance {:.3}",
            outcome.seed,
            words::decimal(score.mean_return),
            100.0 * score.success,
            score.final_distance
        )
    });
    let plan = format!(
        "{} updates; scored on {} episodes",
        n_updates.join(" or "),
        n_episodes.join(" or ")
    );
    [plan].into_iter().chain(of_seed).collect()
}
