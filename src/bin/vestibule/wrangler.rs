//! wrangler, which holds the user's login.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The project's own wrangler and Node come first, as they do for npm.
pub fn command() -> Result<Command, String> {
    let own = Path::new("node_modules/.bin");
    let own = std::path::absolute(own).map_err(|error| error.to_string())?;
    let mut path = OsString::from(&own);
    if let Some(known) = std::env::var_os("PATH") {
        path.push(if cfg!(windows) { ";" } else { ":" });
        path.push(known);
    }
    let installed = own.join("wrangler").exists();
    let mut command = Command::new(if installed { "wrangler" } else { "npx" });
    if !installed {
        command.arg("wrangler");
    }
    command.env("PATH", path);
    Ok(command)
}
