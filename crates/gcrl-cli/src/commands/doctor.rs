//! `gcrl doctor`

use crate::{graphics, output};
use gcrl_nn::{KernelChoice, Native};

/// Say what works on this machine, and what to install for the rest
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Args {
    #[allow(clippy::unused_self, reason = "subcommands have one shape")]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let n_cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let kernel = Native::new(1, KernelChoice::Fastest).kernel_name();
        let mut rows = vec![
            ("cores".to_owned(), n_cores.to_string()),
            ("native engine".to_owned(), format!("ready, {kernel} kernel")),
        ];
        rows.extend(torch());
        rows.push(("graphics".to_owned(), graphics::described()));
        output::print(&output::columns(&rows))
    }
}

#[cfg(feature = "torch")]
fn torch() -> Vec<(String, String)> {
    let gpus = match gcrl_run::engine::cuda_devices() {
        Ok(count) => format!("{count} usable; `--engine torch --device cuda`"),
        Err(error) => {
            format!("none ({error}); `cargo xtask torch --cuda` fetches libtorch for NVIDIA GPUs")
        }
    };
    vec![
        (
            "torch engine".to_owned(),
            format!("ready, libtorch {}", gcrl_run::engine::libtorch_version()),
        ),
        ("gpus".to_owned(), gpus),
    ]
}

#[cfg(not(feature = "torch"))]
fn torch() -> Vec<(String, String)> {
    let how = "not in this build; `cargo xtask torch`, then build with `--features torch`";
    vec![("torch engine".to_owned(), how.to_owned())]
}
