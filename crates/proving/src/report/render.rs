//! From data to one HTML file that needs nothing else: no server, no network, no other file.

use super::data::Data;

/// Built from `web/` and committed, so that building needs no Node; `web/test/rebuild.sh` holds the two together.
const TEMPLATE: &str = include_str!("../../../../web/dist/report.html");
/// Where the data goes in, with the template's empty data.
const PLACE: &str = r#"id="leitai-data">null</script>"#;
/// What stands before the data.
const OPENING: &str = r#"id="leitai-data">"#;

/// The page that shows `data`. The same data gives the same bytes.
pub fn render(data: &Data) -> String {
    // The data holds strings, numbers, lists and maps with string keys, which JSON always has a form for.
    let json = serde_json::to_string(data).expect("page data has a JSON form");
    let (before, after) = TEMPLATE.split_once(PLACE).expect("the page has a place for its data");
    let mut page = String::with_capacity(TEMPLATE.len() + json.len() + json.len() / 16);
    page.push_str(before);
    page.push_str(OPENING);
    // A `<` stands only inside JSON strings. Written as an escape it can neither end the element nor open a comment in it.
    for (i, part) in json.split('<').enumerate() {
        if i > 0 {
            page.push_str("\\u003c");
        }
        page.push_str(part);
    }
    page.push_str("</script>");
    page.push_str(after);
    page
}

/// The data of a page that [`render`] made; `None` for any other text. A page from a stranger is read this way and rendered anew,
/// so that nothing of theirs but the data reaches a browser.
#[must_use]
pub fn read(page: &[u8]) -> Option<Data> {
    let text = std::str::from_utf8(page).ok()?;
    let (_, rest) = text.split_once(OPENING)?;
    let (json, _) = rest.split_once("</script>")?;
    serde_json::from_str(json).ok()
}
