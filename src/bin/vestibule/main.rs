//! The `vestibule` command line: one file a verb. Exit codes: 0 yes, 1 no, 2 the input is wrong.

mod idp_add;
mod keys_new;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Prepare what a Vestibule gate needs.
#[derive(Parser)]
#[command(version, about)]
enum Vestibule {
    /// The Worker's own secrets
    #[command(subcommand)]
    Keys(Keys),
    /// Identity providers
    #[command(subcommand)]
    Idp(Idp),
}

#[derive(Subcommand)]
enum Keys {
    /// Make SEAL_KEYS and SIGN_KEYS
    New(keys_new::Arguments),
}

#[derive(Subcommand)]
enum Idp {
    /// Check a metadata file and make the document that is stored as idp/<id>
    Add(idp_add::Arguments),
}

fn main() -> ExitCode {
    let done = match Vestibule::parse() {
        Vestibule::Keys(Keys::New(arguments)) => keys_new::run(&arguments),
        Vestibule::Idp(Idp::Add(arguments)) => idp_add::run(&arguments),
    };
    match done {
        Ok(output) => {
            println!("{output}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("vestibule: {message}");
            ExitCode::from(2)
        }
    }
}
