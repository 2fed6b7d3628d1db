//! How different two pictures are where they differ most.
//!
//! ```text
//! d(a, b) = max over patches P of 8 × 8 pixels: mean over P of |blur(a) − blur(b)|
//! ```
//!
//! in levels of 255, where `blur` is the mean over 3 × 3 pixels, and patches overlap by half. Drivers
//! differ along edges, by shares of a pixel: a blurred line of wrong pixels through a patch is an eighth
//! of it. What is missing or elsewhere fills a patch or more, and the maximum finds it however large the
//! picture is.

use gcrl_sketch::Picture;

/// Pictures farther apart than this show something else.
pub(crate) const BOUND: f32 = 6.0;

/// Side of a patch, in pixels.
const PATCH: u32 = 8;

/// See the module.
pub(crate) fn distance(a: &Picture, b: &Picture) -> f32 {
    assert_eq!(a.size(), b.size(), "pictures have one size");
    let (width, height) = (a.size().width, a.size().height);
    let [a, b] = [a, b].map(blurred);
    let off: Vec<f32> = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).collect();
    let row = 3 * width as usize;
    let mean = |left: u32, top: u32| {
        let rows = off.chunks(row).skip(top as usize).take(PATCH as usize);
        let sum: f32 = rows.flat_map(|row| &row[3 * left as usize..][..3 * PATCH as usize]).sum();
        sum / (3 * PATCH * PATCH) as f32
    };
    let starts = |length: u32| (0..=length - PATCH).step_by(PATCH as usize / 2);
    let means = starts(height).flat_map(|top| starts(width).map(move |left| (left, top)));
    means.map(|(left, top)| mean(left, top)).fold(0.0, f32::max)
}

/// The mean over 3 × 3 pixels, fewer at edges.
fn blurred(picture: &Picture) -> Vec<f32> {
    let (width, height) = (picture.size().width, picture.size().height);
    let around = |at: u32, length: u32| at.saturating_sub(1)..(at + 2).min(length);
    let mut out = Vec::with_capacity(picture.bytes().len());
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let (mut sum, mut count) = ([0.0; 3], 0.0);
        for (y, x) in around(y, height).flat_map(|y| around(x, width).map(move |x| (y, x))) {
            let pixel = picture.pixel(x, y);
            sum = std::array::from_fn(|channel| sum[channel] + f32::from(pixel[channel]));
            count += 1.0;
        }
        out.extend(sum.map(|sum| sum / count));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_sketch::Size;

    /// Gray 100, but for a box.
    fn boxed(level: u8, left: u32, top: u32, side: u32) -> Picture {
        let size = Size { width: 40, height: 32 };
        let is_in = |at: u32, start: u32| start <= at && at < start + side;
        let pixels = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        let gray = pixels.map(|(x, y)| if is_in(x, left) && is_in(y, top) { level } else { 100 });
        Picture::from_bytes(size, &gray.flat_map(|gray| [gray; 3]).collect::<Vec<_>>())
    }

    #[test]
    fn the_distance_is_that_of_the_worst_patch() {
        // A patch lies in the middle of the box, where blurring changes nothing.
        let off = distance(&boxed(100, 0, 0, 0), &boxed(150, 12, 8, 16));
        assert!((off - 50.0).abs() < 1e-3, "{off}");
    }

    #[test]
    fn an_edge_that_is_off_by_a_tenth_of_a_pixel_is_near_and_a_marker_is_far() {
        // A line of 8 pixels, each a tenth of the way from gray to white: 15 levels for an eighth.
        let line = distance(&boxed(100, 0, 0, 0), &boxed(115, 12, 8, 1));
        assert!(line < BOUND, "{line}");
        // A dot of 3 by 3 pixels, spread by the blur to 5 by 5: all of it is in one patch.
        let dot = distance(&boxed(100, 0, 0, 0), &boxed(200, 14, 14, 3));
        assert!((dot - 900.0 / 64.0).abs() < 1e-3 && BOUND < dot, "{dot}");
    }
}
