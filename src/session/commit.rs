//! When a session is written, and what is then in its token (§19.4).

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    draws::Draws,
    payload::{self, canonical, portable},
    scan::Form,
    sealer::SessionSealer,
    state::{Ended, Session},
    text::Text,
};
use crate::{
    base64url,
    error::{CommitError, NoSession},
    json,
    limits::{INTEGER_MAX, TIME_END},
    ring::Ring,
    sealed::Sealer,
    time::UnixTime,
};

/// What a commit wrote.
///
/// ```
/// # use cretula::{Key, Site, UnixTime, Wrote, hazmat::At as _};
/// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
/// let session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
/// assert_eq!(sealer.at(UnixTime::new(1000)?).commit(session)?.wrote, Wrote::Nothing);
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

impl fmt::Debug for Wrote {
    /// Shows no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Seal { ttl, .. } => f.debug_struct("Seal").field("ttl", ttl).finish_non_exhaustive(),
            Self::Expire => f.write_str("Expire"),
        }
    }
}

/// What a commit decided.
///
/// ```
/// # use cretula::{Key, Site, UnixTime, Wrote, hazmat::At as _};
/// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
/// let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
/// session.sign_off();
/// let commit = sealer.at(UnixTime::new(1000)?).commit(session)?;
/// assert_eq!((commit.wrote, commit.ended), (Wrote::Expire, vec![]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "what is to be done with the token is said here, and nowhere else"]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionCommit {
    /// What to do with the token.
    pub wrote: Wrote,
    /// The name of the session that was written, 22 base64url characters.
    pub sid: Option<String>,
    /// The sessions to deny: those of the request that this response replaces or ends. Usually one, or none.
    pub ended: Vec<Ended>,
    /// Why nothing was sealed, where that is no error: a refresh alone, or a session after a sign-off ([SESS-11]).
    pub fault: Option<CommitError>,
}

/// What is to be done, before anything is sealed.
enum Decision {
    Nothing,
    Expire,
    Seal {
        /// Nothing but a refresh or a recheck asks for it.
        refresh_alone: bool,
    },
}

impl<T: Default + Serialize + DeserializeOwned> SessionSealer<T> {
    /// Decides what the response writes, and seals it. A session is committed once: there is nothing to change after it.
    ///
    /// ```
    /// # use cretula::{Key, Site, Wrote};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// let session = sealer.open(None).unchecked()?;
    /// assert_eq!(sealer.commit(session)?.wrote, Wrote::Nothing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommitError::Context`] for a session of another context or policy; [`CommitError::Unserializable`];
    /// [`CommitError::Seal`] for what sealing refuses.
    pub fn commit(&self, session: Session<T>) -> Result<SessionCommit, CommitError> {
        self.is_own(&session)?;
        self.commit_drawing(&self.ring().load(), &session, self.clock().now()?, &Draws::System, |_, _| Ok(()))
    }

    /// Commits as [`commit`](Self::commit) does, under a ring that the caller borrowed, with its time and draws. `fits` is the transport's answer to the
    /// length of the token's text and the text of `data`, before anything is sealed.
    pub(crate) fn commit_drawing(
        &self,
        ring: &Ring,
        session: &Session<T>,
        now: UnixTime,
        draws: &Draws,
        fits: impl FnOnce(usize, &str) -> Result<(), CommitError>,
    ) -> Result<SessionCommit, CommitError> {
        self.is_own(session)?;
        let data = session.changed();
        let (wrote, sid, fault) = match self.decide(session, data.as_ref(), now) {
            Decision::Nothing => (Wrote::Nothing, None, None),
            Decision::Expire => (Wrote::Expire, None, None),
            Decision::Seal { .. } if session.read_only && session.user.is_none() && !session.signed_off => {
                return Err(CommitError::NotNow(session.reason.unwrap_or(NoSession::Unchecked)));
            }
            Decision::Seal { refresh_alone } => match self.seal(ring, session, data, now, draws, fits) {
                Ok((sid, wrote)) => (wrote, Some(sid), None),
                // [SESS-11]: neither a page that only reads nor a sign-off is lost to a missing key or to bad data.
                Err(fault) if refresh_alone => (Wrote::Nothing, None, Some(fault)),
                Err(fault) if session.signed_off && session.user.is_none() => (Wrote::Expire, None, Some(fault)),
                Err(fault) => return Err(fault),
            },
        };
        let ended = if session.replaced { session.carried.clone() } else { Vec::new() };
        Ok(SessionCommit { wrote, sid, ended, fault })
    }

    /// ```text
    /// if s is new:
    ///     if s differs from the new session it began as, or the application asked to send it:   seal
    ///     else if the user was signed off in this request:                                      expire
    ///     else:                                                                                 nothing
    /// else:
    ///     last = min(s.end, s.start + policy.absolute)
    ///     if now ≥ last:                                                                        expire
    ///     refresh = 2 · (min(now + policy.idle, last) − expires_at) ≥ policy.idle
    ///     recheck = policy.recheck > 0 and the check was answered in this request (§19.5)
    ///     if s differs from what was opened, or refresh, or recheck, or the application asked to send it:   seal
    ///     else:                                                                                 nothing
    /// ```
    fn decide(&self, session: &Session<T>, data: Option<&Result<Changed, CommitError>>, now: UnixTime) -> Decision {
        let Some(origin) = &session.origin else {
            return if session.send || session.differs(data) {
                Decision::Seal { refresh_alone: false }
            } else if session.signed_off {
                Decision::Expire
            } else {
                Decision::Nothing
            };
        };
        if now.as_secs() >= origin.last {
            return Decision::Expire;
        }
        let idle = u64::from(self.policy.idle());
        let gained = now.as_secs().saturating_add(idle).min(origin.last).saturating_sub(origin.expires_at);
        let refresh = gained.saturating_mul(2) >= idle;
        if session.send || session.differs(data) {
            Decision::Seal { refresh_alone: false }
        } else if refresh || session.answered {
            Decision::Seal { refresh_alone: true }
        } else {
            Decision::Nothing
        }
    }

    /// Returns the sid, and the token.
    ///
    /// ```text
    /// rev = min(rev + 1, 2^53 − 1), from 0 for a new session
    /// ttl = min(policy.idle, last − now)        with last = min(end, start + policy.absolute)
    /// token = §9's seal(payload, ttl, now), limit = 16 384 (in cookies §20.4 comes first)
    /// ```
    fn seal(
        &self,
        ring: &Ring,
        session: &Session<T>,
        data: Option<Result<Changed, CommitError>>,
        now: UnixTime,
        draws: &Draws,
        fits: impl FnOnce(usize, &str) -> Result<(), CommitError>,
    ) -> Result<(String, Wrote), CommitError> {
        // A failing generator is reported last, so the checks see an ID of the same length.
        let mut drawn = Some(Default::default());
        let mut sid = String::new();
        match session.sid() {
            Some(same) => sid.push_str(same),
            None => {
                drawn = draws.sid();
                base64url::encode(&drawn.unwrap_or_default(), &mut sid);
            }
        }
        let (data, payload, ttl) = self.written(session, data, &sid, now)?;
        fits(Sealer::text_length(payload.len()), &data)?;
        let mut token = String::new();
        let nonces = |nonces: &mut [u8]| drawn.and_then(|_| draws.nonces(nonces));
        self.sealer.seal_in(ring, payload.as_bytes(), ttl, now, &mut token, nonces)?;
        Ok((sid, Wrote::Seal { token, ttl }))
    }

    /// Returns the text of `data`, the payload, and the ttl that a commit at `now` would seal. `data` is that of
    /// [`Session::changed`].
    pub(crate) fn written(
        &self,
        session: &Session<T>,
        data: Option<Result<Changed, CommitError>>,
        sid: &str,
        now: UnixTime,
    ) -> Result<(Text, Text, u32), CommitError> {
        let secs = now.as_secs();
        let (start, end, last) = match &session.origin {
            Some(origin) => (origin.start, origin.end, origin.last),
            None => {
                let end = secs.saturating_add(self.policy.absolute().into()).min(TIME_END.saturating_sub(1));
                (secs, end, end)
            }
        };
        let rev = session.rev().saturating_add(1).min(INTEGER_MAX);
        let left = last.saturating_sub(secs).min(self.policy.idle().into());
        let ttl = u32::try_from(left).unwrap_or(self.policy.idle());
        let user = session.user.as_ref().map(|user| (user, if session.proven { now } else { user.auth_time }));

        // [SESS-31]: nobody asked about the session on which an earlier proof rests.
        let began = session.origin.is_none() || session.new_sid;
        let is_checked = began && self.policy.recheck() > 0 && !session.earlier_proof;
        let checked = if is_checked { Some(secs) } else { session.checked };

        let data = session.data_text(data)?;
        let device = (checked, session.jkt.as_deref());
        let payload = payload::write(sid, (start, end, rev), user, device, &data, &session.flash)?;
        Ok((data, payload, ttl))
    }
}

impl<T> SessionSealer<T> {
    /// Refuses a session that was opened for another context or policy ([SESS-26]).
    pub(crate) fn is_own(&self, session: &Session<T>) -> Result<(), CommitError> {
        let own = session.context == *self.sealer.context() && session.policy == self.policy;
        if own { Ok(()) } else { Err(CommitError::Context) }
    }
}

impl<T: Serialize> Session<T> {
    /// Returns what `data` is now; `None` if the handler did not borrow it to change it.
    pub(crate) fn changed(&self) -> Option<Result<Changed, CommitError>> {
        let before = self.before.as_ref()?;
        let text = payload::data_text(&self.data, self.room());
        Some(text.map(|text| {
            let form = payload::form(&text);
            let is_same = before.as_ref().is_some_and(|before| self.is_same(before, &text, form));
            Changed { text, form, is_same }
        }))
    }

    /// Returns the text of `data` to be written: what came, with what the handler changed in it ([SESS-12]).
    fn data_text(&self, changed: Option<Result<Changed, CommitError>>) -> Result<Text, CommitError> {
        let Changed { text, form, .. } = match (changed, &self.kept) {
            (None, Some(kept)) => return Ok(kept.clone()),
            (None, None) => {
                let text = payload::data_text(&self.data, self.room())?;
                return canonical(payload::form(&text), text);
            }
            (Some(changed), _) => changed?,
        };
        match (&self.kept, &self.before) {
            // Something came that the type does not know, or writes in another order.
            (Some(kept), Some(Some(before))) if kept != before => {
                let (came, before, after) = (portable(kept)?, portable(before)?, portable(&text)?);
                let text = came.changed(&before, &after).map_err(CommitError::Unserializable)?.to_text();
                canonical(payload::form(&text), text)
            }
            _ => canonical(form, text),
        }
    }

    /// Returns true if it differs from what was opened, or from the new session it began as ([SESS-11]).
    fn differs(&self, changed: Option<&Result<Changed, CommitError>>) -> bool {
        let new_user = self.origin.is_none() && self.user.is_some();
        let data = changed.is_some_and(|changed| changed.as_ref().map_or(true, |changed| !changed.is_same));
        let flash = self.flash_before.as_ref().is_some_and(|before| !payload::is_same_flash(before, &self.flash));
        self.new_sid || new_user || self.newly_bound || data || flash
    }

    /// Returns true if two texts have one value; `form` is that of `now`.
    fn is_same(&self, before: &Text, now: &Text, form: Result<Form, &'static str>) -> bool {
        let is_canonical = |form: Result<Form, _>| form.is_ok_and(|form| form.is_canonical);
        let came = |text| self.kept.as_ref() == Some(text);
        if before == now {
            true
        } else if before.len() != now.len()
            && is_canonical(form)
            && (came(before) || is_canonical(payload::form(before)))
        {
            false // canonical texts of one value have one length: one spelling, in any order
        } else {
            matches!((json::read(before), json::read(now)), (Ok(before), Ok(now)) if before == now)
        }
    }
}

/// What became of the data.
pub(crate) struct Changed {
    text: Text,
    form: Result<Form, &'static str>,
    /// It has the value that it had before.
    is_same: bool,
}
