//! Commits with what the vectors draw, and the transport's answer to step 9d of §19.3.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    cookie::{Committed, Sessions},
    error::{CommitError, NoSession},
    limits::{IV_BYTES, SALT_BYTES},
    session::{Draws, Opening, Session, SessionCommit, SessionSealer},
    time::UnixTime,
};
#[cfg(feature = "device")]
use crate::{
    cookie::{DeviceRequest, DeviceResponse},
    session::Answer,
};

/// What a commit draws, fixed for the vectors (§19.4, §20.5).
///
/// ```
/// use cretula::hazmat::Fixed;
///
/// let fixed = Fixed { sid: [1; 16], salt: [2; 12], iv: [3; 12], id: [4; 6], ..Fixed::default() };
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Fixed {
    /// The 16 bytes of a new session's name.
    pub sid: [u8; 16],
    /// The token's salt.
    pub salt: [u8; SALT_BYTES],
    /// The token's iv.
    pub iv: [u8; IV_BYTES],
    /// The 6 bytes of the id of two cookies.
    pub id: [u8; 6],
    /// Salt and iv of challenge, device token and proof (§21.2), each 24 bytes. Used with the feature `device`.
    pub device: [[u8; SALT_BYTES + IV_BYTES]; 3],
}

impl Fixed {
    fn draws(self) -> Draws {
        let mut nonces = [0; SALT_BYTES + IV_BYTES];
        let (salt, iv) = nonces.split_at_mut(SALT_BYTES);
        salt.copy_from_slice(&self.salt);
        iv.copy_from_slice(&self.iv);
        Draws::Fixed {
            sid: self.sid,
            nonces,
            id: self.id,
            #[cfg(feature = "device")]
            tokens: self.device,
        }
    }
}

/// Commits a session with the caller's random values.
///
/// ```
/// # use cretula::{Data, Key, Site, UnixTime, hazmat};
/// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<Data>().without_cookies().build()?;
/// let now = UnixTime::new(1000)?;
/// let mut session = sealer.open(None).unchecked()?;
/// session.send();
/// let fixed = hazmat::Fixed { sid: [1; 16], ..hazmat::Fixed::default() };
/// assert_eq!(hazmat::commit_session_at(&sealer, session, now, fixed)?.sid.as_deref(), Some("AQEBAQEBAQEBAQEBAQEBAQ"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`SessionSealer::commit`].
pub fn commit_session_at<T: Default + Serialize + DeserializeOwned>(
    sealer: &SessionSealer<T>,
    session: Session<T>,
    now: UnixTime,
    fixed: Fixed,
) -> Result<SessionCommit, CommitError> {
    sealer.commit_drawing(&sealer.ring().load(), &session, now, &fixed.draws(), |_, _| Ok(()))
}

/// Commits a session to cookies with the caller's random values.
///
/// ```
/// # use cretula::{Data, Key, Site, UnixTime, hazmat};
/// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<Data>().build()?;
/// let now = UnixTime::new(1000)?;
/// let mut session = sessions.open(["a=b"]).unchecked()?;
/// session.send();
/// let fixed = hazmat::Fixed { sid: [1; 16], ..hazmat::Fixed::default() };
/// assert_eq!(hazmat::commit_cookies_at(&sessions, session, now, fixed)?.sid.as_deref(), Some("AQEBAQEBAQEBAQEBAQEBAQ"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Sessions::commit`].
pub fn commit_cookies_at<T: Default + Serialize + DeserializeOwned>(
    sessions: &Sessions<T>,
    session: Session<T>,
    now: UnixTime,
    fixed: Fixed,
) -> Result<Committed, CommitError> {
    sessions.commit_drawing(&sessions.ring().load(), &session, now, &fixed.draws())
}

/// Opens a session of which the transport says that it has ended (step 9d of §19.3), as the cookie binding's marks do.
///
/// ```
/// # use cretula::{Data, ErrorCode as _, Key, Site, Wrote, hazmat};
/// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<Data>().without_cookies().build()?;
/// # let mut session = sealer.open(None).unchecked()?;
/// # session.send();
/// # let Wrote::Seal { token, .. } = sealer.commit(session)?.wrote else { unreachable!() };
/// # let now = std::time::SystemTime::now().try_into()?;
/// let session = hazmat::open_ended_at(&sealer, &token, now).unchecked()?;
/// assert_eq!(session.reason().map(|reason| reason.code()), Some("signed_off"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_ended_at<T: Default + Serialize + DeserializeOwned>(
    sealer: &SessionSealer<T>,
    token: impl AsRef<[u8]>,
    now: UnixTime,
) -> Opening<T> {
    let opened = sealer.open_token(&sealer.ring().load(), token.as_ref(), now);
    sealer.opening(opened.and(Err(NoSession::SignedOff)), now)
}

/// Answers a request to an endpoint of device binding with the caller's random values; `answer` is `None` where the
/// application wants no check.
///
/// ```
/// # use cretula::{Data, DeviceBinding, Key, Site, hazmat};
/// # let site = Site::new(Key::generate()?, "a")?;
/// # let sessions = site.sessions::<Data>().device_binding(DeviceBinding::default()).build()?;
/// let request = sessions.device_request("POST", "/device-binding/start", |_| vec![]).unwrap();
/// assert_eq!(hazmat::answer_device(request, None, hazmat::Fixed::default())?.status, 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`DeviceRequest::checked`](crate::DeviceRequest::checked).
#[cfg(feature = "device")]
pub fn answer_device<T: Default + Serialize + DeserializeOwned>(
    request: DeviceRequest<T>,
    answer: Option<Answer>,
    fixed: Fixed,
) -> Result<DeviceResponse, CommitError> {
    request.finish(answer, &fixed.draws())
}
