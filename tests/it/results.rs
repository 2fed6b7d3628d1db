//! The page of the paper's table is what the committed results say.
//!
//! `gcrl reproduce` writes `results.csv`, `curves.csv` and `costs.csv`; put into `crates/gcrl/docs/results`,
//! they become the page by `GCRL_RENEW_RESULTS=1 cargo test -p gcrl-cli --test it results`.

use crate::source;
use gcrl_eval::outcome::{Method, OutcomeFiles};
use gcrl_eval::reproduction::Reproduction;
use gcrl_run::reproduce::MethodPreset;
use std::fs;

const FOLDER: &str = "crates/gcrl/docs/results";

fn committed() -> Reproduction {
    let text = |name: &str| source::text(&format!("{FOLDER}/{name}.csv"));
    let files =
        OutcomeFiles { results: text("results"), curves: text("curves"), costs: text("costs") };
    let outcomes = files.read().expect("the committed results can be read");
    let has = |method: &Method| outcomes.iter().any(|outcome| outcome.method == method.key);
    let methods = MethodPreset::all().iter().map(MethodPreset::method).filter(has).collect();
    let folder = "runs/paper".to_owned();
    Reproduction { methods, outcomes, folder, policies: Vec::new(), notes: Vec::new() }
}

#[test]
fn the_page_is_what_the_committed_results_say() {
    let report = committed();
    let text = report.to_markdown();
    if std::env::var_os("GCRL_RENEW_RESULTS").is_some() {
        let folder = source::root().join(FOLDER);
        fs::create_dir_all(folder.join("plots")).expect("folders can be made");
        fs::write(folder.join("README.md"), &text).expect("files can be written");
        for (name, plot) in report.plots() {
            let file = folder.join(format!("plots/{name}.svg"));
            fs::write(file, plot.svg()).expect("files can be written");
        }
    }
    assert_eq!(source::text(&format!("{FOLDER}/README.md")), text);
}
