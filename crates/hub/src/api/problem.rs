//! What went wrong with a request, as `application/problem+json` (RFC 9457), in both languages: what, and what to change.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::records::Text;
use crate::store::StoreError;

/// What went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A word for programs: `not-found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong.
    pub title: Box<Text>,
    /// More, and what to change.
    pub detail: Box<Text>,
    /// The HTTP status.
    pub status: u16,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(status: StatusCode, kind: &str, title: Text, detail: Text) -> Self {
        Self { kind: kind.to_string(), title: title.into(), detail: detail.into(), status: status.as_u16() }
    }

    /// There is no such record.
    pub fn not_found(what: Text, id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            Text::new(format!("没有{}“{id}”", what.zh), format!("there is no {} `{id}`", what.en)),
            Text::new("检查编号；列表中有全部记录", "check the id; the lists show every record"),
        )
    }

    /// A word in the address or body is wrong.
    pub fn wrong(zh: impl Into<String>, en: impl Into<String>) -> Self {
        let title = Text::new("请求有误", "the request is wrong");
        Self::new(StatusCode::BAD_REQUEST, "wrong-request", title, Text::new(zh, en))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // Where files are is nothing for strangers; whoever runs the hub reads it in the log.
        eprintln!("leitai: {error}");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "store",
            Text::new("存储出错，没有任何改动", "the store failed, and nothing was changed"),
            Text::new("稍后重试；运行者可在日志中看到原因", "try again later; whoever runs this hub finds the cause in its log"),
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
