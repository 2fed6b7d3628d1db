//! Which constraints a robot has, and which of them a state calls for.
//!
//! | constraint | gap `r` | derivative `J` | counted where |
//! |---|---|---|---|
//! | limit of a joint | distance to the limit, less the margin | ±1 | `r < 0` |
//! | range of a tendon | distance to the range's end | ± its coefficients | `r < 0` |
//! | contact | distance of the surfaces | `n · (v_b − v_a)` at the contact | `r < 0` |
//!
//! Contacts have no friction.

use super::JointsError;
use super::dynamics::Dynamics;
use super::real::Real;
use super::rows::{Softness, along};
use super::solver::{Friction, Pushes};
use super::spatial::Force;
use super::touch::{self, Contact, MAX_CONTACTS, Solid};
use super::tree::{Frame, Tree};
use super::weights::Weights;
use crate::robot::Robot;

/// A combination of coordinates that should stay in a range.
#[derive(Clone, Debug)]
struct Band {
    terms: Vec<(usize, f64)>,
    range: [f64; 2],
    weight: f64,
}

/// Two solids that may touch.
#[derive(Clone, Debug)]
struct Pair {
    first: Solid,
    second: Solid,
    weight: f64,
}

/// Everything that may push.
#[derive(Clone, Debug)]
pub(super) struct Constraints {
    /// Limits of joints, then of tendons.
    bands: Vec<Band>,
    pairs: Vec<Pair>,
    pub(super) frictions: Vec<Friction>,
    softness: Softness,
}

impl Constraints {
    /// Those of `robot`.
    ///
    /// # Errors
    ///
    /// If a listed pair of geoms has shapes that [`super::touch`] does not know.
    pub(super) fn new(
        robot: &Robot,
        tree: &Tree,
        weights: &Weights<'_>,
        dt_secs: f64,
    ) -> Result<Self, JointsError> {
        let mut bands = Vec::new();
        let mut frictions = Vec::new();
        for (index, joint) in robot.joints.iter().enumerate() {
            let weight = weights.of_joint(index);
            if let Some([least, largest]) = joint.range {
                let range = [least + joint.margin, largest - joint.margin];
                bands.push(Band { terms: vec![(index, 1.0)], range, weight });
            }
            if 0.0 < joint.friction {
                frictions.push(Friction { joint: index, limit: joint.friction, weight });
            }
        }
        for tendon in &robot.tendons {
            let (terms, weight) = (tendon.terms.clone(), weights.of_terms(&tendon.terms));
            bands.push(Band { terms, range: tendon.range, weight });
        }
        let pairs = robot.contact_pairs.iter().map(|geoms| Pair::new(robot, tree, weights, *geoms));
        let pairs = pairs.collect::<Result<_, _>>()?;
        Ok(Self { bands, pairs, frictions, softness: Softness::new(dt_secs) })
    }

    /// How the constraints give way.
    pub(super) fn softness(&self) -> &Softness {
        &self.softness
    }

    /// How many rows there can be.
    pub(super) fn n_slots(&self) -> usize {
        2 * self.bands.len() + MAX_CONTACTS * self.pairs.len()
    }

    /// Writes the rows that each robot's state calls for.
    #[inline(always)]
    pub(super) fn collect<T: Real>(
        &self,
        (tree, frames, dynamics): (&Tree, &[Frame<T>], &Dynamics<T>),
        (qpos, qvel): (&[T], &[T]),
        pushes: &mut [&mut Pushes],
    ) {
        for (lane, own) in pushes.iter_mut().enumerate() {
            own.rows.clear();
            self.collect_bands((qpos, qvel, lane), own);
        }
        for (index, pair) in self.pairs.iter().enumerate() {
            let first_slot = 2 * self.bands.len() + MAX_CONTACTS * index;
            let (distance, reach) = touch::distance(&pair.first, &pair.second, frames);
            if distance.is_above(reach) {
                continue;
            }
            let all = touch::nearest(&pair.first, &pair.second, frames);
            for (which, balls) in all.iter().enumerate() {
                let Some(balls) = balls else { continue };
                for (lane, own) in pushes.iter_mut().enumerate() {
                    if reach < distance.lane(lane) {
                        continue;
                    }
                    let Some(contact) = balls.contact(lane) else { continue };
                    let entries = Entries::new((tree, dynamics, lane), &contact, pair);
                    let gap_and_weight = (first_slot + which, contact.gap, pair.weight);
                    own.rows.push(gap_and_weight, entries, &self.softness, (qvel, lane));
                }
            }
        }
    }

    fn collect_bands<T: Real>(&self, (qpos, qvel, lane): (&[T], &[T], usize), own: &mut Pushes) {
        for (index, band) in self.bands.iter().enumerate() {
            let value = along(&band.terms, (qpos, lane));
            let (side, gap, sign) = if value < band.range[0] {
                (0, value - band.range[0], 1.0)
            } else if band.range[1] < value {
                (1, band.range[1] - value, -1.0)
            } else {
                continue;
            };
            let entries = band.terms.iter().map(|(joint, factor)| (*joint, sign * factor));
            let slot = 2 * index + side;
            own.rows.push((slot, gap, band.weight), entries, &self.softness, (qvel, lane));
        }
    }
}

impl Pair {
    fn new(
        robot: &Robot,
        tree: &Tree,
        weights: &Weights<'_>,
        (first, second): (usize, usize),
    ) -> Result<Self, JointsError> {
        let geoms = [&robot.geoms[first], &robot.geoms[second]];
        let refused =
            || JointsError::Pair { first: geoms[0].name.clone(), second: geoms[1].name.clone() };
        let solid = |which: usize| Solid::new(geoms[which], tree).ok_or_else(refused);
        let (first, second) = (solid(0)?, solid(1)?);
        if !first.can_touch(&second) {
            return Err(refused());
        }
        let weight = geoms.map(|geom| weights.of_body(geom.body)).iter().sum();
        Ok(Self { first, second, weight })
    }
}

/// Walks from two links to what carries both, which moves neither against the other.
struct Entries<'a, T: Real> {
    tree: &'a Tree,
    dynamics: &'a Dynamics<T>,
    lane: usize,
    force: Force,
    /// Next link on the way from the first (pushed back) and from the second (pushed on).
    next: [Option<usize>; 2],
}

impl<'a, T: Real> Entries<'a, T> {
    fn new(
        (tree, dynamics, lane): (&'a Tree, &'a Dynamics<T>, usize),
        contact: &Contact,
        pair: &Pair,
    ) -> Self {
        let next = [pair.first.link, pair.second.link];
        Self { tree, dynamics, lane, force: Force::at(&contact.point, contact.normal), next }
    }
}

impl<T: Real> Iterator for Entries<'_, T> {
    type Item = (usize, f64);

    fn next(&mut self) -> Option<(usize, f64)> {
        let [first, second] = self.next;
        if first == second {
            return None;
        }
        // A link comes after what carries it, so the later of the two carries not the other.
        let (side, sign) = if first < second { (1, 1.0) } else { (0, -1.0) };
        let link = self.next[side]?;
        self.next[side] = self.tree.links[link].parent;
        Some((link, sign * self.dynamics.direction(link).lane(self.lane).dot(&self.force)))
    }
}
