//! Errors of sessions and cookies (§19, §20).

use alloc::string::String;

use thiserror::Error;

use super::{
    code::ErrorCode,
    token::{SealError, TimeError, UnsealError},
};

/// Why nobody was signed on or re-authenticated (§19.4).
///
/// ```
/// use cretula::ErrorCode as _;
/// let error = cretula::UserError::Guest;
/// assert_eq!(error.code(), "user_invalid");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UserError {
    /// `sub`, the generation or `auth_time` is out of range: `user_invalid`.
    #[error("sub is 1 to 255 bytes, a generation 0 to 2^53 - 1, and auth_time not in the future")]
    OutOfRange,
    /// Re-authentication of a guest: `user_invalid`.
    #[error("nobody is signed on")]
    Guest,
}

impl ErrorCode for UserError {
    fn code(&self) -> &'static str {
        "user_invalid"
    }
}

/// Why a request has no session: for the log, never for the page (§19.3, §20.3).
///
/// ```
/// use cretula::{ErrorCode as _, NoSession, UnsealError};
///
/// assert_eq!(NoSession::Token(UnsealError::Expired).code(), "expired");
/// assert_eq!(NoSession::Revoked.code(), "revoked");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoSession {
    /// The token does not open, or is no session: the token's code.
    #[error("{0}")]
    Token(UnsealError),
    /// The request has no such cookie: `absent`.
    #[error("the request has no such cookie")]
    Absent,
    /// Several cookies could be meant: `ambiguous`.
    #[error("several cookies of the name could be meant")]
    Ambiguous,
    /// The second of two cookies is missing, or there are several: `chunks`.
    #[error("the second of two cookies is missing, or there are several")]
    Chunks,
    /// Bound to a device, and no proof came with it; or not bound in time: `unproven`.
    #[error("the session is bound to a device, and no proof came with it")]
    Unproven,
    /// The application's check was not answered: `unchecked`.
    #[error("the check of the session generation was not answered")]
    Unchecked,
    /// The user's session generation is another: `revoked`.
    #[error("the user's session generation is another")]
    Revoked,
    /// Signed off in this browser, or denied by the application: `signed_off`.
    #[error("the session was signed off")]
    SignedOff,
}

impl ErrorCode for NoSession {
    fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Absent => "absent",
            Self::Ambiguous => "ambiguous",
            Self::Chunks => "chunks",
            Self::Unproven => "unproven",
            Self::Unchecked => "unchecked",
            Self::Revoked => "revoked",
            Self::SignedOff => "signed_off",
        }
    }
}

impl NoSession {
    /// Returns true if the session may still be valid, in a moment or on another server ([SESS-18]).
    pub(crate) const fn is_not_now(self) -> bool {
        use UnsealError::{IssuedInFuture, NoClock, UnknownKey};
        matches!(self, Self::Unproven | Self::Unchecked | Self::Token(UnknownKey | IssuedInFuture | NoClock))
    }
}

impl From<UnsealError> for NoSession {
    fn from(error: UnsealError) -> Self {
        Self::Token(error)
    }
}

/// Why a session was not written; nothing is sent then (§19.4, §20.4).
///
/// ```
/// use cretula::CommitError;
///
/// let error = CommitError::TooLarge { over: 17, largest: Some("notes".into()) };
/// assert_eq!(error.to_string(), "the session is 17 octets too large for its cookie; the largest in data is `notes`");
/// ```
#[derive(Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The session was opened for another audience, purpose or policy: `context_invalid`.
    #[error("the session was opened for another audience, purpose or policy")]
    Context,
    /// `data` or `flash` holds what another language would change, or is no object: `payload_unserializable`.
    #[error("the session's data cannot be written: {0}")]
    Unserializable(&'static str),
    /// The session does not fit: `cookie_too_large`.
    #[error("the session is {over} octets too large for its cookie{}", Largest(largest.as_deref()))]
    TooLarge {
        /// Octets too many.
        over: usize,
        /// The member of `data` with the longest serialised value.
        largest: Option<String>,
    },
    /// It cannot be told now whether the request has a session, and a write would replace it: the code of that. Answer
    /// 503.
    #[error("it cannot be told now whether the request has a session, so nothing is written over it: {0}")]
    NotNow(NoSession),
    /// Sealing failed: the code of that.
    #[error("{0}")]
    Seal(SealError),
}

/// Writes which member is the largest, if there is one.
struct Largest<'a>(Option<&'a str>);

impl core::fmt::Display for Largest<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(name) => write!(f, "; the largest in data is `{name}`"),
        }
    }
}

impl ErrorCode for CommitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Context => "context_invalid",
            Self::Unserializable(_) => SealError::PayloadUnserializable.code(),
            Self::TooLarge { .. } => "cookie_too_large",
            Self::NotNow(reason) => reason.code(),
            Self::Seal(error) => error.code(),
        }
    }
}

impl From<SealError> for CommitError {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl From<TimeError> for CommitError {
    /// Maps every time error to `no_clock` ([TIME-02]).
    fn from(error: TimeError) -> Self {
        Self::Seal(error.into())
    }
}
