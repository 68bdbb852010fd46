//! What every command knows: language, form of output, catalog.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use leitai_package::manifest::Text;
use leitai_proving::verdict::Language;
use serde::Serialize;

use crate::failure::{Exit, Failure};

/// What every command knows.
#[derive(Clone, Debug)]
pub struct Context {
    /// Language of messages.
    pub language: Language,
    /// One JSON document on stdout instead of text for people.
    pub json: bool,
    /// A folder of packages that stand before the built-in ones.
    pub catalog: Option<PathBuf>,
}

impl Context {
    /// The one of two texts that the user reads.
    pub fn say<T>(&self, zh: T, en: T) -> T {
        say(self.language, zh, en)
    }

    /// A package's text in the user's language.
    pub fn of<'a>(&self, text: &'a Text) -> &'a str {
        self.say(&text.zh, &text.en)
    }

    /// Writes a command's result: `value` as JSON if asked for, otherwise the text.
    pub fn print(&self, value: &impl Serialize, text: &str) -> Result<(), Failure> {
        if self.json { self.print_text(&json(value)) } else { self.print_text(text) }
    }

    /// Writes text to stdout. A reader that went away, as in `leitai list | head`, is no error.
    pub fn print_text(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure {
                exit: Exit::Failed,
                what: format!("{}{error}", self.say("标准输出无法写入：", "stdout cannot be written: ")),
                next: self.say("检查输出所在的磁盘或管道", "look at the disk or pipe that the output goes to").to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Writes a note to stderr. Nobody may be reading there, and that changes nothing.
    pub fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

/// The one of two texts in this language.
pub fn say<T>(language: Language, zh: T, en: T) -> T {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// A JSON document with a final line break.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("results have string keys and no failing serializer") + "\n"
}

/// How the user calls this program, for commands in messages.
pub fn program() -> String {
    // Under `cargo run` the name `leitai` is on nobody's path.
    match std::env::var("CARGO_PKG_NAME") {
        Ok(name) if name == env!("CARGO_PKG_NAME") => "cargo run --release --".to_string(),
        _ => "leitai".to_string(),
    }
}

/// The command that was typed, with one more word, to be pasted into a shell.
pub fn again(word: &str) -> String {
    let plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_=./:,+@%".contains(c));
    let quoted = |word: String| if plain(&word) { word } else { format!("'{}'", word.replace('\'', r"'\''")) };
    let typed = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let words = typed.filter(|typed| typed != word).chain([word.to_string()]).map(quoted);
    std::iter::once(program()).chain(words).collect::<Vec<_>>().join(" ")
}

/// Language and form of output, needed before the arguments are parsed: for `--help` and for errors in the arguments.
pub fn read_ahead(words: &[OsString]) -> (Language, bool) {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--").collect();
    let after = words.iter().position(|word| word == "--lang").and_then(|at| words.get(at + 1));
    let joined = words.iter().find_map(|word| word.strip_prefix("--lang="));
    let language = match after.map(AsRef::as_ref).or(joined) {
        Some("zh") => Language::Zh,
        Some("en") => Language::En,
        _ => of_locale(sys_locale::get_locale().as_deref()),
    };
    (language, words.iter().any(|word| word == "--json"))
}

fn of_locale(locale: Option<&str>) -> Language {
    match locale {
        Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Language::Zh,
        _ => Language::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_users() {
        for (locale, language) in
            [("zh-CN", Language::Zh), ("zh", Language::Zh), ("ZH_TW", Language::Zh), ("de-DE", Language::En)]
        {
            assert_eq!(of_locale(Some(locale)), language, "{locale}");
        }
        assert_eq!(of_locale(None), Language::En);
    }

    #[test]
    fn the_command_line_comes_before_the_locale() {
        let read = |words: &[&str]| read_ahead(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(read(&["leitai", "--lang", "zh", "list"]), (Language::Zh, false));
        assert_eq!(read(&["leitai", "list", "--lang=en", "--json"]), (Language::En, true));
        assert!(!read(&["leitai", "list", "--", "--json"]).1);
    }
}
