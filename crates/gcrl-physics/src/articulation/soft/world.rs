//! A robot, an object and what stands around them, in motion.

use super::narrow::Narrow;
use super::newton::{N, Newton, Vector};
use super::rows::{Carrier, Grip, Rows, State};
use super::setup::Setup;
use super::softness::Softness;
use super::solids::{FreeBody, Solid, are_apart, frame, free_body, shapes_of};
use crate::articulation::drives::Drives;
use crate::articulation::dynamics::Dynamics;
use crate::articulation::ltdl::{Chains, TreeMatrix};
use crate::articulation::tree::{Frame, Tree, TreeError};
use crate::articulation::weights::Weights;
use nalgebra::{Isometry3, UnitQuaternion, Vector3};

/// Acceleration of free fall along z, in m/s².
const GRAVITY: f64 = -9.81;

/// Every so many steps at least, `M` and the bias are computed anew: always where something touches
/// the robot, or where a joint is faster than [`FAST`].
const STEPS_A_REFRESH: usize = 10;

/// In radians or meters per second.
const FAST: f64 = 5.0;

/// An object slower than this that nothing moves lies still, in meters or radians per second.
const STILL: f64 = 1e-5;

/// Slots of rows ([`super::newton::Row`]) that limits may have, and those that a pair of shapes may have.
const SLOTS_OF_LIMITS: usize = 2 * N;
const SLOTS_A_PAIR: usize = 6;

/// Where a free body is and how it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreeMotion {
    /// In meters.
    pub position: Vector3<f64>,
    /// Orientation.
    pub rotation: UnitQuaternion<f64>,
    /// In meters per second.
    pub velocity: Vector3<f64>,
    /// In radians per second, about the axes of the body.
    pub spin: Vector3<f64>,
}

impl FreeMotion {
    fn frame(&self) -> Frame {
        Frame { rotation: *self.rotation.to_rotation_matrix().matrix(), position: self.position }
    }
}

#[derive(Clone, Debug)]
struct Pair {
    solids: [usize; 2],
    grip: Grip,
}

/// A joint's range and how soft its ends are.
#[derive(Clone, Copy, Debug)]
struct Limit {
    joint: usize,
    range: [f64; 2],
    softness: Softness,
    weight: f64,
}

/// A world in motion.
#[derive(Clone, Debug)]
pub struct SoftWorld {
    tree: Tree,
    chains: Chains,
    drives: Drives,
    armature: Vec<f64>,
    damping_impulse: Vec<f64>,
    limits: Vec<Limit>,
    weld: (usize, Frame, Softness, f64),
    free: Option<FreeBody>,
    solids: Vec<Solid>,
    pairs: Vec<Pair>,
    dt_secs: f64,

    qpos: Vec<f64>,
    qvel: Vec<f64>,
    object: FreeMotion,
    control: Vec<f64>,
    target: (Vector3<f64>, UnitQuaternion<f64>),
    frames: Vec<Frame>,
    /// Last accelerations, where the next search begins.
    accelerations: Vector,
    /// Steps since the state was set.
    n_steps: usize,
    /// The object lies still, and is not solved for until something moving touches it.
    is_still: bool,
    /// Something touched the robot in the last step.
    is_touched: bool,

    bias: Vec<f64>,
    dynamics: Dynamics,
    mass: TreeMatrix,
    mass_factors: TreeMatrix,
    forces: Vec<f64>,
    placed: Vec<Frame>,
    narrow: Narrow,
    rows: Rows,
    newton: Newton,
}

/// Whether both shapes of a pair are carried by links of one tree.
fn touches_itself(chains: &Chains, carriers: [Carrier; 2]) -> bool {
    let root = |carrier| match carrier {
        Carrier::Link(link) => chains.chain(link).last().copied(),
        Carrier::World | Carrier::Object => None,
    };
    let [one, two] = carriers.map(root);
    one.is_some() && one == two
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
        let whole_tree = Tree::new(setup.robot)?;
        let whole_parents: Vec<_> = whole_tree.links.iter().map(|link| link.parent).collect();
        let whole_chains = Chains::new(&whole_parents);
        let weights = Weights::new(setup.robot, &whole_tree, &whole_chains);
        let robot = setup.robot.holding(setup.held);
        let tree = Tree::new(&robot)?;
        let parents: Vec<Option<usize>> = tree.links.iter().map(|link| link.parent).collect();
        let chains = Chains::new(&parents);
        let n_joints = tree.n_joints();
        let free = setup.object.map(|name| free_body(setup, name));
        assert!(n_joints + if free.is_some() { 6 } else { 0 } <= N, "at most {N} coordinates");

        let limits = robot.joints.iter().enumerate().filter_map(|(index, joint)| {
            let own = setup.limits.iter().find(|(name, _)| *name == joint.name);
            let weight = weights.of_joint(setup.robot.joint(&joint.name));
            let softness = own.map_or_else(Softness::default, |(_, softness)| *softness);
            joint.range.map(|range| Limit { joint: index, range, softness, weight })
        });
        let limits = limits.collect();
        let welded = setup.robot.body(setup.weld.body);
        let (link, in_link) = tree.carrier(welded);
        let link = link.expect("what is dragged can move");
        let weld = (link, frame(in_link), setup.weld.softness, weights.of_body(welded));

        let (mut solids, mut pairs) = (Vec::new(), Vec::new());
        let mut shapes = |name: &str| shapes_of(setup, &tree, &weights, name, &mut solids);
        for (first, second) in setup.pairs {
            let (firsts, seconds) = (shapes(first), shapes(second));
            for one in &firsts {
                for two in &seconds {
                    let mut grip = one.1.meets(&two.1);
                    if touches_itself(&chains, grip.carriers) {
                        grip.slot = Some(SLOTS_OF_LIMITS + SLOTS_A_PAIR * pairs.len());
                    }
                    pairs.push(Pair { solids: [one.0, two.0], grip });
                }
            }
        }
        let drives = Drives::new(&robot);
        let mass = TreeMatrix::new(&chains);
        let zeros = vec![0.0; n_joints];
        let still = FreeMotion {
            position: Vector3::zeros(),
            rotation: UnitQuaternion::identity(),
            velocity: Vector3::zeros(),
            spin: Vector3::zeros(),
        };
        let mut world = Self {
            armature: robot.joints.iter().map(|joint| joint.armature).collect(),
            damping_impulse: drives.damping.iter().map(|c| setup.dt_secs * c).collect(),
            control: vec![0.0; drives.n_controls()],
            limits,
            weld,
            free,
            dt_secs: setup.dt_secs,
            qpos: zeros.clone(),
            qvel: zeros.clone(),
            object: still,
            target: (Vector3::zeros(), UnitQuaternion::identity()),
            frames: tree.frames(),
            accelerations: [0.0; N],
            n_steps: 0,
            is_still: false,
            is_touched: false,
            bias: zeros.clone(),
            dynamics: Dynamics::new(&tree),
            mass: mass.clone(),
            mass_factors: mass,
            forces: zeros,
            placed: vec![Frame::identity(); solids.len()],
            narrow: Narrow::default(),
            rows: Rows::default(),
            newton: Newton::new(),
            solids,
            pairs,
            tree,
            chains,
            drives,
        };
        world.place();
        Ok(world)
    }

    /// Takes over a state, as if nothing had been before.
    ///
    /// # Panics
    ///
    /// If there is not one number a joint that is not held.
    pub fn set_state(&mut self, qpos: &[f64], qvel: &[f64], object: Option<&FreeMotion>) {
        self.qpos.copy_from_slice(qpos);
        self.qvel.copy_from_slice(qvel);
        if let Some(object) = object {
            self.object = *object;
        }
        self.accelerations = [0.0; N];
        self.n_steps = 0;
        self.is_still = false;
        self.is_touched = false;
        self.newton.reset();
        self.place();
    }

    /// Puts one joint somewhere; it keeps its velocity.
    pub fn set_joint(&mut self, joint: usize, coordinate: f64) {
        self.qpos[joint] = coordinate;
        self.place();
    }

    /// Takes the controls of all actuators, which hold until the next.
    ///
    /// # Panics
    ///
    /// If there is not one number an actuator.
    pub fn set_control(&mut self, control: &[f64]) {
        self.control.copy_from_slice(control);
    }

    /// Sets where the weld drags its body to.
    pub fn set_target(&mut self, position: Vector3<f64>, rotation: UnitQuaternion<f64>) {
        self.target = (position, rotation);
    }

    /// Coordinates of the joints that are not held.
    pub fn qpos(&self) -> &[f64] {
        &self.qpos
    }

    /// Their rates.
    pub fn qvel(&self) -> &[f64] {
        &self.qvel
    }

    /// The free body.
    pub fn object(&self) -> &FreeMotion {
        &self.object
    }

    /// Where the dragged body is.
    pub fn dragged(&self) -> Isometry3<f64> {
        let Frame { rotation, position } = self.dragged_frame();
        Isometry3::from_parts(position.into(), super::quaternion(&rotation))
    }

    /// How fast a point of the world that rides on the dragged body moves, in meters per second.
    pub fn dragged_velocity(&self, at: &Vector3<f64>) -> Vector3<f64> {
        let mut velocity = Vector3::zeros();
        let mut next = Some(self.weld.0);
        while let Some(joint) = next {
            let link = &self.tree.links[joint];
            let direction = link.direction(&self.frames[joint]);
            velocity += (direction.linear + direction.angular.cross(at)) * self.qvel[joint];
            next = link.parent;
        }
        velocity
    }

    fn dragged_frame(&self) -> Frame {
        let link = &self.frames[self.weld.0];
        Frame {
            rotation: link.rotation * self.weld.1.rotation,
            position: link.transform(&self.weld.1.position),
        }
    }

    fn place(&mut self) {
        self.tree.place(&self.qpos, &mut self.frames);
    }

    /// Moves on by one step.
    pub fn step(&mut self) {
        let n_joints = self.qpos.len();
        let is_fast = self.qvel.iter().any(|speed| FAST < speed.abs());
        let is_fresh = self.is_touched || is_fast || self.n_steps.is_multiple_of(STEPS_A_REFRESH);
        self.n_steps += 1;
        if is_fresh {
            self.refresh();
        } else {
            self.dynamics.aim(&self.tree, &self.frames);
        }
        self.prepare();
        self.is_touched =
            !self.rows.both.is_empty() || self.rows.robot.iter().any(|row| row.slot.is_none());
        let Self { rows, newton, accelerations, .. } = self;
        let n_all = if self.free.is_some() { n_joints + 6 } else { n_joints };
        if rows.both.is_empty() {
            let is_solved = !is_fresh
                && newton.solve_again(0..n_joints, &rows.weld, &rows.robot, accelerations);
            if !is_solved {
                newton.solve(0..n_joints, &rows.weld, &rows.robot, accelerations);
            }
            if n_joints < n_all && !self.is_still {
                newton.solve(n_joints..n_all, &[], &rows.object, accelerations);
            }
        } else {
            rows.both.append(&mut rows.robot);
            rows.both.append(&mut rows.object);
            newton.solve(0..n_all, &rows.weld, &rows.both, accelerations);
        }
        self.integrate();
        self.place();
    }

    /// Computes `M` and the bias.
    fn refresh(&mut self) {
        let Self { tree, chains, frames, qvel, bias, mass, mass_factors, newton, .. } = self;
        self.dynamics.update((tree, chains), frames, qvel, (mass, bias));
        for (joint, armature) in self.armature.iter().enumerate() {
            let row = mass.row_mut(chains, joint);
            row[0] += armature;
            newton.mass[joint] = [0.0; N];
            for (entry, other) in row.iter().zip(chains.chain(joint)) {
                newton.mass[joint][*other] = *entry;
            }
        }
        mass_factors.set_sum(chains, mass, &self.damping_impulse);
        mass_factors.factor(chains);
    }

    /// Writes all forces and all rows.
    fn prepare(&mut self) {
        let n_joints = self.qpos.len();
        let Self { qpos, qvel, forces, newton, .. } = self;
        for (force, bias) in forces.iter_mut().zip(&self.bias) {
            *force = -bias;
        }
        self.drives.add_forces(&self.control, (qpos, qvel), forces);
        newton.forces[..n_joints].copy_from_slice(forces);
        let mut all_qvel = [0.0; N];
        all_qvel[..n_joints].copy_from_slice(qvel);
        if let Some(free) = &self.free {
            let FreeMotion { velocity, spin, .. } = &self.object;
            let momentum = free.inertia.component_mul(spin);
            let turning = spin.cross(&momentum);
            for axis in 0..3 {
                let (at, about) = (n_joints + axis, n_joints + 3 + axis);
                newton.mass[at] = [0.0; N];
                newton.mass[at][at] = free.mass;
                newton.mass[about] = [0.0; N];
                newton.mass[about][about] = free.inertia[axis];
                newton.forces[at] = -free.damping * velocity[axis];
                newton.forces[about] = -turning[axis] - free.damping * spin[axis];
                (all_qvel[at], all_qvel[about]) = (velocity[axis], spin[axis]);
            }
            newton.forces[n_joints + 2] += free.mass * GRAVITY;
        }
        self.collect(&all_qvel);
    }

    fn collect(&mut self, qvel: &Vector) {
        let dragged = self.dragged_frame();
        let object = self.object.frame();
        let Self { rows, placed, narrow, .. } = self;
        let state = State {
            tree: &self.tree,
            dynamics: &self.dynamics,
            frames: &self.frames,
            object: &object,
            qvel,
            dt_secs: self.dt_secs,
        };
        rows.clear();
        let (link, _, softness, weight) = &self.weld;
        let target = (&self.target.0, &self.target.1);
        rows.add_weld(&state, (*link, &dragged), target, (softness, *weight));
        for limit in &self.limits {
            let (coordinate, [least, largest]) = (self.qpos[limit.joint], limit.range);
            let softness = (&limit.softness, limit.weight);
            if coordinate < least {
                rows.add_limit(&state, (limit.joint, coordinate - least, 1.0), softness);
            }
            if largest < coordinate {
                rows.add_limit(&state, (limit.joint, largest - coordinate, -1.0), softness);
            }
        }
        for (solid, placed) in self.solids.iter().zip(&mut *placed) {
            let carrier = match solid.carrier {
                Carrier::World => {
                    *placed = solid.in_carrier;
                    continue;
                }
                Carrier::Link(link) => &self.frames[link],
                Carrier::Object => &object,
            };
            placed.position = carrier.transform(&solid.in_carrier.position);
            placed.rotation = carrier.rotation * solid.in_carrier.rotation;
        }
        let is_moved = |pair: &&Pair| pair.grip.is_between_robot_and_object();
        let place = |solid: usize| (&self.solids[solid], &placed[solid]);
        let is_near = |Pair { solids: [one, two], grip }: &Pair| {
            !are_apart(place(*one), place(*two), grip.margin)
        };
        if self.is_still && self.pairs.iter().filter(is_moved).any(is_near) {
            self.is_still = false;
        }
        for Pair { solids: [one, two], grip } in &self.pairs {
            if self.is_still && grip.carriers.contains(&Carrier::Object) {
                continue;
            }
            let ((one, at_one), (two, at_two)) = (place(*one), place(*two));
            if are_apart((one, at_one), (two, at_two), grip.margin) {
                continue;
            }
            narrow.find((&one.form, at_one), (&two.form, at_two), grip.margin);
            for touch in &narrow.found {
                rows.add_contact(&state, grip, touch);
            }
        }
    }

    /// `q̇ ← q̇ + h (M + h D)⁻¹ M a`, `q ← q + h q̇`.
    fn integrate(&mut self) {
        let n_joints = self.qpos.len();
        let Self { chains, mass_factors, forces, newton, accelerations, .. } = self;
        forces.fill(0.0);
        for i in 0..n_joints {
            for j in 0..i {
                forces[i] += newton.mass[i][j] * accelerations[j];
                forces[j] += newton.mass[i][j] * accelerations[i];
            }
            forces[i] += newton.mass[i][i] * accelerations[i];
        }
        mass_factors.solve(chains, forces);
        for ((q, v), a) in self.qpos.iter_mut().zip(&mut self.qvel).zip(forces) {
            *v += self.dt_secs * *a;
            *q += self.dt_secs * *v;
        }
        if let Some(free) = self.free.as_ref().filter(|_| !self.is_still) {
            let object = &mut self.object;
            let slowed = |inertia: f64| inertia / (inertia + self.dt_secs * free.damping);
            for axis in 0..3 {
                object.velocity[axis] +=
                    self.dt_secs * slowed(free.mass) * accelerations[n_joints + axis];
                object.spin[axis] +=
                    self.dt_secs * slowed(free.inertia[axis]) * accelerations[n_joints + 3 + axis];
            }
            object.position += object.velocity * self.dt_secs;
            let turn = super::turned(&(object.spin * self.dt_secs));
            object.rotation = UnitQuaternion::new_normalize((object.rotation * turn).into_inner());
            let fastest = object.velocity.amax().max(object.spin.amax());
            let pushed = accelerations[n_joints..n_joints + 6].iter().map(|a| a.abs());
            self.is_still = fastest < STILL && pushed.fold(0.0, f64::max) < STILL / self.dt_secs;
        }
    }
}
