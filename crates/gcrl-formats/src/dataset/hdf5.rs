//! Writes files of HDF5: groups of arrays, in one pass.
//!
//! The library that reads them could write, too, but compares every new name with all before it: 2,000
//! episodes take it 5 s of a core, 40,000 of them would take half an hour. Here names are sorted once.
//! Everything is as the C library writes it by default: version 0 of the superblock, version 1 of object
//! headers, groups as B-trees of names; arrays are contiguous.
//!
//! ```text
//! superblock │ numbers, header │ numbers, header │ … │ heap of names, nodes, header of a group │ … │ root
//! ```
//!
//! Source: "HDF5 File Format Specification Version 3.0", sections II.A, III.A, III.D, IV.A.

use std::io::{self, Seek, SeekFrom, Write};

/// No address.
const NOWHERE: u64 = u64::MAX;

/// Half the names that a leaf has room for: the library's default.
const LEAF_K: usize = 4;

/// Half the children that a node has room for. Most groups have a single leaf.
const NODE_K: usize = 4;

/// Bytes of the superblock.
const SUPERBLOCK_BYTES: u64 = 96;

/// What an array or an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `f32`
    Float32,
    /// `f64`
    Float64,
    /// `u64`
    Unsigned64,
    /// Bytes of 0 and 1, which h5py reads as `bool`.
    Bool,
}

/// Where the header of an array or a group is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address(u64);

/// Members of a group: their names and headers.
pub(super) type Members = Vec<(String, Address)>;

/// A file that is being written.
pub(super) struct Hdf5Writer<W> {
    file: W,
    end: u64,
}

/// A leaf or a node of a group's tree.
struct Node {
    /// Offset of its greatest name in the heap.
    greatest: u64,
    address: u64,
}

impl Kind {
    const fn n_bytes(self) -> u64 {
        match self {
            Self::Float32 => 4,
            Self::Float64 | Self::Unsigned64 => 8,
            Self::Bool => 1,
        }
    }

    /// The datatype message; section IV.A.2.d.
    fn message(self) -> Vec<u8> {
        // Class and version; bits; size; then, of floats, where sign, exponent and mantissa are.
        match self {
            Self::Float32 => [
                &[0x11, 0x20, 31, 0, 4, 0, 0, 0][..],
                &[0, 0, 32, 0, 23, 8, 0, 23],
                &127_u32.to_le_bytes(),
            ]
            .concat(),
            Self::Float64 => [
                &[0x11, 0x20, 63, 0, 8, 0, 0, 0][..],
                &[0, 0, 64, 0, 52, 11, 0, 52],
                &1023_u32.to_le_bytes(),
            ]
            .concat(),
            Self::Unsigned64 => vec![0x10, 0, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0],
            // An enumeration of signed bytes: two names, then their values.
            Self::Bool => [
                &[0x18, 2, 0, 0, 1, 0, 0, 0][..],
                &[0x10, 8, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0],
                b"FALSE\0\0\0TRUE\0\0\0\0",
                &[0, 1],
            ]
            .concat(),
        }
    }
}

impl<W: Write + Seek> Hdf5Writer<W> {
    /// Begins a file.
    pub(super) fn new(mut file: W) -> io::Result<Self> {
        file.write_all(&[0; SUPERBLOCK_BYTES as usize])?;
        Ok(Self { file, end: SUPERBLOCK_BYTES })
    }

    /// Adds an array of `shape`, whose numbers are `bytes`, little-endian.
    pub(super) fn array(
        &mut self,
        kind: Kind,
        shape: &[usize],
        bytes: &[u8],
    ) -> io::Result<Address> {
        let n: usize = shape.iter().product();
        assert_eq!(bytes.len() as u64, n as u64 * kind.n_bytes(), "an array has all its numbers");
        let address = self.append(bytes)?;
        let layout = [&[3, 1][..], &word(address), &word(bytes.len() as u64)].concat();
        self.header(&[
            (0x0001, dataspace(shape)),
            (0x0003, kind.message()),
            // Fill value: space is allocated late, and nothing is filled in.
            (0x0005, vec![2, 2, 2, 1, 0, 0, 0, 0]),
            (0x0008, layout),
        ])
    }

    /// Adds a group with integer attributes.
    pub(super) fn group(
        &mut self,
        members: Members,
        attributes: &[(&str, u64)],
    ) -> io::Result<Address> {
        let (tree, heap) = self.names(members)?;
        let mut messages = vec![(0x0011, [word(tree), word(heap)].concat())];
        messages.extend(attributes.iter().map(|(name, value)| (0x000c, attribute(name, *value))));
        self.header(&messages)
    }

    /// Ends the file with its root group.
    pub(super) fn finish(mut self, members: Members) -> io::Result<()> {
        let (tree, heap) = self.names(members)?;
        let root = self.header(&[(0x0011, [word(tree), word(heap)].concat())])?;
        let half = |k: usize| (k as u16).to_le_bytes();
        let superblock = [
            &b"\x89HDF\r\n\x1a\n"[..],
            // Versions, and sizes of an address and of a length.
            &[0, 0, 0, 0, 0, 8, 8, 0],
            &half(LEAF_K),
            &half(NODE_K),
            &[0; 4],
            &word(0),
            &word(NOWHERE),
            &word(self.end),
            &word(NOWHERE),
            // The root's entry: no name, its header, and its tree and heap again.
            &word(0),
            &word(root.0),
            &[1, 0, 0, 0, 0, 0, 0, 0],
            &word(tree),
            &word(heap),
        ];
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&superblock.concat())?;
        self.file.flush()
    }

    /// Writes the names of a group's members; returns the addresses of their tree and of their heap.
    fn names(&mut self, mut members: Members) -> io::Result<(u64, u64)> {
        members.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        // The empty name comes first: the tree's lower bound.
        let mut texts = vec![0; 8];
        let mut leaves = Vec::new();
        for members in members.chunks(2 * LEAF_K) {
            let mut leaf = [&b"SNOD\x01\0"[..], &(members.len() as u16).to_le_bytes()].concat();
            let mut greatest = 0;
            for (name, address) in members {
                greatest = texts.len() as u64;
                texts.extend(padded(&[name.as_bytes(), &[0]].concat()));
                leaf.extend([&word(greatest)[..], &word(address.0), &[0; 24]].concat());
            }
            leaf.resize(8 + 2 * LEAF_K * 40, 0);
            leaves.push(Node { greatest, address: self.append(&leaf)? });
        }
        let texts_address = self.append(&texts)?;
        // Version, length of the texts, no free space, where they are.
        let (len, free) = (word(texts.len() as u64), word(1));
        let heap = [&b"HEAP\0\0\0\0"[..], &len, &free, &word(texts_address)].concat();
        let heap = self.append(&heap)?;
        Ok((self.tree(leaves)?, heap))
    }

    /// Writes a B-tree over leaves, level by level; returns the address of its root.
    fn tree(&mut self, mut children: Vec<Node>) -> io::Result<u64> {
        let node_bytes = (24 + 8 * (4 * NODE_K + 1)) as u64;
        for level in 0_u8.. {
            let n_nodes = children.len().div_ceil(2 * NODE_K).max(1);
            let first = self.end.next_multiple_of(8);
            let address = |node: usize| first + node as u64 * node_bytes;
            let (mut lower, mut nodes) = (0, Vec::new());
            for node in 0..n_nodes {
                let children = children.chunks(2 * NODE_K).nth(node).unwrap_or(&[]);
                let left = if node == 0 { NOWHERE } else { address(node - 1) };
                let right = if node + 1 == n_nodes { NOWHERE } else { address(node + 1) };
                let n_children = (children.len() as u16).to_le_bytes();
                let mut bytes = [
                    &b"TREE\0"[..],
                    &[level],
                    &n_children,
                    &word(left),
                    &word(right),
                    &word(lower),
                ]
                .concat();
                for child in children {
                    bytes.extend([word(child.address), word(child.greatest)].concat());
                    lower = child.greatest;
                }
                bytes.resize(node_bytes as usize, 0);
                nodes.push(Node { greatest: lower, address: self.append(&bytes)? });
            }
            children = nodes;
            if let [root] = &children[..] {
                return Ok(root.address);
            }
        }
        unreachable!("every level has fewer nodes")
    }

    /// Writes an object's header of these messages, by their types.
    fn header(&mut self, messages: &[(u16, Vec<u8>)]) -> io::Result<Address> {
        let mut body = Vec::new();
        for (kind, message) in messages {
            let message = padded(message);
            let len = message.len() as u16;
            body.extend([&kind.to_le_bytes()[..], &len.to_le_bytes(), &[0; 4], &message].concat());
        }
        let n_messages = (messages.len() as u16).to_le_bytes();
        let len = (body.len() as u32).to_le_bytes();
        let head = [&[1, 0][..], &n_messages, &1_u32.to_le_bytes(), &len, &[0; 4]].concat();
        self.append(&[head, body].concat()).map(Address)
    }

    /// Writes bytes at the next multiple of 8, and returns their address.
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let address = self.end.next_multiple_of(8);
        self.file.write_all(&[0; 8][..(address - self.end) as usize])?;
        self.file.write_all(bytes)?;
        self.end = address + bytes.len() as u64;
        Ok(address)
    }
}

/// The message that says how long each dimension is; no dimension is a single number.
fn dataspace(shape: &[usize]) -> Vec<u8> {
    let mut message = vec![1, shape.len() as u8, 0, 0, 0, 0, 0, 0];
    message.extend(shape.iter().flat_map(|len| word(*len as u64)));
    message
}

/// The message of an attribute: a name and an integer.
fn attribute(name: &str, value: u64) -> Vec<u8> {
    let name = [name.as_bytes(), &[0]].concat();
    let (kind, space) = (Kind::Unsigned64.message(), dataspace(&[]));
    let len = |bytes: &[u8]| (bytes.len() as u16).to_le_bytes();
    let lens = [[1, 0], len(&name), len(&kind), len(&space)].concat();
    [lens, padded(&name), padded(&kind), padded(&space), word(value).to_vec()].concat()
}

fn word(number: u64) -> [u8; 8] {
    number.to_le_bytes()
}

/// Bytes with zeros up to a multiple of 8.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_hdf5::H5File;
    use std::fs::File;

    #[test]
    fn a_group_of_many_members_is_read_by_a_library() {
        // Three levels of nodes: 8 names a leaf, 8 children a node.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("many.h5");
        let mut writer = Hdf5Writer::new(File::create(&path).unwrap()).unwrap();
        let mut members = Members::new();
        for i in 0..1_000_u32 {
            let numbers = [i as f32, 0.5].map(f32::to_le_bytes).concat();
            members.push((format!("a{i}"), writer.array(Kind::Float32, &[2], &numbers).unwrap()));
        }
        let empty = writer.group(Members::new(), &[("id", 7)]).unwrap();
        let group = writer.group(members, &[]).unwrap();
        writer.finish(vec![("group".to_owned(), group), ("empty".to_owned(), empty)]).unwrap();
        let file = H5File::open(&path).unwrap();
        assert_eq!(file.root_group().group_names().unwrap(), ["empty", "group"]);
        assert_eq!(file.dataset_names().len(), 1_000);
        for i in 0..1_000 {
            let array = file.dataset(&format!("group/a{i}")).unwrap();
            assert_eq!(array.read_raw::<f32>().unwrap(), [i as f32, 0.5]);
        }
    }
}
