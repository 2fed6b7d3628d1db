//! A report as Markdown: tables in the dialect of GitHub, pictures by relative path.

use super::document::{Cell, CellCommands, Document, Figure, Part, Row, Table};
use std::iter;

pub(super) fn text(document: &Document) -> String {
    let mut text = format!("# {}\n", escaped(&document.title));
    for section in &document.sections {
        text += &format!("\n## {}\n", escaped(section.title));
        for written in section.parts.iter().map(part) {
            text += &format!("\n{written}");
        }
    }
    text
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => escaped(text) + "\n",
        Part::Table(part) => table(part),
        Part::Figures(figures) => figures.iter().map(figure).collect::<Vec<_>>().join("\n"),
        Part::Commands(blocks) => blocks.iter().map(commands).collect::<Vec<_>>().join("\n"),
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

fn figure(Figure { name, caption, .. }: &Figure) -> String {
    let caption = escaped(caption);
    format!("![{caption}](plots/{name}.svg)\n\n{caption}\n")
}

fn commands(CellCommands { title, facts, commands, .. }: &CellCommands) -> String {
    let facts: String = facts.iter().map(|fact| format!("- {}\n", escaped(fact))).collect();
    let title = escaped(title);
    format!("### {title}\n\n{facts}\n```console\n{}\n```\n", commands.join("\n"))
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
