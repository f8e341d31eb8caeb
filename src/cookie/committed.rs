//! What a response carries (§20.4).

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::{error::CommitError, session::Ended};

/// What a response carries.
///
/// ```
/// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
/// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
/// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
/// let mut session = sessions.open(["theme=dark"]).unchecked();
/// session.send();
/// let committed = sessions.commit(session)?;
/// assert_eq!(committed.headers().map(|(name, _)| name).collect::<Vec<_>>(), ["set-cookie", "vary"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "without its headers the response writes no session"]
#[derive(Clone)]
pub struct Committed {
    pub(super) lines: Vec<String>,
    pub(super) sid: Option<String>,
    pub(super) ended: Vec<Ended>,
    pub(super) fault: Option<CommitError>,
    pub(super) is_large: bool,
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
    /// let committed = sessions.commit(session)?;
    /// assert!(committed.headers().eq([("vary", "Cookie")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.set_cookies().map(|line| ("set-cookie", line)).chain([("vary", "Cookie")])
    }

    /// Returns the Set-Cookie values alone.
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
    /// let committed = sessions.commit(sessions.open(["theme=dark"]).unchecked())?;
    /// assert_eq!((committed.cache_control(false), committed.cache_control(true)), (Some("private"), None));
    /// let mut session = sessions.open(["theme=dark"]).unchecked();
    /// session.send();
    /// assert_eq!(sessions.commit(session)?.cache_control(true), Some("no-store"));
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
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Returns the sessions to deny, each until its end: those of the request that this response replaces or ends. Usually
    /// one, or none; several if a request held several ([SESS-17]).
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<cretula::Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// # let session = sessions.open(["theme=dark"]).unchecked();
    /// for ended in sessions.commit(session)?.ended() {
    ///     println!("deny {} until {}", ended.sid, ended.end);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn ended(&self) -> &[Ended] {
        &self.ended
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
    /// let committed = sessions.commit(session)?; // the cookie is expired all the same
    /// assert_eq!(committed.fault().map(|fault| fault.code()), Some("no_sealing_key"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn fault(&self) -> Option<&CommitError> {
        self.fault.as_ref()
    }

    /// Returns true if the cookies have more than 3500 octets of names and values together: some proxies refuse a response
    /// head of more than 4096 (nginx's `proxy_buffer_size`).
    #[must_use]
    pub const fn is_large(&self) -> bool {
        self.is_large
    }
}
