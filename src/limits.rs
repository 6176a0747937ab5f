//! Every bound on input, in one place. A bound is checked before the work it bounds (SEC-01).

/// Bytes of one `SAMLResponse` form field, still in base64 (SEC-01).
pub const SAML_FIELD: usize = 256 * 1024;
/// Bytes of a query that carries a SAML message (SEC-01).
pub const SAML_QUERY: usize = 32 * 1024;
/// Bytes of a message that a query carries, inflated (SEC-01).
pub const SAML_INFLATED: usize = 64 * 1024;
/// Bytes of a decoded SAML message (SEC-01).
pub const SAML_MESSAGE: usize = 192 * 1024;
/// Bytes of a whole form posted to one of our own endpoints.
pub const FORM_BODY: usize = 300 * 1024;
/// Bytes of a metadata document.
pub const METADATA: usize = 1024 * 1024;

/// Levels of nested elements (SEC-08).
pub const XML_DEPTH: usize = 32;
/// Elements in one document (SEC-08).
pub const XML_ELEMENTS: usize = 2_000;
/// Attributes of one element, namespace declarations not counted (SEC-08).
pub const XML_ATTRIBUTES: usize = 32;
/// Namespace declarations of one element (SEC-08).
pub const XML_DECLARATIONS: usize = 16;
/// Namespace declarations in scope at one element (SEC-08).
pub const XML_IN_SCOPE: usize = 64;
/// Bytes of the text of one element, or of the value of one attribute (SEC-08).
pub const XML_TEXT: usize = 64 * 1024;
/// Bytes of one namespace name; SAML has none of more than 100.
pub const XML_NAMESPACE: usize = 1_024;
/// Elements in one metadata document.
pub const METADATA_ELEMENTS: usize = 50_000;
/// Bytes that canonicalisation may write: namespaces can multiply what was read.
pub const CANONICAL: usize = 4 * 1024 * 1024;
/// Prefixes in the PrefixList of a canonicalisation.
pub const PREFIX_LIST: usize = 16;

/// Bytes of a NameID (SEC-30).
pub const NAME_ID: usize = 1_024;
/// Values of all attributes of an assertion (SEC-08).
pub const ATTRIBUTE_VALUES: usize = 1_000;
/// Groups of a subject (SEC-08).
pub const GROUPS: usize = 500;

/// Bytes of a request path (path segments and slashes, no query).
pub const PATH: usize = 2 * 1024;
/// Segments of a request path.
pub const PATH_SEGMENTS: usize = 64;
/// Bytes of path and query that a sign-in remembers.
pub const RETURN_TO: usize = 2 * 1024;
/// Bytes of a fragment that a sign-in brings back.
pub const FRAGMENT: usize = 1024;
/// Bytes of a policy document: 100 000 short rules.
pub const DOCUMENT: usize = 8 * 1024 * 1024;
/// Bytes of the logo of an application, as a `data:` address: every page of ours holds it.
pub const LOGO: usize = 6 * 1024;
/// Other applications that a document lists; the page with all of them stays under 20 KB.
pub const APPS: usize = 30;
/// Letters of what an application is for.
pub const ABOUT: usize = 100;
/// Letters of the sign of an application.
pub const ICON: usize = 2;
/// Levels of nested conditions, those of the sets they name included.
pub const CONDITION_DEPTH: usize = 12;
/// Conditions that one rule may come to, with the sets it names written out.
pub const CONDITION_PARTS: usize = 10_000;
/// Named sets of a policy document.
pub const SETS: usize = 200;
/// Sets of paths that comparing and checking documents tell apart.
pub const REGIONS: usize = 200_000;
/// Faults that the loader reports before it stops.
pub const FAULTS: usize = 50;

/// Bytes of the value of one cookie; browsers keep 4096 with name and attributes.
pub const COOKIE_VALUE: usize = 3_800;
/// Cookies that one session may be split over, 30 KB: a quarter of the request headers that
/// Cloudflare lets in (128 KB), and with the sign-ins under way 16 of the 50 cookies that every
/// browser keeps for a host (RFC 6265 6.1).
pub const SESSION_COOKIES: usize = 8;
/// Bytes that fit into those: sealing adds 32, and base64url a third.
pub const SESSION_PACKED: usize = COOKIE_VALUE * SESSION_COOKIES / 4 * 3 - 32;
/// Bytes of a session that are sealed as they are: they fit into one cookie.
pub const SESSION_AS_IT_IS: usize = COOKIE_VALUE / 4 * 3 - 32;
/// Bytes of a session before it is deflated: more than a SAML message holds.
pub const SESSION_INFLATED: usize = 256 * 1024;
/// Sign-ins that one browser may have under way; more clears the older ones.
pub const LOGINS_UNDER_WAY: usize = 8;
/// Sign-ins for one page that may follow upon each other, each within [`ROUND_SECONDS`] of the last.
pub const ROUNDS: u8 = 4;
/// Seconds in which no sign-in should follow upon another for the same page.
pub const ROUND_SECONDS: i64 = 60;
/// Longest life of a session, in seconds.
pub const SESSION_SECONDS: i64 = 30 * 86_400;
/// Seconds after which somebody who signed in too often may try again: the period of LOGIN_LIMIT.
pub const RETRY_SECONDS: i64 = 60;
/// Bytes of a RelayState (SAML bindings 3.4.3).
pub const RELAY_STATE: usize = 80;
/// Life of the sealed login state, in seconds.
pub const LOGIN_SECONDS: i64 = 600;
/// Life of what an auth host hands over, in seconds.
pub const HAND_OVER_SECONDS: i64 = 60;
/// Life of a token of the command line, in seconds.
pub const TOKEN_SECONDS: i64 = 3_600;
/// Age of a logout message that still counts, in seconds.
pub const LOGOUT_SECONDS: i64 = 300;
/// Clock skew allowed between the identity provider and us, in seconds (SEC-25).
pub const CLOCK_SKEW_SECONDS: i64 = 60;
/// Bytes of all groups that the application is told, as a header has them. With the assertion, which
/// has them in base64, that is about 5 KiB: some servers take 8 KiB of headers in all.
pub const TOLD_GROUPS: usize = 2 * 1024;
/// Bytes of all attributes that it is told.
pub const TOLD_ATTRIBUTES: usize = 2 * 1024;
/// Life of the assertion to the origin, in seconds.
pub const ORIGIN_ASSERTION_SECONDS: i64 = 600;
/// How long before a signing certificate ends it is warned about, in seconds.
pub const EXPIRES_SOON_SECONDS: i64 = 30 * 86_400;
