//! Matrices with the sparsity of a tree of joints, and their factors `LᵀDL`.
//!
//! Joints `i` and `j` share inertia only if one carries the other, so row `i` of a mass matrix has
//! entries at `i` and its ancestors alone. Rows are stored in that order, from `i` to the root: the
//! row of an ancestor is then laid out like the tail of the row, and eliminating takes no index.
//! `M = LᵀDL`, eliminated from the leaves, fills in nothing.
//!
//! Source: Featherstone, "Rigid Body Dynamics Algorithms", 2008, section 6.5.

use super::real::{Real, gather, scatter};

/// Which entries there are: for every joint, itself and its ancestors up to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chains {
    joints: Vec<usize>,
    starts: Vec<usize>,
}

impl Chains {
    /// The chains of a tree in which joint `i` hangs on `parents[i] < i`.
    pub(super) fn new(parents: &[Option<usize>]) -> Self {
        let (mut joints, mut starts) = (Vec::new(), vec![0]);
        for joint in 0..parents.len() {
            let mut next = Some(joint);
            while let Some(ancestor) = next {
                joints.push(ancestor);
                next = parents[ancestor];
            }
            starts.push(joints.len());
        }
        Self { joints, starts }
    }

    /// How many joints there are.
    pub(super) fn n_joints(&self) -> usize {
        self.starts.len() - 1
    }

    /// The joint, its parent, and so on to the root.
    pub(super) fn chain(&self, joint: usize) -> &[usize] {
        &self.joints[self.range(joint)]
    }

    fn range(&self, joint: usize) -> std::ops::Range<usize> {
        self.starts[joint]..self.starts[joint + 1]
    }
}

/// A symmetric matrix, or after [`TreeMatrix::factor`] its factors.
#[derive(Clone, Debug)]
pub(super) struct TreeMatrix<T = f64> {
    entries: Vec<T>,
}

impl<T: Real> TreeMatrix<T> {
    pub(super) fn new(chains: &Chains) -> Self {
        Self { entries: vec![T::default(); chains.joints.len()] }
    }

    /// The entries of a joint: with itself, its parent, and so on to the root.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, chains: &Chains, joint: usize) -> &mut [T] {
        &mut self.entries[chains.range(joint)]
    }

    /// Takes over that of one robot.
    #[inline(always)]
    pub(super) fn set_lane(&mut self, lane: usize, own: &TreeMatrix) {
        gather(&own.entries, lane, &mut self.entries);
    }

    /// That of one robot, into `own`.
    #[inline(always)]
    pub(super) fn lane_into(&self, lane: usize, own: &mut TreeMatrix) {
        scatter(&self.entries, lane, &mut own.entries);
    }

    /// `self ← other + diagonal`; the diagonal is the same for all.
    #[inline(always)]
    pub(super) fn set_sum(&mut self, chains: &Chains, other: &Self, diagonal: &[f64]) {
        self.entries.copy_from_slice(&other.entries);
        for (start, number) in chains.starts.iter().zip(diagonal) {
            self.entries[*start] += T::repeat(*number);
        }
    }

    /// `M → L, 1/D`: a row then holds `1/D` and the row of `L` without its 1.
    #[inline(always)]
    pub(super) fn factor(&mut self, chains: &Chains) {
        for joint in (0..chains.n_joints()).rev() {
            let range = chains.range(joint);
            let ancestors = &chains.joints[range.clone()][1..];
            let (before, row) = self.entries[..range.end].split_at_mut(range.start);
            let inverse = T::repeat(1.0) / row[0];
            for (depth, ancestor) in ancestors.iter().enumerate() {
                let tail = &row[depth + 1..];
                let ratio = tail[0] * inverse;
                let start = chains.starts[*ancestor];
                for (entry, other) in before[start..start + tail.len()].iter_mut().zip(tail) {
                    *entry -= ratio * *other;
                }
                row[depth + 1] = ratio;
            }
            row[0] = inverse;
        }
    }

    /// `x ← M⁻¹ x`, for a factored matrix.
    #[inline(always)]
    pub(super) fn solve(&self, chains: &Chains, x: &mut [T]) {
        let n_joints = chains.n_joints();
        let x = &mut x[..n_joints];
        for joint in (0..n_joints).rev() {
            let (range, number) = (chains.range(joint), -x[joint]);
            // Forces on few joints are common, and skipping the rest is half of the work.
            if number.is_zero() {
                continue;
            }
            let (row, ancestors) = (&self.entries[range.clone()], &chains.joints[range]);
            for (entry, ancestor) in row[1..].iter().zip(&ancestors[1..]) {
                x[*ancestor] = x[*ancestor].add_product(*entry, number);
            }
        }
        for joint in 0..n_joints {
            let range = chains.range(joint);
            let (row, ancestors) = (&self.entries[range.clone()], &chains.joints[range]);
            let mut number = x[joint] * row[0];
            // From the root on: the parent's number has only just been computed.
            for (entry, ancestor) in row[1..].iter().zip(&ancestors[1..]).rev() {
                number -= *entry * x[*ancestor];
            }
            x[joint] = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solving_undoes_multiplying() {
        // A trunk with a branch of two and a branch of one:
        //     [10  1  2  3]
        // M = [ 1  9  4  0]
        //     [ 2  4  8  0]
        //     [ 3  0  0  7]
        let chains = Chains::new(&[None, Some(0), Some(1), Some(0)]);
        let mut matrix = TreeMatrix::new(&chains);
        for (joint, row) in
            [&[10.0][..], &[9.0, 1.0], &[8.0, 4.0, 2.0], &[7.0, 3.0]].iter().enumerate()
        {
            matrix.row_mut(&chains, joint).copy_from_slice(row);
        }
        // M (1, −2, 3, 0.5)
        let mut x = [10.0 - 2.0 + 6.0 + 1.5, 1.0 - 18.0 + 12.0, 2.0 - 8.0 + 24.0, 3.0 + 3.5];
        matrix.factor(&chains);
        matrix.solve(&chains, &mut x);
        for (found, expected) in x.iter().zip([1.0, -2.0, 3.0, 0.5]) {
            assert!((found - expected).abs() < 1e-15, "{x:?}");
        }
    }

    #[test]
    fn a_sum_changes_the_diagonal_alone() {
        let chains = Chains::new(&[None, Some(0)]);
        let mut matrix = TreeMatrix::new(&chains);
        matrix.row_mut(&chains, 0).copy_from_slice(&[4.0]);
        matrix.row_mut(&chains, 1).copy_from_slice(&[3.0, 1.0]);
        let mut sum = matrix.clone();
        sum.set_sum(&chains, &matrix, &[0.5, 0.25]);
        assert_eq!(sum.entries, [4.5, 3.25, 1.0]);
    }
}
