//! Answers to challenges, and what experts say about them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use leitai_package::manifest::SolutionManifest;
use leitai_proving::canonical::Digest;
use leitai_proving::packages::{Files, manifest_path};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Actor, Allowed, ask};
use super::challenges::{found, too_late, unknown, wrong};
use super::{Problem, Sent, WhichPage, body};
use crate::challenge::{self, lay_over, package, placed, receipt};
use crate::records::{
    Ability, Challenge, ChallengeState, Comment, NewComment, NewSubmission, Page, Submission, SubmissionContent, Text,
};
use crate::store::submissions::{self, MOST_OF_ONE};
use crate::store::{challenges, organizations};
use crate::{Hub, upload};

/// Base64 is a third longer than what it holds.
const MOST_BODY: usize = upload::MOST_BYTES / 3 * 4 + (64 << 10);

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list, submit)).routes(routes!(comments, comment)).layer(DefaultBodyLimit::max(MOST_BODY))
}

/// Whether what was answered is public.
fn is_public(state: ChallengeState) -> bool {
    matches!(state, ChallengeState::Revealed | ChallengeState::Ranked)
}

/// Answers to a challenge, newest first
///
/// Until it is revealed, of others only who, when and the digest.
#[utoipa::path(
    get, path = "/{id}/submissions", params(WhichPage, ("id" = String, Path, description = "The challenge")),
    responses((status = 200, body = Page<Submission>), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn list(
    State(hub): State<Hub>,
    actor: Option<Actor>,
    Path(id): Path<String>,
    which: WhichPage,
) -> Result<Json<Page<Submission>>, Problem> {
    let challenge = found(&hub, &id).await?;
    let mut page = hub.read(move |db| submissions::page(db, &id, which.page, which.per_page)).await?;
    if !is_public(challenge.state) {
        let own = |organization: &String| {
            actor.as_ref().is_some_and(|actor| actor.account.memberships.iter().any(|m| m.organization == *organization))
        };
        page.items.iter_mut().filter(|one| !own(&one.organization)).for_each(|one| one.content = None);
    }
    Ok(Json(page))
}

/// Answers a challenge
///
/// The package is read and put together with the robot and the job at once, as `leitai prove --acceptance` would; what is wrong with
/// it is told. Of each organization the last answer before the deadline counts. Robot and solution are kept as they are now, and
/// become public when the challenge is revealed.
#[utoipa::path(
    post, path = "/{id}/submissions", params(("id" = String, Path, description = "The challenge")), request_body = NewSubmission,
    responses(
        (status = 201, body = Submission), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The deadline has passed"),
        (status = 413, description = "Larger than a package may be"),
        (status = 429, body = Problem, description = "Too many answers of one organization"),
    ),
    security(("token" = ["submit"]), ("session" = ["submit"]))
)]
async fn submit(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Submit>,
    Path(id): Path<String>,
    Sent(new): Sent<NewSubmission>,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let challenge = found(&hub, &id).await?;
    actor.acts_for(&new.organization, Ability::Submit)?;
    if challenge.state != ChallengeState::Open {
        return Err(over());
    }
    if !challenge.robots.is_empty() && !challenge.robots.contains(&new.robot) {
        let all = challenge.robots.join(", ");
        return Err(Problem::wrong(format!("此榜单只限以下机器人：{all}"), format!("only these robots may take part: {all}")));
    }
    // One after the other, so that strangers cannot fill the memory.
    let _turn = hub.upload_turn().await;
    let (inside, organization) = (hub.clone(), new.organization.clone());
    let (content, files) = hub.blocking(move || prepare(&inside, &challenge, &new)).await?;
    let clock = hub.clone();
    let made = hub.write(move |db| {
        // The deadline may have passed meanwhile.
        let now_ms = clock.now_ms();
        let challenge = challenges::find(db, &id, now_ms)?.ok_or_else(|| unknown(&id))?;
        if challenge.state != ChallengeState::Open {
            return Err(over());
        }
        if organizations::find(db, &organization)?.is_none() {
            return Err(Problem::not_found(Text::new("机构", "organization"), &organization));
        }
        if submissions::count_of(db, &id, &organization)? >= MOST_OF_ONE {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many",
                Text::new(
                    format!("每个机构最多应答 {MOST_OF_ONE} 次"),
                    format!("an organization answers {MOST_OF_ONE} times at most"),
                ),
                Text::new("最后一次应答算数", "its last answer counts"),
            ));
        }
        let solution: Digest = content.solution_digest.parse().map_err(|_| over())?;
        let new = Submission {
            number: 0,
            digest: receipt(&id, &organization, &content.robot, &solution, &content.nonce).to_string(),
            organization,
            organization_name: Text::default(),
            who: actor.id().to_string(),
            at_ms: now_ms,
            counts: true,
            content: Some(content),
        };
        let number = submissions::put(db, &id, &new, &files)?;
        Ok(submissions::find(db, &id, number)?)
    });
    let made = made.await?.ok_or_else(|| Problem::not_found(Text::new("应答", "answer"), "new"))?;
    Ok((StatusCode::CREATED, Json(made)))
}

fn over() -> Problem {
    too_late("此榜单不再接受应答", "this challenge takes no answers")
}

/// Reads an answer and puts it together with the job; what is kept of it.
fn prepare(hub: &Hub, challenge: &Challenge, new: &NewSubmission) -> Result<(SubmissionContent, Files), Problem> {
    let current = hub.current();
    let catalog = current.catalog();
    let (manifest, files) = match (&new.solution, new.files.is_empty(), &new.zip) {
        (Some(id), true, None) => of_catalog(catalog, id)?,
        (None, false, None) => placed(upload::files(&new.files).map_err(wrong)?).map_err(wrong)?,
        (None, true, Some(zip)) => placed(upload::unzipped(zip).map_err(wrong)?).map_err(wrong)?,
        _ => return Err(Problem::wrong("solution、files、zip 须给出且只给出一项", "give one of `solution`, `files` and `zip`")),
    };
    let robot = package(catalog, "robot", &new.robot);
    if robot.is_empty() {
        return Err(Problem::not_found(Text::new("机器人", "robot"), &new.robot));
    }
    let sizes = files.iter().map(|(path, bytes)| (path.splitn(3, '/').nth(2).unwrap_or(path).to_string(), bytes.len() as u64));
    let sizes: BTreeMap<String, u64> = sizes.collect();
    let mut kept = robot;
    kept.extend(files);
    let mut all = hub.store().read(|db| challenges::files(db, &challenge.id))?;
    lay_over(&mut all, kept.clone());
    let case = challenge::case(challenge, &all, &new.robot, &manifest.solution.id).map_err(wrong)?;
    let name = &manifest.solution.name;
    let robot_name = &case.packages.robot.robot.name;
    let content = SubmissionContent {
        robot: new.robot.clone(),
        robot_name: Text::new(&robot_name.zh, &robot_name.en),
        solution: manifest.solution.id.clone(),
        solution_name: Text::new(&name.zh, &name.en),
        solution_digest: case.claim.solution.digest.to_string(),
        nonce: Digest(crate::random_bytes()).to_string(),
        files: sizes,
    };
    Ok((content, kept))
}

/// A solution of the catalog.
fn of_catalog(catalog: &Files, id: &str) -> Result<(SolutionManifest, Files), Problem> {
    let unknown = || Problem::not_found(Text::new("方案", "solution"), id);
    let path = manifest_path("solution", id);
    let text = catalog.get(&path).and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(unknown)?;
    let manifest = SolutionManifest::parse(&path, text).map_err(|_| unknown())?;
    Ok((manifest, package(catalog, "solution", id)))
}

/// Comments on a challenge and its answers, oldest first
#[utoipa::path(
    get, path = "/{id}/comments", params(WhichPage, ("id" = String, Path, description = "The challenge")),
    responses((status = 200, body = Page<Comment>), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn comments(State(hub): State<Hub>, Path(id): Path<String>, which: WhichPage) -> Result<Json<Page<Comment>>, Problem> {
    found(&hub, &id).await?;
    Ok(Json(hub.read(move |db| submissions::comments(db, &id, which.page, which.per_page)).await?))
}

/// Comments on a challenge or, once it is revealed, on an answer
///
/// What was said stays said.
#[utoipa::path(
    post, path = "/{id}/comments", params(("id" = String, Path, description = "The challenge")), request_body = NewComment,
    responses(
        (status = 201, body = Comment), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The answers are not public yet"),
    ),
    security(("token" = ["comment"]), ("session" = ["comment"]))
)]
async fn comment(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Comment>,
    Path(id): Path<String>,
    Sent(new): Sent<NewComment>,
) -> Result<(StatusCode, Json<Comment>), Problem> {
    let challenge = found(&hub, &id).await?;
    actor.acts_for(&new.organization, Ability::Comment)?;
    body::text("text", &new.text, 4000)?;
    if new.submission.is_some() && !is_public(challenge.state) {
        return Err(too_late("揭榜之前不能评论应答", "answers are commented on once the challenge is revealed"));
    }
    let now_ms = hub.now_ms();
    let made = hub.write(move |db| {
        if organizations::find(db, &new.organization)?.is_none() {
            return Err(Problem::not_found(Text::new("机构", "organization"), &new.organization));
        }
        if let Some(number) = new.submission
            && submissions::find(db, &id, number)?.is_none()
        {
            return Err(Problem::not_found(Text::new("应答", "answer"), &number.to_string()));
        }
        let said = Comment {
            number: 0,
            organization: new.organization,
            organization_name: Text::default(),
            who: actor.id().to_string(),
            at_ms: now_ms,
            submission: new.submission,
            text: new.text,
        };
        let number = submissions::comment(db, &id, &said)?;
        Ok(submissions::find_comment(db, number)?)
    });
    let made = made.await?.ok_or_else(|| Problem::not_found(Text::new("评论", "comment"), "new"))?;
    Ok((StatusCode::CREATED, Json(made)))
}
