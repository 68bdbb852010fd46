//! Rust text split into code and comments, line by line, without parsing it.
//!
//! Rules look for words; a word inside a string or a comment is no use of it. Both results keep the line count of the
//! original and blank what they leave out, so a match's line is the file's line.

/// A Rust file's code and comments, each with everything else blanked by spaces.
#[derive(Debug)]
pub struct Split {
    /// Code without comments; string and character literals are emptied.
    pub code: String,
    /// Only the comments.
    pub comments: String,
}

/// Splits Rust text. Handles nested block comments, raw strings and lifetimes.
pub fn split(text: &str) -> Split {
    let bytes = text.as_bytes();
    let (mut code, mut comments) = (Vec::with_capacity(bytes.len()), Vec::with_capacity(bytes.len()));
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, kept) = if rest.starts_with(b"//") {
            (rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len()), Kept::Comment)
        } else if rest.starts_with(b"/*") {
            (block_comment(rest), Kept::Comment)
        } else if let Some(length) = string(rest, at.checked_sub(1).map(|p| bytes[p])) {
            (length, Kept::Nothing)
        } else {
            (1, Kept::Code)
        };
        for &b in &rest[..length] {
            let blank = if b == b'\n' { b'\n' } else { b' ' };
            code.push(if kept == Kept::Code { b } else { blank });
            comments.push(if kept == Kept::Comment { b } else { blank });
        }
        at += length;
    }
    // Only ASCII bytes were replaced inside whole literals and comments, or whole characters kept.
    let whole = |v: Vec<u8>| String::from_utf8_lossy(&v).into_owned();
    Split { code: whole(code), comments: whole(comments) }
}

#[derive(Clone, Copy, PartialEq)]
enum Kept {
    Code,
    Comment,
    Nothing,
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of the string or character literal that starts here, if one does.
fn string(rest: &[u8], before: Option<u8>) -> Option<usize> {
    let in_word = before.is_some_and(is_word);
    match rest[0] {
        b'"' => Some(quoted(rest, b'"', 1)),
        b'\'' => character(rest),
        b'b' if !in_word && rest.get(1) == Some(&b'"') => Some(quoted(rest, b'"', 2)),
        b'b' if !in_word && rest.get(1) == Some(&b'\'') => character(&rest[1..]).map(|n| n + 1),
        b'r' if !in_word => raw(rest, 1),
        b'b' if !in_word && rest.get(1) == Some(&b'r') => raw(rest, 2),
        _ => None,
    }
}

fn quoted(rest: &[u8], quote: u8, start: usize) -> usize {
    let mut at = start;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A character literal; a lifetime such as `'a` is code.
fn character(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return Some(quoted(rest, b'\'', 1));
    }
    let window = &rest[1..rest.len().min(5)];
    let text = std::str::from_utf8(window).or_else(|e| std::str::from_utf8(&window[..e.valid_up_to()])).ok()?;
    let first = text.chars().next()?.len_utf8();
    (rest.get(1 + first) == Some(&b'\'')).then_some(first + 2)
}

fn raw(rest: &[u8], start: usize) -> Option<usize> {
    let hashes = rest[start..].iter().take_while(|&&b| b == b'#').count();
    if rest.get(start + hashes) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = start + hashes + 1;
    let end = rest[body..].windows(close.len()).position(|w| w == close);
    Some(end.map_or(rest.len(), |e| body + e + close.len()))
}

/// True for a byte that continues an identifier.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Blanks every item under `#[cfg(test)]`: tests may use the standard library.
pub fn without_tests(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    let mut from = 0;
    while let Some(found) = code[from..].find("#[cfg(test)]") {
        let start = from + found;
        let end = item_end(code.as_bytes(), start);
        for b in &mut out[start..end] {
            if *b != b'\n' {
                *b = b' ';
            }
        }
        from = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where the item that begins at `start` ends: at its closing brace, or at a semicolon before any brace.
fn item_end(code: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    for (at, &b) in code.iter().enumerate().skip(start) {
        match b {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// Where `word` stands in `line` as a whole word.
pub fn has_word(line: &str, word: &str) -> bool {
    let bytes = line.as_bytes();
    line.match_indices(word).any(|(at, _)| {
        let before = at.checked_sub(1).map(|p| bytes[p]);
        let after = bytes.get(at + word.len()).copied();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_not_code() {
        let text = "let a = \"std::x\"; // std::y\nlet b = 'q'; /* std::z /* in */ */ let c: &'a str = r#\"std::\"w\"#;\n";
        let split = split(text);
        assert!(!split.code.contains("std::"), "{}", split.code);
        assert!(split.code.contains("let c: &'a str ="), "{}", split.code);
        assert!(split.comments.contains("std::y") && split.comments.contains("std::z") && !split.comments.contains("std::x"));
        assert_eq!(split.code.lines().count(), text.lines().count());
    }

    #[test]
    fn escaped_quotes_do_not_end_a_literal() {
        let split = split(r#"let a = "\" std::x"; let b = '\''; let c = '"'; let d = b"std::"; real();"#);
        assert!(!split.code.contains("std::") && split.code.contains("real();"), "{}", split.code);
    }

    #[test]
    fn text_outside_ascii_keeps_its_place() {
        let split = split("let name = '擂'; // 擂台 std::x\nlet next = 1;");
        assert!(split.code.lines().nth(1).unwrap().contains("let next"));
    }

    #[test]
    fn tests_are_left_out_and_lines_stay() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n    use std::fmt;\n}\nfn b() {}\n#[cfg(test)]\nmod more;\nfn c() {}\n";
        let rest = without_tests(code);
        assert!(!rest.contains("std::") && rest.contains("fn b()") && rest.contains("fn c()") && !rest.contains("more"));
        assert_eq!(rest.lines().count(), code.lines().count());
    }

    #[test]
    fn a_word_is_whole() {
        assert!(has_word("let x: HashMap<A, B>", "HashMap") && !has_word("MyHashMapLike", "HashMap"));
    }
}
