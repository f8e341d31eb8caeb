//! A session between open and commit.

use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::{fmt, time::Duration};

use serde_json::Value;

use super::{data::Data, policy::Policy, text::Text};
use crate::{context::Context, error::NoSession, key::KeyId, time::UnixTime};

/// Messages by name.
pub(super) type Flash = BTreeMap<String, Vec<Value>>;

/// A user who is signed on (§19.1).
///
/// ```
/// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
/// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
/// let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
/// assert!(session.user().is_none());
/// session.sign_on("ada", 7)?;
/// assert_eq!(session.user().map(|user| (user.sub.as_str(), user.generation)), Some(("ada", 7)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// Who, 1 to 255 bytes: the member `sub`.
    pub sub: String,
    /// The user's session generation, 0 to 2^53 − 1: the member `gen`.
    pub generation: u64,
    /// When the user last proved who they are.
    pub auth_time: UnixTime,
}

/// A session that this response replaces or ends, for the application's deny-list (§19.4).
///
/// ```
/// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
/// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
/// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
/// # session.sign_on("ada", 7)?;
/// # let cretula::Wrote::Seal { token, .. } = sealer.at(UnixTime::new(1000)?).commit(session)?.wrote else { unreachable!() };
/// let mut session = sealer.at(UnixTime::new(1001)?).open(Some(token.as_bytes())).unchecked()?;
/// session.sign_off();
/// let ended = sealer.at(UnixTime::new(1001)?).commit(session)?.ended;
/// assert!(ended[0].sid.len() == 22 && ended[0].end == UnixTime::new(1000 + 86_400)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// The session's name, 22 base64url characters.
    pub sid: String,
    /// Until when to deny it: its absolute end.
    pub end: UnixTime,
}

/// What the token of a session says of itself (§19.1), for pages that show it and for metrics.
///
/// ```
/// # use cretula::{Key, Site};
/// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
/// let session = sessions.open(["theme=dark"]).unchecked()?;
/// assert_eq!(session.info(), None); // a new one
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// When the session began.
    pub start: UnixTime,
    /// The absolute end in force, the session's or the policy's.
    pub end: UnixTime,
    /// The idle end.
    pub expires_at: UnixTime,
    /// How often the session was sealed. Advisory: parallel requests may both write n + 1.
    pub rev: u64,
    /// The key, kind and context that made the token.
    pub key_id: KeyId,
    /// Whether it is bound to a device (§21).
    pub is_bound: bool,
}

/// What the token of a session says that the application does not change.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) sid: String,
    pub(super) start: u64,
    pub(super) end: u64,
    /// The absolute end in force: min(end, start + absolute).
    pub(super) last: u64,
    pub(super) rev: u64,
    pub(super) issued_at: u64,
    /// The idle end.
    pub(super) expires_at: u64,
    pub(super) key_id: KeyId,
}

/// A web session: what a request brought, and what its handler makes of it (§19).
///
/// Open gives it, by way of [`Opening`](crate::Opening); commit decides whether to write it. Without a valid token it is
/// a new guest's.
///
/// ```
/// use cretula::{ErrorCode as _, Key, Site};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Shop {
///     basket: Vec<u32>,
/// }
///
/// let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Shop>().build()?;
///
/// let mut session = sessions.open(["theme=dark"]).unchecked()?;
/// assert_eq!(session.reason().map(|reason| reason.code()), Some("absent"));
/// session.data_mut().basket.push(17);
/// let response = sessions.commit(session)?;
/// assert!(response.headers().any(|(name, value)| name == "set-cookie" && value.starts_with("__Host-Http-session=CrE1")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session<T = Data> {
    /// Where it was opened, and is committed.
    pub(super) context: Context,
    pub(super) policy: Policy,
    /// The clock at open.
    pub(super) now: UnixTime,
    /// That and the leeway; `None` without a clock.
    pub(super) latest: Option<u64>,
    /// `None` for a new session.
    pub(super) origin: Option<Origin>,
    pub(super) reason: Option<NoSession>,
    /// The authentic sessions of the request that this is not: the one that was replaced, or all that opened if they were
    /// several.
    pub(crate) carried: Vec<Ended>,
    /// A sign-on, re-authentication or sign-off took its name away.
    pub(super) replaced: bool,
    /// The name of `origin` is not to be used any more.
    pub(super) new_sid: bool,
    /// A sign-on or re-authentication of this request.
    pub(super) proven: bool,
    /// The last of them rested on an earlier proof.
    pub(super) earlier_proof: bool,
    /// For the cookie binding too, which marks an ended session (§20.4).
    pub(crate) signed_off: bool,
    pub(super) send: bool,
    /// It replaces a session that may still be valid ([SESS-18]).
    pub(super) read_only: bool,
    pub(super) user: Option<User>,
    /// When the application's check was last answered ([SESS-31]).
    pub(super) checked: Option<u64>,
    /// The check was answered in this request.
    pub(super) answered: bool,
    /// When the newest proof of this session was made that the request brought ([DEV-04]).
    pub(crate) proof_at: Option<u64>,
    /// The key of the device to which it is bound (§21).
    pub(super) jkt: Option<String>,
    /// It was bound in this request.
    pub(super) newly_bound: bool,
    pub(super) data: T,
    /// The text of `data` as it came, in the form of [SESS-05], with members that `T` does not know ([SESS-12]).
    pub(super) kept: Option<Text>,
    /// The text of `data` before its first change; inside, `None` if it had none.
    pub(super) before: Option<Option<Text>>,
    pub(super) flash: Flash,
    pub(super) flash_before: Option<Flash>,
    /// For the cookie binding: the request held a value of `<name>.1`.
    pub(crate) second_part: bool,
    /// For device binding: the request held a value of the proofs' cookie.
    #[cfg(feature = "device")]
    pub(crate) has_proof: bool,
}

impl<T: Default> Session<T> {
    pub(super) fn new(context: Context, policy: Policy, now: UnixTime, latest: Option<u64>, reason: NoSession) -> Self {
        Self {
            context,
            policy,
            now,
            latest,
            origin: None,
            reason: Some(reason),
            carried: Vec::new(),
            replaced: false,
            new_sid: false,
            proven: false,
            earlier_proof: false,
            signed_off: false,
            send: false,
            read_only: false,
            user: None,
            checked: None,
            answered: false,
            proof_at: None,
            jkt: None,
            newly_bound: false,
            data: T::default(),
            kept: None,
            before: None,
            flash: Flash::new(),
            flash_before: None,
            second_part: false,
            #[cfg(feature = "device")]
            has_proof: false,
        }
    }

    /// Makes it a new guest's, of which nothing is written by itself.
    pub(super) fn renew(&mut self) {
        self.leave_name();
        self.origin = None;
        self.user = None;
        self.checked = None;
        self.answered = false;
        self.proof_at = None;
        self.jkt = None;
        self.newly_bound = false;
        self.data = T::default();
        self.kept = None;
        self.before = None;
        self.flash = Flash::new();
        self.flash_before = None;
        self.new_sid = false;
        self.proven = false;
        self.send = false;
    }

    /// Makes it a new guest's, with the reason ([SESS-10]).
    pub(crate) fn close(&mut self, reason: NoSession) {
        self.renew();
        self.reason = Some(reason);
    }
}

impl<T> Session<T> {
    /// Returns how many octets the text of `data` has, as far as that can be told.
    pub(super) fn room(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.len()).saturating_add(128)
    }

    /// Gives up the name that came.
    pub(super) fn leave_name(&mut self) {
        self.carried.extend(self.named());
    }

    /// Returns the session that came, if it is still this one.
    pub(crate) fn named(&self) -> Option<Ended> {
        let origin = self.origin.as_ref().filter(|_| !self.new_sid)?;
        Some(Ended { sid: origin.sid.clone(), end: UnixTime::of(origin.end) })
    }

    /// Returns true if the user proved who they are less than that time ago: guards a sensitive action.
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// assert!(!session.reauth_within(Duration::from_secs(300)));
    /// session.sign_on("ada", 7)?;
    /// assert!(session.reauth_within(Duration::from_secs(300)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reauth_within(&self, time: Duration) -> bool {
        let second = Duration::from_secs;
        let recent = |user: &User| second(self.now.as_secs()) < second(user.auth_time.as_secs()).saturating_add(time);
        !time.is_zero() && self.user.as_ref().is_some_and(|user| self.proven || recent(user))
    }

    /// Returns true unless an answer of the check is still trusted ([SESS-30]).
    pub(super) fn is_check_due(&self) -> bool {
        let recheck = u64::from(self.policy.recheck());
        let trusted = |at: u64| self.now.as_secs() < at.saturating_add(recheck);
        recheck == 0 || !self.checked.max(self.proof_at).is_some_and(trusted)
    }

    /// Returns true if it has a user who signed on or proved again who they are in this request.
    #[cfg(feature = "device")]
    pub(crate) const fn has_signed_on(&self) -> bool {
        self.user.is_some() && (self.origin.is_none() || self.new_sid)
    }

    /// Returns the thumbprint of the key to which it is bound.
    #[cfg(feature = "device")]
    pub(crate) const fn jkt(&self) -> Option<&String> {
        self.jkt.as_ref()
    }

    /// Binds it to the key of that thumbprint, and asks for it to be written.
    #[cfg(feature = "device")]
    pub(crate) fn bind(&mut self, jkt: &str) {
        self.newly_bound = true;
        self.send = true;
        self.jkt = Some(jkt.into());
    }

    /// Returns true if the session is bound to a device (§21).
    pub(crate) const fn is_bound(&self) -> bool {
        self.jkt.is_some()
    }

    /// Returns who is signed on; `None` for a guest.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Returns the application's data.
    #[must_use]
    pub const fn data(&self) -> &T {
        &self.data
    }

    /// Returns why the request had no session, or none that holds; for the log. [`NoSession::Absent`] is usual.
    #[must_use]
    pub const fn reason(&self) -> Option<NoSession> {
        self.reason
    }

    /// Returns the session's name, 22 base64url characters; `None` until it was first sealed, and after it lost it.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.origin.as_ref().filter(|_| !self.new_sid).map(|origin| origin.sid.as_str())
    }

    /// Returns what the token that came says; `None` for a new session.
    #[must_use]
    pub fn info(&self) -> Option<SessionInfo> {
        let Origin { start, last, expires_at, rev, key_id, .. } = *self.origin.as_ref()?;
        let of = UnixTime::of;
        let is_bound = self.is_bound();
        Some(SessionInfo { start: of(start), end: of(last), expires_at: of(expires_at), rev, key_id, is_bound })
    }

    /// Returns how often the session was sealed; 0 for a new one.
    pub(crate) fn rev(&self) -> u64 {
        self.origin.as_ref().map_or(0, |origin| origin.rev)
    }

    /// Returns when the token that came was made, in seconds since the Unix epoch; 0 for a new session.
    pub(crate) fn issued_at(&self) -> u64 {
        self.origin.as_ref().map_or(0, |origin| origin.issued_at)
    }
}

impl<T> fmt::Debug for Session<T> {
    /// Shows neither the user nor anything of the application's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("reason", &self.reason).field("rev", &self.rev()).finish_non_exhaustive()
    }
}
