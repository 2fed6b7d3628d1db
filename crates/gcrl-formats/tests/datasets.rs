//! Data sets go out and come back the same; what is wrong with a foreign one is said by name.

#![allow(clippy::unwrap_used, reason = "an error fails the test")]

use gcrl_core::{Episodes, Field, SuccessRule, TaskSpec, seed};
use gcrl_data::{BehaviorRecord, Dataset, Origin};
use gcrl_file::OutputFolder;
use gcrl_formats::archive::ArchiveWriter;
use gcrl_formats::dataset::{
    ExportError, Format, ImportError, Imported, Note, Source, Target, export, read, recognize,
};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

static SPEC: TaskSpec = TaskSpec {
    id: "Lift",
    summary: "Lift a block.",
    observation: &[Field::new("block_in_world", 3, "m"), Field::new("heading", 1, "rad")],
    goal: &[Field::new("block_in_world", 3, "m")],
    action: &[Field::new("rise", 2, "1")],
    horizon: 6,
    n_transitions: 5,
    sub_steps: 1,
    physics_dt_secs: 0.1,
    physics_version: 2,
    reward: SuccessRule::Within(0.9),
    success: SuccessRule::Inside(0.25),
};

/// An observation of more numbers.
const WIDER: &[Field] = &[Field::new("all", 5, "m")];

/// Numbers in [-1, 1], the same in every run.
fn numbers(name: &str, n: usize) -> Vec<f32> {
    let number = |i| seed::child(7, name, i as u64) as u32 as f32 / u32::MAX as f32;
    (0..n).map(|i| 2.0 * number(i) - 1.0).collect()
}

fn episodes(n: usize) -> Episodes {
    Episodes {
        shape: SPEC.episode_shape(),
        n_episodes: n,
        observation: numbers("observation", n * 6 * 4),
        achieved_goal: numbers("achieved_goal", n * 6 * 3),
        action: numbers("action", n * 5 * 2),
        desired_goal: numbers("desired_goal", n * 3),
    }
}

struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A data set of 23 episodes at `set`.
    fn dataset(&self) -> Dataset {
        let path = self.path("set");
        let behavior = BehaviorRecord::Policy {
            task: "Lift".to_owned(),
            blake3: "ab".to_owned(),
            noise_std: 0.2,
            random_action_probability: 0.3,
        };
        let out = OutputFolder::claim(&path).unwrap();
        let origin = Origin { behavior, seed: u64::MAX - 1 };
        gcrl_data::write(out, &SPEC, episodes(23).view(), origin).unwrap();
        Dataset::open(&path).unwrap()
    }

    fn export(&self, format: Format) -> PathBuf {
        let out = self.path(format.name());
        export(Source::from(&self.dataset()), format, "expert-v1", &out, &|_| {}).unwrap();
        out
    }

    /// Reads an archive of these arrays, of float64.
    fn read(&self, format: Format, arrays: &Arrays) -> Result<Imported, String> {
        let path = self.path("foreign.npz");
        let mut archive = ArchiveWriter::new(File::create(&path).unwrap());
        for (name, shape, numbers) in arrays {
            archive.array(name, shape, numbers.iter().map(|x| f64::from(*x))).unwrap();
        }
        archive.finish().unwrap();
        assert_eq!(recognize(&path).unwrap(), format);
        read(&path, format, &SPEC).map_err(|error| words(&error))
    }
}

/// Arrays of an archive: name, shape, numbers.
type Arrays = Vec<(&'static str, Vec<usize>, Vec<f32>)>;

/// The words of an error, without the path at their end.
fn words(error: &ImportError) -> String {
    error.to_string().split(": \"").next().unwrap().to_owned()
}

/// Two episodes as the paper's authors store them.
fn paper() -> Arrays {
    let goals: Vec<f32> =
        episodes(2).desired_goal.chunks(3).flat_map(|goal| goal.repeat(5)).collect();
    vec![
        ("o", vec![2, 6, 4], episodes(2).observation),
        ("ag", vec![2, 6, 3], episodes(2).achieved_goal),
        ("u", vec![2, 5, 2], episodes(2).action),
        ("g", vec![2, 5, 3], goals),
    ]
}

/// One episode as `OGBench` stores it, with goals.
fn ogbench() -> Arrays {
    let mut actions = episodes(1).action;
    actions.extend([0.0, 0.0]);
    vec![
        ("observations", vec![6, 4], episodes(1).observation),
        ("actions", vec![6, 2], actions),
        ("terminals", vec![6], vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        ("achieved_goals", vec![6, 3], episodes(1).achieved_goal),
        ("goals", vec![6, 3], episodes(1).desired_goal.repeat(6)),
    ]
}

#[test]
fn what_goes_out_comes_back_with_its_origin() {
    for format in Format::EXPORTS.into_iter().filter(|format| Format::IMPORTS.contains(format)) {
        let sandbox = Sandbox::new();
        let out = sandbox.export(format);
        assert_eq!(recognize(&out).unwrap(), format);
        let imported = read(&out, format, &SPEC).unwrap();
        let dataset = Dataset::open(&sandbox.path("set")).unwrap();
        assert_eq!(imported.episodes, episodes(23), "{format}");
        assert_eq!(imported.manifest.as_ref(), Some(dataset.manifest()), "{format}");
        assert_eq!(imported.notes, [], "{format}");
        assert_eq!(imported.origin().seed, u64::MAX - 1, "{format}");
    }
}

#[test]
fn equal_data_sets_give_equal_files() {
    for format in Format::EXPORTS {
        let files = || {
            let sandbox = Sandbox::new();
            let out = sandbox.export(format);
            let mut files = Vec::new();
            gather(&out, &mut files);
            files.sort();
            assert!(!files.is_empty());
            files.into_iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>()
        };
        assert!(files() == files(), "{format}");
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { gather(&path, files) } else { files.push(path) }
    }
}

#[test]
fn a_folder_with_content_is_not_written_to() {
    let sandbox = Sandbox::new();
    let dataset = sandbox.dataset();
    for format in Format::EXPORTS {
        let out = sandbox.path(&format!("taken-{format}"));
        let is_minari = [Format::MinariHdf5, Format::MinariArrow].contains(&format);
        let place = if is_minari { out.join("gcrl/Lift/a-v0") } else { out.clone() };
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("mine"), "here").unwrap();
        let refused = export(Source::from(&dataset), format, "a", &out, &|_| {}).unwrap_err();
        assert!(matches!(refused, ExportError::Claim(_)), "{refused}");
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    }
    let refused = export(Source::from(&dataset), Format::Paper, "a", &sandbox.path("b"), &|_| {});
    assert_eq!(refused.unwrap_err().to_string(), "format `paper` is read, not written");
    assert!(!sandbox.path("b").exists());
}

#[test]
fn a_root_of_minari_holds_many_data_sets() {
    let sandbox = Sandbox::new();
    let (dataset, root) = (sandbox.dataset(), sandbox.path("minari"));
    for (name, format) in [("one-v0", Format::MinariHdf5), ("two-v3", Format::MinariArrow)] {
        export(Source::from(&dataset), format, name, &root, &|_| {}).unwrap();
        let imported = read(&root.join("gcrl/Lift").join(name), format, &SPEC).unwrap();
        assert_eq!(imported.episodes, episodes(23));
    }
    assert_eq!(fs::read_dir(root.join("gcrl/Lift")).unwrap().count(), 2);
}

#[test]
fn the_paper_s_buffers_are_read() {
    let imported = Sandbox::new().read(Format::Paper, &paper()).unwrap();
    assert_eq!((imported.episodes.clone(), &imported.manifest), (episodes(2), &None));
    let name = match imported.origin().behavior {
        BehaviorRecord::Custom { name, .. } => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(name, "imported");
}

#[test]
fn what_is_wrong_with_the_paper_s_buffers_is_said_by_name() {
    let sandbox = Sandbox::new();
    let refusal = |change: &dyn Fn(&mut Arrays)| {
        let mut arrays = paper();
        change(&mut arrays);
        sandbox.read(Format::Paper, &arrays).unwrap_err()
    };
    assert_eq!(refusal(&|arrays| drop(arrays.pop())), "array `g` is missing in episode 0");
    assert_eq!(
        refusal(&|arrays| arrays[0] = ("o", vec![2, 6, 5], vec![0.0; 60])),
        "array `o` has shape [2, 6, 5], not [2, 6, 4]"
    );
    assert_eq!(
        refusal(&|arrays| arrays[2] = ("u", vec![2, 9, 2], vec![0.0; 36])),
        "episode 0 has 9 transitions, where the task's have 5"
    );
    assert_eq!(
        refusal(&|arrays| arrays[2] = ("u", vec![2, 10], vec![0.0; 20])),
        "array `u` has shape [2, 10], not [episodes, 5, 2]"
    );
    assert_eq!(
        refusal(&|arrays| arrays[1].2[18 + 3 * 4] = f32::NAN),
        "array `ag` holds NaN in episode 1, step 4"
    );
    assert_eq!(
        refusal(&|arrays| arrays[2].2[10 + 2 * 3 + 1] = -1.5),
        "component 1 of the action of step 3 in episode 1 is -1.5, outside [-1, 1]"
    );
    assert_eq!(
        refusal(&|arrays| arrays[3].2[3 * 2] = 9.0),
        "the desired goal changes in episode 0, at step 2"
    );
    assert_eq!(
        refusal(&|arrays| {
            for (_, shape, numbers) in arrays {
                shape[0] = 0;
                numbers.clear();
            }
        }),
        "data set has no episodes"
    );
}

#[test]
fn episodes_of_ogbench_need_goals_one_length_and_an_end() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.read(Format::Ogbench, &ogbench()).unwrap().episodes, episodes(1));
    let refusal = |change: &dyn Fn(&mut Arrays)| {
        let mut arrays = ogbench();
        change(&mut arrays);
        sandbox.read(Format::Ogbench, &arrays).unwrap_err()
    };
    assert_eq!(refusal(&|arrays| drop(arrays.pop())), "array `goals` is missing in episode 0");
    assert_eq!(
        refusal(&|arrays| arrays[2].2[3] = 1.0),
        "episode 0 has 3 transitions, where the task's have 5"
    );
    assert_eq!(
        refusal(&|arrays| arrays[2].2 = vec![0.0; 6]),
        "the last episode has no end: array `terminals` ends in 0"
    );
    assert_eq!(
        refusal(&|arrays| arrays[1] = ("actions", vec![5, 2], vec![0.0; 10])),
        "array `actions` has shape [5, 2], not [6, 2]"
    );
}

#[test]
fn goals_are_taken_from_observations_where_a_file_has_none() {
    let sandbox = Sandbox::new();
    let arrays = &ogbench()[..3];
    let said = sandbox.read(Format::Ogbench, &arrays.to_vec()).unwrap_err();
    assert_eq!(said, "array `achieved_goals` is missing in episode 0");
    let target = Target { spec: &SPEC, achieved_goal: Some(&[3, 0, 1]) };
    let imported = read(&sandbox.path("foreign.npz"), Format::Ogbench, target).unwrap();
    let view = imported.episodes.view();
    for t in 0..6 {
        let seen = view.observation(0, t);
        assert_eq!(view.achieved_goal(0, t), [seen[3], seen[0], seen[1]]);
    }
    assert_eq!(view.desired_goal(0), view.achieved_goal(0, 5));
}

/// Our arrays of two episodes; every reward is `reward`.
fn stacked(reward: f32) -> Arrays {
    vec![
        ("observation", vec![2, 6, 4], episodes(2).observation),
        ("achieved_goal", vec![2, 6, 3], vec![0.0; 36]),
        ("desired_goal", vec![2, 3], vec![0.0; 6]),
        ("action", vec![2, 5, 2], episodes(2).action),
        ("reward", vec![2, 5], vec![reward; 10]),
    ]
}

#[test]
fn rewards_of_the_file_are_compared_and_not_used() {
    let sandbox = Sandbox::new();
    // The goal is reached everywhere: 1, or 0 where rewards are -1 and 0.
    for reward in [1.0, 0.0] {
        let imported = sandbox.read(Format::Npz, &stacked(reward)).unwrap();
        assert_eq!(imported.notes, []);
    }
    let mut arrays = stacked(1.0);
    arrays[4].2[3] = 0.5;
    let note = Note::Rewards { n_different: 1, n_steps: 10 };
    assert_eq!(sandbox.read(Format::Npz, &arrays).unwrap().notes, [note]);
}

#[test]
fn archives_of_other_things_and_other_files_are_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.npz");
    let mut archive = ArchiveWriter::new(File::create(&path).unwrap());
    archive.array("o", &[4], [1_u8, 2, 3, 4]).unwrap();
    archive.array("x", &[4], [1_u8, 2, 3, 4]).unwrap();
    archive.finish().unwrap();
    let refusal = |path: &Path| words(&recognize(path).unwrap_err());
    assert_eq!(refusal(&path), "archive has arrays `o`, `x`, which are of no format that is read");
    let error = read(&path, Format::Paper, &SPEC).unwrap_err();
    assert_eq!(
        words(&error),
        "array `o` holds '|u1' in C order, not float32 or float64 in C order"
    );
    fs::write(&path, "no archive").unwrap();
    assert_eq!(refusal(&path), "cannot read");
    fs::rename(&path, sandbox.path("buffer.pkl")).unwrap();
    assert!(refusal(&sandbox.path("buffer.pkl")).starts_with("a pickle is a program for Python"));
    assert!(refusal(sandbox.folder.path()).starts_with("data set has none of the formats"));
    assert_eq!(refusal(&sandbox.path("missing.npz")), "cannot read");
    let lerobot = sandbox.export(Format::Lerobot);
    assert_eq!(recognize(&lerobot).unwrap(), Format::Lerobot);
    let error = read(&lerobot, Format::Lerobot, &SPEC).unwrap_err();
    assert_eq!(words(&error), "format `lerobot` is written, not read");
}

#[test]
fn data_sets_of_other_tasks_and_versions_are_refused() {
    let sandbox = Sandbox::new();
    let out = sandbox.export(Format::Npz);
    let other = TaskSpec { id: "Push", ..SPEC };
    let error = read(&out, Format::Npz, &other).unwrap_err();
    assert_eq!(words(&error), "dataset was collected for task `Lift`, not `Push`");
    let newer = TaskSpec { physics_version: 3, ..SPEC };
    let error = read(&out, Format::Npz, &newer).unwrap_err();
    assert_eq!(
        words(&error),
        "dataset was collected for another version of task `Lift`; `physics_version` is 2, not 3"
    );
}

#[test]
fn minari_s_files_are_found_and_what_is_wrong_with_them_is_said() {
    let sandbox = Sandbox::new();
    let out = sandbox.export(Format::MinariHdf5);
    let data = out.join("gcrl/Lift/expert-v1/data");
    let file = data.join("main_data.hdf5");
    for path in [&out, &data, &file, &out.join("gcrl")] {
        assert_eq!(recognize(path).unwrap(), Format::MinariHdf5);
        let imported = read(path, Format::MinariHdf5, &SPEC).unwrap();
        assert!(imported.manifest.is_some() && imported.episodes == episodes(23));
    }
    let longer = TaskSpec { n_transitions: 6, ..SPEC };
    let refusal = |spec| words(&read(&file, Format::MinariHdf5, spec).unwrap_err());
    assert_eq!(refusal(&longer), "episode 0 has 5 transitions, where the task's have 6");
    let wider = TaskSpec { observation: WIDER, ..SPEC };
    assert_eq!(
        refusal(&wider),
        "array `observations/observation` has shape [6, 4], not [6, 5] in episode 0"
    );
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let cut = read(&file, Format::MinariHdf5, &SPEC).unwrap_err();
    assert!(matches!(cut, ImportError::Damaged { .. } | ImportError::Read { .. }), "{cut}");
    fs::create_dir_all(out.join("gcrl/Lift/other-v1/data")).unwrap();
    fs::write(out.join("gcrl/Lift/other-v1/data/metadata.json"), "{}").unwrap();
    let several = recognize(&out).unwrap_err();
    assert!(matches!(several, ImportError::Several { .. }), "{several}");
}

#[test]
fn an_episode_of_hdf5_without_goals_is_named() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("foreign.hdf5");
    let file = rust_hdf5::H5File::create(&path).unwrap();
    let group = file.create_group("episode_0").unwrap();
    let write = |group: &rust_hdf5::H5Group, name: &str, shape: [usize; 2]| {
        let array = group.new_dataset::<f64>().shape(shape).create(name).unwrap();
        array.write_raw(&vec![0.5; shape[0] * shape[1]]).unwrap();
    };
    write(&group, "actions", [5, 2]);
    write(&group.create_group("observations").unwrap(), "observation", [6, 4]);
    file.close().unwrap();
    assert_eq!(recognize(&path).unwrap(), Format::MinariHdf5);
    assert_eq!(
        words(&read(&path, Format::MinariHdf5, &SPEC).unwrap_err()),
        "array `observations/achieved_goal` is missing in episode 0"
    );
}

#[test]
fn damaged_files_of_arrow_are_refused() {
    let sandbox = Sandbox::new();
    let out = sandbox.export(Format::MinariArrow);
    let file = out.join("gcrl/Lift/expert-v1/data/3/part-0.arrow");
    let bytes = fs::read(&file).unwrap();
    for len in [0, 5, 20, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&file, &bytes[..len]).unwrap();
        let refusal = read(&out, Format::MinariArrow, &SPEC).unwrap_err();
        assert!(
            words(&refusal).starts_with("not a whole file of format `minari-arrow`"),
            "{refusal}"
        );
    }
    fs::write(&file, bytes).unwrap();
    let last = out.join("gcrl/Lift/expert-v1/data/22");
    fs::rename(&last, out.join("aside")).unwrap();
    assert_eq!(
        words(&read(&out, Format::MinariArrow, &SPEC).unwrap_err()),
        "data set has 22 episodes, where its metadata say 23"
    );
    fs::remove_file(&file).unwrap();
    assert_eq!(words(&read(&out, Format::MinariArrow, &SPEC).unwrap_err()), "cannot read");
}
