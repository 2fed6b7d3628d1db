//! README's table of returns says what the committed results and the paper say.

use crate::source;
use gcrl_eval::outcome::{Outcome, OutcomeFiles};
use gcrl_eval::paper::{self, DatasetKind};
use gcrl_eval::stats::MeanStd;

/// Results of single runs.
const RESULTS: &str = "crates/gcrl/docs/results/results.csv";

/// The first line of README's table.
const HEAD: &str = "| data | WGCSL | paper | GCSL | paper |";

/// Seeds of a row that names no number of them.
const N_SEEDS: usize = 5;

/// Returns of the runs of a method, in results, on a data set, one a seed.
fn returns(outcomes: &[Outcome], task: &str, kind: DatasetKind, method: &str) -> Vec<f64> {
    let dataset = format!("{kind}-v1");
    let is_asked_for =
        |it: &&Outcome| (&*it.task, &it.dataset, &*it.method) == (task, &dataset, method);
    let runs = outcomes.iter().filter(is_asked_for);
    runs.map(|outcome| outcome.score.mean_return).collect()
}

/// What stands behind the name of a data set, for these numbers of seeds of WGCSL and GCSL.
fn seeds(wgcsl: usize, gcsl: usize) -> String {
    let plural = if wgcsl == 1 { "" } else { "s" };
    match (wgcsl, gcsl) {
        (N_SEEDS, N_SEEDS) => String::new(),
        _ if wgcsl == gcsl => format!(" ({wgcsl} seed{plural})"),
        _ => format!(" ({wgcsl} seed{plural}; GCSL {gcsl})"),
    }
}

/// The row of a data set, as README must have it.
fn row(outcomes: &[Outcome], task: &str, kind: DatasetKind) -> String {
    let [wgcsl, gcsl] = ["wgcsl", "gcsl"].map(|method| returns(outcomes, task, kind, method));
    assert!(!wgcsl.is_empty() && !gcsl.is_empty(), "{task} {kind} is not in {RESULTS}");
    let seeds = seeds(wgcsl.len(), gcsl.len());
    let [wgcsl, gcsl] = [wgcsl, gcsl].map(|returns| MeanStd::of(&returns));
    let of_paper = |method| paper::result(task, kind, method).expect("the paper has it");
    let [paper_wgcsl, paper_gcsl] = ["WGCSL", "GCSL"].map(of_paper);
    format!("| {task} {kind}{seeds} | {wgcsl} | {paper_wgcsl} | {gcsl} | {paper_gcsl} |")
}

#[test]
fn returns_in_readme_are_those_of_the_committed_results_and_of_the_paper() {
    let (curves, costs) = (String::new(), String::new());
    let files = OutcomeFiles { results: source::text(RESULTS), curves, costs };
    let outcomes = files.read().expect("the committed results can be read");
    let kinds = [DatasetKind::Random, DatasetKind::Expert];
    let rows_of = |task: &&'static str| kinds.map(|kind| row(&outcomes, task, kind));
    let expected: Vec<String> = paper::TASKS.iter().flat_map(rows_of).collect();
    let readme = source::text("README.md");
    let table = readme.lines().skip_while(|line| *line != HEAD).skip(2);
    let found: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
    assert_eq!(found, expected);
}

#[test]
fn numbers_of_seeds_are_named_where_they_are_not_five() {
    assert_eq!(seeds(5, 5), "");
    assert_eq!(seeds(3, 3), " (3 seeds)");
    assert_eq!(seeds(1, 2), " (1 seed; GCSL 2)");
    assert_eq!(seeds(5, 1), " (5 seeds; GCSL 1)");
}
