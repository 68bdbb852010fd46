//! The HTTP API: everything the pages show and do.

mod actor;
mod body;
mod catalog;
mod challenges;
mod description;
mod evidence;
mod imports;
pub mod limit;
mod matching;
mod monitor;
mod needs;
mod offers;
mod organizations;
mod page;
mod people;
mod problem;
mod proofs;
mod session;
mod submissions;

use axum::Router;
use axum::extract::State;
use axum::{Json, routing::get};
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use body::Sent;
pub use page::{Asked, Opens, WhichPage};
pub use problem::Problem;

use crate::Hub;
use crate::records::{Entry, Page, Summary};
use crate::store::shelf::ShelfCounts;
use crate::store::{catalog as records, evidence as evidence_records, ledger};

#[derive(OpenApi)]
#[openapi(servers((url = "/api/v1")), modifiers(&Secrets), info(
    title = "Leitai hub",
    description = "Products, jobs and evidence that anyone runs again. Texts come in Chinese (`zh`) and English (`en`)."
))]
struct Document;

/// How who asks is known.
struct Secrets;

impl Modify for Secrets {
    fn modify(&self, document: &mut Description) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A program's token, made at /api/v1/session/tokens"));
        let session = ApiKeyValue::with_description(
            actor::COOKIE,
            "A browser's session; a change also carries `csrf_token` of /api/v1/session in the header `x-csrf-token`",
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(token.build()));
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    }
}

/// Everything below `/api/v1`, with its description at `/api/v1/openapi.json`.
pub(crate) fn router() -> Router<Hub> {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(summary))
        .routes(routes!(entries))
        .nest("/products", catalog::products())
        .nest("/scenarios", catalog::scenarios())
        .nest("/evidence", evidence::router())
        .nest("/challenges", challenges::router())
        .nest("/organizations", organizations::router())
        .nest("/proofs", proofs::router())
        .merge(proofs::key_router())
        .nest("/imports", imports::router())
        .merge(monitor::router())
        .nest("/offers", offers::router())
        .nest("/needs", needs::router())
        .nest("/match", matching::router())
        .merge(session::router())
        .merge(people::router())
        .split_for_parts();
    let document = serde_json::to_value(&document).expect("the description is plain data");
    let document = description::with_refusals(document).to_string();
    let document = get(move || async move { ([("content-type", "application/json")], document) });
    Router::new().nest("/api/v1", router.route("/openapi.json", document))
}

/// Pages outside the API that a record has: its report, bundle or model.
pub(crate) fn documents() -> Router<Hub> {
    Router::new().merge(evidence::documents()).merge(session::documents())
}

/// What the hub holds
#[utoipa::path(get, path = "/summary", responses((status = 200, body = Summary)))]
async fn summary(State(hub): State<Hub>) -> Result<Json<Summary>, Problem> {
    let engine = hub.current().engine().to_string();
    let inside = hub.clone();
    let summary = hub
        .read(move |db| {
            let shelf = inside.store().shelf(db)?;
            let ShelfCounts { classes, sectors } = shelf.counts().clone();
            Ok(Summary {
                products: shelf.all_products().len() as u64,
                scenarios: shelf.all_scenarios().len() as u64,
                classes,
                sectors,
                evidence: evidence_records::count(db)?,
                verdicts: records::counts(db, "all", "")?,
                ledger: ledger::length(db)?,
                engine,
            })
        })
        .await?;
    Ok(Json(summary))
}

#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct About {
    /// Only entries about this record: `product/ur20`
    subject: Option<String>,
}

/// The ledger, newest first
#[utoipa::path(
    get, path = "/ledger", params(WhichPage, About),
    responses((status = 200, body = Page<Entry>), (status = 400, body = Problem))
)]
async fn entries(State(hub): State<Hub>, which: WhichPage, Asked(about): Asked<About>) -> Result<Json<Page<Entry>>, Problem> {
    let found = hub.read(move |db| ledger::page(db, about.subject.as_deref(), which.page, which.per_page)).await?;
    Ok(Json(found))
}
