//! Hazardous materials: fixed salt and iv, and test keys, for running the vectors and for nothing else.
//!
//! # Security
//! If a salt and iv are used twice, anyone who sees both tokens can forge (§14.3 of the specification). The test keys
//! are published. No server enables this feature.

#[cfg(feature = "session")]
mod session;

use alloc::string::String;

#[cfg(feature = "session")]
use crate::{
    cookie::{Sessions, TokenCookie},
    session::SessionSealer,
};
use crate::{
    error::{KeyError, KeyringError, SealError},
    key::{Key, TestKeys},
    keyring::Keyring,
    limits::{IV_BYTES, SALT_BYTES},
    sealed::Sealer,
    signed::Signer,
    time::{Clock, UnixTime},
};

#[cfg(feature = "device")]
pub use session::answer_device;
#[cfg(feature = "session")]
pub use session::{Fixed, commit_cookies_at, commit_session_at, open_ended_at};

/// Something whose calls can be made at another time than the clock's.
///
/// ```
/// use cretula::{Key, Site, UnixTime, hazmat::At as _};
/// use std::time::Duration;
///
/// let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
/// let (noon, later) = (UnixTime::new(1_790_000_000)?, UnixTime::new(1_790_000_060)?);
/// let token = sealer.at(noon).seal("hello", Duration::from_secs(60))?;
/// assert!(sealer.at(later).unseal(token).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait At {
    /// Returns the same with a fixed clock.
    #[must_use]
    fn at(&self, now: UnixTime) -> Self;
}

/// Implements it by `with_clock`.
macro_rules! at {
    ($($(#[$cfg:meta])? ($($of:tt)*) for $type:ty;)*) => {$(
        $(#[$cfg])?
        impl $($of)* At for $type {
            fn at(&self, now: UnixTime) -> Self {
                self.with_clock(Clock::new(move || Some(now)))
            }
        }
    )*};
}
at! {
    () for Sealer;
    () for Signer;
    #[cfg(feature = "session")] (<T>) for SessionSealer<T>;
    #[cfg(feature = "session")] (<T>) for Sessions<T>;
    #[cfg(feature = "session")] () for TokenCookie;
}

/// Makes a key from 32 bytes; accepts test keys.
///
/// ```
/// let key = cretula::hazmat::key_from_bytes(b"cretula-test-key 0123456789abcde")?;
/// # Ok::<(), cretula::KeyError>(())
/// ```
///
/// # Errors
/// As [`Key::from_bytes`], except [`KeyError::Test`].
pub fn key_from_bytes(bytes: &[u8]) -> Result<Key, KeyError> {
    Key::read_bytes(bytes, TestKeys::Accepted)
}

/// Reads a key text, a test key's included.
///
/// ```
/// let key = cretula::hazmat::key_from_bytes(b"cretula-test-key 0123456789abcde")?;
/// assert_eq!(cretula::hazmat::key_from_text(&key.to_text())?, key);
/// # Ok::<(), cretula::KeyError>(())
/// ```
///
/// # Errors
/// As `Key::from_str`, except [`KeyError::Test`].
pub fn key_from_text(text: &str) -> Result<Key, KeyError> {
    Key::read_text(text.as_bytes(), TestKeys::Accepted)
}

/// Reads a keyring in either form, with test keys.
///
/// ```
/// let key = cretula::hazmat::key_from_bytes(b"cretula-test-key 0123456789abcde")?;
/// assert!(cretula::hazmat::keyring_from_text(key.to_text().as_str()).is_ok());
/// # Ok::<(), cretula::KeyError>(())
/// ```
///
/// # Errors
/// As [`Keyring::parse`], except for test keys.
pub fn keyring_from_text(text: impl AsRef<[u8]>) -> Result<Keyring, KeyringError> {
    Keyring::read(text.as_ref(), TestKeys::Accepted)
}

/// Seals with a salt and an iv of the caller's.
///
/// ```
/// use cretula::{Key, Site, UnixTime, hazmat};
///
/// let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
/// let seal = || hazmat::seal_at(&sealer, "hello", 60, UnixTime::new(0).unwrap(), [1; 12], [2; 12]);
/// assert_eq!(seal()?, seal()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Sealer::seal`]. `ttl` is in seconds.
pub fn seal_at(
    sealer: &Sealer,
    payload: impl AsRef<[u8]>,
    ttl: u32,
    now: UnixTime,
    salt: [u8; SALT_BYTES],
    iv: [u8; IV_BYTES],
) -> Result<String, SealError> {
    let mut token = String::new();
    sealer.seal_drawing(payload.as_ref(), ttl, now, &mut token, |nonces| {
        nonces.first_chunk_mut().map(|first| *first = salt)?;
        nonces.last_chunk_mut().map(|last| *last = iv)
    })?;
    Ok(token)
}

/// Makes a call for which the system has no clock, on this thread ([TIME-02]).
///
/// ```
/// use cretula::{ErrorCode as _, Key, Site, hazmat};
/// use std::time::Duration;
///
/// let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
/// let seal = || sealer.seal("hello", Duration::from_secs(60));
/// assert_eq!(hazmat::without_clock(seal).unwrap_err().code(), "no_clock");
/// assert!(seal().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "std")]
pub fn without_clock<R>(call: impl FnOnce() -> R) -> R {
    crate::time::stopped(call)
}

/// Makes a call for which the system has no randomness, on this thread ([KEY-03], [SEAL-04]).
///
/// ```
/// use cretula::{ErrorCode as _, Key, hazmat};
///
/// assert_eq!(hazmat::without_randomness(Key::generate).unwrap_err().code(), "no_randomness");
/// assert!(Key::generate().is_ok());
/// ```
#[cfg(feature = "std")]
pub fn without_randomness<R>(call: impl FnOnce() -> R) -> R {
    crate::random::failing(call)
}
