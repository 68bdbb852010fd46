//! A procedure's report as one HTML file that needs nothing else, not even a script: both languages stand in it, a switch shows one.

/// Drawings.
pub mod draw;

use leitai_package::manifest::{Standing, Text};

use crate::report::Language;

const STYLE: &str = include_str!("sheet.css");

/// Text in which nothing is markup.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text in both languages, of which one is shown.
#[must_use]
pub fn both(zh: &str, en: &str) -> String {
    if zh == en {
        return escape(zh);
    }
    format!("<span class=\"zh\" lang=\"zh\">{}</span><span class=\"en\" lang=\"en\">{}</span>", escape(zh), escape(en))
}

/// As [`both`], of a package's text.
#[must_use]
pub fn of(text: &Text) -> String {
    both(&text.zh, &text.en)
}

/// How far a figure is trusted.
#[must_use]
pub fn standing(standing: Standing) -> String {
    let word = match standing {
        Standing::Verified => both("已核实", "verified"),
        Standing::Recalled => both("凭记忆", "recalled"),
        Standing::Assumed => both("假设", "assumed"),
    };
    format!("<span class=\"word\">{word}</span>")
}

/// A table; a `>` before a heading puts its column at the right. Cells are markup already.
#[must_use]
pub fn table(header: &[String], rows: &[Vec<String>]) -> String {
    let right: Vec<bool> = header.iter().map(|name| name.starts_with('>')).collect();
    let class = |i: usize| if right[i] { " class=\"num\"" } else { "" };
    let cells = |tag: &str, cells: &[String]| {
        let cell = |(i, cell): (usize, &String)| format!("<{tag}{}>{}</{tag}>", class(i), cell.trim_start_matches('>'));
        format!("<tr>{}</tr>", cells.iter().enumerate().map(cell).collect::<String>())
    };
    let body: String = rows.iter().map(|row| cells("td", row)).collect();
    format!("<div class=\"wide\"><table><thead>{}</thead><tbody>{body}</tbody></table></div>\n", cells("th", header))
}

/// A section under its heading.
#[must_use]
pub fn section(number: &str, heading: &str, body: &str) -> String {
    format!("<section><h2><span class=\"quiet\">{number}</span> {heading}</h2>\n{body}</section>\n")
}

/// A drawing with what it shows.
#[must_use]
pub fn figure(drawing: &str, caption: &str) -> String {
    format!("<figure>{drawing}<figcaption>{caption}</figcaption></figure>\n")
}

/// The page. `lead` stands under the title; `warning`, if there is one, in a box before everything else.
#[must_use]
pub fn page(title: &Text, lead: &str, warning: Option<&str>, body: &str, language: Language) -> String {
    let (zh, en) = match language {
        Language::Zh => (" checked", ""),
        Language::En => ("", " checked"),
    };
    let tab = match language {
        Language::Zh => &title.zh,
        Language::En => &title.en,
    };
    let warning = warning.map_or_else(String::new, |text| format!("<p class=\"warning\">{text}</p>\n"));
    format!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title><style>{STYLE}</style></head><body>\n\
         <input type=\"radio\" name=\"language\" id=\"zh\"{zh}><input type=\"radio\" name=\"language\" id=\"en\"{en}>\n\
         <main><nav><label for=\"zh\">中文</label><label for=\"en\">English</label></nav>\n\
         <header><p class=\"mark\">{}</p><h1>{}</h1>{lead}</header>\n{warning}{body}</main></body></html>\n",
        escape(tab),
        both("模拟 · 未经实物测量", "simulated · nothing was measured on a machine"),
        of(title),
    )
}
