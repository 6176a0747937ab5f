//! What a person is told when the gate says no: for each refusal what happened and what to do, in
//! words of theirs. Several refusals are one and the same to a person; the code beside the
//! reference is for the administrator.

use super::texts::TextsRefusals;
use crate::refusals::Refusal;

/// Heading, what happened, what to do.
pub(super) type Sentences = [&'static str; 3];

/// What the page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// To sign in again.
    SignIn,
    /// To sign in as somebody else.
    Switch,
    /// The start page of the application.
    Start,
    /// The same page once more.
    Again,
    /// To sign in in a new tab, and to come back to this one.
    Beside,
    /// Nothing.
    Nothing,
}

/// The words for a refusal of somebody who is signed in or not, and the way on from there.
pub(super) fn told(
    refusal: Refusal,
    signed_in: bool,
    texts: &TextsRefusals,
) -> (&Sentences, Offer) {
    use Refusal::*;
    match refusal {
        PathNotAbsolute | PathHasQuery | PathNotAscii | PathBadEscape | PathControl
        | PathEncodedSlash | PathBackslash | PathNotUtf8 | PathDoubleEncoded | PathDotSegment
        | PathTooLong => (&texts.link, Offer::Start),
        HandOverMalformed | CommandLineMalformed | CommandLineCodeRefused => {
            (&texts.link, Offer::Start)
        }
        NoSuchPage | NotFound => (&texts.no_page, Offer::Start),

        NotAllowed | Denied if signed_in => (&texts.not_allowed, Offer::Switch),
        NotAllowed | Denied => (&texts.closed, Offer::Nothing),
        SignInNeeded => (&texts.sign_in, Offer::Beside),
        FormNotSent => (&texts.not_sent, Offer::Beside),
        ServiceTokenRefused | AccessTokenRefused => (&texts.program, Offer::SignIn),

        XmlEncoding
        | XmlDoctype
        | XmlInstruction
        | XmlComment
        | XmlCdata
        | XmlEntity
        | XmlMalformed
        | XmlDuplicateAttribute
        | XmlContent
        | XmlNamespace
        | Base64Malformed
        | DeflateMalformed
        | ResponseRoot
        | SamlUnexpected
        | SamlMissing
        | VersionUnsupported
        | TimeMalformed
        | FormMalformed => (&texts.unreadable, Offer::SignIn),
        XmlTooLarge | FormTooLarge | GroupsElsewhere | AttributesTooMany | SessionTooLarge => {
            (&texts.too_much, Offer::Switch)
        }
        SignatureMissing | SignatureTwice | SignatureMisplaced | SignatureShape
        | SignatureReference | SignatureTransform | SignatureSha1 | SignatureAlgorithm
        | SignatureEncoding | SignatureKeyFamily | SignatureWrong | DigestWrong
        | CanonicalEmpty | IdMissing | IdMalformed | IdDuplicate => {
            (&texts.not_genuine, Offer::SignIn)
        }
        EmailMalformed | EmailDomain | TextDeceives | NameIdUnusable | NameIdFormatMismatch => {
            (&texts.account, Offer::Switch)
        }
        LoginStateMissing | Unsolicited | InResponseToMismatch | HandOverUnknown
        | HandOverMismatch | CommandLineForged => (&texts.lost, Offer::SignIn),
        SignInLoop => (&texts.circles, Offer::Again),
        Replayed | HandOverUsed => (&texts.used, Offer::SignIn),
        Expired | NotYetValid | HandOverLate | HandOverStale => (&texts.late, Offer::SignIn),
        StatusNotSuccess => (&texts.declined, Offer::SignIn),
        IssuerMismatch | DestinationMismatch | RecipientMismatch | AudienceMismatch => {
            (&texts.misdirected, Offer::SignIn)
        }
        AssertionCount
        | AssertionEncrypted
        | EncryptionShape
        | EncryptionAlgorithm
        | EncryptionOaepHashes
        | EncryptionCbcUnsigned
        | AssertionUndecipherable
        | ConfirmationMissing
        | ConditionUnknown => (&texts.unfit, Offer::SignIn),
        AuthnContextMismatch => (&texts.stronger, Offer::Switch),
        AuthnStale => (&texts.not_fresh, Offer::Switch),
        TooManySignIns => (&texts.too_many, Offer::SignIn),

        HostUnknown => (&texts.unknown_host, Offer::Nothing),
        NoKey | CertificateMalformed | KeyUnsupported | KeyWeak | KeyBare | BindingMissing
        | KeysUnusable | AttributesTooLarge | SigningKeyMissing | DocumentUnusable
        | DocumentOld | IdpMissing | IdpDocumentUnusable | MetadataNoIdp | MetadataAmbiguous
        | MetadataNoSignOn | MetadataExpired | MetadataUnreachable | UrlRefused
        | HandOverForeign => (&texts.set_up, Offer::Again),
        StoreUnavailable | LedgerUnavailable | RevokedAhead => (&texts.later, Offer::Again),
        OriginUnreachable => (&texts.application, Offer::Again),
        Broken => (&texts.broken, Offer::Again),
    }
}
