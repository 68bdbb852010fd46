//! Named random streams: adding a variation never shifts the draws of the others.
//!
//! A [`Seed`] is 32 bytes. `seed.stream("socket_offset")` derives that stream's state from the seed and the name with
//! BLAKE3, so streams are independent of each other and of the order in which they are asked for. Each stream is
//! xoshiro256++ (Blackman & Vigna 2019).

use crate::real;

/// The root of all randomness of one trial (or of one claim).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// A seed from a small number, for tests and explorations.
    #[must_use]
    pub fn from_number(n: u64) -> Self {
        Self(blake3::derive_key("leitai seed from number v1", &n.to_le_bytes()))
    }
    /// The seed of trial `index` under this root.
    #[must_use]
    pub fn trial(&self, index: u64) -> Self {
        Self(*blake3::keyed_hash(&self.0, &index.to_le_bytes()).as_bytes())
    }
    /// The stream called `name`.
    #[must_use]
    pub fn stream(&self, name: &str) -> Stream {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(b"stream:");
        hasher.update(name.as_bytes());
        let bytes = *hasher.finalize().as_bytes();
        let mut state = [0u64; 4];
        for (word, chunk) in state.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(chunk.try_into().expect("chunks of eight bytes"));
        }
        Stream { state }
    }
}

/// One sequence of draws; complete in its four words, so a snapshot of it is a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    state: [u64; 4],
}

impl Stream {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }
    /// Uniform in [0, 1), 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }
    /// Uniform in [`low`, `high`).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    /// Uniform integer in 0..`n`.
    ///
    /// # Panics
    /// If `n` is zero.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "there is no number below zero to draw");
        // The multiply-shift of Lemire, without rejection: the bias is below n/2⁶⁴.
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }
    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
    /// Normal with `mean` and standard deviation `sd` (Box–Muller; both uniforms are drawn each time).
    pub fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        let u = 1.0 - self.unit();
        let angle = real::TAU * self.unit();
        mean + sd * real::sqrt(-2.0 * real::ln(u)) * real::cos(angle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_name_and_seed_only() {
        let seed = Seed::from_number(7);
        let mut a = seed.stream("a");
        let _ = seed.stream("b").bits();
        assert_eq!(a.bits(), seed.stream("a").bits());
        assert_ne!(seed.stream("a").bits(), seed.stream("b").bits());
        assert_ne!(seed.trial(0), seed.trial(1));
    }

    /// Closed form: mean 1/2 and variance 1/12; mean and variance of the normal. Bounds are five standard errors.
    #[test]
    fn draws_have_their_moments() {
        let mut s = Seed::from_number(1).stream("moments");
        let n = 100_000;
        let (mut m, mut v, mut gm, mut gv) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..n {
            let u = s.unit();
            m += u;
            v += (u - 0.5) * (u - 0.5);
            let g = s.normal(2.0, 3.0);
            gm += g;
            gv += (g - 2.0) * (g - 2.0);
        }
        let n = f64::from(n);
        assert!((m / n - 0.5).abs() < 5.0 * 0.2887 / real::sqrt(n));
        assert!((v / n - 1.0 / 12.0).abs() < 0.002);
        assert!((gm / n - 2.0).abs() < 5.0 * 3.0 / real::sqrt(n));
        assert!((gv / n - 9.0).abs() < 0.25);
    }

    /// Golden: these draws are part of every verdict's bits.
    #[test]
    fn draws_keep_their_bits() {
        let mut s = Seed([7; 32]).stream("golden");
        assert_eq!([s.bits(), s.bits()], GOLDEN);
    }
    const GOLDEN: [u64; 2] = [14_938_458_240_291_103_084, 3_569_069_765_354_353_027];
}
