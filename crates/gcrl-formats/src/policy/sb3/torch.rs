//! What `torch.save` writes of a dictionary of tensors: an archive with the dictionary, a pickle, and a file of
//! bytes for each storage.
//!
//! ```text
//! {anything}/data.pkl     names, types, shapes and strides
//! {anything}/byteorder    `little`, or not there
//! {anything}/data/{key}   the numbers of a storage
//! ```
//!
//! Source: PyTorch 2.11, `torch/serialization.py`.

use super::pickle::{self, Tensor};
use super::{Archive, Sb3Error, member, open};
use std::collections::BTreeMap;

/// The type of storages that is read.
const FLOAT: &str = "FloatStorage";

/// Tensors of a file that were not taken yet.
pub(super) struct StateDict<'a> {
    archive: Archive<'a>,
    file_len: usize,
    /// The folder in the archive, with its slash.
    folder: String,
    left: BTreeMap<String, Tensor>,
}

impl<'a> StateDict<'a> {
    /// Reads the dictionary in `file`, which messages call `name`.
    pub(super) fn open(file: &'a [u8], name: &str) -> Result<Self, Sb3Error> {
        let refused = |what: String| Sb3Error::Pickle { file: name.to_owned(), what };
        let mut archive = open(file)?;
        let found = archive.file_names().flatten().find_map(|name| {
            name.strip_suffix("data.pkl").filter(|it| it.ends_with('/')).map(str::to_owned)
        });
        let folder = found.ok_or_else(|| refused("it holds no `data.pkl`".to_owned()))?;
        let byte_order = format!("{folder}byteorder");
        if archive.index_for_name(&byte_order).is_some()
            && member(&mut archive, file.len(), &byte_order)?.trim_ascii() != b"little"
        {
            return Err(refused("its numbers are not little-endian".to_owned()));
        }
        let text = member(&mut archive, file.len(), &format!("{folder}data.pkl"))?;
        let left = pickle::tensors(&text).map_err(|error| refused(error.to_string()))?;
        Ok(Self { archive, file_len: file.len(), folder, left })
    }

    /// Whether the tensor is there and not taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// The first tensor whose name begins with `prefix`.
    pub(super) fn first_with(&self, prefix: &str) -> Option<String> {
        let name = self.left.keys().find(|name| name.starts_with(prefix))?;
        Some(name.escape_debug().to_string())
    }

    /// Names, at most 8.
    pub(super) fn listed(&self) -> String {
        let names = self.left.keys().take(8).map(|name| format!("`{}`", name.escape_debug()));
        let names = names.collect::<Vec<_>>().join(", ");
        if names.is_empty() { "none".to_owned() } else { names }
    }

    /// Takes a tensor of `RANK` dimensions: its shape, and its numbers row by row.
    pub(super) fn take<const RANK: usize>(
        &mut self,
        name: &str,
    ) -> Result<([usize; RANK], Vec<f32>), Sb3Error> {
        let refused = |what: String| Sb3Error::Tensor { name: name.to_owned(), what };
        let tensor = self.left.remove(name).ok_or_else(|| refused("is missing".to_owned()))?;
        if tensor.storage_type != FLOAT {
            return Err(refused(format!("is a {}, not a {FLOAT}", tensor.storage_type)));
        }
        let shape = tensor.shape.clone();
        let Ok(shape) = <[usize; RANK]>::try_from(shape) else {
            let what = format!("has shape {:?}, where {RANK} dimensions are needed", tensor.shape);
            return Err(refused(what));
        };
        let file = format!("{}data/{}", self.folder, tensor.storage);
        let bytes = member(&mut self.archive, self.file_len, &file)
            .map_err(|error| refused(format!("cannot be read: {error}")))?;
        let numbers = tensor.numbers(bytes.as_chunks().0);
        let beyond = || refused(format!("reaches beyond the numbers in `{file}`"));
        Ok((shape, numbers.ok_or_else(beyond)?))
    }
}

impl Tensor {
    /// The tensor's numbers, row by row; nothing if it reaches beyond its storage, or is larger.
    fn numbers(&self, storage: &[[u8; 4]]) -> Option<Vec<f32>> {
        let len = self.shape.iter().try_fold(1_usize, |len, size| len.checked_mul(*size))?;
        if storage.len() < len || self.shape.len() != self.strides.len() {
            return None;
        }
        let mut places = vec![self.offset];
        for (&size, &stride) in self.shape.iter().zip(&self.strides) {
            let along = |place: usize| {
                (0..size)
                    .map(move |i| i.checked_mul(stride).and_then(|step| place.checked_add(step)))
            };
            places = places.into_iter().flat_map(along).collect::<Option<_>>()?;
        }
        places
            .into_iter()
            .map(|place| storage.get(place).map(|it| f32::from_le_bytes(*it)))
            .collect()
    }
}
