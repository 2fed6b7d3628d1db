//! A report as Markdown: tables in the dialect of GitHub, pictures by relative path, and what is
//! long folded away.

use super::document::{Cell, CellCommands, Document, Figure, Part, Row, Section, Table};
use std::iter;

pub(super) fn text(document: &Document) -> String {
    let sections = document.sections.iter().map(section);
    iter::once(format!("# {}\n", escaped(&document.title))).chain(sections).collect()
}

fn section(Section { title, parts, .. }: &Section) -> String {
    let title = format!("\n## {}\n", escaped(title));
    iter::once(title).chain(parts.iter().map(|part| "\n".to_owned() + &self::part(part))).collect()
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => escaped(text) + "\n",
        Part::Table(part) => table(part),
        Part::Figures(figures) => figures.iter().map(figure).collect::<Vec<_>>().join("\n"),
        Part::Commands(blocks) => {
            let blocks: Vec<String> = blocks.iter().map(commands).collect();
            let summary = "<summary>Runs and commands of each cell</summary>";
            format!("<details>\n{summary}\n\n{}\n</details>\n", blocks.join("\n"))
        }
    }
}

fn table(table: &Table) -> String {
    let head = line(iter::once(&table.label).chain(&table.columns).map(|name| escaped(name)));
    let rule =
        line(iter::once("---").chain(table.columns.iter().map(|_| "---:")).map(str::to_owned));
    let groups = table.groups.iter().flat_map(|group| {
        let title = format!("**{}**", escaped(&group.title));
        let empty = table.columns.iter().map(|_| String::new());
        let title = (!group.title.is_empty()).then(|| line(iter::once(title).chain(empty)));
        title.into_iter().chain(group.rows.iter().map(row))
    });
    [head, rule].into_iter().chain(groups).collect()
}

fn row(Row { label, cells }: &Row) -> String {
    line(iter::once(escaped(label)).chain(cells.iter().map(cell)))
}

fn cell(Cell { text, notes, verdict, link: _ }: &Cell) -> String {
    let verdict = verdict.iter().map(|(_, words)| words);
    let lines = iter::once(text).chain(notes).chain(verdict).map(|text| escaped(text));
    lines.collect::<Vec<_>>().join("<br>")
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn figure(Figure { name, title, caption, .. }: &Figure) -> String {
    let image = format!("![{}](plots/{name}.svg)\n", escaped(title));
    if caption.is_empty() { image } else { format!("{image}\n{}\n", escaped(caption)) }
}

fn commands(CellCommands { title, facts, replay, commands, .. }: &CellCommands) -> String {
    let replay = replay.iter().map(|page| format!("- [watch it](<{page}>)"));
    let facts = facts.iter().map(|fact| "- ".to_owned() + &escaped(fact));
    let facts: Vec<String> = facts.chain(replay).collect();
    let (title, facts) = (escaped(title), facts.join("\n"));
    format!("### {title}\n\n{facts}\n\n```console\n{}\n```\n", commands.join("\n"))
}

/// Text that Markdown shows as it is, in tables too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped += "&lt;",
            '&' => escaped += "&amp;",
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' => escaped.extend(['\\', letter]),
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_in_a_text_is_shown_and_not_obeyed() {
        assert_eq!(escaped("a|b <i> & *c*\nd"), "a\\|b &lt;i> &amp; \\*c\\* d");
    }
}
