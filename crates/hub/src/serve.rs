//! The server: routes, the headers that every answer carries, and how it stops.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use tokio::net::TcpListener;

use crate::api::{self, Asked, Opens, Problem, limit};
use crate::records::Text;
use crate::{Hub, closing, connections, site, wire, worker};

/// What a page of ours may load: itself, and pages of ours in frames.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'; object-src 'none'";
/// What a report or a model's page may load: nothing; its script and data are inside it.
const ALONE: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; \
                     worker-src blob:; frame-ancestors 'self'; sandbox allow-scripts allow-downloads";

/// How often the wish to stop is looked at.
const BEAT: Duration = Duration::from_millis(100);
/// How long answers under way may take once the server is to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("{address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Something below the server failed.
    #[error("the server: {0}")]
    Io(#[from] std::io::Error),
}

/// Marks an answer as a page that stands alone in a frame.
#[derive(Clone, Copy)]
struct Framed;

/// For an answer that is a report or a model's page.
pub(crate) fn framed() -> Extension<impl Clone + Send + Sync + 'static> {
    Extension(Framed)
}

/// Answers at `address` until `stop` is set. `ready` is told the address once it listens.
///
/// # Errors
/// If the address cannot be listened at.
pub fn serve(
    hub: &Hub,
    address: SocketAddr,
    stop: &'static AtomicBool,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
        ready(listener.local_addr()?);
        let worker = tokio::spawn(worker::work(hub.clone(), stop));
        let watch = tokio::spawn(closing::watch(hub.clone(), stop));
        // The first count reads every proof; nobody need wait for it.
        let counting = hub.clone();
        tokio::task::spawn_blocking(move || counting.store().read(|db| counting.figures(db)).map(|_| ()));
        let stopped = || async {
            while !stop.load(Ordering::Relaxed) {
                tokio::time::sleep(BEAT).await;
            }
        };
        let serving = connections::answer(listener, router(hub.clone()), stopped());
        // Answers under way may end; who never ends a request does not keep the server.
        let patience = async {
            stopped().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            () = serving => {}
            () = patience => {}
        }
        worker.abort();
        watch.abort();
        Ok(())
    });
    // A check that is under way sees `stop` after its trial; what it has not told is run again at the next start.
    runtime.shutdown_timeout(Duration::from_secs(2));
    served
}

/// Every address of the hub.
pub fn router(hub: Hub) -> Router {
    Router::new()
        .merge(api::router())
        .merge(api::documents())
        .route("/products/{id}/model", get(model))
        .route("/scenarios/{id}/model", get(model))
        .merge(site::router())
        .layer(middleware::from_fn_with_state(hub.clone(), limited))
        .layer(middleware::from_fn(wire::wire))
        .layer(middleware::from_fn(headers))
        .with_state(hub)
}

/// Refuses addresses that ask too often. This machine's own is not limited, unless a proxy asks for others.
async fn limited(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let Some(requests) = &hub.0.requests else { return next.run(request).await };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    let asker = if hub.0.options.proxied {
        // The proxy's own entry is the last; those before it are what the asker says.
        let told = request.headers().get_all("x-forwarded-for").iter().next_back();
        let last = told.and_then(|value| value.to_str().ok()).and_then(|text| text.rsplit(',').next());
        last.and_then(|text| text.trim().parse::<IpAddr>().ok()).or(peer)
    } else {
        peer.filter(|ip| !ip.is_loopback())
    };
    match asker.map_or(Ok(()), |asker| requests.take(&asker.to_string())) {
        Ok(()) => next.run(request).await,
        Err(wait) => limit::too_often(wait),
    }
}

async fn model(State(hub): State<Hub>, Path(id): Path<String>, Asked(opens): Asked<Opens>) -> Result<Response, Problem> {
    let (models, wanted) = (hub.0.options.models.clone(), id.clone());
    let page = hub.blocking(move || Ok(models(&wanted, opens.language()))).await?;
    let page = page.ok_or_else(|| Problem::not_found(Text::new("模型", "model"), &id))?;
    Ok((framed(), Html(page)).into_response())
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = if response.extensions().get::<Framed>().is_some() { ALONE } else { POLICY };
    let set = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in set {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
