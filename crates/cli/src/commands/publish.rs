//! `leitai publish`: a bundle, sent to a hub.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use leitai_hub::records::{Check, Evidence};
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::StatusCode;

use super::hub;
use crate::arguments::Publish;
use crate::context::Context;
use crate::evidence;
use crate::failure::{Exit, Failure};
use crate::stop;

/// How often the hub is asked how far it is.
const BEAT: Duration = Duration::from_millis(500);
/// A hub's answer is no longer.
const MOST_ANSWER: u64 = 64 << 20;

/// Sends, and waits for the hub's own run of a sample.
pub fn run(context: &Context, arguments: &Publish) -> Result<Exit, Failure> {
    let path = evidence::find(context, &arguments.bundle)?;
    // What is damaged is told here, before anything is sent.
    evidence::read(context, &path)?;
    let bytes = std::fs::read(&path).map_err(|error| {
        Failure::usage(format!("{}: {error}", path.display()), context.say("检查路径是否写对", "check the path"))
    })?;
    let token = match &arguments.token {
        Some(token) => token.clone(),
        None => own_token(context)?,
    };
    let connection = Connection::new(context, &arguments.hub);
    let mut record = connection.send(&token, &bytes)?;
    if !arguments.no_wait {
        connection.wait(&mut record)?;
    }
    let page = format!("{}/evidence/{}", connection.base, record.line.digest);
    let text = format!("{page}\n{}\n", check(context, &record.line.check));
    context.print(&serde_json::json!({ "page": page, "evidence": record }), &text)?;
    Ok(if record.line.check.state == "refused" { Exit::Refused } else { Exit::Good })
}

/// The token of a hub on this machine, whose store is the user's own.
pub(super) fn own_token(context: &Context) -> Result<String, Failure> {
    let file = leitai_hub::token_file(&hub::folder(context, None)?);
    std::fs::read_to_string(&file).map(|text| text.trim().to_string()).map_err(|_| {
        Failure::usage(
            context.say("没有所需的令牌", "there is no token to send with it"),
            context.say(
                "用 --token 或 LEITAI_HUB_TOKEN 给出；服务站的令牌在其存储文件夹的 token 文件中",
                "give it with --token or LEITAI_HUB_TOKEN; a hub's is in the file `token` of its store",
            ),
        )
    })
}

/// How far the hub's own run is, in words.
fn check(context: &Context, check: &Check) -> String {
    let (done, of) = (check.done, check.of);
    match check.state.as_str() {
        "agrees" if of == 0 => {
            context.say("没有可重跑的试验；界限重算一致", "no trials to run again; the bound computes to the same").into()
        }
        "agrees" => context
            .say(format!("服务站重跑 {done} 次试验，逐位一致"), format!("the hub ran {done} trials again, with the same bits")),
        "other-engine" => context.say("只有制作它的版本才能重跑", "only the version that made it can run it again").to_string(),
        "refused" => {
            let detail = check.detail.as_deref().unwrap_or_default();
            context.say(format!("服务站重跑不符：{detail}"), format!("the hub's run disagrees: {detail}"))
        }
        _ => context.say(format!("服务站正在重跑：{done}/{of}"), format!("the hub is running it again: {done}/{of}")),
    }
}

/// A hub that is asked.
pub(super) struct Connection<'a> {
    context: &'a Context,
    pub(super) base: String,
    pub(super) agent: ureq::Agent,
}

impl<'a> Connection<'a> {
    /// To the hub at this address.
    pub(super) fn new(context: &'a Context, base: &str) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_connect(Some(Duration::from_secs(10)));
        Self { context, base: base.trim_end_matches('/').to_string(), agent: agent.build().into() }
    }

    fn send(&self, token: &str, bytes: &[u8]) -> Result<Evidence, Failure> {
        let request =
            self.agent.post(format!("{}/api/v1/evidence", self.base)).header("authorization", format!("Bearer {token}"));
        // The bundle follows once the hub has let this sender in; a refusal comes before it, and could not be read beside it.
        let request = request.header("expect", "100-continue");
        self.answer(request.header("content-type", "application/octet-stream").send(bytes))
    }

    fn look(&self, digest: &str) -> Result<Evidence, Failure> {
        self.answer(self.agent.get(format!("{}/api/v1/evidence/{digest}", self.base)).call())
    }

    /// Waits until the hub has run its sample; Ctrl-C leaves it to the hub.
    fn wait(&self, record: &mut Evidence) -> Result<(), Failure> {
        let stop = stop::flag(|| {});
        let bar = ProgressBar::new(record.line.check.of);
        let label = self.context.say("服务站重跑", "the hub runs it again");
        bar.set_style(
            ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(label);
        while matches!(record.line.check.state.as_str(), "queued" | "running") && !stop.load(std::sync::atomic::Ordering::Relaxed)
        {
            std::thread::sleep(BEAT);
            *record = self.look(&record.line.digest)?;
            bar.set_position(record.line.check.done);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// What the hub answers to a JSON body at this address.
    pub(super) fn post(&self, address: &str, body: &Value) -> Result<Vec<u8>, Failure> {
        let request = self.agent.post(format!("{}{address}", self.base)).header("content-type", "application/json");
        self.bytes(request.send(body.to_string().as_bytes()))
    }

    /// An answer's record.
    pub(super) fn record<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, Failure> {
        serde_json::from_slice(bytes).map_err(|error| self.unreachable(error.to_string()))
    }

    /// What a hub answered, or its refusal in the user's language.
    pub(super) fn answer<T: DeserializeOwned>(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<T, Failure> {
        self.record(&self.bytes(answer)?)
    }

    fn unreachable(&self, what: String) -> Failure {
        let next = self
            .context
            .say("检查地址；本机的服务站用 leitai serve 启动", "check the address; leitai serve starts a hub on this machine");
        Failure { exit: Exit::Failed, what: format!("{}: {what}", self.base), next: next.to_string() }
    }

    fn bytes(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, Failure> {
        let context = self.context;
        let mut answer = answer.map_err(|error| self.unreachable(error.to_string()))?;
        let status = answer.status();
        let body = answer
            .body_mut()
            .with_config()
            .limit(MOST_ANSWER)
            .read_to_vec()
            .map_err(|error| self.unreachable(error.to_string()))?;
        if status.is_success() {
            return Ok(body);
        }
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        let of = |part: &str| context.say(&problem[part]["zh"], &problem[part]["en"]).as_str().unwrap_or_default().to_string();
        let exit = if status == StatusCode::BAD_REQUEST { Exit::Refused } else { Exit::Failed };
        Err(Failure { exit, what: format!("{}: {status} {}", self.base, of("title")), next: of("detail") })
    }
}
