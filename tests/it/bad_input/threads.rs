//! A system that allows no more threads: the one that there is does all the work.
#![cfg(target_os = "linux")]

use crate::place::{Finished, Place, TINY};

/// Stands before the C library: there are as many threads as there may be.
const SHIM: &str = r"
#include <errno.h>
#include <pthread.h>
int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*start)(void *), void *argument) {
    return EAGAIN;
}
";

#[test]
fn results_are_the_same_where_no_thread_can_be_started() {
    let place = Place::with_data(20);
    let shim = place.shim(SHIM).expect("the linker of Rust programs is a compiler of C");
    for (line, outcome) in [
        ("collect FetchReach --behavior random --episodes 40 --threads 8 --out OUT", ""),
        ("train bc --dataset data --seeds 0..3 --threads 8 --out OUT", "/results.json"),
        ("train her --online --task PointReach --seeds 0 --threads 8 --out OUT", "/results.json"),
        ("sketch PointReach --policy random --width 64 --height 64 --out OUT.png", ".png"),
    ] {
        let tiny = if line.starts_with("train") { TINY } else { "" };
        let line = |out: &str| format!("{} {tiny}", line.replace("OUT", out));
        place.succeeds(&line("free"));
        let finished = Finished::of(place.command(&line("alone")).env("LD_PRELOAD", &shim));
        assert_eq!(finished.code, Some(0), "`gcrl {}`: {}", line("alone"), finished.stderr);
        let files = |out: &str| match outcome {
            "" => place.files(out),
            file => [(String::new(), place.read(&format!("{out}{file}")))].into(),
        };
        assert!(files("alone") == files("free"), "{}", line("alone"));
        for out in ["free", "alone"].map(|out| place.path(out)).iter().filter(|out| out.exists()) {
            std::fs::remove_dir_all(out).expect("it was made here");
        }
    }
}
