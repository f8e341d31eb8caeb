//! Errors of what seals and opens tokens (§5, §8, §9, §10).

use thiserror::Error;

use super::code::ErrorCode;

/// Why there is no time (§8).
///
/// ```
/// assert_eq!(cretula::UnixTime::new(1 << 48), Err(cretula::TimeError::ClockRange));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not in 0 ≤ t < 2^48: `clock_range`.
    #[error("time is 0 to 2^48 - 1 seconds since the Unix epoch")]
    ClockRange,
    /// The system clock is outside that range: `no_clock`.
    #[error("the system clock gives no time from 1970 on")]
    NoClock,
}

impl ErrorCode for TimeError {
    fn code(&self) -> &'static str {
        match self {
            Self::ClockRange => "clock_range",
            Self::NoClock => "no_clock",
        }
    }
}

/// Why no token was made (§9).
///
/// ```
/// # use cretula::{Key, Site};
/// # use std::time::Duration;
/// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
/// assert_eq!(sealer.seal("hello", Duration::from_secs(0)), Err(cretula::SealError::TtlRange));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
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

impl ErrorCode for SealError {
    fn code(&self) -> &'static str {
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
/// # use cretula::{Key, Site};
/// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
/// assert_eq!(sealer.unseal("hello"), Err(cretula::UnsealError::NotAToken));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
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

impl ErrorCode for UnsealError {
    fn code(&self) -> &'static str {
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
    /// Maps every time error to `NoClock` ([TIME-02]).
    fn from(_: TimeError) -> Self {
        Self::NoClock
    }
}

impl From<TimeError> for UnsealError {
    /// Maps every time error to `NoClock` ([TIME-02]).
    fn from(_: TimeError) -> Self {
        Self::NoClock
    }
}
