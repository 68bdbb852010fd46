//! Who asks: a browser that was let in by the link of the hub's first start, or a program with its token.
//!
//! A session is an HttpOnly, SameSite=Strict cookie; a change also needs the header `x-leitai`, which no other site's form can
//! send. A token needs neither.

use axum::Router;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::Problem;
use crate::Hub;
use crate::records::Text;
use crate::store::sessions::{self, Kind};

/// The session's cookie.
const COOKIE: &str = "leitai-session";
/// How long a session lasts.
const LASTS_MS: u64 = 30 * 24 * 3600 * 1000;

/// Somebody who may publish, and the name under which the ledger knows them.
#[derive(Clone, Debug)]
pub struct Publisher(pub String);

async fn publisher(parts: &Parts, hub: &Hub) -> Result<Option<Publisher>, Problem> {
    let (secret, kind) = if let Some(token) = token(&parts.headers) {
        (token, Kind::Token)
    } else if let Some(cookie) = cookie(&parts.headers) {
        (cookie, Kind::Session)
    } else {
        return Ok(None);
    };
    let changes = !parts.method.is_safe();
    if kind == Kind::Session && changes && !parts.headers.contains_key("x-leitai") {
        return Ok(None);
    }
    Ok(hub.read(move |db| sessions::who(db, &secret, kind)).await?.map(Publisher))
}

impl FromRequestParts<Hub> for Publisher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Problem> {
        publisher(parts, hub).await?.ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "not-signed-in",
                Text::new("需要登录或令牌", "this needs a session or a token"),
                Text::new(
                    "用 leitai serve 打印的链接登录，或在请求头中给出 Authorization: Bearer 令牌",
                    "sign in by the link that leitai serve prints, or send the header Authorization: Bearer TOKEN",
                ),
            )
        })
    }
}

impl OptionalFromRequestParts<Hub> for Publisher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Option<Self>, Problem> {
        publisher(parts, hub).await
    }
}

fn token(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::to_string)
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_string())
}

pub(super) fn router() -> Router<Hub> {
    Router::new().route("/enter", get(enter))
}

#[derive(Debug, Deserialize)]
struct Key {
    key: Option<String>,
}

/// Lets a browser in by the one-time link.
async fn enter(State(hub): State<Hub>, Query(Key { key }): Query<Key>) -> Result<Response, Problem> {
    if !key.is_some_and(|key| hub.use_link(&key)) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "link-used",
            Text::new("此链接无效或已用过", "this link is wrong or was used already"),
            Text::new("重新启动 leitai serve 以得到新链接", "start leitai serve again for a new one"),
        ));
    }
    let secret = crate::secret();
    let stored = secret.clone();
    hub.write(move |db| sessions::put(db, &stored, Kind::Session, crate::ADMIN, Some(LASTS_MS))).await?;
    let cookie = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}", LASTS_MS / 1000);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}
