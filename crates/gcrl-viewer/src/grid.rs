//! Where episodes stand: in columns along the picture's right, in rows that go away from the eye, so
//! that the first one is at the upper left.

use crate::extent::Extent;
use crate::orbit::Orbit;
use bevy::prelude::*;
use gcrl_recording::Recording;

/// Room between neighbors, as a share of a cell.
const GAP: f32 = 0.12;

/// Share of the picture that a grid fills.
const FILL: f32 = 0.94;

/// A grid of episodes.
#[derive(Resource, Clone, Debug)]
pub(crate) struct Grid {
    n_episodes: usize,
    columns: usize,
    /// To the right of the picture, away from the eye, and up, in the world.
    axes: Mat3,
    /// What an episode takes, along the axes.
    cell: Extent,
}

impl Grid {
    /// A grid of `columns`, for whoever looks from `orbit` at first.
    pub(crate) fn of(recordings: &[&Recording], columns: usize, orbit: &Orbit) -> Self {
        let (sin, cos) = orbit.azimuth.sin_cos();
        let axes = Mat3::from_cols(Vec3::new(-sin, cos, 0.0), Vec3::new(-cos, -sin, 0.0), Vec3::Z);
        let extent = Extent::of(recordings, axes);
        let margin = 0.5 * GAP * (extent.max - extent.min) * Vec3::new(1.0, 1.0, 0.0);
        let cell = Extent { min: extent.min - margin, max: extent.max + margin };
        Self { n_episodes: recordings.len(), columns: columns.max(1), axes, cell }
    }

    /// Columns for `n_episodes` where nobody says how many: as many as rows, or one more.
    pub(crate) fn square(n_episodes: usize) -> usize {
        (n_episodes as f32).sqrt().ceil() as usize
    }

    fn n_rows(&self) -> usize {
        self.n_episodes.div_ceil(self.columns)
    }

    /// How far episode `index` is moved.
    pub(crate) fn offset(&self, index: usize) -> Vec3 {
        let (column, row) = (index % self.columns, index / self.columns);
        let size = self.cell.max - self.cell.min;
        let away = (self.n_rows() - 1 - row) as f32;
        self.axes * (size * Vec3::new(column as f32, away, 0.0))
    }

    /// The height of the ground.
    pub(crate) fn floor(&self) -> f32 {
        self.cell.min.z
    }

    /// Width and depth of a cell.
    pub(crate) fn cell_size(&self) -> Vec2 {
        (self.cell.max - self.cell.min).truncate()
    }

    /// The middle of an episode's cell on the ground, with x to the right; before the episode is moved.
    pub(crate) fn on_ground(&self) -> Transform {
        let middle = 0.5 * (self.cell.min + self.cell.max);
        Transform::from_translation(self.axes * middle.with_z(self.floor()))
            .with_rotation(Quat::from_mat3(&self.axes))
    }

    /// The corner of an episode's cell that is nearest to the eye on the left, on the ground.
    pub(crate) fn near_corner(&self, index: usize) -> Vec3 {
        self.axes * self.cell.min + self.offset(index)
    }

    /// The corners of an episode's cell that are nearest to the eye, on the ground, from the left to the right.
    pub(crate) fn near_corners(&self, index: usize) -> [Vec3; 2] {
        let Extent { min, max } = self.cell;
        [min, min.with_x(max.x)].map(|corner| self.axes * corner + self.offset(index))
    }

    /// The episode in whose cell a ray is when it is halfway up what stands there.
    pub(crate) fn under(&self, ray: Ray3d) -> Option<usize> {
        let height = 0.5 * (self.cell.min.z + self.cell.max.z);
        let along = (height - ray.origin.z) / ray.direction.z;
        let place = self.axes.transpose() * ray.get_point(along) - self.cell.min;
        let cell = (place / (self.cell.max - self.cell.min)).truncate().floor();
        let size = Vec2::new(self.columns as f32, self.n_rows() as f32);
        let is_inside = 0.0 < along && cell.cmpge(Vec2::ZERO).all() && cell.cmplt(size).all();
        if !is_inside {
            return None;
        }
        let row = self.n_rows() - 1 - cell.y as usize;
        let index = row * self.columns + cell.x as usize;
        (index < self.n_episodes).then_some(index)
    }

    /// From the middle to the farthest corner.
    pub(crate) fn radius(&self) -> f32 {
        let corners = self.corners();
        0.5 * (corners[7] - corners[0]).length()
    }

    /// The corners of the box that holds all episodes.
    fn corners(&self) -> [Vec3; 8] {
        let size = self.cell.max - self.cell.min;
        let others = Vec3::new((self.columns - 1) as f32, (self.n_rows() - 1) as f32, 0.0);
        let (min, max) = (self.cell.min, self.cell.max + size * others);
        std::array::from_fn(|corner| {
            let pick = |axis: usize| if corner >> axis & 1 == 0 { min[axis] } else { max[axis] };
            self.axes * Vec3::new(pick(0), pick(1), pick(2))
        })
    }

    /// Looks in the direction of `orbit`, at one episode as it does, at several so that all are seen in a
    /// picture of this width per height.
    pub(crate) fn seen(&self, orbit: &Orbit, aspect: f32) -> Orbit {
        if self.n_episodes == 1 { *orbit } else { orbit.seeing(&self.corners(), aspect, FILL) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::still;

    /// From above the negative half of y: x is to the right, y goes away.
    fn orbit() -> Orbit {
        Orbit { azimuth: -90.0_f32.to_radians(), ..Orbit::default() }
    }

    #[test]
    fn the_first_episode_is_at_the_upper_left() {
        // An empty episode takes two meters along each axis, and the gap is an eighth of that or so.
        let grid = Grid::of(&[&still(1); 4], 2, &orbit());
        let places = [0, 1, 2, 3].map(|index| grid.offset(index));
        let side = 2.0 * (1.0 + GAP);
        for (place, [x, y]) in
            places.iter().zip([[0.0, side], [side, side], [0.0, 0.0], [side, 0.0]])
        {
            assert!((*place - Vec3::new(x, y, 0.0)).length() < 1e-5, "{places:?}");
        }
    }

    #[test]
    fn a_ray_finds_the_episode_that_it_goes_to() {
        let grid = Grid::of(&[&still(1); 3], 2, &orbit());
        let down = |place: Vec3| Ray3d { origin: place + 9.0 * Vec3::Z, direction: Dir3::NEG_Z };
        for index in 0..3 {
            assert_eq!(grid.under(down(grid.offset(index))), Some(index));
        }
        // The second row has one episode, and there is nothing behind the first one.
        assert_eq!(grid.under(down(grid.offset(1) - grid.offset(0) + grid.offset(2))), None);
        assert_eq!(grid.under(down(2.0 * grid.offset(0))), None);
        let up = Ray3d { direction: Dir3::Z, ..down(Vec3::ZERO) };
        assert_eq!(grid.under(up), None);
    }

    #[test]
    fn all_corners_of_a_grid_are_on_the_picture_and_some_near_its_edge() {
        let grid = Grid::of(&[&still(1); 6], 3, &orbit());
        let seen = grid.seen(&orbit(), 1.5);
        let points = grid.corners().map(|corner| seen.on_picture(corner, UVec2::new(600, 400)));
        let (mut low, mut high) = (Vec2::INFINITY, Vec2::NEG_INFINITY);
        for point in points {
            (low, high) = (low.min(point), high.max(point));
        }
        assert!(0.0 < low.min_element() && high.x < 600.0 && high.y < 400.0, "{low} {high}");
        assert!(540.0 < high.x - low.x || 360.0 < high.y - low.y, "{low} {high}");
    }
}
