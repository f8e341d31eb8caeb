//! Opening a session and deciding what to write (§19.3, §19.4).

use alloc::{borrow::ToOwned as _, string::String};
use core::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Data, Ended, Opening, Origin, Policy, Session, User, payload};
use crate::{
    base64url,
    codec::{Claims, Ring},
    context::Context,
    error::{CommitError, NoSession, SealError, UnsealError},
    keyring::Keyring,
    limits::{INTEGER_MAX, IV_BYTES, LIMIT_DEFAULT, SALT_BYTES, TIME_END},
    random,
    sealed::Sealer,
    time::UnixTime,
};

/// Where a commit's random bytes come from.
pub(crate) enum Draws {
    /// The operating system.
    System,
    /// The vectors: sid, salt and iv, the id of two cookies.
    #[cfg(feature = "hazmat")]
    Fixed { sid: [u8; 16], nonces: [u8; SALT_BYTES + IV_BYTES], id: [u8; 6] },
}

impl Draws {
    fn sid(&self) -> Option<[u8; 16]> {
        match self {
            Self::System => system(),
            #[cfg(feature = "hazmat")]
            Self::Fixed { sid, .. } => Some(*sid),
        }
    }

    fn nonces(&self, nonces: &mut [u8; SALT_BYTES + IV_BYTES]) -> Option<()> {
        match self {
            Self::System => random::fill(nonces),
            #[cfg(feature = "hazmat")]
            Self::Fixed { nonces: fixed, .. } => {
                *nonces = *fixed;
                Some(())
            }
        }
    }

    /// The id of two cookies (§20.5).
    pub(crate) fn id(&self) -> Option<[u8; 6]> {
        match self {
            Self::System => system(),
            #[cfg(feature = "hazmat")]
            Self::Fixed { id, .. } => Some(*id),
        }
    }
}

fn system<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    random::fill(&mut bytes)?;
    Some(bytes)
}

/// Tells what a commit wrote.
///
/// ```
/// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime, Wrote};
/// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
/// let session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
/// assert_eq!(sealer.commit_at(&session, UnixTime::new(1000)?)?.wrote, Wrote::Nothing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrote {
    /// Nothing: leave what is kept as it is.
    Nothing,
    /// A token, to be kept for `ttl` seconds.
    Seal {
        /// The token's text.
        token: String,
        /// Its life in seconds.
        ttl: u32,
    },
    /// Remove the token from where it is kept.
    Expire,
}

impl core::fmt::Debug for Wrote {
    /// Shows no token.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Seal { ttl, .. } => f.debug_struct("Seal").field("ttl", ttl).finish_non_exhaustive(),
            Self::Expire => f.write_str("Expire"),
        }
    }
}

/// Holds what a commit decided.
///
/// ```
/// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime, Wrote};
/// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
/// let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
/// session.sign_off();
/// let commit = sealer.commit_at(&session, UnixTime::new(1000)?)?;
/// assert_eq!((commit.wrote, commit.ended), (Wrote::Expire, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionCommit {
    /// What to do with the token.
    pub wrote: Wrote,
    /// The name of the session that was written, 22 base64url characters.
    pub sid: Option<String>,
    /// The session to deny, if this response replaces or ends the one that the request brought.
    pub ended: Option<Ended>,
    /// Why nothing was sealed, where that is no error: a refresh alone, or a session after a sign-off ([SESS-11]).
    pub fault: Option<CommitError>,
}

/// Opens and writes sessions without cookies: for another transport, a header for instance (§19). With cookies, use
/// `Sessions`.
///
/// ```
/// use cretula::{Context, Data, Key, Keyring, Policy, SessionSealer, UnixTime, Wrote};
///
/// let keyring = Keyring::from(Key::generate()?);
/// let sealer = SessionSealer::<Data>::new(&keyring, &Context::new("shop.example", "session")?, Policy::default());
/// let now = UnixTime::new(1_790_000_000)?;
///
/// let mut session = sealer.open_at(None, now).unchecked();
/// session.data_mut().insert("theme".into(), "dark".into());
/// let Wrote::Seal { token, ttl } = sealer.commit_at(&session, now)?.wrote else { panic!("it changed") };
/// assert_eq!(ttl, 1800);
///
/// let session = sealer.open_at(Some(token.as_bytes()), now).unchecked();
/// assert_eq!(session.data()["theme"], "dark");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SessionSealer<T = Data> {
    sealer: Sealer,
    policy: Policy,
    data: PhantomData<fn() -> T>,
}

impl<T> Clone for SessionSealer<T> {
    fn clone(&self) -> Self {
        Self { sealer: self.sealer.clone(), ..*self }
    }
}

impl<T> SessionSealer<T> {
    /// Makes a sealer of sessions for one context, whose purpose is `session` or another of the application's.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer};
    /// let keyring = Keyring::from(Key::generate()?);
    /// let sealer = SessionSealer::<cretula::Data>::new(&keyring, &Context::new("a", "session")?, Policy::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(keyring: &Keyring, context: &Context, policy: Policy) -> Self {
        Self::with_limit(keyring, context, policy, LIMIT_DEFAULT)
    }

    pub(crate) fn with_limit(keyring: &Keyring, context: &Context, policy: Policy, limit: usize) -> Self {
        let sealer = Sealer::with_options(keyring, context, policy.options(limit));
        Self { sealer, policy, data: PhantomData }
    }

    /// Puts another keyring in force, as [`Sealer::replace_keyring`] does.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// sealer.replace_keyring(&Keyring::from(Key::generate()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reload")]
    pub fn replace_keyring(&self, keyring: &Keyring) {
        self.sealer.replace_keyring(keyring);
    }

    /// Returns the policy.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.policy(), Policy::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.policy
    }
    pub(crate) const fn sealer(&self) -> &Sealer {
        &self.sealer
    }
}

impl<T: Default + Serialize + DeserializeOwned> SessionSealer<T> {
    /// Opens what a request brought. Never fails: without a session that holds, it is a new guest's, with the reason.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open(Some(b"CrE1")).reason().map(|reason| reason.code()), Some("too_short"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn open(&self, token: Option<&[u8]>) -> Opening<T> {
        match UnixTime::now() {
            Ok(now) => self.open_at(token, now),
            Err(error) => self.none(UnixTime::EPOCH, UnsealError::from(error).into()),
        }
    }

    /// Opens as [`open`](Self::open) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert!(sealer.open_at(None, UnixTime::new(1000)?).user().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_at(&self, token: Option<&[u8]>, now: UnixTime) -> Opening<T> {
        let open = |token| self.sealer.with_ring(|ring| self.try_open(ring, token, now, |_| false));
        match token.ok_or(NoSession::Absent).and_then(open) {
            Ok(session) => Self::some(session),
            Err(reason) => self.none(now, reason),
        }
    }

    pub(crate) fn none(&self, now: UnixTime, reason: NoSession) -> Opening<T> {
        Opening { session: self.new_session(now, reason), denied: false }
    }

    fn new_session(&self, now: UnixTime, reason: NoSession) -> Session<T> {
        let latest = now.as_secs().saturating_add(self.policy.ahead().into());
        Session::new(self.sealer.context().clone(), now, latest, reason)
    }

    pub(crate) const fn some(session: Session<T>) -> Opening<T> {
        Opening { session, denied: false }
    }

    /// Steps 0 to 9d of §19.3. `has_ended` is the transport's answer of 9d.
    pub(crate) fn try_open(
        &self,
        ring: &Ring,
        token: &[u8],
        now: UnixTime,
        has_ended: impl FnOnce(&str) -> bool,
    ) -> Result<Session<T>, NoSession> {
        let mut bytes = Zeroizing::new(alloc::vec::Vec::new());
        let claims = self.sealer.unseal_in(ring, token, &mut bytes, now)?;
        let invalid = NoSession::Token(UnsealError::PayloadInvalid);
        let members = payload::read(&bytes).ok_or(invalid)?;
        let data = match members.data {
            Some(data) => serde_json::from_str(data).map_err(|_| invalid)?,
            // As serde reads an empty object; a type that needs a member begins anew.
            None => serde_json::from_str("{}").unwrap_or_default(),
        };

        let mut session = self.new_session(now, NoSession::Absent);
        let latest = session.latest;
        let auth_time = members.user.as_ref().map_or(0, |user| user.auth_time);
        if members.start > latest || auth_time > latest {
            return Err(UnsealError::IssuedInFuture.into());
        }
        let last = members.end.min(members.start.saturating_add(self.policy.absolute().into()));
        if now.as_secs() >= last {
            return Err(UnsealError::Expired.into());
        }
        if has_ended(&members.sid) {
            return Err(NoSession::SignedOff);
        }

        session.kept = Some(Zeroizing::new(members.data.unwrap_or("{}").to_owned()));
        let payload::Members { sid, start, end, rev, user, flash, .. } = members;
        let Claims { expires_at, key_id, .. } = claims;
        session.reason = None;
        session.carried = Some(Ended { sid: sid.clone(), end });
        session.origin = Some(Origin { sid, start, end, last, rev, issued_at: claims.issued_at, expires_at, key_id });
        (session.user, session.data, session.flash) = (user, data, flash);
        Ok(session)
    }

    /// Decides what the response writes, and seals it. The session is left as it is.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, Wrote};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// let session = sealer.open(None).unchecked();
    /// assert_eq!(sealer.commit(&session)?.wrote, Wrote::Nothing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommitError::Context`] for a session of another context; [`CommitError::Unserializable`];
    /// [`CommitError::Seal`] for what sealing refuses.
    #[cfg(feature = "std")]
    pub fn commit(&self, session: &Session<T>) -> Result<SessionCommit, CommitError> {
        self.commit_at(session, UnixTime::now()?)
    }

    /// Decides as [`commit`](Self::commit) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime, Wrote};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let (noon, later) = (UnixTime::new(1000)?, UnixTime::new(1000 + 900)?);
    /// # let mut session = sealer.open_at(None, noon).unchecked();
    /// # session.sign_on("ada", 7)?;
    /// # let Wrote::Seal { token, .. } = sealer.commit_at(&session, noon)?.wrote else { unreachable!() };
    /// // Half the idle life later, reading alone writes it again.
    /// let session = sealer.open_at(Some(token.as_bytes()), later).unchecked();
    /// assert!(matches!(sealer.commit_at(&session, later)?.wrote, Wrote::Seal { ttl: 1800, .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`commit`](Self::commit), but for the clock.
    pub fn commit_at(&self, session: &Session<T>, now: UnixTime) -> Result<SessionCommit, CommitError> {
        self.commit_drawing(session, now, &Draws::System, |_, _| Ok(()))
    }

    /// `fits` gets the length of the token's text and the text of `data` before anything is sealed.
    ///
    /// ```text
    /// if s is new:  it differs, or is to be sent: seal; the user was signed off: expire; else nothing
    /// else:         now ≥ last: expire; it differs, or a refresh is due, or it is to be sent: seal; else nothing
    /// ```
    pub(crate) fn commit_drawing(
        &self,
        session: &Session<T>,
        now: UnixTime,
        draws: &Draws,
        fits: impl FnOnce(usize, &str) -> Result<(), CommitError>,
    ) -> Result<SessionCommit, CommitError> {
        if session.context != *self.sealer.context() {
            return Err(CommitError::Context);
        }
        let ended = session.carried.clone().filter(|_| session.replaced);
        let decided = |wrote, fault| Ok(SessionCommit { wrote, sid: None, ended: ended.clone(), fault });
        let idle = u64::from(self.policy.idle());
        let (wanted, refresh) = match &session.origin {
            None => (session.send || session.differs(), false),
            Some(origin) if now.as_secs() >= origin.last => return decided(Wrote::Expire, None),
            Some(origin) => {
                let new_end = now.as_secs().saturating_add(idle).min(origin.last);
                let gained = new_end.saturating_sub(origin.expires_at);
                (session.send || session.differs(), gained.saturating_mul(2) >= idle)
            }
        };
        // Without what was wanted a sign-off is a sign-off still, and a page that was only read is one.
        let instead = if session.signed_off { Wrote::Expire } else { Wrote::Nothing };
        if !wanted && !refresh {
            return decided(if session.origin.is_none() { instead } else { Wrote::Nothing }, None);
        }
        match self.seal(session, now, draws, fits) {
            Ok((sid, wrote)) => Ok(SessionCommit { wrote, sid: Some(sid), ended, fault: None }),
            Err(fault) if !wanted || (session.signed_off && session.user.is_none()) => decided(instead, Some(fault)),
            Err(fault) => Err(fault),
        }
    }

    fn seal(
        &self,
        session: &Session<T>,
        now: UnixTime,
        draws: &Draws,
        fits: impl FnOnce(usize, &str) -> Result<(), CommitError>,
    ) -> Result<(String, Wrote), CommitError> {
        let secs = now.as_secs();
        let mut sid = String::new();
        match session.sid() {
            Some(same) => sid.push_str(same),
            None => base64url::encode(&draws.sid().ok_or(SealError::NoRandomness)?, &mut sid),
        }
        let new_end = secs.saturating_add(self.policy.absolute().into()).min(TIME_END.saturating_sub(1));
        let (start, end, last) =
            session.origin.as_ref().map_or((secs, new_end, new_end), |origin| (origin.start, origin.end, origin.last));
        let rev = session.rev().saturating_add(1).min(INTEGER_MAX);
        let user = session.user.clone();
        let user = user.map(|user| User { auth_time: if session.proven { secs } else { user.auth_time }, ..user });

        let data = session.data_text()?;
        let text = payload::write(&sid, (start, end, rev), user.as_ref(), &data, &session.flash)?;
        fits(Sealer::text_length(text.len()), &data)?;
        let left = last.saturating_sub(secs).min(self.policy.idle().into());
        let ttl = u32::try_from(left).unwrap_or(self.policy.idle());
        let mut token = String::new();
        self.sealer.seal_drawing(text.as_bytes(), ttl, now, &mut token, |nonces| draws.nonces(nonces))?;
        Ok((sid, Wrote::Seal { token, ttl }))
    }
}

impl<T> core::fmt::Debug for SessionSealer<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut debug = f.debug_struct("SessionSealer");
        debug.field("sealer", &self.sealer).field("policy", &self.policy).finish()
    }
}

impl<T> Session<T> {
    /// What two sessions of one sid are told apart by (§19.1, §20.3): rev, then issued_at.
    pub(crate) fn age(&self) -> (u64, u64) {
        self.origin.as_ref().map_or((0, 0), |origin| (origin.rev, origin.issued_at))
    }

    /// For the mark of an ended session (§20.4).
    pub(crate) fn was_signed_off(&self) -> bool {
        self.signed_off
    }
}
