//! Minari's HDF5: one file with a group an episode. Layout: see `minari`.

use super::error::{ExportError, ImportError};
use super::format::Format;
use super::gather::{Found, Gatherer, Imported, Target};
use super::hdf5::{Address, Hdf5Writer, Kind, Members};
use super::minari::{self, NAMES};
use super::source::Source;
use gcrl_core::EpisodeShape;
use gcrl_file::WriteError;
use rust_hdf5::{DatatypeMessage, H5Dataset, H5File, Hdf5Error};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

/// The format, for messages.
const FORMAT: Format = Format::MinariHdf5;

const FILE: &str = "main_data.hdf5";

/// Writes the data set called `name` into `folder`, below its id.
pub(super) fn write(
    source: Source<'_>,
    name: &str,
    folder: &Path,
    on_episodes: &dyn Fn(u64),
) -> Result<(), ExportError> {
    let id = minari::id(source, name);
    let data = folder.join("data");
    let path = data.join(FILE);
    let refused = |source| WriteError::Refused { act: "write", path: path.clone(), source };
    gcrl_file::write_by_name(&path, |temporary| {
        let file = File::options().write(true).open(temporary).map_err(refused)?;
        write_file(source, file, on_episodes).map_err(refused)
    })?;
    let n_bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    minari::write_metadata(source, &id, "hdf5", &data, n_bytes)
}

fn write_file(source: Source<'_>, file: File, on_episodes: &dyn Fn(u64)) -> io::Result<()> {
    let mut writer = Hdf5Writer::new(BufWriter::with_capacity(1 << 20, file))?;
    let mut episodes = Members::new();
    for episode in 0..source.view.n_episodes {
        let group = write_episode(source, episode, &mut writer)?;
        episodes.push((format!("episode_{episode}"), group));
        on_episodes(1);
    }
    writer.finish(episodes)
}

fn write_episode(
    source: Source<'_>,
    episode: usize,
    writer: &mut Hdf5Writer<BufWriter<File>>,
) -> io::Result<Address> {
    let view = source.view;
    let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = view.shape;
    let n_states = view.shape.n_states();
    let states = |column, dim| Source::rows(column, episode, n_states, dim);
    let goals = view.desired_goal(episode).repeat(n_states);
    let mut observations = Members::new();
    for (name, dim, rows) in [
        ("observation", observation_dim, states(view.observation, observation_dim)),
        ("achieved_goal", goal_dim, states(view.achieved_goal, goal_dim)),
        ("desired_goal", goal_dim, &goals),
    ] {
        let array = writer.array(Kind::Float32, &[n_states, dim], &bytes(rows))?;
        observations.push((name.to_owned(), array));
    }
    let actions = bytes(Source::rows(view.action, episode, n_transitions, action_dim));
    let rewards: Vec<u8> =
        source.rewards(episode).flat_map(|reward| f64::from(reward).to_le_bytes()).collect();
    let truncations: Vec<u8> =
        (0..n_transitions).map(|t| u8::from(t + 1 == n_transitions)).collect();
    let successes: Vec<u8> = source.successes(episode).map(u8::from).collect();
    let success = writer.array(Kind::Bool, &[n_states], &successes)?;
    let n = n_transitions;
    let members = [
        ("observations", writer.group(observations, &[])?),
        ("actions", writer.array(Kind::Float32, &[n, action_dim], &actions)?),
        ("rewards", writer.array(Kind::Float64, &[n], &rewards)?),
        ("terminations", writer.array(Kind::Bool, &[n], &vec![0; n])?),
        ("truncations", writer.array(Kind::Bool, &[n], &truncations)?),
        ("infos", writer.group(vec![("success".to_owned(), success)], &[])?),
    ];
    let members = members.map(|(name, address)| (name.to_owned(), address)).into();
    let mut attributes = vec![("id", episode as u64), ("total_steps", n as u64)];
    attributes.extend(source.reset_seed(episode).map(|seed| ("seed", seed)));
    writer.group(members, &attributes)
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Reads the file `path`, or that of the data set at or below the folder `path`.
pub(super) fn read(path: &Path, target: Target<'_>) -> Result<Imported, ImportError> {
    let data = if path.is_dir() {
        minari::find(path)?.ok_or_else(|| ImportError::Unknown { path: path.to_owned() })?
    } else {
        path.parent().unwrap_or(Path::new("")).to_owned()
    };
    let path = if path.is_dir() { data.join(FILE) } else { path.to_owned() };
    let reader = Reader::open(path)?;
    let shape = target.spec.episode_shape();
    let mut gatherer = Gatherer::new(target, NAMES, &reader.path);
    let n_episodes = reader.n_episodes()?;
    let metadata = minari::metadata_beside(&data)?;
    metadata.check_count(n_episodes)?;
    for episode in 0..n_episodes {
        let action = reader.rows(episode, NAMES.action, shape.action_dim, shape.n_transitions)?;
        let action = action.ok_or_else(|| reader.missing(NAMES.action, episode))?;
        let states = |name, dim| reader.rows(episode, name, dim, shape.n_states());
        let observation = match states(NAMES.observation, shape.observation_dim)? {
            None => states(minari::PLAIN_OBSERVATION, shape.observation_dim)?,
            named => named,
        };
        gatherer.push(Found {
            action: &action,
            observation: &observation.ok_or_else(|| reader.missing(NAMES.observation, episode))?,
            achieved_goal: states(NAMES.achieved_goal, shape.goal_dim)?.as_deref(),
            desired_goal: states(NAMES.desired_goal, shape.goal_dim)?.as_deref(),
            reward: reader.rewards(episode, shape.n_transitions).as_deref(),
        })?;
    }
    gatherer.finish(metadata.notes())
}

/// An open file.
struct Reader {
    file: H5File,
    path: PathBuf,
}

impl Reader {
    fn open(path: PathBuf) -> Result<Self, ImportError> {
        let refused = |source| ImportError::Read { path: path.clone(), source };
        let metadata = std::fs::metadata(&path).map_err(refused)?;
        if !metadata.is_file() {
            let source = io::Error::new(ErrorKind::InvalidInput, "it is not a file");
            return Err(refused(source));
        }
        match H5File::options().no_locking().open(&path) {
            Ok(file) => Ok(Self { file, path }),
            Err(error) => Err(damaged(error, &path)),
        }
    }

    /// How many groups are called `episode_…`.
    fn n_episodes(&self) -> Result<usize, ImportError> {
        let groups = self.file.root_group().group_names();
        let groups = groups.map_err(|error| damaged(error, &self.path))?;
        Ok(groups.iter().filter(|name| name.starts_with("episode_")).count())
    }

    fn missing(&self, name: &str, episode: usize) -> ImportError {
        let (array, episode) = (name.to_owned(), Some(episode));
        ImportError::Missing { array, episode, path: self.path.clone() }
    }

    /// The rows of an array of an episode, each of `dim` numbers; `n_rows` of them, or nothing where there is
    /// no such array.
    ///
    /// Its shape is checked before it is read: it may promise more than the file holds.
    fn rows(
        &self,
        episode: usize,
        name: &'static str,
        dim: usize,
        n_rows: usize,
    ) -> Result<Option<Vec<f32>>, ImportError> {
        let path = || self.path.clone();
        let array = || name.to_owned();
        let dataset = match self.file.dataset(&format!("episode_{episode}/{name}")) {
            Ok(dataset) => dataset,
            Err(Hdf5Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(damaged(error, &self.path)),
        };
        let datatype = dataset.datatype().map_err(|error| damaged(error, &self.path))?;
        if !is_float(&datatype) {
            let found = describe(&datatype);
            return Err(ImportError::Type { array: array(), found, path: path() });
        }
        let found = dataset.shape();
        match found[..] {
            [n, width] if width == dim && n == n_rows => {}
            // Of actions, the number of rows is the episode's length.
            [n, width] if width == dim && name == NAMES.action => {
                let (found, expected) = (n, n_rows);
                return Err(ImportError::Length { episode, found, expected, path: path() });
            }
            _ => {
                let (array, episode) = (array(), Some(episode));
                let expected = format!("[{n_rows}, {dim}]");
                return Err(ImportError::Shape { array, episode, found, expected, path: path() });
            }
        }
        numbers(&dataset).map(Some).map_err(|error| damaged(error, &self.path))
    }

    /// The rewards of an episode of `n` transitions; nothing where there are none, or no floats.
    fn rewards(&self, episode: usize, n: usize) -> Option<Vec<f32>> {
        let dataset = self.file.dataset(&format!("episode_{episode}/rewards")).ok()?;
        let is_usable = dataset.shape() == [n] && is_float(&dataset.datatype().ok()?);
        is_usable.then(|| numbers(&dataset).ok())?
    }
}

fn is_float(datatype: &DatatypeMessage) -> bool {
    matches!(datatype, DatatypeMessage::FloatingPoint { size: 4 | 8, .. })
}

/// What is not float32 or float64, for messages; the library's own words can overflow.
fn describe(datatype: &DatatypeMessage) -> String {
    match datatype {
        DatatypeMessage::FixedPoint { size, .. } => format!("integers of {size} bytes"),
        DatatypeMessage::FloatingPoint { size, .. } => format!("floats of {size} bytes"),
        DatatypeMessage::Enum { .. } => "names".to_owned(),
        DatatypeMessage::Compound { .. } => "structures".to_owned(),
        _ => "no numbers".to_owned(),
    }
}

/// Numbers of a checked shape, rounded to float32.
fn numbers(dataset: &H5Dataset) -> Result<Vec<f32>, Hdf5Error> {
    let numbers = dataset.read_numeric_as::<f64>()?;
    Ok(numbers.into_iter().map(|number| number as f32).collect())
}

fn damaged(error: Hdf5Error, path: &Path) -> ImportError {
    let path = path.to_owned();
    match error {
        Hdf5Error::Io(source) => ImportError::Read { path, source },
        other => ImportError::Damaged { format: FORMAT, path, source: Box::new(other) },
    }
}
