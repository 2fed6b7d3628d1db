//! Short texts as pixels, for the corners of pictures: no font needed.

/// Characters and their rows from the top, three pixels each, the left one first. Small letters are
/// drawn as capitals; what is not here is a gap.
const LETTERS: &[(char, [u8; 5])] = &[
    ('0', [0b111, 0b101, 0b101, 0b101, 0b111]),
    ('1', [0b010, 0b110, 0b010, 0b010, 0b111]),
    ('2', [0b111, 0b001, 0b111, 0b100, 0b111]),
    ('3', [0b111, 0b001, 0b111, 0b001, 0b111]),
    ('4', [0b101, 0b101, 0b111, 0b001, 0b001]),
    ('5', [0b111, 0b100, 0b111, 0b001, 0b111]),
    ('6', [0b111, 0b100, 0b111, 0b101, 0b111]),
    ('7', [0b111, 0b001, 0b010, 0b010, 0b010]),
    ('8', [0b111, 0b101, 0b111, 0b101, 0b111]),
    ('9', [0b111, 0b101, 0b111, 0b001, 0b111]),
    ('A', [0b010, 0b101, 0b111, 0b101, 0b101]),
    ('B', [0b110, 0b101, 0b110, 0b101, 0b110]),
    ('C', [0b011, 0b100, 0b100, 0b100, 0b011]),
    ('D', [0b110, 0b101, 0b101, 0b101, 0b110]),
    ('E', [0b111, 0b100, 0b110, 0b100, 0b111]),
    ('F', [0b111, 0b100, 0b110, 0b100, 0b100]),
    ('G', [0b011, 0b100, 0b101, 0b101, 0b011]),
    ('H', [0b101, 0b101, 0b111, 0b101, 0b101]),
    ('I', [0b111, 0b010, 0b010, 0b010, 0b111]),
    ('J', [0b001, 0b001, 0b001, 0b101, 0b010]),
    ('K', [0b101, 0b101, 0b110, 0b101, 0b101]),
    ('L', [0b100, 0b100, 0b100, 0b100, 0b111]),
    ('M', [0b101, 0b111, 0b111, 0b101, 0b101]),
    ('N', [0b110, 0b101, 0b101, 0b101, 0b101]),
    ('O', [0b010, 0b101, 0b101, 0b101, 0b010]),
    ('P', [0b110, 0b101, 0b110, 0b100, 0b100]),
    ('Q', [0b010, 0b101, 0b101, 0b111, 0b011]),
    ('R', [0b110, 0b101, 0b110, 0b101, 0b101]),
    ('S', [0b011, 0b100, 0b010, 0b001, 0b110]),
    ('T', [0b111, 0b010, 0b010, 0b010, 0b010]),
    ('U', [0b101, 0b101, 0b101, 0b101, 0b111]),
    ('V', [0b101, 0b101, 0b101, 0b101, 0b010]),
    ('W', [0b101, 0b101, 0b111, 0b111, 0b101]),
    ('X', [0b101, 0b101, 0b010, 0b101, 0b101]),
    ('Y', [0b101, 0b101, 0b010, 0b010, 0b010]),
    ('Z', [0b111, 0b001, 0b010, 0b100, 0b111]),
    ('-', [0b000, 0b000, 0b111, 0b000, 0b000]),
    ('_', [0b000, 0b000, 0b000, 0b000, 0b111]),
    ('.', [0b000, 0b000, 0b000, 0b000, 0b010]),
    (':', [0b000, 0b010, 0b000, 0b010, 0b000]),
];

const INK: [u8; 3] = [40; 3];
const PAPER: [u8; 3] = [235; 3];

/// The pixels of `text` on a small label: column, row and color. A pixel of a letter is `zoom` pixels
/// of the picture wide and high.
pub(crate) fn pixels(text: &str, zoom: u32) -> impl Iterator<Item = (u32, u32, [u8; 3])> {
    let letters: Vec<_> = text.chars().map(rows).collect();
    let (width, height) = ((letters.len() as u32 * 4 + 1) * zoom, 7 * zoom);
    (0..height).flat_map(move |y| (0..width).map(move |x| (x, y))).map(move |(x, y)| {
        // A row and a column of paper come first; there, these wrap around to where no letter is.
        let (column, row) = ((x / zoom).wrapping_sub(1), (y / zoom).wrapping_sub(1));
        let letter = letters.get((column / 4) as usize);
        let bits = letter.and_then(|letter| letter.get(row as usize)).copied().unwrap_or(0);
        let is_ink = column % 4 < 3 && bits & (0b100 >> (column % 4)) != 0;
        (x, y, if is_ink { INK } else { PAPER })
    })
}

fn rows(character: char) -> [u8; 5] {
    let capital = character.to_ascii_uppercase();
    LETTERS.iter().find(|(known, _)| *known == capital).map_or([0; 5], |(_, rows)| *rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seven_and_a_small_l_are_drawn_as_people_write_them() {
        let mut rows = vec![String::new(); 7];
        for (x, y, color) in pixels("7l", 2).filter(|(x, y, _)| x % 2 == 0 && y % 2 == 0) {
            assert!(x < 9 * 2);
            rows[(y / 2) as usize].push(if color == INK { '#' } else { '.' });
        }
        assert_eq!(
            rows,
            [
                ".........",
                ".###.#...",
                "...#.#...",
                "..#..#...",
                "..#..#...",
                "..#..###.",
                ".........",
            ]
        );
    }
}
