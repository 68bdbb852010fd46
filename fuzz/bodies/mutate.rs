//! Changes an XML text so that it mostly stays XML: values come from elsewhere in it or from a list of awkward ones, elements are
//! copied, moved and taken out. Random bytes alone seldom get past the parser.

use std::ops::Range;

/// Values that readers find hard.
const AWKWARD: [&str; 24] = [
    "0",
    "-1",
    "1",
    "1e-320",
    "1e308",
    "-1e308",
    "nan",
    "inf",
    "0 0 0",
    "1 0 0",
    "0 0 0 0",
    "1e-9 1e-9 1e-9",
    "1 2 3 4 5 6",
    "-1 1",
    "1 -1",
    "2147483647",
    "-2147483648",
    "4294967295",
    "true",
    "false",
    "world",
    "",
    "auto",
    "0.5",
];

/// A small generator; the fuzzer gives a new seed each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
}

/// One to four changes of `text`; none where it has no element.
pub fn xml(text: &str, seed: u32) -> Option<String> {
    let mut dice = Dice(u64::from(seed) | 1 << 40);
    let mut out = text.to_string();
    for _ in 0..=dice.below(4) {
        out = change(&out, &mut dice)?;
    }
    Some(out)
}

fn change(text: &str, dice: &mut Dice) -> Option<String> {
    let elements = elements(text);
    let pick = |dice: &mut Dice| elements.get(dice.below(elements.len())).cloned();
    let values = values(text);
    match dice.below(6) {
        0 | 1 if !values.is_empty() => {
            let place = &values[dice.below(values.len())];
            let new = if dice.below(2) == 0 {
                AWKWARD[dice.below(AWKWARD.len())]
            } else {
                &text[values[dice.below(values.len())].clone()]
            };
            Some(replaced(text, place.clone(), new))
        }
        2 => {
            let copied = pick(dice)?;
            let after = pick(dice)?.end;
            Some(replaced(text, after..after, &text[copied]))
        }
        3 => Some(replaced(text, pick(dice)?, "")),
        // Into another element: just after the end of its start tag.
        4 => {
            let moved = text[pick(dice)?].to_string();
            let around = pick(dice)?;
            let inner = around.start + text[around].find('>')? + 1;
            Some(replaced(text, inner..inner, &moved))
        }
        _ => {
            // An attribute of one element also on another.
            let place = &values[..].get(dice.below(values.len()))?;
            let start = text[..place.start].rfind(' ')?;
            let attribute = text[start..place.end + 1].to_string();
            let at = pick(dice)?;
            let name_end = at.start + text[at.clone()].find([' ', '>', '/'])?;
            Some(replaced(text, name_end..name_end, &attribute))
        }
    }
}

fn replaced(text: &str, place: Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..place.start], &text[place.end..])
}

/// Where attribute values stand, without their quotes.
fn values(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("=\"").map(|at| from + at + 2) {
        let Some(length) = text[start..].find('"') else { break };
        found.push(start..start + length);
        from = start + length + 1;
    }
    found
}

/// Where elements stand with all that is in them, as far as tags match.
fn elements(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut open, mut from) = (Vec::new(), Vec::new(), 0);
    while let Some(start) = text[from..].find('<').map(|at| from + at) {
        let Some(end) = text[start..].find('>').map(|at| start + at + 1) else { break };
        let tag = &text[start..end];
        if tag.starts_with("</") {
            found.extend(open.pop().map(|start| start..end));
        } else if tag.ends_with("/>") {
            found.push(start..end);
        } else if !tag.starts_with("<!") && !tag.starts_with("<?") {
            open.push(start);
        }
        from = end;
    }
    found
}
