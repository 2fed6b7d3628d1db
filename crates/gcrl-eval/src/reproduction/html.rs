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
    let links = each(&document.sections, |section| {
        format!("<a href=\"#{}\">{}</a>\n", section.anchor, escaped(section.title))
    });
    let sections = each(&document.sections, section);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<nav>\n{links}</nav>\n{sections}</main>\n</body>\n</html>\n"
    )
}

fn section(Section { anchor, title, parts }: &Section) -> String {
    let parts = each(parts, part);
    format!("<section id=\"{anchor}\">\n<h2>{}</h2>\n{parts}</section>\n", escaped(title))
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => format!("<p>{}</p>\n", escaped(text)),
        Part::Table(part) => table(part),
        Part::Figures(figures) => {
            let figures = each(figures, figure);
            format!("<div class=\"figures\">\n{figures}</div>\n")
        }
        Part::Commands(blocks) => each(blocks, commands),
    }
}

fn table(Table { label, columns, groups }: &Table) -> String {
    let head = each(columns, |name| format!("<th scope=\"col\">{}</th>", escaped(name)));
    let n_columns = columns.len();
    let groups = each(groups, |group| {
        let title = escaped(&group.title);
        let title = (!title.is_empty()).then(|| {
            format!(
                "<tr class=\"group\"><th scope=\"rowgroup\">{title}</th>\
                 <td colspan=\"{n_columns}\"></td></tr>\n"
            )
        });
        format!("<tbody>\n{}{}</tbody>\n", title.unwrap_or_default(), each(&group.rows, row))
    });
    let label = escaped(label);
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table by {label}\">\n<table>\n\
         <thead><tr><th scope=\"col\">{label}</th>{head}</tr></thead>\n{groups}</table>\n</div>\n"
    )
}

fn row(Row { label, cells }: &Row) -> String {
    let cells = each(cells, cell);
    format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(label))
}

fn cell(Cell { text, notes, verdict, link }: &Cell) -> String {
    let text = escaped(text);
    let text = match link {
        Some(anchor) => format!("<a href=\"#{anchor}\">{text}</a>"),
        None => format!("<span>{text}</span>"),
    };
    let notes = each(notes, |note| format!("<small>{}</small>", escaped(note)));
    let verdict = verdict.as_ref().map(|(verdict, words)| {
        format!("<small class=\"{}\">{}</small>", verdict.word(), escaped(words))
    });
    format!("<td>{text}{notes}{}</td>", verdict.unwrap_or_default())
}

fn figure(Figure { name, title, caption, plot }: &Figure) -> String {
    let svg = inline(plot, &escaped(title));
    let caption = if caption.is_empty() {
        String::new()
    } else {
        format!("<figcaption>{}</figcaption>\n", escaped(caption))
    };
    format!(
        "<figure id=\"figure-{name}\">\n<div class=\"picture\">{svg}</div>\n{caption}</figure>\n"
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

fn commands(CellCommands { anchor, title, facts, replay, commands }: &CellCommands) -> String {
    let facts = each(facts, |fact| format!("<li>{}</li>", escaped(fact)));
    let replay = replay.as_ref().map_or_else(String::new, |page| {
        format!("<li><a href=\"{}\">watch it</a></li>", escaped(page))
    });
    let commands =
        each(commands, |command| format!("<pre><code>{}</code></pre>\n", escaped(command)));
    format!(
        "<article id=\"{anchor}\">\n<h3>{}</h3>\n<ul>{facts}{replay}</ul>\n{commands}</article>\n",
        escaped(title)
    )
}

/// What is written of each of `items`, one after the other.
fn each<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    items.iter().map(write).collect()
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
