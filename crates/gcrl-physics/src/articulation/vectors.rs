//! Vectors and matrices of three, of one robot or of several side by side ([`super::real`]).
//!
//! nalgebra's own operations are for one number at a time, or left as calls; these are compiled into
//! what uses them. Sums are in nalgebra's order.

use super::real::Real;
use nalgebra::{ArrayStorage, Matrix3, Vector3};

/// The same vector for all.
#[inline(always)]
pub(super) fn repeat<T: Real>(vector: &Vector3<f64>) -> Vector3<T> {
    Vector3::new(T::repeat(vector.x), T::repeat(vector.y), T::repeat(vector.z))
}

/// The same matrix for all.
#[inline(always)]
pub(super) fn repeat_matrix<T: Real>(matrix: &Matrix3<f64>) -> Matrix3<T> {
    from_columns(repeat(&column(matrix, 0)), repeat(&column(matrix, 1)), repeat(&column(matrix, 2)))
}

/// The vector of one robot.
#[inline(always)]
pub(super) fn lane_of<T: Real>(a: &Vector3<T>, lane: usize) -> Vector3<f64> {
    Vector3::new(a.x.lane(lane), a.y.lane(lane), a.z.lane(lane))
}

/// The matrix of one robot.
#[inline(always)]
pub(super) fn lane_of_matrix<T: Real>(a: &Matrix3<T>, lane: usize) -> Matrix3<f64> {
    from_columns(
        lane_of(&column(a, 0), lane),
        lane_of(&column(a, 1), lane),
        lane_of(&column(a, 2), lane),
    )
}

/// `a + b`.
#[inline(always)]
pub(super) fn sum<T: Real>(a: &Vector3<T>, b: &Vector3<T>) -> Vector3<T> {
    Vector3::new(a.x + b.x, a.y + b.y, a.z + b.z)
}

/// `a − b`.
#[inline(always)]
pub(super) fn difference<T: Real>(a: &Vector3<T>, b: &Vector3<T>) -> Vector3<T> {
    Vector3::new(a.x - b.x, a.y - b.y, a.z - b.z)
}

/// `f a`.
#[inline(always)]
pub(super) fn scaled<T: Real>(a: &Vector3<T>, factor: T) -> Vector3<T> {
    Vector3::new(a.x * factor, a.y * factor, a.z * factor)
}

/// `a / d`.
#[inline(always)]
pub(super) fn divided<T: Real>(a: &Vector3<T>, divisor: T) -> Vector3<T> {
    Vector3::new(a.x / divisor, a.y / divisor, a.z / divisor)
}

/// `a` where `number` is above `limit`, elsewhere `b`.
#[inline(always)]
pub(super) fn where_above<T: Real>(
    a: &Vector3<T>,
    number: T,
    limit: f64,
    b: &Vector3<T>,
) -> Vector3<T> {
    Vector3::new(
        a.x.where_above(number, limit, b.x),
        a.y.where_above(number, limit, b.y),
        a.z.where_above(number, limit, b.z),
    )
}

/// `a · b`.
#[inline(always)]
pub(super) fn dot<T: Real>(a: &Vector3<T>, b: &Vector3<T>) -> T {
    a.x * b.x + a.y * b.y + a.z * b.z
}

/// `a × b`.
#[inline(always)]
pub(super) fn cross<T: Real>(a: &Vector3<T>, b: &Vector3<T>) -> Vector3<T> {
    Vector3::new(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// `A b`.
#[inline(always)]
pub(super) fn turned<T: Real>(a: &Matrix3<T>, b: &Vector3<T>) -> Vector3<T> {
    Vector3::new(
        a.m11 * b.x + a.m12 * b.y + a.m13 * b.z,
        a.m21 * b.x + a.m22 * b.y + a.m23 * b.z,
        a.m31 * b.x + a.m32 * b.y + a.m33 * b.z,
    )
}

/// `Aᵀ b`.
#[inline(always)]
pub(super) fn turned_back<T: Real>(a: &Matrix3<T>, b: &Vector3<T>) -> Vector3<T> {
    Vector3::new(dot(&column(a, 0), b), dot(&column(a, 1), b), dot(&column(a, 2), b))
}

/// `A B`.
#[inline(always)]
pub(super) fn product<T: Real>(a: &Matrix3<T>, b: &Matrix3<T>) -> Matrix3<T> {
    from_columns(turned(a, &column(b, 0)), turned(a, &column(b, 1)), turned(a, &column(b, 2)))
}

/// `Aᵀ`.
#[inline(always)]
pub(super) fn transposed<T: Real>(a: &Matrix3<T>) -> Matrix3<T> {
    from_columns(
        Vector3::new(a.m11, a.m12, a.m13),
        Vector3::new(a.m21, a.m22, a.m23),
        Vector3::new(a.m31, a.m32, a.m33),
    )
}

/// A column of a matrix.
#[inline(always)]
pub(super) fn column<T: Real>(a: &Matrix3<T>, index: usize) -> Vector3<T> {
    let [x, y, z] = a.data.0[index];
    Vector3::new(x, y, z)
}

/// The matrix of these columns.
#[inline(always)]
pub(super) fn from_columns<T: Real>(a: Vector3<T>, b: Vector3<T>, c: Vector3<T>) -> Matrix3<T> {
    Matrix3::from_array_storage(ArrayStorage([[a.x, a.y, a.z], [b.x, b.y, b.z], [c.x, c.y, c.z]]))
}
