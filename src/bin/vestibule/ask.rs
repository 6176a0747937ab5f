//! Questions on the terminal.

use std::io::{BufRead, IsTerminal, Write};

/// Whether the person at the terminal says yes. Without a terminal there is nobody to ask.
pub fn agreed(question: &str) -> Result<bool, String> {
    if !std::io::stdin().is_terminal() {
        return Err("there is no terminal to ask on: say --yes".to_owned());
    }
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// What the person at the terminal writes.
pub fn line(question: &str) -> Result<String, String> {
    let mut output = anstream::stderr();
    let written = write!(output, "{question}").and_then(|()| output.flush());
    written.map_err(|error| error.to_string())?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer.trim().to_owned())
}

/// Lines until an empty one.
pub fn lines(question: &str) -> Result<Vec<String>, String> {
    let mut answers = Vec::new();
    loop {
        match line(question)? {
            empty if empty.is_empty() => return Ok(answers),
            answer => answers.push(answer),
        }
    }
}
