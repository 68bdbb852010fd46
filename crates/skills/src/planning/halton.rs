//! Points that fill a box evenly (Halton, *Numerische Mathematik* 2, 1960): each coordinate is a count, its digits mirrored at
//! the point, in a prime base of its own.

use super::model::MOST_JOINTS;
use leitai_math::halton::PRIMES;

/// One for each joint, and one more.
const COORDINATES: usize = MOST_JOINTS + 1;

/// A place in the sequence.
#[derive(Clone, Debug)]
pub struct Halton {
    /// For each coordinate: the mirrored count over a power of the base, and that power over the base.
    state: [(u64, u64, u64); COORDINATES],
}

impl Halton {
    /// Before the point number `skip` + 1.
    #[must_use]
    pub fn new(skip: u32) -> Self {
        let mut state = [(0, 1, 0); COORDINATES];
        for (s, base) in state.iter_mut().zip(PRIMES) {
            let (mut count, base) = (u64::from(skip), u64::from(base));
            let (mut mirrored, mut power) = (0, 1);
            while count > 0 {
                mirrored = mirrored * base + count % base;
                power *= base;
                count /= base;
            }
            *s = (mirrored, power, power / base);
        }
        Self { state }
    }

    /// Coordinate `k` of the next point, in [0, 1).
    #[inline]
    pub fn next(&mut self, k: usize) -> f64 {
        let (mirrored, power, step) = &mut self.state[k];
        // Adding one to a number whose lowest digit stands first: carry from the front, which is seldom needed.
        let gap = *power - *mirrored;
        if gap > *step && *step > 0 {
            *mirrored += *step;
        } else if gap == 1 {
            *mirrored = 1;
            *step = *power;
            *power *= u64::from(PRIMES[k]);
        } else {
            let base = u64::from(PRIMES[k]);
            let mut y = *step / base;
            while gap <= y {
                y /= base;
            }
            *mirrored = (base + 1) * y - gap;
        }
        *mirrored as f64 / *power as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sequence's definition, written out.
    #[test]
    fn coordinates_are_mirrored_counts() {
        let mut halton = Halton::new(0);
        let two: [f64; 5] = core::array::from_fn(|_| halton.next(0));
        assert_eq!(two, [1.0 / 2.0, 1.0 / 4.0, 3.0 / 4.0, 1.0 / 8.0, 5.0 / 8.0]);
        let three: [f64; 5] = core::array::from_fn(|_| halton.next(1));
        assert_eq!(three, [1.0 / 3.0, 2.0 / 3.0, 1.0 / 9.0, 4.0 / 9.0, 7.0 / 9.0]);
    }

    /// A sequence joined anywhere goes on as if counted from the start.
    #[test]
    fn a_skip_is_as_good_as_counting() {
        for skip in [1, 2, 26, 100, 12_345] {
            let (mut counted, mut skipped) = (Halton::new(0), Halton::new(skip));
            for k in 0..MOST_JOINTS {
                (0..skip).for_each(|_| _ = counted.next(k));
                assert_eq!(counted.next(k).to_bits(), skipped.next(k).to_bits(), "{skip} {k}");
            }
        }
    }
}
