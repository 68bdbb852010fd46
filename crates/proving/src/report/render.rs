//! From data to one HTML file that needs nothing else: no server, no network, no other file.

use super::data::{Data, Language, Signature};
use crate::bundle::Bundle;
use crate::envelope::Signer;

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

/// The report of a bundle that `signer` signed, with what it cannot say of itself: its digest and who signed. None if the bundle has
/// no report that this version can read.
///
/// The page is made anew from the report's data, so nothing executable of a stranger's reaches a browser.
#[must_use]
pub fn render_bundle(bundle: &Bundle, signer: Signer, language: Language) -> Option<String> {
    let Some(Data::Report(mut report)) = bundle.evidence.report_html.as_deref().and_then(read) else { return None };
    let unknown = || match language {
        Language::Zh => "未知签署者".to_string(),
        Language::En => "unknown signer".to_string(),
    };
    report.language = language;
    report.bundle_digest = Some(bundle.digest().to_string());
    report.signature = match signer {
        Signer::Unsigned => None,
        Signer::Signed { key_id, trusted_as } => Some(Signature {
            trusted: trusted_as.is_some(),
            signer: trusted_as.unwrap_or_else(unknown),
            key: format!("ed25519 {key_id}"),
        }),
    };
    Some(render(&Data::Report(report)))
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
