//! `vestibule completion`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

#[derive(Args)]
#[command(
    after_help = "Example:\n  vestibule completion bash > ~/.local/share/bash-completion/completions/vestibule"
)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

/// Prints what lets the shell complete our words.
pub fn run(arguments: &Arguments) -> Result<String, String> {
    let mut script = Vec::new();
    let mut command = crate::Vestibule::command();
    clap_complete::generate(arguments.shell, &mut command, "vestibule", &mut script);
    String::from_utf8(script).map_err(|error| error.to_string())
}
