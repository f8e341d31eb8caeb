//! What a response carries (§20.4).

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::{error::CommitError, session::Ended};

/// What a response carries.
///
/// ```
/// # use cretula::{Key, Site};
/// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
/// let mut session = sessions.open(["theme=dark"]).unchecked()?;
/// session.send();
/// let committed = sessions.commit(session)?;
/// for ended in &committed.ended {
///     println!("deny {} until {}", ended.sid, ended.end);
/// }
/// assert_eq!(committed.headers().map(|(name, _)| name).collect::<Vec<_>>(), ["set-cookie", "vary"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "without its headers the response writes no session"]
#[derive(Clone)]
#[non_exhaustive]
pub struct Committed {
    /// The name of the session that was written, 22 base64url characters; `None` if none was.
    pub sid: Option<String>,
    /// The sessions to deny, each until its end: those of the request that this response replaces or ends. Usually one,
    /// or none; several if a request held several ([SESS-17]).
    pub ended: Vec<Ended>,
    /// Why nothing was sealed where the response does without, for the log: a refresh that no key could seal, or what was
    /// put into the session after a sign-off ([SESS-11]).
    pub fault: Option<CommitError>,
    /// Whether the cookies have more than 3500 octets of names and values together: some proxies refuse a response head of
    /// more than 4096 (nginx's `proxy_buffer_size`).
    pub is_large: bool,
    pub(super) lines: Vec<String>,
    /// Whether the response depends on what the request's cookie held.
    pub(super) varies: bool,
    /// The offer of device binding ([DEV-05]).
    #[cfg(feature = "device")]
    pub(super) registration: Option<String>,
}

impl fmt::Debug for Committed {
    /// Shows no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.len();
        f.debug_struct("Committed").field("lines", &lines).field("fault", &self.fault).finish_non_exhaustive()
    }
}

impl Committed {
    /// That of one line alone.
    pub(super) fn of(line: String) -> Self {
        Self {
            lines: Vec::from([line]),
            sid: None,
            ended: Vec::new(),
            fault: None,
            is_large: false,
            varies: false,
            #[cfg(feature = "device")]
            registration: None,
        }
    }

    /// Returns names, in lower case, and values, which are visible ASCII and spaces: append each to the response. Set
    /// [`cache_control`](Self::cache_control) as well.
    ///
    /// ```
    /// # use cretula::{Cookie, Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
    /// let session = sessions.open(["theme=dark"]).unchecked()?;
    /// let committed = sessions.commit(session)?;
    /// assert!(committed.headers().eq([("vary", "Cookie")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let lines = self.lines.iter().map(|line| ("set-cookie", line.as_str()));
        let headers = lines.chain(self.varies.then_some(("vary", "Cookie")));
        #[cfg(feature = "device")]
        let headers = headers.chain(self.registration.as_deref().map(|offer| ("secure-session-registration", offer)));
        headers
    }

    /// Returns the Cache-Control to set, in the place of any that the response has: `no-store` beside a Set-Cookie,
    /// else `private` if `is_set`, which tells whether the application set one, is false. `None`: leave it as it is.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
    /// let committed = sessions.commit(sessions.open(["theme=dark"]).unchecked()?)?;
    /// assert_eq!((committed.cache_control(false), committed.cache_control(true)), (Some("private"), None));
    /// let mut session = sessions.open(["theme=dark"]).unchecked()?;
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

    /// Puts all of it into the headers of a response: appends each Set-Cookie, adds `Cookie` to Vary, sets Cache-Control
    /// ([COOK-10]).
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().build()?;
    /// let mut headers = http::HeaderMap::new();
    /// sessions.commit(sessions.open(["theme=dark"]).unchecked()?)?.apply(&mut headers);
    /// assert_eq!((&headers["vary"], &headers["cache-control"]), (&"Cookie".parse()?, &"private".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "http")]
    pub fn apply(&self, headers: &mut http::HeaderMap) {
        use http::header::{CACHE_CONTROL, HeaderName, HeaderValue, VARY};
        for (name, value) in self.headers() {
            let name = HeaderName::from_static(name);
            let listed = |line: &HeaderValue| {
                let mut items = line.as_bytes().split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
                items.any(|item| item == b"*" || item.eq_ignore_ascii_case(value.as_bytes()))
            };
            if name == VARY && headers.get_all(VARY).iter().any(listed) {
                continue;
            }
            // Never refused: visible ASCII and spaces.
            if let Ok(mut value) = HeaderValue::from_str(value) {
                // Keeps tokens out of logs that print headers, and out of HTTP/2's tables.
                value.set_sensitive(name != VARY);
                headers.append(name, value);
            }
        }
        if let Some(value) = self.cache_control(headers.contains_key(CACHE_CONTROL)) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
        }
    }
}
