//! One owner of keyring, audience and clock: what a site seals and opens with comes from here.

use alloc::{string::String, vec::Vec};
use core::fmt;

#[cfg(feature = "session")]
use crate::cookie::Cookie;
use crate::{
    context::Context,
    error::SetupError,
    keyring::Keyring,
    ring::{Keeps, RingInForce},
    time::{Clock, UnixTime},
};
#[cfg(feature = "std")]
use crate::{error::KeyringError, ring::WeakRing};

/// A site: its keyring, its audience and its clock. All that seals or opens for it is made here, once, at the start; one
/// exchange of the keyring reaches all of it (§11.5). Cheap to clone.
///
/// ```
/// use cretula::{Key, Keyring, Site};
/// use std::time::Duration;
///
/// let keyring = Keyring::from(Key::generate()?); // in production: Keyring::from_env("CRETULA_KEYS")?
/// let site = Site::new(keyring, "shop.example")?;
/// let sessions = site.sessions::<cretula::Data>().build()?;
/// let return_url = site.cookie("return-url", Duration::from_secs(600)).build()?;
/// let invitations = site.sealer("invitation").build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Site {
    pub(super) shared: Owned<Shared>,
    /// Kept alive by all that is made, too: with the last of it a watch ends.
    pub(super) keeps: Keeps,
    pub(super) clock: Clock,
    pub(super) development: bool,
}

pub(super) struct Shared {
    pub(super) audience: String,
    state: Lock<State>,
    /// How many exchanges began.
    #[cfg(feature = "std")]
    begun: core::sync::atomic::AtomicU64,
}

#[cfg(feature = "std")]
type Owned<T> = alloc::sync::Arc<T>;
#[cfg(feature = "std")]
type Lock<T> = std::sync::Mutex<T>;
// Without std a site stays on its thread; what it makes does not.
#[cfg(not(feature = "std"))]
type Owned<T> = alloc::rc::Rc<T>;
#[cfg(not(feature = "std"))]
type Lock<T> = core::cell::RefCell<T>;

struct State {
    keyring: Keyring,
    /// The place of `keyring` in the order in which exchanges began.
    #[cfg(feature = "std")]
    order: u64,
    #[cfg(feature = "std")]
    rings: Vec<WeakRing>,
    made: Vec<Made>,
}

/// What a purpose is used for.
struct Made {
    purpose: String,
    what: Use,
}

/// A purpose's use; sessions and other tokens never share one ([SESS-24], [COOK-03]).
pub(super) enum Use {
    /// With the path of their device binding.
    #[cfg(feature = "session")]
    Sessions(Option<Cookie>, Option<String>),
    #[cfg(feature = "session")]
    Token(Cookie),
    Plain,
}

impl Use {
    const fn is_sessions(&self) -> bool {
        #[cfg(feature = "session")]
        return matches!(self, Self::Sessions(..));
        #[cfg(not(feature = "session"))]
        false
    }

    #[cfg(feature = "session")]
    const fn cookie(&self) -> Option<&Cookie> {
        match self {
            Self::Sessions(cookie, _) => cookie.as_ref(),
            Self::Token(cookie) => Some(cookie),
            Self::Plain => None,
        }
    }
}

impl Site {
    /// Makes a site of a keyring and an audience: the service, or the group of services, that shares its tokens.
    ///
    /// # Security
    /// Services that do not trust each other need different keys, not just different audiences.
    ///
    /// ```
    /// use cretula::{ErrorCode as _, Key, Site};
    ///
    /// let site = Site::new(Key::generate()?, "shop.example")?;
    /// assert_eq!(Site::new(Key::generate()?, "shop example").unwrap_err().code(), "context_invalid");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SetupError::Context`] unless the audience is 1 to 255 bytes of visible ASCII (0x21 to 0x7E).
    pub fn new(keyring: impl Into<Keyring>, audience: &str) -> Result<Self, SetupError> {
        Self::keeping(keyring.into(), audience, None)
    }

    pub(super) fn keeping(keyring: Keyring, audience: &str, keeps: Keeps) -> Result<Self, SetupError> {
        Context::new(audience, "session")?;
        let state = State {
            keyring,
            #[cfg(feature = "std")]
            order: 0,
            #[cfg(feature = "std")]
            rings: Vec::new(),
            made: Vec::new(),
        };
        let shared = Shared {
            audience: audience.into(),
            state: Lock::new(state),
            #[cfg(feature = "std")]
            begun: 0.into(),
        };
        Ok(Self { shared: Owned::new(shared), keeps, clock: Clock::default(), development: false })
    }

    /// Replaces the system clock in everything that the site makes from now on: for tests, and if there is no system
    /// clock. `None` counts as no clock ([TIME-02]).
    ///
    /// ```
    /// use cretula::{Key, Site, UnixTime};
    ///
    /// let site = Site::new(Key::generate()?, "shop.example")?.clock(|| UnixTime::new(1_790_000_000).ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Option<UnixTime> + Send + Sync + 'static) -> Self {
        Self { clock: Clock::new(clock), ..self }
    }

    /// Sets whether the cookies that are made from here on are for development on plain http: without prefix and `Secure`,
    /// the audience in their names, because browsers share cookies between the ports of a host.
    ///
    /// # Security
    /// Never true in production: anyone on the way reads such cookies, and a neighbouring site can plant one.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// let site = Site::new(Key::generate()?, "shop.example")?.development(cfg!(debug_assertions));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "session")]
    #[must_use]
    pub fn development(self, development: bool) -> Self {
        Self { development, ..self }
    }

    /// Replaces the keyring of everything that the site made, at once. Calls under way end with the ring they
    /// began with. Of exchanges that overlap, the one that began last stays ([RING-17]).
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let site = Site::new(Key::generate()?, "a")?;
    /// site.replace_keyring(Key::generate()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn replace_keyring(&self, keyring: impl Into<Keyring>) {
        self.shared.exchange(self.shared.begin(), keyring.into());
    }

    /// Reads a keyring from `text` and replaces the present one. A text that is refused changes nothing.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let site = Site::new(Key::generate()?, "a")?;
    /// if let Err(error) = site.reload("{oops") {
    ///     eprintln!("alarm: keyring not replaced: {error}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Keyring::parse`].
    #[cfg(feature = "std")]
    pub fn reload(&self, text: impl AsRef<[u8]>) -> Result<(), KeyringError> {
        let order = self.shared.begin();
        self.shared.exchange(order, Keyring::parse(text)?);
        Ok(())
    }

    /// Notes what a purpose is used for, or refuses it; makes it with the present ring.
    pub(super) fn made<M>(
        &self,
        purpose: &str,
        what: Use,
        make: impl FnOnce(&Keyring, Context) -> Result<M, SetupError>,
        ring: impl FnOnce(&M) -> &RingInForce,
    ) -> Result<M, SetupError> {
        let context = Context::new(&self.shared.audience, purpose)?;
        let mut state = self.shared.state();
        let made = make(&state.keyring, context)?;
        state.check(purpose, &what)?;
        state.made.push(Made { purpose: purpose.into(), what });
        #[cfg(feature = "std")]
        {
            state.rings.retain(|ring| ring.upgrade().is_some());
            state.rings.push(ring(&made).downgrade());
        }
        #[cfg(not(feature = "std"))]
        let _ = ring;
        Ok(made)
    }
}

impl State {
    /// Refuses what would be mixed up with what was made.
    fn check(&self, purpose: &str, what: &Use) -> Result<(), SetupError> {
        for made in &self.made {
            let of_sessions = made.what.is_sessions() || what.is_sessions();
            if of_sessions && (made.purpose == purpose || is_beside(&made.purpose, purpose)) {
                return Err(SetupError::Clash("a purpose of sessions is used once, and for nothing else"));
            }
            #[cfg(feature = "session")]
            if let (Some(old), Some(new)) = (made.what.cookie(), what.cookie()) {
                if made.purpose == purpose || is_beside(&made.purpose, purpose) {
                    return Err(SetupError::Clash("two cookies have the same purpose, or one that the other uses"));
                }
                if old.clashes(new) {
                    return Err(SetupError::Clash("one cookie has the name that another writes"));
                }
            }
            #[cfg(feature = "session")]
            if let (Use::Sessions(_, Some(old)), Use::Sessions(_, Some(new))) = (&made.what, what)
                && old == new
            {
                return Err(SetupError::Clash("two sessions have one path of device binding"));
            }
        }
        Ok(())
    }
}

/// Returns true if one purpose is that of the other's device binding ([COOK-03]).
fn is_beside(one: &str, other: &str) -> bool {
    let mut ends = [".challenge", ".device", ".proof"].into_iter();
    ends.any(|end| one.strip_suffix(end) == Some(other) || other.strip_suffix(end) == Some(one))
}

impl Shared {
    #[cfg(feature = "std")]
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // No code of the application's runs while it is locked.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    #[cfg(not(feature = "std"))]
    fn state(&self) -> core::cell::RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// Gives an exchange its place in the order, before the new ring is read.
    #[cfg(feature = "std")]
    pub(super) fn begin(&self) -> u64 {
        self.begun.fetch_add(1, core::sync::atomic::Ordering::Relaxed).saturating_add(1)
    }

    #[cfg(feature = "std")]
    pub(super) fn exchange(&self, order: u64, keyring: Keyring) {
        let mut state = self.state();
        if state.order > order {
            return;
        }
        for ring in state.rings.iter().filter_map(WeakRing::upgrade) {
            ring.replace(&keyring);
        }
        (state.order, state.keyring) = (order, keyring);
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Site");
        debug.field("audience", &self.shared.audience).field("development", &self.development).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::Site;
    use crate::{Key, Keyring};

    // covers: [RING-17]
    #[test]
    fn an_exchange_that_began_earlier_does_not_replace_a_later_one() {
        let [first, second, third] = [(); 3].map(|()| Keyring::from(Key::generate().unwrap()));
        let site = Site::new(first, "a").unwrap();
        let sealer = site.sealer("b").build().unwrap();
        let opens = |keyring: &Keyring| {
            let other = Site::new(keyring.clone(), "a").unwrap().sealer("b").build().unwrap();
            other.unseal(sealer.seal("", core::time::Duration::from_secs(60)).unwrap()).is_ok()
        };
        // The second begins, and is not read before the third is in force.
        let order = site.shared.begin();
        site.replace_keyring(third.clone());
        site.shared.exchange(order, second.clone());
        assert!(opens(&third));
        site.replace_keyring(second.clone());
        assert!(opens(&second));
        // What is made later has the ring in force too.
        let later = site.sealer("b").build().unwrap();
        assert!(later.unseal(sealer.seal("", core::time::Duration::from_secs(60)).unwrap()).is_ok());
    }
}
