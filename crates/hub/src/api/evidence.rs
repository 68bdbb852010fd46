//! Evidence: published, listed, looked at, taken away.

use std::future::poll_fn;
use std::io::Write;
use std::pin::Pin;

use axum::body::{Body, HttpBody};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use leitai_proving::bundle::{Bundle, BundleError};
use leitai_proving::canonical::Digest;
use leitai_proving::report;
use leitai_proving::verify::own_seed;
use tempfile::NamedTempFile;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Allowed, ask};
use super::{Asked, Opens, Problem, WhichPage};
use crate::Hub;
use crate::records::{Evidence, EvidenceLine, Page, Text};
use crate::store::{StoreError, bundles, evidence};

/// The largest bundle that is taken [bytes].
const MOST_BYTES: usize = 256 << 20;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list, publish)).routes(routes!(one))
}

pub(super) fn documents() -> Router<Hub> {
    Router::new().route("/evidence/{digest}/report", get(page)).route("/evidence/{digest}/bundle", get(bundle))
}

/// Evidence, newest first
#[utoipa::path(
    get, path = "/", params(WhichPage, evidence::Filter),
    responses((status = 200, body = Page<EvidenceLine>), (status = 400, body = Problem))
)]
async fn list(
    State(hub): State<Hub>,
    which: WhichPage,
    Asked(filter): Asked<evidence::Filter>,
) -> Result<Json<Page<EvidenceLine>>, Problem> {
    let current = hub.current();
    Ok(Json(hub.read(move |db| evidence::page(db, &filter, &current, which.page, which.per_page)).await?))
}

/// A piece of evidence
#[utoipa::path(
    get, path = "/{digest}", params(("digest" = String, Path, description = "Digest of the bundle, 64 hex digits")),
    responses((status = 200, body = Evidence), (status = 404, body = Problem))
)]
async fn one(State(hub): State<Hub>, Path(digest): Path<String>) -> Result<Json<Evidence>, Problem> {
    Ok(Json(found(&hub, &digest).await?.1))
}

async fn found(hub: &Hub, text: &str) -> Result<(Digest, Evidence), Problem> {
    let unknown = || Problem::not_found(Text::new("证据", "evidence"), text);
    let digest: Digest = text.parse().map_err(|_| unknown())?;
    let current = hub.current();
    let found = hub.read(move |db| evidence::find(db, &digest.to_string(), &current)).await?;
    found.map(|evidence| (digest, evidence)).ok_or_else(unknown)
}

/// Publishes a bundle
///
/// The body is the bundle itself, as `leitai prove` wrote it. Its digests and signature are checked before it is taken; then a
/// sample of its trials is run again in the background. The same bundle again changes nothing and answers 200.
#[utoipa::path(
    post, path = "/", request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = Evidence), (status = 200, body = Evidence, description = "It was here already"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 413, body = Problem, description = "Larger than 256 MiB"),
    ),
    security(("token" = ["publish"]), ("session" = ["publish"]))
)]
async fn publish(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Publish>,
    body: Body,
) -> Result<(StatusCode, Json<Evidence>), Problem> {
    let spool = bundles::spool(hub.store().folder())?;
    let spool = received(body, spool).await?;
    // One after the other, so that uploads cannot fill the memory.
    let _turn = hub.upload_turn().await;
    let trials = hub.sample();
    let inside = hub.clone();
    let (digest, new) = hub
        .blocking(move || {
            let bytes = bundles::spooled(&spool)?;
            let bundle = Bundle::from_bytes(&bytes).map_err(|error| refused(&error))?;
            let signer = bundle.signer(inside.trust()).map_err(|error| refused(&error))?;
            let digest = bundle.digest();
            bundles::keep(inside.store().folder(), &digest, spool)?;
            let size = bytes.len() as u64;
            let seed = own_seed().expect("the system gives random bytes");
            let new = inside.store().write(|db| evidence::put(db, &bundle, &signer, size, actor.id(), trials, seed))?;
            Ok::<_, Problem>((digest, new))
        })
        .await?;
    hub.wake_worker();
    let (_, evidence) = found(&hub, &digest.to_string()).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(evidence)))
}

/// Writes a body to a file as it arrives, so that bundles that come slowly wait on the disk and not in memory.
async fn received(mut body: Body, mut spool: NamedTempFile) -> Result<NamedTempFile, Problem> {
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let broken = |_| Problem::wrong("请求正文没有发完；请重新发送", "the body broke off; send it again");
        let frame = frame.map_err(broken)?;
        let Some(data) = frame.data_ref() else { continue };
        bytes += data.len();
        if bytes > MOST_BYTES {
            let title = Text::new("证据包过大", "the bundle is too large");
            let detail = Text::new("证据包最大 256 MiB", "a bundle has at most 256 MiB");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title, detail));
        }
        spool.write_all(data).map_err(|source| StoreError::File { file: spool.path().to_path_buf(), source })?;
    }
    Ok(spool)
}

fn refused(error: &BundleError) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "bundle-refused",
        Text::new("证据包被拒绝", "the bundle is refused"),
        Text::new(
            format!("{error}。请发送 leitai prove 写出的原始 .leitai 文件"),
            format!("{error}; send the .leitai file as leitai prove wrote it"),
        ),
    )
}

/// The report of a bundle.
async fn page(State(hub): State<Hub>, Path(digest): Path<String>, Asked(opens): Asked<Opens>) -> Result<Response, Problem> {
    let (digest, _) = found(&hub, &digest).await?;
    let inside = hub.clone();
    let html = hub
        .blocking(move || {
            let bytes = bundles::read(inside.store().folder(), &digest)?;
            let bundle = Bundle::from_bytes(&bytes).map_err(|error| refused(&error))?;
            let signer = bundle.signer(inside.trust()).map_err(|error| refused(&error))?;
            Ok::<_, Problem>(report::render_bundle(&bundle, signer, opens.language()))
        })
        .await?;
    let html = html.ok_or_else(|| Problem::not_found(Text::new("报告", "report"), &digest.to_string()))?;
    Ok((crate::serve::framed(), Html(html)).into_response())
}

/// The bundle itself.
async fn bundle(State(hub): State<Hub>, Path(digest): Path<String>) -> Result<Response, Problem> {
    let (digest, evidence) = found(&hub, &digest).await?;
    let inside = hub.clone();
    let bytes = hub.blocking(move || Ok::<_, Problem>(bundles::read(inside.store().folder(), &digest)?)).await?;
    let name = format!("{}-{}-{}.leitai", evidence.line.robot, evidence.line.scenario, digest.short());
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::ETAG, format!("\"{digest}\"")),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}
