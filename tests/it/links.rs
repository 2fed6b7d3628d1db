//! Links of the project's Markdown files lead somewhere: to a file or a folder of the project, and to a
//! heading where they name one. Links into the web are not followed.

use crate::source;
use std::path::Path;

/// Folders with Markdown files, beside the top level.
const FOLDERS: [&str; 5] = ["assets", "crates", "datasets", "envs", "tests"];

/// Every Markdown file, by its path from the workspace.
fn pages() -> Vec<String> {
    let mut pages: Vec<_> = FOLDERS.into_iter().flat_map(below).collect();
    pages.extend(source::names("."));
    pages.retain(|path| Path::new(path).extension().is_some_and(|ending| ending == "md"));
    pages
}

/// Every file below `folder`, by its path from the workspace.
fn below(folder: &str) -> Vec<String> {
    let paths = source::names(folder).into_iter().map(|name| format!("{folder}/{name}"));
    let files = |path: String| {
        if source::root().join(&path).is_dir() { below(&path) } else { vec![path] }
    };
    paths.flat_map(files).collect()
}

/// A page without its code.
fn prose(markdown: &str) -> String {
    let without_blocks: String = markdown.split("```").step_by(2).collect();
    without_blocks.split('`').step_by(2).collect()
}

/// Where the links and pictures of a page lead, as they are written.
fn targets(markdown: &str) -> Vec<String> {
    let prose = prose(markdown);
    let starts = prose.split("](").skip(1);
    starts.filter_map(|rest| Some(rest.split_once(')')?.0.trim().to_owned())).collect()
}

/// The name by which a link reaches a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn has_heading(markdown: &str, name: &str) -> bool {
    let text: String = markdown.split("```").step_by(2).collect();
    text.lines()
        .filter(|line| line.starts_with('#'))
        .any(|line| anchor(line.trim_start_matches('#')) == name)
}

/// Says what is wrong with a link on `page`, if anything is.
fn problem(page: &str, target: &str) -> Option<String> {
    if ["http://", "https://", "mailto:"].iter().any(|start| target.starts_with(start)) {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(page).parent().unwrap_or(Path::new(""));
    let linked = if path.is_empty() { page.into() } else { folder.join(path) };
    if !source::root().join(&linked).exists() {
        return Some(format!("{page}: nothing is at `{target}`"));
    }
    let is_there = heading.is_empty() || has_heading(&source::text(linked.to_str()?), heading);
    (!is_there).then(|| format!("{page}: no heading is called `{target}`"))
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    assert!(pages.contains(&"crates/gcrl/docs/README.md".to_owned()), "{pages:?}");
    let wrong = |page: &String| {
        let targets = targets(&source::text(page)).into_iter();
        targets.filter_map(|target| problem(page, &target)).collect::<Vec<_>>()
    };
    let wrong: Vec<_> = pages.iter().flat_map(wrong).collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_page_of_documentation_is_in_the_index() {
    let folder = "crates/gcrl/docs";
    let index = targets(&source::text(&format!("{folder}/README.md")));
    for page in source::names(folder).iter().filter(|name| *name != "README.md") {
        assert!(index.contains(page), "{page} is not in {folder}/README.md");
    }
}

#[test]
fn links_are_read_from_prose_only() {
    let markdown = "[a](b.md), `[c](d)` and ![e](f/g.png#h)\n```sh\n[i](j)\n```\n[k\nl](m)";
    assert_eq!(targets(markdown), ["b.md", "f/g.png#h", "m"]);
}

#[test]
fn links_to_nowhere_are_noticed() {
    let page = "crates/README.md";
    for right in ["../README.md", "gcrl/docs", "https://example.org", "#what-must-stay-true"] {
        assert_eq!(problem(page, right), None);
    }
    for wrong in ["assets/tasks.png", "#what-may-change", "gcrl/docs/README.md#what-must-stay-true"]
    {
        assert!(problem(page, wrong).is_some(), "{wrong}");
    }
}
