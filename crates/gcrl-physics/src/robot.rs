//! A robot's description, read from MJCF: the one source of kinematics, inertias, limits, colliders
//! and looks.
//!
//! What the simulation and the scene need, in one tree, with every default resolved and every name
//! turned into an index.
//!
//! Conventions of the files in `assets/`: angles in radians; explicit `<inertial>` on every body that a
//! joint moves; primitive shapes only, with `pos` and `quat`; geoms of group 3 are there to touch, all
//! others to be seen; a geom with `contype` 0 and `conaffinity` 0 touches nothing but its `<pair>`s.
//!
//! Source: `MuJoCo` documentation, "XML reference".

mod read;

use gcrl_core::scene::{self, Camera, Layer, Material, Scene, Shape, Visual};
use nalgebra::{Isometry3, Matrix3, Point3, Translation3, Unit, UnitQuaternion, Vector3};

pub use read::RobotError;

/// A robot and what stands around it.
#[derive(Clone, Debug)]
pub struct Robot {
    /// The world, then every body after its parent.
    pub bodies: Vec<Body>,
    /// Joints in the order of the bodies; a hinge or a slide has one coordinate.
    pub joints: Vec<Joint>,
    /// All shapes, in the order of the bodies.
    pub geoms: Vec<Geom>,
    /// Named points.
    pub sites: Vec<Site>,
    /// Position servos and motors, in the order of the file.
    pub actuators: Vec<Actuator>,
    /// Linear combinations of joint coordinates that must stay in a range.
    pub tendons: Vec<Tendon>,
    /// Pairs of geoms that touch although their types say nothing; a pair listed twice counts twice.
    pub contact_pairs: Vec<(usize, usize)>,
    /// Named states: `(name, qpos)`.
    pub keyframes: Vec<(String, Vec<f64>)>,
}

/// A rigid body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its name; `world` for the first.
    pub name: String,
    /// Index of the body it hangs on; the world hangs on itself.
    pub parent: usize,
    /// Its frame in its parent's, with all joints at 0.
    pub in_parent: Isometry3<f64>,
    /// What resists acceleration, where the file says it.
    pub inertial: Option<Inertial>,
    /// Indices of the joints between it and its parent; none welds the two.
    pub joints: std::ops::Range<usize>,
    /// Indices of its geoms.
    pub geoms: std::ops::Range<usize>,
}

/// Mass and how it is spread.
#[derive(Clone, Copy, Debug)]
pub struct Inertial {
    /// In kilograms.
    pub mass: f64,
    /// Center of mass in the body's frame, in meters.
    pub center: Point3<f64>,
    /// Rotational inertia about the center of mass, in the axes of the body's frame, in kg m².
    pub inertia: Matrix3<f64>,
}

/// What a joint lets move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JointKind {
    /// Turning about the axis, in radians.
    Hinge,
    /// Shifting along the axis, in meters.
    Slide,
    /// Everything.
    Free,
}

/// A joint between a body and its parent; forces are newtons for slides, newton meters for hinges.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Its name.
    pub name: String,
    /// Index of the body it moves.
    pub body: usize,
    /// What moves.
    pub kind: JointKind,
    /// Direction in the body's frame.
    pub axis: Unit<Vector3<f64>>,
    /// A point on a hinge's axis, in the body's frame, in meters.
    pub anchor: Point3<f64>,
    /// Least and largest coordinate, where there is a limit.
    pub range: Option<[f64; 2]>,
    /// How far before a limit the limit begins to push.
    pub margin: f64,
    /// Force per velocity, against it.
    pub damping: f64,
    /// Inertia of the drive, added to that of what moves.
    pub armature: f64,
    /// Largest force of dry friction.
    pub friction: f64,
    /// Force per displacement from `spring_reference`, against it.
    pub stiffness: f64,
    /// Coordinate at which the spring is relaxed.
    pub spring_reference: f64,
}

/// A shape on a body.
#[derive(Clone, Debug)]
pub struct Geom {
    /// Its name, or nothing.
    pub name: String,
    /// Index of its body.
    pub body: usize,
    /// What it is.
    pub shape: Shape,
    /// Its frame in the body's.
    pub in_body: Isometry3<f64>,
    /// How it looks.
    pub material: Material,
    /// Who sees it.
    pub layer: Layer,
    /// Whether it touches others by its types, rather than only in pairs.
    pub touches: bool,
    /// Coefficient of sliding friction.
    pub friction: f64,
    /// Distance at which contacts begin to push, in meters.
    pub margin: f64,
}

/// A named point on a body.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Index of its body.
    pub body: usize,
    /// Where, in the body's frame.
    pub in_body: Point3<f64>,
}

/// What an actuator makes of its control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drive {
    /// Force is control times this gear.
    Motor {
        /// Force per control.
        gear: f64,
    },
    /// Force is this stiffness times (control − coordinate).
    Servo {
        /// Force per displacement.
        stiffness: f64,
    },
}

/// A drive on a joint.
#[derive(Clone, Debug)]
pub struct Actuator {
    /// Its name.
    pub name: String,
    /// Index of its joint.
    pub joint: usize,
    /// What it does.
    pub drive: Drive,
    /// Least and largest control.
    pub control_range: [f64; 2],
    /// Least and largest force; infinite where the file sets none.
    pub force_range: [f64; 2],
}

/// A linear combination of joint coordinates with limits.
#[derive(Clone, Debug)]
pub struct Tendon {
    /// Its name.
    pub name: String,
    /// Joints and their coefficients.
    pub terms: Vec<(usize, f64)>,
    /// Least and largest length.
    pub range: [f64; 2],
}

impl Robot {
    /// Index of the body of this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn body(&self, name: &str) -> usize {
        position(self.bodies.iter().map(|body| &*body.name), name)
    }

    /// Index of the joint of this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn joint(&self, name: &str) -> usize {
        position(self.joints.iter().map(|joint| &*joint.name), name)
    }

    /// Index of the site of this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn site(&self, name: &str) -> usize {
        position(self.sites.iter().map(|site| &*site.name), name)
    }

    /// The coordinates that the file gives this name.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn keyframe(&self, name: &str) -> &[f64] {
        &self.keyframes[position(self.keyframes.iter().map(|(key, _)| &**key), name)].1
    }

    /// Frames of all bodies in the world at joint coordinates `qpos`, one per hinge or slide, in the
    /// order of the joints. Bodies on free joints stay where the file puts them.
    ///
    /// # Panics
    ///
    /// If `qpos` has another length.
    pub fn forward_kinematics(&self, qpos: &[f64]) -> Vec<Isometry3<f64>> {
        let mut coordinates = qpos.iter();
        let mut in_world: Vec<Isometry3<f64>> = Vec::with_capacity(self.bodies.len());
        for (index, body) in self.bodies.iter().enumerate() {
            let parent = if index == 0 { Isometry3::identity() } else { in_world[body.parent] };
            let mut frame = parent * body.in_parent;
            for joint in &self.joints[body.joints.clone()] {
                if joint.kind == JointKind::Free {
                    continue;
                }
                let coordinate = *coordinates.next().expect("a coordinate for every joint");
                frame *= joint.displacement(coordinate);
            }
            in_world.push(frame);
        }
        assert!(coordinates.next().is_none(), "a joint for every coordinate");
        in_world
    }

    /// The robot without some of its joints, each of them held at a coordinate for good.
    ///
    /// # Panics
    ///
    /// If there is no such joint, or it is not the first of its body.
    #[must_use]
    pub fn holding(&self, joints: &[(&str, f64)]) -> Self {
        let mut robot = self.clone();
        for (name, coordinate) in joints {
            let index = robot.joint(name);
            let joint = robot.joints.remove(index);
            let body = &mut robot.bodies[joint.body];
            assert_eq!(body.joints.start, index, "`{name}` is the first joint of its body");
            body.in_parent *= joint.displacement(*coordinate);
            for body in &mut robot.bodies {
                let before = |end: usize| if index < end { end - 1 } else { end };
                body.joints = before(body.joints.start)..before(body.joints.end);
            }
            for actuator in &mut robot.actuators {
                assert_ne!(actuator.joint, index, "`{name}` has no drive");
                actuator.joint -= usize::from(index < actuator.joint);
            }
        }
        robot
    }

    /// The bodies and their shapes, to be looked at from `camera`.
    pub fn scene(&self, camera: Camera, goal_radius: Option<f32>) -> Scene {
        let bodies = self.bodies.iter().map(|body| body.name.clone()).collect();
        Scene { bodies, visuals: self.visuals(), camera, goal_radius }
    }

    /// The shapes of all bodies, for drawing.
    pub fn visuals(&self) -> Vec<Visual> {
        let visual = |geom: &Geom| Visual {
            body: geom.body,
            in_body: pose(&geom.in_body),
            shape: geom.shape,
            material: geom.material,
            layer: geom.layer,
        };
        self.geoms.iter().map(visual).collect()
    }
}

impl Joint {
    /// How the body's frame moves in itself when the joint goes from 0 to `coordinate`.
    pub fn displacement(&self, coordinate: f64) -> Isometry3<f64> {
        match self.kind {
            JointKind::Slide => Translation3::from(self.axis.into_inner() * coordinate).into(),
            JointKind::Hinge => Isometry3::rotation_wrt_point(
                UnitQuaternion::from_axis_angle(&self.axis, coordinate),
                self.anchor,
            ),
            JointKind::Free => Isometry3::identity(),
        }
    }
}

/// A frame, as it is drawn.
pub fn pose(frame: &Isometry3<f64>) -> scene::Pose {
    let rotation = &frame.rotation;
    scene::Pose {
        position: frame.translation.vector.map(|number| number as f32).into(),
        rotation: [rotation.w, rotation.i, rotation.j, rotation.k].map(|number| number as f32),
    }
}

fn position<'a>(mut names: impl Iterator<Item = &'a str>, name: &str) -> usize {
    let Some(position) = names.position(|other| other == name) else {
        panic!("the robot's description names `{name}`");
    };
    position
}
