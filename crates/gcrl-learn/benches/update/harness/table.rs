//! The table: updates per CPU second, median (least to most) of the rounds, and the median of the ratios
//! to each reference, round by round.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use super::{Size, reference};

pub(super) fn print(size: &Size, names: &[&str], speeds: &[Vec<f64>]) {
    let references = reference::SCRIPTS.map(|script| script.name);
    let spec = size.spec;
    println!(
        "\n{}: observation {}, goal {}, action {}; {} episodes",
        size.name,
        spec.observation_dim(),
        spec.goal_dim(),
        spec.action_dim(),
        size.episodes.n_episodes,
    );
    print!("{:<18} {:>28}", "variant", "updates per CPU second");
    for reference in references {
        print!(" {:>16}", format!("to {reference}"));
    }
    println!();
    for (name, own) in names.iter().zip(speeds) {
        let least = own.iter().copied().fold(f64::INFINITY, f64::min);
        let most = own.iter().copied().fold(0.0, f64::max);
        let summary = format!("{:.1} ({least:.1} to {most:.1})", median(own.clone()));
        print!("{name:<18} {summary:>28}");
        for reference in references {
            let others = names.iter().position(|name| *name == reference).map(|i| &speeds[i]);
            let ratio = others.map_or("-".to_owned(), |others| {
                let ratios = own.iter().zip(others).map(|(own, other)| own / other);
                format!("{:.2}", median(ratios.collect()))
            });
            print!(" {ratio:>16}");
        }
        println!();
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let (below, above) = (numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]);
    f64::midpoint(below, above)
}
