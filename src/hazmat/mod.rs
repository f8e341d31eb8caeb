//! Hazardous materials: fixed salt and iv, and test keys, for running the vectors and for nothing else.
//!
//! # Security
//! One salt and iv used twice lets whoever sees both tokens forge (§14.3 of the specification), and the test keys are
//! published. No server enables this feature.

#[cfg(feature = "session")]
mod session;

use alloc::string::String;

use crate::{
    error::{KeyError, KeyringError, SealError},
    key::{Key, TestKeys},
    keyring::Keyring,
    limits::{IV_BYTES, SALT_BYTES},
    sealed::Sealer,
    time::UnixTime,
};

#[cfg(feature = "session")]
pub use session::{Fixed, commit_cookies_at, commit_session_at, open_ended_at};

/// Takes the 32 bytes of a key, a test key included.
///
/// ```
/// let key = cretula::hazmat::key_from_bytes(b"cretula-test-key 0123456789abcde")?;
/// # Ok::<(), cretula::KeyError>(())
/// ```
///
/// # Errors
/// As [`Key::from_bytes`], but for [`KeyError::Test`].
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
/// As `Key::from_str`, but for [`KeyError::Test`].
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
/// As [`Keyring::parse`], but for test keys.
pub fn keyring_from_text(text: impl AsRef<[u8]>) -> Result<Keyring, KeyringError> {
    Keyring::read(text.as_ref(), TestKeys::Accepted)
}

/// Seals with a salt and an iv of the caller's.
///
/// ```
/// use cretula::{Context, Key, Keyring, Sealer, UnixTime, hazmat};
///
/// let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
/// let seal = || hazmat::seal_at(&sealer, "hello", 60, UnixTime::new(0).unwrap(), [1; 12], [2; 12]);
/// assert_eq!(seal()?, seal()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Sealer::seal_at`].
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
/// use cretula::{UnixTime, hazmat};
///
/// assert_eq!(hazmat::without_clock(UnixTime::now).unwrap_err().code(), "no_clock");
/// assert!(UnixTime::now().is_ok());
/// ```
#[cfg(feature = "std")]
pub fn without_clock<R>(call: impl FnOnce() -> R) -> R {
    crate::time::stopped(call)
}

/// Makes a call for which the system has no randomness, on this thread ([KEY-03], [SEAL-04]).
///
/// ```
/// use cretula::{Key, hazmat};
///
/// assert_eq!(hazmat::without_randomness(Key::generate).unwrap_err().code(), "no_randomness");
/// assert!(Key::generate().is_ok());
/// ```
#[cfg(feature = "std")]
pub fn without_randomness<R>(call: impl FnOnce() -> R) -> R {
    crate::random::failing(call)
}
