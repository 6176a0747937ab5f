//! The checks of a response by name, in their order, and how far one came.

use std::cell::RefCell;

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident $name:literal $clause:literal)*) => {
        /// One check of a response.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Check { $($(#[$doc])* $variant,)* }

        impl Check {
            /// All of them, in the order in which they are made.
            pub const ALL: &[Check] = &[$(Check::$variant),*];

            /// What is checked, in a few words.
            pub fn name(self) -> &'static str {
                match self { $(Check::$variant => $name,)* }
            }

            /// Which rule or clause demands it.
            pub fn clause(self) -> &'static str {
                match self { $(Check::$variant => $clause,)* }
            }
        }
    };
}

checks! {
    /// The bytes.
    Xml "strict XML within its limits" "SEC-03 to SEC-09"
    /// The root element.
    Root "a SAML 2.0 Response" "SAML core 3.3.3"
    /// The IDs.
    Ids "every ID is unique" "SEC-12"
    /// The elements around the assertion.
    Outline "one assertion, and nothing that is not understood" "SEC-10, SEC-11"
    /// Where signatures stand.
    Places "signatures only where they belong" "SEC-13"
    /// The response's own signature.
    ResponseSignature "signature of the response" "SEC-14 to SEC-20"
    /// The version of the response.
    Version "version 2.0" "SEC-23"
    /// The response's issuer.
    ResponseIssuer "issuer of the response" "SEC-21"
    /// Where it was sent.
    Destination "destination" "SEC-23, SAML bindings 3.5.5.2"
    /// The status.
    Status "status is Success" "SEC-22"
    /// The request that the response answers.
    InResponseTo "answers the request" "SEC-24"
    /// The shape of the encryption.
    Encryption "encryption of an accepted kind" "SEC-32, SEC-33"
    /// The assertion's own signature.
    AssertionSignature "signature of the assertion" "SEC-14 to SEC-20"
    /// That there is a signature at all.
    Signed "signed by a key in the metadata" "SEC-18"
    /// The elements of the assertion.
    Assertion "nothing in the assertion that is not understood" "SEC-10, SEC-20"
    /// The assertion's issuer.
    Issuer "issuer of the assertion" "SEC-21"
    /// Nothing of it lies in the future.
    NotBefore "valid already" "SEC-25"
    /// The new sign-in that was demanded.
    Freshness "signed in anew where that was demanded" "SEC-26"
    /// The context that was asked for.
    Context "authentication context that was asked for" "SEC-26"
    /// The format that was asked for.
    NameIdFormat "NameID format that was asked for" "SAML core 3.4.1.1"
    /// Nothing of it is over.
    NotOnOrAfter "still valid" "SEC-25, SEC-26"
    /// Whom it is for.
    Audience "audience is our entity ID" "SEC-25"
    /// Recipient, request and end of one bearer confirmation.
    Confirmation "bearer confirmation for our ACS and our request" "SEC-24"
    /// Who it is.
    Subject "subject by the document of the identity provider" "SEC-30, SEC-31"
}

/// The checks that were begun. All but the last were passed; the last was, where nothing was
/// refused.
#[derive(Debug, Default)]
pub struct Trail {
    begun: RefCell<Vec<Check>>,
    sent: RefCell<Vec<String>>,
}

impl Trail {
    pub(super) fn at(&self, check: Check) {
        self.begun.borrow_mut().push(check);
    }

    pub(super) fn sent(&self, names: impl Iterator<Item = String>) {
        self.sent.borrow_mut().extend(names);
    }

    /// Those that were begun, in order.
    pub fn begun(&self) -> Vec<Check> {
        self.begun.borrow().clone()
    }

    /// The names of the attributes that the assertion has, once it was verified.
    pub fn attributes(&self) -> Vec<String> {
        self.sent.borrow().clone()
    }
}
