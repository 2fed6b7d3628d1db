//! Whole numbers as pixels, for the corners of frames: no font needed.

/// Rows of a digit from the top, three pixels each, the left one first.
const DIGITS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// Pixels of the picture to one of a digit, and around the number.
const ZOOM: u32 = 3;

const INK: [u8; 3] = [40; 3];
const PAPER: [u8; 3] = [235; 3];

/// The pixels of `number` on a small label: column, row and color.
pub(crate) fn pixels(number: usize) -> impl Iterator<Item = (u32, u32, [u8; 3])> {
    let digits: Vec<_> =
        number.to_string().bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect();
    let (width, height) = ((digits.len() as u32 * 4 + 1) * ZOOM, 7 * ZOOM);
    (0..height).flat_map(move |y| (0..width).map(move |x| (x, y))).map(move |(x, y)| {
        let (column, row) = ((x / ZOOM).wrapping_sub(1), (y / ZOOM).wrapping_sub(1));
        let digit = digits.get((column / 4) as usize);
        let bits = digit.and_then(|digit| digit.get(row as usize)).copied().unwrap_or(0);
        let is_ink = column % 4 < 3 && bits & (0b100 >> (column % 4)) != 0;
        (x, y, if is_ink { INK } else { PAPER })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seven_is_a_seven() {
        let mut rows = vec![String::new(); 7];
        for (x, y, color) in pixels(7).filter(|(x, y, _)| x % ZOOM == 0 && y % ZOOM == 0) {
            assert!(x < 5 * ZOOM);
            rows[(y / ZOOM) as usize].push(if color == INK { '#' } else { '.' });
        }
        assert_eq!(rows, [".....", ".###.", "...#.", "..#..", "..#..", "..#..", "....."]);
    }
}
