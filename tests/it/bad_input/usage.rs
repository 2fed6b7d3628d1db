//! Names, settings, places.

use super::{case, check, place};
use crate::place::{Place, TINY};

const ALL_SETTINGS: &str = "`gcrl algorithms NAME` prints all settings";

#[test]
fn unknown_names_suggest_the_nearest() {
    let place = place();
    for case in [
        case(
            "tasks PointRech",
            &["unknown task `PointRech`; the nearest is `PointReach`"],
            "`gcrl tasks`",
        ),
        case("tasks Xyzzy", &["unknown task `Xyzzy`"], "`gcrl tasks`"),
        case(
            "evaluate pointrooms --policy random",
            &["the nearest is `PointRooms`"],
            "`gcrl tasks`",
        ),
        case(
            "collect Pointreach --behavior random --episodes 1 --out x",
            &["`PointReach`"],
            "`gcrl tasks`",
        ),
        case("sketch PointRoom --policy random --out x", &["`PointRooms`"], "`gcrl tasks`"),
        case("train her --online --task PointRoom --out x", &["`PointRooms`"], "`gcrl tasks`"),
        case(
            "algorithms wgscl",
            &["unknown algorithm `wgscl`; the nearest is `wgcsl`"],
            "`gcrl algorithms`",
        ),
        case(
            "train hers --dataset data --out x",
            &["unknown algorithm `hers`; the nearest is `her`"],
            "`gcrl algorithms`",
        ),
        case("reproduce --tasks PointRech --out x", &["`PointReach`"], "`gcrl tasks`"),
    ] {
        check(&place, &case);
    }
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let place = place();
    place.write("broken.toml", "train = [");
    place.write("unknown.toml", "[train]\nbatchsize = 3\n");
    place.write("unknown-table.toml", "[trian]\nbatch_size = 3\n");
    let train = |rest: &str| format!("train wgcsl --dataset data --out x {rest}");
    for case in [
        case(
            train("--set train.batch_size"),
            &["`train.batch_size`", "`table.key=value`"],
            ALL_SETTINGS,
        ),
        case(
            train("--set train.batchsize=3"),
            &["unknown field `batchsize`", "`batch_size`"],
            ALL_SETTINGS,
        ),
        case(train("--set wgcsl.clip=3"), &["`[wgcsl]`", "unknown field `clip`"], ALL_SETTINGS),
        case(train("--set marwil.clip=3"), &["`marwil`"], ALL_SETTINGS),
        case(
            train("--set train.batch_size=many"),
            &["cannot use setting `train.batch_size=many`", "invalid type"],
            ALL_SETTINGS,
        ),
        case(train("--set train.batch_size=2.5"), &["invalid type"], ALL_SETTINGS),
        case(train("--set train.batch_size=-1"), &["invalid value"], ALL_SETTINGS),
        case(train("--set wgcsl=3"), &["settings in `[wgcsl]` are invalid"], ALL_SETTINGS),
        case(
            train("--set train.batch_size=0"),
            &["train.batch_size must be at least 1"],
            ALL_SETTINGS,
        ),
        case(
            train("--set train.batch_size=1000000000000000000"),
            &["train.batch_size must be at most 16777216"],
            ALL_SETTINGS,
        ),
        case(
            train("--set train.hidden=[1000000000000]"),
            &["train.hidden must hold layers of 1 to 65536 units"],
            ALL_SETTINGS,
        ),
        case(
            train("--set wgcsl.advantage_clip=inf"),
            &["`wgcsl.advantage_clip` must be a finite number"],
            ALL_SETTINGS,
        ),
        case(train("--set train.hidden=[nan]"), &["`train.hidden` must be"], ALL_SETTINGS),
        case(train("--set train.discount=1"), &["train.discount must be in (0, 1)"], ALL_SETTINGS),
        case(
            train("--set train.learning_rate=nan"),
            &["`train.learning_rate` must be a finite number"],
            ALL_SETTINGS,
        ),
        case(
            train("--set train.hidden=[]"),
            &["train.hidden must name at least one layer"],
            ALL_SETTINGS,
        ),
        case(train("--seeds 1,1"), &["seeds must be different"], ALL_SETTINGS),
        case(
            train("--config missing.toml"),
            &["cannot read settings", "missing.toml"],
            "`--config`",
        ),
        case(
            train("--config broken.toml"),
            &["cannot use settings: \"broken.toml\"", "TOML: line 1, column 10: unclosed array"],
            ALL_SETTINGS,
        ),
        case(
            train("--config unknown.toml"),
            &["cannot use settings: \"unknown.toml\"", "unknown field `batchsize`"],
            ALL_SETTINGS,
        ),
        case(train("--config unknown-table.toml"), &["unknown field `trian`"], ALL_SETTINGS),
    ] {
        check(&place, &case);
    }
}

#[test]
fn settings_of_other_places_and_types_are_named() {
    let place = place();
    place.write("online.toml", "[online]\ncapacitty = 3\n");
    let train = |rest: &str| format!("train wgcsl --dataset data --out x {rest}");
    for case in [
        case(
            train("--config online.toml"),
            &["cannot use settings: \"online.toml\"", "unknown field `capacitty`"],
            ALL_SETTINGS,
        ),
        case(
            train("--set seeds=0..3"),
            &["cannot use setting `seeds=0..3`", "expected a sequence, in `seeds`"],
            "`--set`",
        ),
        case(train("--set engine=tensorflow"), &["`native` and `torch`"], "`--set`"),
    ] {
        check(&place, &case);
    }
}

#[test]
fn what_a_run_is_must_be_said_in_words() {
    let place = place();
    for (text, name) in [
        ("task = 5", "task"),
        ("dataset = 5", "dataset"),
        ("online = 3", "online"),
        ("algorithm = 7", "algorithm"),
    ] {
        place.write(&format!("{name}.toml"), text);
    }
    // Also beside a flag that says the same, and wins.
    for source in ["--dataset data", "--online --task PointReach", ""] {
        let train = |rest: &str| format!("train her {source} --out x {rest}");
        for case in [
            case(
                train("--set task=5"),
                &["cannot use setting `task=5`", "integer `5`, expected a string, in `task`"],
                ALL_SETTINGS,
            ),
            case(
                train("--set dataset=5"),
                &["cannot use setting `dataset=5`", "expected a string, in `dataset`"],
                ALL_SETTINGS,
            ),
            case(
                train("--set online=3"),
                &["cannot use setting `online=3`", "expected a map, in `online`"],
                ALL_SETTINGS,
            ),
            case(
                train("--set algorithm=7"),
                &["cannot use setting `algorithm=7`", "expected a string, in `algorithm`"],
                ALL_SETTINGS,
            ),
            case(
                train("--config task.toml"),
                &["cannot use settings: \"task.toml\"", "expected a string, in `task`"],
                ALL_SETTINGS,
            ),
            case(
                train("--config dataset.toml"),
                &["cannot use settings: \"dataset.toml\"", "expected a string, in `dataset`"],
                ALL_SETTINGS,
            ),
            case(
                train("--config online.toml"),
                &["cannot use settings: \"online.toml\"", "expected a map, in `online`"],
                ALL_SETTINGS,
            ),
            case(
                train("--config algorithm.toml"),
                &["cannot use settings: \"algorithm.toml\"", "expected a string, in `algorithm`"],
                ALL_SETTINGS,
            ),
        ] {
            check(&place, &case);
        }
    }
}

#[test]
fn what_was_not_built_is_said_with_the_way_to_build_it() {
    let place = place();
    if !cfg!(feature = "torch") {
        let line = "train wgcsl --dataset data --out x --engine torch";
        let says = &["engine `torch` is not in this build"];
        check(&place, &case(line, says, "`cargo xtask torch`"));
    }
    if !cfg!(feature = "viewer") {
        let line = "view PointReach --policy random";
        check(&place, &case(line, &["the window is not in this build"], "--features viewer"));
    }
}

#[test]
fn a_run_needs_one_thing_to_learn_from() {
    let place = place();
    for case in [
        case("train wgcsl --out x", &["nothing to learn from"], "`--dataset`"),
        case("train wgcsl --online --out x", &["online training of no task"], "`--task`"),
    ] {
        check(&place, &case);
    }
}

#[test]
fn what_is_there_is_never_overwritten() {
    let place = place();
    for case in [
        case(
            "collect PointReach --behavior random --episodes 1 --out data",
            &["folder is not empty", "\"data\""],
            "`--out`",
        ),
        case(
            "collect PointReach --behavior random --episodes 1 --out policy",
            &["there is a file", "\"policy\""],
            "`--out`",
        ),
        case(
            "train bc --dataset data --out run",
            &["a run is already there: \"run\""],
            "`gcrl train --resume run`",
        ),
        case("train bc --dataset data --out data", &["folder is not empty: \"data\""], "`--out`"),
    ] {
        check(&place, &case);
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    // Below a file there is no place for a folder, not even for root.
    let place = place();
    place.write("raw", super::policies::raw(&place));
    for case in [
        case(
            "collect PointReach --behavior random --episodes 1 --out policy/x",
            &["\"policy/x\""],
            "`--out`",
        ),
        case("train bc --dataset data --out policy/x", &["\"policy/x\""], "`--out`"),
        case("sketch PointReach --policy random --out policy/x", &["\"policy/x\""], "`--out`"),
        case("policy import raw --task PointReach --out policy/x", &["\"policy/x\""], "`--out`"),
    ] {
        check(&place, &case);
    }
}

#[test]
fn a_folder_that_is_no_run_is_not_resumed() {
    let place = place();
    place.write("odd/config.toml", "algorithm = \"wgcsl\"\n");
    for case in [
        case(
            "train --resume nowhere",
            &["no run to resume: \"nowhere/config.toml\""],
            "`gcrl train --out`",
        ),
        case(
            "train --resume data",
            &["no run to resume: \"data/config.toml\""],
            "`gcrl train --out`",
        ),
        case(
            "train --resume policy",
            &["no run to resume: \"policy/config.toml\""],
            "`gcrl train --out`",
        ),
        case(
            "train --resume odd",
            &["cannot read the run's settings: \"odd/config.toml\"", "missing field"],
            "`--out`",
        ),
    ] {
        check(&place, &case);
    }
}

#[test]
fn wrong_usage_exits_with_2_and_names_the_argument() {
    let place = Place::new();
    let collect = "collect PointReach --behavior random --out x";
    let train = format!("train wgcsl --dataset data --out x {TINY}");
    let noise = "evaluate PointReach --policy p";
    for (line, piece) in [
        ("play PointReach".to_owned(), "play"),
        ("tasks --al".to_owned(), "--al"),
        ("train wgcsl --dataset data".to_owned(), "--out"),
        ("train --resume run --seeds 0".to_owned(), "--seeds"),
        ("train her --online --dataset data --out x".to_owned(), "--online"),
        (format!("{collect} --episodes 0"), "whole number from 1"),
        (format!("{collect} --episodes 99999999999"), "whole number from 1"),
        (format!("{collect} --episodes 1 --seed=-1"), "--seed"),
        (format!("{collect} --episodes -3"), "whole number from 1"),
        (format!("{noise} --noise-std -0.1"), "at least 0"),
        (format!("{collect} --episodes 1 --threads 0"), "--threads"),
        (format!("{noise} --noise-std=-0.1"), "at least 0"),
        (format!("{noise} --noise-std inf"), "at least 0"),
        (format!("{noise} --random-action-probability 1.5"), "probability from 0 to 1"),
        (format!("{noise} --random-action-probability NaN"), "probability from 0 to 1"),
        (format!("{train} --seeds 5..2"), "`0..5`"),
        (format!("{train} --seeds one"), "`0..5`"),
        (format!("{train} --seeds 0..99999999"), "more than 10,000 seeds"),
        ("sketch PointReach --policy random --out x --frames 0".to_owned(), "--frames"),
        ("sketch PointReach --policy random --out x --width 9".to_owned(), "--width"),
        ("sketch PointReach --policy random --out x --show all".to_owned(), "look, collision"),
        ("render PointReach --policy random --out x.gif --grid 7x1".to_owned(), "1 to 6"),
        ("render PointReach --policy random --out x.gif --fps 0".to_owned(), "--fps"),
        ("render PointReach --policy random --out x.gif --speed 0".to_owned(), "0.01 to 100"),
        ("render PointReach --policy random --out x.gif --speed 1e-30".to_owned(), "0.01 to 100"),
        ("render PointReach --policy random --out x.gif --camera up".to_owned(), "`scene`"),
        ("render PointReach --policy random".to_owned(), "--html"),
        ("render PointReach --policy random --out x.gif --html x.html".to_owned(), "--html"),
        ("completions cobol".to_owned(), "cobol"),
        ("reproduce --tasks PointReach".to_owned(), "--out"),
        (format!("{train} --engine tensorflow"), "there are `native` and `torch`"),
        (format!("{train} --device tpu"), "there are `auto`, `cpu` and `cuda`"),
    ] {
        let finished = place.run(&line);
        assert_eq!(finished.code, Some(2), "`gcrl {line}`: {}", finished.stderr);
        assert_eq!(finished.stdout, "", "`gcrl {line}`");
        assert!(finished.stderr.starts_with("error: "), "`gcrl {line}`: {}", finished.stderr);
        assert!(finished.stderr.contains(piece), "`gcrl {line}`: {}", finished.stderr);
        assert!(place.files("").is_empty(), "`gcrl {line}` leaves files");
    }
}

#[test]
fn noise_on_random_actions_is_refused() {
    let line = "evaluate PointReach --policy random --noise-std 0.2";
    check(&Place::new(), &case(line, &["`random` acts at random already"], "--noise-std"));
}
