//! Tells the linker where libtorch is: for this package's tests directly, for programs that link this
//! crate by the metadata `LIB`, which their build scripts read as `DEP_GCRL_TORCH_LIB`.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // From the build script of `torch-sys`; only Linux and macOS have it.
    let Ok(lib) = std::env::var("DEP_TCH_LIBTORCH_LIB") else { return };
    println!("cargo::metadata=LIB={lib}");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{lib}");
    let version_file = Path::new(&lib).with_file_name("build-version");
    println!("cargo::rerun-if-changed={}", version_file.display());
    let version = std::fs::read_to_string(version_file).unwrap_or_else(|_| "2.11.0".to_owned());
    println!("cargo::rustc-env=GCRL_LIBTORCH_VERSION={}", version.trim());
}
