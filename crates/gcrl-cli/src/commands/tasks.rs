//! `gcrl tasks`

use super::options::catalog;
use crate::output;
use gcrl_core::spec::base_id;
use gcrl_core::{Field, SuccessRule, TaskSpec};
use gcrl_envs::{TASKS, TaskEntry, VARIANTS};

/// List the tasks, or describe one
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  gcrl tasks\n  gcrl tasks PointReach")]
pub(crate) struct Args {
    /// The task to describe
    task: Option<String>,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        if let Some(id) = &self.task {
            return output::print(&describe(catalog().task(id)?.spec));
        }
        let rows: Vec<_> = TASKS
            .iter()
            .map(|task| (task.spec.id.to_owned(), task.spec.summary.to_owned()))
            .collect();
        output::print(&output::columns(&rows))
    }
}

fn describe(spec: &TaskSpec) -> String {
    let row = |left: &str, right: String| (left.to_owned(), right);
    let mut rows = vec![
        row("observation", fields(spec.observation)),
        row("goal", fields(spec.goal)),
        row("action", format!("{}, each in [-1, 1]", fields(spec.action))),
        row("horizon", format!("{} control steps", spec.horizon)),
        row(
            "benchmark",
            format!(
                "{} transitions an episode, in data sets and returns, as in the paper",
                spec.n_transitions
            ),
        ),
        row("reward", format!("1 where {}, else 0", rule(spec.reward))),
        row("success", format!("{} at the end", rule(spec.success))),
    ];
    let is_variant =
        |task: &&TaskEntry| base_id(task.spec.id) == spec.id && task.spec.id != spec.id;
    let variants = VARIANTS.iter().filter(is_variant);
    rows.extend(variants.map(|task| row("variant", task.spec.id.to_owned())));
    format!("{}: {}\n\n{}", spec.id, spec.summary, output::columns(&rows))
}

fn fields(fields: &[Field]) -> String {
    let fields = fields.iter().map(|field| {
        let unit = if field.unit == "1" { String::new() } else { format!(" {}", field.unit) };
        format!("{} [{}]{unit}", field.name, field.len)
    });
    fields.collect::<Vec<_>>().join(", ")
}

fn rule(rule: SuccessRule) -> String {
    match rule {
        SuccessRule::Within(radius) => format!("the distance is at most {radius}"),
        SuccessRule::Inside(radius) => format!("the distance is less than {radius}"),
    }
}
