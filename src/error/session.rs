//! Errors of sessions and cookies (§19, §20).

use alloc::string::String;

use thiserror::Error;

use super::token::{ContextError, SealError, TimeError, UnsealError};

/// Why a policy was refused (§19.2).
///
/// ```
/// assert_eq!(cretula::Policy::new(0, 60), Err(cretula::PolicyError::IdleRange));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// `idle_range`.
    #[error("idle is 1 to 34560000 seconds")]
    IdleRange,
    /// `absolute_range`.
    #[error("absolute is at least idle, and at most 34560000 seconds")]
    AbsoluteRange,
    /// `leeway_range`.
    #[error("leeway is 0 to 300 seconds")]
    LeewayRange,
}

impl PolicyError {
    /// Returns the specification's code (§12).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::IdleRange => "idle_range",
            Self::AbsoluteRange => "absolute_range",
            Self::LeewayRange => "leeway_range",
        }
    }
}

/// Why nobody was signed on or re-authenticated (§19.4).
///
/// ```
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

impl UserError {
    /// Returns the specification's code (§12): `user_invalid`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "user_invalid"
    }
}

/// Why a request has no session: for the log, never for the page (§19.3, §20.3).
///
/// ```
/// use cretula::{NoSession, UnsealError};
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

impl NoSession {
    /// Returns the specification's code (§12).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Absent => "absent",
            Self::Ambiguous => "ambiguous",
            Self::Chunks => "chunks",
            Self::Unchecked => "unchecked",
            Self::Revoked => "revoked",
            Self::SignedOff => "signed_off",
        }
    }
}

impl NoSession {
    /// Returns true if the session may still be valid, in a moment or on another server: there was no answer to the check,
    /// its key has not arrived here, there is no clock, or the server that issued it is ahead ([SESS-18]). Do not write
    /// then, because a write would replace it: answer 503.
    ///
    /// ```
    /// use cretula::{NoSession, UnsealError};
    ///
    /// assert!(NoSession::Unchecked.is_not_now() && NoSession::Token(UnsealError::UnknownKey).is_not_now());
    /// assert!(!NoSession::Absent.is_not_now() && !NoSession::Token(UnsealError::Expired).is_not_now());
    /// ```
    #[must_use]
    pub const fn is_not_now(self) -> bool {
        use UnsealError::{IssuedInFuture, NoClock, UnknownKey};
        matches!(self, Self::Unchecked | Self::Token(UnknownKey | IssuedInFuture | NoClock))
    }
}

impl From<UnsealError> for NoSession {
    fn from(error: UnsealError) -> Self {
        Self::Token(error)
    }
}

/// Why a cookie was refused at set-up (§20.1).
///
/// ```
/// use cretula::{Context, Cookie, CookieError, Key, Keyring, Policy, Sessions};
///
/// let keyring = Keyring::from(Key::generate()?);
/// let context = Context::new("shop.example", "session")?;
/// let cookie = Cookie::default().path("/shop"); // browsers would drop it
/// let refused = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), cookie).unwrap_err();
/// assert_eq!(refused.code(), "cookie_attributes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CookieError {
    /// `cookie_name`.
    #[error(
        "a cookie's name is 1 to 64 token characters, its prefix spelled `__Host-Http-`, `__Host-`, `__Http-` or `__Secure-`"
    )]
    Name,
    /// Browsers would drop the cookie, or keep it elsewhere: `cookie_attributes`.
    #[error("browsers would drop the cookie: {0}")]
    Attributes(&'static str),
    /// Two cookies have the same purpose, or clashing names: `cookie_clash`.
    #[error("two cookies have the same purpose, or one has the name that another writes")]
    Clash,
}

impl CookieError {
    /// Returns the specification's code (§12).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "cookie_name",
            Self::Attributes(_) => "cookie_attributes",
            Self::Clash => "cookie_clash",
        }
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

impl CommitError {
    /// Returns the specification's code (§12).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Context => ContextError::CODE,
            Self::Unserializable(_) => SealError::PayloadUnserializable.code(),
            Self::TooLarge { .. } => "cookie_too_large",
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
