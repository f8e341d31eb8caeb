//! The session profile (§19): what a sealed token holds when it is a web session, and when it is written again.

mod payload;
mod policy;
mod profile;
mod strict;

use alloc::{borrow::ToOwned as _, string::String, vec::Vec};
use core::fmt;

use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    context::Context,
    error::{CommitError, NoSession, UserError},
    key::KeyId,
    limits::INTEGER_MAX,
    time::UnixTime,
};
use payload::Flash;

pub use policy::Policy;
#[cfg(any(feature = "cookie", feature = "hazmat"))]
pub(crate) use profile::Draws;
pub use profile::{SessionCommit, SessionSealer, Wrote};
#[cfg(feature = "cookie")]
pub(crate) use strict::largest;

/// Holds free-form session data: a JSON object.
pub type Data = serde_json::Map<String, Value>;

/// Tells who is signed on (§19.1).
///
/// ```
/// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
/// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
/// let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
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
    /// When the user last proved who they are, in seconds since the Unix epoch.
    pub auth_time: u64,
}

/// Names a session that this response replaces or ends, for the application's deny-list (§19.4).
///
/// ```
/// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
/// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
/// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
/// # session.sign_on("ada", 7)?;
/// # let cretula::Wrote::Seal { token, .. } = sealer.commit_at(&session, UnixTime::new(1000)?)?.wrote else { unreachable!() };
/// let mut session = sealer.open_at(Some(token.as_bytes()), UnixTime::new(1001)?).unchecked();
/// session.sign_off();
/// let ended = sealer.commit_at(&session, UnixTime::new(1001)?)?.ended;
/// assert!(ended.is_some_and(|ended| ended.sid.len() == 22 && ended.end == 1000 + 86_400));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// The session's name, 22 base64url characters.
    pub sid: String,
    /// Until when to deny it, in seconds since the Unix epoch: its absolute end.
    pub end: u64,
}

/// What the token of a session says that the application does not change.
#[derive(Clone)]
struct Origin {
    sid: String,
    start: u64,
    end: u64,
    /// The absolute end in force: min(end, start + absolute).
    last: u64,
    rev: u64,
    #[cfg(feature = "cookie")]
    issued_at: u64,
    /// The idle end.
    expires_at: u64,
    key_id: KeyId,
}

/// Holds a web session: what a request brought, and what its handler makes of it (§19).
///
/// Open gives it, by way of [`Opening`]; commit decides whether to write it. Without a valid token it is a new guest's.
///
/// ```
/// use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Shop {
///     basket: Vec<u32>,
/// }
///
/// let keyring = Keyring::from(Key::generate()?);
/// let sessions = Sessions::<Shop>::new(&keyring, &Context::new("shop.example", "session")?, Policy::default(), Cookie::default())?;
///
/// let mut session = sessions.open(["theme=dark"]).unchecked();
/// assert_eq!(session.reason().map(|reason| reason.code()), Some("absent"));
/// session.data_mut().basket.push(17);
/// let response = sessions.commit(&session)?;
/// assert!(response.headers().any(|(name, value)| name == "set-cookie" && value.starts_with("__Host-session=CrE1")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session<T = Data> {
    /// Where it was opened, and is committed.
    context: Context,
    /// The clock at open.
    now: UnixTime,
    /// That and the leeway.
    latest: u64,
    /// `None` for a new session.
    origin: Option<Origin>,
    reason: Option<NoSession>,
    /// The session that the request's token named, if authentic.
    carried: Option<Ended>,
    /// A sign-on, re-authentication or sign-off took its name away.
    replaced: bool,
    /// The name of `origin` is not to be used any more.
    new_sid: bool,
    /// A sign-on or re-authentication of this request.
    proven: bool,
    signed_off: bool,
    send: bool,
    user: Option<User>,
    data: T,
    /// The text of `data` as it came, in which members stand that `T` does not know ([SESS-12]).
    kept: Option<Zeroizing<String>>,
    /// The text of `data` before its first change; inside, `None` if it had none.
    before: Option<Option<Zeroizing<String>>>,
    flash: Flash,
    flash_before: Option<Flash>,
    /// For the cookie binding: the request held a value of `<name>.1`.
    #[cfg(feature = "cookie")]
    pub(crate) second_part: bool,
}

impl<T: Default> Session<T> {
    fn new(context: Context, now: UnixTime, latest: u64, reason: NoSession) -> Self {
        Self {
            context,
            now,
            latest,
            origin: None,
            reason: Some(reason),
            carried: None,
            replaced: false,
            new_sid: false,
            proven: false,
            signed_off: false,
            send: false,
            user: None,
            data: T::default(),
            kept: None,
            before: None,
            flash: Flash::new(),
            flash_before: None,
            #[cfg(feature = "cookie")]
            second_part: false,
        }
    }

    /// Makes it a new guest's, of which nothing is written by itself.
    fn renew(&mut self) {
        self.origin = None;
        self.user = None;
        self.data = T::default();
        self.kept = None;
        self.before = None;
        self.flash = Flash::new();
        self.flash_before = None;
        self.new_sid = false;
        self.proven = false;
        self.send = false;
    }

    /// Signs a user on: a new session, whose `data` and flash messages are empty. Take out before what is to stay, and
    /// put it back after. `generation` is the user's present session generation.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// let basket = session.data_mut().remove("basket");
    /// session.sign_on("ada", 7)?;
    /// session.data_mut().extend(basket.map(|basket| ("basket".to_owned(), basket)));
    /// assert_eq!(session.sign_on("", 7).unwrap_err().code(), "user_invalid");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UserError::OutOfRange`] unless `sub` has 1 to 255 bytes and `generation` is below 2^53; nothing is changed then.
    pub fn sign_on(&mut self, sub: &str, generation: u64) -> Result<(), UserError> {
        self.sign_on_since(sub, generation, self.now.as_secs())?;
        self.proven = true;
        Ok(())
    }

    /// Signs a user on as [`sign_on`](Self::sign_on) does, but on a proof of an earlier time, in seconds since the Unix
    /// epoch: that of a "remember me" cookie, or of a session in an older format. [`reauth_within`](Self::reauth_within)
    /// counts from there.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// session.sign_on_since("ada", 7, 400)?; // it is 1000 now
    /// assert!(session.reauth_within(601) && !session.reauth_within(600));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign_on`](Self::sign_on), and [`UserError::OutOfRange`] for a proof after the time of the open and the leeway.
    pub fn sign_on_since(&mut self, sub: &str, generation: u64, auth_time: u64) -> Result<(), UserError> {
        if !payload::is_sub(sub) || generation > INTEGER_MAX || auth_time > self.latest {
            return Err(UserError::OutOfRange);
        }
        self.renew();
        self.replaced = true;
        self.user = Some(User { sub: sub.to_owned(), generation, auth_time });
        Ok(())
    }

    /// Signs off: from here on it is a new guest's. Commit expires the cookie, or writes what was put in since.
    ///
    /// # Security
    /// Copies of the token elsewhere live on unless the application denies the session that commit gives back, or the
    /// user's generation changes (§19.4).
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// session.sign_on("ada", 7)?;
    /// session.sign_off();
    /// assert!(session.user().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_off(&mut self) {
        self.renew();
        self.replaced = true;
        self.signed_off = true;
    }
}

impl<T> Session<T> {
    /// Notes that the user proved again who they are, or more than before: the session gets a new name and
    /// `auth_time`, and follows `generation`, the user's present one. All else stays.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// assert!(session.reauthenticate(8).is_err()); // a guest
    /// session.sign_on("ada", 7)?;
    /// session.reauthenticate(8)?; // the password was changed
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UserError::Guest`]; [`UserError::OutOfRange`] unless `generation` is below 2^53. Nothing is changed then.
    pub fn reauthenticate(&mut self, generation: u64) -> Result<(), UserError> {
        let now = self.now.as_secs();
        let user = self.user.as_mut().ok_or(UserError::Guest)?;
        if generation > INTEGER_MAX {
            return Err(UserError::OutOfRange);
        }
        (user.generation, user.auth_time) = (generation, now);
        self.replaced = true;
        self.new_sid = true;
        self.proven = true;
        Ok(())
    }

    /// Tells whether the user proved who they are less than `seconds` ago: guards a sensitive action.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// assert!(!session.reauth_within(300));
    /// session.sign_on("ada", 7)?;
    /// assert!(session.reauth_within(300));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reauth_within(&self, seconds: u32) -> bool {
        let recent = |user: &User| self.now.as_secs() < user.auth_time.saturating_add(seconds.into());
        seconds > 0 && self.user.as_ref().is_some_and(|user| self.proven || recent(user))
    }

    /// Returns who is signed on; `None` for a guest.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().user().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Returns the application's data.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().data().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn data(&self) -> &T {
        &self.data
    }

    /// Borrows the application's data to change it. Commit compares what it serialises to with what it did before, so
    /// a change that was undone writes nothing, as far as the type serialises in one order (a `HashMap` may not). What
    /// changes behind a shared reference (a `Cell`) is not noticed. Once borrowed, `data` is written as `T` knows it:
    /// where other services share the session, keep their members in a `#[serde(flatten)]` map.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// session.data_mut().insert("theme".into(), "dark".into());
    /// assert_eq!(session.data()["theme"], "dark");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data_mut(&mut self) -> &mut T
    where
        T: Serialize,
    {
        let data = &self.data;
        self.before.get_or_insert_with(|| payload::data_text(data).ok());
        &mut self.data
    }

    /// Adds a message for the next page. (`serde_json` makes `null` of a number that is not finite.)
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// session.flash("notice", "saved");
    /// assert_eq!(session.take_flash("notice"), ["saved"]);
    /// assert!(session.take_flash("notice").is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flash(&mut self, name: &str, message: impl Into<Value>) {
        self.flash_before.get_or_insert_with(|| self.flash.clone());
        self.flash.entry(name.to_owned()).or_default().push(message.into());
    }

    /// Takes the messages of a name; they are gone from the next sealing.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// for message in session.take_flash("notice") {
    ///     println!("{message}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_flash(&mut self, name: &str) -> Vec<Value> {
        if !self.flash.contains_key(name) {
            return Vec::new();
        }
        self.flash_before.get_or_insert_with(|| self.flash.clone());
        self.flash.remove(name).unwrap_or_default()
    }

    /// Asks for the session to be written, though nothing changed: an empty guest's, or for a full idle life.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime, Wrote};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let mut session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// assert_eq!(sealer.commit_at(&session, UnixTime::new(1000)?)?.wrote, Wrote::Nothing);
    /// session.send();
    /// assert!(matches!(sealer.commit_at(&session, UnixTime::new(1000)?)?.wrote, Wrote::Seal { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn send(&mut self) {
        self.send = true;
    }

    /// Returns why the request had no session, or none that holds; for the log. [`NoSession::Absent`] is usual.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// let session = sealer.open_at(Some(b"undefined"), UnixTime::new(1000)?).unchecked();
    /// assert_eq!(session.reason().map(|reason| reason.code()), Some("not_a_token"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn reason(&self) -> Option<NoSession> {
        self.reason
    }

    /// Returns the session's name, 22 base64url characters; `None` until it was first sealed, and after it lost it.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().sid(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.origin.as_ref().filter(|_| !self.new_sid).map(|origin| origin.sid.as_str())
    }

    /// Returns when the session began, in seconds since the Unix epoch; `None` for a new one.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().start(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn start(&self) -> Option<u64> {
        self.origin.as_ref().map(|origin| origin.start)
    }

    /// Returns the absolute end in force, the session's or the policy's, in seconds since the Unix epoch; `None` for a
    /// new one.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().end(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.origin.as_ref().map(|origin| origin.last)
    }

    /// Returns the idle end of the token that came, in seconds since the Unix epoch; `None` for a new session.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().expires_at(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expires_at(&self) -> Option<u64> {
        self.origin.as_ref().map(|origin| origin.expires_at)
    }

    /// Returns how often the session was sealed; 0 for a new one. Advisory: parallel requests may both write n + 1.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().rev(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rev(&self) -> u64 {
        self.origin.as_ref().map_or(0, |origin| origin.rev)
    }

    /// Returns the key id of the token that came; `None` for a new session.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).unchecked().key_id(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        self.origin.as_ref().map(|origin| origin.key_id)
    }

    /// Returns the text of `data` to be written: as it came, where it was not borrowed to be changed.
    fn data_text(&self) -> Result<Zeroizing<String>, CommitError>
    where
        T: Serialize,
    {
        match (&self.kept, &self.before) {
            (Some(kept), None) => payload::rewrite(kept),
            _ => payload::data_text(&self.data),
        }
    }

    /// Tells whether it differs from what was opened, or from the new session it began as ([SESS-11]).
    fn differs(&self) -> bool
    where
        T: Serialize,
    {
        let new_user = self.origin.is_none() && self.user.is_some();
        let data = match &self.before {
            None => false,
            Some(None) => true,
            Some(Some(before)) => payload::data_text(&self.data).ok().is_none_or(|now| now != *before),
        };
        let flash = self.flash_before.as_ref().is_some_and(|before| *before != self.flash);
        self.new_sid || new_user || data || flash
    }
}

impl<T> fmt::Debug for Session<T> {
    /// Shows neither the user nor anything of the application's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("reason", &self.reason).field("rev", &self.rev()).finish_non_exhaustive()
    }
}

/// Holds an opened session until the application has answered its check (§19.5): there is no other way to the session.
///
/// ```
/// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
/// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
/// # let now = UnixTime::new(1000)?;
/// # let mut session = sealer.open_at(None, now).unchecked();
/// # session.sign_on("ada", 7)?;
/// # let cretula::Wrote::Seal { token, .. } = sealer.commit_at(&session, now)?.wrote else { unreachable!() };
/// # let look_up = |sub: &str| (sub == "ada").then_some(8);
/// let opening = sealer.open_at(Some(token.as_bytes()), now);
/// let generation = opening.user().and_then(|user| look_up(&user.sub)); // of the row that the server reads anyway
/// let session = opening.checked(generation);
/// assert_eq!(session.reason().map(|reason| reason.code()), Some("revoked")); // it was 7 at sign-on
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a session is reached by `checked` or `unchecked`"]
#[derive(Debug)]
pub struct Opening<T = Data> {
    session: Session<T>,
    denied: bool,
}

impl<T> Opening<T> {
    #[cfg(feature = "cookie")]
    pub(crate) const fn session_mut(&mut self) -> &mut Session<T> {
        &mut self.session
    }

    /// Returns the session's name, for the deny-list; `None` if the request brought no session.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).sid(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.session.sid()
    }

    /// Returns whose session it says it is; `None` for a guest, or if the request brought no session.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert!(sealer.open_at(None, UnixTime::new(1000)?).user().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.session.user()
    }

    /// Returns why the request brought no session, for the log.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, NoSession, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// assert_eq!(sealer.open_at(None, UnixTime::new(1000)?).reason(), Some(NoSession::Absent));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn reason(&self) -> Option<NoSession> {
        self.session.reason()
    }

    /// Says that the application's deny-list holds this session: it is closed, a guest's too.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let deny_list = std::collections::HashSet::<String>::new();
    /// let mut opening = sealer.open_at(None, UnixTime::new(1000)?);
    /// if opening.sid().is_some_and(|sid| deny_list.contains(sid)) {
    ///     opening = opening.deny();
    /// }
    /// let session = opening.unchecked();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deny(self) -> Self {
        Self { denied: true, ..self }
    }
}

impl<T: Default> Opening<T> {
    /// Answers the check: the user's present session generation, `None` for no answer, which closes a user's session.
    /// A guest's needs no answer.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// let session = sealer.open_at(None, UnixTime::new(1000)?).checked(None);
    /// assert_eq!(session.reason().map(|reason| reason.code()), Some("absent"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn checked(self, generation: Option<u64>) -> Session<T> {
        let fault = match (self.session.user(), generation) {
            (Some(_), None) => Some(NoSession::Unchecked),
            (Some(user), Some(generation)) if user.generation != generation => Some(NoSession::Revoked),
            _ => None,
        };
        self.closed_by(fault)
    }

    /// Says that the application wants no check of the generation: a copied token lives until its end.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// let session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unchecked(self) -> Session<T> {
        self.closed_by(None)
    }

    fn closed_by(self, fault: Option<NoSession>) -> Session<T> {
        let mut session = self.session;
        let denied = self.denied && session.origin.is_some();
        if let Some(fault) = fault.or(denied.then_some(NoSession::SignedOff)) {
            session.renew();
            session.reason = Some(fault);
        }
        session
    }
}
