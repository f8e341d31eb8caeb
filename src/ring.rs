//! A keyring derived for one kind and context, and its exchange under running calls (§6, §11).

use alloc::{sync::Arc, vec::Vec};
use core::ops::Deref;

use crate::{
    context::Context, derive::WorkingKey, error::UnsealError, key::KeyId, keyring::Keyring, time::UnixTime, wire::Kind,
};

/// An entry of a ring, derived for a kind and a context.
pub(crate) struct RingKey {
    pub(crate) working: WorkingKey,
    accept_until: Option<u64>,
}

/// A ring, derived for a kind and a context.
pub(crate) struct Ring {
    /// Sorted by key id, for the look-up of step 5.
    keys: Vec<RingKey>,
    /// (seal_from, position in `keys`), sorted by seal_from, the first of equals only.
    schedule: Vec<(u64, usize)>,
    /// Its place in the order in which exchanges began.
    #[cfg(feature = "reload")]
    order: u64,
}

impl Ring {
    pub(crate) fn derive(keyring: &Keyring, kind: Kind, context: &Context) -> Self {
        let derived = keyring.entries().iter().filter_map(|entry| {
            let working = WorkingKey::derive(entry.key(), kind, context)?;
            Some((entry.seal_from(), RingKey { working, accept_until: entry.accept_until() }))
        });
        let mut derived: Vec<_> = derived.collect();
        // Stable: of equal times the first entry of the ring stays first, and dedup keeps it.
        derived.sort_by_key(|(seal_from, _)| *seal_from);
        let mut firsts: Vec<_> = derived.iter().map(|(seal_from, key)| (*seal_from, key.working.id)).collect();
        firsts.dedup_by_key(|(seal_from, _)| *seal_from);

        let mut keys: Vec<_> = derived.into_iter().map(|(_, key)| key).collect();
        keys.sort_by_key(|key| key.working.id);
        let schedule = firsts.into_iter().filter_map(|(seal_from, id)| {
            Some((seal_from, keys.binary_search_by_key(&id, |key| key.working.id).ok()?))
        });
        let schedule = schedule.collect();
        Self {
            keys,
            schedule,
            #[cfg(feature = "reload")]
            order: 0,
        }
    }

    /// Returns the sealing entry (§11.2). No fall-back where it has ended.
    pub(crate) fn sealing(&self, now: UnixTime) -> Option<&RingKey> {
        let begun = self.schedule.partition_point(|(seal_from, _)| *seal_from <= now.as_secs());
        let (_, position) = self.schedule.get(begun.checked_sub(1)?)?;
        self.keys.get(*position).filter(|key| key.is_accepted(now))
    }

    /// Returns true if a key of the ring has this id, accepted or not.
    #[cfg(feature = "session")]
    pub(crate) fn holds(&self, id: KeyId) -> bool {
        self.keys.binary_search_by_key(&id, |key| key.working.id).is_ok()
    }

    /// Step 5: all 32 bytes of the key id; then `now < accept_until`.
    pub(crate) fn accepted(&self, id: KeyId, now: UnixTime) -> Result<&RingKey, UnsealError> {
        let position = self.keys.binary_search_by_key(&id, |key| key.working.id);
        let key = position.ok().and_then(|position| self.keys.get(position)).ok_or(UnsealError::UnknownKey)?;
        if key.is_accepted(now) { Ok(key) } else { Err(UnsealError::KeyInactive) }
    }
}

impl RingKey {
    fn is_accepted(&self, now: UnixTime) -> bool {
        self.accept_until.is_none_or(|end| now.as_secs() < end)
    }
}

/// The ring in force. Clones share it, and so its exchange (§11.5).
#[derive(Clone)]
pub(crate) struct RingInForce(Slot);

#[cfg(feature = "reload")]
type Slot = Arc<Exchange>;
#[cfg(not(feature = "reload"))]
type Slot = Arc<Ring>;

#[cfg(feature = "reload")]
struct Exchange {
    ring: arc_swap::ArcSwap<Ring>,
    /// How many exchanges began.
    begun: core::sync::atomic::AtomicU64,
}

impl RingInForce {
    pub(crate) fn new(ring: Ring) -> Self {
        #[cfg(feature = "reload")]
        let ring = Exchange { ring: arc_swap::ArcSwap::from_pointee(ring), begun: 0.into() };
        Self(Arc::new(ring))
    }

    /// Borrows the ring. A call borrows once, and uses that ring from its beginning to its end ([RING-17]).
    #[cfg(feature = "reload")]
    pub(crate) fn load(&self) -> impl Deref<Target = Arc<Ring>> {
        self.0.ring.load()
    }

    /// Borrows the ring.
    #[cfg(not(feature = "reload"))]
    pub(crate) fn load(&self) -> impl Deref<Target = Arc<Ring>> {
        &self.0
    }

    /// Puts another ring in force, at once and whole, unless one whose exchange began later is in force already
    /// ([RING-17]).
    #[cfg(feature = "reload")]
    pub(crate) fn replace(&self, derive: impl FnOnce() -> Ring) {
        let begun = self.0.begun.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
        let ring = Arc::new(Ring { order: begun.saturating_add(1), ..derive() });
        self.0.ring.rcu(|in_force| Arc::clone(if in_force.order > ring.order { in_force } else { &ring }));
    }
}

#[cfg(all(test, feature = "reload"))]
mod tests {
    use super::{Ring, RingInForce};
    use crate::{Context, Key, KeyError, Keyring, wire::Kind};

    // covers: [RING-17]
    #[test]
    fn an_exchange_that_began_earlier_does_not_replace_a_later_one() -> Result<(), KeyError> {
        let context = Context::new("a", "b").map_err(|_| KeyError::Format)?;
        let keyrings = [Key::generate()?, Key::generate()?, Key::generate()?].map(Keyring::from);
        let [first, second, third] =
            keyrings.each_ref().map(|keyring| || Ring::derive(keyring, Kind::Sealed, &context));
        let ids = [&first, &second, &third].map(|derive| derive().keys.first().map(|key| key.working.id));
        let in_force = RingInForce::new(first());
        let id = || in_force.load().keys.first().map(|key| key.working.id);
        // The second begins, and is not ready before the third is in force.
        in_force.replace(|| {
            in_force.replace(third);
            assert!(id() == ids[2]);
            second()
        });
        assert!(id() == ids[2]);
        in_force.replace(second);
        assert!(id() == ids[1]);
        Ok(())
    }
}
