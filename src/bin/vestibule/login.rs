//! `vestibule login`

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use vestibule::web_url::WebUrl;

use crate::tokens::{Token, Tokens};
use crate::{Answer, clock, web};

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule login https://app.example.com/")]
pub struct Arguments {
    /// The application
    #[arg(value_parser = WebUrl::parse)]
    url: WebUrl,
    /// Print the address to open, and open no browser
    #[arg(long)]
    no_browser: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Seconds that a person may take in the browser.
const PATIENCE: i64 = 300;
/// Bytes of a request that are read.
const REQUEST: u64 = 8 * 1024;
/// What the browser shows at the end.
const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Vestibule</title>\
     <p>The command line is let in. You can close this window.";

/// Signs in by the browser, and keeps a token for an hour.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let Arguments { url, no_browser, json } = arguments;
    let token = sign_in(url, !no_browser)?;
    let (origin, ends) = (url.origin(), clock::write(token.ends));
    Ok(Answer::Yes(if *json {
        json!({ "origin": origin, "ends": ends }).to_string()
    } else {
        format!(
            "You are signed in to {origin} until {ends}. Next:\n  vestibule curl {url}",
            url = url.as_str()
        )
    }))
}

/// Signs in by the browser, and keeps the token.
pub fn sign_in(url: &WebUrl, browser: bool) -> Result<Token, String> {
    let (verifier, state) = (random::<32>()?, random::<16>()?);
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let no_port = |error: std::io::Error| format!("no port to listen on: {error}");
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(no_port)?;
    let port = listener.local_addr().map_err(no_port)?.port();
    let redirect = format!("http://127.0.0.1:{port}/");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("redirect", &redirect), ("state", &state), ("challenge", &challenge)])
        .finish();
    let page = format!("{}/.access/cli?{query}", url.origin());
    anstream::eprintln!("Open this address, if the browser does not:\n  {page}");
    if browser {
        open(&page);
    }
    let code = wait(&listener, &state)?;
    let form = [("code", code.as_str()), ("verifier", verifier.as_str())];
    let token: Token = web::post(&format!("{}/.access/token", url.origin()), &form)?;
    let mut tokens = Tokens::read()?;
    tokens.put(url, token.clone(), clock::now())?;
    Ok(token)
}

fn random<const N: usize>() -> Result<String, String> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).or(Err("this system has no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Opens a browser, where there is one.
fn open(page: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let command = if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new(program)
    };
    let mut command = command;
    let quiet = command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The address is on the terminal.
    drop(quiet.spawn());
}

/// Waits for the browser to come back with a code. Whatever else comes is turned away.
fn wait(listener: &TcpListener, state: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("while waiting for the browser: {error}");
    listener.set_nonblocking(true).map_err(failed)?;
    let end = clock::now().saturating_add(PATIENCE);
    while clock::now() < end {
        match listener.accept() {
            Ok((stream, _)) => {
                if let Ok(Some(code)) = answer(stream, state) {
                    return Ok(code);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Err("nobody came back from the browser within five minutes".to_owned())
}

/// The code that a request brings, if it brings one and our state.
fn answer(mut stream: TcpStream, state: &str) -> std::io::Result<Option<String>> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut lines = BufReader::new((&stream).take(REQUEST)).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    // What is left unread would reset the connection before the answer is read.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let target = first.strip_prefix("GET /?").and_then(|rest| rest.split(' ').next());
    let query = target.unwrap_or_default().as_bytes();
    let one = |name: &str| {
        let mut values = form_urlencoded::parse(query).filter(|(known, _)| known == name);
        values.next().filter(|_| values.next().is_none()).map(|(_, value)| value.into_owned())
    };
    let code = one("code").filter(|_| one("state").as_deref() == Some(state));
    let (status, body) = if code.is_some() { ("200 OK", PAGE) } else { ("404 Not Found", "") };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{body}"
    )?;
    Ok(code)
}
