//! The site: one page whose script shows every address, built from `web/` and committed, so that building needs no Node.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;

use crate::api::Problem;
use crate::records::Text;
use crate::{Hub, wire};

/// A file of `web/dist/hub`.
macro_rules! file {
    ($kind:literal, $name:literal) => {
        File {
            kind: $kind,
            text: include_str!(concat!("../../../web/dist/hub/", $name)),
            packed: LazyLock::new(|| wire::gzip(include_bytes!(concat!("../../../web/dist/hub/", $name)), Compression::best())),
            tag: LazyLock::new(|| wire::tag(include_bytes!(concat!("../../../web/dist/hub/", $name)))),
        }
    };
}

static PAGE: File = file!("text/html; charset=utf-8", "index.html");
static SCRIPT: File = file!("text/javascript; charset=utf-8", "site.js");
static STYLE: File = file!("text/css; charset=utf-8", "site.css");

/// The addresses that the site's script shows.
const PAGES: &[&str] = &[
    "/",
    "/account",
    "/catalog",
    "/challenges",
    "/challenges/{id}",
    "/evidence",
    "/evidence/{digest}",
    "/join",
    "/ledger",
    "/match",
    "/monitor",
    "/organizations",
    "/organizations/{id}",
    "/products/{id}",
    "/proofs",
    "/scenarios/{id}",
    "/sign-in",
];

pub(crate) fn router() -> Router<Hub> {
    let mut router = Router::new()
        .route("/site.js", get(|headers: HeaderMap| async move { SCRIPT.answer(&headers) }))
        .route("/site.css", get(|headers: HeaderMap| async move { STYLE.answer(&headers) }))
        .fallback(nothing);
    let page = |headers: HeaderMap| async move { PAGE.answer(&headers) };
    for address in PAGES {
        router = router.route(address, get(page));
    }
    router
}

/// A file of the site; tagged and packed when first asked for.
struct File {
    kind: &'static str,
    text: &'static str,
    packed: LazyLock<Vec<u8>>,
    tag: LazyLock<HeaderValue>,
}

impl File {
    fn answer(&'static self, asked: &HeaderMap) -> Response {
        let kind = HeaderValue::from_static(self.kind);
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::ETAG, self.tag.clone()),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        let cached = [(header::CACHE_CONTROL, "no-cache")];
        if wire::accepts_gzip(asked) {
            (headers, cached, [(header::CONTENT_ENCODING, "gzip")], &self.packed[..]).into_response()
        } else {
            (headers, cached, self.text).into_response()
        }
    }
}

async fn nothing() -> Response {
    let detail = Text::new(
        "检查地址；首页在 /，接口说明在 /api/v1/openapi.json",
        "check it; the site begins at /, the API is told at /api/v1/openapi.json",
    );
    Problem::new(StatusCode::NOT_FOUND, "not-found", Text::new("没有这个地址", "there is no such address"), detail)
        .into_response()
}
