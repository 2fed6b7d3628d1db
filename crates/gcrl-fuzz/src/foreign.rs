//! Readers of data sets in the formats of other tools.

use gcrl_core::Episodes;
use gcrl_data::{BehaviorRecord, Dataset, Origin};
use gcrl_file::OutputFolder;
use gcrl_formats::archive::ArchiveWriter;
use gcrl_formats::dataset::{Format, Source, export, read};
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

/// A task whose exports are small.
fn spec() -> &'static gcrl_core::TaskSpec {
    gcrl_envs::find("PointReach").expect("the task is registered").spec
}

/// The file at `place` in the export of two episodes.
fn exported(format: Format, place: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("set");
    let out = OutputFolder::claim(&path).expect("there is room");
    let episodes = Episodes::zeros(spec().episode_shape(), 2);
    let origin = Origin { behavior: BehaviorRecord::Random, seed: 7 };
    gcrl_data::write(out, spec(), episodes.view(), origin).expect("there is room");
    let dataset = Dataset::open(&path).expect("it was written");
    let out = folder.path().join("out");
    export(Source::from(&dataset), format, "set-v0", &out, &|_| {}).expect("there is room");
    fs::read(out.join(place)).expect("it was written")
}

/// Reads a file that lies at `place` in a folder.
fn accepts(format: Format, place: &str, bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join(place);
    fs::create_dir_all(path.parent().expect("it is in the folder")).expect("there is room");
    fs::write(&path, bytes).expect("there is room");
    let place: PathBuf = match format {
        Format::MinariArrow => {
            fs::write(folder.path().join("metadata.json"), "{}").expect("there is room");
            folder.path().to_owned()
        }
        _ => path,
    };
    read(&place, format, spec()).is_ok()
}

const HDF5: &str = "gcrl/PointReach/set-v0/data/main_data.hdf5";
const ARROW: &str = "gcrl/PointReach/set-v0/data/0/part-0.arrow";

pub(crate) fn archives() -> Vec<Vec<u8>> {
    vec![exported(Format::Npz, "episodes.npz")]
}

pub(crate) fn read_archive(bytes: &[u8]) -> bool {
    accepts(Format::Npz, "episodes.npz", bytes)
}

pub(crate) fn ogbench() -> Vec<Vec<u8>> {
    vec![exported(Format::Ogbench, "set-v0.npz")]
}

pub(crate) fn read_ogbench(bytes: &[u8]) -> bool {
    accepts(Format::Ogbench, "set-v0.npz", bytes)
}

/// The paper's buffers, of two episodes.
pub(crate) fn buffers() -> Vec<Vec<u8>> {
    let shape = spec().episode_shape();
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()));
    let (n, n_states) = (shape.n_transitions, shape.n_states());
    for (name, n_rows, dim) in [
        ("o", n_states, shape.observation_dim),
        ("ag", n_states, shape.goal_dim),
        ("u", n, shape.action_dim),
        ("g", n, shape.goal_dim),
    ] {
        let zeros = vec![0.0_f64; 2 * n_rows * dim];
        archive.array(name, &[2, n_rows, dim], zeros).expect("memory has room");
    }
    vec![archive.finish().expect("memory has room").into_inner()]
}

pub(crate) fn read_buffers(bytes: &[u8]) -> bool {
    accepts(Format::Paper, "buffer.npz", bytes)
}

pub(crate) fn hdf5() -> Vec<Vec<u8>> {
    vec![exported(Format::MinariHdf5, HDF5)]
}

pub(crate) fn read_hdf5(bytes: &[u8]) -> bool {
    accepts(Format::MinariHdf5, "main_data.hdf5", bytes)
}

pub(crate) fn arrow() -> Vec<Vec<u8>> {
    vec![exported(Format::MinariArrow, ARROW)]
}

pub(crate) fn read_arrow(bytes: &[u8]) -> bool {
    accepts(Format::MinariArrow, "0/part-0.arrow", bytes)
}
