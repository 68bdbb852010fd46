//! Signing in and out, one's password, and the tokens of one's programs.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Actor, Allowed, COOKIE, ask, csrf_token};
use super::{Problem, Sent, body, limit};
use crate::Hub;
use crate::records::{MadeToken, NewPassword, NewToken, Session, SignIn, Text, Token};
use crate::store::secrets::{self, Kind, New};
use crate::store::{accounts, ledger};

/// How long a session lasts.
const LASTS_MS: u64 = 30 * DAY_MS;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// Tokens of one account.
const MOST_TOKENS: usize = 100;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(who, sign_in, sign_out))
        .routes(routes!(set_password))
        .routes(routes!(tokens, make_token))
        .routes(routes!(take_back))
}

/// Pages that sign in by themselves.
pub(super) fn documents() -> Router<Hub> {
    Router::new().route("/enter", get(enter))
}

fn session(actor: Option<Actor>) -> Session {
    let abilities = actor.as_ref().map(Actor::abilities).unwrap_or_default();
    let csrf_token = actor.as_ref().and_then(|actor| actor.session.as_deref()).map(csrf_token);
    Session { account: actor.map(|actor| actor.account), abilities, csrf_token }
}

/// Who asks
#[utoipa::path(get, path = "/session", responses((status = 200, body = Session)))]
async fn who(actor: Option<Actor>) -> Json<Session> {
    Json(session(actor))
}

/// Signs in
///
/// The answer sets the session's cookie.
#[utoipa::path(
    post, path = "/session", request_body = SignIn,
    responses(
        (status = 204, description = "Signed in"), (status = 400, body = Problem),
        (status = 401, body = Problem, description = "No such account, or another password"),
        (status = 429, body = Problem, description = "Too many tries"),
    )
)]
async fn sign_in(State(hub): State<Hub>, Sent(asked): Sent<SignIn>) -> Result<Response, Problem> {
    // Names are kept for a while, so longer ones than there are do not come in.
    if asked.account.len() > 40 || asked.password.len() > 1000 {
        return Err(wrong_password());
    }
    if let Err(wait) = hub.0.tries.take(&asked.account) {
        return Ok(limit::too_often(wait));
    }
    // A hash takes 19 MiB and tens of milliseconds of a processor, so few are made at once.
    let _turn = hub.hash_turn().await;
    let (account, inside) = (asked.account.clone(), hub.clone());
    let opens = hub.blocking(move || {
        let stored = inside.store().read(|db| accounts::password(db, &asked.account))?;
        Ok(accounts::opens(stored.as_deref(), &asked.password))
    });
    if !opens.await? {
        return Err(wrong_password());
    }
    let cookie = open_session(&hub, account).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn wrong_password() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong-password",
        Text::new("账户或密码不对", "no such account, or another password"),
        Text::new("检查两者；忘记密码请联系运行者", "check both; whoever forgot theirs asks the operator"),
    )
}

/// Opens a session of `account`; the cookie that carries it.
async fn open_session(hub: &Hub, account: String) -> Result<HeaderValue, Problem> {
    let secret = crate::secret();
    let stored = secret.clone();
    hub.write(move |db| {
        let new = New { kind: Kind::Session, account: &account, label: "", abilities: None, lasts_ms: Some(LASTS_MS) };
        Ok(secrets::put(db, &stored, new)?)
    })
    .await?;
    Ok(cookie(hub, &secret, LASTS_MS / 1000))
}

fn cookie(hub: &Hub, secret: &str, lasts_s: u64) -> HeaderValue {
    // Behind a proxy the browser speaks TLS to it.
    let secure = if hub.0.options.proxied { "; Secure" } else { "" };
    let text = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts_s}{secure}");
    HeaderValue::from_str(&text).expect("a secret has only letters that a header may")
}

/// Signs out
#[utoipa::path(
    delete, path = "/session",
    responses((status = 204, description = "Signed out"), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn sign_out(State(hub): State<Hub>, Allowed(actor, _): Allowed<ask::Own>) -> Result<Response, Problem> {
    if let Some(secret) = actor.session {
        hub.write(move |db| Ok(secrets::forget(db, &secret)?)).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&hub, "", 0))]).into_response())
}

/// Lets a browser in by the one-time link that the operator's terminal shows.
async fn enter(State(hub): State<Hub>, Query(Key { key }): Query<Key>) -> Result<Response, Problem> {
    if !key.is_some_and(|key| hub.use_link(&key)) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "link-used",
            Text::new("此链接无效或已用过", "this link is wrong or was used already"),
            Text::new("重新启动 leitai serve 以得到新链接", "start leitai serve again for a new one"),
        ));
    }
    let cookie = open_session(&hub, accounts::OPERATOR.to_string()).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

#[derive(Debug, Deserialize)]
struct Key {
    key: Option<String>,
}

/// Refuses a password that is too short to be safe or too long to be one.
pub(super) fn check_password(password: &str) -> Result<(), Problem> {
    if (10..=200).contains(&password.chars().count()) {
        return Ok(());
    }
    Err(Problem::wrong("密码须为 10 至 200 个字符", "a password has 10 to 200 characters"))
}

/// The stored form of a new password.
pub(super) async fn sealed(hub: &Hub, password: String) -> Result<String, Problem> {
    let _turn = hub.hash_turn().await;
    hub.blocking(move || Ok(accounts::seal(&password, crate::random_bytes()))).await
}

/// Chooses a new password
///
/// All other sessions of the account end.
#[utoipa::path(
    put, path = "/session/password", request_body = NewPassword,
    responses(
        (status = 204, description = "Chosen"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 429, body = Problem),
    ),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn set_password(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Own>,
    Sent(new): Sent<NewPassword>,
) -> Result<Response, Problem> {
    check_password(&new.password)?;
    if let Err(wait) = hub.0.tries.take(actor.id()) {
        return Ok(limit::too_often(wait));
    }
    if actor.account.has_password {
        let _turn = hub.hash_turn().await;
        let (inside, account) = (hub.clone(), actor.id().to_string());
        let opens = hub.blocking(move || {
            let stored = inside.store().read(|db| accounts::password(db, &account))?;
            Ok(accounts::opens(stored.as_deref(), new.before.as_deref().unwrap_or_default()))
        });
        if !opens.await? {
            return Err(Problem::wrong("原密码不对", "the password until now is another one"));
        }
    }
    let sealed = sealed(&hub, new.password).await?;
    hub.write(move |db| Ok(accounts::set_password(db, actor.id(), &sealed, actor.session.as_deref())?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// One's tokens, newest first
#[utoipa::path(
    get, path = "/session/tokens",
    responses((status = 200, body = Vec<Token>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn tokens(State(hub): State<Hub>, Allowed(actor, _): Allowed<ask::Own>) -> Result<Json<Vec<Token>>, Problem> {
    Ok(Json(hub.read(move |db| secrets::tokens(db, actor.id())).await?))
}

/// Makes a token for a program
#[utoipa::path(
    post, path = "/session/tokens", request_body = NewToken,
    responses(
        (status = 201, body = MadeToken), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem),
    ),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn make_token(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Own>,
    Sent(new): Sent<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    body::text("label", &new.label, 80)?;
    if !(1..=3650).contains(&new.days) || new.abilities.is_empty() {
        return Err(Problem::wrong(
            "days 须为 1 至 3650，abilities 至少一项",
            "`days` is 1 to 3650, and `abilities` has one at least",
        ));
    }
    let own = actor.abilities();
    if let Some(more) = new.abilities.iter().find(|ability| !own.contains(ability)) {
        let word = crate::store::catalog::word(more);
        return Err(Problem::wrong(format!("令牌不能超出你的权限：{word}"), format!("a token may not more than you: `{word}`")));
    }
    let secret = crate::secret();
    let stored = secret.clone();
    let token = hub.write(move |db| {
        if secrets::tokens(db, actor.id())?.len() >= MOST_TOKENS {
            let en = format!("{MOST_TOKENS} tokens are the most; take one back first");
            return Err(Problem::wrong(format!("最多 {MOST_TOKENS} 个令牌；请先收回一个"), en));
        }
        let lasts_ms = Some(u64::from(new.days) * DAY_MS);
        let new = New { kind: Kind::Token, account: actor.id(), label: &new.label, abilities: Some(&new.abilities), lasts_ms };
        let token = secrets::put(db, &stored, new)?;
        let body = serde_json::json!({ "token": token.id, "abilities": token.abilities }).to_string();
        let subject = format!("account/{}", actor.id());
        ledger::append(
            db,
            ledger::New { who: actor.id(), what: "token.made", subject: &subject, why: &token.label, body: &body },
        )?;
        Ok(token)
    });
    Ok((StatusCode::CREATED, Json(MadeToken { token: token.await?, secret })))
}

/// Takes a token back
#[utoipa::path(
    delete, path = "/session/tokens/{id}", params(("id" = String, Path, description = "The token's id")),
    responses(
        (status = 204, description = "Taken back"), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn take_back(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Own>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let token = id.clone();
    let taken = hub.write(move |db| {
        let taken = secrets::take_back(db, actor.id(), &token)?;
        if taken {
            let subject = format!("account/{}", actor.id());
            let body = serde_json::json!({ "token": token }).to_string();
            ledger::append(
                db,
                ledger::New { who: actor.id(), what: "token.taken-back", subject: &subject, why: "no longer used", body: &body },
            )?;
        }
        Ok(taken)
    });
    if taken.await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found(Text::new("令牌", "token"), &id)) }
}
