//! File systems that cannot do all: no result is lost. And the permissions that the user wants.
#![cfg(target_os = "linux")]

use crate::place::{Finished, PROGRAM, Place, TINY};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Stands before the C library: folders cannot be synced, permissions not be set, files not be locked, as
/// on some network file systems and those in user space.
const SHIM: &str = r"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
static int refuse(int error) { errno = error; return -1; }
int fsync(int file) {
    struct stat found;
    if (fstat(file, &found) == 0 && S_ISDIR(found.st_mode)) return refuse(EINVAL);
    return ((int (*)(int))dlsym(RTLD_NEXT, __func__))(file);
}
int chmod(const char *path, mode_t mode) { return refuse(EPERM); }
int fchmod(int file, mode_t mode) { return refuse(EPERM); }
int fchmodat(int folder, const char *path, mode_t mode, int flags) { return refuse(EPERM); }
int flock(int file, int operation) { return refuse(ENOLCK); }
";

#[test]
fn folders_that_cannot_be_synced_and_files_that_cannot_be_locked_lose_nothing() {
    let place = Place::new();
    let shim = place.shim(SHIM).expect("the linker of Rust programs is a compiler of C");
    let run = |line: &str| {
        let finished = Finished::of(place.command(line).env("LD_PRELOAD", &shim));
        assert_eq!(finished.code, Some(0), "`gcrl {line}`: {}", finished.stderr);
    };
    let collect = "collect PointReach --behavior random --episodes 5 --out";
    place.succeeds(&format!("{collect} plain"));
    run(&format!("{collect} data"));
    assert!(place.files("data") == place.files("plain"));
    std::fs::create_dir(place.path("empty")).expect("folders can be made");
    run(&format!("{collect} empty"));
    assert!(place.files("empty") == place.files("plain"));
    run("evaluate PointReach --policy random --episodes 2 --record episodes");
    assert_eq!(place.files("episodes").len(), 2);
}

/// The permissions of all that was made, by name.
fn modes(place: &Place, umask: &str) -> BTreeMap<String, u32> {
    let commands = format!(
        "umask {umask}
        {PROGRAM} collect PointReach --behavior random --episodes 3 --out new/data
        {PROGRAM} train bc --dataset new/data --seeds 0 --out run {TINY}"
    );
    let mut sh = Command::new("sh");
    let finished = Finished::of(sh.args(["-e", "-c", &commands]).current_dir(place.path("")));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let mode = |name: String| {
        let found = std::fs::metadata(place.path(&name)).expect("it was made");
        (name, found.permissions().mode() & 0o777)
    };
    place.files("").into_keys().map(mode).collect()
}

#[test]
fn permissions_are_those_that_the_users_umask_leaves() {
    for (umask, folder, file) in
        [("022", 0o755, 0o644), ("077", 0o700, 0o600), ("002", 0o775, 0o664)]
    {
        for (name, mode) in modes(&Place::new(), umask) {
            let expected = if name.ends_with('/') { folder } else { file };
            assert_eq!(mode, expected, "{name} with umask {umask}");
        }
    }
}
