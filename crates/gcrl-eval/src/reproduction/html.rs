//! A report as one page of HTML that is well-formed XML too: styles and pictures are inside, nothing is
//! loaded, nothing runs.
//!
//! Pictures are drawn for white paper; the page's style gives their colors, found by value, a counterpart
//! on a dark page (`page.css`).

use super::document::{Cell, CellCommands, Document, Figure, Part, Row, Section, Table};
use crate::plots::Plot;

const STYLE: &str = include_str!("page.css");

pub(super) fn page(document: &Document) -> String {
    let title = escaped(&document.title);
    let links: String = document
        .sections
        .iter()
        .map(|section| format!("<a href=\"#{}\">{}</a>\n", section.anchor, escaped(section.title)))
        .collect();
    let sections: String = document.sections.iter().map(section).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<nav>\n{links}</nav>\n{sections}</main>\n</body>\n</html>\n"
    )
}

fn section(Section { anchor, title, parts }: &Section) -> String {
    let parts: String = parts.iter().map(part).collect();
    format!("<section id=\"{anchor}\">\n<h2>{}</h2>\n{parts}</section>\n", escaped(title))
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => format!("<p>{}</p>\n", escaped(text)),
        Part::Table(part) => table(part),
        Part::Figures(figures) => {
            let figures: String = figures.iter().map(figure).collect();
            format!("<div class=\"figures\">\n{figures}</div>\n")
        }
        Part::Commands(blocks) => blocks.iter().map(commands).collect(),
    }
}

fn table(Table { label, columns, groups }: &Table) -> String {
    let head: String =
        columns.iter().map(|name| format!("<th scope=\"col\">{}</th>", escaped(name))).collect();
    let groups: String = groups
        .iter()
        .map(|group| {
            let n_columns = columns.len();
            let title = (!group.title.is_empty()).then(|| {
                let title = escaped(&group.title);
                format!(
                    "<tr class=\"group\"><th scope=\"rowgroup\">{title}</th>\
                     <td colspan=\"{n_columns}\"></td></tr>\n"
                )
            });
            let rows: String = group.rows.iter().map(row).collect();
            format!("<tbody>\n{}{rows}</tbody>\n", title.unwrap_or_default())
        })
        .collect();
    let label = escaped(label);
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table by {label}\">\n<table>\n\
         <thead><tr><th scope=\"col\">{label}</th>{head}</tr></thead>\n{groups}</table>\n</div>\n"
    )
}

fn row(Row { label, cells }: &Row) -> String {
    let cells: String = cells.iter().map(cell).collect();
    format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(label))
}

fn cell(Cell { text, notes, verdict, link }: &Cell) -> String {
    let text = escaped(text);
    let text = match link {
        Some(anchor) => format!("<a href=\"#{anchor}\">{text}</a>"),
        None => format!("<span>{text}</span>"),
    };
    let notes: String =
        notes.iter().map(|note| format!("<small>{}</small>", escaped(note))).collect();
    let verdict = verdict.as_ref().map(|(verdict, words)| {
        format!("<small class=\"{}\">{}</small>", verdict.word(), escaped(words))
    });
    format!("<td>{text}{notes}{}</td>", verdict.unwrap_or_default())
}

fn figure(Figure { name, caption, plot }: &Figure) -> String {
    let caption = escaped(caption);
    let svg = inline(plot, &caption);
    format!(
        "<figure id=\"figure-{name}\">\n<div class=\"picture\">{svg}</div>\n\
         <figcaption>{caption}</figcaption>\n</figure>\n"
    )
}

/// The picture as an element of the page, which sizes it.
fn inline(plot: &Plot, label: &str) -> String {
    let svg = plot.svg();
    let inside =
        svg.find("<svg").and_then(|start| svg[start..].find('>').map(|end| start + end + 1));
    let (width, height) = Plot::SIZE;
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\">{}",
        svg[inside.expect("a picture is an element")..].trim_end()
    )
}

fn commands(CellCommands { anchor, title, facts, commands }: &CellCommands) -> String {
    let facts: String = facts.iter().map(|fact| format!("<li>{}</li>", escaped(fact))).collect();
    let commands: String = commands
        .iter()
        .map(|command| format!("<pre><code>{}</code></pre>\n", escaped(command)))
        .collect();
    format!(
        "<article id=\"{anchor}\">\n<h3>{}</h3>\n<ul>{facts}</ul>\n{commands}</article>\n",
        escaped(title)
    )
}

/// Text as content of an element or an attribute; control characters, which no page may hold, become
/// spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '"' => escaped += "&quot;",
            _ if letter.is_control() => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<b> & \"c\"\u{1}"), "&lt;b&gt; &amp; &quot;c&quot; ");
    }
}
