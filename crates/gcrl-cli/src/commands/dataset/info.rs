//! `gcrl dataset info`

use crate::output;
use gcrl_core::SuccessRule;
use gcrl_data::{BehaviorRecord, Dataset};
use gcrl_eval::plots::Histogram;
use std::path::Path;

/// Prints what a data set holds, and draws its returns into `plot`.
pub(super) fn run(dataset: &Dataset, plot: Option<&Path>) -> anyhow::Result<()> {
    plot.map_or(Ok(()), output::check_outside_of_datasets)?;
    let returns = Returns::of(dataset);
    output::print(&(describe(dataset) + "\n" + &returns.to_text()))?;
    plot.map_or(Ok(()), |file| returns.draw(dataset, file))
}

/// How many episodes have which return.
struct Returns {
    /// `[n_transitions + 1]`: episodes with this many rewarded steps.
    n_episodes: Vec<u64>,
}

impl Returns {
    /// Rows of the histogram in the terminal.
    const N_ROWS: usize = 10;

    fn of(dataset: &Dataset) -> Self {
        let (view, task) = (dataset.view(), &dataset.manifest().task);
        let rule = SuccessRule::from(task.reward);
        let mut n_episodes = vec![0; view.shape.n_transitions + 1];
        for episode in 0..view.n_episodes {
            let goal = view.desired_goal(episode);
            let is_reached = |t: &usize| rule.is_reached(view.achieved_goal(episode, *t), goal);
            n_episodes[(1..view.shape.n_states()).filter(is_reached).count()] += 1;
        }
        Self { n_episodes }
    }

    /// A histogram of bars, a line for every few returns.
    fn to_text(&self) -> String {
        let width = self.n_episodes.len().div_ceil(Self::N_ROWS);
        let bins: Vec<u64> = self.n_episodes.chunks(width).map(|bin| bin.iter().sum()).collect();
        let largest = bins.iter().copied().max().unwrap_or(0).max(1);
        let row = |(i, n): (usize, &u64)| {
            let last = ((i + 1) * width).min(self.n_episodes.len()) - 1;
            let bar = "█".repeat((n * 40).div_ceil(largest) as usize);
            (format!("return {:>2} to {last:>2}", i * width), format!("{bar} {n}"))
        };
        output::columns(&bins.iter().enumerate().map(row).collect::<Vec<_>>())
    }

    fn draw(&self, dataset: &Dataset, file: &Path) -> anyhow::Result<()> {
        let title = format!("Returns of {}", dataset.path().display());
        let plot =
            Histogram { title, x_label: "return".to_owned(), counts: self.n_episodes.clone() };
        let plot = plot.draw()?;
        let is_png = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
        let bytes = if is_png { plot.png()? } else { plot.svg().as_bytes().to_vec() };
        Ok(gcrl_file::write(file, |out| out.write_all(&bytes))?)
    }
}

fn score(mean: f64, std: Option<f64>) -> String {
    let spread = std.map_or(String::new(), |std| format!(" (std {std:.3})"));
    format!("{mean:.3}{spread}")
}

fn describe(dataset: &Dataset) -> String {
    let (manifest, view) = (dataset.manifest(), dataset.view());
    let (outcome, shape) = (&manifest.outcome, view.shape);
    let behavior = match &manifest.behavior {
        BehaviorRecord::Random => "random actions".to_owned(),
        BehaviorRecord::Policy { blake3, noise_std, random_action_probability, .. } => format!(
            "policy {}, noise {noise_std}, random actions {random_action_probability}",
            blake3.get(..12).unwrap_or(blake3)
        ),
        BehaviorRecord::Custom { name, noise_std, random_action_probability } => {
            format!("{name}, noise {noise_std}, random actions {random_action_probability}")
        }
    };
    let n_transitions = view.n_episodes * shape.n_transitions;
    let row = |name: &str, text: String| (name.to_owned(), text);
    let mut rows = vec![
        row("task", manifest.task.id.clone()),
        row("episodes", format!("{} ({n_transitions} transitions)", view.n_episodes)),
        row("behavior", behavior),
        row("seed", manifest.seed.to_string()),
    ];
    rows.extend([
        row("return", score(outcome.return_mean, manifest.return_std())),
        row(
            "return, before each action",
            format!(
                "{}, as the paper's table of data sets scores",
                score(outcome.paper_return_mean, manifest.paper_return_std())
            ),
        ),
        row("success at the end", format!("{:.1} %", 100.0 * outcome.success_rate)),
        row("physics version", manifest.task.physics_version.to_string()),
        row("written by", manifest.program.clone()),
    ]);
    for (name, column) in &manifest.columns {
        rows.push(row(name, format!("mean {:.3?}, std {:.3?}", column.mean, column.std)));
    }
    output::columns(&rows)
}
