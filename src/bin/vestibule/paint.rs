//! Colours. Where output is no terminal, or NO_COLOR is set, they are left out when it is printed.

use anstyle::{AnsiColor, Style};

/// What is gained, or went well.
pub fn good(text: &str) -> String {
    painted(AnsiColor::Green, text)
}

/// What is lost, or went wrong.
pub fn bad(text: &str) -> String {
    painted(AnsiColor::Red, text)
}

/// What to look at.
pub fn notable(text: &str) -> String {
    painted(AnsiColor::Yellow, text)
}

fn painted(colour: AnsiColor, text: &str) -> String {
    let style = Style::new().fg_color(Some(colour.into()));
    format!("{style}{text}{style:#}")
}
