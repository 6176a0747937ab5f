//! The `vestibule` command line: one file a verb. Exit codes: 0 yes, 1 no, 2 the input is wrong.

mod ask;
mod clock;
mod completion;
mod curl;
mod decisions;
mod doctor;
mod idp_add;
mod idp_check;
mod idp_form;
mod idp_try;
mod init;
mod keys_new;
mod keys_rotate;
mod log;
mod login;
mod paint;
mod policies;
mod policy_check;
mod policy_diff;
mod policy_explain;
mod policy_import;
mod policy_schema;
mod policy_test;
mod private_file;
mod publish;
mod recorded;
mod releases;
mod report;
mod revoke;
mod revoked;
mod rollback;
mod saml_inspect;
mod service;
mod sign_in;
mod store;
mod tokens;
mod web;
mod wrangler;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Prepare what a Vestibule gate needs.
#[derive(Parser)]
#[command(version, about)]
enum Vestibule {
    /// Make a first policy document from a few questions or flags
    Init(init::Arguments),
    /// The Worker's own secrets
    #[command(subcommand)]
    Keys(Keys),
    /// Identity providers
    #[command(subcommand)]
    Idp(Idp),
    /// Policy documents
    #[command(subcommand)]
    Policy(Policy),
    /// Check a policy document, show what it changes, and put it in force
    Publish(Box<publish::Arguments>),
    /// Put an earlier release in force again
    Rollback(rollback::Arguments),
    /// List the releases of a host
    History(rollback::HistoryArguments),
    /// Look at a gate at work, and say what to do
    Doctor(Box<doctor::Arguments>),
    /// End sessions before their time
    Revoke(revoke::Arguments),
    /// Follow or read the gate's log, and explain a reference
    Log(Box<log::Arguments>),
    /// Draw who used what, from the gate's log
    Report(report::Arguments),
    /// Service tokens, for machines
    #[command(subcommand)]
    Service(Service),
    /// Sign in to an application by the browser, and keep a token for an hour
    Login(login::Arguments),
    /// Run curl with the token of `vestibule login`
    Curl(curl::Arguments),
    /// What lets a shell complete these words
    Completion(completion::Arguments),
    /// SAML messages
    #[command(subcommand)]
    Saml(Saml),
}

#[derive(Subcommand)]
enum Service {
    /// Make a service and its token
    Add(service::AddArguments),
    /// Make another token, the old one counting for a while
    Rotate(service::RotateArguments),
    /// Take a service away
    Remove(service::RemoveArguments),
}

#[derive(Subcommand)]
enum Keys {
    /// Make SEAL_KEYS and SIGN_KEYS
    New(keys_new::Arguments),
    /// Put a new key before the others, without signing anybody out
    Rotate(keys_rotate::Arguments),
}

#[derive(Subcommand)]
enum Idp {
    /// Check metadata, make and store idp/<id>, and say what goes into the identity provider's form
    Add(Box<idp_add::Arguments>),
    /// Say what goes into the identity provider's form, and what goes wrong there
    Form(Box<idp_form::Arguments>),
    /// Say what metadata or a document holds, and whether the gate can use it
    Check(idp_check::Arguments),
}

#[derive(Subcommand)]
enum Policy {
    /// Find rules that can't work, and what is more open than it looks
    Check(policy_check::Arguments),
    /// Run the expectations that stand in policy documents
    Test(policy_test::Arguments),
    /// Decide one request and tell the reasons
    Explain(Box<policy_explain::Arguments>),
    /// Say who gains and who loses what from one document to another
    Diff(policy_diff::Arguments),
    /// Make documents from what another product has
    #[command(subcommand)]
    Import(Import),
    /// Print the JSON Schema of policy documents, for editors
    #[command(after_help = "Example:\n  vestibule policy schema > policies/schema.json")]
    Schema,
}

#[derive(Subcommand)]
enum Import {
    /// From Cloudflare Access: its applications, policies and groups
    Access(policy_import::Arguments),
}

#[derive(Subcommand)]
enum Saml {
    /// Check a response as the gate does, and say of every check how it went
    Inspect(Box<saml_inspect::Arguments>),
}

/// What a verb prints.
enum Answer {
    /// And ends with 0.
    Yes(String),
    /// And ends with 1.
    No(String),
    /// Everything is printed already, and it ends with 0.
    Printed,
}

fn main() -> ExitCode {
    let done = match Vestibule::parse() {
        Vestibule::Keys(Keys::New(arguments)) => keys_new::run(&arguments).map(Answer::Yes),
        Vestibule::Keys(Keys::Rotate(arguments)) => keys_rotate::run(&arguments),
        Vestibule::Idp(Idp::Add(arguments)) => idp_add::run(&arguments),
        Vestibule::Idp(Idp::Form(arguments)) => idp_form::run(&arguments).map(Answer::Yes),
        Vestibule::Idp(Idp::Check(arguments)) => idp_check::run(&arguments),
        Vestibule::Policy(Policy::Check(arguments)) => policy_check::run(&arguments),
        Vestibule::Policy(Policy::Test(arguments)) => policy_test::run(&arguments),
        Vestibule::Policy(Policy::Explain(arguments)) => policy_explain::run(&arguments),
        Vestibule::Policy(Policy::Diff(arguments)) => policy_diff::run(&arguments),
        Vestibule::Policy(Policy::Import(Import::Access(arguments))) => {
            policy_import::run(&arguments)
        }
        Vestibule::Policy(Policy::Schema) => policy_schema::run().map(Answer::Yes),
        Vestibule::Init(arguments) => init::run(&arguments),
        Vestibule::Login(arguments) => login::run(&arguments),
        Vestibule::Curl(arguments) => match curl::run(&arguments) {
            Ok(code) => return code,
            Err(message) => Err(message),
        },
        Vestibule::Completion(arguments) => completion::run(&arguments).map(Answer::Yes),
        Vestibule::Publish(arguments) => publish::run(&arguments),
        Vestibule::Rollback(arguments) => rollback::run(&arguments),
        Vestibule::History(arguments) => rollback::history(&arguments),
        Vestibule::Doctor(arguments) => doctor::run(&arguments),
        Vestibule::Revoke(arguments) => revoke::run(&arguments),
        Vestibule::Log(arguments) => log::run(&arguments),
        Vestibule::Report(arguments) => report::run(&arguments),
        Vestibule::Service(Service::Add(arguments)) => service::add(&arguments),
        Vestibule::Service(Service::Rotate(arguments)) => service::rotate(&arguments),
        Vestibule::Service(Service::Remove(arguments)) => service::remove(&arguments),
        Vestibule::Saml(Saml::Inspect(arguments)) => saml_inspect::run(&arguments),
    };
    match done {
        Ok(Answer::Yes(output)) => {
            anstream::println!("{output}");
            ExitCode::SUCCESS
        }
        Ok(Answer::Printed) => ExitCode::SUCCESS,
        Ok(Answer::No(output)) => {
            anstream::println!("{output}");
            ExitCode::from(1)
        }
        Err(message) => {
            anstream::eprintln!("vestibule: {message}");
            ExitCode::from(2)
        }
    }
}
