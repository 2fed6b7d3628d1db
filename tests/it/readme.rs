//! Every command that README and the pages of documentation show is run, or at least parsed by the
//! program.
//!
//! Blocks fenced as `sh` hold commands, one a line (a `\` at the end continues it). Those of a page run
//! in order, in one new folder that holds `assets/` as the project does. What a command's line is
//! decides:
//!
//! | line | what happens |
//! |---|---|
//! | `gcrl …`, `cargo run --release -- …` | run; must succeed |
//! | the same with a comment that names its time in minutes, hours or days, such as `# 2 minutes` | parsed by the program, not run |
//! | other `cargo …` | its alias, its packages and its features must exist |
//! | `# …` or empty | nothing |
//!
//! Anything else fails: show it in a block of another kind. Commands of cargo in running text, such as
//! `cargo bench …`, are held to the same rule as those in blocks.

use crate::place::{Finished, Place};
use crate::source;

mod returns;

/// The folder of the pages.
const PAGES: &str = "crates/gcrl/docs";

/// A command as a page shows it.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    /// Arguments of the program, to be run.
    Run(String),
    /// Arguments of the program, to be parsed: it takes long.
    Parse(String),
    /// Arguments of cargo.
    Cargo(String),
    /// Something that this test does not know.
    Unknown(String),
}

/// What makes a comment say that a command takes long.
const LONG: [&str; 6] = ["minute", "minutes", "hour", "hours", "day", "days"];

/// Commands of cargo itself.
const CARGO: [&str; 8] = ["bench", "build", "clippy", "doc", "fmt", "install", "run", "test"];

fn commands(markdown: &str) -> Vec<Shown> {
    let (mut commands, mut line_so_far) = (Vec::new(), String::new());
    let mut is_in_block = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            is_in_block = !is_in_block && line.trim() == "```sh";
            continue;
        }
        if !is_in_block {
            continue;
        }
        match line.strip_suffix('\\') {
            Some(start) => line_so_far += start,
            None => commands.extend(read(&(std::mem::take(&mut line_so_far) + line))),
        }
    }
    commands
}

fn read(line: &str) -> Option<Shown> {
    // A `#` starts a comment at the start of a word only: `file#1` is a name.
    let (command, comment) = match format!(" {line}").split_once(" #") {
        Some((command, comment)) => (command.trim().to_owned(), comment.to_owned()),
        None => (line.trim().to_owned(), String::new()),
    };
    if command.is_empty() {
        return None;
    }
    let ours = ["gcrl ", "cargo run --release -- "];
    let is_long = comment.split(|c: char| !c.is_alphabetic()).any(|word| LONG.contains(&word));
    if let Some(arguments) = ours.iter().find_map(|program| command.strip_prefix(program)) {
        let arguments = arguments.trim().to_owned();
        return Some(if is_long { Shown::Parse(arguments) } else { Shown::Run(arguments) });
    }
    Some(match command.strip_prefix("cargo ") {
        Some(arguments) => Shown::Cargo(arguments.to_owned()),
        None => Shown::Unknown(command),
    })
}

/// Arguments of the commands of cargo that stand in running text.
fn cargo_in_text(markdown: &str) -> Vec<String> {
    // Without the blocks, whatever is in them, every second piece stands between backticks.
    let text: String = markdown.split("```").step_by(2).collect();
    let spans = text.split('`').skip(1).step_by(2);
    let commands = spans.filter_map(|span| span.strip_prefix("cargo "));
    commands.map(|command| command.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Says what is wrong with a command, if anything is.
fn problem(command: &Shown, place: &Place) -> Option<String> {
    match command {
        Shown::Run(arguments) => failure(&place.run(arguments)),
        // Help is printed where it is asked for, after all arguments before it were understood.
        Shown::Parse(arguments) => failure(&place.run(&format!("{arguments} --help"))),
        Shown::Cargo(arguments) => cargo_problem(arguments),
        Shown::Unknown(_) => Some("it is neither the program nor cargo".to_owned()),
    }
}

fn failure(finished: &Finished) -> Option<String> {
    (finished.code != Some(0)).then(|| finished.stderr.clone())
}

fn cargo_problem(arguments: &str) -> Option<String> {
    let words: Vec<_> = arguments.split([' ', '=']).filter(|word| !word.is_empty()).collect();
    let aliases = source::table(".cargo/config.toml");
    let first = *words.first()?;
    if !CARGO.contains(&first) && aliases["alias"].get(first).is_none() {
        return Some(format!("there is no alias `{first}`"));
    }
    let crates = source::crates();
    for pair in words.windows(2) {
        let (option, value) = (pair[0], pair[1]);
        if ["-p", "--package"].contains(&option) && !crates.contains_key(value) {
            return Some(format!("there is no package `{value}`"));
        }
        let is_features = ["-F", "--features"].contains(&option);
        if is_features && !value.split(',').all(has_feature) {
            return Some(format!("there is no feature `{value}`"));
        }
        for (target, folder) in [("example", "examples"), ("bench", "benches"), ("test", "tests")] {
            let is_there = |path: String| source::root().join(path).exists();
            let holds = |it: &String| {
                let path = format!("{it}/{folder}/{value}");
                is_there(format!("{path}.rs")) || is_there(format!("{path}/main.rs"))
            };
            if option == format!("--{target}") && !crates.values().any(holds) {
                return Some(format!("there is no {target} `{value}`"));
            }
        }
        if option == "xtask" && !source::names("crates/xtask/src").contains(&format!("{value}.rs"))
        {
            return Some(format!("there is no chore `{value}`"));
        }
    }
    None
}

/// Whether a feature, of the program or written `package/feature`, exists.
fn has_feature(name: &str) -> bool {
    let (package, feature) = name.split_once('/').unwrap_or(("gcrl-cli", name));
    let crates = source::crates();
    let Some(folder) = crates.get(package) else { return false };
    let manifest = source::table(&format!("{folder}/Cargo.toml"));
    manifest.get("features").is_some_and(|features| features.get(feature).is_some())
}

/// A new folder with the project's assets.
fn place_with_assets() -> Place {
    let place = Place::new();
    for path in source::names("assets/experts") {
        let path = format!("assets/experts/{path}");
        place.write(&path, std::fs::read(source::root().join(&path)).expect("assets can be read"));
    }
    place
}

/// Runs or parses every command of a page, in a new folder.
fn check(page: &str) {
    let text = source::text(page);
    let place = place_with_assets();
    for command in commands(&text) {
        assert_eq!(problem(&command, &place), None, "{page}: {command:?}");
    }
    for arguments in cargo_in_text(&text) {
        assert_eq!(cargo_problem(&arguments), None, "{page}: `cargo {arguments}`");
    }
}

/// A test for each page, so that they run side by side.
macro_rules! pages {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                check(&format!("{PAGES}/{}.md", stringify!($name)));
            }
        )*

        /// The pages that are tested.
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

mod page {
    use super::{PAGES, check};

    pages!(
        formats,
        gpu,
        library,
        parity,
        performance,
        python,
        reproduce,
        reproducibility,
        results,
        theory,
        training,
        watching
    );

    #[test]
    fn every_page_is_tested() {
        let pages = crate::source::names(PAGES).into_iter();
        let pages = pages.filter_map(|name| name.strip_suffix(".md").map(str::to_owned));
        let pages: Vec<_> = pages.filter(|name| name != "README").collect();
        let tested: Vec<_> = TESTED.iter().map(ToString::to_string).collect();
        assert_eq!(pages, tested, "add a page to `pages!` above");
    }
}

#[test]
fn the_commands_in_readme_work() {
    let commands = commands(&source::text("README.md"));
    assert!(commands.len() > 2, "README.md shows no commands: {commands:?}");
    check("README.md");
}

#[test]
fn readme_is_read_in_five_minutes() {
    assert!(source::text("README.md").lines().count() <= 150, "move something to {PAGES}");
}

#[test]
fn commands_are_read_from_their_blocks_only() {
    let markdown = "\
```sh
# The whole pipeline:
cargo run --release -- demo   # under a minute on two cores
gcrl evaluate PointReach \\
    --policy random  # scores about 1.3
cargo xtask torch --cuda
rm -r runs
```
```text
gcrl nonsense
```
";
    let text = str::to_owned;
    let expected = [
        Shown::Parse(text("demo")),
        Shown::Run(text("evaluate PointReach     --policy random")),
        Shown::Cargo(text("xtask torch --cuda")),
        Shown::Unknown(text("rm -r runs")),
    ];
    assert_eq!(commands(markdown), expected);
}

#[test]
fn commands_of_cargo_are_read_from_running_text() {
    let markdown =
        "See `cargo bench\n--bench act` and `gcrl --help`.\n```sh\ncargo x\n```\nOr `cargo y`.";
    assert_eq!(cargo_in_text(markdown), ["bench --bench act", "y"]);
}

#[test]
fn commands_that_would_fail_are_noticed() {
    let place = Place::new();
    let parse = |line: &str| problem(&Shown::Parse(line.to_owned()), &place);
    assert_eq!(parse("train wgcsl --dataset d --seeds 0..5 --out r --set wgcsl.epsilon=1"), None);
    assert!(parse("train wgcsl --dataste d --out r").is_some());
    assert!(parse("train wgcsl --dataset d --seeds five --out r").is_some());
    assert!(parse("play PointReach").is_some());
    assert!(problem(&Shown::Run("tasks NoSuchTask".to_owned()), &place).is_some());
    assert!(problem(&Shown::Unknown("ls".to_owned()), &place).is_some());

    assert_eq!(cargo_problem("build --release --features torch"), None);
    assert_eq!(cargo_problem("test -p gcrl-torch -F gcrl-cli/torch"), None);
    assert_eq!(cargo_problem("xtask torch --cuda"), None);
    assert_eq!(cargo_problem("run -p gcrl --example collect_train_evaluate"), None);
    for wrong in [
        "build --features=cuda",
        "test -p gcrl-tch",
        "run -p gcrl --example collect",
        "bench -p gcrl-data --bench draw",
        "xtask tourch",
        "xtusk torch",
    ] {
        assert!(cargo_problem(wrong).is_some(), "{wrong}");
    }
}
