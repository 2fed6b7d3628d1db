//! A robot's description, read from MJCF: the one source of kinematics, inertias, limits, colliders
//! and looks.
//!
//! `mjcf-rs` parses; this module keeps what the simulation and the scene need, in one tree, with every
//! default resolved and every name turned into an index. A description is part of the program, so one
//! that cannot be read is a bug: [`Robot::parse`] returns an error that its tests see.
//!
//! Conventions of the files in `assets/`: angles in radians; explicit `<inertial>` on every body that a
//! joint moves; primitive shapes only, with `pos` and `quat`; geoms of group 3 are there to touch, all
//! others to be seen; a geom with `contype` 0 and `conaffinity` 0 touches nothing but its `<pair>`s.
//!
//! Source: `MuJoCo` documentation, "XML reference".

use gcrl_core::scene::{self, Layer, Material, Shape, Visual};
use mjcf_rs::body::{GeomType, InertiaSpec, JointType};
use nalgebra::{
    Isometry3, Matrix3, Point3, Quaternion, Translation3, Unit, UnitQuaternion, Vector3,
};

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

/// What is wrong with a description.
#[derive(Debug, thiserror::Error)]
pub enum RobotError {
    /// The file is no MJCF.
    #[error("robot description cannot be parsed: {0}")]
    Parse(String),
    /// Something is used that our files never use.
    #[error("robot description uses {what} at `{name}`, which is not supported")]
    Unsupported {
        /// What it is.
        what: &'static str,
        /// Where.
        name: String,
    },
    /// Something refers to a name that is not there, or has none itself.
    #[error("robot description needs {what} `{name}`, and has none")]
    Missing {
        /// What it is.
        what: &'static str,
        /// Its name, or that of who needs it.
        name: String,
    },
}

impl Robot {
    /// Reads a description.
    ///
    /// # Errors
    ///
    /// If it is no MJCF, or says more than this project's conventions allow.
    pub fn parse(mjcf: &str) -> Result<Self, RobotError> {
        let model = mjcf_rs::Model::from_str(mjcf, ".")
            .map_err(|error| RobotError::Parse(error.to_string()))?;
        let mut robot = Self {
            bodies: Vec::new(),
            joints: Vec::new(),
            geoms: Vec::new(),
            sites: Vec::new(),
            actuators: Vec::new(),
            tendons: Vec::new(),
            contact_pairs: Vec::new(),
            keyframes: Vec::new(),
        };
        for entry in &model.bodies {
            robot.add_body(entry, &model)?;
        }
        for actuator in &model.actuators {
            let actuator = robot.actuator(actuator)?;
            robot.actuators.push(actuator);
        }
        robot.tendons = robot.tendons_of(&model, mjcf)?;
        for pair in &model.contact.pairs {
            let geom =
                |name: &str| {
                    robot.geoms.iter().position(|geom| geom.name == name).ok_or_else(|| {
                        RobotError::Missing { what: "a geom", name: name.to_owned() }
                    })
                };
            robot.contact_pairs.push((geom(&pair.geom1)?, geom(&pair.geom2)?));
        }
        for key in &model.keyframes {
            let name = key.name.clone().unwrap_or_default();
            robot.keyframes.push((name, key.qpos.clone()));
        }
        Ok(robot)
    }

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

    fn add_body(
        &mut self,
        entry: &mjcf_rs::model::BodyEntry,
        model: &mjcf_rs::Model,
    ) -> Result<(), RobotError> {
        let body = self.bodies.len();
        let source = &entry.body;
        let name = match &source.name {
            Some(name) => name.clone(),
            None if body == 0 => "world".to_owned(),
            None => {
                return Err(RobotError::Missing { what: "a name of body", name: body.to_string() });
            }
        };
        let (joints, geoms) = (self.joints.len(), self.geoms.len());
        for joint in &source.joints {
            self.joints.push(read_joint(joint, body, &name)?);
        }
        for geom in &source.geoms {
            self.geoms.push(read_geom(geom, body, &name, model)?);
        }
        for site in &source.sites {
            let (name, at) = (site.name.clone().unwrap_or_default(), isometry(&site.pose));
            self.sites.push(Site { name, body, in_body: at.translation.vector.into() });
        }
        let inertial = source.inertial.as_ref().map(read_inertial);
        if inertial.is_none() && !source.joints.is_empty() {
            return Err(RobotError::Missing { what: "an inertial of moving body", name });
        }
        self.bodies.push(Body {
            name,
            parent: entry.parent.unwrap_or(0),
            in_parent: isometry(&source.pose),
            inertial,
            joints: joints..self.joints.len(),
            geoms: geoms..self.geoms.len(),
        });
        Ok(())
    }

    fn actuator(&self, source: &mjcf_rs::extras::Actuator) -> Result<Actuator, RobotError> {
        use mjcf_rs::extras::ActuatorKind;
        let name = source.name.clone().unwrap_or_default();
        let joint = source.joint.as_deref().unwrap_or_default();
        let joint = self.joints.iter().position(|other| other.name == joint);
        let Some(joint) = joint else {
            return Err(RobotError::Missing { what: "a joint of actuator", name });
        };
        let drive = match source.kind {
            ActuatorKind::Motor => Drive::Motor { gear: source.gear[0] },
            ActuatorKind::Position => Drive::Servo { stiffness: source.kp.unwrap_or(1.0) },
            _ => return Err(RobotError::Unsupported { what: "an actuator of this kind", name }),
        };
        let Some(control_range) = source.ctrl_range else {
            return Err(RobotError::Missing { what: "a ctrlrange of actuator", name });
        };
        let force_range = source.force_range.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
        Ok(Actuator { name, joint, drive, control_range, force_range })
    }

    /// `mjcf-rs` keeps no ranges of tendons; they are read from the text.
    fn tendons_of(&self, model: &mjcf_rs::Model, mjcf: &str) -> Result<Vec<Tendon>, RobotError> {
        let document = roxmltree::Document::parse(mjcf)
            .map_err(|error| RobotError::Parse(error.to_string()))?;
        let mut tendons = Vec::new();
        for source in &model.tendons {
            let name = source.name.clone().unwrap_or_default();
            let node = document
                .descendants()
                .find(|node| node.has_tag_name("fixed") && node.attribute("name") == Some(&name));
            let range = node.and_then(|node| node.attribute("range")).and_then(|range| {
                let numbers: Result<Vec<f64>, _> =
                    range.split_whitespace().map(str::parse).collect();
                <[f64; 2]>::try_from(numbers.ok()?).ok()
            });
            let Some(range) = range else {
                return Err(RobotError::Missing { what: "a range of tendon", name });
            };
            let mut terms = Vec::new();
            for term in &source.joints {
                let joint = self.joints.iter().position(|joint| joint.name == term.joint);
                let Some(joint) = joint else {
                    return Err(RobotError::Missing { what: "a joint of tendon", name });
                };
                terms.push((joint, term.coef));
            }
            tendons.push(Tendon { name, terms, range });
        }
        Ok(tendons)
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

fn isometry(pose: &mjcf_rs::Pose) -> Isometry3<f64> {
    let (at, turn) = (pose.translation, pose.rotation);
    let turn = Quaternion::new(turn.w, turn.x, turn.y, turn.z);
    Isometry3::from_parts(
        Translation3::new(at.x, at.y, at.z),
        UnitQuaternion::from_quaternion(turn),
    )
}

fn read_inertial(source: &mjcf_rs::body::Inertial) -> Inertial {
    let frame = isometry(&source.pose);
    let own = match source.inertia {
        InertiaSpec::Diagonal(diagonal) => Matrix3::from_diagonal(&diagonal.into()),
        InertiaSpec::Full([xx, yy, zz, xy, xz, yz]) => {
            Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz)
        }
    };
    let turn = frame.rotation.to_rotation_matrix();
    Inertial {
        mass: source.mass,
        center: frame.translation.vector.into(),
        inertia: turn * own * turn.transpose(),
    }
}

fn read_joint(source: &mjcf_rs::body::Joint, body: usize, of: &str) -> Result<Joint, RobotError> {
    let kind = match source.type_ {
        JointType::Hinge => JointKind::Hinge,
        JointType::Slide => JointKind::Slide,
        JointType::Free => JointKind::Free,
        JointType::Ball => {
            return Err(RobotError::Unsupported { what: "a ball joint", name: of.to_owned() });
        }
    };
    let axis = if kind == JointKind::Free { [0.0, 0.0, 1.0] } else { source.axis };
    Ok(Joint {
        name: source.name.clone().unwrap_or_default(),
        body,
        kind,
        axis: Unit::new_normalize(axis.into()),
        anchor: source.pos.into(),
        range: source.range,
        margin: source.margin,
        damping: source.damping,
        armature: source.armature,
        friction: source.frictionloss,
        stiffness: source.stiffness,
        spring_reference: source.springref,
    })
}

fn read_geom(
    source: &mjcf_rs::body::Geom,
    body: usize,
    of: &str,
    model: &mjcf_rs::Model,
) -> Result<Geom, RobotError> {
    let [x, y, z] = source.size.map(|number| number as f32);
    let shape = match source.type_ {
        GeomType::Plane => Shape::Plane { half_extents: [x, y] },
        GeomType::Sphere => Shape::Sphere { radius: x },
        GeomType::Capsule => Shape::Capsule { radius: x, half_length: y },
        GeomType::Cylinder => Shape::Cylinder { radius: x, half_length: y },
        GeomType::Box => Shape::Cuboid { half_extents: [x, y, z] },
        _ => {
            return Err(RobotError::Unsupported {
                what: "a shape of this kind",
                name: of.to_owned(),
            });
        }
    };
    let material = source.material.as_deref().and_then(|name| model.assets.material(name));
    let gray = [0.5, 0.5, 0.5, 1.0];
    let color = source.rgba.or(material.and_then(|material| material.rgba)).unwrap_or(gray);
    // A material that says nothing of them has negative ones in MuJoCo, and zeros here.
    let finish = |of: fn(&mjcf_rs::assets::Material) -> f64, default: f64| {
        material.map(of).filter(|number| 0.0 < *number).unwrap_or(default) as f32
    };
    Ok(Geom {
        name: source.name.clone().unwrap_or_default(),
        body,
        shape,
        in_body: isometry(&source.pose),
        material: Material {
            color: color.map(|number| number as f32),
            roughness: finish(|material| material.roughness, 0.6),
            metallic: finish(|material| material.metallic, 0.0),
        },
        layer: if source.group == 3 { Layer::Collision } else { Layer::Look },
        touches: source.contype != 0 || source.conaffinity != 0,
        friction: source.friction[0],
        margin: source.margin,
    })
}
