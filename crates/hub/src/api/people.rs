//! Accounts, and the invitations that make them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Actor, Allowed, ask};
use super::session::{check_password, sealed};
use super::{Problem, Sent, WhichPage, body, limit};
use crate::Hub;
use crate::records::{Account, Invitation, Joining, NewInvitation, Page, Reason, Text};
use crate::store::secrets::{self, Invited};
use crate::store::{accounts, now_ms, organizations};

/// How long an invitation lasts.
const LASTS_MS: u64 = 7 * 24 * 3600 * 1000;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(close)).routes(routes!(invite)).routes(routes!(join))
}

/// Accounts, by id
#[utoipa::path(
    get, path = "/accounts", params(WhichPage),
    responses(
        (status = 200, body = Page<Account>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem),
    ),
    security(("token" = ["manage"]), ("session" = ["manage"]))
)]
async fn list(State(hub): State<Hub>, _: Allowed<ask::Manage>, which: WhichPage) -> Result<Json<Page<Account>>, Problem> {
    Ok(Json(hub.read(move |db| accounts::page(db, which.page, which.per_page)).await?))
}

/// Closes an account
///
/// It signs in no more; what it did stays in the ledger.
#[utoipa::path(
    delete, path = "/accounts/{id}", params(("id" = String, Path, description = "The account")), request_body = Reason,
    responses(
        (status = 204, description = "Closed"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    ),
    security(("token" = ["manage"]), ("session" = ["manage"]))
)]
async fn close(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Manage>,
    Path(id): Path<String>,
    Sent(reason): Sent<Reason>,
) -> Result<StatusCode, Problem> {
    body::text("why", &reason.why, 500)?;
    if id == accounts::OPERATOR {
        return Err(Problem::wrong(
            "运行者的账户不能关闭",
            "the operator's account cannot be closed: the hub's own token is its",
        ));
    }
    let account = id.clone();
    let closed = hub.write(move |db| Ok(accounts::close(db, &account, actor.id(), &reason.why)?)).await?;
    if closed { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found(Text::new("账户", "account"), &id)) }
}

/// Invites somebody
///
/// An owner invites to the own organization; who manages the hub, to any, or to run the hub.
#[utoipa::path(
    post, path = "/invitations", request_body = NewInvitation,
    responses(
        (status = 201, body = Invitation), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    ),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn invite(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Own>,
    Sent(wanted): Sent<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    match &wanted.organization {
        Some(organization) if !wanted.operator => actor.owns(organization)?,
        _ if !actor.account.operator => {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "not-yours",
                Text::new("只有运行者能这样邀请", "only the operator may invite so"),
                Text::new("在 organization 中写上你所有的机构", "name an organization of yours in `organization`"),
            ));
        }
        _ => {}
    }
    let (secret, ends_ms) = (crate::secret(), now_ms() + LASTS_MS);
    let stored = secret.clone();
    hub.write(move |db| {
        if let Some(id) = &wanted.organization {
            organizations::find(db, id)?.ok_or_else(|| Problem::not_found(Text::new("机构", "organization"), id))?;
        }
        let NewInvitation { organization, role, operator } = wanted;
        let invited = Invited { organization, role, operator, made_by: actor.id().to_string() };
        Ok(secrets::invite(db, &stored, &invited, ends_ms)?)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(Invitation { page: format!("/join#{secret}"), ends_ms })))
}

/// Takes an invitation up
///
/// A newcomer makes an account; who is signed in joins with the own one.
#[utoipa::path(
    post, path = "/invitations/join", request_body = Joining,
    responses(
        (status = 204, description = "Joined"), (status = 400, body = Problem),
        (status = 403, body = Problem, description = "The invitation is wrong, used or ended"),
        (status = 409, body = Problem, description = "The name is taken"), (status = 429, body = Problem),
    )
)]
async fn join(State(hub): State<Hub>, actor: Option<Actor>, Sent(joining): Sent<Joining>) -> Result<Response, Problem> {
    // All strangers share one bucket: nobody guesses 256 bits, and hashes cost.
    if let Err(wait) = hub.0.tries.take("join") {
        return Ok(limit::too_often(wait));
    }
    let Joining { key, newcomer } = joining;
    let new = match newcomer {
        Some(newcomer) => {
            body::id("account", &newcomer.account)?;
            body::text("name", &newcomer.name, 80)?;
            check_password(&newcomer.password)?;
            let sealed = sealed(&hub, newcomer.password).await?;
            Some((newcomer.account, newcomer.name, sealed))
        }
        None => None,
    };
    hub.write(move |db| {
        let invited = secrets::take_up(db, &key)?.ok_or_else(unknown)?;
        let account = match (&new, &actor) {
            (Some((id, name, sealed)), _) => {
                let taken = accounts::RESERVED.contains(&id.as_str());
                if taken || !accounts::make(db, id, name, invited.operator, sealed, &invited.made_by)? {
                    return Err(taken_name(id));
                }
                id.as_str()
            }
            (None, Some(actor)) if !invited.operator || actor.account.operator => actor.id(),
            (None, _) => {
                let en =
                    "this invitation needs a new account: give `newcomer`, or sign in first where it only joins an organization";
                return Err(Problem::wrong("此邀请需要新账户：给出 newcomer；若只是加入机构，请先登录", en));
            }
        };
        if let Some(organization) = &invited.organization {
            let why = format!("invited by {}", invited.made_by);
            organizations::join(db, organization, account, invited.role, account, &why)?;
        }
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn unknown() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "invitation-used",
        Text::new("此邀请无效、已用过或已过期", "this invitation is wrong, was used or has ended"),
        Text::new("向邀请你的人要一个新的", "ask whoever invited you for a new one"),
    )
}

fn taken_name(id: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "name-taken",
        Text::new(format!("账户名“{id}”已有人用"), format!("the account name `{id}` is taken")),
        Text::new("换一个名字；邀请仍然有效", "choose another; the invitation is still good"),
    )
}
