//! Sessions in cookies: the two calls of a framework's glue (§20).

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::{Cookie, read};
use crate::{
    base64url,
    context::Context,
    error::{CommitError, CookieError, NoSession, SealError},
    keyring::Keyring,
    limits::{COOKIE_LARGE, COOKIE_TOKEN_MAX, LIFE_MAX, SID_CHARACTERS},
    session::{Data, Draws, Ended, Opening, Policy, Session, SessionCommit, SessionSealer, Wrote, largest},
    time::UnixTime,
};

/// Opens sessions from the Cookie fields of requests and commits them to responses (§20). Make one at start-up and
/// share it: it is `Send`, `Sync` and cheap to clone; clones share the keyring.
///
/// ```
/// use cretula::{Context, Cookie, Data, Key, Keyring, Policy, Sessions};
///
/// let keyring = Keyring::from(Key::generate()?);
/// let context = Context::new("shop.example", "session")?;
/// let sessions = Sessions::<Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
///
/// // A request: the octets of its Cookie fields in, and the application's answer to the check.
/// let generation_of = |_sub: &str| Some(7);
/// let opening = sessions.open([b"theme=dark"]);
/// let generation = opening.user().and_then(|user| generation_of(&user.sub));
/// let mut session = opening.checked(generation);
///
/// session.sign_on("ada", 7)?;
///
/// // Its response: append each header; then `Committed::cache_control`.
/// for (name, value) in sessions.commit(&session)?.headers() {
///     println!("{name}: {value}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sessions<T = Data> {
    sealer: SessionSealer<T>,
    cookie: Cookie,
    second_name: String,
    end_name: String,
}

impl<T> Clone for Sessions<T> {
    fn clone(&self) -> Self {
        Self {
            sealer: self.sealer.clone(),
            cookie: self.cookie.clone(),
            second_name: self.second_name.clone(),
            end_name: self.end_name.clone(),
        }
    }
}

impl<T> Sessions<T> {
    /// Puts keyring, context, policy and cookie together. A site with more than one cookie asks
    /// [`check_cookies`](crate::check_cookies) as well.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// let refused = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::named("__host-x"));
    /// assert_eq!(refused.unwrap_err().code(), "cookie_name");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CookieError::Name`], [`CookieError::Attributes`].
    pub fn new(keyring: &Keyring, context: &Context, policy: Policy, cookie: Cookie) -> Result<Self, CookieError> {
        cookie.check()?;
        let sealer = SessionSealer::with_limit(keyring, context, policy, COOKIE_TOKEN_MAX);
        let (second_name, end_name) = (cookie.second_name(), cookie.end_name());
        Ok(Self { sealer, cookie, second_name, end_name })
    }

    /// Puts another keyring in force, as [`Sealer::replace_keyring`](crate::Sealer::replace_keyring) does.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// sessions.replace_keyring(&Keyring::from(Key::generate()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reload")]
    pub fn replace_keyring(&self, keyring: &Keyring) {
        self.sealer.replace_keyring(keyring);
    }

    /// Returns the cookie.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// assert_eq!(sessions.cookie().name(), "__Host-session");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn cookie(&self) -> &Cookie {
        &self.cookie
    }

    /// Returns the policy.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// assert_eq!(sessions.policy().idle(), 1800);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.sealer.policy()
    }
}

impl<T: Default + Serialize + DeserializeOwned> Sessions<T> {
    /// Opens the session of a request from the octets of all its Cookie fields, in the order received. Never fails:
    /// without a session that holds, it is a new guest's, with the reason for the log.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let session = sessions.open(["a=1; __Host-session=oops", "b=2"]).unchecked();
    /// assert_eq!(session.reason().map(|reason| reason.code()), Some("not_a_token"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn open<F: AsRef<[u8]>>(&self, fields: impl IntoIterator<Item = F>) -> Opening<T> {
        match UnixTime::now() {
            Ok(now) => self.open_at(fields, now),
            Err(error) => self.sealer.none(UnixTime::EPOCH, crate::error::UnsealError::from(error).into()),
        }
    }

    /// Opens as [`open`](Self::open) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions, UnixTime};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let session = sessions.open_at([""; 0], UnixTime::new(1000)?).unchecked();
    /// assert_eq!(session.reason().map(|reason| reason.code()), Some("absent"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_at<F: AsRef<[u8]>>(&self, fields: impl IntoIterator<Item = F>, now: UnixTime) -> Opening<T> {
        let fields: Vec<F> = fields.into_iter().collect();
        let mut opening = match self.choose(&fields, now) {
            Ok(session) => SessionSealer::some(session),
            Err(reason) => self.sealer.none(now, reason),
        };
        opening.session_mut().second_part = read::values(&fields, &self.second_name).next().is_some();
        opening
    }

    /// Opens the candidates (§20.3). Several with one sid: the greatest rev, then issued_at, then the first received;
    /// with different ones: `ambiguous`.
    fn choose(&self, fields: &[impl AsRef<[u8]>], now: UnixTime) -> Result<Session<T>, NoSession> {
        let names = (self.cookie.name(), self.second_name.as_str());
        let has_ended = |sid: &str| {
            let mark = mark(sid);
            read::values(fields, &self.end_name).any(|value| value == mark.as_bytes())
        };
        let opened = self.sealer.sealer().with_ring(|ring| {
            read::open_candidates(fields, names, ring, |token| self.sealer.try_open(ring, token, now, has_ended))
        })?;
        let mut best: Option<Session<T>> = None;
        for session in opened {
            best = match best {
                Some(best) if best.sid() != session.sid() => return Err(NoSession::Ambiguous),
                Some(best) if best.age() >= session.age() => Some(best),
                _ => Some(session),
            };
        }
        best.ok_or(NoSession::Absent)
    }

    /// Decides what the response carries. The session is left as it is; it is committed once.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let session = sessions.open(["theme=dark"]).unchecked();
    /// let committed = sessions.commit(&session)?;
    /// assert!(committed.headers().eq([("vary", "Cookie")])); // nothing changed
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommitError::Unserializable`]; [`CommitError::TooLarge`]; [`CommitError::Seal`] for what sealing refuses. Send
    /// an error page then, without the session's headers: what the browser has is as good as before.
    #[cfg(feature = "std")]
    pub fn commit(&self, session: &Session<T>) -> Result<Committed, CommitError> {
        self.commit_at(session, UnixTime::now()?)
    }

    /// Decides as [`commit`](Self::commit) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions, UnixTime};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let now = UnixTime::new(1000)?;
    /// let mut session = sessions.open_at(["theme=dark"], now).unchecked();
    /// session.sign_off();
    /// let committed = sessions.commit_at(&session, now)?;
    /// let (_, expiry) = committed.headers().next().unwrap_or_default();
    /// assert_eq!(expiry, "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`commit`](Self::commit), but for the clock.
    pub fn commit_at(&self, session: &Session<T>, now: UnixTime) -> Result<Committed, CommitError> {
        self.commit_drawing(session, now, &Draws::System)
    }

    pub(crate) fn commit_drawing(
        &self,
        session: &Session<T>,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<Committed, CommitError> {
        let commit = self.sealer.commit_drawing(session, now, draws, |length, data| self.fits(length, data))?;
        let lines = self.lines(session, &commit, now, draws)?;
        let octets = |line: &String| line.split(';').next().map_or(0, |pair| pair.len().saturating_sub(1));
        let is_large = lines.iter().map(octets).sum::<usize>() > COOKIE_LARGE;
        let SessionCommit { sid, ended, fault, .. } = commit;
        Ok(Committed { lines, sid, ended, fault, is_large })
    }

    /// [COOK-11].
    fn fits(&self, token_length: usize, data: &str) -> Result<(), CommitError> {
        let Some(over) = self.cookie.excess(token_length) else { return Ok(()) };
        let over = if self.cookie.large { token_length.saturating_sub(COOKIE_TOKEN_MAX) } else { over };
        if over == 0 { Ok(()) } else { Err(Cookie::too_large(over, largest(data))) }
    }

    /// `set_cookies` of §20.4.
    fn lines(
        &self,
        session: &Session<T>,
        commit: &SessionCommit,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<Vec<String>, CommitError> {
        let (cookie, name, second) = (&self.cookie, self.cookie.name(), self.second_name.as_str());
        let mut lines = Vec::new();
        let mut expire_second = session.second_part;
        match &commit.wrote {
            Wrote::Nothing => {}
            Wrote::Seal { token, ttl } if cookie.excess(token.len()).is_none() => {
                lines.push(cookie.sealed_line(name, token, *ttl));
            }
            Wrote::Seal { token, ttl } => {
                let id = draws.id().ok_or(SealError::NoRandomness)?;
                // It fits: commit asked `fits`.
                let parts = read::split(token, id).ok_or_else(|| Cookie::too_large(token.len(), None))?;
                lines.extend([cookie.sealed_line(name, &parts.0, *ttl), cookie.sealed_line(second, &parts.1, *ttl)]);
                expire_second = false;
            }
            Wrote::Expire => lines.push(cookie.expiry(name)),
        }
        if expire_second && !lines.is_empty() {
            lines.push(cookie.expiry(second));
        }
        if let Some(ended) = commit.ended.as_ref().filter(|_| session.was_signed_off())
            && let Some(left) = ended.end.checked_sub(now.as_secs()).filter(|left| *left > 0)
        {
            let max_age = left.min(LIFE_MAX.into());
            lines.push(cookie.line(&self.end_name, &mark(&ended.sid), Some(max_age), &cookie.place));
        }
        if !lines.is_empty() {
            let names = if session.second_part { &[name, second][..] } else { &[name] };
            lines.extend(cookie.previous_expiries(names));
        }
        Ok(lines)
    }
}

/// The mark of an ended session (§20.3): the first 22 characters of base64url(SHA-256(sid)).
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

/// Holds what a response carries.
///
/// ```
/// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
/// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
/// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
/// let mut session = sessions.open(["theme=dark"]).unchecked();
/// session.send();
/// let committed = sessions.commit(&session)?;
/// assert_eq!(committed.headers().map(|(name, _)| name).collect::<Vec<_>>(), ["set-cookie", "vary"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Committed {
    lines: Vec<String>,
    sid: Option<String>,
    ended: Option<Ended>,
    fault: Option<CommitError>,
    is_large: bool,
}

impl fmt::Debug for Committed {
    /// Shows no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.len();
        f.debug_struct("Committed").field("lines", &lines).field("fault", &self.fault).finish_non_exhaustive()
    }
}

impl Committed {
    /// Returns names, in lower case, and values, which are visible ASCII and spaces: append each to the response. Set
    /// [`cache_control`](Self::cache_control) as well.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let session = sessions.open(["theme=dark"]).unchecked();
    /// let committed = sessions.commit(&session)?;
    /// assert!(committed.headers().eq([("vary", "Cookie")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.set_cookies().map(|line| ("set-cookie", line)).chain([("vary", "Cookie")])
    }

    /// Returns the Set-Cookie values alone.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let mut session = sessions.open(["theme=dark"]).unchecked();
    /// session.sign_off();
    /// let committed = sessions.commit(&session)?;
    /// assert!(committed.set_cookies().eq(["__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_cookies(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Returns the Cache-Control to set, in the place of any that the response has: `no-store` beside a Set-Cookie,
    /// else `private` if `is_set`, which tells whether the application set one, is false. `None`: leave it as it is.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let mut session = sessions.open(["theme=dark"]).unchecked();
    /// let committed = sessions.commit(&session)?;
    /// assert_eq!((committed.cache_control(false), committed.cache_control(true)), (Some("private"), None));
    /// session.send();
    /// assert_eq!(sessions.commit(&session)?.cache_control(true), Some("no-store"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn cache_control(&self, is_set: bool) -> Option<&'static str> {
        match (self.lines.is_empty(), is_set) {
            (false, _) => Some("no-store"),
            (true, false) => Some("private"),
            (true, true) => None,
        }
    }

    /// Returns the name of the session that was written, 22 base64url characters; `None` if none was.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let mut session = sessions.open(["theme=dark"]).unchecked();
    /// session.send();
    /// assert!(sessions.commit(&session)?.sid().is_some_and(|sid| sid.len() == 22));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Returns the session to deny until its end, if this response replaces or ends the one that the request brought.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// # let session = sessions.open(["theme=dark"]).unchecked();
    /// if let Some(ended) = sessions.commit(&session)?.ended() {
    ///     println!("deny {} until {}", ended.sid, ended.end);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Returns why nothing was sealed where the response does without: a refresh that no key could seal, or what was put
    /// into the session after a sign-off. For the log.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, KeyEntry, Keyring, Policy, Sessions, UnixTime};
    /// # let (later, context) = (UnixTime::new(1 << 40)?, Context::new("a", "session")?);
    /// # let keyring = Keyring::new([KeyEntry::from(Key::generate()?).sealing_from(later)])?; // no key seals yet
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// # let mut session = sessions.open(["theme=dark"]).unchecked();
    /// session.sign_off();
    /// session.flash("notice", "signed off");
    /// let committed = sessions.commit(&session)?; // the cookie is expired all the same
    /// assert_eq!(committed.fault().map(|fault| fault.code()), Some("no_sealing_key"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn fault(&self) -> Option<&CommitError> {
        self.fault.as_ref()
    }

    /// Tells whether the cookies have more than 3500 octets of names and values together: some proxies refuse a response
    /// head of more than 4096 (nginx's `proxy_buffer_size`).
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let mut session = sessions.open(["theme=dark"]).unchecked();
    /// session.data_mut().insert("notes".into(), "x".repeat(2600).into());
    /// assert!(sessions.commit(&session)?.is_large());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn is_large(&self) -> bool {
        self.is_large
    }
}
