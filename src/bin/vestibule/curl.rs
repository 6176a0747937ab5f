//! `vestibule curl`

use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use vestibule::web_url::WebUrl;

use crate::clock;
use crate::tokens::Tokens;

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule curl https://app.example.com/api/reports --silent")]
pub struct Arguments {
    /// What to ask for, at an application that you are signed in to
    #[arg(value_parser = WebUrl::parse)]
    url: WebUrl,
    /// What else curl is told
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    curl: Vec<OsString>,
}

/// Runs curl with the token, and ends as it does. The token goes in by its standard input, so that
/// no list of processes shows it. Whatever the arguments and redirects say, curl connects to this
/// application only, and by its scheme.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let Arguments { url, curl } = arguments;
    let origin = url.origin();
    let tokens = Tokens::read()?;
    let token = tokens.of(url, clock::now());
    let token = token.ok_or_else(|| format!("you are not signed in: vestibule login {origin}/"))?;
    let (scheme, authority) = origin.split_once("://").unwrap_or_default();
    let port = if scheme == "https" { ":443" } else { ":80" };
    let has_port = authority.rsplit_once(':').is_some_and(|(_, end)| !end.ends_with(']'));
    let port = if has_port { "" } else { port };
    let config = format!(
        "header = \"X-Access-Token: {token}\"\nconnect-to = \"::{authority}{port}\"\n\
         proto = \"={scheme}\"\nproto-redir = \"={scheme}\"\n"
    );
    let mut child = Command::new("curl")
        .args(["--config", "-"])
        .arg(url.as_str())
        .args(curl)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("curl: {error}"))?;
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(config.as_bytes()));
    written.transpose().map_err(|error| format!("curl: {error}"))?;
    let ended = child.wait().map_err(|error| format!("curl: {error}"))?;
    let code = ended.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
