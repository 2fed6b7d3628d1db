//! `gcrl view`

use super::watched::Watched;

/// Watch policies act, or recorded episodes, in a window
///
/// A task is played while it is watched, and its goal can be moved with the mouse. Without `--policy`, the expert that
/// comes with the program acts, or a policy found in `runs`, or chance. Press `h` in the window for its keys.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl view PointRooms
  gcrl view FetchPush --policy random --count 9
  gcrl view --compare runs/gcsl/policies/seed-0.safetensors runs/wgcsl/policies/seed-0.safetensors --task PointReach
  gcrl view episodes")]
pub(crate) struct Args {
    #[command(flatten)]
    watched: Watched,
    /// Episodes at once, at most 36 [default: one for each policy]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=36))]
    count: Option<u16>,
    /// Wait in the first state until the space bar is pressed
    #[arg(long)]
    paused: bool,
}

impl Args {
    #[cfg(feature = "viewer")]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        use super::watched::Source;
        use crate::graphics;
        use crate::window_host::WindowHost;
        use gcrl_viewer::{EpisodeQuery, Start, ViewerHost as _};
        let mut host = WindowHost::new(self.watched.noise);
        let source = match self.watched.source()? {
            Source::Episodes(path) => gcrl_viewer::Source::Episodes(path),
            Source::Task(task, mut policies) => {
                let task = task.spec.id.to_owned();
                host.offer(&policies);
                if policies.is_empty() {
                    policies.extend(host.policies(&task).into_iter().next());
                }
                gcrl_viewer::Source::Task { task, policies }
            }
        };
        let count = self.count.map_or(self.watched.n_columns(), usize::from);
        let (seed, number) = (self.watched.seed, u64::from(self.watched.episode));
        let query = EpisodeQuery { source, seed, number, count };
        let episodes = host.episodes(&query)?;
        let start = if self.paused { Start::Paused } else { Start::Playing };
        let closed = gcrl_viewer::run(Box::new(host), query, episodes, start);
        graphics::hinted(
            closed,
            "`gcrl render` needs no display, and its pages (`--html`) no driver",
        )
    }

    #[cfg(not(feature = "viewer"))]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        use crate::hint::Hint;
        self.watched.source()?;
        Err(anyhow::anyhow!("the window is not in this build")).hint(
            "build it with `cargo build --release --package gcrl-cli --features viewer`, or watch \
             in a browser with `gcrl render --html`",
        )
    }
}
