//! `gcrl view`

use super::watched::Watched;

/// Watch episodes in a window
///
/// Plays a task with policies, or recorded episodes (`gcrl evaluate --record`). Press `h` in the window for its keys.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl view PointRooms --policy expert
  gcrl view FetchPush --policy random --count 9
  gcrl view PointReach --policy runs/gcsl/policies/seed-0.safetensors --policy runs/wgcsl/policies/seed-0.safetensors
  gcrl view episodes")]
pub(crate) struct Args {
    #[command(flatten)]
    watched: Watched,
    /// Episodes at once, at most 36 [default: one for each policy]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=36))]
    count: Option<u16>,
    /// Write a picture of the window to this PNG and close it: for tests
    #[arg(long, value_name = "FILE", hide = true)]
    snapshot: Option<std::path::PathBuf>,
}

impl Args {
    #[cfg(feature = "viewer")]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        use crate::failure::Hint;
        use gcrl_viewer::{Options, ViewError};
        let count = self.count.map_or(self.watched.policy.len().max(1), usize::from);
        // What is wrong with the wish is said as everywhere; the window itself only shows one line.
        self.watched.recordings(count, 0)?;
        let watched = self.watched.clone();
        let director = Director { watched, count };
        let options = Options { first: 0, snapshot: self.snapshot.clone() };
        gcrl_viewer::run(Box::new(director), options).or_else(|error| match error {
            ViewError::NoDisplay => Err(error)
                .hint("`gcrl render` needs no display; `--html` writes a page for a browser"),
            other @ ViewError::Episodes(_) => Err(other.into()),
        })
    }

    #[cfg(not(feature = "viewer"))]
    #[expect(clippy::unused_self, reason = "commands are run alike")]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        use crate::failure::Hint;
        Err(anyhow::anyhow!("the window is not in this build")).hint(
            "build it with `cargo build --release --package gcrl-cli --features viewer`, or watch \
             in a browser with `gcrl render --html`",
        )
    }
}

/// Makes the episodes that the window asks for.
#[cfg(feature = "viewer")]
struct Director {
    watched: Watched,
    count: usize,
}

#[cfg(feature = "viewer")]
impl gcrl_viewer::Director for Director {
    fn episodes(&mut self, number: u64) -> Result<Vec<gcrl_recording::Recording>, String> {
        self.watched.recordings(self.count, number).map_err(|error| format!("{error:#}"))
    }
}
