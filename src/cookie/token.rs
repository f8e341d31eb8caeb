//! A sealed token of another purpose in a cookie of its own (§20.6).

use alloc::{string::String, vec::Vec};

use super::{
    read::{self, Candidate},
    settings::Cookie,
};
use crate::{
    context::Context,
    error::{CommitError, CookieError, NoSession, SealError},
    keyring::Keyring,
    limits::{COOKIE_TOKEN_MAX, LIFE_MAX},
    opened::Opened,
    options::Options,
    ring::Ring,
    sealed::Sealer,
    time::UnixTime,
};

/// A cookie for a sealed token that is no session, such as the page to return to after sign-on (§20.6).
///
/// ```
/// use cretula::{Context, Cookie, Key, Keyring, TokenCookie};
///
/// let keyring = Keyring::from(Key::generate()?);
/// let context = Context::new("shop.example", "return-url")?;
/// let return_url = TokenCookie::new(&keyring, &context, Cookie::named("__Host-Http-return-url"))?;
///
/// let set_cookie = return_url.seal("/basket", 600)?; // ten minutes
/// let field = set_cookie.split(';').next().unwrap_or_default(); // what the browser sends back
/// assert_eq!(return_url.open([field])?.payload, b"/basket");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenCookie {
    sealer: Sealer,
    cookie: Cookie,
    second_name: String,
}

impl TokenCookie {
    /// Puts keyring, context and cookie together, with the default max_age and leeway.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, TokenCookie};
    /// let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "return-url")?);
    /// let return_url = TokenCookie::new(&keyring, &context, Cookie::named("__Host-Http-return-url"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CookieError::Name`]; [`CookieError::Attributes`], also for a cookie that is large or has previous combinations.
    pub fn new(keyring: &Keyring, context: &Context, cookie: Cookie) -> Result<Self, CookieError> {
        Self::with_options(keyring, context, cookie, Options::default())
    }

    /// Puts them together with the caller's max_age and leeway; the limit is 5980 octets, whatever the options say.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, Options, TokenCookie};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "return-url")?);
    /// let options = Options::default().max_age(600)?;
    /// let return_url = TokenCookie::with_options(&keyring, &context, Cookie::named("__Host-Http-return-url"), options)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_options(
        keyring: &Keyring,
        context: &Context,
        cookie: Cookie,
        options: Options,
    ) -> Result<Self, CookieError> {
        cookie.check()?;
        if cookie.large || !cookie.previous.is_empty() {
            return Err(CookieError::Attributes("a token that is no session has one cookie, in one place"));
        }
        let options = options.limit(COOKIE_TOKEN_MAX).unwrap_or(options);
        let second_name = cookie.second_name();
        Ok(Self { sealer: Sealer::with_options(keyring, context, options), cookie, second_name })
    }

    /// Puts another keyring in force, as [`Sealer::replace_keyring`] does.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, TokenCookie};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "return-url")?);
    /// # let return_url = TokenCookie::new(&keyring, &context, Cookie::named("__Host-Http-return-url"))?;
    /// return_url.replace_keyring(&Keyring::from(Key::generate()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reload")]
    pub fn replace_keyring(&self, keyring: &Keyring) {
        self.sealer.replace_keyring(keyring);
    }

    /// Opens the token from the octets of all Cookie fields of a request. Of several that differ, one opens it, or none.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, NoSession, TokenCookie};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "return-url")?);
    /// # let return_url = TokenCookie::new(&keyring, &context, Cookie::named("__Host-Http-return-url"))?;
    /// assert_eq!(return_url.open(["theme=dark"]), Err(NoSession::Absent));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`NoSession::Absent`], [`Ambiguous`](NoSession::Ambiguous), [`Chunks`](NoSession::Chunks),
    /// [`Token`](NoSession::Token).
    #[cfg(feature = "std")]
    pub fn open<F: AsRef<[u8]>>(&self, fields: impl IntoIterator<Item = F>) -> Result<Opened, NoSession> {
        self.open_at(fields, UnixTime::now().map_err(crate::error::UnsealError::from)?)
    }

    /// Opens as [`open`](Self::open) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`open`](Self::open), but for the clock.
    pub fn open_at<F: AsRef<[u8]>>(
        &self,
        fields: impl IntoIterator<Item = F>,
        now: UnixTime,
    ) -> Result<Opened, NoSession> {
        let fields: Vec<F> = fields.into_iter().collect();
        let ring = self.sealer.ring().load();
        let (candidates, more) = read::candidates(&fields, self.cookie.name(), &ring)?;
        if more {
            return Err(NoSession::Ambiguous);
        }
        let results = candidates.iter().map(|candidate| self.open_candidate(candidate, &fields, &ring, now));
        let mut opened = read::opened(results)?;
        match (opened.pop(), opened.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(NoSession::Ambiguous),
        }
    }

    fn open_candidate(
        &self,
        candidate: &Candidate<'_>,
        fields: &[impl AsRef<[u8]>],
        ring: &Ring,
        now: UnixTime,
    ) -> Result<Opened, NoSession> {
        let token = candidate.token(fields, &self.second_name)?;
        let mut payload = Vec::new();
        let claims = self.sealer.unseal_in(ring, &token, &mut payload, now)?;
        Ok(Opened { payload, claims })
    }

    /// Returns the cookie.
    #[must_use]
    pub const fn cookie(&self) -> &Cookie {
        &self.cookie
    }

    /// Returns the Set-Cookie value of a payload that lives `ttl` seconds, 1 to 34 560 000. Send it with `Cache-Control:
    /// no-store`.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Key, Keyring, TokenCookie};
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "return-url")?);
    /// # let return_url = TokenCookie::new(&keyring, &context, Cookie::named("__Host-Http-return-url"))?;
    /// let line = return_url.seal("/basket", 600)?;
    /// assert!(line.starts_with("__Host-Http-return-url=CrE1") && line.contains("; Max-Age=600; "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommitError::TooLarge`]; [`CommitError::Seal`].
    #[cfg(feature = "std")]
    pub fn seal(&self, payload: impl AsRef<[u8]>, ttl: u32) -> Result<String, CommitError> {
        self.seal_at(payload, ttl, UnixTime::now()?)
    }

    /// Seals as [`seal`](Self::seal) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`seal`](Self::seal), but for the clock.
    pub fn seal_at(&self, payload: impl AsRef<[u8]>, ttl: u32, now: UnixTime) -> Result<String, CommitError> {
        let payload = payload.as_ref();
        if !(1..=LIFE_MAX).contains(&ttl) {
            return Err(SealError::TtlRange.into());
        }
        let over = self.cookie.over_one(Sealer::text_length(payload.len()));
        if over > 0 {
            return Err(CommitError::TooLarge { over, largest: None });
        }
        let token = self.sealer.seal_at(payload, ttl, now)?;
        Ok(self.cookie.sealed_line(self.cookie.name(), &token, ttl))
    }

    /// Returns the Set-Cookie value that takes the cookie away.
    #[must_use]
    pub fn expire(&self) -> String {
        self.cookie.expiry(self.cookie.name())
    }
}
