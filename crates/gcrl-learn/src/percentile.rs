//! The exact running percentile of the last values, in microseconds.
//!
//! A ring keeps the last `capacity` values as integer keys whose order is that of the floats. Counts
//! of the keys' upper 16 bits, and of their upper 8, are kept up to date; they name the bin that holds
//! a rank. One pass over the ring collects that bin, and a selection among its few values finishes.
//!
//! Integer keys also make the order total and immune to how a processor treats denormals.

/// The last values, and any percentile of them.
#[derive(Clone, Debug)]
pub struct PercentileRing {
    keys: Vec<i32>,
    /// Where the next value goes, once the ring is full.
    next: usize,
    capacity: usize,
    fine: Vec<u32>,
    coarse: Vec<u32>,
    candidates: Vec<i32>,
}

impl PercentileRing {
    /// An empty ring of `capacity` values, at least 1.
    pub fn new(capacity: usize) -> Self {
        Self {
            keys: Vec::new(),
            next: 0,
            capacity,
            fine: vec![0; 1 << 16],
            coarse: vec![0; 1 << 8],
            candidates: Vec::new(),
        }
    }

    /// Adds values; each beyond the capacity replaces the oldest.
    pub fn push(&mut self, values: &[f32]) {
        for value in values {
            let key = key_of(*value);
            if self.keys.len() < self.capacity {
                self.keys.push(key);
            } else {
                let oldest = std::mem::replace(&mut self.keys[self.next], key);
                let bin = bin_of(oldest);
                self.fine[bin] -= 1;
                self.coarse[bin >> 8] -= 1;
                self.next = (self.next + 1) % self.capacity;
            }
            let bin = bin_of(key);
            self.fine[bin] += 1;
            self.coarse[bin >> 8] += 1;
        }
    }

    /// The `percent`-th percentile, 0 to 100, interpolated linearly between neighbors as NumPy does by
    /// default.
    ///
    /// # Panics
    ///
    /// If the ring is empty.
    pub fn percentile(&mut self, percent: f64) -> f32 {
        let rank = percent / 100.0 * (self.keys.len() - 1) as f64;
        let lower_rank = rank.floor() as usize;
        let (lower, upper) = self.neighbors(lower_rank);
        lower + (upper - lower) * (rank - lower_rank as f64) as f32
    }

    /// The values, the oldest first.
    pub fn values(&self) -> Vec<f32> {
        let (recent, old) = self.keys.split_at(self.next);
        old.iter().chain(recent).map(|key| value_of(*key)).collect()
    }

    /// The values of ranks `rank` and `rank + 1`; the same twice where `rank` is the last.
    fn neighbors(&mut self, rank: usize) -> (f32, f32) {
        let (bin, rank_in_bin) = self.bin_of_rank(rank);
        self.collect(bin);
        let (_, lower, above) = self.candidates.select_nth_unstable(rank_in_bin);
        let lower = *lower;
        let upper = match above.iter().min() {
            Some(upper) => *upper,
            None if rank + 1 < self.keys.len() => {
                let (bin, _) = self.bin_of_rank(rank + 1);
                self.collect(bin);
                *self.candidates.iter().min().expect("the bin of a rank holds a value")
            }
            None => lower,
        };
        (value_of(lower), value_of(upper))
    }

    /// The bin that holds a rank, and the rank's position within it.
    fn bin_of_rank(&self, rank: usize) -> (usize, usize) {
        let mut left = rank;
        let mut skip = |counts: &[u32]| {
            let position = counts.iter().position(|&count| {
                let holds = left < count as usize;
                left -= if holds { 0 } else { count as usize };
                holds
            });
            position.expect("ranks are below the number of values")
        };
        let coarse_bin = skip(&self.coarse);
        let fine_bin = skip(&self.fine[coarse_bin << 8..(coarse_bin + 1) << 8]);
        ((coarse_bin << 8) + fine_bin, left)
    }

    /// Puts all keys of a bin into `candidates`.
    fn collect(&mut self, bin: usize) {
        self.candidates.clear();
        let wanted = bin as i32 - (1 << 15);
        let is_wanted = |key: &i32| key >> 16 == wanted;
        // Few chunks hold a candidate; a branch-free test of the others vectorizes.
        for chunk in self.keys.chunks(32) {
            if chunk.iter().fold(false, |any, key| any | is_wanted(key)) {
                self.candidates.extend(chunk.iter().copied().filter(is_wanted));
            }
        }
    }
}

/// An integer that orders as the float does. It is its own inverse on bits.
fn key_of(value: f32) -> i32 {
    let bits = value.to_bits() as i32;
    bits ^ ((bits >> 31) as u32 >> 1) as i32
}

fn value_of(key: i32) -> f32 {
    f32::from_bits((key ^ ((key >> 31) as u32 >> 1) as i32) as u32)
}

/// The upper 16 bits, ascending with the value.
fn bin_of(key: i32) -> usize {
    ((key >> 16) + (1 << 15)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_sorting(values: &[f32], percent: f64) -> f32 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f32::total_cmp);
        let rank = percent / 100.0 * (sorted.len() - 1) as f64;
        let (lower, upper) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
        lower + (upper - lower) * (rank - rank.floor()) as f32
    }

    #[test]
    fn percentiles_interpolate_as_numpy_does() {
        let mut ring = PercentileRing::new(10);
        ring.push(&[4.0, 1.0, 3.0, 2.0]);
        // numpy.percentile([1, 2, 3, 4], 40) == 2.2
        assert!((ring.percentile(40.0) - 2.2).abs() < 1e-6);
        assert_eq!((ring.percentile(0.0), ring.percentile(100.0)), (1.0, 4.0));
    }

    #[test]
    fn the_oldest_values_leave_first() {
        let mut ring = PercentileRing::new(3);
        ring.push(&[9.0, 8.0, 1.0, 2.0, 3.0]);
        assert_eq!(ring.values(), [1.0, 2.0, 3.0]);
        assert_eq!(ring.percentile(100.0), 3.0);
    }

    proptest! {
        #[test]
        fn every_percentile_equals_that_of_a_sort(
            batches in prop::collection::vec(prop::collection::vec(-2.0f32..2.0, 1..40), 1..12),
            scale in prop::sample::select(vec![1e-40f32, 1.0, 1e30]),
            percent in 0.0f64..=100.0,
        ) {
            let mut ring = PercentileRing::new(64);
            let mut all = Vec::new();
            for batch in batches {
                let batch: Vec<f32> = batch.iter().map(|value| value * scale).collect();
                ring.push(&batch);
                all.extend(batch);
                let last = &all[all.len().saturating_sub(64)..];
                prop_assert_eq!(ring.values(), last);
                prop_assert_eq!(ring.percentile(percent), by_sorting(last, percent));
            }
        }

        #[test]
        fn a_key_is_undone_and_keeps_the_order(a: f32, b: f32) {
            prop_assert_eq!(value_of(key_of(a)).to_bits(), a.to_bits());
            prop_assert_eq!(key_of(a).cmp(&key_of(b)), a.total_cmp(&b));
        }
    }
}
