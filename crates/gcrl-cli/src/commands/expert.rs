//! `gcrl expert`

use super::options::{Threads, catalog};
use crate::hint::Hint;
use crate::progress::Progress;
use crate::{output, signals};
use gcrl_eval::shell_word;
use gcrl_run::experts::{self, Expert, ExpertPreset, SelectError};
use gcrl_run::{Catalog, Pace, Run, RunFolder, RunRequest, TrainError};
use std::path::PathBuf;

/// Train the policies whose episodes are the expert data
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl expert list
  gcrl expert train FetchPush
  gcrl expert train FetchPush --out runs/push --set train.n_updates=80000")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the experts that come with the program
    List {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
    Train(Train),
}

/// Train an expert by online HER, and choose the policy whose data are nearest the paper's
///
/// The settings of each task come with the program. Policies are kept along the way; after training,
/// each plays with the paper's noise, and the one whose return is nearest that of the paper's data set
/// becomes `expert-v1`. A second one, `strong-v1`, is the best without noise, where its data are much
/// better than the paper's. The table of all is `selection.csv`. The same command continues a run that
/// was stopped.
#[derive(clap::Args)]
struct Train {
    /// The task
    task: String,
    /// The folder of the run [default: runs/experts/TASK]
    #[arg(long, value_name = "RUN")]
    out: Option<PathBuf>,
    /// The seed, in place of the usual one
    #[arg(long)]
    seed: Option<u64>,
    /// A single setting, such as `train.n_updates=80000`; can be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// Updates between two policies to choose from, in place of the usual number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    keep_every: Option<u64>,
    /// The folder for the chosen policies, with an index of all experts in it [default: RUN/experts]
    #[arg(long, value_name = "DIR")]
    assets: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::List { json: true } => {
                output::print(&(serde_json::to_string_pretty(experts::experts())? + "\n"))
            }
            Command::List { json: false } => output::print(&list(experts::experts())),
            Command::Train(train) => train.run(&catalog()),
        }
    }
}

impl Train {
    fn run(&self, catalog: &Catalog) -> anyhow::Result<()> {
        let task = catalog.task(&self.task)?;
        let id = task.spec.id;
        let preset = ExpertPreset::of_task(id)
            .ok_or_else(|| anyhow::anyhow!("there are no settings for an expert of `{id}`"))
            .hint("`gcrl train her --online --keep-every N` trains on any task")?;
        let keep_every = self.keep_every.unwrap_or(preset.keep_every);
        let request = RunRequest {
            seeds: self.seed.map(|seed| vec![seed]),
            settings: self.settings.clone(),
            ..preset.request(id)
        };
        let run = Run::resolve(&request, catalog)?;
        if let n_seeds @ 2.. = run.config.seeds.len() {
            return Err(anyhow::anyhow!("an expert is trained with one seed, not with {n_seeds}"))
                .hint("`--seed` says which");
        }
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("runs/experts").join(id));
        let folder = RunFolder::open_or_create(&out, &run)?;
        let n_threads = self.threads.count();
        let pace = Pace { keep_every: Some(keep_every), ..Pace::new(n_threads) };
        signals::defer();
        match gcrl_run::train(&run, &folder, pace, &Progress::default()) {
            Ok(_results) => {}
            Err(error @ TrainError::Stopped) => {
                return Err(error).hint("the same command continues");
            }
            Err(error) => return Err(error.into()),
        }
        let progress = Progress::default();
        let selection = experts::select(&run, &folder, keep_every, n_threads, &progress);
        let selection = match selection {
            Err(error @ SelectError::Stopped) => {
                return Err(error).hint("the same command continues");
            }
            selection => selection?,
        };
        let table = out.join("selection.csv");
        gcrl_file::write(&table, |file| file.write_all(selection.to_csv().as_bytes()))?;
        let assets = self.assets.clone().unwrap_or_else(|| out.join("experts"));
        let saved = experts::save(&selection, &run, &folder, &self.command(), &assets)?;
        let (table, assets) = (table.display(), assets.display());
        output::print(&format!("{}\ntable: {table}\npolicies: {assets}\n", list(&saved).trim_end()))
    }

    /// What was typed, but for places and threads.
    fn command(&self) -> String {
        let command = format!("gcrl expert train {}", self.task);
        let seed = self.seed.map(|seed| format!(" --seed {seed}"));
        let settings = self.settings.iter().map(|it| format!(" --set {}", shell_word(it)));
        let keep_every = self.keep_every.map(|every| format!(" --keep-every {every}"));
        std::iter::once(command).chain(seed).chain(settings).chain(keep_every).collect()
    }
}

fn list(experts: &[Expert]) -> String {
    let row = |expert: &Expert| {
        let Expert { n_updates, n_episodes, minutes, policy_return, data_return, .. } = expert;
        let text = format!(
            "return {policy_return:.2}, its data {data_return:.2} (paper {:.2}), after {n_updates} \
             updates on {n_episodes} episodes in {minutes:.1} minutes",
            expert.paper_data_return
        );
        (expert.name.clone(), text)
    };
    output::columns(&experts.iter().map(row).collect::<Vec<_>>())
}
