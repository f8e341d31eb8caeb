//! Errors of what is set up once, at the start (§5, §8, §11.6, §19.2, §20.1).

use thiserror::Error;

use super::code::ErrorCode;

/// Why a site, or something of it, was not set up.
///
/// ```
/// use cretula::{Key, Keyring, SetupError, Site};
/// use std::time::Duration;
///
/// let site = Site::new(Keyring::from(Key::generate()?), "shop.example")?;
/// let refused = site.sessions::<cretula::Data>().idle(Duration::ZERO).build();
/// assert_eq!(refused.unwrap_err(), SetupError::IdleRange);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The audience or the purpose: `context_invalid`.
    #[error("audience and purpose are each 1 to 255 bytes of visible ASCII")]
    Context,
    /// `limit_range`.
    #[error("limit is 1 to 16777216 octets")]
    LimitRange,
    /// `leeway_range`.
    #[error("leeway is 0 to 300 seconds")]
    LeewayRange,
    /// `max_age_range`.
    #[error("max_age is 1 to 34560000 seconds")]
    MaxAgeRange,
    /// `ttl_range`.
    #[error("a ttl is 1 to 34560000 seconds")]
    TtlRange,
    /// `grace_range`.
    #[error("the reload grace is 0 to 34560000 seconds")]
    GraceRange,
    /// `idle_range`.
    #[error("idle is 1 to 34560000 seconds")]
    IdleRange,
    /// `absolute_range`.
    #[error("absolute is at least idle, and at most 34560000 seconds")]
    AbsoluteRange,
    /// `recheck_range`.
    #[error("recheck is 0 to 86400 seconds")]
    RecheckRange,
    /// The cookie's name: `cookie_name`.
    #[error(
        "a cookie's name is 1 to 64 token characters, its prefix spelled `__Host-Http-`, `__Host-`, `__Http-` or `__Secure-`"
    )]
    CookieName,
    /// Browsers would drop the cookie, or keep it elsewhere: `cookie_attributes`.
    #[error("browsers would drop the cookie: {0}")]
    CookieAttributes(&'static str),
    /// A setting of device binding: `device_settings`.
    #[error("device binding: {0}")]
    DeviceSettings(&'static str),
    /// Two things of the site would be mixed up: `cookie_clash`.
    #[error("the site has it already: {0}")]
    Clash(&'static str),
}

impl ErrorCode for SetupError {
    fn code(&self) -> &'static str {
        match self {
            Self::Context => "context_invalid",
            Self::LimitRange => "limit_range",
            Self::LeewayRange => "leeway_range",
            Self::MaxAgeRange => "max_age_range",
            Self::TtlRange => "ttl_range",
            Self::GraceRange => "grace_range",
            Self::IdleRange => "idle_range",
            Self::AbsoluteRange => "absolute_range",
            Self::RecheckRange => "recheck_range",
            Self::CookieName => "cookie_name",
            Self::CookieAttributes(_) => "cookie_attributes",
            Self::DeviceSettings(_) => "device_settings",
            Self::Clash(_) => "cookie_clash",
        }
    }
}
