//! What opens and writes sessions, without the two calls themselves.

use core::{fmt, marker::PhantomData};

use super::{data::Data, policy::Policy};
use crate::{context::Context, keyring::Keyring, limits::LIMIT_DEFAULT, ring::RingInForce, sealed::Sealer};

/// An opener and writer of sessions without cookies: for another transport, such as a header (§19). With cookies, use
/// [`Sessions`](crate::Sessions).
///
/// ```
/// use cretula::{Context, Data, Key, Keyring, Policy, SessionSealer, UnixTime, Wrote};
///
/// let keyring = Keyring::from(Key::generate()?);
/// let sealer = SessionSealer::<Data>::new(&keyring, &Context::new("shop.example", "session")?, Policy::default());
/// let now = UnixTime::new(1_790_000_000)?;
///
/// let mut session = sealer.open_at(None, now).unchecked();
/// session.data_mut().insert("theme".into(), "dark".into());
/// let Wrote::Seal { token, ttl } = sealer.commit_at(session, now)?.wrote else { panic!("it changed") };
/// assert_eq!(ttl, 1800);
///
/// let session = sealer.open_at(Some(token.as_bytes()), now).unchecked();
/// assert_eq!(session.data()["theme"], "dark");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SessionSealer<T = Data> {
    pub(super) sealer: Sealer,
    pub(super) policy: Policy,
    data: PhantomData<fn() -> T>,
}

impl<T> Clone for SessionSealer<T> {
    fn clone(&self) -> Self {
        Self { sealer: self.sealer.clone(), ..*self }
    }
}

impl<T> SessionSealer<T> {
    /// Makes a sealer of sessions for one context, whose purpose is `session` or another of the application's.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer};
    /// let keyring = Keyring::from(Key::generate()?);
    /// let sealer = SessionSealer::<cretula::Data>::new(&keyring, &Context::new("a", "session")?, Policy::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(keyring: &Keyring, context: &Context, policy: Policy) -> Self {
        Self::with_limit(keyring, context, policy, LIMIT_DEFAULT)
    }

    pub(crate) fn with_limit(keyring: &Keyring, context: &Context, policy: Policy, limit: usize) -> Self {
        let sealer = Sealer::with_options(keyring, context, policy.options(limit));
        Self { sealer, policy, data: PhantomData }
    }

    /// Puts another keyring in force, as [`Sealer::replace_keyring`] does.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// sealer.replace_keyring(&Keyring::from(Key::generate()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reload")]
    pub fn replace_keyring(&self, keyring: &Keyring) {
        self.sealer.replace_keyring(keyring);
    }

    /// Returns the policy.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    pub(crate) const fn ring(&self) -> &RingInForce {
        self.sealer.ring()
    }
}

impl<T> fmt::Debug for SessionSealer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SessionSealer");
        debug.field("sealer", &self.sealer).field("policy", &self.policy).finish()
    }
}
