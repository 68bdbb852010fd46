//! Who asks, and whether they may: a browser by its session, a program by its token.
//!
//! A session is an HttpOnly, SameSite=Strict cookie; a change by it also carries `x-csrf-token`, which only a page of ours can
//! read. A token needs neither, and may at most what it was made for.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use leitai_proving::canonical::Canonical;

use super::Problem;
use crate::Hub;
use crate::records::{Ability, Account, MemberRole, Text};
use crate::store::accounts;
use crate::store::secrets::{self, Kind};

/// The session's cookie.
pub(super) const COOKIE: &str = "leitai-session";
/// What a change by a session carries.
const CSRF: &str = "x-csrf-token";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Their account.
    pub account: Account,
    /// The secret of their session; none for a token.
    pub session: Option<String>,
    /// What a token was made for; none for all that the account may.
    scope: Option<Vec<Ability>>,
}

impl Actor {
    /// The name under which the ledger knows them.
    pub fn id(&self) -> &str {
        &self.account.id
    }

    /// Everything they may do, in the order of [`Ability`].
    pub fn abilities(&self) -> Vec<Ability> {
        let mut all: Vec<Ability> = self.account.memberships.iter().flat_map(|m| m.kind.abilities()).copied().collect();
        all.push(Ability::Own);
        if self.account.operator {
            use Ability::{Challenge, Comment, Import, Manage, Need, Offer, Prove, Publish, Submit};
            all.extend([Publish, Prove, Offer, Need, Challenge, Submit, Comment, Import, Manage]);
        }
        all.sort_unstable();
        all.dedup();
        all.retain(|ability| self.scope.as_ref().is_none_or(|scope| scope.contains(ability)));
        all
    }

    /// Refuses who acts for no organization of this id that may do this: its members do, and the operator.
    pub fn acts_for(&self, organization: &str, ability: Ability) -> Result<(), Problem> {
        let mut acts = self.account.memberships.iter().filter(|m| m.organization == organization);
        if self.account.operator || acts.any(|m| m.kind.abilities().contains(&ability)) {
            Ok(())
        } else {
            Err(not_yours(organization))
        }
    }

    /// Refuses who does not own an organization: its owners do, and the operator.
    pub fn owns(&self, organization: &str) -> Result<(), Problem> {
        let mut own = self.account.memberships.iter().filter(|m| m.organization == organization);
        if self.account.operator || own.any(|m| m.role == MemberRole::Owner) { Ok(()) } else { Err(not_yours(organization)) }
    }
}

/// Somebody acts for an organization that they are not in, or not in that way.
fn not_yours(organization: &str) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "not-yours",
        Text::new(format!("你不能代表“{organization}”这样做"), format!("you may not do this for `{organization}`")),
        Text::new("请其所有者邀请你加入", "ask one of its owners for an invitation"),
    )
}

/// What a session's changes carry: it follows from the session's secret, so nothing need be stored.
pub(super) fn csrf_token(session: &str) -> String {
    let mut form = Canonical::new("leitai hub csrf v1");
    form.text(session);
    form.finish().to_string()
}

async fn actor(parts: &Parts, hub: &Hub) -> Result<Option<Actor>, Problem> {
    let (secret, kind) = if let Some(token) = token(&parts.headers) {
        (token, Kind::Token)
    } else if let Some(cookie) = cookie(&parts.headers) {
        (cookie, Kind::Session)
    } else {
        return Ok(None);
    };
    let shown = secret.clone();
    let found = hub.read(move |db| {
        let Some((account, scope)) = secrets::find(db, &shown, kind)? else { return Ok(None) };
        Ok(accounts::find(db, &account)?.map(|account| (account, scope)))
    });
    let Some((account, scope)) = found.await? else { return Ok(None) };
    let carried = parts.headers.get(CSRF).and_then(|value| value.to_str().ok());
    if kind == Kind::Session && !parts.method.is_safe() && carried != Some(csrf_token(&secret).as_str()) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "csrf-token",
            Text::new("此改动不是从本站页面发出的", "this change does not come from a page of this hub"),
            Text::new(
                format!("刷新页面后重试；程序请用令牌，或把 GET /api/v1/session 的 csrf_token 放入请求头 {CSRF}"),
                format!(
                    "reload the page and try again; a program uses a token, or sends csrf_token of GET /api/v1/session as {CSRF}"
                ),
            ),
        ));
    }
    Ok(Some(Actor { account, session: (kind == Kind::Session).then_some(secret), scope }))
}

impl OptionalFromRequestParts<Hub> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Option<Self>, Problem> {
        actor(parts, hub).await
    }
}

/// An ability as a type, for [`Allowed`].
pub trait Asks {
    /// What is asked for.
    const ABILITY: Ability;
}

/// Somebody who may what `A` asks for. Whoever may not is refused before the body is read.
#[derive(Clone, Debug)]
pub struct Allowed<A>(pub Actor, pub PhantomData<A>);

impl<A: Asks> FromRequestParts<Hub> for Allowed<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Problem> {
        let Some(actor) = actor(parts, hub).await? else {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "not-signed-in",
                Text::new("需要登录或令牌", "this needs a session or a token"),
                Text::new(
                    "在 /sign-in 登录，或在请求头中给出 Authorization: Bearer 令牌",
                    "sign in at /sign-in, or send the header Authorization: Bearer TOKEN",
                ),
            ));
        };
        if actor.abilities().contains(&A::ABILITY) {
            return Ok(Self(actor, PhantomData));
        }
        let word = crate::store::catalog::word(&A::ABILITY);
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "not-allowed",
            Text::new(format!("此账户或令牌没有“{word}”权限"), format!("this account or token may not `{word}`")),
            Text::new(
                "权限来自所代表的机构；令牌只有其范围内的权限。请联系运行者或机构的所有者",
                "what an account may do comes from its organizations, and a token has its scope; ask the operator or an owner",
            ),
        ))
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

/// The abilities as types.
pub mod ask {
    use super::{Ability, Asks};

    macro_rules! ask {
        ($($ability:ident),*) => {$(
            #[doc = concat!("Asks for [`Ability::", stringify!($ability), "`].")]
            #[derive(Clone, Copy, Debug)]
            pub struct $ability;
            impl Asks for $ability {
                const ABILITY: Ability = Ability::$ability;
            }
        )*};
    }
    ask!(Own, Publish, Prove, Challenge, Submit, Comment, Offer, Need, Import, Manage);
}
