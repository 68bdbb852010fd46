//! Attributes of one element: typed, checked, and accounted for.
//!
//! Every attribute that is read is marked. [`Attributes::finish`] then refuses unknown ones and reports those that MuJoCo knows
//! and this reader does not, so none can get lost.

use super::error::DescriptionError;
use super::report::Report;
use super::tree::{Element, nearest};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_math::Vec3;

/// The most numbers in one attribute: a mesh of ten million corners.
const MOST_NUMBERS: usize = 30_000_000;

/// Attributes of one element, each read at most once in each of its meanings.
pub struct Attributes<'a> {
    pub element: &'a Element,
    asked: Vec<&'static str>,
    children: bool,
}

impl<'a> Attributes<'a> {
    pub fn new(element: &'a Element) -> Self {
        Self { element, asked: Vec::new(), children: false }
    }

    /// Says that the caller reads the children too; otherwise [`Self::finish`] refuses any.
    pub fn with_children(mut self) -> Self {
        self.children = true;
        self
    }

    /// The text of an attribute.
    pub fn text(&mut self, name: &'static str) -> Option<&'a str> {
        self.asked.push(name);
        self.element.attribute(name)
    }

    /// The text of an attribute, empty if absent.
    pub fn name(&mut self, name: &'static str) -> String {
        self.text(name).unwrap_or_default().into()
    }

    /// The text of an attribute that must be there.
    pub fn required(&mut self, name: &'static str) -> Result<&'a str, DescriptionError> {
        self.text(name).ok_or_else(|| self.element.error(format!("`{name}` is missing"), format!("add {name}=\"...\"")))
    }

    /// One of a few words.
    pub fn keyword<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Result<Option<T>, DescriptionError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*value));
        }
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Err(self.element.error(format!("{name}=\"{text}\" is not known"), format!("write one of {}", words.join(", "))))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str) -> Result<Option<bool>, DescriptionError> {
        self.keyword(name, &[("true", true), ("false", false)])
    }

    /// `true`, `false`, or `auto` as none.
    pub fn tristate(&mut self, name: &'static str) -> Result<Option<Option<bool>>, DescriptionError> {
        self.keyword(name, &[("true", Some(true)), ("false", Some(false)), ("auto", None)])
    }

    /// Any count of numbers.
    pub fn list(&mut self, name: &'static str) -> Result<Option<Vec<f64>>, DescriptionError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let mut numbers = Vec::new();
        for word in text.split_ascii_whitespace() {
            match word.parse::<f64>() {
                Ok(number) if number.is_finite() => numbers.push(number),
                Ok(_) => {
                    return Err(self.element.error(format!("`{name}` holds `{word}`"), "write a finite number"));
                }
                Err(_) => {
                    let word: String = word.chars().take(40).collect();
                    return Err(self.element.error(format!("`{name}` holds `{word}`, which is not a number"), "write a number"));
                }
            }
            if numbers.len() > MOST_NUMBERS {
                return Err(self.element.error(format!("`{name}` has more than {MOST_NUMBERS} numbers"), "write fewer"));
            }
        }
        Ok(Some(numbers))
    }

    /// Replaces the first numbers of `into`; says how many. The rest keep what a class or the default gave them.
    pub fn overlay(&mut self, name: &'static str, into: &mut [f64]) -> Result<usize, DescriptionError> {
        let Some(numbers) = self.list(name)? else { return Ok(0) };
        if numbers.is_empty() || numbers.len() > into.len() {
            let what = format!("`{name}` has {} numbers", numbers.len());
            return Err(self.element.error(what, format!("write 1 to {}", into.len())));
        }
        into[..numbers.len()].copy_from_slice(&numbers);
        Ok(numbers.len())
    }

    /// Exactly `N` numbers.
    pub fn numbers<const N: usize>(&mut self, name: &'static str) -> Result<Option<[f64; N]>, DescriptionError> {
        let Some(numbers) = self.list(name)? else { return Ok(None) };
        let Ok(array) = <[f64; N]>::try_from(numbers.as_slice()) else {
            let counted = if N == 1 { "one".into() } else { format!("{N}") };
            return Err(self.element.error(format!("`{name}` has {} numbers", numbers.len()), format!("write {counted}")));
        };
        Ok(Some(array))
    }

    /// One number.
    pub fn number(&mut self, name: &'static str) -> Result<Option<f64>, DescriptionError> {
        Ok(self.numbers::<1>(name)?.map(|[number]| number))
    }

    /// One number that may not be negative.
    pub fn not_negative(&mut self, name: &'static str) -> Result<Option<f64>, DescriptionError> {
        match self.number(name)? {
            Some(number) if number < 0.0 => {
                Err(self.element.error(format!("{name}=\"{number}\" is negative"), "write zero or more"))
            }
            number => Ok(number),
        }
    }

    /// Three numbers as a vector.
    pub fn vector(&mut self, name: &'static str) -> Result<Option<Vec3>, DescriptionError> {
        Ok(self.numbers::<3>(name)?.map(|[x, y, z]| Vec3::new(x, y, z)))
    }

    /// A whole number.
    pub fn integer(&mut self, name: &'static str) -> Result<Option<i64>, DescriptionError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.trim().parse::<i64>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.element.error(format!("{name}=\"{text}\" is not a whole number"), "write a whole number")),
        }
    }

    /// A whole number between two others.
    pub fn integer_in(&mut self, name: &'static str, low: i64, high: i64) -> Result<Option<i64>, DescriptionError> {
        match self.integer(name)? {
            Some(number) if number < low || number > high => {
                Err(self.element.error(format!("{name}=\"{number}\" is out of range"), format!("write {low} to {high}")))
            }
            number => Ok(number),
        }
    }

    /// A 32-bit number, signed or not.
    pub fn int32(&mut self, name: &'static str) -> Result<Option<i32>, DescriptionError> {
        let number = self.integer_in(name, i64::from(i32::MIN), i64::from(i32::MAX))?;
        Ok(number.and_then(|number| i32::try_from(number).ok()))
    }

    /// A 32-bit mask, written signed or unsigned.
    pub fn mask(&mut self, name: &'static str) -> Result<Option<u32>, DescriptionError> {
        let number = self.integer_in(name, i64::from(i32::MIN), i64::from(u32::MAX))?;
        // Two's complement: -1 sets every bit.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(number.map(|number| number as u32))
    }

    /// Refuses every attribute but the named ones; the caller reads the children.
    pub fn finish_reading(element: &Element, known: &[&'static str], reports: &mut Vec<Report>) -> Result<(), DescriptionError> {
        Attributes::new(element).with_children().finish(reports, known, &[])
    }

    /// Accounts for what was not read where a language is open: every attribute not in `skipped` is reported.
    pub fn finish_open(self, reports: &mut Vec<Report>, skipped: &[&'static str]) {
        for (name, value) in &self.element.attributes {
            if self.asked.iter().chain(skipped).any(|known| *known == &**name) {
                continue;
            }
            let element = shorten(&self.element.name);
            let zh = format!("<{element}> 的 {name}=\"{value}\" 不认识，不起作用");
            let en = format!("{name}=\"{value}\" of <{element}> is not known; it has no effect");
            reports.push(Report::new(&self.element.at, shorten(&zh), shorten(&en)));
        }
    }

    /// Accounts for what was not read. Names in `skipped` change no motion; those in `unsupported` are reported unless they
    /// say "nothing" (`0`, `false`, `none`, `auto`, `disable`); any other is an error.
    pub fn finish(
        self,
        reports: &mut Vec<Report>,
        skipped: &[&'static str],
        unsupported: &[&'static str],
    ) -> Result<(), DescriptionError> {
        for (name, value) in &self.element.attributes {
            let name = &**name;
            if self.asked.iter().chain(skipped).any(|known| *known == name) {
                continue;
            }
            if unsupported.contains(&name) {
                if !says_nothing(name, value) {
                    let element = shorten(&self.element.name);
                    let zh = format!("不支持 <{element}> 的 {name}=\"{value}\"，不起作用");
                    let en = format!("{name}=\"{value}\" of <{element}> is not supported; it has no effect");
                    reports.push(Report::new(&self.element.at, shorten(&zh), shorten(&en)));
                }
                continue;
            }
            let known = self.asked.iter().chain(skipped).chain(unsupported).copied();
            let change = nearest(name, known).map_or_else(|| "remove it".into(), |near| format!("is `{near}` meant?"));
            return Err(self.element.error(format!("unknown attribute `{name}`"), change));
        }
        match self.element.children.first() {
            Some(child) if !self.children => {
                let what = format!("unknown element in <{}>", self.element.name);
                Err(child.error(what, "remove it, or move it to where it belongs"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a value is what MuJoCo takes where the attribute is absent.
fn says_nothing(name: &str, value: &str) -> bool {
    let nothing = |word: &str| matches!(word, "false" | "none" | "auto" | "disable") || word.parse() == Ok(0.0_f64);
    match (name, value.trim()) {
        ("input", "pos") | ("maxhullvert", "-1") => true,
        _ => value.split_ascii_whitespace().all(nothing),
    }
}

fn shorten(text: &str) -> String {
    if text.len() <= 200 { text.into() } else { text.chars().take(180).chain("...".chars()).collect() }
}
