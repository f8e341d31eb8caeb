//! What opens and writes sessions, without the two calls themselves.

use alloc::vec::Vec;
use core::{fmt, marker::PhantomData};

use super::{data::Data, policy::Policy};
use crate::{
    context::Context,
    keyring::Keyring,
    ring::{Keeps, RingInForce},
    sealed::Sealer,
    time::Clock,
};

/// An opener and writer of sessions without cookies: for another transport, such as a header (§19). With cookies, use
/// [`Sessions`](crate::Sessions).
///
/// ```
/// use cretula::{Data, Key, Site, UnixTime, Wrote, hazmat::At as _};
///
/// let keyring = Key::generate()?;
/// let sealer = Site::new(keyring, "shop.example")?.sessions::<Data>().without_cookies().build()?;
/// let now = UnixTime::new(1_790_000_000)?;
///
/// let mut session = sealer.at(now).open(None).unchecked()?;
/// session.data_mut().insert("theme".into(), "dark".into());
/// let Wrote::Seal { token, ttl } = sealer.at(now).commit(session)?.wrote else { panic!("it changed") };
/// assert_eq!(ttl, 1800);
///
/// let session = sealer.at(now).open(Some(token.as_bytes())).unchecked()?;
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
    /// Seals tokens of up to `limit` octets. The ring holds its keys in the contexts `beside` as well.
    pub(crate) fn new(
        keyring: &Keyring,
        context: Context,
        policy: Policy,
        limit: usize,
        clock: Clock,
        keeps: Keeps,
        beside: Vec<Context>,
    ) -> Self {
        let sealer = Sealer::with_beside(keyring, context, beside, policy.options(limit), clock, keeps);
        Self { sealer, policy, data: PhantomData }
    }

    #[cfg(feature = "hazmat")]
    pub(crate) fn with_clock(&self, clock: Clock) -> Self {
        Self { sealer: self.sealer.with_clock(clock), ..*self }
    }

    pub(crate) const fn clock(&self) -> &Clock {
        self.sealer.clock()
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
