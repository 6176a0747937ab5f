//! The page with the applications that a person may open.

use askama::Template;

use super::texts::Texts;
use super::{Pages, rendered};
use crate::policy::Look;

/// An application in a list.
#[derive(Clone, Debug)]
pub struct App<'a> {
    /// Its host.
    pub host: &'a str,
    /// How it looks.
    pub look: &'a Look,
    /// Where it begins.
    pub url: String,
}

/// So many applications are found without a search.
const FEW: usize = 6;

#[derive(Template)]
#[template(path = "apps.html")]
struct AppsPage<'a> {
    t: &'static Texts,
    look: &'a Look,
    person: &'a str,
    found: Vec<&'a App<'a>>,
    search: &'a str,
    searchable: bool,
}

impl Pages {
    /// The applications of a person that fit a search; an empty one fits all.
    pub fn apps(&self, person: &str, apps: &[App<'_>], search: &str) -> String {
        let found = apps.iter().filter(|app| app.fits(search)).collect();
        let searchable = apps.len() > FEW || !search.is_empty();
        let (t, look) = (self.texts, &*self.look);
        rendered(&AppsPage { t, look, person, found, search, searchable })
    }
}

impl App<'_> {
    /// Whether a search finds it by name, by what it is for, or by host.
    pub fn fits(&self, search: &str) -> bool {
        let wanted = search.to_lowercase();
        let about = self.look.about.as_deref().unwrap_or_default();
        [&self.look.name, about, self.host].iter().any(|text| text.to_lowercase().contains(&wanted))
    }

    /// Its sign, or the beginnings of its name.
    fn icon(&self) -> String {
        if let Some(icon) = &self.look.icon {
            return icon.clone();
        }
        let words: Vec<&str> = self.look.name.split_whitespace().collect();
        match words.as_slice() {
            [one] => one.chars().take(2).collect(),
            words => words.iter().filter_map(|word| word.chars().next()).take(2).collect(),
        }
    }
}
