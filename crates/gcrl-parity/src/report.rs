//! How far an environment and a recording came out apart, as rows and as text.

use crate::statistics::Spread;
use serde::{Serialize, Serializer};
use std::fmt::Write;

/// All comparisons that were made; serialized, one list: the rows of fields, then those of traces, then
/// those of skipped files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Errors: one row for each trace, field and horizon.
    pub rows: Vec<FieldRow>,
    /// Agreement: one row for each trace.
    pub traces: Vec<TraceRow>,
    /// What was not compared.
    pub skipped: Vec<Skipped>,
}

/// After how many actions states are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// After this many actions from an episode's start; 0 is the start itself. As JSON, the number.
    Steps(usize),
    /// After one action, from every recorded state. As JSON, `"restart"`.
    Restart,
}

/// Errors in one field: the Euclidean norm of ours minus theirs, over episodes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldRow {
    /// The task's id.
    pub task: &'static str,
    /// The trace's name.
    pub trace: String,
    /// The field of the observation, or `achieved_goal`, or, where goals have several fields,
    /// `achieved_goal/` and the field of the goal.
    pub field: String,
    /// The field's unit; `1` for pure numbers and for goals of mixed units.
    pub unit: &'static str,
    /// After how many actions.
    pub horizon: Horizon,
    /// The errors.
    #[serde(flatten)]
    pub error: Spread,
    /// Episodes that were compared.
    pub episodes: usize,
}

/// Agreement of a whole trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceRow {
    /// The task's id.
    pub task: &'static str,
    /// The trace's name.
    pub trace: String,
    /// Episodes that were compared.
    pub episodes: usize,
    /// Actions in an episode.
    pub actions: usize,
    /// Share of actions after which both sides earn the same.
    pub reward_agreement: f64,
    /// Share of episodes that both sides end in success, or neither.
    pub success_agreement: f64,
    /// Rewards of an episode, summed.
    pub mean_return: Sides,
    /// Share of episodes that end in success, by the task's rule.
    pub success_rate: Sides,
    /// The object's part; only where the goal is an object's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRow>,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ObjectRow {
    /// Share of episodes whose object ends more than 1 cm from its start.
    pub moved: Sides,
    /// Share of episodes in which both sides moved it so, or neither.
    pub moved_agreement: f64,
    /// Share of episodes whose object was ever more than 2 cm above its start.
    pub lifted: Sides,
    /// Share of episodes in which both sides lifted it so, or neither.
    pub lifted_agreement: f64,
    /// Mean distance of the object's end from its start, in meters.
    pub mean_displacement: Sides,
    /// Errors in the distance of the object's end from its start, in meters.
    pub displacement_error: Spread,
}

/// A number of ours beside the recording's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sides {
    /// The environment's.
    pub ours: f64,
    /// The recording's.
    pub theirs: f64,
}

/// A file that was not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file's name.
    pub file: String,
    /// Why.
    pub reason: String,
}

impl Serialize for Horizon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Steps(n_steps) => n_steps.serialize(serializer),
            Self::Restart => "restart".serialize(serializer),
        }
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Row<'a> {
            Field(&'a FieldRow),
            Trace(&'a TraceRow),
            Skipped(&'a Skipped),
        }
        let fields = self.rows.iter().map(Row::Field);
        let traces = self.traces.iter().map(Row::Trace);
        let skipped = self.skipped.iter().map(Row::Skipped);
        serializer.collect_seq(fields.chain(traces).chain(skipped))
    }
}

impl Report {
    /// Adds what another report holds.
    pub fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.traces.extend(other.traces);
        self.skipped.extend(other.skipped);
    }

    /// A block a trace, for a terminal; lines end in `\n`.
    pub fn to_text(&self) -> String {
        let mut blocks: Vec<String> = self.traces.iter().map(|trace| self.block(trace)).collect();
        let mut skipped = String::new();
        for Skipped { file, reason } in &self.skipped {
            // Writing to a string cannot fail.
            let _ = writeln!(skipped, "skipped {file}: {reason}");
        }
        blocks.extend((!skipped.is_empty()).then_some(skipped));
        blocks.join("\n")
    }

    fn block(&self, trace: &TraceRow) -> String {
        let rows =
            self.rows.iter().filter(|row| (row.task, &row.trace) == (trace.task, &trace.trace));
        let rows: Vec<_> = rows.collect();
        let mut horizons: Vec<Horizon> = Vec::new();
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for row in &rows {
            if !horizons.contains(&row.horizon) {
                horizons.push(row.horizon);
            }
            if !fields.contains(&(&row.field, row.unit)) {
                fields.push((&row.field, row.unit));
            }
        }
        let heading = "median / p90 of the error after".to_owned();
        let mut lines =
            vec![[vec![heading], horizons.iter().map(Horizon::words).collect()].concat()];
        for (field, unit) in fields {
            let of_field = rows.iter().filter(|row| row.field == field);
            let cells = of_field.map(|row| pair(row.error));
            lines.push([vec![format!("{field} [{unit}]")], cells.collect()].concat());
        }
        let (episodes, actions) = (trace.episodes, trace.actions);
        let title = format!(
            "{} {}: {episodes} episodes, {actions} actions each\n",
            trace.task, trace.trace
        );
        title + &aligned(&lines) + &trace.to_text()
    }
}

impl Horizon {
    fn words(&self) -> String {
        match self {
            Self::Steps(0) => "start".to_owned(),
            Self::Steps(1) => "1 step".to_owned(),
            Self::Steps(n_steps) => format!("{n_steps} steps"),
            Self::Restart => "1 step, restarted".to_owned(),
        }
    }
}

impl TraceRow {
    fn to_text(&self) -> String {
        let mut text = format!(
            "  same reward {}, same success {}; return {:.2} (theirs {:.2}), success {} (theirs {})\n",
            percent(self.reward_agreement),
            percent(self.success_agreement),
            self.mean_return.ours,
            self.mean_return.theirs,
            percent(self.success_rate.ours),
            percent(self.success_rate.theirs),
        );
        let Some(object) = self.object else {
            return text;
        };
        for (what, sides, agreement) in [
            ("object moved over 1 cm", object.moved, object.moved_agreement),
            ("object lifted over 2 cm", object.lifted, object.lifted_agreement),
        ] {
            let [ours, theirs, same] = [sides.ours, sides.theirs, agreement].map(percent);
            let _ = writeln!(text, "  {what} in {ours} (theirs {theirs}), same {same}");
        }
        let (mean, error) = (object.mean_displacement, object.displacement_error);
        let _ = writeln!(
            text,
            "  object displacement {:.4} m (theirs {:.4} m), error {} m",
            mean.ours,
            mean.theirs,
            pair(error)
        );
        text
    }
}

/// Median and 90th percentile.
fn pair(error: Spread) -> String {
    let number = |x: f64| if x == 0.0 { "0".to_owned() } else { format!("{x:.1e}") };
    format!("{} / {}", number(error.median), number(error.p90))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Columns with the first to the left and the others to the right, indented by two.
fn aligned(lines: &[Vec<String>]) -> String {
    let n_columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(text, "  {cell:width$}"),
                _ => write!(text, "  {cell:>width$}"),
            };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_as_a_table() {
        let row = |horizon, error| FieldRow {
            task: "Push",
            trace: "mine".to_owned(),
            field: "block_in_world".to_owned(),
            unit: "m",
            horizon,
            error: Spread::of(&[error]),
            episodes: 1,
        };
        let both = |number| Sides { ours: number, theirs: number };
        let report = Report {
            rows: vec![row(Horizon::Steps(1), 0.001), row(Horizon::Restart, 0.02)],
            traces: vec![TraceRow {
                task: "Push",
                trace: "mine".to_owned(),
                episodes: 1,
                actions: 3,
                reward_agreement: 0.5,
                success_agreement: 1.0,
                mean_return: Sides { ours: 2.0, theirs: 1.5 },
                success_rate: both(1.0),
                object: Some(ObjectRow {
                    moved: both(1.0),
                    moved_agreement: 1.0,
                    lifted: both(0.0),
                    lifted_agreement: 1.0,
                    mean_displacement: Sides { ours: 0.25, theirs: 0.2 },
                    displacement_error: Spread::of(&[0.05]),
                }),
            }],
            skipped: vec![Skipped { file: "notes.npz".to_owned(), reason: "no trace".to_owned() }],
        };
        let expected = "\
Push mine: 1 episodes, 3 actions each
  median / p90 of the error after           1 step  1 step, restarted
  block_in_world [m]               1.0e-3 / 1.0e-3    2.0e-2 / 2.0e-2
  same reward 50.0 %, same success 100.0 %; return 2.00 (theirs 1.50), success 100.0 % (theirs 100.0 %)
  object moved over 1 cm in 100.0 % (theirs 100.0 %), same 100.0 %
  object lifted over 2 cm in 0.0 % (theirs 0.0 %), same 100.0 %
  object displacement 0.2500 m (theirs 0.2000 m), error 5.0e-2 / 5.0e-2 m

skipped notes.npz: no trace
";
        assert_eq!(report.to_text(), expected);
    }
}
