//! Writes `datasets/README.md`, its pictures and the records, from data sets that are built:
//! `cargo run --release -p gcrl-run --example dataset_cards -- ROOT datasets`.

use gcrl_data::{BehaviorRecord, Dataset, Manifest};
use gcrl_eval::paper::{self, DatasetKind};
use gcrl_eval::plots::{Cloud, Curve, CurvePoint, LearningCurves, Reference, Scatter};
use gcrl_run::datasets::{self, Published};
use gcrl_run::experts;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

/// What stands above the tables.
const HEAD: &str = "\
# Data sets

The twenty data sets of the benchmark and some more, as recipes: `recipes/<Task>/<name>.toml` says how each is made,
`manifests/<Task>/<name>.toml` what must come out, with the hash of every column. The numbers themselves are not in git:

```sh
gcrl dataset build --all            # or names, such as PointReach/expert-v1
gcrl dataset list                   # which are there, which are missing or different
gcrl train wgcsl --dataset PointReach/expert-v1 --out runs/wgcsl
```

Building gives the same bits on any number of threads, and is continued by the same command after a stop. Data sets are
looked for under `$GCRL_DATASETS` where it is set, otherwise under `datasets` here and in the user's folder of data.

```text
DIR/episodes.safetensors   f32 columns: observation, achieved_goal [N, 50, dim] · action [N, 49, dim] · desired_goal [N, dim]
DIR/manifest.toml          format, task, behavior, seed, program version, BLAKE3 and statistics of each column
```

An episode has 49 transitions and 50 states, as in the paper (`TaskSpec::n_transitions` says why). Rewards are not
stored: they follow from the goals. `random` acts uniformly at random; `expert` is a policy of `assets/experts` with the
paper's noise, N(0, 0.2) and 30 % random actions, chosen so that its data are as good as the paper's; `strong` is the
best policy of the same run.

All of them, those of `strong` too, were built in 781 s on two cores with nothing else to do, 869 MB at the peak
(`/usr/bin/time gcrl dataset build --all`): FetchPush's 40,000 episodes in 52 s (random) and 84 s (expert), HandReach's
in 98 s and 96 s. They came out equal to these records, which were made before in another folder, on one thread or two;
so did FetchPush/random-v1 when it was killed ten times on the way, with one thread and two in turn.

This page is written by `cargo run --release -p gcrl-run --example dataset_cards -- ROOT datasets`.

Returns are scored as the paper's table of data sets, on the state before each action; ± is the standard error. The
hash is BLAKE3 over those of all columns, its first 12 digits. One goal in ten of HandReach is the pose in which the
hand begins (as in gymnasium-robotics), so that random data return 0.10 in this way; scored on the state after each
action they return 0.00, which is what the paper has, and the expert data 0.49 (the paper: 0.50).

| data set | episodes | MiB | return | paper | success at the end | hash |
|---|--:|--:|--:|--:|--:|---|
";

/// What stands above the table of experts.
const TRAINING: &str = "
## Experts

Trained by online HER, one seed each, `gcrl expert train TASK` with the settings of
`crates/gcrl-run/presets/experts.toml`, and chosen among the policies that were kept on the way by the rule in
[`assets/README.md`](../assets/README.md). Episodes and minutes are those until the policy was taken; minutes on one
core of a machine that did other things too. Every point of the pictures is a policy: its return over 200 episodes
without noise, and with the noise of the data ([tables](../assets/selection)). The returns in the table are those by
which policies were chosen, over 200 episodes (of data, 2,000 for those nearest the paper), not those of the data sets
above.

| policy | updates | episodes | minutes | return | its data | the paper's data |
|---|--:|--:|--:|--:|--:|--:|
";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, out] = &arguments[..] else { return Err("usage: dataset_cards ROOT OUT".into()) };
    let (root, out) = (Path::new(root), Path::new(out));
    let mut page = HEAD.to_owned();
    let mut cards = String::new();
    for set in datasets::published() {
        let path = root.join(&set.name);
        if !path.exists() {
            writeln!(page, "| `{}` | {} | | not built | | | |", set.name, set.recipe.n_episodes)?;
            continue;
        }
        let dataset = Dataset::open(&path)?;
        row(&mut page, &set, &dataset)?;
        card(&mut cards, &set, &dataset)?;
        let picture = out.join("pictures").join(set.name.replace('/', "-")).with_extension("png");
        write(&picture, &coverage(&set, &dataset).draw()?.png()?)?;
        let manifest = toml::to_string(dataset.manifest())?;
        write(&out.join("manifests").join(&set.name).with_extension("toml"), manifest.as_bytes())?;
    }
    training(&mut page, out)?;
    write(&out.join("README.md"), (page + &cards).as_bytes())
}

/// How the experts were trained: a table, and a picture for each task of `assets/selection`.
fn training(page: &mut String, out: &Path) -> Result<(), Box<dyn Error>> {
    page.push_str(TRAINING);
    for expert in experts::experts() {
        writeln!(
            page,
            "| `{}` | {} | {} | {:.0} | {:.2} | {:.2} | {:.2} |",
            expert.name,
            expert.n_updates,
            expert.n_episodes,
            expert.minutes,
            expert.policy_return,
            expert.data_return,
            expert.paper_data_return
        )?;
    }
    for task in gcrl_envs::TASKS.iter().map(|task| task.spec.id) {
        let picture = format!("pictures/{task}-training.png");
        let text = std::fs::read_to_string(format!("assets/selection/{task}.csv"))?;
        let paper = paper::dataset_return(task, DatasetKind::Expert);
        write(&out.join(&picture), &curves(task, &text, paper)?.draw()?.png()?)?;
        write!(page, "\n![Returns of {task}'s expert while it was trained.]({picture})\n")?;
    }
    Ok(())
}

/// The returns of the policies that were kept, from the table of their selection.
fn curves(task: &str, csv: &str, paper: Option<f64>) -> Result<LearningCurves, Box<dyn Error>> {
    let mut curves = ["without noise", "its data"]
        .map(|label| Curve { label: label.to_owned(), points: Vec::new() });
    for line in csv.lines().skip(1) {
        let mut numbers = line.split(',').map(str::parse::<f64>);
        let mut next = || numbers.next().ok_or("a row has three numbers");
        let x = next()??;
        for curve in &mut curves {
            curve.points.push(CurvePoint::over_seeds(x, &[next()??]));
        }
    }
    let reference = |y| Reference { label: "the paper's data".to_owned(), y };
    Ok(LearningCurves {
        title: format!("Expert of {task}"),
        x_label: "updates".to_owned(),
        y_label: "return".to_owned(),
        curves: curves.into(),
        references: paper.map(reference).into_iter().collect(),
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(path.parent().ok_or("a file is in a folder")?)?;
    Ok(std::fs::write(path, bytes)?)
}

fn row(page: &mut String, set: &Published, dataset: &Dataset) -> Result<(), Box<dyn Error>> {
    let Manifest { n_episodes, outcome, .. } = dataset.manifest();
    let (task, name) = set.name.split_once('/').ok_or("a name has two parts")?;
    let kind = if name.starts_with("random") { DatasetKind::Random } else { DatasetKind::Expert };
    let paper = paper::dataset_return(task, kind).filter(|_| !name.starts_with("strong"));
    let paper = paper.map_or(String::new(), |mean| format!("{mean:.2}"));
    let standard_error = outcome.paper_return_std / (*n_episodes as f64).sqrt();
    writeln!(
        page,
        "| `{}` | {n_episodes} | {:.0} | {:.2} ± {standard_error:.2} | {paper} | {:.1} % | `{}` |",
        set.name,
        datasets::size_bytes(dataset.path()) as f64 / f64::from(1 << 20),
        outcome.paper_return_mean,
        100.0 * outcome.success_rate,
        &dataset.blake3()[..12],
    )?;
    Ok(())
}

fn card(cards: &mut String, set: &Published, dataset: &Dataset) -> Result<(), Box<dyn Error>> {
    let Manifest { columns, seed, .. } = dataset.manifest();
    let behavior = match &set.recipe.behavior {
        BehaviorRecord::Policy { blake3, .. } => {
            format!("the policy `{}`, with noise", &blake3[..12])
        }
        _ => "random actions".to_owned(),
    };
    let picture = format!("pictures/{}.png", set.name.replace('/', "-"));
    write!(
        cards,
        "\n## {0}\n\nMade by {behavior}, from seed {seed}: `gcrl dataset build {0}`.\n\n![{0}]({picture})\n\n\
         | column | BLAKE3 |\n|---|---|\n",
        set.name
    )?;
    for (name, column) in columns {
        writeln!(cards, "| `{name}` | `{}` |", column.blake3)?;
    }
    Ok(())
}

/// What the data cover, by the first two components of goals.
fn coverage(set: &Published, dataset: &Dataset) -> Scatter {
    /// Points of a picture.
    const N_POINTS: usize = 2_000;
    let (view, task) = (dataset.view(), &dataset.manifest().task);
    let names: Vec<String> = task
        .goal
        .iter()
        .flat_map(|field| (0..field.len).map(|i| format!("{}[{i}], {}", field.name, field.unit)))
        .collect();
    let is_flat = view.shape.goal_dim == 1;
    let point = |goal: &[f32], t: usize| {
        let y = if is_flat { t as f64 } else { f64::from(goal[1]) };
        (f64::from(goal[0]), y)
    };
    let n_states = view.shape.n_states();
    let n_all = view.n_episodes * n_states;
    let achieved = (0..n_all).step_by((n_all / N_POINTS).max(1)).map(|state| {
        // A step beside the length of an episode, so that all times are seen.
        let (episode, t) = (state / n_states, (state / n_states + state) % n_states);
        point(view.achieved_goal(episode, t), t)
    });
    let achieved = achieved.collect();
    let desired = (0..view.n_episodes).step_by((view.n_episodes / N_POINTS).max(1));
    let desired = desired.map(|episode| point(view.desired_goal(episode), n_states - 1)).collect();
    let y_label = if is_flat { "step" } else { &*names[1] };
    Scatter {
        title: set.name.clone(),
        x_label: names[0].clone(),
        y_label: y_label.to_owned(),
        clouds: vec![
            Cloud { label: "goals".to_owned(), points: desired },
            Cloud { label: "achieved".to_owned(), points: achieved },
        ],
    }
}
