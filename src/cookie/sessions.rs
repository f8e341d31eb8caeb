//! Sessions in cookies: the two calls of a framework's glue (§20).

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::{
    committed::Committed,
    read::{self, Candidate, Found},
    settings::Cookie,
    write,
};
#[cfg(feature = "device")]
use crate::device::{Challenge, Device};
#[cfg(feature = "hazmat")]
use crate::time::Clock;
use crate::{
    base64url,
    error::{CommitError, NoSession, SealError, SetupError, UnsealError},
    limits::{COOKIE_LARGE, LIFE_MAX, SID_CHARACTERS},
    ring::{Ring, RingInForce},
    sealed::Sealer,
    session::{Data, Draws, Ended, Opening, Session, SessionCommit, SessionSealer, Wrote},
    time::UnixTime,
};

/// Sessions in cookies: opens them from the Cookie fields of requests, and commits them to responses (§20). Make one at
/// start-up and share it: it is `Send`, `Sync` and cheap to clone; clones share the keyring.
///
/// ```
/// use cretula::{Answer, Data, Key, Site};
///
/// let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Data>().build()?;
///
/// // A request: the octets of its Cookie fields in, and the application's answer to the check.
/// let look_up = |_sub: &str| Answer::Generation(7);
/// let opening = sessions.open([b"theme=dark"]);
/// let answer = opening.user().map_or(Answer::Unanswered, |user| look_up(&user.sub));
/// let mut session = opening.checked(answer)?; // an error of it: answer 503
///
/// session.sign_on("ada", 7)?;
///
/// // Its response: with the feature `http`, `sessions.commit(session)?.apply(response.headers_mut())`.
/// for (name, value) in sessions.commit(session)?.headers() {
///     println!("{name}: {value}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sessions<T = Data> {
    pub(super) sealer: SessionSealer<T>,
    pub(super) cookie: Cookie,
    second_name: String,
    end_name: String,
    #[cfg(feature = "device")]
    pub(super) device: Option<Device>,
}

impl<T> Clone for Sessions<T> {
    fn clone(&self) -> Self {
        Self {
            sealer: self.sealer.clone(),
            cookie: self.cookie.clone(),
            second_name: self.second_name.clone(),
            end_name: self.end_name.clone(),
            #[cfg(feature = "device")]
            device: self.device.clone(),
        }
    }
}

impl<T> Sessions<T> {
    /// Refuses the cookie first ([COOK-01], [COOK-02]).
    pub(crate) fn new(sealer: SessionSealer<T>, cookie: Cookie) -> Result<Self, SetupError> {
        cookie.check()?;
        let (second_name, end_name) = (cookie.second_name(), cookie.end_name());
        Ok(Self {
            sealer,
            cookie,
            second_name,
            end_name,
            #[cfg(feature = "device")]
            device: None,
        })
    }

    /// Sets device binding up.
    #[cfg(feature = "device")]
    pub(crate) fn with_device(self, device: Device) -> Self {
        Self { device: Some(device), ..self }
    }

    #[cfg(feature = "hazmat")]
    pub(crate) fn with_clock(&self, clock: Clock) -> Self {
        Self { sealer: self.sealer.with_clock(clock), ..self.clone() }
    }

    pub(crate) const fn ring(&self) -> &RingInForce {
        self.sealer.ring()
    }

    /// Returns the cookie's name.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        self.cookie.name()
    }
}

impl<T: Default + Serialize + DeserializeOwned> Sessions<T> {
    /// Opens the session of a request from the octets of all its Cookie fields, in the order received. Never fails:
    /// without a session that holds, it is a new guest's, with the reason for the log.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
    /// let session = sessions.open(["a=1; __Host-Http-session=oops", "b=2"]).unchecked()?;
    /// assert_eq!(session.reason().map(|reason| reason.code()), Some("not_a_token"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open<F: AsRef<[u8]>>(&self, fields: impl IntoIterator<Item = F>) -> Opening<T> {
        let fields: Vec<F> = fields.into_iter().collect();
        let found = read::find(&fields, self.cookie.name());
        let ring = self.sealer.ring().load();
        let mut opening = match self.sealer.clock().now() {
            Err(error) => self.sealer.opening(Err(UnsealError::from(error).into()), UnixTime::EPOCH),
            Ok(now) => match self.choose(&found, &ring, now) {
                Ok(session) => {
                    let mut opening = self.sealer.opening(Ok(session), now);
                    self.prove(opening.session_mut(), &found, &ring, now);
                    opening
                }
                Err((reason, authentic)) => {
                    let mut opening = self.sealer.opening(Err(reason), now);
                    opening.session_mut().carried = authentic;
                    opening
                }
            },
        };
        self.note(opening.session_mut(), &found);
        opening
    }

    /// Notes which cookies the request held beside the session's own.
    #[cfg_attr(not(feature = "device"), expect(clippy::unused_self, reason = "the same call with the feature"))]
    pub(super) fn note(&self, session: &mut Session<T>, found: &Found<'_>) {
        session.second_part = !found.second.is_empty();
        #[cfg(feature = "device")]
        {
            session.has_proof = self.device.is_some() && !found.proof.is_empty();
        }
    }

    /// Performs step 9e of §19.3.
    ///
    /// ```text
    /// 9e if s has jkt:
    ///        candidates = values(fields, proof_name(name)) that have the shape of a token of the ring in the purpose of proofs
    ///                     (§20.3, without "2."), equal ones once, the first 4 in the order received
    ///        proofs = those that open (steps 1 to 9) with the jkt of s
    ///        if there are none:                                                    fail unproven
    ///    else if s has sub, require_after is set, and now ≥ s.start + require_after:   fail unproven
    /// ```
    #[cfg(feature = "device")]
    fn prove(&self, session: &mut Session<T>, found: &Found<'_>, ring: &Ring, now: UnixTime) {
        let is_unproven = match (session.jkt(), &self.device) {
            (Some(jkt), Some(device)) => {
                let of_ring = |proofs| read::proofs(&found.proof, proofs);
                let candidates = Device::proofs(ring).map(of_ring).unwrap_or_default();
                let opened = candidates.iter().filter_map(|proof| device.open_proof(ring, proof, jkt, now));
                let proofs: Vec<_> = opened.collect();
                let own = proofs.iter().filter(|(sid, _)| session.sid() == Some(sid));
                session.proof_at = own.map(|(_, made)| made.as_secs()).max();
                proofs.is_empty()
            }
            (Some(_), None) => true,
            (None, Some(device)) => {
                session.user().is_some() && session.info().is_some_and(|info| device.is_required(info.start, now))
            }
            (None, None) => false,
        };
        if is_unproven {
            session.close(NoSession::Unproven);
        }
    }

    /// Performs step 9e of §19.3 without proofs ([SESS-29]).
    #[cfg(not(feature = "device"))]
    #[expect(clippy::unused_self, reason = "the same call with the feature")]
    fn prove(&self, session: &mut Session<T>, _: &Found<'_>, _: &Ring, _: UnixTime) {
        if session.is_bound() {
            session.close(NoSession::Unproven);
        }
    }

    /// Opens each candidate, and chooses one (§20.3). If it fails, the authentic sessions of the request stand beside the
    /// reason ([SESS-17]).
    ///
    /// ```text
    /// open each candidate
    /// if there are more than 4:                                   fail ambiguous
    /// if none opened:                                             fail with the code of the first candidate
    /// if those that opened have more than one sid:                fail ambiguous
    /// return the one of the greatest rev; of these the greatest issued_at; of these the first
    /// ```
    pub(super) fn choose(
        &self,
        found: &Found<'_>,
        ring: &Ring,
        now: UnixTime,
    ) -> Result<Session<T>, (NoSession, Vec<Ended>)> {
        let alone = |reason| (reason, Vec::new());
        let (candidates, more) = read::candidates(&found.own, ring).map_err(alone)?;
        let open = |candidate| self.open_candidate(candidate, found, ring, now);
        if let Some(only) = candidates.only() {
            return open(only).map_err(alone); // the usual request
        }
        let opened = read::opened(candidates.iter().map(open));
        let mut authentic: Vec<Ended> = Vec::new();
        for ended in opened.iter().flatten().filter_map(Session::named) {
            if authentic.iter().all(|earlier| earlier.sid != ended.sid) {
                authentic.push(ended);
            }
        }
        if more || authentic.len() > 1 {
            return Err((NoSession::Ambiguous, authentic));
        }
        let best =
            opened.map_err(alone)?.into_iter().reduce(|best, next| if age(&next) > age(&best) { next } else { best });
        best.ok_or_else(|| alone(NoSession::Absent))
    }

    /// Performs steps 1 to 9d of §19.3.
    fn open_candidate<'f>(
        &self,
        candidate: &Candidate<'f>,
        found: &Found<'f>,
        ring: &Ring,
        now: UnixTime,
    ) -> Result<Session<T>, NoSession> {
        let token = candidate.token(found)?;
        let session = self.sealer.open_token(ring, &token, now)?;
        // 9d: [COOK-07].
        if !found.end.is_empty() {
            let mark = mark(session.sid().unwrap_or_default());
            let mut marks = found.end.iter().flat_map(|value| value.split(|octet| *octet == b'.'));
            if marks.any(|item| item == mark.as_bytes()) {
                return Err(NoSession::SignedOff);
            }
        }
        Ok(session)
    }

    /// Decides what the response carries. A session is committed once: there is nothing to change after it.
    ///
    /// ```
    /// # use cretula::{Cookie, Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
    /// let session = sessions.open(["theme=dark"]).unchecked()?;
    /// let committed = sessions.commit(session)?;
    /// assert!(committed.headers().eq([("vary", "Cookie")])); // nothing changed
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommitError::Context`] for a session of another context or policy; [`CommitError::Unserializable`];
    /// [`CommitError::TooLarge`]; [`CommitError::Seal`] for what sealing refuses. Send an error page then, without the
    /// session's headers: what the browser has is as good as before. The session is gone; ask [`excess`](Self::excess)
    /// before.
    pub fn commit(&self, session: Session<T>) -> Result<Committed, CommitError> {
        self.sealer.is_own(&session)?;
        self.commit_drawing(&self.sealer.ring().load(), &session, self.sealer.clock().now()?, &Draws::System)
    }

    /// Returns by how many octets the session would not fit its cookie if it were sealed now; 0 if it fits. Changes and
    /// draws nothing: ask before the work that a session too large would undo.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
    /// let mut session = sessions.open(["theme=dark"]).unchecked()?;
    /// session.data_mut().insert("notes".into(), "x".repeat(4000).into());
    /// assert!(sessions.excess(&session)? > 0);
    /// session.data_mut().remove("notes");
    /// assert_eq!(sessions.excess(&session)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommitError::Context`]; [`CommitError::Unserializable`]; [`CommitError::Seal`] without a clock.
    pub fn excess(&self, session: &Session<T>) -> Result<usize, CommitError> {
        self.sealer.is_own(session)?;
        let name = "A".repeat(SID_CHARACTERS);
        let now = self.sealer.clock().now()?;
        let (_, payload, _) = self.sealer.written(session, session.changed(), session.sid().unwrap_or(&name), now)?;
        Ok(self.cookie.over(Sealer::text_length(payload.len())))
    }

    /// Commits as [`commit`](Self::commit) does, under a ring that the caller borrowed, with its time and draws.
    pub(crate) fn commit_drawing(
        &self,
        ring: &Ring,
        session: &Session<T>,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<Committed, CommitError> {
        let fits = |length, data: &str| self.cookie.fits(length, data);
        let commit = self.sealer.commit_drawing(ring, session, now, draws, fits)?;
        let lines = self.lines(session, &commit, now, draws)?;
        let octets = |line: &String| line.split(';').next().map_or(0, |pair| pair.len().saturating_sub(1));
        let is_large = lines.iter().map(octets).sum::<usize>() > COOKIE_LARGE;
        #[cfg(feature = "device")]
        let registration = self.offer(ring, session, &commit, now, draws)?;
        let SessionCommit { sid, ended, fault, .. } = commit;
        Ok(Committed {
            sid,
            ended,
            fault,
            is_large,
            lines,
            varies: true,
            #[cfg(feature = "device")]
            registration,
        })
    }

    /// Returns the field that offers device binding ([DEV-05]).
    #[cfg(feature = "device")]
    fn offer(
        &self,
        ring: &Ring,
        session: &Session<T>,
        commit: &SessionCommit,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<Option<String>, CommitError> {
        let (Some(device), Some(sid)) = (&self.device, &commit.sid) else { return Ok(None) };
        if session.is_bound() || !session.has_signed_on() {
            return Ok(None);
        }
        let challenge = Challenge::Register(sid.clone());
        let challenge = Device::challenge(ring, &challenge, now, draws)?;
        Ok(Some(alloc::format!(r#"(ES256);path="{}/start";challenge="{challenge}""#, device.path())))
    }

    /// ```text
    /// 1  for each previous combination: expire(name), and expire(name.1) if the request held a value of name.1,
    ///    each with that combination
    /// 2  in two (§20.5): line(name.1, id "." second part, ttl);
    ///    else expire(name.1), if the request held a value of name.1 (any, an empty one too)
    /// 3  if the user was signed off in this request, and an authentic session of the request has an end after now:
    ///    line(name.end, the marks of these, joined by ".", the longest of min(end − now, 34 560 000))
    /// 4  line(name, token or "2." id "." first part, ttl), or expire(name)
    /// ```
    fn lines(
        &self,
        session: &Session<T>,
        commit: &SessionCommit,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<Vec<String>, CommitError> {
        let (cookie, name, second) = (&self.cookie, self.cookie.name(), self.second_name.as_str());
        let mut expired = session.second_part.then(|| cookie.expiry(second));
        let (own, second_line) = match &commit.wrote {
            Wrote::Nothing => return Ok(Vec::new()),
            Wrote::Seal { token, ttl } if cookie.over_one(token.len()) == 0 => {
                (cookie.sealed_line(name, token, *ttl), expired.take())
            }
            Wrote::Seal { token, ttl } => {
                let id = draws.id().ok_or(SealError::NoRandomness)?;
                // It fits: commit asked `fits`.
                let too_large = CommitError::TooLarge { over: token.len(), largest: None };
                let parts = write::split(token, id).ok_or(too_large)?;
                (cookie.sealed_line(name, &parts.0, *ttl), Some(cookie.sealed_line(second, &parts.1, *ttl)))
            }
            Wrote::Expire => (cookie.expiry(name), expired.take()),
        };
        let names = if session.second_part { &[name, second][..] } else { &[name] };
        let mut lines = Vec::new();
        #[cfg(feature = "device")]
        if session.has_proof && (session.signed_off || commit.wrote == Wrote::Expire) {
            lines.push(cookie.expiry(&cookie.proof_name())); // [DEV-10]
        }
        lines.extend(cookie.previous_expiries(names));
        lines.extend(second_line);
        if session.signed_off {
            lines.extend(self.mark_line(&commit.ended, now));
        }
        lines.push(own);
        Ok(lines)
    }

    /// Returns the line that remembers which sessions were signed off; `None` if all are over.
    fn mark_line(&self, ended: &[Ended], now: UnixTime) -> Option<String> {
        let alive = ended.iter().filter(|ended| ended.end > now);
        let marks: Vec<_> = alive.clone().map(|ended| mark(&ended.sid)).collect();
        let longest = alive.map(|ended| ended.end.as_secs().saturating_sub(now.as_secs())).max()?;
        let max_age = longest.min(LIFE_MAX.into());
        Some(self.cookie.line(&self.end_name, &marks.join("."), Some(max_age), &self.cookie.place))
    }
}

/// Returns what two sessions of one sid are told apart by (§20.3): rev, then issued_at.
fn age<T>(session: &Session<T>) -> (u64, u64) {
    (session.rev(), session.issued_at())
}

/// Returns the mark of an ended session (§20.3): the first 22 characters of base64url(SHA-256(sid)).
fn mark(sid: &str) -> String {
    let mut text = String::new();
    base64url::encode(&Sha256::digest(sid), &mut text);
    text.truncate(SID_CHARACTERS);
    text
}

impl<T> fmt::Debug for Sessions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("sealer", &self.sealer).field("cookie", &self.cookie).finish()
    }
}
