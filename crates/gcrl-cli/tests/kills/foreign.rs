//! What belongs to others: files and folders beside a command's own, some with the names of temporaries of
//! other files.

use crate::place::Place;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::os::unix::fs::symlink;

/// Names in a folder, and what is in them. No command writes a file called `x` or `notes.txt`.
const FILES: &[(&str, &str)] = &[
    ("notes.txt", "mine"),
    (".notes.txt.gcrl-1-abcdef", "the temporary of another file"),
    (".x.gcrl-2-abcdef/half.txt", "the temporary of another folder"),
    (".out.gcrl-3", "nearly the name of a temporary"),
    (".results.json.gcrl-x-abcdef", "nearly the name of another"),
];

/// A link with the name of a temporary of `out`, and what it leads to.
const LINK: (&str, &str) = (".out.gcrl-4-abcdef", "precious");

/// What was put into a place: files, by name, and what is in them.
#[derive(Default)]
pub(crate) struct Foreign(BTreeMap<String, String>);

/// Folders that hold nothing else.
const FOLDERS: [&str; 2] = [".x.gcrl-2-abcdef/", "precious/"];

impl Foreign {
    /// Puts files into the folder `folder`, once.
    pub(crate) fn put(&mut self, place: &Place, folder: &str) {
        for (name, content) in FILES {
            let name = format!("{folder}{name}");
            if let Entry::Vacant(entry) = self.0.entry(name) {
                place.write(entry.key(), content);
                entry.insert((*content).to_owned());
            }
        }
    }

    /// Puts a link with a temporary's name, and what it leads to, into the place.
    pub(crate) fn put_link(&mut self, place: &Place) {
        let (link, target) = LINK;
        let inner = format!("{target}/a.txt");
        place.write(&inner, "behind a link");
        symlink(target, place.path(link)).expect("links can be made");
        self.0.insert(inner, "behind a link".to_owned());
    }

    /// Asserts that all of it is as it was.
    pub(crate) fn check(&self, place: &Place) {
        for (name, content) in &self.0 {
            assert_eq!(place.text(name), *content, "{name}");
        }
        if self.0.contains_key("precious/a.txt") {
            assert!(place.path(LINK.0).is_symlink());
        }
    }

    /// Whether the file, or the folder whose name ends in `/`, is one of them.
    pub(crate) fn holds(&self, name: &str) -> bool {
        let is_folder = FOLDERS.iter().any(|folder| name.ends_with(folder));
        self.0.contains_key(name) || is_folder || name.starts_with(LINK.0)
    }
}
