//! Builds the crate again when a file is added to a folder that is part of the program, and with the
//! feature `torch` passes on where libtorch is: to this package's benches directly, to programs that link
//! this crate by the metadata `LIB`, which their build scripts read as `DEP_GCRL_RUN_LIB`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for folder in ["assets/experts", "datasets/recipes", "datasets/manifests"] {
        println!("cargo::rerun-if-changed=../../{folder}");
    }
    // From the build script of `gcrl-torch`.
    let Ok(lib) = std::env::var("DEP_GCRL_TORCH_LIB") else { return };
    println!("cargo::metadata=LIB={lib}");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{lib}");
}
