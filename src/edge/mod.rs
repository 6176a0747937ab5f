//! Cloudflare Workers: events, bindings, and the carrying out of the gate's answers.

mod at_once;
mod body;
mod configuration;
mod hand_over;
mod ledger;
mod limit;
mod log;
mod patience;
mod refresh;
mod request;
mod revocations;
mod sign_in;
mod store;
mod webcrypto;

use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Context, Env, ScheduleContext, ScheduledEvent, event, worker_sys};

use crate::gate::{
    Answer, Asked, Forward, Gate, Own, Refused, Reply, Scene, SignOut, Target, counted,
};
use crate::pages;
use crate::records::{Decision, Event};
use crate::refusals::Refusal;
use at_once::at_once;
use log::{fault, log};
use request::Head;

#[wasm_bindgen(module = "/src/edge/crossing.js")]
extern "C" {
    #[wasm_bindgen(js_name = forward, catch)]
    fn send_on(
        request: &web_sys::Request,
        env: &Env,
        url: &str,
        remove: &str,
        set: &str,
        personal: bool,
        set_cookies: &str,
    ) -> Result<JsValue, JsValue>;
}

/// Every request to a host that is routed to this Worker: the answer, or a promise of it.
#[wasm_bindgen]
pub fn fetch(
    request: web_sys::Request,
    env: Env,
    context: worker_sys::Context,
) -> Result<JsValue, JsValue> {
    at_once(Box::pin(respond(request, env, Context::new(context))))
}

async fn respond(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> Result<JsValue, JsValue> {
    let head = Head::of(&request);
    let answered = match fixed(&head, &env) {
        Some(Ok(reply)) => return Ok(send(reply)?.into()),
        Some(Err(refused)) => Err(refused),
        None => answer(&head, &env, &context).await,
    };
    match answered {
        Ok(answer) => Ok(answer),
        Err(refused) => Ok(refuse(&head, &env, &refused)?.into()),
    }
}

/// What a person gets whose request found no origin. JavaScript calls it with why.
#[wasm_bindgen(js_name = originUnreachable)]
pub fn origin_unreachable(
    request: web_sys::Request,
    env: Env,
    error: JsValue,
) -> Result<web_sys::Response, JsValue> {
    fault("origin", &error);
    Ok(refuse(&Head::of(&request), &env, &Refusal::OriginUnreachable.into())?)
}

/// The cron trigger of wrangler.toml.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    refresh::all(&env, now()).await;
}

/// What needs no configuration: health, and the files of our pages.
fn fixed(head: &Head<'_>, env: &Env) -> Option<Result<Reply, Refused>> {
    if head.method() != "GET" {
        return None;
    }
    match head.path() {
        "/.access/style.css" => {
            Some(Ok(Reply::document("text/css; charset=utf-8", pages::STYLE.to_owned())))
        }
        "/.access/submit.js" => {
            Some(Ok(Reply::document("text/javascript; charset=utf-8", pages::SUBMIT.to_owned())))
        }
        "/.access/health" => {
            Some(configuration::check(env).map(|()| Reply::json(200, &json!({ "status": "ok" }))))
        }
        _ => None,
    }
}

/// The answer, or the runtime's promise of what the origin answers.
async fn answer(head: &Head<'_>, env: &Env, context: &Context) -> Result<JsValue, Refused> {
    let now = now();
    let target = Target::parse(head.url())?;
    let deployment = configuration::deployment(env)?;
    let host = &target.host;
    let application = configuration::application(env, context, &deployment, host, now).await;
    let application = match application {
        Err(refused) if refused.refusal == Refusal::IdpMissing && target.is_metadata() => {
            configuration::without_idps(env, &deployment, host).await?
        }
        application => application?,
    };
    let revocations = revocations::of_host(env, context, &application, now).await?;
    let gate = Gate {
        deployment: &deployment,
        application: &application,
        revocations: &revocations,
        now,
        random: &random,
    };
    let own = match gate.answer(head, &target)? {
        Answer::Forward(forward) => {
            let (request, decided) = (head.asked(&target), &forward.decided);
            log::decision(env, &Event::Allowed(Decision { request, decided }));
            return self::forward(head.request(), env, &forward);
        }
        Answer::Own(own) => own,
        Answer::SignIn(own, decided) => {
            limit::count(env, &counted("login", head.whence().ip)).await?;
            let request = head.asked(&target);
            log::decision(env, &Event::SignIn(Decision { request, decided: &decided }));
            own
        }
        Answer::Acs => Box::pin(sign_in::sign_in(head, env, &gate)).await?,
        Answer::Slo => {
            let form = head.form().await?;
            let ended = gate.slo_form(&form, head)?;
            sign_out(head, env, &gate, ended).await?
        }
        Answer::SignOut(ended) => sign_out(head, env, &gate, ended).await?,
        Answer::HandOver(asking) => {
            Box::pin(hand_over::give(*asking, head, env, context, &gate)).await?
        }
        Answer::Collect(collecting) => hand_over::collect(&collecting, head, env, &gate).await?,
        Answer::CommandLine => hand_over::allow_command_line(head, env, &gate).await?,
        Answer::Exchange => hand_over::exchange(head, env, &gate).await?,
        Answer::Apps(session) => {
            let documents = configuration::apps(env, gate.application).await;
            gate.apps(head, &target, &session, &documents)?
        }
    };
    Ok(finish(own, &gate).await?.into())
}

/// Sends an answer of the gate's own, signed where it is to be.
async fn finish(own: Own, gate: &Gate<'_>) -> Result<web_sys::Response, Refused> {
    let reply = match own {
        Own::Ready(reply) => reply,
        Own::Unsigned(unsigned) => {
            let keys = gate.deployment.saml.as_ref().ok_or(Refusal::SigningKeyMissing)?;
            let signature = webcrypto::sign(keys.newest(), unsigned.octets()).await;
            unsigned.signed(&signature.map_err(broken)?)
        }
    };
    send(reply).map_err(broken)
}

/// Lets the ledger write down what ends, so that no copy of a cookie outlives it.
async fn sign_out(
    head: &Head<'_>,
    env: &Env,
    gate: &Gate<'_>,
    sign_out: SignOut,
) -> Result<Own, Refused> {
    let host = &gate.application.host;
    ledger::sign_out(env, host, &sign_out, gate.now).await?;
    revocations::end(host, &sign_out.revoke, gate.now);
    if let Some(ended) = &sign_out.ended {
        log(&Event::SignedOut { request: head.received(), ended });
    }
    Ok(sign_out.answer)
}

/// Sends a request on. The runtime's own request is handed over, so that method, body and whatever
/// else it has stay as they are and stream.
fn forward(request: &web_sys::Request, env: &Env, forward: &Forward) -> Result<JsValue, Refused> {
    // No name and no value of ours holds a line end: all values are encoded.
    let set: Vec<&str> =
        forward.set().into_iter().flat_map(|(name, value)| [name, value]).collect();
    let [remove, set_cookies] = [&forward.remove, &forward.set_cookies].map(|all| all.join("\n"));
    let personal = forward.introduction.is_some();
    // A header that can't be set would be a request without identity (SEC-36).
    send_on(request, env, &forward.url, &remove, &set.join("\n"), personal, &set_cookies)
        .map_err(broken)
}

/// Says no: a log line, and an answer with the same reference.
fn refuse(head: &Head<'_>, env: &Env, refused: &Refused) -> worker::Result<web_sys::Response> {
    let reference = reference();
    log::decision(env, &refused.event(&reference, head.received()));
    let deployment = configuration::deployment(env);
    let base = match &deployment {
        Ok(deployment) => deployment.base_of(head.host()),
        Err(_) => format!("https://{}", head.host()),
    };
    let target = Target::parse(head.url()).ok();
    let look = configuration::look(head.host());
    let scene =
        Scene { base: &base, target: target.as_ref(), look, reference: &reference, now: now() };
    send(Reply::refusing(refused, head, &scene))
}

fn send(reply: Reply) -> worker::Result<web_sys::Response> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in &reply.headers {
        headers.append(name, value)?;
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(reply.status);
    init.set_headers(&headers);
    let body = Some(reply.body.as_str()).filter(|body| !body.is_empty());
    Ok(web_sys::Response::new_with_opt_str_and_init(body, &init)?)
}

/// What the runtime refuses to do although it should.
fn broken(error: impl Into<JsValue>) -> Refused {
    fault("runtime", &error.into());
    Refusal::Broken.into()
}

fn now() -> i64 {
    // Seconds of this century fit; the cast saturates.
    (js_sys::Date::now() / 1000.0) as i64
}

fn random() -> [u8; 48] {
    use ring::rand::SecureRandom;
    let mut bytes = [0; 48];
    match ring::rand::SystemRandom::new().fill(&mut bytes) {
        Ok(()) => bytes,
        // Going on with known bytes would let sessions be forged: end this request instead.
        Err(_) => wasm_bindgen::throw_str("no randomness"),
    }
}

/// Twelve characters that lead from a page to its log line.
fn reference() -> String {
    random().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
