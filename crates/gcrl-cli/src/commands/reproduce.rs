//! `gcrl reproduce`

use super::options::{Seeds, Threads, catalog};
use crate::board::BoardView;
use crate::hint::Hint;
use crate::output;
use crate::progress::Progress;
use crate::replays;
use crate::signals;
use anyhow::anyhow;
use gcrl_eval::report::{self, Row, Table};
use gcrl_eval::{MeanStd, shell_word};
use gcrl_nn::{DeviceKind, EngineKind};
use gcrl_run::Pace;
use gcrl_run::reproduce::{
    self, Cell, CellState, Cluster, Finished, Grid, GridRequest, Job, Machine, Shard, Tables,
    WorkError,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Train the paper's table: data sets, methods and seeds, and report it beside the paper's numbers
///
/// All of the grid is checked before the first update. It can be killed and run again at will, by any
/// number of programs in one folder: a finished cell is never trained again, and one that another program
/// is training is left to it. The folder may also hold more than was asked for now: the report shows
/// everything that is in it.
///
/// Settings are those of Yang et al., 2022, for each task. `--tasks` takes ids, `easy` (the six that are
/// trained for at most 20,000 updates), `hard` or `all`; `--data` kinds such as `random` and `expert`, or
/// names such as `random-v1`; `--methods` names, `paper` (the seven of its table), `beyond`, `ablation`,
/// `variants` or `all`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  gcrl reproduce --tasks PointReach,PointRooms --build --out runs/point
  gcrl reproduce --tasks easy --methods paper,gciql --out runs/paper
  gcrl reproduce --shard 1/4 --out /shared/paper
  gcrl reproduce --tables earlier/report --out runs/paper
  gcrl reproduce merge runs/a runs/b --out runs/both
  gcrl reproduce submit --engine slurm --shards 16 --tasks hard --out /shared/paper")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Subcommand>,
    #[command(flatten)]
    grid: GridArgs,
    /// Train only the I-th of N parts, counted from 0 [default: by the variables of Slurm, HyperQueue or
    /// Kubernetes; otherwise everything]
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Build data sets that are missing
    #[arg(long)]
    build: bool,
    /// Go on from `results.csv`, `curves.csv` and `costs.csv` in this folder, where the cells of an earlier
    /// report are gone: train only what they lack, and report both
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
    /// The folder of the runs and of the report
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
    /// Seconds between two checkpoints
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    checkpoint_every: u32,
    #[command(flatten)]
    threads: Threads,
}

/// Which grid it is.
#[derive(clap::Args)]
struct GridArgs {
    /// Tasks
    #[arg(long, value_delimiter = ',', default_value = "all")]
    tasks: Vec<String>,
    /// Data sets of each task
    #[arg(long, value_delimiter = ',', default_value = "random,expert")]
    data: Vec<String>,
    /// Methods
    #[arg(long, value_delimiter = ',', default_value = "paper")]
    methods: Vec<String>,
    /// Seeds of each method on each data set, as `0..5` or `0,3,4`
    #[arg(long, default_value = "0..5")]
    seeds: Seeds,
    /// Where to train: `cpu` is the native engine, `cuda` the torch engine on a GPU
    #[arg(long)]
    device: Option<DeviceKind>,
    /// A setting of every run, such as `train.batch_size=256`, or of one algorithm, such as
    /// `wgcsl.advantage_clip=5`; can be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

#[derive(clap::Subcommand)]
enum Subcommand {
    Merge(Merge),
    Submit(Submit),
}

/// Copy the finished cells of folders into one, and report all of it
///
/// Done again, it copies nothing. Without folders to copy, it makes the report anew.
#[derive(clap::Args)]
struct Merge {
    /// Folders that `gcrl reproduce --out` was given
    folders: Vec<PathBuf>,
    /// Report also what `results.csv`, `curves.csv` and `costs.csv` in this folder have, where the cells of
    /// an earlier report are gone
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
    /// The folder of everything
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Hand the grid to a cluster, as an array of jobs in one shared folder
///
/// Writes what the scheduler takes into the folder of the runs, and submits it where the scheduler's
/// command is on the PATH.
#[derive(clap::Args)]
struct Submit {
    /// What distributes the jobs
    #[arg(long)]
    engine: Engine,
    /// Jobs, each a part of the grid
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    shards: u32,
    /// Cores of a job
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), default_value_t = 4)]
    cores: u16,
    /// Memory of a job, in GiB
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u32).range(1..), default_value_t = 4)]
    memory: u32,
    /// Minutes after which a job is stopped, and goes on later
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(5..), default_value_t = 240)]
    minutes: u32,
    /// Kubernetes: the container image, with `gcrl` on its PATH
    #[arg(long, required_if_eq("engine", "kubernetes"))]
    image: Option<String>,
    /// Kubernetes: the persistent volume claim with `datasets` and for the runs
    #[arg(long, required_if_eq("engine", "kubernetes"))]
    volume: Option<String>,
    /// Only write the file
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    grid: GridArgs,
    /// The folder of the runs, which all jobs share
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    Slurm,
    Hyperqueue,
    Kubernetes,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Some(Subcommand::Merge(merge)) => merge.run(),
            Some(Subcommand::Submit(submit)) => submit.run(),
            None => {
                let shard = self.shard.map_or_else(Shard::of_environment, Ok);
                let shard = shard.hint("`--shard I/N` says it: the I-th of N, counted from 0")?;
                let out = self.out.as_ref().expect("clap requires it without a subcommand");
                let request = GridRequest {
                    shard,
                    is_building: self.build,
                    tables: self.tables.clone(),
                    ..self.grid.request(out)
                };
                let checkpoint_every = Duration::from_secs(u64::from(self.checkpoint_every));
                run(&request, Pace { checkpoint_every, ..Pace::new(self.threads.count()) })
            }
        }
    }
}

impl GridArgs {
    fn request(&self, out: &Path) -> GridRequest {
        GridRequest {
            tasks: self.tasks.clone(),
            data: self.data.clone(),
            methods: self.methods.clone(),
            seeds: self.seeds.0.clone(),
            engine: self.device.and_then(|device| match device {
                DeviceKind::Cpu => Some(EngineKind::Native),
                DeviceKind::Cuda => Some(EngineKind::Torch),
                DeviceKind::Auto => None,
            }),
            device: self.device,
            settings: self.settings.clone(),
            shard: Shard::WHOLE,
            machine: Machine::Here,
            datasets: None,
            is_building: false,
            tables: None,
            out: out.to_owned(),
        }
    }

    /// The same as words of a command.
    fn words(&self) -> Vec<String> {
        let seeds: Vec<_> = self.seeds.0.iter().map(u64::to_string).collect();
        let mut words = vec![
            format!("--tasks={}", self.tasks.join(",")),
            format!("--data={}", self.data.join(",")),
            format!("--methods={}", self.methods.join(",")),
            format!("--seeds={}", seeds.join(",")),
        ];
        words.extend(self.device.map(|device| format!("--device={device}")));
        words.extend(self.settings.iter().map(|setting| format!("--set={setting}")));
        words
    }
}

/// Trains a grid, reports it, and prints its tables.
pub(super) fn run(request: &GridRequest, pace: Pace) -> anyhow::Result<()> {
    let grid = Grid::plan(request, &catalog(), pace.n_threads, &Progress::default())?;
    signals::defer();
    let view = BoardView::new(&grid);
    let worked = grid.work(pace, &view);
    drop(view);
    if let Err(WorkError::Stopped) = worked {
        return Err(WorkError::Stopped).hint("the same command continues");
    }
    let finished = worked?;
    report(&grid.out, grid.tables.as_ref())?;
    output::print(&(tables(&grid)? + &outcome(&grid, &finished)))?;
    match finished.failed.first() {
        None => Ok(()),
        Some((name, reason)) => {
            Err(anyhow!("{} failed, first {name}: {reason}", count(finished.failed.len(), "cell")))
                .hint("the same command trains what failed once more")
        }
    }
}

/// Writes the report of everything in a folder and in `tables`, and the pages that it links to. Returns how
/// many results are of tables alone.
fn report(out: &Path, tables: Option<&Tables>) -> anyhow::Result<usize> {
    let mut gathered = reproduce::gather(out, &catalog())?;
    let n_added = tables.map_or(Ok(0), |tables| gathered.add_tables(tables))?;
    replays::write(out, &mut gathered)?;
    reproduce::write_report(out, gathered)?;
    Ok(n_added)
}

fn outcome(grid: &Grid, finished: &Finished) -> String {
    let n_cells = grid.cells.len();
    let elsewhere = match finished.n_elsewhere {
        0 => String::new(),
        n => format!(", {n} in training by other programs"),
    };
    let report = grid.out.join("report.html");
    format!(
        "{} of {} finished{elsewhere}; report: {}\n",
        finished.n_finished,
        count(n_cells, "cell"),
        report.display()
    )
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// A table for each data set of the grid: its methods beside the paper's numbers.
fn tables(grid: &Grid) -> anyhow::Result<String> {
    let mut tables: Vec<Table> = Vec::new();
    let mut rows: Vec<(&Cell, Vec<f64>)> = Vec::new();
    for cell in &grid.cells {
        let state = cell.look()?;
        if state == CellState::Open {
            continue;
        }
        match rows
            .iter_mut()
            .find(|(other, _)| other.dataset == cell.dataset && other.method.key == cell.method.key)
        {
            Some((_, returns)) => returns.extend(state.returns()),
            None => rows.push((cell, state.returns())),
        }
    }
    for (cell, returns) in rows {
        let measured = MeanStd::of(&returns);
        let cell_of_table = report::Cell { measured, paper: cell.paper() };
        let row = Row { label: cell.method.name.clone(), cells: vec![Some(cell_of_table)] };
        let label = cell.dataset.clone();
        match tables.iter_mut().find(|table| table.label == label) {
            Some(table) => table.rows.push(row),
            None => {
                tables.push(Table { label, columns: vec!["return".to_owned()], rows: vec![row] });
            }
        }
    }
    Ok(tables.iter().map(|table| table.to_text() + "\n").collect())
}

impl Merge {
    fn run(&self) -> anyhow::Result<()> {
        let tables = self.tables.as_deref().map(Tables::read).transpose()?;
        if self.folders.is_empty() && tables.is_none() && !self.out.exists() {
            return Err(anyhow!("no such folder: {:?}", self.out))
                .hint("name a folder that `gcrl reproduce --out` was given");
        }
        let merged = reproduce::merge(&self.folders, &self.out)?;
        let n_added = report(&self.out, tables.as_ref())?;
        let of_tables = match n_added {
            0 => String::new(),
            n => format!(", {} of tables alone", count(n, "result")),
        };
        output::print(&format!(
            "{} copied, {} there already, {} not finished{of_tables}; report: {}\n",
            count(merged.n_copied, "cell"),
            merged.n_there,
            merged.n_unfinished,
            self.out.join("report.html").display()
        ))
    }
}

impl Submit {
    fn run(&self) -> anyhow::Result<()> {
        let out = std::path::absolute(&self.out)?;
        // What is wrong with the grid is said here, and not by a hundred jobs.
        let request = GridRequest { machine: Machine::Elsewhere, ..self.grid.request(&out) };
        Grid::plan(&request, &catalog(), 1, &Progress::default())?;
        let cluster = match self.engine {
            Engine::Slurm => Cluster::Slurm,
            Engine::Hyperqueue => Cluster::HyperQueue,
            Engine::Kubernetes => Cluster::Kubernetes {
                image: self.image.clone().expect("clap requires it"),
                volume: self.volume.clone().expect("clap requires it"),
            },
        };
        let job = Job {
            cluster,
            n_shards: self.shards,
            n_cores: self.cores,
            n_gpus: u32::from(self.grid.device == Some(DeviceKind::Cuda)),
            memory_gib: self.memory,
            minutes: self.minutes,
            program: std::env::current_exe()?,
            arguments: self.grid.words(),
            out,
        };
        let path = job.path();
        fs::create_dir_all(job.out.join("logs"))
            .hint("name a folder that you may write with `--out`")?;
        gcrl_file::write(&path, |file| file.write_all(job.text().as_bytes()))?;
        let command = job.command();
        let line = command.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ");
        if self.dry_run {
            return output::print(&format!("{}\nto submit it: {line}\n", path.display()));
        }
        let (program, arguments) = command.split_first().expect("a command has a program");
        let status = Command::new(program).args(arguments).status();
        let status = status.map_err(|error| anyhow!("cannot run `{program}`: {error}"));
        let status = status.hint(format!("on a machine of the cluster, run `{line}`"))?;
        if !status.success() {
            return Err(anyhow!("`{line}` failed: {status}"))
                .hint("the file says what was asked for; it can be changed and submitted by hand");
        }
        output::print(&format!(
            "{} submitted: {}\nwhen they are done: gcrl reproduce merge --out {}\n",
            count(self.shards as usize, "job"),
            path.display(),
            shell_word(&job.out.to_string_lossy())
        ))
    }
}
