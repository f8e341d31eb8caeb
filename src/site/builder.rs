//! What is set before something of a site is made.

use alloc::{borrow::ToOwned as _, string::String};
use core::{marker::PhantomData, time::Duration};

use super::owner::{Site, Use};
#[cfg(feature = "device")]
use crate::device::{Device, DeviceBinding};
#[cfg(feature = "session")]
use crate::{
    context::Context,
    cookie::{Cookie, Sessions, TokenCookie},
    limits::{COOKIE_TOKEN_MAX, LIMIT_DEFAULT},
    session::{Policy, SessionSealer},
};
use crate::{
    error::SetupError,
    options::{self, Options},
    sealed::Sealer,
    signed::Signer,
};

/// Settings of something that a [`Site`] makes: of [`Sessions`](crate::Sessions), a [`TokenCookie`](crate::TokenCookie), a
/// [`Sealer`](crate::Sealer) or a [`Signer`](crate::Signer). [`build`](Self::build) checks them and makes it.
///
/// ```
/// use cretula::{Cookie, Key, SameSite, Site};
/// use std::time::Duration;
///
/// let site = Site::new(Key::generate()?, "bank.example")?;
/// let sessions = site
///     .sessions::<cretula::Data>()
///     .idle(Duration::from_secs(5 * 60))
///     .absolute(Duration::from_secs(8 * 3600))
///     .cookie(Cookie::default().same_site(SameSite::Strict))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "`build` makes it"]
pub struct Builder<'s, M> {
    site: &'s Site,
    purpose: String,
    max_age: Option<Duration>,
    leeway: Option<Duration>,
    limit: Option<usize>,
    #[cfg(feature = "session")]
    idle: Option<Duration>,
    #[cfg(feature = "session")]
    absolute: Option<Duration>,
    #[cfg(feature = "session")]
    recheck: Option<Duration>,
    #[cfg(feature = "session")]
    cookie: Option<Cookie>,
    #[cfg(feature = "device")]
    device: Option<DeviceBinding>,
    made: PhantomData<fn() -> M>,
}

/// What a [`Site`] makes; nothing else can be.
pub trait Build: Sized {
    #[doc(hidden)]
    fn build(builder: Builder<'_, Self>) -> Result<Self, SetupError>;
}

impl Site {
    /// Sets up sessions in a cookie, whose data is a `T` of the application's: 30 minutes idle, 24 hours in all, purpose
    /// `session`, cookie `__Host-Http-session`.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let site = Site::new(Key::generate()?, "shop.example")?;
    /// let sessions = site.sessions::<cretula::Data>().build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "session")]
    pub fn sessions<T>(&self) -> Builder<'_, Sessions<T>> {
        Builder::new(self, "session")
    }

    /// Sets up a cookie for tokens that are no session, which live `ttl`: 1 to 34 560 000 whole seconds. It is named
    /// `__Host-Http-` and the purpose.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let site = Site::new(Key::generate()?, "shop.example")?;
    /// let return_url = site.cookie("return-url", std::time::Duration::from_secs(600)).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "session")]
    pub fn cookie(&self, purpose: &str, ttl: Duration) -> Builder<'_, TokenCookie> {
        Builder { max_age: Some(ttl), ..Builder::new(self, purpose) }
    }

    /// Sets up what makes and opens sealed tokens for a purpose, of up to 16 384 octets.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let site = Site::new(Key::generate()?, "shop.example")?;
    /// let sealer = site.sealer("invitation").build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sealer(&self, purpose: &str) -> Builder<'_, Sealer> {
        Builder::new(self, purpose)
    }

    /// Sets up what makes and opens signed tokens for a purpose, of up to 16 384 octets.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let site = Site::new(Key::generate()?, "shop.example")?;
    /// let signer = site.signer("unsubscribe").limit(2000).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signer(&self, purpose: &str) -> Builder<'_, Signer> {
        Builder::new(self, purpose)
    }
}

impl<'s, M> Builder<'s, M> {
    fn new(site: &'s Site, purpose: &str) -> Self {
        Self {
            site,
            purpose: purpose.to_owned(),
            max_age: None,
            leeway: None,
            limit: None,
            #[cfg(feature = "session")]
            idle: None,
            #[cfg(feature = "session")]
            absolute: None,
            #[cfg(feature = "session")]
            recheck: None,
            #[cfg(feature = "session")]
            cookie: None,
            #[cfg(feature = "device")]
            device: None,
            made: PhantomData,
        }
    }

    /// Sets how far ahead of this clock a token may be issued, up to 300 whole seconds; 60 by default. It lengthens no
    /// life.
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway: Some(leeway), ..self }
    }

    fn options(&self) -> Result<Options, SetupError> {
        let default = Options::default();
        // In the order of [TIME-01].
        let limit = self.limit.map_or(Ok(default.limit), options::limit)?;
        let leeway = self.leeway.map_or(Ok(default.leeway), options::leeway)?;
        let max_age = self.max_age.map_or(Some(default.max_age), options::life).ok_or(SetupError::MaxAgeRange)?;
        Ok(Options { max_age, leeway, limit })
    }
}

impl<M: Build> Builder<'_, M> {
    /// Checks the settings, and makes it.
    ///
    /// ```
    /// # use cretula::{Cookie, ErrorCode as _, Key, Site};
    /// # let site = Site::new(Key::generate()?, "shop.example")?;
    /// let refused = site.sessions::<cretula::Data>().cookie(Cookie::default().path("/shop")).build();
    /// assert_eq!(refused.unwrap_err().code(), "cookie_attributes"); // a name in `__Host-` needs Path=/
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SetupError`]: a setting out of range; a cookie that browsers would drop; another thing of the site with the same
    /// purpose, or whose cookie has a name that this one writes.
    pub fn build(self) -> Result<M, SetupError> {
        M::build(self)
    }
}

/// Something without a cookie or sessions: a [`Sealer`](crate::Sealer) or a [`Signer`](crate::Signer).
pub trait BuildToken: Build {}
impl BuildToken for Sealer {}
impl BuildToken for Signer {}

impl<M: BuildToken> Builder<'_, M> {
    /// Sets the longest life that the opener grants, whatever a token's ttl: 1 to 34 560 000 whole seconds.
    pub fn max_age(self, max_age: Duration) -> Self {
        Self { max_age: Some(max_age), ..self }
    }

    /// Sets the longest token that is made, and the longest that is opened: 1 to 16 777 216 octets of text.
    pub fn limit(self, octets: usize) -> Self {
        Self { limit: Some(octets), ..self }
    }
}

#[cfg(feature = "session")]
impl<'s, T> Builder<'s, Sessions<T>> {
    /// Sets the purpose, for a second kind of sessions: 1 to 255 bytes of visible ASCII.
    pub fn purpose(self, purpose: &str) -> Self {
        Self { purpose: purpose.to_owned(), ..self }
    }

    /// Sets the life without a request: 1 to 34 560 000 whole seconds.
    pub fn idle(self, idle: Duration) -> Self {
        Self { idle: Some(idle), ..self }
    }

    /// Sets the life in all: from `idle` to 34 560 000 whole seconds.
    pub fn absolute(self, absolute: Duration) -> Self {
        Self { absolute: Some(absolute), ..self }
    }

    /// Trusts an answer of the application's check for so long: up to 86 400 whole seconds. Requests in that time cost no
    /// look-up, and a revocation takes effect so much later (§19.5). Without it the check is asked at each request.
    pub fn recheck(self, time: Duration) -> Self {
        Self { recheck: Some(time), ..self }
    }

    /// Binds sessions to the browser's device, where the browser can (§21): a copied cookie is of no use when its proof
    /// is over. Not for plain http: [`Site::development`] leaves it out.
    ///
    /// ```
    /// # use cretula::{DeviceBinding, Key, Site};
    /// # let site = Site::new(Key::generate()?, "shop.example")?;
    /// let sessions = site.sessions::<cretula::Data>().device_binding(DeviceBinding::default()).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "device")]
    pub fn device_binding(self, binding: DeviceBinding) -> Self {
        Self { device: Some(binding), ..self }
    }

    /// Sets that there is no cookie: for another transport, such as a header.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let site = Site::new(Key::generate()?, "shop.example")?;
    /// let sessions = site.sessions::<cretula::Data>().without_cookies().build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_cookies(self) -> Builder<'s, SessionSealer<T>> {
        let Self { site, purpose, max_age, leeway, limit, idle, absolute, recheck, cookie, .. } = self;
        Builder {
            site,
            purpose,
            max_age,
            leeway,
            limit,
            idle,
            absolute,
            recheck,
            cookie,
            #[cfg(feature = "device")]
            device: None,
            made: PhantomData,
        }
    }
}

/// Something in a cookie: [`Sessions`](crate::Sessions) or a [`TokenCookie`](crate::TokenCookie).
#[cfg(feature = "session")]
pub trait BuildCookie: Build {}
#[cfg(feature = "session")]
impl<T> BuildCookie for Sessions<T> {}
#[cfg(feature = "session")]
impl BuildCookie for TokenCookie {}

#[cfg(feature = "session")]
impl<M: BuildCookie> Builder<'_, M> {
    /// Sets the cookie's name and attributes.
    pub fn cookie(self, cookie: Cookie) -> Self {
        Self { cookie: Some(cookie), ..self }
    }

    fn settings(&self) -> Cookie {
        let cookie = self.cookie.clone();
        let cookie = cookie.unwrap_or_else(|| Cookie::named(&alloc::format!("__Host-Http-{}", self.purpose)));
        if self.site.development { cookie.development(&self.site.shared.audience) } else { cookie }
    }
}

impl Build for Sealer {
    fn build(builder: Builder<'_, Self>) -> Result<Self, SetupError> {
        let (site, options) = (builder.site, builder.options()?);
        let make =
            |keyring: &_, context| Ok(Self::new(keyring, context, options, site.clock.clone(), site.keeps.clone()));
        site.made(&builder.purpose, Use::Plain, make, Self::ring)
    }
}

impl Build for Signer {
    fn build(builder: Builder<'_, Self>) -> Result<Self, SetupError> {
        let (site, options) = (builder.site, builder.options()?);
        let make =
            |keyring: &_, context| Ok(Self::new(keyring, context, options, site.clock.clone(), site.keeps.clone()));
        site.made(&builder.purpose, Use::Plain, make, Self::ring)
    }
}

#[cfg(feature = "session")]
impl<T> Build for Sessions<T> {
    fn build(builder: Builder<'_, Self>) -> Result<Self, SetupError> {
        let site = builder.site;
        let policy = Policy::new(builder.idle, builder.absolute, builder.leeway, builder.recheck)?;
        let cookie = builder.settings();
        #[cfg(feature = "device")]
        let binding = builder.device.filter(|_| !site.development);
        #[cfg(feature = "device")]
        let path = binding.as_ref().map(|binding| binding.path.clone());
        #[cfg(not(feature = "device"))]
        let path = None;
        let what = Use::Sessions(Some(cookie.clone()), path);
        let make = |keyring: &_, context: Context| {
            let (clock, keeps) = (site.clock.clone(), site.keeps.clone());
            let sealer =
                |context, beside| SessionSealer::new(keyring, context, policy, COOKIE_TOKEN_MAX, clock, keeps, beside);
            #[cfg(feature = "device")]
            if let Some(binding) = binding {
                cookie.check()?;
                let device = Device::new(binding, policy.ahead())?;
                cookie.check_device()?;
                let beside = Device::contexts(context.audience(), context.purpose())?;
                return Self::new(sealer(context, beside), cookie).map(|sessions| sessions.with_device(device));
            }
            Self::new(sealer(context, alloc::vec::Vec::new()), cookie)
        };
        site.made(&builder.purpose, what, make, Self::ring)
    }
}

#[cfg(feature = "session")]
impl<T> Build for SessionSealer<T> {
    fn build(builder: Builder<'_, Self>) -> Result<Self, SetupError> {
        let site = builder.site;
        let policy = Policy::new(builder.idle, builder.absolute, builder.leeway, builder.recheck)?;
        let make = |keyring: &_, context| {
            let (clock, keeps) = (site.clock.clone(), site.keeps.clone());
            Ok(Self::new(keyring, context, policy, LIMIT_DEFAULT, clock, keeps, alloc::vec::Vec::new()))
        };
        site.made(&builder.purpose, Use::Sessions(None, None), make, Self::ring)
    }
}

#[cfg(feature = "session")]
impl Build for TokenCookie {
    fn build(builder: Builder<'_, Self>) -> Result<Self, SetupError> {
        let site = builder.site;
        let options = Options {
            limit: COOKIE_TOKEN_MAX,
            ..builder.options().map_err(|error| match error {
                SetupError::MaxAgeRange => SetupError::TtlRange,
                error => error,
            })?
        };
        let cookie = builder.settings();
        let what = Use::Token(cookie.clone());
        let make = |keyring: &_, context| {
            let sealer = Sealer::new(keyring, context, options, site.clock.clone(), site.keeps.clone());
            Self::new(sealer, options.max_age, cookie)
        };
        site.made(&builder.purpose, what, make, Self::ring)
    }
}
