//! A sealed token of another purpose in a cookie of its own (§20.6).

use alloc::{string::String, vec::Vec};

use super::{
    committed::Committed,
    read::{self, Candidate, Found},
    settings::Cookie,
};
#[cfg(feature = "hazmat")]
use crate::time::Clock;
use crate::{
    error::{CommitError, NoSession, SetupError, UnsealError},
    opened::Opened,
    ring::{Ring, RingInForce},
    sealed::Sealer,
    time::UnixTime,
};

/// A cookie for a sealed token that is no session, such as the page to return to after sign-on (§20.6).
///
/// ```
/// use cretula::{Key, Site};
/// use std::time::Duration;
///
/// let site = Site::new(Key::generate()?, "shop.example")?;
/// let return_url = site.cookie("return-url", Duration::from_secs(600)).build()?; // lives ten minutes
///
/// let committed = return_url.seal("/basket")?; // put its headers into the response
/// let line = committed.headers().next().map_or("", |(_, line)| line);
/// let field = line.split(';').next().unwrap_or_default(); // what the browser sends back
/// assert_eq!(return_url.open([field])?.payload, b"/basket");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenCookie {
    sealer: Sealer,
    ttl: u32,
    cookie: Cookie,
}

impl TokenCookie {
    /// `sealer` makes and opens tokens of up to 5980 octets.
    pub(crate) fn new(sealer: Sealer, ttl: u32, cookie: Cookie) -> Result<Self, SetupError> {
        cookie.check()?;
        if cookie.large || !cookie.previous.is_empty() {
            return Err(SetupError::CookieAttributes("a token that is no session has one cookie, in one place"));
        }
        Ok(Self { sealer, ttl, cookie })
    }

    #[cfg(feature = "hazmat")]
    pub(crate) fn with_clock(&self, clock: Clock) -> Self {
        Self { sealer: self.sealer.with_clock(clock), ..self.clone() }
    }

    pub(crate) const fn ring(&self) -> &RingInForce {
        self.sealer.ring()
    }

    /// Opens the token from the octets of all Cookie fields of a request. Of several that differ, one opens it, or none.
    ///
    /// ```
    /// # use cretula::{Key, NoSession, Site};
    /// # use std::time::Duration;
    /// # let site = Site::new(Key::generate()?, "a")?;
    /// # let return_url = site.cookie("return-url", std::time::Duration::from_secs(600)).build()?;
    /// assert_eq!(return_url.open(["theme=dark"]), Err(NoSession::Absent));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`NoSession::Absent`], [`Ambiguous`](NoSession::Ambiguous), [`Chunks`](NoSession::Chunks),
    /// [`Token`](NoSession::Token).
    pub fn open<F: AsRef<[u8]>>(&self, fields: impl IntoIterator<Item = F>) -> Result<Opened, NoSession> {
        let now = self.sealer.clock().now().map_err(UnsealError::from)?;
        let fields: Vec<F> = fields.into_iter().collect();
        let ring = self.sealer.ring().load();
        let found = read::find(&fields, self.cookie.name());
        let (candidates, more) = read::candidates(&found.own, &ring)?;
        if more {
            return Err(NoSession::Ambiguous);
        }
        let results = candidates.iter().map(|candidate| self.open_candidate(candidate, &found, &ring, now));
        let mut opened = read::opened(results)?;
        match (opened.pop(), opened.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(NoSession::Ambiguous),
        }
    }

    fn open_candidate<'f>(
        &self,
        candidate: &Candidate<'f>,
        found: &Found<'f>,
        ring: &Ring,
        now: UnixTime,
    ) -> Result<Opened, NoSession> {
        let token = candidate.token(found)?;
        let mut payload = Vec::new();
        let claims = self.sealer.unseal_in(ring, &token, &mut payload, now)?;
        Ok(Opened { payload, claims })
    }

    /// Returns what the response carries with a payload of any bytes: the cookie, and `Cache-Control: no-store`
    /// ([COOK-10]).
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let site = Site::new(Key::generate()?, "a")?;
    /// # let return_url = site.cookie("return-url", std::time::Duration::from_secs(600)).build()?;
    /// let committed = return_url.seal("/basket")?;
    /// let line = committed.headers().next().map_or("", |(_, line)| line);
    /// assert!(line.starts_with("__Host-Http-return-url=CrE1") && line.contains("; Max-Age=600; "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommitError::TooLarge`]; [`CommitError::Seal`].
    pub fn seal(&self, payload: impl AsRef<[u8]>) -> Result<Committed, CommitError> {
        let now = self.sealer.clock().now()?;
        let payload = payload.as_ref();
        let over = self.cookie.over_one(Sealer::text_length(payload.len()));
        if over > 0 {
            return Err(CommitError::TooLarge { over, largest: None });
        }
        let mut token = String::new();
        self.sealer.seal_drawing(payload, self.ttl, now, &mut token, crate::random::fill)?;
        Ok(Committed::of(self.cookie.sealed_line(self.cookie.name(), &token, self.ttl)))
    }

    /// Returns what takes the cookie away.
    pub fn expire(&self) -> Committed {
        Committed::of(self.cookie.expiry(self.cookie.name()))
    }
}
