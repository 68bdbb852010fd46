//! What is measured before the text is parsed, in one pass over its bytes.
//!
//! The parser recurses into elements, compares each attribute with all others of its element, and copies lists of namespaces;
//! so depth, attributes and namespaces are bounded here. The same pass blanks comments: MuJoCo's parser accepts `--` inside
//! them, which many public models use for ruled lines, and XML proper does not.
//!
//! Where a text is not well-formed the pass may lose its way, and the parser stops at that place: it reads what stands before
//! as this pass did.

use super::error::DescriptionError;
use super::tree::Place;
use alloc::string::String;

/// The most attributes of one element.
const MOST_OF_ELEMENT: usize = 256;
/// The most attributes of a description.
const MOST_ATTRIBUTES: usize = 2_000_000;
/// The most declarations of namespaces.
const MOST_NAMESPACES: usize = 64;

/// What the files of a description hold together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    attributes: usize,
    namespaces: usize,
}

/// Bounds nesting, attributes and namespaces, and blanks comments without moving a byte or a line.
pub fn scan(text: String, place: &Place, deepest: usize, count: &mut Count) -> Result<String, DescriptionError> {
    let mut bytes = text.into_bytes();
    let (mut i, mut depth) = (0, 0_usize);
    while let Some(start) = find(&bytes, i, b"<") {
        let rest = &bytes[start..];
        if rest.starts_with(b"<!--") {
            i = end_of(&bytes, start + 4, b"-->");
            bytes[start..i].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        } else if rest.starts_with(b"<![CDATA[") {
            i = end_of(&bytes, start + 9, b"]]>");
        } else if rest.starts_with(b"<?") {
            i = end_of(&bytes, start + 2, b"?>");
        } else if rest.starts_with(b"<!") {
            i = start + 2;
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            i = start + 2;
        } else {
            depth += 1;
            if depth > deepest {
                return Err(DescriptionError::TooDeep { at: place.at(start) });
            }
            let tag = read_tag(&bytes, start + 1);
            if tag.closes_itself {
                depth -= 1;
            }
            count.attributes += tag.attributes;
            count.namespaces += tag.namespaces;
            for (found, limit, what) in [
                (tag.attributes, MOST_OF_ELEMENT, "attributes in one element"),
                (count.attributes, MOST_ATTRIBUTES, "attributes"),
                (count.namespaces, MOST_NAMESPACES, "declarations of namespaces"),
            ] {
                if found > limit {
                    return Err(DescriptionError::TooMuch { at: place.at(start), what, limit });
                }
            }
            i = tag.end;
        }
    }
    // Only whole comments were replaced, each byte by a space.
    String::from_utf8(bytes).map_err(|e| {
        let at = place.at(e.utf8_error().valid_up_to());
        DescriptionError::Xml { at, what: "a comment splits a letter".into() }
    })
}

/// A start tag.
struct Tag {
    /// Just after it.
    end: usize,
    attributes: usize,
    namespaces: usize,
    closes_itself: bool,
}

/// Finds the end of a start tag, skipping quoted values, which may hold `>`.
fn read_tag(bytes: &[u8], start: usize) -> Tag {
    let mut tag = Tag { end: bytes.len(), attributes: 0, namespaces: 0, closes_itself: false };
    let mut i = start;
    while i < bytes.len() {
        match bytes[i] {
            b'>' => {
                tag.closes_itself = i > start && bytes[i - 1] == b'/';
                tag.end = i + 1;
                break;
            }
            quote @ (b'"' | b'\'') => {
                tag.attributes += 1;
                i = end_of(bytes, i + 1, &[quote]);
            }
            b'x' if bytes[i..].starts_with(b"xmlns") => {
                tag.namespaces += 1;
                i += 5;
            }
            _ => i += 1,
        }
    }
    tag
}

/// Just after the next `what`, or the end.
fn end_of(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    find(bytes, from, what).map_or(bytes.len(), |at| at + what.len())
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest: &[u8] = bytes.get(from..)?;
    rest.windows(what.len()).position(|window| window == what).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use alloc::collections::BTreeMap;
    use alloc::format;
    use alloc::string::{String, ToString};

    fn read(text: &str) -> Result<tree::Element, String> {
        let files = BTreeMap::from([("a.xml".to_string(), text.as_bytes().to_vec())]);
        tree::read("a.xml", &files).map_err(|e| e.to_string())
    }

    /// A closing tag inside an instruction, a comment, text or a value closes nothing.
    #[test]
    fn nothing_hides_depth() {
        for inside in ["<?x </a>?>", "<!-- </a> -->", "<![CDATA[</a>]]>", "<b v='</a>'/>", "<b v=\"'/>\"/>"] {
            let nested = |n: usize| format!("<r>{}{}</r>", format!("<a>{inside}").repeat(n), "</a>".repeat(n));
            assert_eq!(read(&nested(150)).is_err(), inside.contains("v='<"), "{inside}");
            let error = read(&nested(100_000)).unwrap_err();
            assert!(error.contains("nested deeper than 200") || error.contains("not well-formed"), "{inside}: {error}");
        }
    }

    #[test]
    fn attributes_and_namespaces_are_bounded() {
        let many = |n: usize| format!("<r {}/>", (0..n).map(|i| format!("a{i}='1' ")).collect::<String>());
        assert_eq!(read(&many(256)).unwrap().attributes.len(), 256);
        let error = read(&many(1_000_000)).unwrap_err();
        assert_eq!(error, "a.xml:1: the description has more than 256 attributes in one element; make it smaller");
        let spaces = (0..100).map(|i| format!("<a xmlns:n{i}='u'/>")).collect::<String>();
        assert!(read(&format!("<r>{spaces}</r>")).unwrap_err().contains("more than 64 declarations of namespaces"));
    }

    #[test]
    fn ruled_lines_in_comments_are_no_errors_and_lines_stay() {
        let element = read("<r>\n<!-- ---- a ----\n-->\n<b/></r>").unwrap();
        assert_eq!(element.children[0].at.line, 4);
    }
}
