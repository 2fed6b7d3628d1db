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
