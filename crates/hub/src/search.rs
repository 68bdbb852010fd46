//! Words to search by, Chinese and Latin.
//!
//! Chinese has no spaces, and people search for words of two characters; so a run of Chinese characters is indexed as its single
//! characters and its pairs, and a query of two or more is looked up by its pairs. Latin words are matched from their beginnings.

/// Whether a character stands for a word or a syllable of its own: the CJK blocks.
fn is_ideograph(c: char) -> bool {
    matches!(c as u32, 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

/// Runs of ideographs and runs of other letters and digits, in lower case.
fn runs(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last = None;
    for c in text.chars().flat_map(char::to_lowercase) {
        let kind = if is_ideograph(c) { Some(true) } else { c.is_alphanumeric().then_some(false) };
        match kind {
            Some(_) if kind == last => out.last_mut().expect("a run was begun").push(c),
            Some(_) => out.push(c.into()),
            None => {}
        }
        last = kind;
    }
    out
}

fn pairs(run: &str) -> Vec<String> {
    let characters: Vec<char> = run.chars().collect();
    characters.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// The words that a text is found by.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in runs(text) {
        if run.chars().all(is_ideograph) {
            words.extend(run.chars().map(String::from));
            words.extend(pairs(&run));
        } else {
            words.push(run);
        }
    }
    words
}

/// One thing that must be among a text's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// This word.
    Word(String),
    /// A word that begins so.
    Beginning(String),
}

/// What must be there for what somebody typed: all of it. None if it holds no word at all.
#[must_use]
pub fn terms(typed: &str) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    // A query longer than this is no search.
    for run in runs(typed).into_iter().take(16) {
        if !run.chars().all(is_ideograph) {
            terms.push(Term::Beginning(run));
        } else if run.chars().count() == 1 {
            terms.push(Term::Word(run));
        } else {
            terms.extend(pairs(&run).into_iter().take(32).map(Term::Word));
        }
    }
    (!terms.is_empty()).then_some(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(all: &[&str]) -> Option<Vec<Term>> {
        Some(all.iter().map(|word| Term::Word(word.to_string())).collect())
    }

    fn beginnings(all: &[&str]) -> Option<Vec<Term>> {
        Some(all.iter().map(|word| Term::Beginning(word.to_string())).collect())
    }

    #[test]
    fn chinese_is_found_by_two_characters() {
        assert_eq!(super::words("建筑材料UR20").join(" "), "建 筑 材 料 建筑 筑材 材料 ur20");
        assert_eq!(terms("码垛"), whole(&["码垛"]));
        assert_eq!(terms("材料搬"), whole(&["材料", "料搬"]));
        assert_eq!(terms("垛"), whole(&["垛"]));
    }

    #[test]
    fn latin_words_are_found_from_their_beginnings_and_signs_are_no_words() {
        assert_eq!(terms("Univ ur-20"), beginnings(&["univ", "ur", "20"]));
        assert_eq!(terms(" \"* OR ("), beginnings(&["or"]));
        assert_eq!(terms("--\"*("), None);
    }
}
