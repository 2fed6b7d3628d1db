//! The shapes that touch, and what of them matters to those they meet.

use super::forms::Form;
use super::grip::{Carrier, Grip};
use super::setup::{Setup, Surface};
use super::softness::Softness;
use crate::articulation::tree::{Frame, Tree};
use crate::articulation::vectors::turned_back;
use crate::articulation::weights::Weights;
use crate::robot::Geom;
use gcrl_core::scene::Shape;
use nalgebra::{Isometry3, Vector3};

/// A free body's own numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct FreeBody {
    pub(super) mass: f64,
    pub(super) inertia: Vector3<f64>,
    pub(super) damping: f64,
}

/// A shape that touches.
#[derive(Clone, Debug)]
pub(super) struct Solid {
    pub(super) carrier: Carrier,
    pub(super) form: Form,
    /// Distance of its furthest point from its middle, in meters.
    pub(super) radius: f64,
    pub(super) in_carrier: Frame,
}

/// Whether two shapes surely do not touch: the balls around them are apart, or the ball around the one
/// is off the other.
#[inline]
pub(super) fn are_apart(first: (&Solid, &Frame), second: (&Solid, &Frame), margin: f64) -> bool {
    let reach = first.0.radius + second.0.radius + margin;
    if (first.1.position - second.1.position).norm_squared() > reach * reach {
        return true;
    }
    is_off(first, second, margin) || is_off(second, first, margin)
}

/// Whether the ball around a shape is off the other.
#[inline]
fn is_off(ball: (&Solid, &Frame), other: (&Solid, &Frame), margin: f64) -> bool {
    let radius = ball.0.radius + margin;
    match &other.0.form {
        Form::Block { half_extents } => {
            let own = turned_back(&other.1.rotation, &(ball.1.position - other.1.position));
            let outside = own.zip_map(half_extents, |at, half| (at.abs() - half).max(0.0));
            outside.norm_squared() > radius * radius
        }
        Form::Floor => {
            turned_back(&other.1.rotation, &(ball.1.position - other.1.position)).z > radius
        }
        Form::Ball { .. } | Form::Cylinder { .. } | Form::Hull { .. } => false,
    }
}

pub(super) fn frame(at: &Isometry3<f64>) -> Frame {
    Frame { rotation: *at.rotation.to_rotation_matrix().matrix(), position: at.translation.vector }
}

pub(super) fn free_body(setup: &Setup<'_>, name: &str) -> FreeBody {
    let scenery = setup.scenery.expect("a free body lies in the scenery");
    let body = &scenery.bodies[scenery.body(name)];
    let inertial = body.inertial.as_ref().expect("a free body has a mass");
    let damping = scenery.joints[body.joints.clone()].first().map_or(0.0, |joint| joint.damping);
    FreeBody { mass: inertial.mass, inertia: inertial.inertia.diagonal(), damping }
}

/// What of a shape matters to those it meets.
#[derive(Clone, Copy)]
pub(super) struct Skin {
    pub(super) carrier: Carrier,
    pub(super) softness: Softness,
    pub(super) spin_friction: Option<f64>,
    pub(super) friction: f64,
    pub(super) margin: f64,
    pub(super) weight: f64,
}

impl Skin {
    pub(super) fn meets(&self, other: &Self) -> Grip {
        Grip {
            carriers: [self.carrier, other.carrier],
            softness: self.softness.mixed(&other.softness),
            margin: self.margin.max(other.margin),
            friction: self.friction.max(other.friction),
            spin_friction: self
                .spin_friction
                .into_iter()
                .chain(other.spin_friction)
                .reduce(f64::max),
            weight: self.weight + other.weight,
            slot: None,
        }
    }
}

/// The touching shapes of the body of this name, added to `solids`: their indices and skins.
pub(super) fn shapes_of(
    setup: &Setup<'_>,
    tree: &Tree,
    weights: &Weights<'_>,
    name: &str,
    solids: &mut Vec<Solid>,
) -> Vec<(usize, Skin)> {
    let of_robot = setup.robot.bodies.iter().position(|body| body.name == name && name != "world");
    let (robot, index) = match (of_robot, setup.scenery) {
        (Some(index), _) => (setup.robot, index),
        (None, Some(scenery)) => (scenery, scenery.body(name)),
        (None, None) => (setup.robot, setup.robot.body(name)),
    };
    let (carrier, in_carrier, weight) = if of_robot.is_some() {
        let (link, at) = tree.carrier(index);
        (link.map_or(Carrier::World, Carrier::Link), *at, weights.of_body(index))
    } else if setup.object == Some(name) {
        let mass = robot.bodies[index].inertial.map_or(f64::INFINITY, |own| own.mass);
        (Carrier::Object, Isometry3::identity(), 1.0 / mass)
    } else {
        (Carrier::World, robot.bodies[index].in_parent, 0.0)
    };
    let surface =
        setup.surfaces.iter().find(|(body, _)| *body == name).map(|(_, surface)| *surface);
    let surface = surface.unwrap_or(Surface { softness: Softness::default(), spin_friction: None });
    let touching =
        robot.geoms[robot.bodies[index].geoms.clone()].iter().filter(|geom| geom.touches);
    let mut shapes: Vec<(Form, Isometry3<f64>, &Geom)> =
        touching.map(|geom| (form(geom), geom.in_body, geom)).collect();
    if setup.hulls.contains(&name) {
        shapes = vec![hull(&shapes)];
    }
    let mut added = Vec::new();
    for (form, in_body, geom) in shapes {
        let skin = Skin {
            carrier,
            softness: surface.softness,
            spin_friction: surface.spin_friction,
            friction: geom.friction,
            margin: geom.margin,
            weight,
        };
        added.push((solids.len(), skin));
        let radius = form.radius();
        solids.push(Solid { carrier, form, radius, in_carrier: frame(&(in_carrier * in_body)) });
    }
    added
}

/// The hull of some shapes, around the mean of their middles; its skin is that of the first.
fn hull<'a>(shapes: &[(Form, Isometry3<f64>, &'a Geom)]) -> (Form, Isometry3<f64>, &'a Geom) {
    let sum: Vector3<f64> = shapes.iter().map(|(_, at, _)| at.translation.vector).sum();
    let rotation = shapes[0].1.rotation;
    let middle = Isometry3::from_parts((sum / shapes.len() as f64).into(), rotation);
    let parts = shapes.iter().map(|(form, at, _)| {
        assert!(at.rotation.angle_to(&rotation) < 1e-6, "a hull's parts are turned alike");
        (form.clone(), middle.inv_mul(at).translation.vector)
    });
    (Form::Hull { parts: parts.collect() }, middle, shapes[0].2)
}

fn form(geom: &Geom) -> Form {
    match geom.shape {
        Shape::Cuboid { half_extents } => {
            Form::Block { half_extents: Vector3::from(half_extents).cast() }
        }
        Shape::Cylinder { radius, half_length } => {
            Form::Cylinder { radius: radius.into(), half_length: half_length.into() }
        }
        Shape::Sphere { radius } => Form::Ball { radius: radius.into() },
        Shape::Plane { .. } => Form::Floor,
        Shape::Capsule { .. } => panic!("no capsule touches softly"),
    }
}
