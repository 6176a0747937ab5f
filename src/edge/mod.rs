//! Cloudflare Workers: events, bindings, and the carrying out of the gate's answers.

mod body;
mod configuration;
mod hand_over;
mod ledger;
mod log;
mod patience;
mod refresh;
mod request;
mod revocations;
mod sign_in;
mod webcrypto;

use std::cell::RefCell;

use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Context, Env, ScheduleContext, ScheduledEvent, event};

use crate::gate::{Answer, Asked, Forward, Gate, Own, Reply, Scene, SignOut, Target};
use crate::origin_assertion::Remembered;
use crate::pages;
use crate::records::{Decision, Event};
use crate::refusals::{Refusal, Refused};
use log::{fault, log};
use request::Head;

thread_local! {
    static REMEMBERED: RefCell<Remembered> = RefCell::default();
}

#[wasm_bindgen::prelude::wasm_bindgen(module = "/src/edge/crossing.js")]
extern "C" {
    #[wasm_bindgen(js_name = forward, catch)]
    fn send_on(
        request: &web_sys::Request,
        url: &str,
        remove: &str,
        set: &str,
        personal: bool,
    ) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(js_name = withCookies, catch)]
    fn with_cookies(
        response: &web_sys::Response,
        cookies: &str,
    ) -> Result<web_sys::Response, JsValue>;
}

/// Every request to a host that is routed to this Worker.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    let head = Head::of(&request);
    let answered = match fixed(&head, &env) {
        Some(Ok(reply)) => return send(reply),
        Some(Err(refused)) => Err(refused),
        None => answer(&head, &env, &context).await,
    };
    match answered {
        Ok(response) => Ok(response),
        Err(refused) => refuse(&head, &env, &refused),
    }
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
    match head.path()? {
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

async fn answer(
    head: &Head<'_>,
    env: &Env,
    context: &Context,
) -> Result<web_sys::Response, Refused> {
    let target = Target::parse(head.url())?;
    let deployment = configuration::deployment(env)?;
    let (host, now) = (&target.host, now());
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
    let answer = REMEMBERED.with_borrow_mut(|remembered| gate.answer(head, &target, remembered))?;
    match answer {
        Answer::Forward(forward) => {
            let (request, decided) = (head.asked(&target), &forward.decided);
            log::decision(env, &Event::Allowed(Decision { request, decided }));
            self::forward(head.request(), &forward).await
        }
        Answer::Own(own) => finish(own, &gate).await,
        Answer::SignIn(own, decided) => {
            let request = head.asked(&target);
            log::decision(env, &Event::SignIn(Decision { request, decided: &decided }));
            finish(own, &gate).await
        }
        Answer::Acs => finish(sign_in::sign_in(head, env, &gate).await?, &gate).await,
        Answer::Slo => {
            let form = head.form().await?;
            let ended = gate.slo_form(&form, head)?;
            sign_out(head, env, &gate, ended).await
        }
        Answer::SignOut(ended) => sign_out(head, env, &gate, ended).await,
        Answer::HandOver(asking) => hand_over::give(*asking, head, env, context, &gate).await,
        Answer::Collect(collecting) => hand_over::collect(&collecting, head, env, &gate).await,
        Answer::Apps => {
            let documents = configuration::apps(env, gate.application).await;
            finish(gate.apps(head, &target, &documents)?, &gate).await
        }
    }
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
) -> Result<web_sys::Response, Refused> {
    let host = &gate.application.host;
    ledger::sign_out(env, host, &sign_out, gate.now).await?;
    revocations::expire(host);
    if let Some(ended) = &sign_out.ended {
        log(&Event::SignedOut { request: head.received(), ended });
    }
    finish(sign_out.answer, gate).await
}

/// Sends a request on. The runtime's own request is handed over, so that method, body and whatever
/// else it has stay as they are and stream.
async fn forward(
    request: &web_sys::Request,
    forward: &Forward,
) -> Result<web_sys::Response, Refused> {
    let Forward { url, remove, set, personal, set_cookies, .. } = forward;
    // No name and no value of ours holds a line end: all values are encoded.
    let set: Vec<&str> = set.iter().flat_map(|(name, value)| [name.as_ref(), value]).collect();
    // A header that can't be set would be a request without identity (SEC-36).
    let sent = send_on(request, url, &remove.join("\n"), &set.join("\n"), *personal);
    let response = JsFuture::from(sent.map_err(broken)?).await.map_err(|error| {
        fault("origin", &error);
        Refused::from(Refusal::OriginUnreachable)
    })?;
    let response: web_sys::Response = response.dyn_into().map_err(broken)?;
    if set_cookies.is_empty() {
        return Ok(response);
    }
    with_cookies(&response, &set_cookies.join("\n")).map_err(broken)
}

/// Says no: a log line, and an answer with the same reference.
fn refuse(head: &Head<'_>, env: &Env, refused: &Refused) -> worker::Result<web_sys::Response> {
    let reference = reference();
    log::decision(env, &Event::refused(refused, &reference, head.received()));
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
