//! Halton's sequence: points that fill a box evenly, without chance.

/// Bases of the coordinates: the first primes.
pub const PRIMES: [u32; 32] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127,
    131,
];

/// Coordinate `dimension` of point `index`, in [0, 1): the digits of `index` in a prime base, mirrored at the point (Halton 1960). From
/// dimension 32 on bases repeat, and coordinates with them.
#[must_use]
pub fn halton(mut index: u32, dimension: usize) -> f64 {
    let base = PRIMES[dimension % PRIMES.len()];
    let (mut mirrored, mut place) = (0.0, 1.0);
    while index > 0 {
        place /= f64::from(base);
        mirrored += place * f64::from(index % base);
        index /= base;
    }
    mirrored
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first points by hand: 1/2, 1/4, 3/4, 1/8 and 1/3, 2/3, 1/9, 4/9.
    #[test]
    fn the_first_points_are_those_by_hand() {
        for (k, x, y) in [(1, 0.5, 1.0 / 3.0), (2, 0.25, 2.0 / 3.0), (3, 0.75, 1.0 / 9.0), (4, 0.125, 4.0 / 9.0)] {
            assert_eq!(halton(k, 0), x);
            assert!((halton(k, 1) - y).abs() < 1e-15);
        }
    }
}
