//! A keyring derived for one kind and context, and its exchange under running calls (§6, §11).

use alloc::{sync::Arc, vec::Vec};
use core::ops::Deref;

use crate::{
    context::Context, derive::WorkingKey, error::UnsealError, key::KeyId, keyring::Keyring, time::UnixTime, wire::Kind,
};

/// An entry of a ring, derived for a kind and a context.
pub(crate) struct RingKey {
    pub(crate) working: WorkingKey,
    accept_until: Option<UnixTime>,
}

/// A ring, derived for a kind and a context.
pub(crate) struct Ring {
    /// Sorted by key id, for the look-up of step 5.
    keys: Vec<RingKey>,
    /// How each id in `keys` begins: they lie closer together in the processor's cache.
    starts: Vec<u64>,
    /// (seal_from, position in `keys`), sorted by seal_from, the first of equals only.
    schedule: Vec<(UnixTime, usize)>,
    /// The same ring in further contexts, which one call uses together with this one.
    #[cfg_attr(not(feature = "device"), expect(dead_code, reason = "empty then"))]
    beside: Vec<Self>,
}

impl Ring {
    fn derive(keyring: &Keyring, kind: Kind, context: &Context, beside: &[Context]) -> Self {
        let derived = keyring.entries().iter().filter_map(|entry| {
            let working = WorkingKey::derive(&entry.key, kind, context)?;
            Some((entry.seal_from, RingKey { working, accept_until: entry.accept_until }))
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
        let beside = beside.iter().map(|context| Self::derive(keyring, kind, context, &[])).collect();
        let starts = keys.iter().map(|key| key.working.id.start()).collect();
        Self { schedule: schedule.collect(), keys, starts, beside }
    }

    /// Returns the ring in the further context of that number.
    #[cfg(feature = "device")]
    pub(crate) fn beside(&self, number: usize) -> Option<&Self> {
        self.beside.get(number)
    }

    /// Returns the sealing entry (§11.2). No fall-back where it has ended.
    pub(crate) fn sealing(&self, now: UnixTime) -> Option<&RingKey> {
        let begun = self.schedule.partition_point(|(seal_from, _)| *seal_from <= now);
        let (_, position) = self.schedule.get(begun.checked_sub(1)?)?;
        self.keys.get(*position).filter(|key| key.is_accepted(now))
    }

    /// Returns true if a key of the ring has this id, accepted or not.
    #[cfg(feature = "session")]
    pub(crate) fn holds(&self, id: KeyId) -> bool {
        self.find(id).is_some()
    }

    /// Step 5: all 32 bytes of the key id; then `now < accept_until`.
    pub(crate) fn accepted(&self, id: KeyId, now: UnixTime) -> Result<&RingKey, UnsealError> {
        let key = self.find(id).ok_or(UnsealError::UnknownKey)?;
        if key.is_accepted(now) { Ok(key) } else { Err(UnsealError::KeyInactive) }
    }

    /// Returns the key of that id; all 32 bytes are compared.
    fn find(&self, id: KeyId) -> Option<&RingKey> {
        let start = id.start();
        let first = self.starts.partition_point(|other| *other < start);
        let mut alike = self.keys.get(first..)?.iter().take_while(|key| key.working.id.start() == start);
        alike.find(|key| key.working.id == id)
    }
}

impl RingKey {
    fn is_accepted(&self, now: UnixTime) -> bool {
        self.accept_until.is_none_or(|end| now < end)
    }
}

/// The ring in force. Clones share it, and so its exchange (§11.5).
#[derive(Clone)]
pub(crate) struct RingInForce(Arc<Slot>);

struct Slot {
    #[cfg(feature = "std")]
    ring: arc_swap::ArcSwap<Ring>,
    #[cfg(not(feature = "std"))]
    ring: Arc<Ring>,
    #[cfg(feature = "std")]
    contexts: (Kind, Context, Vec<Context>),
    /// What has to live as long as a ring is used: the watch of the keyring's file.
    _keeps: Keeps,
}

/// Kept alive, and never looked at.
pub(crate) type Keeps = Option<Arc<dyn core::any::Any + Send + Sync>>;

impl RingInForce {
    /// Derives a ring for a context, and for those that are used beside it.
    pub(crate) fn new(keyring: &Keyring, kind: Kind, context: Context, beside: Vec<Context>, keeps: Keeps) -> Self {
        let ring = Arc::new(Ring::derive(keyring, kind, &context, &beside));
        Self(Arc::new(Slot {
            #[cfg(feature = "std")]
            ring: arc_swap::ArcSwap::new(ring),
            #[cfg(not(feature = "std"))]
            ring,
            #[cfg(feature = "std")]
            contexts: (kind, context, beside),
            _keeps: keeps,
        }))
    }

    /// Borrows the ring. A call borrows once, and uses that ring from its beginning to its end ([RING-17]).
    #[cfg(feature = "std")]
    pub(crate) fn load(&self) -> impl Deref<Target = Arc<Ring>> {
        self.0.ring.load()
    }

    /// Borrows the ring.
    #[cfg(not(feature = "std"))]
    pub(crate) fn load(&self) -> impl Deref<Target = Arc<Ring>> {
        &self.0.ring
    }

    /// Puts another keyring in force, at once and whole.
    #[cfg(feature = "std")]
    pub(crate) fn replace(&self, keyring: &Keyring) {
        let (kind, context, beside) = &self.0.contexts;
        self.0.ring.store(Arc::new(Ring::derive(keyring, *kind, context, beside)));
    }

    /// For the site, which does not keep alive what the application dropped.
    #[cfg(feature = "std")]
    pub(crate) fn downgrade(&self) -> WeakRing {
        WeakRing(Arc::downgrade(&self.0))
    }
}

/// A ring in force, if it still is.
#[cfg(feature = "std")]
pub(crate) struct WeakRing(alloc::sync::Weak<Slot>);

#[cfg(feature = "std")]
impl WeakRing {
    pub(crate) fn upgrade(&self) -> Option<RingInForce> {
        self.0.upgrade().map(RingInForce)
    }
}
