//! `LeRobot` 3.0: a row of Parquet for each transition, and JSON that says what the columns are.
//!
//! ```text
//! meta/info.json                                 features, sizes, frames a second; our manifest
//! meta/stats.json                                statistics of every feature, for normalizing
//! meta/tasks.parquet                             the one task, by its name
//! meta/episodes/chunk-000/file-000.parquet       where each episode begins and ends
//! data/chunk-000/file-000.parquet, …             the rows
//! ```
//!
//! | feature | is |
//! |---|---|
//! | `observation.state` | the observation before the action |
//! | `observation.environment_state` | the desired goal |
//! | `observation.achieved_goal` | the goal achieved before the action |
//! | `action` | in [-1, 1] |
//! | `next.reward`, `next.success` | of the goal achieved after the action |
//! | `next.done` | true in an episode's last row, which is its end by length |
//!
//! The format has no row for the state after the last action: it is lost, and so data sets of this format are
//! written and not read.
//!
//! Source: `LeRobot` 0.4.4, `datasets/utils.py` and `datasets/lerobot_dataset.py`.

mod statistics;

use super::error::ExportError;
use super::format::Format;
use super::source::Source;
use arrow_array::{
    ArrayRef, BooleanArray, FixedSizeListArray, Float32Array, Int64Array, ListArray, RecordBatch,
    StringArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field};
use gcrl_core::EpisodeShape;
use gcrl_file::WriteError;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};
use statistics::{Feature, statistics};
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Bytes of a file of rows, at most, before compression: what `LeRobot` promises its readers.
const MAX_FILE_BYTES: usize = 100_000_000;

/// Files in a chunk, at most.
const CHUNK_FILES: usize = 1000;

/// Episodes that are turned into rows at once.
const BATCH_EPISODES: usize = 256;

/// Writes the data set into `folder`; `name` stands in its description.
pub(super) fn write(
    source: Source<'_>,
    name: &str,
    folder: &Path,
    on_episodes: &dyn Fn(u64),
) -> Result<(), ExportError> {
    let n_episodes = source.view.n_episodes;
    let per_file = (MAX_FILE_BYTES / episode_bytes(source.view.shape)).max(1);
    for (file, first) in (0..n_episodes).step_by(per_file).enumerate() {
        let episodes = first..(first + per_file).min(n_episodes);
        let path = folder.join("data").join(file_name(file));
        let batches = episodes.clone().step_by(BATCH_EPISODES).map(|start| {
            let batch = start..(start + BATCH_EPISODES).min(episodes.end);
            on_episodes(batch.len() as u64);
            rows(source, batch)
        });
        write_parquet(&path, batches, None)?;
    }
    let episodes = episodes_table(source, per_file);
    let path = folder.join("meta/episodes/chunk-000/file-000.parquet");
    write_parquet(&path, [episodes].into_iter(), None)?;
    let tasks = RecordBatch::try_from_iter([
        ("task_index", Arc::new(Int64Array::from(vec![0])) as ArrayRef),
        (PANDAS_INDEX, Arc::new(StringArray::from(vec![source.manifest.task.id.as_str()]))),
    ]);
    write_parquet(&folder.join("meta/tasks.parquet"), [tasks].into_iter(), Some(&pandas()))?;
    write_json(&folder.join("meta/stats.json"), &statistics(source))?;
    write_json(&folder.join("meta/info.json"), &info(source, name))
}

/// Numbers of an episode in the files of rows, in bytes.
fn episode_bytes(shape: EpisodeShape) -> usize {
    let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = shape;
    // Beside the columns: reward and time, two flags, four indices of eight bytes.
    n_transitions * (4 * (observation_dim + 2 * goal_dim + action_dim + 2) + 2 + 4 * 8)
}

/// The path of the `file`-th file below its folder.
fn file_name(file: usize) -> String {
    format!("chunk-{:03}/file-{:03}.parquet", file / CHUNK_FILES, file % CHUNK_FILES)
}

/// Rows a second, as a whole number.
fn rows_per_sec(source: Source<'_>) -> u64 {
    let task = &source.manifest.task;
    let dt_secs = task.physics_dt_secs * task.sub_steps as f64;
    (1.0 / dt_secs).round().max(1.0) as u64
}

/// The rows of some episodes.
fn rows(source: Source<'_>, episodes: Range<usize>) -> Result<RecordBatch, ArrowError> {
    let n = source.view.shape.n_transitions;
    let transitions = || episodes.clone().flat_map(|episode| (0..n).map(move |t| (episode, t)));
    let per_sec = rows_per_sec(source) as f32;
    let features = Feature::ALL.map(|feature| {
        let numbers = transitions().flat_map(|(episode, t)| feature.row(source, episode, t));
        let dim = feature.dim(source.view.shape);
        Ok((feature.name(), column(numbers.copied().collect(), dim)?))
    });
    let mut columns = features.into_iter().collect::<Result<Vec<_>, ArrowError>>()?;
    let rewards = episodes.clone().flat_map(|episode| source.rewards(episode));
    let successes = episodes.clone().flat_map(|episode| source.successes(episode).skip(1));
    let indices = |index: &dyn Fn(usize, usize) -> usize| -> ArrayRef {
        Arc::new(transitions().map(|(episode, t)| index(episode, t) as i64).collect::<Int64Array>())
    };
    let dones = transitions().map(|(_, t)| Some(t + 1 == n));
    let times = transitions().map(|(_, t)| t as f32 / per_sec);
    columns.extend([
        ("next.reward", Arc::new(Float32Array::from_iter_values(rewards)) as ArrayRef),
        ("next.success", Arc::new(successes.map(Some).collect::<BooleanArray>())),
        ("next.done", Arc::new(dones.collect::<BooleanArray>())),
        ("timestamp", Arc::new(Float32Array::from_iter_values(times))),
        ("frame_index", indices(&|_, t| t)),
        ("episode_index", indices(&|episode, _| episode)),
        ("index", indices(&|episode, t| episode * n + t)),
        ("task_index", indices(&|_, _| 0)),
    ]);
    RecordBatch::try_from_iter(columns)
}

/// A column of rows of `dim` numbers; of one number, `LeRobot` wants no list.
fn column(numbers: Vec<f32>, dim: usize) -> Result<ArrayRef, ArrowError> {
    let numbers = Arc::new(Float32Array::from(numbers));
    if dim == 1 {
        return Ok(numbers);
    }
    let item = Arc::new(Field::new("item", DataType::Float32, true));
    Ok(Arc::new(FixedSizeListArray::try_new(item, dim as i32, numbers, None)?))
}

/// A row for each episode.
fn episodes_table(source: Source<'_>, per_file: usize) -> Result<RecordBatch, ArrowError> {
    let (n_episodes, n) = (source.view.n_episodes, source.view.shape.n_transitions);
    let numbers = |number: &dyn Fn(usize) -> usize| -> ArrayRef {
        Arc::new((0..n_episodes).map(|episode| number(episode) as i64).collect::<Int64Array>())
    };
    let item = Arc::new(Field::new("item", DataType::Utf8, true));
    let names = StringArray::from(vec![source.manifest.task.id.as_str(); n_episodes]);
    let one_each = OffsetBuffer::from_lengths(vec![1; n_episodes]);
    let tasks = ListArray::try_new(item, one_each, Arc::new(names), None)?;
    RecordBatch::try_from_iter([
        ("episode_index", numbers(&|episode| episode)),
        ("tasks", Arc::new(tasks) as ArrayRef),
        ("length", numbers(&|_| n)),
        ("data/chunk_index", numbers(&|episode| episode / per_file / CHUNK_FILES)),
        ("data/file_index", numbers(&|episode| episode / per_file % CHUNK_FILES)),
        ("dataset_from_index", numbers(&|episode| episode * n)),
        ("dataset_to_index", numbers(&|episode| (episode + 1) * n)),
        ("meta/episodes/chunk_index", numbers(&|_| 0)),
        ("meta/episodes/file_index", numbers(&|_| 0)),
    ])
}

/// What `LeRobot` reads first.
fn info(source: Source<'_>, name: &str) -> Value {
    let (view, manifest) = (source.view, source.manifest);
    let feature = |dtype: &str, dim: usize| json!({"dtype": dtype, "shape": [dim], "names": null});
    let mut features = serde_json::Map::new();
    for of_state in Feature::ALL {
        let dim = of_state.dim(view.shape);
        features.insert(of_state.name().to_owned(), feature("float32", dim));
    }
    for (name, dtype) in [
        ("next.reward", "float32"),
        ("next.success", "bool"),
        ("next.done", "bool"),
        ("timestamp", "float32"),
        ("frame_index", "int64"),
        ("episode_index", "int64"),
        ("index", "int64"),
        ("task_index", "int64"),
    ] {
        features.insert(name.to_owned(), feature(dtype, 1));
    }
    json!({
        "codebase_version": "v3.0",
        "robot_type": manifest.task.id,
        "total_episodes": view.n_episodes,
        "total_frames": view.n_episodes * view.shape.n_transitions,
        "total_tasks": 1,
        "chunks_size": CHUNK_FILES,
        "data_files_size_in_mb": MAX_FILE_BYTES / 1_000_000,
        "video_files_size_in_mb": 200,
        "fps": rows_per_sec(source),
        "splits": {"train": format!("0:{}", view.n_episodes)},
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": null,
        "features": features,
        "description": format!("{name}: episodes of {}, by {}.", manifest.task.id, manifest.program),
        "gcrl_manifest": source.notes(),
    })
}

/// What `pandas` calls an index without a name.
const PANDAS_INDEX: &str = "__index_level_0__";

/// What `pandas` wants to know about the table of tasks, whose index is the task's name.
fn pandas() -> KeyValue {
    let column = |name: Value, field: &str, kind: &str, numpy: &str| {
        json!({
            "name": name, "field_name": field, "pandas_type": kind, "numpy_type": numpy, "metadata": null
        })
    };
    let text = json!({
        "index_columns": [PANDAS_INDEX],
        "column_indexes": [],
        "columns": [
            column("task_index".into(), "task_index", "int64", "int64"),
            column(Value::Null, PANDAS_INDEX, "unicode", "object"),
        ],
        "pandas_version": "2.0.0",
    });
    KeyValue::new("pandas".to_owned(), text.to_string())
}

/// Writes a file of Parquet, batch by batch.
fn write_parquet(
    path: &Path,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    notes: Option<&KeyValue>,
) -> Result<(), ExportError> {
    let library = |error: ParquetError| ExportError::Library {
        format: Format::Lerobot,
        path: path.to_owned(),
        source: Box::new(error),
    };
    gcrl_file::write_by_name(path, |temporary| {
        let refused = |source| WriteError::Refused { act: "write", path: path.to_owned(), source };
        let mut file = Some(File::options().write(true).open(temporary).map_err(refused)?);
        let mut writer = None;
        for batch in batches {
            let batch = batch.map_err(|error| library(error.into()))?;
            if let Some(file) = file.take() {
                // Numbers that differ in every row: a dictionary of them would be larger than they are.
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_dictionary_enabled(false)
                    .set_key_value_metadata(notes.map(|notes| vec![notes.clone()]))
                    .build();
                let new = ArrowWriter::try_new(file, batch.schema(), Some(properties));
                writer = Some(new.map_err(library)?);
            }
            if let Some(writer) = &mut writer {
                writer.write(&batch).map_err(library)?;
            }
        }
        writer.map_or(Ok(()), |writer| writer.close().map(drop)).map_err(library)
    })
}

fn write_json(path: &Path, value: &Value) -> Result<(), ExportError> {
    let text = serde_json::to_string_pretty(value).expect("JSON values are plain");
    Ok(gcrl_file::write(path, |file| file.write_all(text.as_bytes()))?)
}
