//! Hazardous materials: fixed salt and iv, and test keys, for running the vectors and for nothing else.
//!
//! # Security
//! One salt and iv used twice lets whoever sees both tokens forge (§14.3 of the specification), and the test keys are
//! published. No server enables this feature.

use alloc::string::String;

#[cfg(feature = "session")]
use serde::{Serialize, de::DeserializeOwned};

#[cfg(feature = "session")]
use crate::{
    cookie::{Committed, Sessions},
    error::{CommitError, NoSession},
    session::{Draws, Opening, Session, SessionCommit, SessionSealer},
};
use crate::{
    error::{KeyError, KeyringError, SealError},
    key::{Key, TestKeys},
    keyring::Keyring,
    limits::{IV_BYTES, SALT_BYTES},
    sealed::Sealer,
    time::UnixTime,
};

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

/// Holds what a commit draws, fixed for the vectors (§19.4, §20.5).
///
/// ```
/// let fixed = cretula::hazmat::Fixed { sid: [1; 16], salt: [2; 12], iv: [3; 12], id: [4; 6] };
/// ```
#[cfg(feature = "session")]
#[derive(Clone, Copy, Debug)]
pub struct Fixed {
    /// The 16 bytes of a new session's name.
    pub sid: [u8; 16],
    /// The token's salt.
    pub salt: [u8; SALT_BYTES],
    /// The token's iv.
    pub iv: [u8; IV_BYTES],
    /// The 6 bytes of the id of two cookies.
    pub id: [u8; 6],
}

#[cfg(feature = "session")]
impl Fixed {
    fn draws(self) -> Draws {
        let mut nonces = [0; SALT_BYTES + IV_BYTES];
        let (salt, iv) = nonces.split_at_mut(SALT_BYTES);
        salt.copy_from_slice(&self.salt);
        iv.copy_from_slice(&self.iv);
        Draws::Fixed { sid: self.sid, nonces, id: self.id }
    }
}

/// Commits a session with the caller's random values.
///
/// ```
/// # use cretula::{Context, Data, Key, Keyring, Policy, SessionSealer, UnixTime, hazmat};
/// # let sealer = SessionSealer::<Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?, Policy::default());
/// let now = UnixTime::new(1000)?;
/// let mut session = sealer.open_at(None, now).unchecked();
/// session.send();
/// let fixed = hazmat::Fixed { sid: [1; 16], salt: [2; 12], iv: [3; 12], id: [4; 6] };
/// let commit = || hazmat::commit_session_at(&sealer, &session, now, fixed);
/// assert_eq!(commit()?, commit()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`SessionSealer::commit_at`].
#[cfg(feature = "session")]
pub fn commit_session_at<T: Default + Serialize + DeserializeOwned>(
    sealer: &SessionSealer<T>,
    session: &Session<T>,
    now: UnixTime,
    fixed: Fixed,
) -> Result<SessionCommit, CommitError> {
    sealer.commit_drawing(session, now, &fixed.draws(), |_, _| Ok(()))
}

/// Commits a session to cookies with the caller's random values.
///
/// ```
/// # use cretula::{Context, Cookie, Data, Key, Keyring, Policy, Sessions, UnixTime, hazmat};
/// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
/// # let sessions = Sessions::<Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
/// let now = UnixTime::new(1000)?;
/// let mut session = sessions.open_at(["a=b"], now).unchecked();
/// session.send();
/// let fixed = hazmat::Fixed { sid: [1; 16], salt: [2; 12], iv: [3; 12], id: [4; 6] };
/// let commit = || hazmat::commit_cookies_at(&sessions, &session, now, fixed);
/// assert!(commit()?.headers().eq(commit()?.headers()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Sessions::commit_at`].
#[cfg(feature = "session")]
pub fn commit_cookies_at<T: Default + Serialize + DeserializeOwned>(
    sessions: &Sessions<T>,
    session: &Session<T>,
    now: UnixTime,
    fixed: Fixed,
) -> Result<Committed, CommitError> {
    sessions.commit_drawing(session, now, &fixed.draws())
}

/// Opens a session of which the transport says that it has ended (step 9d of §19.3), as the cookie binding's marks do.
///
/// ```
/// # use cretula::{Context, Data, Key, Keyring, Policy, SessionSealer, UnixTime, Wrote, hazmat};
/// # let sealer = SessionSealer::<Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?, Policy::default());
/// # let now = UnixTime::new(1000)?;
/// # let mut session = sealer.open_at(None, now).unchecked();
/// # session.send();
/// # let Wrote::Seal { token, .. } = sealer.commit_at(&session, now)?.wrote else { unreachable!() };
/// let session = hazmat::open_ended_at(&sealer, &token, now).unchecked();
/// assert_eq!(session.reason().map(|reason| reason.code()), Some("signed_off"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "session")]
pub fn open_ended_at<T: Default + Serialize + DeserializeOwned>(
    sealer: &SessionSealer<T>,
    token: impl AsRef<[u8]>,
    now: UnixTime,
) -> Opening<T> {
    let opened = sealer.open_token(&sealer.ring().load(), token.as_ref(), now);
    sealer.opening(opened.and(Err(NoSession::SignedOff)), now)
}
