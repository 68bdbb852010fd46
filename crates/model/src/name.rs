//! Names that people type.

use alloc::vec::Vec;

/// The name nearest to `wanted` in letters changed, if it is near enough to be a slip.
#[must_use]
pub fn nearest_name<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Option<&'a str> {
    let limit = (wanted.chars().count() / 2).max(1);
    names.map(|n| (edit_distance(n, wanted), n)).filter(|(d, _)| *d <= limit).min().map(|(_, n)| n)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for j in 0..b.len() {
            let change = diagonal + usize::from(ca != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
