//! What worlds of a kind have in common.

use super::grip::{Carrier, Grip};
use super::newton::N;
use super::setup::Setup;
use super::softness::Softness;
use super::solids::{FreeBody, Solid, frame, free_body, shapes_of};
use crate::articulation::drives::Drives;
use crate::articulation::ltdl::Chains;
use crate::articulation::tree::{Frame, Tree, TreeError};
use crate::articulation::weights::Weights;
use std::collections::BTreeMap;

/// Slots of rows ([`super::newton::Row`]) that limits may have, and those that a pair of shapes may have.
const SLOTS_OF_LIMITS: usize = 2 * N;
const SLOTS_A_PAIR: usize = 6;

/// Two shapes that may touch.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) solids: [usize; 2],
    pub(super) grip: Grip,
}

/// A joint's range and how soft its ends are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) joint: usize,
    pub(super) range: [f64; 2],
    pub(super) softness: Softness,
    pub(super) weight: f64,
}

/// What drags a body of the robot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    pub(super) link: usize,
    /// The body's frame in that link's.
    pub(super) in_link: Frame,
    pub(super) softness: Softness,
    pub(super) weight: f64,
}

/// What worlds of a kind have in common.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) tree: Tree,
    pub(super) chains: Chains,
    pub(super) drives: Drives,
    pub(super) armature: Vec<f64>,
    /// `h D`, of the implicit dampers.
    pub(super) damping_impulse: Vec<f64>,
    pub(super) limits: Vec<Limit>,
    pub(super) drag: Drag,
    pub(super) free: Option<FreeBody>,
    pub(super) solids: Vec<Solid>,
    pub(super) pairs: Vec<Pair>,
    pub(super) dt_secs: f64,
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

impl Model {
    pub(super) fn new(setup: &Setup<'_>) -> Result<Self, TreeError> {
        let whole_tree = Tree::new(setup.robot)?;
        let whole_parents: Vec<_> = whole_tree.links.iter().map(|link| link.parent).collect();
        let whole_chains = Chains::new(&whole_parents);
        let weights = Weights::new(setup.robot, &whole_tree, &whole_chains);
        let robot = setup.robot.holding(setup.held);
        let tree = Tree::new(&robot)?;
        let parents: Vec<Option<usize>> = tree.links.iter().map(|link| link.parent).collect();
        let chains = Chains::new(&parents);
        let free = setup.object.map(|name| free_body(setup, name));
        let n_all = tree.n_joints() + if free.is_some() { 6 } else { 0 };
        assert!(n_all <= N, "at most {N} coordinates");

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
        let (softness, weight) = (setup.weld.softness, weights.of_body(welded));
        let drag = Drag { link, in_link: frame(in_link), softness, weight };

        let (mut solids, mut pairs) = (Vec::new(), Vec::new());
        let mut shapes = BTreeMap::new();
        for name in setup.pairs.iter().flat_map(|(first, second)| [*first, *second]) {
            let add = || shapes_of(setup, &tree, &weights, name, &mut solids);
            shapes.entry(name).or_insert_with(add);
        }
        for (first, second) in setup.pairs {
            for one in &shapes[first] {
                for two in &shapes[second] {
                    let mut grip = one.1.meets(&two.1);
                    if touches_itself(&chains, grip.carriers) {
                        grip.slot = Some(SLOTS_OF_LIMITS + SLOTS_A_PAIR * pairs.len());
                    }
                    pairs.push(Pair { solids: [one.0, two.0], grip });
                }
            }
        }
        let drives = Drives::new(&robot);
        Ok(Self {
            armature: robot.joints.iter().map(|joint| joint.armature).collect(),
            damping_impulse: drives.damping.iter().map(|c| setup.dt_secs * c).collect(),
            dt_secs: setup.dt_secs,
            tree,
            chains,
            drives,
            limits,
            drag,
            free,
            solids,
            pairs,
        })
    }

    /// How many coordinates there are: the joints', then the object's.
    pub(super) fn n_all(&self) -> usize {
        self.tree.n_joints() + if self.free.is_some() { 6 } else { 0 }
    }

    /// Whether `other` has as many joints, shapes and steps; not whether all its numbers are the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let numbers = |model: &Self| {
            (model.n_all(), model.solids.len(), model.pairs.len(), model.limits.len())
        };
        self.chains == other.chains
            && numbers(self) == numbers(other)
            && self.dt_secs == other.dt_secs
    }
}
