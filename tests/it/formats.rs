//! Data sets in the formats of other tools, by the program: out, in again, and what is refused.

use crate::bad_input::{Case, case, check};
use crate::place::Place;
use gcrl_formats::dataset::Format;

#[test]
fn every_format_that_is_read_gives_the_same_data_set_back() {
    let place = Place::with_data(12);
    let both = Format::EXPORTS.into_iter().filter(|format| Format::IMPORTS.contains(format));
    for format in both.map(Format::name) {
        let said =
            place.succeeds(&format!("dataset export data --format {format} --out out-{format}"));
        assert!(said.starts_with(&format!("12 episodes as {format} in ")), "{said}");
        let said = place.succeeds(&format!(
            "dataset import out-{format} --task PointReach --out back-{format}"
        ));
        let start = format!("12 episodes of PointReach from {format}, return ");
        assert!(said.starts_with(&start) && said.lines().count() == 1, "{said}");
        assert_eq!(place.succeeds(&format!("dataset diff data back-{format}")), "equal\n");
    }
    place.succeeds("dataset export data --format lerobot --out out-lerobot");
    assert_eq!(place.names("out-lerobot"), ["data", "meta"]);
    place.succeeds("train bc --dataset back-npz --seeds 0 --set train.n_updates=2 --out run");
}

#[test]
fn what_cannot_be_exported_or_imported_is_said_and_nothing_is_written() {
    let place = Place::with_data(3);
    place.succeeds("dataset export data --format npz --out npz");
    place.succeeds("dataset export data --format minari-arrow --out arrow");
    place.succeeds("dataset export data --format minari-hdf5 --out hdf5");
    place.succeeds("dataset export data --format lerobot --out lerobot");
    place.write("taken/file", "mine");
    place.write("buffer.pkl", "pickle");
    place.write("cut.npz", &place.read("npz/episodes.npz")[..700]);
    let cut = place.read("hdf5/gcrl/PointReach/data-v0/data/main_data.hdf5");
    place.write("cut.hdf5", &cut[..cut.len() / 3]);
    place.write("notes.txt", "text");
    let import = "dataset import";
    let cases: [Case; 12] = [
        case("dataset export data --format npz --out taken", &["not empty"], "`--out`"),
        case("dataset export nothing --format npz --out new", &["manifest"], "gcrl collect"),
        case(format!("{import} npz --task PointReach --out taken"), &["not empty"], "`--out`"),
        case(format!("{import} npz --task Reach --out new"), &["unknown task"], "gcrl tasks"),
        case(
            format!("{import} npz --task PointRooms --out new"),
            &["collected for task `PointReach`, not `PointRooms`"],
            "--task",
        ),
        case(
            format!("{import} buffer.pkl --task PointReach --out new"),
            &["a pickle is a program for Python"],
            "numpy.savez",
        ),
        case(
            format!("{import} cut.npz --task PointReach --out new"),
            &["cannot read"],
            "cut short",
        ),
        case(format!("{import} cut.hdf5 --task PointReach --out new"), &["cut.hdf5"], "cut short"),
        case(
            format!("{import} gone.npz --task PointReach --out new"),
            &["cannot read"],
            "is there",
        ),
        case(
            format!("{import} notes.txt --task PointReach --out new"),
            &["none of the formats", "notes.txt"],
            "--format",
        ),
        case(
            format!("{import} lerobot --task PointReach --out new"),
            &["written, not read"],
            "--help",
        ),
        case(
            format!("{import} npz --format paper --task PointReach --out new"),
            &["array `o` is missing"],
            "formats.md",
        ),
    ];
    for case in &cases {
        check(&place, case);
    }
}
