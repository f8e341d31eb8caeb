//! How a session opens (§19.3). Anyone who sends a request controls the token.

use alloc::{string::String, vec::Vec};
use core::ops::Range;

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroize as _;

use super::{
    check::Opening,
    payload::{self, Members},
    scan::Form,
    sealer::SessionSealer,
    state::{Origin, Session},
    text::Text,
    value::marks_are_taken,
};
use crate::{
    error::{NoSession, UnsealError},
    json::{self, Json},
    opened::Claims,
    ring::Ring,
    time::UnixTime,
};

impl<T: Default + Serialize + DeserializeOwned> SessionSealer<T> {
    /// Opens what a request brought. Never fails: without a session that holds, it is a new guest's, with the reason.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, NoSession, Site};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// let session = sealer.open(Some(b"CrE1")).unchecked()?;
    /// assert_eq!(session.reason().map(|reason| reason.code()), Some("too_short"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(&self, token: Option<&[u8]>) -> Opening<T> {
        let now = match self.clock().now() {
            Ok(now) => now,
            Err(error) => return self.opening(Err(UnsealError::from(error).into()), UnixTime::EPOCH),
        };
        let session = match token {
            Some(token) => self.open_token(&self.ring().load(), token, now),
            None => Err(NoSession::Absent),
        };
        let mut opening = self.opening(session, now);
        let session = opening.session_mut();
        if session.is_bound() {
            session.close(NoSession::Unproven); // there are no proofs here ([SESS-29])
        }
        opening
    }

    /// Hands over what opened; in the place of what did not, a new guest session with the reason ([SESS-10]).
    pub(crate) fn opening(&self, session: Result<Session<T>, NoSession>, now: UnixTime) -> Opening<T> {
        Opening::new(session.unwrap_or_else(|reason| self.new_session(now, reason)))
    }

    fn new_session(&self, now: UnixTime, reason: NoSession) -> Session<T> {
        let latest = (reason != NoSession::Token(UnsealError::NoClock)).then(|| self.latest(now));
        Session::new(self.sealer.context().clone(), self.policy, now, latest, reason)
    }

    /// Returns now + leeway.
    fn latest(&self, now: UnixTime) -> u64 {
        now.as_secs().saturating_add(self.policy.ahead().into())
    }

    /// Performs steps 0 to 9c. Steps 9d and 9e are the transport's, which knows what has ended and has the proofs; 9f is
    /// that of [`Opening`].
    ///
    /// ```text
    ///    (payload, issued_at, ttl) = open(sealed, ring, context, max_age = policy.idle, policy.leeway, limit, text, now)
    /// 9a s = the session in payload (§19.1)                              or fail payload_invalid
    /// 9b if s.start, s.auth_time or s.checked > now + leeway:            fail issued_in_future
    ///    last = min(s.end, s.start + policy.absolute)
    /// 9c if now ≥ last:                                                  fail expired
    /// ```
    pub(crate) fn open_token(&self, ring: &Ring, token: &[u8], now: UnixTime) -> Result<Session<T>, NoSession> {
        let mut bytes = Vec::new();
        let claims = self.sealer.unseal_in(ring, token, &mut bytes, now)?;

        let payload = String::from_utf8(bytes).map(Text::from).map_err(|fault| {
            fault.into_bytes().zeroize();
            UnsealError::PayloadInvalid
        })?;
        let members = payload::read(&payload).ok_or(UnsealError::PayloadInvalid)?;
        let latest = self.latest(now);
        let auth_time = members.user.as_ref().map_or(0, |user| user.auth_time.as_secs());
        if members.start.max(auth_time).max(members.checked.unwrap_or_default()) > latest {
            return Err(UnsealError::IssuedInFuture.into());
        }

        let last = members.end.min(members.start.saturating_add(self.policy.absolute().into()));
        if now.as_secs() >= last {
            return Err(UnsealError::Expired.into());
        }

        let Members { sid, start, end, rev, user, checked, jkt, data, flash } = members;
        let (data, kept) = typed(payload, data).ok_or(UnsealError::PayloadInvalid)?;
        let Claims { issued_at, expires_at, key_id, .. } = claims;
        Ok(Session {
            reason: None,
            origin: Some(Origin {
                sid,
                start,
                end,
                last,
                rev,
                issued_at: issued_at.as_secs(),
                expires_at: expires_at.as_secs(),
                key_id,
            }),
            user,
            checked,
            jkt,
            data,
            kept: Some(kept),
            flash,
            ..self.new_session(now, NoSession::Absent)
        })
    }
}

/// Reads the part of a payload that is `data` as a type of the application's; returns it with its text in the form of
/// [SESS-05], which takes the payload's place. `None` for data of another shape, and if a `serde_json::Value` inside the
/// type made something else of a name.
fn typed<T: Default + Serialize + DeserializeOwned>(
    payload: Text,
    data: Option<(Range<usize>, Form)>,
) -> Option<(T, Text)> {
    let mut text = payload;
    let form = match data {
        Some((place, form)) => {
            text.truncate(place.end);
            text.drain(..place.start);
            form
        }
        None => {
            text.clear();
            text.push_str("{}");
            Form::NEW
        }
    };
    let value = if form.is_canonical && !form.has_mark { None } else { Some(json::read(&text).ok()?) };
    let respelled = value.as_ref().map(Json::to_text);
    let canonical = respelled.as_ref().unwrap_or(&text);
    let typed = match serde_json::from_str(canonical) {
        Ok(typed) => typed,
        // An empty object counts as no data: a type that needs a member begins anew.
        Err(_) if **canonical == "{}" => T::default(),
        Err(_) => return None,
    };
    if let Some(value) = value.filter(|_| form.has_mark && marks_are_taken()) {
        let seen = payload::data_text(&typed, canonical.len()).ok()?;
        json::read(&seen).ok().filter(|seen| value.keeps_marks(seen))?;
    }
    Some((typed, respelled.unwrap_or(text)))
}
