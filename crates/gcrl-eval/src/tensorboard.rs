//! Scalars as TensorBoard reads them: a file of framed protocol-buffer messages.
//!
//! | part | bytes |
//! |---|---|
//! | record | length `u64`, masked CRC of the length `u32`, message, masked CRC of the message `u32` |
//! | `Event` | 1: `wall_time` double, 2: `step` varint, 3: `file_version` string, 5: `Summary` |
//! | `Summary` | 1, repeated: `Value` |
//! | `Value` | 1: `tag` string, 2: `simple_value` float |
//!
//! All little-endian; `mask(crc) = rotate_right(crc, 15) + 0xa282ead8`, with CRC-32C.
//!
//! Source: TensorFlow, `tensorflow/core/lib/io/record_writer.h` and `core/util/event.proto`.

/// The first record of an event file, which TensorBoard finds by `tfevents` in the file's name.
///
/// `wall_time_secs` counts from the Unix epoch.
pub fn file_head(wall_time_secs: f64) -> Vec<u8> {
    let mut event = Message::default();
    event.double(1, wall_time_secs);
    event.bytes(3, b"brain.Event:2");
    record(&event)
}

/// The record of the metrics of `update`, to follow the head and earlier records.
///
/// `wall_time_secs` counts from the Unix epoch. A `/` in a name groups charts.
pub fn scalars(wall_time_secs: f64, update: u64, metrics: &[(&str, f64)]) -> Vec<u8> {
    let mut summary = Message::default();
    for (name, number) in metrics {
        let mut value = Message::default();
        value.bytes(1, name.as_bytes());
        value.float(2, *number as f32);
        summary.bytes(1, &value.0);
    }
    let mut event = Message::default();
    event.double(1, wall_time_secs);
    event.integer(2, update);
    event.bytes(5, &summary.0);
    record(&event)
}

/// The scalars of one update.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// When it was logged, in seconds since the Unix epoch.
    pub wall_time_secs: f64,
    /// The update; 0 in a file's first record.
    pub step: u64,
    /// The format of the file; in its first record alone.
    pub file_version: Option<String>,
    /// Tags and values.
    pub scalars: Vec<(String, f32)>,
    /// Where its record ends in the file, in bytes.
    pub end: usize,
}

/// The whole records of an event file, in order; stops at the first that is torn or damaged.
///
/// Values other than scalars are passed over.
pub fn events(file: &[u8]) -> impl Iterator<Item = Event> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let (event, n_bytes) = read_record(&file[start..])?;
        start += n_bytes;
        Some(Event { end: start, ..event })
    })
}

/// The record that `bytes` begin with, and its length.
fn read_record(bytes: &[u8]) -> Option<(Event, usize)> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (length_crc, rest) = rest.split_first_chunk::<4>()?;
    let (message, rest) = rest.split_at_checked(u64::from_le_bytes(*length).try_into().ok()?)?;
    let (message_crc, rest) = rest.split_first_chunk::<4>()?;
    let is_sound = u32::from_le_bytes(*length_crc) == masked_crc32c(length)
        && u32::from_le_bytes(*message_crc) == masked_crc32c(message);
    is_sound.then(|| Some((read_event(message)?, bytes.len() - rest.len())))?
}

fn read_event(message: &[u8]) -> Option<Event> {
    let mut event = Event::default();
    for field in fields(message) {
        match field? {
            (1, Field::Fixed64(bits)) => event.wall_time_secs = f64::from_bits(bits),
            (2, Field::Varint(step)) => event.step = step,
            (3, Field::Bytes(text)) => {
                event.file_version = Some(String::from_utf8_lossy(text).into());
            }
            (5, Field::Bytes(summary)) => read_summary(summary, &mut event.scalars)?,
            _ => {}
        }
    }
    Some(event)
}

fn read_summary(message: &[u8], scalars: &mut Vec<(String, f32)>) -> Option<()> {
    for field in fields(message) {
        let (1, Field::Bytes(value)) = field? else { continue };
        let (mut tag, mut number) = (String::new(), None);
        for field in fields(value) {
            match field? {
                (1, Field::Bytes(text)) => tag = String::from_utf8_lossy(text).into(),
                (2, Field::Fixed32(bits)) => number = Some(f32::from_bits(bits)),
                _ => {}
            }
        }
        scalars.extend(number.map(|number| (tag, number)));
    }
    Some(())
}

/// A field of a protocol-buffer message.
enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The fields of a message with their numbers; ends with `None` where it is malformed.
fn fields(message: &[u8]) -> impl Iterator<Item = Option<(u64, Field<'_>)>> {
    let mut rest = Some(message);
    std::iter::from_fn(move || {
        let bytes = rest.filter(|bytes| !bytes.is_empty())?;
        let field = read_field(bytes);
        rest = field.as_ref().map(|(_, _, after)| *after);
        Some(field.map(|(number, field, _)| (number, field)))
    })
}

fn read_field(bytes: &[u8]) -> Option<(u64, Field<'_>, &[u8])> {
    let (key, bytes) = read_varint(bytes)?;
    let (field, rest) = match key & 7 {
        0 => read_varint(bytes).map(|(value, rest)| (Field::Varint(value), rest))?,
        1 => {
            let (value, rest) = bytes.split_first_chunk()?;
            (Field::Fixed64(u64::from_le_bytes(*value)), rest)
        }
        2 => {
            let (length, rest) = read_varint(bytes)?;
            let (value, rest) = rest.split_at_checked(length.try_into().ok()?)?;
            (Field::Bytes(value), rest)
        }
        5 => {
            let (value, rest) = bytes.split_first_chunk()?;
            (Field::Fixed32(u32::from_le_bytes(*value)), rest)
        }
        _ => return None,
    };
    Some((key >> 3, field, rest))
}

fn read_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (byte_idx, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * byte_idx);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[byte_idx + 1..]));
        }
    }
    None
}

fn record(message: &Message) -> Vec<u8> {
    let length = (message.0.len() as u64).to_le_bytes();
    let mut record = length.to_vec();
    record.extend(masked_crc32c(&length).to_le_bytes());
    record.extend(&message.0);
    record.extend(masked_crc32c(&message.0).to_le_bytes());
    record
}

/// A protocol-buffer message under construction. A field starts with `number << 3 | wire type`.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn integer(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn double(&mut self, field: u64, value: f64) {
        self.varint(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    fn float(&mut self, field: u64, value: f32) {
        self.varint(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
    }

    /// Seven bits a byte, lowest first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while 0x7f < value {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// A stored CRC is masked, so that the CRC of data holding CRCs stays a good one.
fn masked_crc32c(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C bit by bit: a record has a few hundred bytes. Source: RFC 3720, section 12.1.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _bit| {
            // The polynomial 0x1edc6f41, bits reversed, where the bit that leaves is 1.
            (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc32c() {
        // Sources: the check value of CRC-32/ISCSI; RFC 3720, B.4, 32 bytes of zeros.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn varints_are_those_of_the_protocol_buffer_guide() {
        let mut message = Message::default();
        message.integer(1, 150);
        assert_eq!(message.0, [0x08, 0x96, 0x01]);
        let mut message = Message::default();
        message.bytes(2, b"testing");
        assert_eq!(message.0, *b"\x12\x07testing");
    }

    #[test]
    fn a_scalar_is_encoded_as_by_hand() {
        let event = [
            &[0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f][..], // wall_time 1.5
            &[0x10, 0xac, 0x02],                       // step 300
            &[0x2a, 13, 0x0a, 11],                     // summary with one value
            &[0x0a, 4, b'l', b'o', b's', b's'],        // tag
            &[0x15, 0, 0, 0x20, 0x40],                 // simple_value 2.5
        ]
        .concat();
        let record = scalars(1.5, 300, &[("loss", 2.5)]);
        assert_eq!(record[..8], (event.len() as u64).to_le_bytes());
        assert_eq!(record[12..12 + event.len()], event);
        assert_eq!(record.len(), 12 + event.len() + 4);
    }

    #[test]
    fn what_is_written_reads_back_up_to_where_the_file_is_torn() {
        let (head, first) = (file_head(1.5), scalars(2.5, 300, &[("loss", 2.5), ("return", -1.0)]));
        let file = [head.clone(), first.clone(), scalars(3.5, u64::MAX, &[])].concat();
        let found: Vec<_> = events(&file).collect();
        assert_eq!(found[0].file_version.as_deref(), Some("brain.Event:2"));
        assert_eq!((found[1].wall_time_secs, found[1].step), (2.5, 300));
        assert_eq!(found[1].scalars, [("loss".to_owned(), 2.5), ("return".to_owned(), -1.0)]);
        assert_eq!((found[2].step, found[2].end), (u64::MAX, file.len()));
        for end in 0..file.len() {
            let ends = [head.len(), head.len() + first.len()];
            let n_whole = ends.into_iter().filter(|whole| *whole <= end).count();
            assert_eq!(events(&file[..end]).count(), n_whole, "{end}");
        }
        let mut damaged = file.clone();
        damaged[head.len() + 20] ^= 1;
        assert_eq!(events(&damaged).count(), 1);
    }

    #[test]
    fn malformed_messages_are_no_events() {
        for message in [&b"\x09\0"[..], b"\x2a\xff\x01", b"\x0f", &[0x80; 11], b"\x2a\x01\x0a"] {
            let file = record(&Message(message.to_vec()));
            assert_eq!(events(&file).count(), 0, "{message:?}");
        }
    }

    #[test]
    fn a_file_is_byte_for_byte_what_tensorboard_writes() {
        // Source: tensorboard 2.21.0, its `RecordWriter` and generated `Event` class, same two events.
        let file = [file_head(1.5), scalars(1.5, 300, &[("loss", 2.5)])].concat();
        let expected = concat!(
            "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c",
            "1b000000000000001a0d9e1309000000000000f83f10ac022a0d0a0b0a046c6f7373150000204068997c51",
        );
        let byte = |byte_idx| u8::from_str_radix(&expected[2 * byte_idx..2 * byte_idx + 2], 16);
        let expected: Vec<u8> = (0..expected.len() / 2).map(|i| byte(i).unwrap()).collect();
        assert_eq!(file, expected);
    }
}
