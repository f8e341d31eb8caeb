//! Every public error and its stable code (§12 of the specification).
//!
//! A token's faults ([`UnsealError`]) and the calling program's faults are different types where a call can have
//! only one of them. Codes are for logs and metrics: to whoever sent the token, all of them are "no session".

#[cfg(feature = "session")]
mod session;

use core::fmt;

use thiserror::Error;

#[cfg(feature = "session")]
pub use session::{CommitError, CookieError, NoSession, PolicyError, UserError};

/// Why a key was refused or not made (§4). Never contains the key.
///
/// ```
/// let error = "cretula_key1_oops".parse::<cretula::Key>().unwrap_err();
/// assert_eq!(error, cretula::KeyError::Format);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not 32 bytes, or not a key text of 86 characters: `key_format`.
    #[error("not a key: wants 32 bytes, or `cretula_key1_`, 64 lower-case hex digits, `_` and 8 more")]
    Format,
    /// The key text's checksum differs, as after a typo: `key_checksum`.
    #[error("the checksum of the key text does not match: a character is wrong")]
    Checksum,
    /// All 32 bytes are zero: `key_zero`.
    #[error("the key is all zero")]
    Zero,
    /// A published test key: `key_test`.
    #[error("the key is a published test key")]
    Test,
    /// The operating system gave no randomness to make a key: `no_randomness`.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

impl KeyError {
    /// Returns the specification's code (§12).
    ///
    /// ```
    /// assert_eq!(cretula::KeyError::Zero.code(), "key_zero");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Format => "key_format",
            Self::Checksum => "key_checksum",
            Self::Zero => "key_zero",
            Self::Test => "key_test",
            Self::NoRandomness => "no_randomness",
        }
    }
}

/// Why a context was refused (§5).
///
/// ```
/// let error: cretula::ContextError = cretula::Context::new("", "session").unwrap_err();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("audience and purpose are each 1 to 255 bytes of visible ASCII")]
#[non_exhaustive]
pub struct ContextError;

impl ContextError {
    /// Returns the specification's code (§12): `context_invalid`.
    ///
    /// ```
    /// assert_eq!(cretula::Context::new("", "session").unwrap_err().code(), "context_invalid");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        Self::CODE
    }

    const CODE: &'static str = "context_invalid";
}

/// Why a keyring was refused (§11). Says which entry, counted from 0; never contains a key.
///
/// ```
/// let error = cretula::Keyring::parse("").unwrap_err();
/// assert_eq!(error, cretula::KeyringError::Empty);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// Not a keyring document: `keyring_format`. Line and column count from 1, the column in bytes; both are 0 where the
    /// fault stands inside an entry, or in no one place.
    #[error("not a keyring document{}", Place { line: *line, column: *column })]
    Format {
        /// Line of the fault.
        line: usize,
        /// Column of the fault, in bytes.
        column: usize,
    },
    /// No entry: `keyring_empty`.
    #[error("the keyring has no key")]
    Empty,
    /// An entry's key is refused: the key's code.
    #[error("key at position {entry}: {error}")]
    Key {
        /// Position of the entry, from 0.
        entry: usize,
        /// What is wrong with its key.
        error: KeyError,
    },
    /// A time is not an integer in 0 ≤ t < 2^48: `keyring_time`.
    #[error("key at position {entry}: seal_from and accept_until are integers from 0 to 2^48 - 1")]
    Time {
        /// Position of the entry, from 0.
        entry: usize,
    },
    /// `seal_from` is not before `accept_until`: `keyring_window`.
    #[error("key at position {entry}: seal_from is not before accept_until")]
    Window {
        /// Position of the entry, from 0.
        entry: usize,
    },
    /// An earlier entry has the same key: `key_duplicate`.
    #[error("key at position {entry}: the same key stands earlier in the keyring")]
    Duplicate {
        /// Position of the later of the two, from 0.
        entry: usize,
    },
}

/// Writes where a document is at fault, if that is one place.
struct Place {
    line: usize,
    column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => Ok(()),
            line => write!(f, " (line {line}, column {})", self.column),
        }
    }
}

impl KeyringError {
    /// Returns the specification's code (§12).
    ///
    /// ```
    /// assert_eq!(cretula::KeyringError::Empty.code(), "keyring_empty");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Format { .. } => "keyring_format",
            Self::Empty => "keyring_empty",
            Self::Key { error, .. } => error.code(),
            Self::Time { .. } => "keyring_time",
            Self::Window { .. } => "keyring_window",
            Self::Duplicate { .. } => "key_duplicate",
        }
    }

    /// Returns the position of the offending entry, from 0; `None` for a fault of the whole.
    ///
    /// ```
    /// assert_eq!(cretula::Keyring::parse("cretula_key1_oops").unwrap_err().entry(), Some(0));
    /// assert_eq!(cretula::KeyringError::Empty.entry(), None);
    /// ```
    #[must_use]
    pub const fn entry(self) -> Option<usize> {
        match self {
            Self::Format { .. } | Self::Empty => None,
            Self::Key { entry, .. } | Self::Time { entry } | Self::Window { entry } | Self::Duplicate { entry } => {
                Some(entry)
            }
        }
    }
}

/// Why an [`Options`](crate::Options) value was refused (§8).
///
/// ```
/// let error = cretula::Options::default().limit(0).unwrap_err();
/// assert_eq!(error, cretula::OptionsError::LimitRange);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// `limit_range`.
    #[error("limit is 1 to 16777216 octets")]
    LimitRange,
    /// `leeway_range`.
    #[error("leeway is 0 to 300 seconds")]
    LeewayRange,
    /// `max_age_range`.
    #[error("max_age is 1 to 34560000 seconds")]
    MaxAgeRange,
}

impl OptionsError {
    /// Returns the specification's code (§12).
    ///
    /// ```
    /// assert_eq!(cretula::OptionsError::LeewayRange.code(), "leeway_range");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LimitRange => "limit_range",
            Self::LeewayRange => "leeway_range",
            Self::MaxAgeRange => "max_age_range",
        }
    }
}

/// Why there is no time (§8).
///
/// ```
/// assert_eq!(cretula::UnixTime::new(1 << 48), Err(cretula::TimeError::ClockRange));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not in 0 ≤ t < 2^48: `clock_range`.
    #[error("time is 0 to 2^48 - 1 seconds since the Unix epoch")]
    ClockRange,
    /// The system clock stands outside that range: `no_clock`.
    #[error("the system clock gives no time from 1970 on")]
    NoClock,
}

impl TimeError {
    /// Returns the specification's code (§12).
    ///
    /// ```
    /// assert_eq!(cretula::TimeError::NoClock.code(), "no_clock");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ClockRange => "clock_range",
            Self::NoClock => "no_clock",
        }
    }
}

/// Why no token was made (§9).
///
/// ```
/// # use cretula::{Context, Key, Keyring, Sealer};
/// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
/// assert_eq!(sealer.seal("hello", 0), Err(cretula::SealError::TtlRange));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// `ttl_range`.
    #[error("ttl is 1 to 34560000 seconds")]
    TtlRange,
    /// No key of the ring may seal now: `no_sealing_key`.
    #[error("no key of the keyring may seal now")]
    NoSealingKey,
    /// The token would be longer than the limit: `result_too_long`.
    #[error("the token would have {length} octets, over the limit of {limit}")]
    ResultTooLong {
        /// Octets that the token would have.
        length: usize,
        /// Octets allowed.
        limit: usize,
    },
    /// The value has no JSON form: `payload_unserializable`.
    #[error("the value cannot be written as JSON")]
    PayloadUnserializable,
    /// The operating system gave no randomness: `no_randomness`.
    #[error("the operating system gave no randomness")]
    NoRandomness,
    /// The system clock gives no time: `no_clock`.
    #[error("the system clock gives no time from 1970 on")]
    NoClock,
}

impl SealError {
    /// Returns the specification's code (§12).
    ///
    /// ```
    /// assert_eq!(cretula::SealError::NoSealingKey.code(), "no_sealing_key");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TtlRange => "ttl_range",
            Self::NoSealingKey => "no_sealing_key",
            Self::ResultTooLong { .. } => "result_too_long",
            Self::PayloadUnserializable => "payload_unserializable",
            Self::NoRandomness => "no_randomness",
            Self::NoClock => "no_clock",
        }
    }
}

/// Why a token was not opened, in the order of the checks (§10).
///
/// ```
/// # use cretula::{Context, Key, Keyring, Sealer};
/// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
/// assert_eq!(sealer.unseal("hello"), Err(cretula::UnsealError::NotAToken));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnsealError {
    /// Step 1: `too_long`.
    #[error("the token is longer than the limit")]
    TooLong,
    /// Step 2: `unsupported_version`.
    #[error("the token is of a version other than 1")]
    UnsupportedVersion,
    /// Step 2: `wrong_kind`.
    #[error("the token is of the other kind")]
    WrongKind,
    /// Step 2: `not_a_token`.
    #[error("not a cretula token")]
    NotAToken,
    /// Step 3: `encoding`.
    #[error("the token is not canonical base64url")]
    Encoding,
    /// Step 4: `too_short`.
    #[error("the token is shorter than the empty payload's")]
    TooShort,
    /// Step 5: `unknown_key`.
    #[error("the token's key, audience or purpose is not one of ours")]
    UnknownKey,
    /// Step 5: `key_inactive`.
    #[error("the token's key is no longer accepted")]
    KeyInactive,
    /// Step 6: `auth_failed`.
    #[error("the token was changed, or not made with our key")]
    AuthFailed,
    /// Step 7: `issued_in_future`.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// Step 8: `expired`.
    #[error("the token has expired")]
    Expired,
    /// Step 9 of the JSON forms: `payload_invalid`.
    #[error("the token's payload is not what was expected")]
    PayloadInvalid,
    /// Not the token's fault: `no_clock`.
    #[error("the system clock gives no time from 1970 on")]
    NoClock,
}

impl UnsealError {
    /// Returns the specification's code (§12).
    ///
    /// ```
    /// assert_eq!(cretula::UnsealError::Expired.code(), "expired");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::UnsupportedVersion => "unsupported_version",
            Self::WrongKind => "wrong_kind",
            Self::NotAToken => "not_a_token",
            Self::Encoding => "encoding",
            Self::TooShort => "too_short",
            Self::UnknownKey => "unknown_key",
            Self::KeyInactive => "key_inactive",
            Self::AuthFailed => "auth_failed",
            Self::IssuedInFuture => "issued_in_future",
            Self::Expired => "expired",
            Self::PayloadInvalid => "payload_invalid",
            Self::NoClock => "no_clock",
        }
    }
}

impl From<TimeError> for SealError {
    /// Takes any want of a time for want of a clock ([TIME-02]).
    fn from(_: TimeError) -> Self {
        Self::NoClock
    }
}

impl From<TimeError> for UnsealError {
    /// Takes any want of a time for want of a clock ([TIME-02]).
    fn from(_: TimeError) -> Self {
        Self::NoClock
    }
}
