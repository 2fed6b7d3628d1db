//! Episodes of a task that is not simulated here: imported, learned from, and exported again.

use crate::bad_input::{case, check};
use crate::place::{Place, TINY};

const TASK: &str = "id = 'Elsewhere-v1'
n_transitions = 49
observation = [{ name = 'place', len = 2, unit = 'm' }]
goal = 2
action = 2
reward = { within = 0.5 }
";

/// A folder with episodes of PointReach as those of another task, imported as `mine`.
fn place() -> Place {
    let place = Place::with_data(5);
    place.write("task.toml", TASK);
    // As someone else would write them: without our notes.
    place.succeeds("dataset export data --format ogbench --out exported");
    let import = "dataset import exported/data-val.npz --spec task.toml --out mine";
    let printed = place.succeeds(import);
    assert!(printed.starts_with("1 episodes of Elsewhere-v1 from ogbench"), "{printed}");
    place
}

#[test]
fn policies_are_trained_without_being_evaluated() {
    let place = place();
    let finished = place.run(&format!("train gcsl --dataset mine --seeds 0 --out run {TINY}"));
    let (printed, told) = (finished.stdout, finished.stderr);
    assert!(told.starts_with("note: the paper has no settings for task `Elsewhere-v1`"), "{told}");
    assert!(told.contains("`train.n_updates=250`") && told.lines().count() == 1, "{told}");
    assert!(printed.starts_with("GCSL: not evaluated, for its task is not simulated"), "{printed}");
    assert!(place.succeeds("policy info run/policies/seed-0.safetensors").contains("Elsewhere-v1"));
    let longer = "train --resume run --set train.n_updates=30";
    assert!(place.succeeds(longer).contains("not evaluated"));
    let metrics = place.text("run/metrics/seed-0.csv");
    let header = metrics.lines().next().unwrap();
    assert!(header.contains("loss") && !header.contains("return"), "{header}");
    for command in
        ["dataset info mine", "dataset verify mine", "dataset export mine --format npz --out again"]
    {
        place.succeeds(command);
    }
    place.succeeds("dataset import again --spec task.toml --out back");
    place.succeeds("dataset diff mine back");
}

#[test]
fn what_needs_a_simulation_says_that_there_is_none() {
    let place = place();
    place.write("ours.toml", TASK.replace("Elsewhere-v1", "PointReach"));
    place.write("broken.toml", TASK.replace("n_transitions", "n_steps"));
    for case in [
        case(
            "evaluate Elsewhere-v1 --policy random",
            &["unknown task `Elsewhere-v1`"],
            "gcrl tasks",
        ),
        case(
            "dataset import exported --spec missing.toml --out x",
            &["cannot read task", "missing.toml"],
            "gcrl dataset import --help",
        ),
        case(
            "dataset import exported --spec ours.toml --out x",
            &["task `PointReach` needs no file", "\"ours.toml\""],
            "`--task`",
        ),
        case(
            "dataset import exported --spec broken.toml --out x",
            &["cannot use task: \"broken.toml\": line 2, column 1: unknown field `n_steps`"],
            "gcrl dataset import --help",
        ),
        case(
            "train bc --dataset mine --task PointReach --out x",
            &["task `PointReach` was named", "dataset is of task `Elsewhere-v1`"],
            "--task",
        ),
    ] {
        check(&place, &case);
    }
}
