//! The texts of `templates/texts/`, and whose language they are in.

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

impl Texts {
    /// The texts in the language that an `Accept-Language` header likes best (RFC 9110 12.5.4), and
    /// in English for those who read none of ours.
    pub(crate) fn of(accept_language: &str) -> &'static Texts {
        let liked = |texts: &&&'static Texts| weight(accept_language, texts.lang);
        // The first of several that are liked alike.
        let best = ALL.iter().rev().max_by_key(liked).filter(|texts| liked(texts) > 0);
        best.copied().unwrap_or(&EN)
    }

    /// In every language.
    #[cfg(test)]
    pub(crate) fn all() -> impl Iterator<Item = &'static Texts> {
        ALL.into_iter()
    }
}

/// How much a language is liked, in thousandths: as much as the range that names it best.
fn weight(accept_language: &str, lang: &str) -> u32 {
    let mut best = (0, 0);
    for range in accept_language.split(',') {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let language = tag.trim().split('-').next().unwrap_or_default();
        let fits = match language {
            "*" => 1,
            language if language.eq_ignore_ascii_case(lang) => 2,
            _ => continue,
        };
        best = best.max((fits, quality(parameters)));
    }
    best.1
}

/// The value of `q`, in thousandths (RFC 9110 12.4.2). What is no such value counts nothing.
fn quality(parameters: &str) -> u32 {
    let Some((_, value)) = parameters.split_once("q=") else { return 1_000 };
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" if digits => 1_000,
        "0" if digits && fraction.len() <= 3 => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_best() {
        for (header, lang) in [
            ("", "en"),
            ("de", "de"),
            ("de-AT", "de"),
            ("DE-at, en;q=0.9", "de"),
            ("en-US,en;q=0.9,de;q=0.8", "en"),
            ("fr, de;q=0.5, en;q=0.4", "de"),
            ("fr;q=0.9, *;q=0.1", "en"),
            ("*, en;q=0", "de"),
            ("en;q=0.5, *;q=0.9", "de"),
            ("de;q=0", "en"),
            ("de;q=0, *", "en"),
            ("fr", "en"),
            ("de;q=nonsense, en;q=0.1", "en"),
            (";;,,q=,de;q=NaN", "en"),
            ("deu", "en"),
        ] {
            assert_eq!(Texts::of(header).lang, lang, "{header}");
        }
    }

    #[test]
    fn every_language_has_a_direction_and_a_name() {
        for texts in Texts::all() {
            assert!(matches!(texts.dir, "ltr" | "rtl"), "{}", texts.lang);
            assert!(std::ptr::eq(Texts::of(texts.lang), texts), "{}", texts.lang);
        }
    }
}
