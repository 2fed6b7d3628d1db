//! Robots made of joints, moved in the coordinates of those joints, in one of two ways.

/// How an articulated robot is moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Articulation {
    /// By the integrator of this crate, with soft constraints in the manner of `MuJoCo`.
    #[default]
    JointSpace,
    /// By rapier's multibodies.
    Rapier,
}
