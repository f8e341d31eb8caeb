//! What [`Sealer`](crate::Sealer) and [`Signer`](crate::Signer) share: the derived ring and its exchange, the options,
//! and every step of §9 and §10 but the cryptography.

use alloc::{sync::Arc, vec::Vec};
use core::ops::Deref;

use crate::{
    base64url,
    context::Context,
    derive::WorkingKey,
    error::{OptionsError, SealError, UnsealError},
    key::KeyId,
    keyring::Keyring,
    limits::{LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, LIMIT_DEFAULT, LIMIT_MAX},
    time::UnixTime,
    wire::{self, Kind},
};

/// Sets how an opener judges tokens, and how long a sealer's may be (§8).
///
/// ```
/// use cretula::Options;
///
/// let strict = Options::default().max_age(3600)?.leeway(0)?.limit(4096)?;
/// assert_eq!(Options::default().leeway(301).unwrap_err().code(), "leeway_range");
/// # Ok::<(), cretula::OptionsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    max_age: u32,
    leeway: u32,
    limit: usize,
}

impl Default for Options {
    /// max_age 34 560 000 seconds (400 days), leeway 60 seconds, limit 16 384 octets.
    fn default() -> Self {
        Self { max_age: LIFE_MAX, leeway: LEEWAY_DEFAULT, limit: LIMIT_DEFAULT }
    }
}

impl Options {
    /// Sets the longest life that the opener grants, whatever a token's ttl, in seconds.
    ///
    /// ```
    /// let options = cretula::Options::default().max_age(3600)?;
    /// assert_eq!(cretula::Options::default().max_age(0).unwrap_err().code(), "max_age_range");
    /// # Ok::<(), cretula::OptionsError>(())
    /// ```
    ///
    /// # Errors
    /// [`OptionsError::MaxAgeRange`] outside 1 to 34 560 000.
    pub const fn max_age(self, seconds: u32) -> Result<Self, OptionsError> {
        if seconds < 1 || seconds > LIFE_MAX {
            return Err(OptionsError::MaxAgeRange);
        }
        Ok(Self { max_age: seconds, ..self })
    }

    /// Sets how far ahead of this clock a token may be issued, in seconds. It lengthens no life.
    ///
    /// ```
    /// let options = cretula::Options::default().leeway(0)?;
    /// # Ok::<(), cretula::OptionsError>(())
    /// ```
    ///
    /// # Errors
    /// [`OptionsError::LeewayRange`] above 300.
    pub const fn leeway(self, seconds: u32) -> Result<Self, OptionsError> {
        if seconds > LEEWAY_MAX {
            return Err(OptionsError::LeewayRange);
        }
        Ok(Self { leeway: seconds, ..self })
    }

    /// Sets the longest token that is made, and the longest that is opened, in octets of text.
    ///
    /// ```
    /// let options = cretula::Options::default().limit(4096 - "__Host-session".len())?;
    /// # Ok::<(), cretula::OptionsError>(())
    /// ```
    ///
    /// # Errors
    /// [`OptionsError::LimitRange`] outside 1 to 16 777 216.
    pub const fn limit(self, octets: usize) -> Result<Self, OptionsError> {
        if octets < 1 || octets > LIMIT_MAX {
            return Err(OptionsError::LimitRange);
        }
        Ok(Self { limit: octets, ..self })
    }
}

/// Tells what an opened token says of itself; all of it is authentic.
///
/// ```
/// # use cretula::{Context, Key, Keyring, Sealer};
/// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
/// let claims = sealer.unseal(sealer.seal("hello", 60)?)?.claims;
/// assert_eq!((claims.ttl, claims.expires_at), (60, claims.issued_at + 60));
/// assert!(claims.sealing_key);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// When the token was made, in seconds since the Unix epoch.
    pub issued_at: u64,
    /// The life that its sealer gave it, in seconds, 1 to 34 560 000.
    pub ttl: u32,
    /// When it ends for this opener, in seconds since the Unix epoch: issued_at + min(ttl, max_age).
    pub expires_at: u64,
    /// Which key, kind and context made it.
    pub key_id: KeyId,
    /// Whether that key is the one that seals now; if not, seal anew at leisure.
    pub sealing_key: bool,
}

/// Holds what an opener gives back.
///
/// ```
/// # use cretula::{Context, Key, Keyring, Sealer};
/// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
/// let opened = sealer.unseal(sealer.seal("hello", 60)?)?;
/// assert_eq!((&opened.payload[..], opened.claims.ttl), (&b"hello"[..], 60));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// What the token says of itself.
    pub claims: Claims,
}

/// Holds one entry of a ring, derived for a kind and a context.
pub(crate) struct RingKey {
    pub(crate) working: WorkingKey,
    accept_until: Option<u64>,
}

/// Holds a ring derived for a kind and a context.
pub(crate) struct Ring {
    /// Sorted by key id, for the look-up of step 5.
    keys: Vec<RingKey>,
    /// (seal_from, position in `keys`), sorted by seal_from, the first of equals only.
    schedule: Vec<(u64, usize)>,
}

impl Ring {
    fn derive(keyring: &Keyring, kind: Kind, context: &Context) -> Self {
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
        Self { keys, schedule }
    }

    /// Returns the sealing entry (§11.2). No fall-back where it has ended.
    pub(crate) fn sealing(&self, now: UnixTime) -> Option<&RingKey> {
        let begun = self.schedule.partition_point(|(seal_from, _)| *seal_from <= now.as_secs());
        let (_, position) = self.schedule.get(begun.checked_sub(1)?)?;
        self.keys.get(*position).filter(|key| key.is_accepted(now))
    }

    /// Tells whether a key of the ring has this id, accepted or not.
    #[cfg(feature = "session")]
    pub(crate) fn holds(&self, id: KeyId) -> bool {
        self.keys.binary_search_by_key(&id, |key| key.working.id).is_ok()
    }

    /// Step 5: all 32 bytes of the key id; then `now < accept_until`.
    fn accepted(&self, id: KeyId, now: UnixTime) -> Result<&RingKey, UnsealError> {
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

#[cfg(feature = "reload")]
type Slot = arc_swap::ArcSwap<Ring>;
#[cfg(not(feature = "reload"))]
type Slot = Ring;

/// Holds the state of a sealer or a signer; clones share the ring.
#[derive(Clone)]
pub(crate) struct Codec {
    kind: Kind,
    context: Context,
    options: Options,
    slot: Arc<Slot>,
}

impl Codec {
    pub(crate) fn new(kind: Kind, keyring: &Keyring, context: &Context, options: Options) -> Self {
        let ring = Ring::derive(keyring, kind, context);
        #[cfg(feature = "reload")]
        let ring = Slot::from_pointee(ring);
        Self { kind, context: context.clone(), options, slot: Arc::new(ring) }
    }

    /// Borrows the ring in force; a call uses one ring from its beginning to its end.
    #[cfg(feature = "reload")]
    pub(crate) fn ring(&self) -> impl Deref<Target = Arc<Ring>> {
        self.slot.load()
    }

    /// Borrows the ring.
    #[cfg(not(feature = "reload"))]
    pub(crate) fn ring(&self) -> impl Deref<Target = Ring> + '_ {
        &*self.slot
    }

    #[cfg(feature = "reload")]
    pub(crate) fn replace_keyring(&self, keyring: &Keyring) {
        self.slot.store(Arc::new(Ring::derive(keyring, self.kind, &self.context)));
    }

    pub(crate) const fn parts(&self) -> (&Context, &Options) {
        (&self.context, &self.options)
    }

    /// Steps 3 to 5 of §9: ttl, sealing entry, length of the result. Returns the entry and the token's bytes.
    pub(crate) fn check_seal<'r>(
        &self,
        ring: &'r Ring,
        payload: &[u8],
        ttl: u32,
        now: UnixTime,
    ) -> Result<(&'r RingKey, usize), SealError> {
        if !(1..=LIFE_MAX).contains(&ttl) {
            return Err(SealError::TtlRange);
        }
        let key = ring.sealing(now).ok_or(SealError::NoSealingKey)?;
        let bytes = payload.len().saturating_add(self.kind.min_bytes());
        let (length, limit) = (base64url::text_length(bytes).unwrap_or(usize::MAX), self.options.limit);
        if length > limit {
            return Err(SealError::ResultTooLong { length, limit });
        }
        Ok((key, bytes))
    }

    /// Steps 1 to 5 of §10. Leaves the token's bytes in `out`, which is empty before.
    pub(crate) fn admit<'r>(
        &self,
        ring: &'r Ring,
        text: &[u8],
        now: UnixTime,
        out: &mut Vec<u8>,
    ) -> Result<&'r RingKey, UnsealError> {
        if wire::check_start(text, self.options.limit)? != self.kind {
            return Err(UnsealError::WrongKind);
        }
        wire::decode(text, self.kind, out)?;
        ring.accepted(wire::key_id(out).ok_or(UnsealError::TooShort)?, now)
    }

    /// Steps 7 and 8 of §10, on a body that has been authenticated.
    pub(crate) fn check_life(
        &self,
        ring: &Ring,
        key: &RingKey,
        body: &[u8],
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        let (issued_at, ttl, _payload) = wire::read_body(body).ok_or(UnsealError::TooShort)?;
        if issued_at > now.as_secs().saturating_add(self.options.leeway.into()) {
            return Err(UnsealError::IssuedInFuture);
        }
        let expires_at = issued_at.saturating_add(ttl.min(self.options.max_age).into());
        if !(1..=LIFE_MAX).contains(&ttl) || now.as_secs() >= expires_at {
            return Err(UnsealError::Expired);
        }
        let key_id = key.working.id;
        let sealing_key = ring.sealing(now).is_some_and(|sealing| sealing.working.id == key_id);
        Ok(Claims { issued_at, ttl, expires_at, key_id, sealing_key })
    }
}

/// Leaves in `buffer`, which holds the bytes of a token, the payload between `head` and `tag` bytes if the token opened,
/// and nothing if not. What the buffer no longer holds is wiped: a rest of this payload, and after a failure the whole
/// capacity, for what earlier calls left in it ([OPEN-12]).
pub(crate) fn finish(
    claims: Result<Claims, UnsealError>,
    buffer: &mut Vec<u8>,
    head: usize,
    tag: usize,
) -> Result<Claims, UnsealError> {
    let end = buffer.len();
    let length = match claims {
        Ok(_) => {
            let payload = head..end.saturating_sub(tag);
            let length = payload.len();
            buffer.copy_within(payload, 0);
            length
        }
        Err(_) => {
            buffer.resize(buffer.capacity(), 0);
            0
        }
    };
    if let Some(rest) = buffer.get_mut(length..) {
        rest.fill(0);
        // Keeps the compiler from leaving the fill out because nobody reads it.
        zeroize::optimization_barrier(rest);
    }
    buffer.truncate(length);
    claims
}
