//! Tasks that no environment here plays, as their data sets tell of them.

use gcrl_core::{Field, FieldRecord, TaskSpec};
use gcrl_data::TaskRecord;
use gcrl_envs::{TaskEntry, not_simulated};
use std::sync::Mutex;

/// The tasks that were asked for so far: each is made once, and lives as long as the program.
static KNOWN: Mutex<Vec<(TaskRecord, &'static TaskEntry)>> = Mutex::new(Vec::new());

/// The task of a data set, without an environment; the same one for an equal record.
pub(crate) fn of_record(record: &TaskRecord) -> &'static TaskEntry {
    let mut known = KNOWN.lock().expect("no thread panics");
    if let Some((_, entry)) = known.iter().find(|(other, _)| other == record) {
        return entry;
    }
    let spec = TaskSpec {
        id: leak(&record.id),
        summary: "Known from a data set alone.",
        observation: leak_fields(&record.observation),
        goal: leak_fields(&record.goal),
        action: leak_fields(&record.action),
        horizon: record.horizon,
        n_transitions: record.n_transitions,
        sub_steps: record.sub_steps,
        physics_dt_secs: record.physics_dt_secs,
        physics_version: record.physics_version,
        reward: record.reward.into(),
        success: record.success.into(),
    };
    let entry = &*Box::leak(Box::new(not_simulated(Box::leak(Box::new(spec)))));
    known.push((record.clone(), entry));
    entry
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.into())
}

fn leak_fields(fields: &[FieldRecord]) -> &'static [Field] {
    let field = |field: &FieldRecord| Field::new(leak(&field.name), field.len, leak(&field.unit));
    Box::leak(fields.iter().map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_of_a_record_gives_that_record_and_is_made_once() {
        let reach = crate::Catalog::default().task("PointReach").unwrap();
        let record = TaskRecord { id: "Elsewhere".to_owned(), ..TaskRecord::from(reach.spec) };
        let entry = of_record(&record);
        assert_eq!(TaskRecord::from(entry.spec), record);
        assert!(!entry.is_simulated() && reach.is_simulated());
        assert!(std::ptr::eq(entry, of_record(&record)));
        let mut env = entry.make();
        let error = env.reset(0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`Elsewhere` is not simulated here: its policies act elsewhere"
        );
        assert_eq!(env.observation().observation.len(), entry.spec.observation_dim());
    }
}
