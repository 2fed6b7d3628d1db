//! With the feature `torch`: tells the program where to find libtorch when it starts, so that nobody
//! has to set `LD_LIBRARY_PATH`. Without it: nothing.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // From the build script of `gcrl-run`.
    let Ok(lib) = std::env::var("DEP_GCRL_RUN_LIB") else { return };
    println!("cargo::rustc-link-arg=-Wl,-rpath,{lib}");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        // From target/release/ of a workspace that was moved as a whole.
        println!("cargo::rustc-link-arg=-Wl,-rpath,$ORIGIN/../../.libtorch/torch/lib");
    }
}
