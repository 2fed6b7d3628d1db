//! Minari's Arrow: one file an episode, of one record batch. Layout: see `minari`.
//!
//! A batch has a row for each state; the columns of transitions are padded in the last one, by zeros. The
//! files may be damaged: whatever the library would believe without looking is checked before.

use super::error::{ExportError, ImportError};
use super::format::Format;
use super::gather::{Found, Gatherer, Imported, Target};
use super::minari::{self, NAMES};
use super::source::Source;
use arrow_array::builder::BooleanBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, FixedSizeListArray, Float32Array, Float64Array, RecordBatch,
    StructArray,
};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use gcrl_core::EpisodeShape;
use gcrl_file::WriteError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The format, for messages.
const FORMAT: Format = Format::MinariArrow;

const FILE: &str = "part-0.arrow";

/// Writes the data set called `name` into `folder`, below its id.
pub(super) fn write(
    source: Source<'_>,
    name: &str,
    folder: &Path,
    on_episodes: &dyn Fn(u64),
) -> Result<(), ExportError> {
    let id = minari::id(source, name);
    let data = folder.join("data");
    let mut n_bytes = 0;
    for episode in 0..source.view.n_episodes {
        let path = data.join(episode.to_string()).join(FILE);
        let refused = |source| WriteError::Refused { act: "write", path: path.clone(), source };
        let file = encode(source, episode).map_err(|error| ExportError::Library {
            format: FORMAT,
            path: path.clone(),
            source: Box::new(error),
        })?;
        let metadata = metadata(source, episode);
        // The whole folder takes its name at the end: its files need not be whole one by one.
        let folder = data.join(episode.to_string());
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&path, &file))
            .and_then(|()| std::fs::write(folder.join("metadata.json"), &metadata))
            .map_err(refused)?;
        n_bytes += (file.len() + metadata.len()) as u64;
        on_episodes(1);
    }
    minari::write_metadata(source, &id, "arrow", &data, n_bytes)
}

fn metadata(source: Source<'_>, episode: usize) -> String {
    let n_transitions = source.view.shape.n_transitions;
    let seed =
        source.reset_seed(episode).map_or(String::new(), |seed| format!(", \"seed\": {seed}"));
    format!("{{\"id\": {episode}, \"total_steps\": {n_transitions}{seed}}}")
}

/// The file of an episode.
fn encode(source: Source<'_>, episode: usize) -> Result<Vec<u8>, ArrowError> {
    let view = source.view;
    let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = view.shape;
    let n_states = view.shape.n_states();
    let states = |column, dim| lists(Source::rows(column, episode, n_states, dim).to_vec(), dim);
    let observations = structure([
        ("observation", states(view.observation, observation_dim)?),
        ("achieved_goal", states(view.achieved_goal, goal_dim)?),
        ("desired_goal", lists(view.desired_goal(episode).repeat(n_states), goal_dim)?),
    ])?;
    let mut actions = Source::rows(view.action, episode, n_transitions, action_dim).to_vec();
    actions.resize(n_states * action_dim, 0.0);
    let mut rewards: Vec<f64> = source.rewards(episode).map(f64::from).collect();
    rewards.push(0.0);
    let flags = |flags: &mut dyn Iterator<Item = bool>| -> ArrayRef {
        let mut builder = BooleanBuilder::with_capacity(n_states);
        flags.for_each(|flag| builder.append_value(flag));
        Arc::new(builder.finish())
    };
    let last = n_transitions - 1;
    let batch = RecordBatch::try_from_iter([
        ("observations", observations),
        ("actions", lists(actions, action_dim)?),
        ("rewards", Arc::new(Float64Array::from(rewards)) as ArrayRef),
        ("terminations", Arc::new(BooleanArray::from(vec![false; n_states]))),
        ("truncations", flags(&mut (0..n_states).map(|t| t == last))),
        ("infos", structure([("success", flags(&mut source.successes(episode)))])?),
    ])?;
    let mut file = Vec::new();
    let mut writer = FileWriter::try_new(&mut file, &batch.schema())?;
    writer.write(&batch)?;
    writer.finish()?;
    drop(writer);
    Ok(file)
}

/// A column of rows of `dim` numbers.
fn lists(numbers: Vec<f32>, dim: usize) -> Result<ArrayRef, ArrowError> {
    let item = Arc::new(Field::new("item", DataType::Float32, true));
    let numbers = Arc::new(Float32Array::from(numbers));
    Ok(Arc::new(FixedSizeListArray::try_new(item, dim as i32, numbers, None)?))
}

/// A column of named parts.
fn structure<const N: usize>(parts: [(&str, ArrayRef); N]) -> Result<ArrayRef, ArrowError> {
    let field = |(name, part): &(&str, ArrayRef)| Field::new(*name, part.data_type().clone(), true);
    let fields: Fields = parts.iter().map(field).collect();
    let parts = parts.into_iter().map(|(_, part)| part).collect();
    Ok(Arc::new(StructArray::try_new(fields, parts, None)?))
}

/// Reads the data set at or below the folder `path`.
pub(super) fn read(path: &Path, target: Target<'_>) -> Result<Imported, ImportError> {
    let data = minari::find(path)?;
    let data = data.ok_or_else(|| ImportError::Unknown { path: path.to_owned() })?;
    let mut gatherer = Gatherer::new(target, NAMES, &data);
    let shape = target.spec.episode_shape();
    let mut episode = 0;
    loop {
        let folder = data.join(episode.to_string());
        if !folder.is_dir() {
            break;
        }
        let path = folder.join(FILE);
        let refused = |source| ImportError::Read { path: path.clone(), source };
        let file = gcrl_file::read(&path).map_err(refused)?;
        let rows = Rows::read(file, &path, episode, shape)?;
        gatherer.push(rows.found(shape))?;
        episode += 1;
    }
    let metadata = minari::metadata(&data)?;
    metadata.check_count(episode)?;
    gatherer.finish(metadata.notes())
}

/// The rows of an episode's columns; those of transitions have one more, which is padding.
struct Rows {
    observation: Vec<f32>,
    achieved_goal: Option<Vec<f32>>,
    desired_goal: Option<Vec<f32>>,
    action: Vec<f32>,
    reward: Option<Vec<f32>>,
}

impl Rows {
    fn read(
        file: Vec<u8>,
        path: &Path,
        episode: usize,
        shape: EpisodeShape,
    ) -> Result<Self, ImportError> {
        let (batch, schema) = decode(file).map_err(|source| ImportError::Damaged {
            format: FORMAT,
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let columns = Columns { batch: &batch, schema: &schema, path: path.to_owned(), episode };
        let EpisodeShape { observation_dim, goal_dim, action_dim, .. } = shape;
        let observation = match columns.lists(NAMES.observation, observation_dim)? {
            None => columns.lists(minari::PLAIN_OBSERVATION, observation_dim)?,
            named => named,
        };
        let action = columns.lists(NAMES.action, action_dim)?;
        Ok(Self {
            observation: observation.ok_or_else(|| columns.missing(NAMES.observation))?,
            achieved_goal: columns.lists(NAMES.achieved_goal, goal_dim)?,
            desired_goal: columns.lists(NAMES.desired_goal, goal_dim)?,
            action: action.ok_or_else(|| columns.missing(NAMES.action))?,
            reward: batch.column_by_name("rewards").and_then(floats),
        })
    }

    fn found(&self, shape: EpisodeShape) -> Found<'_> {
        let n_transitions = (self.action.len() / shape.action_dim).saturating_sub(1);
        Found {
            observation: &self.observation,
            achieved_goal: self.achieved_goal.as_deref(),
            desired_goal: self.desired_goal.as_deref(),
            action: &self.action[..n_transitions * shape.action_dim],
            reward: self.reward.as_ref().map(|reward| &reward[..n_transitions]),
        }
    }
}

/// Decodes the first record batch of a file, as Minari reads no other: its columns of floats, and the schema
/// of all.
fn decode(file: Vec<u8>) -> Result<(RecordBatch, Arc<Schema>), ArrowError> {
    let damaged = |what: &str| ArrowError::IpcError(what.to_owned());
    let file = Buffer::from_vec(file);
    let trailer = file.len().checked_sub(10).ok_or_else(|| damaged("file is cut short"))?;
    let end: [u8; 10] = file[trailer..].try_into().expect("these are the last 10 bytes");
    let start = trailer.checked_sub(read_footer_length(end)?);
    let start = start.ok_or_else(|| damaged("footer is longer than the file"))?;
    let footer = arrow_ipc::root_as_footer(&file[start..trailer])
        .map_err(|error| damaged(&error.to_string()))?;
    let schema = footer.schema().ok_or_else(|| damaged("file has no schema"))?;
    let schema = arrow_ipc::convert::try_fb_to_schema(schema)?;
    let block = footer.recordBatches().filter(|batches| !batches.is_empty());
    let block = block.map(|batches| *batches.get(0)).ok_or_else(|| damaged("file has no batch"))?;
    let (offset, header, body) = (block.offset(), block.metaDataLength(), block.bodyLength());
    let length = |number: i64| usize::try_from(number).ok();
    let part = (|| {
        let (offset, header) = (length(offset)?, length(header.into())?);
        let end = offset.checked_add(header)?.checked_add(length(body)?)?;
        (end <= file.len()).then(|| (file.slice_with_length(offset, end - offset), header))
    })();
    let (part, header) = part.ok_or_else(|| damaged("batch is longer than the file"))?;
    check_buffers(&part, header)?;
    let (wanted, schema) = (wanted(&schema, part.len()), Arc::new(schema));
    let batch = FileDecoder::new(Arc::clone(&schema), footer.version())
        .with_projection(wanted)
        .read_record_batch(&block, &part)?
        .ok_or_else(|| damaged("file has no batch"))?;
    Ok((batch, schema))
}

/// Checks that no buffer of a batch lies beyond its end, which the library would take for granted.
fn check_buffers(part: &Buffer, header: usize) -> Result<(), ArrowError> {
    let damaged = |what: &str| ArrowError::IpcError(what.to_owned());
    let bytes = &part[..header];
    // Since version 0.15, a mark of continuation precedes the length.
    let skipped = if bytes.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let message =
        bytes.get(skipped..).ok_or_else(|| damaged("header of the batch is cut short"))?;
    let message =
        arrow_ipc::root_as_message(message).map_err(|error| damaged(&error.to_string()))?;
    let Some(batch) = message.header_as_record_batch() else {
        return Err(damaged("block is no batch"));
    };
    let body = part.len() - header;
    let fits = |buffer: &arrow_ipc::Buffer| {
        let length = |number: i64| usize::try_from(number).ok();
        let end = length(buffer.offset()).zip(length(buffer.length()));
        end.and_then(|(offset, len)| offset.checked_add(len)).is_some_and(|end| end <= body)
    };
    // A row has at least a float, so that there are no more rows, or numbers of a row, than bytes.
    let is_count = |n: i64| usize::try_from(n).is_ok_and(|n| n <= body);
    let is_whole = batch.buffers().into_iter().flatten().all(fits)
        && batch.nodes().into_iter().flatten().all(|node| is_count(node.length()))
        && is_count(batch.length())
        && i32::try_from(body).is_ok();
    if is_whole { Ok(()) } else { Err(damaged("batch promises more than the file holds")) }
}

/// The columns that are read: those of the layout whose type is made of floats alone, of fewer in a row than
/// `n_bytes`, those of the batch.
fn wanted(schema: &Schema, n_bytes: usize) -> Vec<usize> {
    let is_of_floats = |kind: &DataType| is_of_floats(kind, n_bytes);
    let is_wanted = |field: &Field| {
        let is_part = |field: &Arc<Field>| is_of_floats(field.data_type());
        match (field.name().as_str(), field.data_type()) {
            ("observations", DataType::Struct(parts)) => parts.iter().all(is_part),
            ("actions" | "rewards", kind) => is_of_floats(kind),
            _ => false,
        }
    };
    let fields = schema.fields().iter().enumerate();
    fields.filter(|(_, field)| is_wanted(field)).map(|(index, _)| index).collect()
}

fn is_of_floats(kind: &DataType, n_bytes: usize) -> bool {
    let is_float = |kind: &DataType| matches!(kind, DataType::Float32 | DataType::Float64);
    match kind {
        DataType::FixedSizeList(item, dim) => {
            is_float(item.data_type()) && usize::try_from(*dim).is_ok_and(|dim| dim < n_bytes)
        }
        kind => is_float(kind),
    }
}

/// The columns of a batch.
struct Columns<'a> {
    batch: &'a RecordBatch,
    schema: &'a Schema,
    path: PathBuf,
    episode: usize,
}

impl Columns<'_> {
    fn missing(&self, name: &str) -> ImportError {
        let (array, episode) = (name.to_owned(), Some(self.episode));
        ImportError::Missing { array, episode, path: self.path.clone() }
    }

    /// The numbers of a column of rows of `dim`, whose name is a path such as `observations/observation`;
    /// nothing where there is no such column.
    fn lists(&self, name: &'static str, dim: usize) -> Result<Option<Vec<f32>>, ImportError> {
        let path = || self.path.clone();
        let array = || name.to_owned();
        let (outer, inner) = name.split_once('/').unwrap_or((name, ""));
        let Some(column) = self.batch.column_by_name(outer) else {
            // Columns of other things than floats were not decoded.
            return match self.schema.field_with_name(outer) {
                Ok(field) => {
                    let found = field.data_type().to_string();
                    Err(ImportError::Type { array: outer.to_owned(), found, path: path() })
                }
                Err(_missing) => Ok(None),
            };
        };
        let part = column.as_struct_opt().map(|parts| parts.column_by_name(inner));
        let column = match (inner, part) {
            ("", _) => column,
            (_, Some(Some(part))) => part,
            _ => return Ok(None),
        };
        let found = || column.data_type().to_string();
        let wrong_type = || ImportError::Type { array: array(), found: found(), path: path() };
        let lists = column.as_fixed_size_list_opt().ok_or_else(wrong_type)?;
        let width = lists.value_length() as usize;
        if width != dim {
            return Err(ImportError::Shape {
                array: array(),
                episode: Some(self.episode),
                found: vec![lists.len(), width],
                expected: format!("[{}, {dim}]", lists.len()),
                path: path(),
            });
        }
        if 0 < lists.null_count() {
            return Err(wrong_type());
        }
        let mut numbers = floats(lists.values()).ok_or_else(wrong_type)?;
        numbers.truncate(lists.len() * dim);
        Ok(Some(numbers))
    }
}

/// The numbers of an array of floats without gaps, rounded to float32.
fn floats(array: &ArrayRef) -> Option<Vec<f32>> {
    if 0 < array.null_count() {
        return None;
    }
    if let Some(numbers) = array.as_primitive_opt::<Float32Type>() {
        return Some(numbers.values().to_vec());
    }
    let numbers = array.as_primitive_opt::<Float64Type>()?;
    Some(numbers.values().iter().map(|number| *number as f32).collect())
}
