//! A line of text on a plate that lets little of the picture through: antialiased, in Hack.
//!
//! Hack's letters are equally wide and stand at whole pixels, so that a number that counts up does not
//! move, and equal letters are equal pixels. Source of the font: github.com/source-foundry/Hack.

use ab_glyph::{Font, FontRef, ScaleFont, point};

/// Between the plate's edge and the letters to its left and right, in pixels.
const MARGIN: u32 = 3;

/// Gray of letters and plate, and how much of the plate is seen.
const INK: f32 = 25.0;
const PLATE: f32 = 240.0;
const PLATE_OPACITY: f32 = 0.85;

/// How much of each pixel of a plate is covered by letters.
pub(crate) struct Label {
    pub(crate) width: u32,
    /// From 0 to 1, row by row from the top.
    pub(crate) ink: Vec<f32>,
}

impl Label {
    /// The text on a plate of this height, in pixels; letters of which nothing is left of `room` are
    /// left out. A letter that the font does not have is a box.
    pub(crate) fn new(text: &str, height: u32, room: u32) -> Self {
        let font = FontRef::try_from_slice(epaint_default_fonts::HACK_REGULAR);
        let font = font.expect("the font is whole");
        let font = font.as_scaled(height as f32);
        let advance = font.h_advance(font.glyph_id('0')).round().max(1.0);
        let letters: Vec<_> = text.chars().take((room / advance as u32) as usize + 1).collect();
        let width = 2 * MARGIN + letters.len() as u32 * advance as u32;
        let mut ink = vec![0.0_f32; width as usize * height as usize];
        for (letter, at) in letters.into_iter().zip(0_u16..) {
            let mut glyph = font.scaled_glyph(letter);
            let left = MARGIN as f32 + f32::from(at) * advance;
            glyph.position = point(left, font.ascent().round());
            // A space has no outline.
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, covered| {
                let (x, y) = (x as f32 + corner.x, y as f32 + corner.y);
                if 0.0 <= x && x < width as f32 && 0.0 <= y && y < height as f32 {
                    let pixel = &mut ink[y as usize * width as usize + x as usize];
                    *pixel = (*pixel + covered).min(1.0);
                }
            });
        }
        Self { width, ink }
    }
}

/// A pixel under a plate, of which letters cover a share.
pub(crate) fn over(pixel: [u8; 3], ink: f32) -> [u8; 3] {
    let gray = PLATE + ink * (INK - PLATE);
    let opacity = PLATE_OPACITY + ink * (1.0 - PLATE_OPACITY);
    pixel.map(|below| (f32::from(below) + opacity * (gray - f32::from(below)) + 0.5) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a label: `#` where letters cover more than half of a pixel.
    fn rows(text: &str, height: u32) -> Vec<String> {
        let label = Label::new(text, height, 1_000);
        let row = |row: &[f32]| row.iter().map(|ink| if 0.5 < *ink { '#' } else { '.' }).collect();
        label.ink.chunks(label.width as usize).map(row).collect()
    }

    #[test]
    fn a_letter_and_an_underscore_are_drawn_as_people_write_them() {
        assert_eq!(
            rows("T_", 14),
            [
                "....................",
                "....................",
                "...#######..........",
                "......#.............",
                "......#.............",
                "......#.............",
                "......#.............",
                "......#.............",
                "......#.............",
                "......#.............",
                "......#.............",
                "....................",
                "...........#####....",
                "....................",
            ]
        );
    }

    #[test]
    fn equal_letters_are_equal_pixels_wherever_they_stand() {
        for height in [12, 13, 14, 20, 31] {
            let label = Label::new("5115", height, 1_000);
            let advance = ((label.width - 2 * MARGIN) / 4) as usize;
            for row in label.ink.chunks(label.width as usize) {
                let digit = |at: usize| &row[MARGIN as usize + at * advance..][..advance];
                assert_eq!(digit(0), digit(3));
                assert_eq!(digit(1), digit(2));
            }
        }
    }

    #[test]
    fn letters_that_the_font_does_not_have_are_boxes_and_no_letters_are_a_bare_plate() {
        let missing = rows("\u{1f389}", 14);
        assert!(missing.iter().any(|row| row.contains('#')));
        for odd in ["日", "\u{301}", "\n", "\u{0}", "é", "−", " "] {
            assert_eq!(rows(odd, 14)[0].len(), missing[0].len(), "{odd:?}");
        }
        assert_eq!(rows("", 3), ["......"; 3]);
    }

    #[test]
    fn letters_stand_out_on_whatever_is_below() {
        for gray in [0, 40, 128, 240, 255] {
            let [plate, _, _] = over([gray; 3], 0.0);
            assert_eq!(over([gray; 3], 1.0), [25; 3], "letters let nothing through");
            assert!(200 <= plate, "{plate} above {gray}");
        }
    }
}
