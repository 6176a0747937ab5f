//! Who the application is told asks.

use std::borrow::Cow;

use crate::identity::{Facts, SERVICE, UnixTime};
use crate::service::Service;
use crate::session::Session;

/// A signed-in person or a service.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// A person, by their session.
    Person(&'a Session),
    /// A machine.
    Service(&'a Service),
}

impl<'a> Caller<'a> {
    /// What is known of the person.
    pub fn facts(self) -> Option<&'a Facts> {
        match self {
            Caller::Person(session) => Some(session.subject()),
            Caller::Service(_) => None,
        }
    }

    /// The service.
    pub fn service(self) -> Option<&'a Service> {
        match self {
            Caller::Person(_) => None,
            Caller::Service(service) => Some(service),
        }
    }

    /// What logs call them.
    pub fn shown(self) -> Cow<'a, str> {
        match self {
            Caller::Person(session) => session.subject().shown().into(),
            Caller::Service(service) => service.shown().into(),
        }
    }

    /// When the session or the token is over.
    pub fn ends(self) -> UnixTime {
        match self {
            Caller::Person(session) => session.ends(),
            Caller::Service(service) => service.ends(),
        }
    }

    /// What tells one session or service from all others, and what it was shown by: a token of the
    /// command line ends before its session, and each secret of a service has its own end. A
    /// session's id is random.
    pub fn key(self) -> String {
        let ends = self.ends();
        match self {
            Caller::Person(session) => format!("{} {ends}", session.id()),
            Caller::Service(service) => format!("{SERVICE}{} {ends}", service.id()),
        }
    }
}
