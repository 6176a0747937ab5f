//! Every way in which the gate says no.
//!
//! One flat enum. A refusal has one stable code, which stands in the log, on the page, in
//! `X-Access-Gate`, on the command line, in `docs/refusals.md` and in the name of its test; a
//! status; one sentence of cause, for the administrator; and one of remedy. The tables are beside
//! this file, one a theme.

mod table;

/// What the person is told. The page has one text for each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request itself could not be understood: 400.
    BadRequest,
    /// Nobody is signed in and the request can't be sent to a sign-in: 401.
    SignInNeeded,
    /// The sign-in did not succeed: 403.
    SignInFailed,
    /// Signed in, and not allowed here: 403.
    NotAllowed,
    /// No such page among our own: 404.
    NotFound,
    /// Too often: 429.
    TooMany,
    /// Vestibule itself is not ready: 503.
    Unavailable,
}

impl Kind {
    /// The HTTP status of every refusal of this kind.
    pub fn status(self) -> u16 {
        match self {
            Kind::BadRequest => 400,
            Kind::SignInNeeded => 401,
            Kind::SignInFailed | Kind::NotAllowed => 403,
            Kind::NotFound => 404,
            Kind::TooMany => 429,
            Kind::Unavailable => 503,
        }
    }
}

macro_rules! refusals {
    ($($variant:ident $code:literal $kind:ident $cause:literal $remedy:literal)*) => {
        /// Why the gate said no. See the module's own words for what each carries.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Refusal { $(#[doc = $cause] $variant,)* }

        impl Refusal {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Refusal] = &[$(Refusal::$variant,)*];

            /// The stable code.
            pub fn code(self) -> &'static str { match self { $(Refusal::$variant => $code,)* } }
            /// What the person is told.
            pub fn kind(self) -> Kind { match self { $(Refusal::$variant => Kind::$kind,)* } }
            /// What happened, in one sentence.
            pub fn cause(self) -> &'static str { match self { $(Refusal::$variant => $cause,)* } }
            /// What to do about it, in one sentence.
            pub fn remedy(self) -> &'static str { match self { $(Refusal::$variant => $remedy,)* } }
        }
    };
}
use refusals;

pub use table::Refusal;

impl Refusal {
    /// The HTTP status of the answer.
    pub fn status(self) -> u16 {
        self.kind().status()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code(), self.cause())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_of_one_shape() {
        let mut seen = HashSet::new();
        for refusal in Refusal::ALL {
            let code = refusal.code();
            assert!(seen.insert(code), "{code} stands twice");
            assert!(
                code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
        }
    }

    #[test]
    fn sentences_are_sentences() {
        for refusal in Refusal::ALL {
            for sentence in [refusal.cause(), refusal.remedy()] {
                assert!(sentence.ends_with('.'), "{}: {sentence}", refusal.code());
                assert!(sentence.starts_with(|c: char| c.is_uppercase()), "{sentence}");
            }
        }
    }
}
