//! Reading MJCF into a [`Robot`].
//!
//! `mjcf-rs` parses; what it leaves out (ranges of tendons) is read from the text. A description is
//! part of the program, so one that cannot be read is a bug: [`Robot::parse`] returns an error that its
//! users' tests see.

use super::{Actuator, Body, Drive, Geom, Inertial, Joint, JointKind, Robot, Site, Tendon};
use gcrl_core::scene::{Layer, Material, Shape};
use mjcf_rs::body::{GeomType, InertiaSpec, JointType};
use nalgebra::{Isometry3, Matrix3, Quaternion, Translation3, Unit, UnitQuaternion};

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
