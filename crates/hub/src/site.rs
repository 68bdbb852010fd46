//! The site: one page whose script shows every address, built from `web/` and committed, so that building needs no Node.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::Hub;
use crate::api::Problem;
use crate::records::Text;

const PAGE: &str = include_str!("../../../web/dist/hub/index.html");
const SCRIPT: &str = include_str!("../../../web/dist/hub/site.js");
const STYLE: &str = include_str!("../../../web/dist/hub/site.css");

/// The addresses that the site's script shows.
const PAGES: &[&str] = &[
    "/",
    "/account",
    "/catalog",
    "/evidence",
    "/evidence/{digest}",
    "/join",
    "/ledger",
    "/organizations",
    "/organizations/{id}",
    "/products/{id}",
    "/scenarios/{id}",
    "/sign-in",
];

pub(crate) fn router() -> Router<Hub> {
    let page = || async { file("text/html; charset=utf-8", PAGE) };
    let mut router = Router::new()
        .route("/site.js", get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }))
        .route("/site.css", get(|| async { file("text/css; charset=utf-8", STYLE) }))
        .fallback(nothing);
    for address in PAGES {
        router = router.route(address, get(page));
    }
    router
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

async fn nothing() -> Response {
    let detail = Text::new(
        "检查地址；首页在 /，接口说明在 /api/v1/openapi.json",
        "check it; the site begins at /, the API is told at /api/v1/openapi.json",
    );
    Problem::new(StatusCode::NOT_FOUND, "not-found", Text::new("没有这个地址", "there is no such address"), detail)
        .into_response()
}
