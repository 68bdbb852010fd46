//! Imports: files of reported figures, with their sources.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Allowed, ask};
use super::{Asked, Problem, WhichPage, body};
use crate::Hub;
use crate::records::{Import, ImportDetail, ImportSource, Page, Text};
use crate::sheet::{self, Fault};
use crate::store::{figures, imports, now_ms};

pub(super) fn router() -> OpenApiRouter<Hub> {
    // A little more than a file may have, so that one that is too large is told so in words.
    let most = DefaultBodyLimit::max(sheet::MOST_BYTES + (1 << 16));
    OpenApiRouter::new().routes(routes!(list, import)).routes(routes!(one)).layer(most)
}

/// Where the figures of an import come from
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Source {
    /// Who published them
    #[param(min_length = 1, max_length = 120)]
    publisher: String,
    /// In what
    #[param(min_length = 1, max_length = 200)]
    title: String,
    /// When: `2026-01-31`
    date: String,
    /// Where they can be read: `https://…`
    url: Option<String>,
}

impl Source {
    fn checked(self) -> Result<ImportSource, Problem> {
        body::text("publisher", &self.publisher, 120)?;
        body::text("title", &self.title, 200)?;
        // No source of figures is older.
        let have_come = "1950-01-01".to_string()..=figures::day(now_ms());
        if !body::is_date(&self.date) || !have_come.contains(&self.date) {
            return Err(Problem::wrong(
                "date 须为已到的日期，写作 2026-01-31",
                "`date` is a day that has come, written 2026-01-31",
            ));
        }
        let url = self.url.filter(|url| !url.is_empty());
        if let Some(url) = &url {
            body::text("url", url, 500)?;
            let is_link = url.starts_with("https://") || url.starts_with("http://");
            if !is_link || url.contains(char::is_whitespace) {
                return Err(Problem::wrong(
                    "url 须以 https:// 或 http:// 开头，不含空格",
                    "`url` begins with https:// or http:// and has no spaces",
                ));
            }
        }
        let Self { publisher, title, date, .. } = self;
        Ok(ImportSource { publisher, title, date, url })
    }
}

/// Imports, newest first
#[utoipa::path(
    get, path = "/", params(WhichPage),
    responses((status = 200, body = Page<Import>), (status = 400, body = Problem))
)]
async fn list(State(hub): State<Hub>, which: WhichPage) -> Result<Json<Page<Import>>, Problem> {
    Ok(Json(hub.read(move |db| imports::page(db, which.page, which.per_page)).await?))
}

/// An import with its figures
#[utoipa::path(
    get, path = "/{digest}", params(("digest" = String, Path, description = "Digest of the import, 64 hex digits")),
    responses((status = 200, body = ImportDetail), (status = 404, body = Problem))
)]
async fn one(State(hub): State<Hub>, Path(digest): Path<String>) -> Result<Json<ImportDetail>, Problem> {
    Ok(Json(found(&hub, digest).await?))
}

async fn found(hub: &Hub, digest: String) -> Result<ImportDetail, Problem> {
    let wanted = digest.clone();
    let found = hub.read(move |db| imports::find(db, &wanted)).await?;
    found.ok_or_else(|| Problem::not_found(Text::new("导入", "import"), &digest))
}

/// Imports a file of reported figures
///
/// The body is CSV in UTF-8, with or without a byte-order mark. Its first line names the columns: `indicator` (an id of
/// /indicators whose kind is `reported`), `period` (`2025`, `2025-Q3` or `2025-09`), `district` (may be missing or empty: the whole
/// city), `value` (a plain number not below zero), `unit` (the indicator's), `note` (may be missing). All of it is taken or nothing:
/// at a fault the answer tells line and column of each. A row about the same indicator, period and district as an earlier one
/// supersedes it, and both stay in the history. The same file from the same source again changes nothing and answers 200.
#[utoipa::path(
    post, path = "/", params(Source), request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 201, body = ImportDetail), (status = 200, body = ImportDetail, description = "It was here already"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 413, description = "Larger than 1 MiB"),
    ),
    security(("token" = ["import"]), ("session" = ["import"]))
)]
async fn import(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Import>,
    Asked(source): Asked<Source>,
    file: Bytes,
) -> Result<(StatusCode, Json<ImportDetail>), Problem> {
    let source = source.checked()?;
    let rows = sheet::read(&file, &figures::day(now_ms())).map_err(|faults| refused(&faults))?;
    let digest = imports::digest(&source, &file);
    let wanted = digest.clone();
    let new = hub.write(move |db| Ok(imports::put(db, &wanted, &source, &rows, actor.id())?)).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(found(&hub, digest).await?)))
}

fn refused(faults: &[Fault]) -> Problem {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for fault in faults {
        let told = fault.told();
        zh.push(told.zh);
        en.push(told.en);
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "file-refused",
        Text::new("文件有误，没有导入任何数据", "the file has faults, and nothing of it was imported"),
        Text::new(zh.join("\n"), en.join("\n")),
    )
}
