//! `vestibule report`

mod counts;
mod drawing;

use std::collections::BTreeMap;
use std::path::PathBuf;

use askama::Template;
use clap::Args;

use crate::{Answer, policies, recorded};
use drawing::{HEIGHT, Section, WIDTH};

#[derive(Args)]
#[command(after_help = "Example:
  vestibule report november.ndjson --policy policies/intranet.json --output report.html")]
pub struct Arguments {
    /// Lines of the gate, as wrangler, Logpush or a Tail Worker give them; `-` is what is piped
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A policy document, to tell which of its rules decided nothing
    #[arg(long)]
    policy: Vec<PathBuf>,
    /// Only this host
    #[arg(long)]
    host: Option<String>,
    /// Where the page is written
    #[arg(long, short, default_value = "report.html")]
    output: PathBuf,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    sections: Vec<Section>,
}

/// Ends with 1 where there is no decision to draw.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let mut all = Vec::new();
    for file in &arguments.files {
        all.append(&mut recorded::read_all(file)?);
    }
    let mut documents = Vec::new();
    for file in &arguments.policy {
        let document = policies::read(file)?.map_err(|unusable| unusable.lines())?;
        documents.push(document.policy);
    }
    let mut hosts: BTreeMap<_, _> = counts::by_host(all);
    hosts.retain(|host, _| arguments.host.as_ref().is_none_or(|wanted| wanted == host));
    let section = |(host, counts): (String, counts::Counts)| {
        let policy = documents.iter().find(|policy| policy.covers_host(&host));
        Section::new(host, &counts, policy)
    };
    let sections: Vec<Section> = hosts.into_iter().map(section).collect();
    if sections.is_empty() {
        return Ok(Answer::No("There is no decision in it.".to_owned()));
    }
    let decisions: u64 = sections.iter().map(|section| section.answers.all()).sum();
    let page = Page { sections }.render().map_err(|error| error.to_string())?;
    let file = arguments.output.display();
    std::fs::write(&arguments.output, page).map_err(|error| format!("{file}: {error}"))?;
    Ok(Answer::Yes(format!("{file}: {decisions} decisions")))
}
