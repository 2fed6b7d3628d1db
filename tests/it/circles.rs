//! Files of one crate import each other in one direction, so that each can be read after those it names.
//!
//! A file names another by a path that starts with `crate` or `super`. The file that heads a folder, and
//! the crate's own, may name its parts, and they it; what it hands on by `pub use` counts as named where it
//! is. Unit tests do not count.

use crate::source;
use std::collections::{BTreeMap, BTreeSet};

/// A module, from the crate's root on; the root is empty.
type Module = Vec<String>;

/// What one file says of others.
#[derive(Default)]
struct Names {
    /// Paths in it.
    paths: Vec<Vec<String>>,
    /// Where the items are that it hands on.
    handed_on: BTreeMap<String, Vec<String>>,
}

#[test]
fn files_of_a_crate_import_each_other_in_one_direction() {
    for folder in source::crates().into_values() {
        let src = format!("{folder}/src");
        let files = source::rust_files(&src).into_iter().map(|path| {
            let module = path[src.len() + 1..].trim_end_matches(".rs").split('/');
            let module = module.filter(|name| !["lib", "main", "mod"].contains(name));
            (module.map(str::to_owned).collect(), source::text(&path))
        });
        assert_eq!(circle(&files.collect()), [""; 0], "a circle of files in {folder}");
    }
}

#[test]
fn a_circle_through_a_group_and_through_what_is_handed_on_is_found() {
    let files = |lib: &str, shape: &str| {
        let files = [
            ("", lib),
            ("ball", "use crate::{\n    // Not that one.\n    shape::{Shape, Size as Edge},\n};"),
            ("shape", shape),
            ("user", "fn touch() { crate::ball::touch() }"),
        ];
        files.map(|(module, text)| (split(module), text.to_owned())).into()
    };
    let found = circle(&files("pub use ball::Ball;", "struct Room(crate::Ball);"));
    assert_eq!(found, ["ball", "shape"]);
    let found = circle(&files("struct Ball;", "// crate::ball\nstruct Room(crate::Ball);"));
    assert_eq!(found, [""; 0], "the head of a crate may name its parts, and they it");
    let tested = "#[cfg(test)]\nmod tests {\n    use crate::ball::Ball;\n}";
    assert_eq!(circle(&files("", tested)), [""; 0]);
}

fn split(module: &str) -> Module {
    module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The modules that remain when all are taken away that name no remaining one, or that none names.
fn circle(files: &BTreeMap<Module, String>) -> Vec<String> {
    let names: BTreeMap<_, _> =
        files.iter().map(|(module, text)| (module.clone(), names(&tokens(text)))).collect();
    let named = |module: &Module| {
        let paths = names[module].paths.iter();
        let named = paths.filter_map(|path| resolve(&names, module, path));
        named.filter(|named| !named.starts_with(module)).collect()
    };
    let mut left: BTreeMap<Module, BTreeSet<Module>> =
        files.keys().map(|module| (module.clone(), named(module))).collect();
    loop {
        let targets: BTreeSet<_> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|module, named| !named.is_empty() && targets.contains(module));
        if left.len() == before {
            return left.keys().map(|module| module.join("::")).collect();
        }
        let remaining: BTreeSet<_> = left.keys().cloned().collect();
        for named in left.values_mut() {
            named.retain(|module| remaining.contains(module));
        }
    }
}

/// The module that holds what `path` means in `module`, if it is one of this crate.
fn resolve(names: &BTreeMap<Module, Names>, module: &Module, path: &[String]) -> Option<Module> {
    let mut rest = path.iter().peekable();
    let mut at = match path.first()?.as_str() {
        "crate" => Module::new(),
        "self" | "super" => module.clone(),
        _ => return None,
    };
    while let Some(name) = rest.next_if(|name| ["crate", "self", "super"].contains(&name.as_str()))
    {
        if name == "super" {
            at.pop();
        }
    }
    for name in rest {
        let part = [&at[..], std::slice::from_ref(name)].concat();
        if names.contains_key(&part) {
            at = part;
        } else if let Some(handed_on) = names[&at].handed_on.get(name) {
            let of_part = [&["self".to_owned()], &handed_on[..]].concat();
            let is_of_crate = ["crate", "self", "super"].contains(&handed_on[0].as_str());
            let path = if is_of_crate { handed_on } else { &of_part };
            return resolve(names, &at, path);
        } else {
            break;
        }
    }
    Some(at)
}

/// Words and signs of a file, without comments and unit tests.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_of_tests = |next: &&str| next.contains("mod ") && next.ends_with('{');
        if line == "#[cfg(test)]" && lines.peek().is_some_and(is_of_tests) {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        let mut rest = code.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = match rest.find(|c| !is_word(c)) {
                _ if rest.starts_with("::") => 2,
                Some(0) => first.len_utf8(),
                length => length.unwrap_or(rest.len()),
            };
            tokens.push(rest[..length].to_owned());
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// The paths in a file, and what it hands on.
fn names(tokens: &[String]) -> Names {
    let mut names = Names::default();
    let mut rest = tokens;
    let mut before = [""; 2];
    while let [first, after @ ..] = rest {
        let is_path = after.first().is_some_and(|next| next == "::") && before[1] != "::";
        if !is_path {
            (before, rest) = ([before[1], first], after);
            continue;
        }
        let mut found = Vec::new();
        read_path(&mut rest, &[], &mut found);
        if before[1] == "use" && ["pub", ")"].contains(&before[0]) {
            names.handed_on.extend(found);
        } else {
            names.paths.extend(found.into_iter().map(|(_, path)| path));
        }
        before = [""; 2];
    }
    names
}

/// Reads a path, `a::b`, `a::b as c` or `a::{b, c::d}`, behind `start`, and adds what it names.
fn read_path(rest: &mut &[String], start: &[String], found: &mut Vec<(String, Vec<String>)>) {
    let mut path = start.to_vec();
    loop {
        match *rest {
            [open, after @ ..] if open == "{" => {
                *rest = after;
                while rest.first().is_some_and(|next| next != "}") {
                    read_path(rest, &path, found);
                    *rest = rest.strip_prefix(&[",".to_owned()]).unwrap_or(rest);
                }
                *rest = rest.get(1..).unwrap_or_default();
                return;
            }
            [name, after @ ..] => {
                path.push(name.clone());
                *rest = after;
            }
            [] => return,
        }
        match *rest {
            [colons, after @ ..] if colons == "::" => *rest = after,
            [word, name, after @ ..] if word == "as" => {
                *rest = after;
                found.push((name.clone(), path));
                return;
            }
            _ => {
                let name = path.last().cloned().unwrap_or_default();
                found.push((name, path));
                return;
            }
        }
    }
}
