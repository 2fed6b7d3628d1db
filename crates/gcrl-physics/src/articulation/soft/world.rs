//! A robot, an object and what stands around them, in motion.

use super::lane::Lane;
use super::model::Model;
use super::motion::FreeMotion;
use super::setup::Setup;
use super::step::Room;
use crate::articulation::real::Real;
use crate::articulation::side_by_side::{self, SideBySide};
use crate::articulation::tree::{Frame, TreeError};
use nalgebra::{Isometry3, UnitQuaternion, Vector3};

/// A world in motion.
#[derive(Clone, Debug)]
pub struct SoftWorld {
    model: Model,
    own: Lane,
    room: Room<f64>,
    frames: Vec<Frame>,
}

impl SideBySide for SoftWorld {
    #[inline(always)]
    fn advance<T: Real>(all: &mut [&mut Self], n_steps: usize) {
        let parts = all.iter_mut().map(|world| (&world.model, &mut world.own));
        let (models, mut lanes): (Vec<_>, Vec<_>) = parts.unzip();
        assert!(models.iter().all(|model| model.is_like(models[0])), "worlds of a kind");
        let mut room = Room::<T>::new(models[0]);
        for group in lanes.chunks_exact_mut(T::N_LANES) {
            room.advance(models[0], group, n_steps);
        }
        for world in all {
            world.place();
        }
    }

    fn advance_alone(&mut self, n_steps: usize) {
        self.room.advance(&self.model, &mut [&mut self.own], n_steps);
        self.place();
    }
}

impl SoftWorld {
    /// A world at rest, the robot in the pose of zeros.
    ///
    /// # Errors
    ///
    /// If the robot has a free joint.
    ///
    /// # Panics
    ///
    /// If the setup names what is not there, or more coordinates are left than can be solved for.
    pub fn new(setup: &Setup<'_>) -> Result<Self, TreeError> {
        let model = Model::new(setup)?;
        let (own, room, frames) = (Lane::new(&model), Room::new(&model), model.tree.frames());
        let mut world = Self { model, own, room, frames };
        world.place();
        Ok(world)
    }

    /// Takes over a state, as if nothing had been before.
    ///
    /// # Panics
    ///
    /// If there is not one number a joint that is not held.
    pub fn set_state(&mut self, qpos: &[f64], qvel: &[f64], object: Option<&FreeMotion>) {
        self.own.set_state(qpos, qvel, object);
        self.place();
    }

    /// Puts one joint somewhere; it keeps its velocity.
    pub fn set_joint(&mut self, joint: usize, coordinate: f64) {
        self.own.qpos[joint] = coordinate;
        self.place();
    }

    /// Takes the controls of all actuators, which hold until the next.
    ///
    /// # Panics
    ///
    /// If there is not one number an actuator.
    pub fn set_control(&mut self, control: &[f64]) {
        self.own.control.copy_from_slice(control);
    }

    /// Sets where the weld drags its body to.
    pub fn set_target(&mut self, position: Vector3<f64>, rotation: UnitQuaternion<f64>) {
        self.own.target = (position, rotation);
    }

    /// Coordinates of the joints that are not held.
    pub fn qpos(&self) -> &[f64] {
        &self.own.qpos
    }

    /// Their rates.
    pub fn qvel(&self) -> &[f64] {
        &self.own.qvel
    }

    /// The free body.
    pub fn object(&self) -> &FreeMotion {
        &self.own.object
    }

    /// Where the dragged body is.
    pub fn dragged(&self) -> Isometry3<f64> {
        let (link, in_link) = (&self.frames[self.model.drag.link], &self.model.drag.in_link);
        let turn = super::quaternion(&(link.rotation * in_link.rotation));
        Isometry3::from_parts(link.transform(&in_link.position).into(), turn)
    }

    /// How fast a point of the world that rides on the dragged body moves, in meters per second.
    pub fn dragged_velocity(&self, at: &Vector3<f64>) -> Vector3<f64> {
        let mut velocity = Vector3::zeros();
        let mut next = Some(self.model.drag.link);
        while let Some(joint) = next {
            let link = &self.model.tree.links[joint];
            let direction = link.direction(&self.frames[joint]);
            velocity += (direction.linear + direction.angular.cross(at)) * self.own.qvel[joint];
            next = link.parent;
        }
        velocity
    }

    fn place(&mut self) {
        self.model.tree.place(&self.own.qpos, &mut self.frames);
    }

    /// Moves on by `n_steps` steps.
    pub fn advance(&mut self, n_steps: usize) {
        self.advance_alone(n_steps);
    }

    /// Moves each of `worlds`, which are of one setup, on by `n_steps` steps, to the same bits as one
    /// after the other.
    pub fn advance_together(worlds: &mut [&mut Self], n_steps: usize) {
        side_by_side::advance_together(worlds, n_steps);
    }
}
