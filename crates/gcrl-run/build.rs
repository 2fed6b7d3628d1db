//! Builds the crate again when a file is added to a folder that is part of the program.

fn main() {
    for folder in ["assets/experts", "datasets/recipes", "datasets/manifests"] {
        println!("cargo:rerun-if-changed=../../{folder}");
    }
}
