//! Text for a terminal: tables, paragraphs and colors that know how wide Chinese is.

use console::{Style, measure_text_width};
use leitai_package::lint::Level;
use leitai_proving::verdict::{Decision, Language};

use crate::context::say;

/// Columns of a terminal; a file or a pipe gets the usual page.
pub fn columns() -> usize {
    console::Term::stdout().size_checked().map_or(100, |(_, columns)| usize::from(columns).clamp(60, 160))
}

/// A heading; bold where the output is a terminal.
pub fn heading(text: &str) -> String {
    Style::new().bold().apply_to(text).to_string()
}

/// A verdict's word in its color.
pub fn decision(decision: Decision, text: &str) -> String {
    let style = Style::new().bold();
    let style = match decision {
        Decision::Proved => style.green(),
        Decision::Refuted | Decision::Rejected => style.red(),
        Decision::Undecided => style.yellow(),
    };
    style.apply_to(text).to_string()
}

/// A finding's level in its color, all of one width.
pub fn level(language: Language, level: Level) -> String {
    let style = Style::new().bold();
    let (word, style) = match level {
        Level::Error => (say(language, "错误   ", "error  "), style.red()),
        Level::Warning => (say(language, "警告   ", "warning"), style.yellow()),
        Level::Note => (say(language, "提示   ", "note   "), style),
    };
    style.apply_to(word).to_string()
}

/// Rows of cells under a header, in columns as wide as their widest cell. A Chinese character takes two columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    header: Vec<String>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; a `>` before a name puts its cells at the right.
    pub fn new(header: &[&str]) -> Self {
        Self {
            header: header.iter().map(|name| name.trim_start_matches('>').to_string()).collect(),
            right: header.iter().map(|name| name.starts_with('>')).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If it has not one cell for each column.
    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.header.len(), "one cell for each column");
        self.rows.push(cells);
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, each line ending in a line break and none in a blank.
    pub fn render(&self) -> String {
        let lines = || std::iter::once(&self.header).chain(&self.rows);
        let width = |column: usize| lines().map(|cells| measure_text_width(&cells[column])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        let line = |cells: &Vec<String>| {
            let mut text = String::new();
            for (column, cell) in cells.iter().enumerate() {
                let blanks = " ".repeat(widths[column] - measure_text_width(cell));
                let gap = if column == 0 { "" } else { "  " };
                let (before, after) = if self.right[column] { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
                text.push_str(&[gap, before, cell, after].concat());
            }
            text.trim_end().to_string() + "\n"
        };
        let rule: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
        let mut text = line(&self.header);
        text.push_str(&line(&rule));
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

/// A paragraph broken at blanks and between Chinese characters, each line indented but the first.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    let room = width.saturating_sub(indent).max(20);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text) {
        let visible = measure_text_width(piece.trim_end());
        if used > 0 && used + visible > room {
            lines.push(String::new());
            used = 0;
        }
        lines.last_mut().expect("there is a first line").push_str(piece);
        used += measure_text_width(piece);
    }
    let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join(&format!("\n{blanks}"))
}

/// What must stay on one line: a word with the blank after it, or one wide character with the punctuation after it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        // Chinese punctuation does not begin a line.
        let closes = "，。；：、）》”！？%".contains(c);
        let breaks =
            before.is_some_and(|b| b == ' ' && c != ' ' || (is_wide(b) || is_wide(c)) && !closes && !"（《“".contains(b));
        if breaks && at > start {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_wide(c: char) -> bool {
    !c.is_ascii() && measure_text_width(c.encode_utf8(&mut [0; 4])) == 2
}

/// A number as a person writes it: at most six significant digits, no trailing zeros.
pub fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".to_string() } else { value.to_string() };
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-5..9).contains(&exponent) {
        return format!("{value:.3e}");
    }
    let decimals = (5 - exponent).clamp(0, 9) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// A unit as it is printed: `N·m`, not `N*m`; nothing for a bare number.
pub fn unit(written: &str) -> String {
    match written {
        "1" => String::new(),
        other => other.replace('*', "·").replace("^2", "²"),
    }
}

/// A number with its unit.
pub fn figure(value: f64, written: &str) -> String {
    let unit = unit(written);
    if unit.is_empty() { number(value) } else { format!("{} {unit}", number(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_for_chinese_too() {
        let mut table = Table::new(&["名称", ">数"]);
        table.row(vec!["优傲 UR20".to_string(), "20".to_string()]);
        table.row(vec!["fr3".to_string(), "3".to_string()]);
        assert_eq!(table.render(), "名称       数\n─────────  ──\n优傲 UR20  20\nfr3         3\n");
    }

    #[test]
    fn paragraphs_break_where_a_reader_would() {
        assert_eq!(wrap("alpha beta gamma delta epsilon", 24, 2), "alpha beta gamma delta\n  epsilon");
        let chinese = wrap("转子惯量未公布，模型取零。力矩限值按输出端理解。", 22, 0);
        assert_eq!(chinese, "转子惯量未公布，模型取\n零。力矩限值按输出端理\n解。");
        assert!(wrap("一二三四五六七八九十，一", 20, 0).starts_with("一二三四五六七八九\n十，"));
        assert_eq!(wrap("", 40, 2), "");
    }

    #[test]
    fn numbers_read_as_written() {
        for (value, text) in [(20.0, "20"), (0.00005, "0.00005"), (2.0943951023931953, "2.0944"), (-1.75, "-1.75"), (0.0, "0")] {
            assert_eq!(number(value), text);
        }
        assert_eq!((number(1.0e12), number(1.0e-7)), ("1.000e12".to_string(), "1.000e-7".to_string()));
        assert_eq!((figure(738.0, "N*m"), figure(0.9, "1")), ("738 N·m".to_string(), "0.9".to_string()));
    }
}
