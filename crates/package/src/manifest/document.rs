//! A TOML text and the places in it, so that every message can say file and line.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::common::{Assumption, Figure, Series, Source, Text};
use super::unit;

/// Longest manifest that is read, bytes: the largest in the catalog has 20 000.
const MOST_BYTES: usize = 1 << 20;

/// Longest text of one value, bytes.
const MOST_TEXT: usize = 4_000;

/// Most entries of a list or a table: none of ours passes 30.
const MOST_ENTRIES: usize = 1_000;

/// Why a manifest cannot be used: where, what, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct ManifestError {
    /// The file as named by the caller.
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
    /// The fault, and what to write instead.
    pub what: String,
}

/// A TOML text of a known form, such as a procedure's table of figures.
///
/// # Errors
/// If the text is not TOML, or not of that form.
pub fn decode<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, ManifestError> {
    Document::parse(file, text)?.decode()
}

/// A parsed TOML text with the position of each value.
pub(super) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    /// Reads TOML; no meaning yet.
    pub fn parse(file: &'a str, text: &'a str) -> Result<Self, ManifestError> {
        if text.len() > MOST_BYTES {
            let what =
                format!("{} bytes of manifest; the limit is {MOST_BYTES}, put large data into files of their own", text.len());
            return Err(ManifestError { file: file.to_owned(), line: 1, what });
        }
        let root = DeTable::parse(text).map_err(|error| refused(file, text, &error))?;
        Ok(Self { file, text, root })
    }

    /// The outermost table.
    pub fn table(&self) -> &DeTable<'a> {
        self.root.get_ref()
    }

    /// The same text as a typed value.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, ManifestError> {
        toml::from_str(self.text).map_err(|error| refused(self.file, self.text, &error))
    }

    /// A fault at `path`: names joined by dots, entries of a list by their number (`require.2.limit`). A path that does not exist
    /// stands for its nearest ancestor that does.
    pub fn fault(&self, path: &str, what: impl Into<String>) -> ManifestError {
        ManifestError { file: self.file.to_owned(), line: line_of(self.text, self.offset(path)), what: what.into() }
    }

    fn offset(&self, path: &str) -> usize {
        let mut parts = path.split('.');
        let Some((mut at, mut value)) = parts.next().and_then(|name| child(self.root.get_ref(), name)) else { return 0 };
        for part in parts {
            let next = match value.get_ref() {
                DeValue::Table(table) => child(table, part),
                DeValue::Array(list) => {
                    part.parse().ok().and_then(|index: usize| list.get(index)).map(|item| (item.span().start, item))
                }
                _ => None,
            };
            match next {
                Some(found) => (at, value) = found,
                None => break,
            }
        }
        at
    }

    /// Checks that `value` is finite and lies in `low..=high`.
    pub fn within(&self, path: &str, value: f64, low: f64, high: f64) -> Result<(), ManifestError> {
        if value.is_finite() && low <= value && value <= high {
            return Ok(());
        }
        Err(self.fault(path, format!("`{}` is {value}; it must be a number from {low} to {high}", last(path))))
    }

    /// As [`Document::within`], and above zero.
    pub fn positive(&self, path: &str, value: f64, high: f64) -> Result<(), ManifestError> {
        if value.is_finite() && 0.0 < value && value <= high {
            return Ok(());
        }
        Err(self.fault(path, format!("`{}` is {value}; it must be above 0 and at most {high}", last(path))))
    }

    /// Checks an identifier: lower-case letters, digits and hyphens, as in file names and URLs.
    pub fn id(&self, path: &str, value: &str) -> Result<(), ManifestError> {
        let fits =
            (1..=64).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits && !value.starts_with('-') {
            return Ok(());
        }
        Err(self.fault(path, format!("`{value}` is not an id; use 1 to 64 of a-z, 0-9 and -, not starting with -")))
    }

    /// Checks a digest as we print them.
    pub fn digest(&self, path: &str, value: &str) -> Result<(), ManifestError> {
        if value.len() == 64 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Ok(());
        }
        Err(self.fault(path, format!("`{}` is 64 lower-case hexadecimal digits", last(path))))
    }

    /// Checks the name of something inside a model: anything short and printable.
    pub fn name(&self, path: &str, value: &str) -> Result<(), ManifestError> {
        if (1..=64).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(());
        }
        Err(self.fault(path, format!("`{value}` is not a name; use 1 to 64 printable ASCII characters without spaces")))
    }

    /// Checks the name of a file beside the manifest: no folder, so a package can never reach outside itself.
    pub fn file_name(&self, path: &str, value: &str) -> Result<(), ManifestError> {
        let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if (1..=64).contains(&value.len()) && plain && !value.starts_with('.') {
            return Ok(());
        }
        Err(self.fault(path, format!("`{value}` is not the name of a file beside this one; folders are not followed")))
    }

    /// Checks that both languages are there.
    pub fn text(&self, path: &str, text: &Text) -> Result<(), ManifestError> {
        for (language, words) in [("zh", &text.zh), ("en", &text.en)] {
            self.words(&format!("{path}.{language}"), words)?;
        }
        Ok(())
    }

    /// Checks one line or paragraph of prose.
    pub fn words(&self, path: &str, words: &str) -> Result<(), ManifestError> {
        if words.trim().is_empty() {
            return Err(self.fault(path, format!("`{}` is empty; write it", last(path))));
        }
        if words.len() > MOST_TEXT {
            return Err(self.fault(path, format!("`{}` has {} bytes; the limit is {MOST_TEXT}", last(path), words.len())));
        }
        Ok(())
    }

    /// Checks that a list has `want` entries, the number of `of`.
    pub fn length(&self, path: &str, got: usize, want: usize, of: &str) -> Result<(), ManifestError> {
        if got == want {
            return Ok(());
        }
        Err(self.fault(path, format!("`{}` has {got} entries; it needs {want}, one for each {of}", last(path))))
    }

    /// Checks that no entry of a list is there twice, and that the list is not absurdly long.
    pub fn distinct<'n>(&self, path: &str, field: &str, names: impl Iterator<Item = &'n str>) -> Result<(), ManifestError> {
        let mut seen = BTreeSet::new();
        for (index, name) in names.enumerate() {
            let here = if field.is_empty() { format!("{path}.{index}") } else { format!("{path}.{index}.{field}") };
            if index >= MOST_ENTRIES {
                return Err(self.fault(&here, format!("more than {MOST_ENTRIES} entries in `{path}`")));
            }
            if !seen.insert(name) {
                return Err(self.fault(&here, format!("`{name}` is in `{path}` twice; each needs a name of its own")));
            }
        }
        Ok(())
    }

    /// Checks that `name` is one of `known`, and suggests the nearest if not.
    pub fn refers<'n>(
        &self,
        path: &str,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<(), ManifestError> {
        if known.clone().any(|candidate| candidate == name) {
            return Ok(());
        }
        Err(self.fault(path, format!("no {what} `{name}`; {}", suggestion(name, known))))
    }

    /// Checks that a unit is one we know and, where the name ends in a unit, that the two agree.
    pub fn unit(&self, path: &str, name: &str, written: &str) -> Result<(), ManifestError> {
        if !unit::KNOWN.contains(&written) {
            return Err(self.fault(
                path,
                format!("unit `{written}` is not used here; {}", suggestion(written, unit::KNOWN.iter().copied())),
            ));
        }
        match unit::of_name(name) {
            Some(expected) if expected != written => {
                Err(self.fault(path, format!("`{name}` is in {expected}, not in {written}")))
            }
            _ => Ok(()),
        }
    }

    /// Checks the list of sources: keys and prose.
    pub fn sources(&self, sources: &[Source]) -> Result<(), ManifestError> {
        self.distinct("source", "key", sources.iter().map(|source| source.key.as_str()))?;
        for (i, source) in sources.iter().enumerate() {
            self.id(&format!("source.{i}.key"), &source.key)?;
            self.words(&format!("source.{i}.publisher"), &source.publisher)?;
            self.words(&format!("source.{i}.title"), &source.title)?;
            let date = source.date.as_bytes();
            let shaped = date.len() == 10
                && date.iter().enumerate().all(|(k, b)| if k == 4 || k == 7 { *b == b'-' } else { b.is_ascii_digit() });
            if !shaped {
                return Err(self.fault(
                    &format!("source.{i}.date"),
                    format!("`{}` is not a date; write year-month-day, as in 2026-11-22", source.date),
                ));
            }
            if source.gives.is_empty() {
                return Err(
                    self.fault(&format!("source.{i}.gives"), "`gives` is empty; list the figures that rest on this source")
                );
            }
            for (k, given) in source.gives.iter().enumerate() {
                self.words(&format!("source.{i}.gives.{k}"), given)?;
            }
        }
        Ok(())
    }

    /// Checks that a figure's source is in the list.
    pub fn source(&self, path: &str, key: &str, sources: &[Source]) -> Result<(), ManifestError> {
        self.refers(path, "[[source]] with key", key, sources.iter().map(|source| source.key.as_str()))
    }

    /// Checks one number with its source.
    pub fn figure(&self, path: &str, figure: &Figure, high: f64, sources: &[Source]) -> Result<(), ManifestError> {
        self.positive(&format!("{path}.value"), figure.value, high).map_err(|error| rename(error, "value", last(path)))?;
        self.source(&format!("{path}.source"), &figure.source, sources)
    }

    /// Checks one number for each joint, with its source.
    pub fn series(
        &self,
        path: &str,
        series: &Series,
        want: usize,
        of: &str,
        high: f64,
        sources: &[Source],
    ) -> Result<(), ManifestError> {
        self.length(&format!("{path}.value"), series.value.len(), want, of)
            .map_err(|error| rename(error, "value", last(path)))?;
        for (i, value) in series.value.iter().enumerate() {
            self.positive(&format!("{path}.value.{i}"), *value, high)
                .map_err(|error| rename(error, &i.to_string(), last(path)))?;
        }
        self.source(&format!("{path}.source"), &series.source, sources)
    }

    /// Checks the list of assumptions.
    pub fn assumptions(&self, assumptions: &[Assumption]) -> Result<(), ManifestError> {
        self.distinct("assumption", "id", assumptions.iter().map(|assumption| assumption.id.as_str()))?;
        for (i, assumption) in assumptions.iter().enumerate() {
            self.id(&format!("assumption.{i}.id"), &assumption.id)?;
            self.text(&format!("assumption.{i}.text"), &assumption.text)?;
            match (assumption.value, &assumption.unit) {
                (None, None) => {}
                (Some(value), Some(unit)) => {
                    self.within(&format!("assumption.{i}.value"), value, -1e12, 1e12)?;
                    self.unit(&format!("assumption.{i}.unit"), "", unit)?;
                }
                _ => return Err(self.fault(&format!("assumption.{i}"), "`value` and `unit` go together; write both or neither")),
            }
        }
        Ok(())
    }
}

/// A fault at `path` of a text that parsed before.
pub(super) fn fault(file: &str, text: &str, path: &str, what: String) -> ManifestError {
    match Document::parse(file, text) {
        Ok(document) => document.fault(path, what),
        Err(error) => error,
    }
}

fn rename(mut error: ManifestError, from: &str, to: &str) -> ManifestError {
    error.what = error.what.replacen(&format!("`{from}`"), &format!("`{to}`"), 1);
    error
}

fn child<'t, 'a>(table: &'t DeTable<'a>, name: &str) -> Option<(usize, &'t Spanned<DeValue<'a>>)> {
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(key, value)| (key.span().start, value))
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The TOML reader's refusal in our words: it lists every known name, we offer the nearest.
fn refused(file: &str, text: &str, error: &toml::de::Error) -> ManifestError {
    let line = line_of(text, error.span().map_or(0, |span| span.start));
    let message = error.message();
    let mut what = message.lines().next().unwrap_or("not valid TOML").to_owned();
    for kind in ["unknown field", "unknown variant"] {
        if let Some(rest) = message.strip_prefix(kind) {
            let quoted: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
            if let Some((wrong, known)) = quoted.split_first() {
                let kind = if kind == "unknown field" { "field" } else { "value" };
                what = format!("no {kind} `{wrong}` here; {}", suggestion(wrong, known.iter().copied()));
            }
        }
    }
    ManifestError { file: file.to_owned(), line, what }
}

/// The nearest of `known` if one is near, or all of them.
fn suggestion<'n>(wrong: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    let nearest = known.clone().map(|name| (distance(wrong, name), name)).min();
    match nearest {
        Some((far, name)) if far < wrong.len() && far <= wrong.len().div_ceil(2) => format!("the nearest name is `{name}`"),
        Some(_) => format!("known: {}", known.take(40).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        None => "none is declared".to_owned(),
    }
}

/// Edit distance of Levenshtein: insertions, deletions and replacements of bytes. Long names are cut, so hostile input stays cheap.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (&a.as_bytes()[..a.len().min(64)], &b.as_bytes()[..b.len().min(64)]);
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
