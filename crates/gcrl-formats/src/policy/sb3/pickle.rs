//! A pickle that holds a dictionary of tensors, and nothing else.
//!
//! Pickles are programs for a machine with a stack, which may call anything that Python can import. This machine
//! knows the instructions that `torch.save` writes for a state dictionary, and three things to call, which make a
//! dictionary, a tensor and a storage; all others are refused by name. Nothing runs, and what is built is at most
//! a few dozen times as large as the pickle: values are small, and tuples and dictionaries stand in lists beside
//! the stack, so that nothing is copied or nested.
//!
//! Source: Python's `pickletools`, protocol 2; PyTorch 2.11, `torch/_utils.py`, `_rebuild_tensor_v2`.

use std::collections::BTreeMap;

/// Dimensions of a tensor, and bytes of a storage's name, at most: many tensors can share either.
const MAX_RANK: usize = 8;
const MAX_NAME_BYTES: usize = 64;

/// A tensor, without its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    /// The type of its storage, such as `FloatStorage`.
    pub(super) storage_type: String,
    /// The name of its storage.
    pub(super) storage: String,
    /// Where in the storage it begins, in numbers.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    /// Numbers in the storage from one to the next, along each dimension.
    pub(super) strides: Vec<usize>,
}

/// A cause for a pickle not to be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PickleError {
    #[error("its pickle ends too early")]
    Short,
    #[error(
        "its pickle calls for `{name}`, which no dictionary of tensors needs, and nothing was run"
    )]
    Global { name: String },
    #[error("its pickle has the instruction {code:#04x} at byte {at}, which is not understood")]
    Instruction { code: u8, at: usize },
    #[error(
        "its pickle has the instruction {code:#04x} at byte {at}, which does not fit what is there"
    )]
    Misfit { code: u8, at: usize },
    #[error("its pickle holds something else than tensors by their names")]
    Other,
}

/// What stands on the stack; numbers count tuples, dictionaries and tensors.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    Nothing,
    Flag,
    Int(i64),
    Text(&'a str),
    OrderedDict,
    RebuildTensor,
    StorageType(&'a str),
    Storage { kind: &'a str, key: &'a str },
    Tuple(usize),
    Dict(usize),
    Tensor(usize),
}

#[derive(Default)]
struct Machine<'a> {
    stack: Vec<Value<'a>>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: BTreeMap<u32, Value<'a>>,
    tuples: Vec<Vec<Value<'a>>>,
    dicts: Vec<Vec<(Value<'a>, Value<'a>)>>,
    tensors: Vec<Tensor>,
}

/// The tensors by their names.
pub(super) fn tensors(pickle: &[u8]) -> Result<BTreeMap<String, Tensor>, PickleError> {
    let mut machine = Machine::default();
    let mut rest = pickle;
    loop {
        let at = pickle.len() - rest.len();
        let (&code, arguments) = rest.split_first().ok_or(PickleError::Short)?;
        rest = arguments;
        if code == b'.' {
            break;
        }
        machine.step(code, at, &mut rest)?;
    }
    let Some(Value::Dict(dict)) = machine.stack.pop() else { return Err(PickleError::Other) };
    let entries = machine.dicts[dict].iter().map(|entry| match *entry {
        (Value::Text(name), Value::Tensor(tensor)) => {
            Ok((name.to_owned(), machine.tensors[tensor].clone()))
        }
        _ => Err(PickleError::Other),
    });
    entries.collect()
}

/// Takes bytes from the front.
fn bytes<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], PickleError> {
    let (taken, after) = rest.split_at_checked(n).ok_or(PickleError::Short)?;
    *rest = after;
    Ok(taken)
}

/// Takes an integer of 1 to 4 bytes.
fn integer(rest: &mut &[u8], n: usize) -> Result<u32, PickleError> {
    let number = bytes(rest, n)?.iter().rev();
    Ok(number.fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

/// Takes a line.
fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a str, PickleError> {
    let len = rest.iter().position(|&byte| byte == b'\n').ok_or(PickleError::Short)?;
    let line = &bytes(rest, len + 1)?[..len];
    str::from_utf8(line).map_err(|_not_text| PickleError::Other)
}

impl<'a> Machine<'a> {
    /// One instruction; its arguments are taken from `rest`.
    fn step(&mut self, code: u8, at: usize, rest: &mut &'a [u8]) -> Result<(), PickleError> {
        let misfit = || PickleError::Misfit { code, at };
        match code {
            0x80 => drop(bytes(rest, 1)?),
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.stack.push(Value::Nothing),
            0x88 | 0x89 => self.stack.push(Value::Flag),
            b'K' => self.push_integer(integer(rest, 1)?.into()),
            b'M' => self.push_integer(integer(rest, 2)?.into()),
            b'J' => self.push_integer((integer(rest, 4)? as i32).into()),
            0x8a => {
                let n = integer(rest, 1)? as usize;
                let long = bytes(rest, n)?;
                // Long integers count the numbers of large storages.
                let mut number = [0; 8];
                number.get_mut(..n).ok_or_else(misfit)?.copy_from_slice(long);
                self.push_integer(i64::from_le_bytes(number));
            }
            b'X' => {
                let len = integer(rest, 4)? as usize;
                let text = str::from_utf8(bytes(rest, len)?).map_err(|_not_text| misfit())?;
                self.stack.push(Value::Text(text));
            }
            b'c' => {
                let (module, name) = (line(rest)?, line(rest)?);
                self.stack.push(global(module, name)?);
            }
            b'q' => self.remember(integer(rest, 1)?).ok_or_else(misfit)?,
            b'r' => self.remember(integer(rest, 4)?).ok_or_else(misfit)?,
            b'h' => self.recall(integer(rest, 1)?).ok_or_else(misfit)?,
            b'j' => self.recall(integer(rest, 4)?).ok_or_else(misfit)?,
            b')' | 0x85..=0x87 | b't' => self.tuple(code).ok_or_else(misfit)?,
            b'}' => {
                self.stack.push(Value::Dict(self.dicts.len()));
                self.dicts.push(Vec::new());
            }
            b's' | b'u' => self.set_items(code).ok_or_else(misfit)?,
            b'Q' => self.storage().ok_or_else(misfit)?,
            b'R' => self.call().ok_or_else(misfit)?,
            // What a dictionary has beside its entries: versions of modules.
            b'b' => drop(self.stack.pop().ok_or_else(misfit)?),
            code => return Err(PickleError::Instruction { code, at }),
        }
        Ok(())
    }

    fn push_integer(&mut self, number: i64) {
        self.stack.push(Value::Int(number));
    }

    fn remember(&mut self, key: u32) -> Option<()> {
        self.memo.insert(key, *self.stack.last()?);
        Some(())
    }

    fn recall(&mut self, key: u32) -> Option<()> {
        self.stack.push(*self.memo.get(&key)?);
        Some(())
    }

    /// What was pushed since the last mark.
    fn since_mark(&mut self) -> Option<Vec<Value<'a>>> {
        let height = self.marks.pop()?;
        (height <= self.stack.len()).then(|| self.stack.split_off(height))
    }

    fn tuple(&mut self, code: u8) -> Option<()> {
        let items = match code {
            b't' => self.since_mark()?,
            b')' => Vec::new(),
            _ => {
                let n = usize::from(code - 0x84);
                self.stack.split_off(self.stack.len().checked_sub(n)?)
            }
        };
        self.stack.push(Value::Tuple(self.tuples.len()));
        self.tuples.push(items);
        Some(())
    }

    fn set_items(&mut self, code: u8) -> Option<()> {
        let items = match code {
            b'u' => self.since_mark()?,
            _ => self.stack.split_off(self.stack.len().checked_sub(2)?),
        };
        let (Value::Dict(dict), (pairs, [])) = (*self.stack.last()?, items.as_chunks::<2>()) else {
            return None;
        };
        self.dicts[dict].extend(pairs.iter().map(|&[key, value]| (key, value)));
        Some(())
    }

    /// `('storage', type, key, device, number of numbers)` becomes a storage.
    fn storage(&mut self) -> Option<()> {
        let Value::Tuple(tuple) = self.stack.pop()? else { return None };
        let [Value::Text("storage"), Value::StorageType(kind), Value::Text(key), ..] =
            self.tuples[tuple][..]
        else {
            return None;
        };
        if MAX_NAME_BYTES < kind.len().max(key.len()) {
            return None;
        }
        self.stack.push(Value::Storage { kind, key });
        Some(())
    }

    fn call(&mut self) -> Option<()> {
        let Value::Tuple(arguments) = self.stack.pop()? else { return None };
        let made = match (self.stack.pop()?, &self.tuples[arguments][..]) {
            (Value::OrderedDict, []) => {
                self.dicts.push(Vec::new());
                Value::Dict(self.dicts.len() - 1)
            }
            (
                Value::RebuildTensor,
                &[
                    Value::Storage { kind, key },
                    Value::Int(offset),
                    Value::Tuple(shape),
                    Value::Tuple(strides),
                    ..,
                ],
            ) => {
                self.tensors.push(Tensor {
                    storage_type: kind.to_owned(),
                    storage: key.to_owned(),
                    offset: usize::try_from(offset).ok()?,
                    shape: self.lengths(shape)?,
                    strides: self.lengths(strides)?,
                });
                Value::Tensor(self.tensors.len() - 1)
            }
            _ => return None,
        };
        self.stack.push(made);
        Some(())
    }

    /// A tuple of lengths.
    fn lengths(&self, tuple: usize) -> Option<Vec<usize>> {
        let tuple = Some(&self.tuples[tuple]).filter(|tuple| tuple.len() <= MAX_RANK)?;
        let length = |value: &Value<'a>| match value {
            Value::Int(length) => usize::try_from(*length).ok(),
            _ => None,
        };
        tuple.iter().map(length).collect()
    }
}

/// What may be called, or stands for a type.
fn global<'a>(module: &str, name: &'a str) -> Result<Value<'a>, PickleError> {
    match (module, name) {
        ("collections", "OrderedDict") => Ok(Value::OrderedDict),
        ("torch._utils", "_rebuild_tensor_v2") => Ok(Value::RebuildTensor),
        ("torch", kind) if kind.ends_with("Storage") => Ok(Value::StorageType(kind)),
        _ => Err(PickleError::Global {
            name: format!("{}.{}", module.escape_debug(), name.escape_debug()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pickles_would_run_is_refused_by_name() {
        // `pickle.dumps(Exploit())`, whose `__reduce__` is `(os.system, ("true",))`.
        let exploit = b"\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.";
        let error = tensors(exploit).unwrap_err();
        assert_eq!(error, PickleError::Global { name: "posix.system".to_owned() });
        let builtin = b"\x80\x02c__builtin__\neval\n.";
        let error = tensors(builtin).unwrap_err();
        assert_eq!(error, PickleError::Global { name: "__builtin__.eval".to_owned() });
    }

    #[test]
    fn instructions_that_do_not_fit_are_named() {
        assert_eq!(tensors(b"").unwrap_err(), PickleError::Short);
        assert_eq!(tensors(b"\x80\x02}").unwrap_err(), PickleError::Short);
        assert_eq!(
            tensors(b"\x80\x02I1\n.").unwrap_err(),
            PickleError::Instruction { code: b'I', at: 2 }
        );
        for misfit in
            [&b"R."[..], b"u.", b"s.", b"t.", b"Q.", b"h\x00.", b"q\x00.", b"}K\x01s.", b"\x86."]
        {
            assert!(matches!(tensors(misfit), Err(PickleError::Misfit { .. })), "{misfit:?}");
        }
        assert_eq!(tensors(b"N.").unwrap_err(), PickleError::Other);
        assert_eq!(tensors(b"}K\x01K\x02s.").unwrap_err(), PickleError::Other);
        assert_eq!(tensors(b"}.").unwrap(), BTreeMap::new());
    }

    #[test]
    fn nothing_nests_and_nothing_is_copied() {
        // A tuple in a tuple, a million times, and a dictionary that holds itself.
        let nested = [&b"N"[..], &vec![0x85; 1 << 20], b"."].concat();
        assert_eq!(tensors(&nested).unwrap_err(), PickleError::Other);
        assert_eq!(tensors(b"}q\x00X\x01\x00\x00\x00ah\x00s.").unwrap_err(), PickleError::Other);
    }
}
