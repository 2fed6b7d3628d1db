//! Reports of hand-made outcomes, small enough to check by hand.

use super::*;
use crate::outcome::{Cost, CurveSample, FinalScore, MethodGroup};
use crate::plots::{Curve, CurvePoint, LearningCurves, Reference};
use resvg::usvg::roxmltree::{self, ParsingOptions};
use std::collections::BTreeSet;

const DATA: [&str; 2] = ["expert-v1", "random-v1"];

fn method(key: &str, name: &str, paper_name: Option<&str>, group: MethodGroup) -> Method {
    let paper_name = paper_name.map(str::to_owned);
    Method { key: key.to_owned(), name: name.to_owned(), paper_name, group, variant_of: None }
}

fn methods() -> Vec<Method> {
    use MethodGroup::{Ablation, Beyond, Paper, Variants};
    let wide = method("her-wide", "HER, wide", None, Variants);
    vec![
        method("wgcsl", "WGCSL", Some("WGCSL"), Paper),
        method("gcsl", "GCSL", Some("GCSL"), Paper),
        method("her", "HER", Some("HER"), Paper),
        method("wgcsl-no-drw", "WGCSL, no DRW", Some("WGCSL"), Beyond),
        method("new", "a <new> & \"better\" one", None, Beyond),
        method("gcsl-drw", "GCSL + DRW", None, Ablation),
        Method { variant_of: Some("her".to_owned()), ..wide },
    ]
}

fn outcome(task: &str, dataset: &str, method: &str, seed: u64, mean_return: f64) -> Outcome {
    let score = FinalScore {
        n_episodes: 100,
        mean_return,
        return_standard_error: Some(0.5),
        discounted_return: 0.6 * mean_return,
        success: 0.9,
        final_distance: 0.025,
    };
    Outcome {
        task: task.to_owned(),
        dataset: dataset.to_owned(),
        method: method.to_owned(),
        seed,
        n_updates: 1_000,
        score,
        curve: Vec::new(),
        cost: None,
    }
}

fn report(outcomes: Vec<Outcome>) -> Reproduction {
    Reproduction {
        methods: methods(),
        outcomes,
        folder: "runs/paper".to_owned(),
        policies: Vec::new(),
        notes: Vec::new(),
    }
}

/// Two seeds of `method` around `mean_return`, with curves and costs.
fn full(task: &str, dataset: &str, method: &str, mean_return: f64) -> Vec<Outcome> {
    let sample = |n_updates, share: f64| CurveSample {
        n_updates,
        mean_return: share * mean_return,
        discounted_return: 0.6 * share * mean_return,
        success: share,
        mean_q: matches!(method, "wgcsl" | "her").then_some(40.0 * share),
    };
    [(0, -0.5), (1, 0.5)]
        .map(|(seed, difference)| Outcome {
            curve: vec![sample(500, 0.5), sample(1_000, 1.0)],
            cost: Some(Cost { core_seconds: 24.0, evaluation_core_seconds: 4.0 }),
            ..outcome(task, dataset, method, seed, mean_return + difference)
        })
        .to_vec()
}

/// Every method on both data sets of two tasks.
fn full_report() -> Reproduction {
    let keys = ["wgcsl", "gcsl", "her", "wgcsl-no-drw", "new", "gcsl-drw"];
    let cells = ["PointReach", "FetchPush"].into_iter().flat_map(|task| {
        DATA.into_iter().flat_map(move |dataset| {
            let method = move |(place, key)| full(task, dataset, key, 40.0 - 5.0 * place as f64);
            keys.into_iter().enumerate().flat_map(method)
        })
    });
    report(cells.collect())
}

#[test]
fn a_small_report_is_this() {
    let outcomes = vec![
        outcome("PointReach", "expert-v1", "wgcsl", 0, 44.2),
        outcome("PointReach", "expert-v1", "wgcsl", 1, 44.4),
        outcome("PointReach", "expert-v1", "gcsl", 0, 40.9),
        outcome("PointReach", "expert-v1", "her", 0, 25.0),
        outcome("FetchPush", "random-v1", "wgcsl", 3, 8.0),
        outcome("FetchPush", "random-v1", "wgcsl-no-drw", 0, 11.0),
        outcome("FetchPush", "random-v1", "unheard-of", 0, 11.0),
    ];
    let text = report(outcomes).to_markdown();
    assert_eq!(text, include_str!("small_report.txt"));
}

#[test]
fn nothing_is_a_table_of_dashes_and_lines_that_say_so() {
    let text = report(Vec::new()).to_markdown();
    assert_eq!(text.matches("Left out: ").count(), 7);
    // Twenty data sets with three methods and their order.
    assert_eq!(text.matches("| –").count(), 80);
    assert!(report(Vec::new()).plots().is_empty());
}

#[test]
fn the_page_is_well_formed_and_loads_nothing() {
    for report in [report(Vec::new()), full_report()] {
        let page = report.to_html();
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let tree = roxmltree::Document::parse_with_options(&page, options).unwrap();
        assert!(!page.contains("http") && !page.contains("url(") && !page.contains("@import"));
        for element in tree.descendants().filter(roxmltree::Node::is_element) {
            let name = element.tag_name().name();
            assert!(!["script", "img", "link", "iframe", "object"].contains(&name), "{name}");
            assert_eq!(element.attribute("src"), None);
        }
    }
}

#[test]
fn every_link_of_the_page_leads_to_one_place() {
    let page = full_report().to_html();
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let tree = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let ids: Vec<&str> = tree.descendants().filter_map(|node| node.attribute("id")).collect();
    let links = tree.descendants().filter_map(|node| node.attribute("href"));
    let mut n_cells = 0;
    for link in links {
        let target = link.strip_prefix('#').unwrap();
        assert_eq!(ids.iter().filter(|id| **id == target).count(), 1, "{link}");
        n_cells += usize::from(target.starts_with("cell-"));
    }
    // Two tasks, two data sets, five columns.
    assert_eq!(n_cells, 20);
}

#[test]
fn the_page_has_each_cell_and_the_commands_of_it() {
    let page = full_report().to_html();
    for text in [
        // FetchPush, random: the paper has 11.48 ± 1.03.
        "<a href=\"#cell-FetchPush-random-v1-wgcsl\">40.00 ± 0.71 (2 seeds)</a>\
         <small>paper 11.48 ± 1.03</small><small class=\"above\">above +28.52 (+27.7 std)</small>",
        // PointReach, expert: the paper has 24.68 ± 7.07 for HER.
        "30.00 ± 0.71 (2 seeds)</a><small>paper 24.68 ± 7.07</small>\
         <small class=\"within\">within +5.32 (+0.8 std)</small>",
        "<th scope=\"col\">a &lt;new&gt; &amp; &quot;better&quot; one</th>",
        "gcrl reproduce --tasks FetchPush --data random --methods her --seeds 0..2 --out runs/paper<",
        "gcrl view FetchPush --policy \
         runs/paper/cells/FetchPush/random-v1/her/seed-0/policies/seed-0.safetensors<",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn a_policy_that_is_at_hand_is_linked_to_its_replay() {
    let policy = CellPolicy {
        task: "FetchPush".to_owned(),
        dataset: "random-v1".to_owned(),
        method: "her".to_owned(),
        path: "elsewhere/seed-1.safetensors".into(),
        replay: Some("replays/FetchPush-random-v1.html#2".to_owned()),
    };
    let report = Reproduction { policies: vec![policy], ..full_report() };
    let (page, text) = (report.to_html(), report.to_markdown());
    for found in [
        "<li><a href=\"replays/FetchPush-random-v1.html#2\">watch it</a></li>",
        "gcrl view FetchPush --policy elsewhere/seed-1.safetensors<",
    ] {
        assert_eq!(page.matches(found).count(), 1, "{found}");
    }
    assert_eq!(text.matches("\n- [watch it](<replays/FetchPush-random-v1.html#2>)\n").count(), 1);
}

#[test]
fn every_picture_is_in_the_page_and_named_in_markdown() {
    let report = full_report();
    let plots = report.plots();
    let names: Vec<&str> = plots.iter().map(|(name, _)| &**name).collect();
    // Two aggregates, and curves, ablation and values of four data sets.
    assert_eq!(names.len(), 14, "{names:?}");
    let (page, text) = (report.to_html(), report.to_markdown());
    for name in names {
        assert!(page.contains(&format!("id=\"figure-{name}\"")), "{name}");
        assert!(text.contains(&format!("](plots/{name}.svg)")), "{name}");
    }
    assert_eq!(page.matches("<svg ").count(), 14);
}

#[test]
fn every_color_of_a_picture_shows_on_a_dark_page() {
    let point = |x: f64| CurvePoint::over_seeds(x, &[1.0, 2.0]);
    let curve =
        |place: usize| Curve { label: place.to_string(), points: vec![point(0.0), point(1.0)] };
    let picture = LearningCurves {
        title: "all colors".to_owned(),
        x_label: "update".to_owned(),
        y_label: "return".to_owned(),
        curves: (0..7).map(curve).collect(),
        references: vec![Reference { label: "gray".to_owned(), y: 1.0 }],
    };
    let plot = picture.draw().unwrap();
    let colors: BTreeSet<&str> = plot
        .svg()
        .match_indices("\"#")
        .map(|(start, _)| &plot.svg()[start + 1..start + 8])
        .collect();
    // White, text, grid, gray, and seven of curves.
    assert_eq!(colors.len(), 11, "{colors:?}");
    let style = include_str!("page.css");
    for color in colors {
        let part = |start| f64::from(u8::from_str_radix(&color[start..start + 2], 16).unwrap());
        let brightness = (0.21 * part(1) + 0.72 * part(3) + 0.07 * part(5)) / 255.0;
        let is_bright = 0.5 < brightness && brightness < 0.8;
        assert!(is_bright || style.contains(&format!("\"{color}\"")), "{color}");
    }
}

#[test]
fn equal_outcomes_in_another_order_are_an_equal_report() {
    let report = full_report();
    let mut reversed = report.clone();
    reversed.outcomes.reverse();
    assert_eq!(report.to_html(), reversed.to_html());
}

#[test]
fn a_column_that_just_began_does_not_enter_the_comparison() {
    let mut outcomes = full_report().outcomes;
    outcomes.retain(|outcome| outcome.method != "new" || outcome.task == "never");
    outcomes.push(outcome("PointReach", "expert-v1", "new", 0, 30.0));
    let text = report(outcomes).to_markdown();
    assert!(text.contains("over the 4 data sets that all compared methods have been run on"));
    let expected = "Not compared, because run on fewer data sets: a &lt;new> &amp; \"better\" one.";
    assert!(text.contains(expected));
}

#[test]
fn wgcsl_always_improves_on_what_always_returns_less() {
    let text = full_report().to_markdown();
    // Interquartile mean of eight runs at 39.5 and 40.5: 40 / 49.
    assert!(text.contains("| WGCSL | 8 | 0.816<br>"), "{text}");
    assert!(text.contains("| 1.000<br>1.000 to 1.000 |"));
}

#[test]
fn variants_stand_beside_their_methods_and_not_in_the_main_table() {
    let outcomes = vec![
        outcome("PointReach", "expert-v1", "her-wide", 0, 31.0),
        outcome("PointReach", "expert-v1", "her-wide", 1, 33.0),
        outcome("PointReach", "expert-v1", "her", 0, 25.0),
        outcome("FetchPush", "random-v1", "her", 0, 5.0),
    ];
    let text = report(outcomes).to_markdown();
    let row = "| PointReach/expert-v1 | 32.00 ± 1.41 | 25.00 | 24.68 ± 7.07 |";
    assert_eq!(text.matches("32.00").count(), text.matches(row).count(), "{text}");
    assert!(text.contains(row), "{text}");
    assert!(!text.contains("| FetchPush/random-v1 | –"), "{text}");
}

#[test]
fn costs_are_those_of_all_runs() {
    let text = full_report().to_markdown();
    // 48 runs of 24 core-seconds; a run does 1,000 updates in 20 of them; 4 of 24 are evaluation.
    assert!(text.contains("took 1,152 core-seconds, or 0.3 core-hours"));
    assert!(text.contains("| WGCSL | 8 | 24 | 50 | 16.7 % |"));
    assert!(text.contains("| PointReach | 48 | 48 | 48 | 48 | 48 | 48 |"));
}

#[test]
fn a_score_that_is_not_finite_costs_its_pictures_alone() {
    let mut broken = full("PointReach", "expert-v1", "wgcsl", 40.0);
    broken[0].curve[0].mean_return = f64::NAN;
    broken[1].curve[0].mean_q = Some(f64::INFINITY);
    let report = report(broken);
    let expected = "Not drawn: \\`WGCSL\\` holds a number that is not finite, in";
    assert!(report.to_markdown().contains(expected));
    assert_eq!(report.plots().len(), 1, "the values, with the estimate at the edge");
}
