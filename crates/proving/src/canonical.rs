//! One byte form for everything that is hashed, and the digest of it.
//!
//! A digest here is BLAKE3 over a canonical byte form, not over a file: reordering keys or changing white space in a file
//! changes nothing. Every field is written as a tag byte, its length where it varies, and its content, so no two different
//! contents share a byte form. Numbers are written as the bits of an IEEE 754 double; both zeros are one number, and a number
//! that is not finite has no canonical form, because the bits of NaN differ between processors.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 32 bytes of BLAKE3, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of raw bytes, for contents that have no parsed form (meshes, logs).
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The first twelve hexadecimal digits, for people; never compare by it.
    #[must_use]
    pub fn short(&self) -> String {
        let mut full = alloc::format!("{self}");
        full.truncate(12);
        full
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = String::with_capacity(64);
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 15] {
                digits.push(char::from_digit(nibble.into(), 16).expect("four bits"));
            }
        }
        f.write_str(&digits)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 lower-case hexadecimal digits")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let nibble = |c: u8| match c {
            b'0'..=b'9' => Ok(c - b'0'),
            b'a'..=b'f' => Ok(c - b'a' + 10),
            _ => Err(NotADigest),
        };
        let text = text.as_bytes();
        if text.len() != 64 {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Writes fields in canonical form straight into BLAKE3.
pub struct Canonical {
    hasher: blake3::Hasher,
}

impl Canonical {
    /// A writer for one kind of thing; `kind` keeps, say, an outcome from ever sharing a digest with a claim.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        let mut out = Self { hasher: blake3::Hasher::new() };
        out.text(kind);
        out
    }

    /// A piece of text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes_tagged(b't', text.as_bytes())
    }

    /// Raw bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes_tagged(b'b', bytes)
    }

    /// A digest of something that has a canonical form of its own.
    pub fn digest(&mut self, digest: &Digest) -> &mut Self {
        self.hasher.update(b"d").update(&digest.0);
        self
    }

    /// A whole number.
    pub fn count(&mut self, count: u64) -> &mut Self {
        self.hasher.update(b"u").update(&count.to_le_bytes());
        self
    }

    /// Yes or no.
    pub fn flag(&mut self, flag: bool) -> &mut Self {
        self.hasher.update(if flag { b"y" } else { b"n" });
        self
    }

    /// A real number.
    ///
    /// # Panics
    /// If it is not finite: what builds a hashed value turns such a number into a recorded failure or an error first.
    pub fn number(&mut self, number: f64) -> &mut Self {
        assert!(number.is_finite(), "{number} has no canonical form");
        let bits = if number == 0.0 { 0 } else { number.to_bits() };
        self.hasher.update(b"f").update(&bits.to_le_bytes());
        self
    }

    /// How many entries follow; write it before the entries of any list or map.
    pub fn entries(&mut self, count: usize) -> &mut Self {
        self.hasher.update(b"[").update(&(count as u64).to_le_bytes());
        self
    }

    /// Named numbers, in the order of their names.
    pub fn numbers(&mut self, numbers: &BTreeMap<String, f64>) -> &mut Self {
        self.entries(numbers.len());
        for (name, &number) in numbers {
            self.text(name).number(number);
        }
        self
    }

    /// The digest of everything written so far.
    #[must_use]
    pub fn finish(&self) -> Digest {
        Digest(*self.hasher.finalize().as_bytes())
    }

    fn bytes_tagged(&mut self, tag: u8, bytes: &[u8]) -> &mut Self {
        self.hasher.update(&[tag]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    /// The BLAKE3 of nothing, from the test vectors of the BLAKE3 paper (2020).
    #[test]
    fn a_digest_reads_back_what_it_prints() {
        let nothing = Digest::of_bytes(b"");
        assert_eq!(nothing.to_string(), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
        assert_eq!(nothing.to_string().parse(), Ok(nothing));
        assert_eq!("AF13".parse::<Digest>(), Err(NotADigest));
        assert_eq!("g".repeat(64).parse::<Digest>(), Err(NotADigest));
    }

    /// True of every prefix-free form: where one field ends cannot be moved without changing the digest.
    #[test]
    fn fields_cannot_borrow_from_each_other() {
        let digest = |a: &str, b: &str| Canonical::new("test").text(a).text(b).finish();
        assert_ne!(digest("ab", "c"), digest("a", "bc"));
        assert_ne!(Canonical::new("a").finish(), Canonical::new("b").finish());
    }

    #[test]
    fn both_zeros_are_one_number() {
        assert_eq!(Canonical::new("z").number(0.0).finish(), Canonical::new("z").number(-0.0).finish());
    }

    #[test]
    #[should_panic(expected = "has no canonical form")]
    fn nan_is_never_hashed() {
        Canonical::new("nan").number(f64::NAN);
    }
}
