//! How answers travel: what has not changed is not sent again, text is sent compressed, and every refusal is a problem in both
//! languages.

use std::io::Write;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use leitai_proving::canonical::Digest;

use crate::api::Problem;
use crate::records::Text;

/// Below this, compressing saves no packet [bytes].
const SMALL: usize = 1024;
/// Above this, compressing would keep a thread that answers requests from others [bytes].
const LARGE: usize = 64 << 10;

/// Tag, condition and compression of what a handler answers; its refusals as problems.
pub(crate) async fn wire(mut request: Request, next: Next) -> Response {
    let (method, asked) = (request.method().clone(), request.headers().clone());
    if method == Method::HEAD {
        // Answered like GET, so that it says the same; only the body stays here.
        *request.method_mut() = Method::GET;
    }
    let mut response = next.run(request).await;
    if method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // What may be asked here stands in `Allow`.
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        return problem(response).await;
    }
    if status != StatusCode::OK || !matches!(method, Method::GET | Method::HEAD) {
        return response;
    }
    if is_text(response.headers()) && !response.headers().contains_key(header::ETAG) {
        response = tagged(response).await;
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    if is_known(&asked, response.headers()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
            response.headers_mut().remove(name);
        }
        *response.body_mut() = Body::empty();
        return response;
    }
    if is_text(response.headers()) && !response.headers().contains_key(header::CONTENT_ENCODING) {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if accepts_gzip(&asked) {
            response = compressed(response).await;
        }
    }
    if method == Method::HEAD {
        if let Some(bytes) = response.body().size_hint().exact() {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
        }
        *response.body_mut() = Body::empty();
    }
    response
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/") || kind.starts_with("application/json")
}

/// The tag of these bytes, in whatever coding they are sent.
pub(crate) fn tag(bytes: &[u8]) -> HeaderValue {
    HeaderValue::try_from(format!("W/\"{}\"", &Digest::of_bytes(bytes).to_string()[..32])).expect("hexadecimal digits")
}

async fn whole(body: Body) -> Result<axum::body::Bytes, Response> {
    // What a handler made is in memory already.
    to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn tagged(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = match whole(body).await {
        Ok(bytes) => bytes,
        Err(broken) => return broken,
    };
    parts.headers.insert(header::ETAG, tag(&bytes));
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    Response::from_parts(parts, Body::from(bytes))
}

/// Whether who asks has it already.
fn is_known(asked: &HeaderMap, answer: &HeaderMap) -> bool {
    let Some(tag) = answer.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else { return false };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_string();
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).any(|known| known.trim() == "*" || bare(known) == bare(tag))
}

/// Whether who asks takes gzip.
pub(crate) fn accepts_gzip(asked: &HeaderMap) -> bool {
    let codings = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse().unwrap_or(1.0);
        name.trim().eq_ignore_ascii_case("gzip") && weight > 0.0
    })
}

/// These bytes as a gzip member.
pub(crate) fn gzip(bytes: &[u8], how: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), how);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all that is written")
}

async fn compressed(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = match whole(body).await {
        Ok(bytes) => bytes,
        Err(broken) => return broken,
    };
    if bytes.len() < SMALL {
        return Response::from_parts(parts, Body::from(bytes));
    }
    let packed = if bytes.len() < LARGE {
        gzip(&bytes, Compression::fast())
    } else {
        let packed = tokio::task::spawn_blocking(move || gzip(&bytes, Compression::fast())).await;
        packed.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
    };
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(packed.len()));
    Response::from_parts(parts, Body::from(packed))
}

/// A refusal that the server itself made (no such method, a body too large, an address that is no text) as a problem.
async fn problem(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind == "application/problem+json") {
        return response;
    }
    let (parts, body) = response.into_parts();
    let said = to_bytes(body, LARGE).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let (kind, title, zh, en) = match parts.status {
        StatusCode::METHOD_NOT_ALLOWED => (
            "no-such-method",
            Text::new("此地址不支持该方法", "this address does not take that method"),
            "响应头 Allow 列出可用的方法",
            "the header Allow names those it takes",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "too-large",
            Text::new("请求正文过大", "the body is too large"),
            "证据包最大 256 MiB，其余请求最大 2 MiB",
            "a bundle has at most 256 MiB, any other body 2 MiB",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "wrong-type",
            Text::new("请求正文的类型有误", "the body is of the wrong type"),
            "设置 Content-Type；格式见 /api/v1/openapi.json",
            "set Content-Type; /api/v1/openapi.json has its form",
        ),
        _ => (
            "wrong-request",
            Text::new("请求有误", "the request is wrong"),
            "检查地址和请求正文；格式见 /api/v1/openapi.json",
            "check address and body; /api/v1/openapi.json has their form",
        ),
    };
    let (zh, en) =
        if said.is_empty() { (zh.to_string(), en.to_string()) } else { (format!("{said}；{zh}"), format!("{said}; {en}")) };
    let mut answer = Problem::new(parts.status, kind, title, Text::new(zh, en)).into_response();
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}
