//! Shapes that touch softly, and their furthest points.

use crate::articulation::real::{Real, one_above};
use crate::articulation::tree::Frame;
use crate::articulation::vectors::{dot, repeat, scaled, sum, turned, turned_back, where_above};
use nalgebra::Vector3;

/// A shape.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Ball {
        radius: f64,
    },
    Block {
        half_extents: Vector3<f64>,
    },
    Cylinder {
        radius: f64,
        half_length: f64,
    },
    /// The convex hull of shapes that are turned as it is, and where their middles are.
    Hull {
        parts: Vec<(Form, Vector3<f64>)>,
    },
    /// All below its z = 0.
    Floor,
}

impl Form {
    /// Distance of its furthest point from its middle.
    pub(super) fn radius(&self) -> f64 {
        match self {
            Self::Ball { radius } => *radius,
            Self::Block { half_extents } => half_extents.norm(),
            Self::Cylinder { radius, half_length } => {
                (radius * radius + half_length * half_length).sqrt()
            }
            Self::Hull { parts } => {
                let reach = parts.iter().map(|(form, at)| at.norm() + form.radius());
                reach.fold(0.0, f64::max)
            }
            Self::Floor => f64::INFINITY,
        }
    }

    /// Its furthest point along `own`, both in its own frame.
    #[inline(always)]
    fn furthest<T: Real>(&self, own: &Vector3<T>) -> Vector3<T> {
        let Self::Hull { parts } = self else { return self.furthest_of_one(own) };
        let mut furthest = repeat(&Vector3::zeros());
        for (index, (form, at)) in parts.iter().enumerate() {
            let point = sum(&repeat(at), &form.furthest_of_one(own));
            let further = dot(&point, own) - dot(&furthest, own);
            let kept = where_above(&point, further, 0.0, &furthest);
            furthest = if index == 0 { point } else { kept };
        }
        furthest
    }

    /// That of a form that is no hull.
    #[inline(always)]
    fn furthest_of_one<T: Real>(&self, own: &Vector3<T>) -> Vector3<T> {
        match self {
            Self::Ball { radius } => scaled(own, T::repeat(*radius)),
            Self::Block { half_extents } => corner(half_extents, own),
            Self::Cylinder { radius, half_length } => edge((*radius, *half_length), own),
            Self::Hull { .. } | Self::Floor => *own,
        }
    }

    /// The order in which [`super::portal`] takes two shapes, if it is what finds where they touch.
    pub(super) fn portal_order(&self, other: &Self) -> Option<[usize; 2]> {
        match (self, other) {
            (Self::Cylinder { .. }, Self::Block { .. })
            | (Self::Block { .. }, Self::Hull { .. }) => Some([0, 1]),
            (Self::Block { .. }, Self::Cylinder { .. })
            | (Self::Hull { .. }, Self::Block { .. }) => Some([1, 0]),
            _ => None,
        }
    }
}

/// The furthest corner of a block.
#[inline(always)]
fn corner<T: Real>(half_extents: &Vector3<f64>, own: &Vector3<T>) -> Vector3<T> {
    Vector3::new(
        T::repeat(half_extents.x) * sign(own.x),
        T::repeat(half_extents.y) * sign(own.y),
        T::repeat(half_extents.z) * sign(own.z),
    )
}

/// The furthest point of a cylinder, on the edge of an end.
#[inline(always)]
fn edge<T: Real>((radius, half_length): (f64, f64), own: &Vector3<T>) -> Vector3<T> {
    let length = (own.x * own.x + own.y * own.y).sqrt();
    let scale = (T::repeat(radius) / length).where_above(length, 1e-15, T::repeat(0.0));
    Vector3::new(own.x * scale, own.y * scale, T::repeat(half_length) * sign(own.z))
}

/// −1, 0 or 1.
#[inline(always)]
fn sign<T: Real>(number: T) -> T {
    one_above(number, 0.0) - one_above(-number, 0.0)
}

/// A shape somewhere, with everything `margin` thicker.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a, T: Real> {
    pub(super) form: &'a Form,
    pub(super) frame: &'a Frame<T>,
    pub(super) margin: f64,
}

impl<T: Real> Placed<'_, T> {
    /// Its furthest point along `direction`.
    #[inline(always)]
    pub(super) fn furthest(&self, direction: &Vector3<T>) -> Vector3<T> {
        let own = turned_back(&self.frame.rotation, direction);
        let from_middle = turned(&self.frame.rotation, &self.form.furthest(&own));
        let without = sum(&self.frame.position, &from_middle);
        sum(&without, &scaled(direction, T::repeat(self.margin)))
    }
}
