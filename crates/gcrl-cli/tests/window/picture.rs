//! What is seen in the window, as pixels.

use std::path::Path;

/// Two channels differ if they are further apart: less is rounding.
const ROUNDING: u8 = 6;

/// A picture of the window.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Red, green and blue of each pixel, row by row.
    pub(crate) pixels: Vec<[u8; 3]>,
}

/// A part of a picture: from, to (left out), as shares of its width and height.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    pub(crate) x: [f32; 2],
    pub(crate) y: [f32; 2],
}

/// All of it.
pub(crate) const WHOLE: Region = Region { x: [0.0, 1.0], y: [0.0, 1.0] };

/// Where no panel ever is.
pub(crate) const SCENE: Region = Region { x: [0.1, 0.6], y: [0.12, 0.75] };

impl Picture {
    /// A pixel by its column and row.
    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        self.pixels[y * self.width + x]
    }

    /// Columns and rows of a region in which `is_so`.
    pub(crate) fn find(&self, region: Region, is_so: impl Fn([u8; 3]) -> bool) -> Vec<[usize; 2]> {
        let ends = |share: [f32; 2], n: usize| share.map(|share| (share * n as f32) as usize);
        let ([left, right], [top, bottom]) =
            (ends(region.x, self.width), ends(region.y, self.height));
        let places = (top..bottom).flat_map(|y| (left..right).map(move |x| [x, y]));
        places.filter(|[x, y]| is_so(self.at(*x, *y))).collect()
    }

    /// Pixels of a region that are different in another picture; all, if that has another size.
    pub(crate) fn n_changed(&self, other: &Self, region: Region) -> usize {
        self.changed(other, region).len()
    }

    /// Columns and rows of pixels of a region that are different in another picture.
    pub(crate) fn changed(&self, other: &Self, region: Region) -> Vec<[usize; 2]> {
        let is_same_size = (self.width, self.height) == (other.width, other.height);
        let mut places = self.find(region, |_| true);
        places.retain(|[x, y]| {
            let is_near = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= ROUNDING;
            !is_same_size || !self.at(*x, *y).iter().zip(&other.at(*x, *y)).all(is_near)
        });
        places
    }

    /// Writes it, to be looked at.
    pub(crate) fn save(&self, path: &Path) {
        let file = std::fs::File::create(path).expect("files can be written");
        let mut encoder = png::Encoder::new(file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().expect("a picture has a size");
        writer.write_image_data(self.pixels.as_flattened()).expect("it is whole");
    }
}

/// The point that acts.
pub(crate) fn is_blue([red, _, blue]: [u8; 3]) -> bool {
    100 < blue && 60 < i32::from(blue) - i32::from(red)
}

/// The goal.
pub(crate) fn is_green([red, green, blue]: [u8; 3]) -> bool {
    40 < i32::from(green) - i32::from(red) && 40 < i32::from(green) - i32::from(blue)
}

/// The middle of some places.
pub(crate) fn middle(places: &[[usize; 2]]) -> [f32; 2] {
    assert!(!places.is_empty(), "nothing has a middle");
    [0, 1].map(|axis| places.iter().map(|at| at[axis] as f32).sum::<f32>() / places.len() as f32)
}
