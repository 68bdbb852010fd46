//! The monitor: indicators, districts, enterprises, parts and gaps.

use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Asked, Problem, WhichPage};
use crate::Hub;
use crate::records::{
    DistrictDetail, DistrictLine, EnterpriseCount, FigureRecord, Gap, GapKind, IndicatorDetail, Indicators, Page, PartLink, Text,
};
use crate::store::figures::Figures;
use crate::store::monitor::{self, RecordFilter};
use crate::store::{self, imports, ledger};
use crate::{indicators, indicators::Stated};

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(records))
        .routes(routes!(districts))
        .routes(routes!(district))
        .routes(routes!(enterprises))
        .routes(routes!(parts))
        .routes(routes!(gaps))
}

/// Answers from the figures that the monitor counts, once for each length of the ledger.
async fn answer<T: Serialize>(
    hub: &Hub,
    asked: Uri,
    look: impl FnOnce(&Connection, &Figures) -> store::Result<T> + Send + 'static,
) -> Result<Response, Problem> {
    let inside = hub.clone();
    let body = hub.read(move |db| {
        let figures = inside.figures(db)?;
        let make = || Ok(serde_json::to_vec(&look(db, &figures)?)?.into());
        // Figures may be newer than what this reader sees; then its answer is nobody else's.
        if ledger::length(db)? == figures.ledger { figures.answers.or_make(&asked.to_string(), make) } else { make() }
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], body.await?).into_response())
}

fn stated(id: &str) -> Result<&'static Stated, Problem> {
    indicators::find(id).ok_or_else(|| Problem::not_found(Text::new("指标", "indicator"), id))
}

/// What the plan counts, and how far it is
#[utoipa::path(get, path = "/indicators", responses((status = 200, body = Indicators)))]
async fn list(State(hub): State<Hub>, asked: Uri) -> Result<Response, Problem> {
    let found = answer(&hub, asked, |db, figures| {
        let indicators = indicators::ALL.iter().map(|stated| monitor::indicator(db, figures, stated));
        Ok(Indicators { ledger: figures.ledger, indicators: indicators.collect::<store::Result<_>>()? })
    });
    found.await
}

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Step {
    #[default]
    Month,
    Day,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Per {
    /// The series' step
    per: Option<Step>,
}

/// An indicator, its parts and how it grew
#[utoipa::path(
    get, path = "/indicators/{id}", params(("id" = String, Path, description = "The indicator: `products`"), Per),
    responses((status = 200, body = IndicatorDetail), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn one(
    State(hub): State<Hub>,
    asked: Uri,
    Path(id): Path<String>,
    Asked(Per { per }): Asked<Per>,
) -> Result<Response, Problem> {
    let stated = stated(&id)?;
    let by_day = matches!(per, Some(Step::Day));
    answer(&hub, asked, move |db, figures| monitor::detail(db, figures, stated, by_day)).await
}

/// The records behind a figure
///
/// Products or scenarios with the evidence that counts, or every figure that was ever reported, newest first.
#[utoipa::path(
    get, path = "/indicators/{id}/records",
    params(("id" = String, Path, description = "The indicator: `products`"), WhichPage, RecordFilter),
    responses((status = 200, body = Page<FigureRecord>), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn records(
    State(hub): State<Hub>,
    asked: Uri,
    Path(id): Path<String>,
    which: WhichPage,
    Asked(filter): Asked<RecordFilter>,
) -> Result<Response, Problem> {
    let stated = stated(&id)?;
    let found = answer(&hub, asked, move |db, figures| match monitor::subjects(figures, stated) {
        Some(subjects) => {
            let Page { items, total, page, per_page } = monitor::counted(figures, stated, subjects, &filter, which);
            Ok(Page { items: items.into_iter().map(FigureRecord::Counted).collect(), total, page, per_page })
        }
        None => {
            let Page { items, total, page, per_page } =
                imports::history(db, stated.id, filter.district, which.page, which.per_page)?;
            Ok(Page { items: items.into_iter().map(FigureRecord::Reported).collect(), total, page, per_page })
        }
    });
    found.await
}

/// Every district, and what is known of it
#[utoipa::path(get, path = "/districts", responses((status = 200, body = Vec<DistrictLine>)))]
async fn districts(State(hub): State<Hub>, asked: Uri) -> Result<Response, Problem> {
    answer(&hub, asked, monitor::districts).await
}

/// A district: organizations, products, reported figures
#[utoipa::path(
    get, path = "/districts/{district}", params(("district" = String, Path, description = "The district: `haidian`")),
    responses((status = 200, body = DistrictDetail), (status = 404, body = Problem))
)]
async fn district(State(hub): State<Hub>, asked: Uri, Path(name): Path<String>) -> Result<Response, Problem> {
    let Ok(district) = serde_json::from_value(name.as_str().into()) else {
        return Err(Problem::not_found(Text::new("区", "district"), &name));
    };
    answer(&hub, asked, move |db, figures| monitor::district(db, figures, district)).await
}

/// Organizations by kind, tier and district
#[utoipa::path(get, path = "/enterprises", responses((status = 200, body = Vec<EnterpriseCount>)))]
async fn enterprises(State(hub): State<Hub>, asked: Uri) -> Result<Response, Problem> {
    answer(&hub, asked, |_, figures| Ok(monitor::enterprises(figures))).await
}

/// Parts: which scenarios ask for each, and which robots have proved something with it
#[utoipa::path(
    get, path = "/parts", params(WhichPage),
    responses((status = 200, body = Page<PartLink>), (status = 400, body = Problem))
)]
async fn parts(State(hub): State<Hub>, asked: Uri, which: WhichPage) -> Result<Response, Problem> {
    answer(&hub, asked, move |db, figures| monitor::parts(db, figures, which)).await
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichGaps {
    /// Of what
    kind: GapKind,
}

/// What is missing: scenarios that nobody has proved, products that have proved nothing, parts with which nothing was proved
///
/// Scenarios that organizations state needs for come first, then those with the most tries.
#[utoipa::path(
    get, path = "/gaps", params(WhichPage, WhichGaps),
    responses((status = 200, body = Page<Gap>), (status = 400, body = Problem))
)]
async fn gaps(State(hub): State<Hub>, asked: Uri, which: WhichPage, Asked(gaps): Asked<WhichGaps>) -> Result<Response, Problem> {
    answer(&hub, asked, move |db, figures| monitor::gaps(db, figures, gaps.kind, which)).await
}
