//! What [`Sealer`](crate::Sealer) and [`Signer`](crate::Signer) share: every step of §9 and §10 but the cryptography.

use alloc::{string::String, vec::Vec};
use core::{fmt, marker::PhantomData, mem, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{
    base64url,
    context::Context,
    derive::WorkingKey,
    error::{SealError, TimeError, UnsealError},
    json,
    keyring::Keyring,
    limits::LIFE_MAX,
    opened::{Claims, Opened},
    options::Options,
    random,
    ring::{Keeps, Ring, RingInForce, RingKey},
    time::{Clock, UnixTime, whole_seconds},
    wire::{self, BODY_HEAD_BYTES, Kind},
};

/// The cryptography of a kind.
pub(crate) trait Protection {
    const KIND: Kind;

    /// Step 8 of §9, in place. `token` is complete except the tag, whose bytes are 0. `None` if it is too short or long
    /// for the algorithm.
    fn protect(key: &WorkingKey, token: &mut [u8]) -> Option<()>;

    /// Step 6 of §10, in place: authenticates all of `token`, and returns its body in the clear.
    fn open<'t>(key: &WorkingKey, token: &'t mut [u8]) -> Result<&'t [u8], UnsealError>;
}

/// The state of a sealer or a signer; clones share the ring.
#[derive(Clone)]
pub(crate) struct Codec<P> {
    context: Context,
    options: Options,
    ring: RingInForce,
    clock: Clock,
    protection: PhantomData<P>,
}

impl<P: Protection> Codec<P> {
    /// `beside` are contexts of which the ring holds its keys as well.
    pub(crate) fn new(
        keyring: &Keyring,
        context: Context,
        beside: Vec<Context>,
        options: Options,
        clock: Clock,
        keeps: Keeps,
    ) -> Self {
        let ring = RingInForce::new(keyring, P::KIND, context.clone(), beside, keeps);
        Self { context, options, ring, clock, protection: PhantomData }
    }

    #[cfg(feature = "session")]
    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The same with another clock.
    #[cfg(feature = "hazmat")]
    pub(crate) fn with_clock(&self, clock: Clock) -> Self
    where
        P: Clone,
    {
        Self { clock, ..self.clone() }
    }

    pub(crate) const fn ring(&self) -> &RingInForce {
        &self.ring
    }

    #[cfg(feature = "session")]
    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    /// Shows no key.
    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct(name);
        debug.field("context", &self.context).field("options", &self.options).finish_non_exhaustive()
    }

    pub(crate) fn seal(&self, payload: &[u8], ttl: Duration) -> Result<String, SealError> {
        let mut token = String::new();
        self.seal_into(payload, ttl, &mut token)?;
        Ok(token)
    }

    pub(crate) fn seal_json<T: Serialize + ?Sized>(&self, value: &T, ttl: Duration) -> Result<String, SealError> {
        let now = self.clock.now()?;
        let payload = Zeroizing::new(serde_json::to_vec(value).map_err(|_| SealError::PayloadUnserializable)?);
        if json::repeats_a_name(&payload) {
            return Err(SealError::PayloadUnserializable);
        }
        let mut token = String::new();
        self.seal_drawing(&payload, whole_seconds(ttl), &mut token, now, random::fill)?;
        Ok(token)
    }

    /// Seals into `token`, which is cleared first and empty after an error.
    pub(crate) fn seal_into(&self, payload: &[u8], ttl: Duration, token: &mut String) -> Result<(), SealError> {
        token.clear();
        self.seal_drawing(payload, whole_seconds(ttl), token, self.clock.now()?, random::fill)
    }

    /// Performs steps 2 to 9 of §9; step 1 is that of [`Options`]. `draw` fills salt and iv, for a kind that has them:
    /// from the operating system's generator, or with the vectors' own.
    ///
    /// ```text
    ///  2  if not 0 ≤ now < 2^48:                 fail clock_range
    ///  3  if not 1 ≤ ttl ≤ 34 560 000:           fail ttl_range
    ///  4  entry = sealing_entry(ring, now)       or fail no_sealing_key              (§11.2)
    ///  5  if text_length(85 + len(payload)) > limit:  fail result_too_long           (signed: 77)
    ///  6  salt = 12 random bytes; iv = 12 random bytes   or fail no_randomness       (sealed alone)
    ///  7  (K, key_id) = derive(entry.key, …)                                         (with the ring)
    ///  8  the cryptography                                                           (Protection)
    ///  9  return the base64url of all
    /// ```
    pub(crate) fn seal_drawing(
        &self,
        payload: &[u8],
        ttl: Option<u32>,
        token: &mut String,
        now: UnixTime,
        draw: impl FnOnce(&mut [u8]) -> Option<()>,
    ) -> Result<(), SealError> {
        self.seal_in(&self.ring.load(), payload, ttl, token, now, draw)
    }

    /// Seals under a ring that the caller borrowed.
    pub(crate) fn seal_in(
        &self,
        ring: &Ring,
        payload: &[u8],
        ttl: Option<u32>,
        token: &mut String,
        now: UnixTime,
        draw: impl FnOnce(&mut [u8]) -> Option<()>,
    ) -> Result<(), SealError> {
        Self::seal_under(ring, self.options.limit, payload, ttl, token, now, draw)
    }

    /// Seals under a ring that the caller borrowed, with its limit.
    pub(crate) fn seal_under(
        ring: &Ring,
        limit: usize,
        payload: &[u8],
        ttl: Option<u32>,
        token: &mut String,
        now: UnixTime,
        draw: impl FnOnce(&mut [u8]) -> Option<()>,
    ) -> Result<(), SealError> {
        token.clear();
        // 2: a `UnixTime` is in range. 3
        let ttl = ttl.filter(|ttl| (1..=LIFE_MAX).contains(ttl)).ok_or(SealError::TtlRange)?;
        // 4
        let key = ring.sealing(now).ok_or(SealError::NoSealingKey)?;
        // 5
        let bytes = payload.len().saturating_add(P::KIND.min_bytes());
        let length = base64url::text_length(bytes).unwrap_or(usize::MAX);
        if length > limit {
            return Err(SealError::ResultTooLong { length, limit });
        }
        // 6. The text's place, and behind it the token's bytes: one allocation, which does not grow and so leaves no
        // plaintext behind.
        let mut text = mem::take(token).into_bytes();
        text.reserve_exact(length.saturating_add(bytes));
        text.resize(length, 0);
        wire::push_start(P::KIND, &key.working.id, &mut text);
        let start = text.len();
        text.resize(length.saturating_add(P::KIND.head_bytes()), 0);
        let nonces = text.get_mut(start..).unwrap_or_default();
        if !nonces.is_empty() {
            draw(nonces).ok_or(SealError::NoRandomness)?;
        }
        // 8
        wire::push_body(now.as_secs(), ttl, payload, &mut text);
        text.resize(length.saturating_add(bytes), 0);
        let (place, message) = text.split_at_mut_checked(length).unwrap_or_default();
        if P::protect(&key.working, message).is_none() {
            message.zeroize();
            return Err(SealError::ResultTooLong { length, limit });
        }
        // 9
        base64url::encode_to(message, place);
        text.truncate(length);
        // It is ASCII.
        *token = String::from_utf8(text).unwrap_or_default();
        Ok(())
    }

    pub(crate) fn open(&self, token: &[u8]) -> Result<Opened, UnsealError> {
        let mut payload = Vec::new();
        let claims = self.open_into(token, &mut payload)?;
        Ok(Opened { payload, claims })
    }

    pub(crate) fn open_json<T: DeserializeOwned>(&self, token: &[u8]) -> Result<(T, Claims), UnsealError> {
        let mut payload = Zeroizing::new(Vec::new());
        let claims = self.open_into(token, &mut payload)?;
        if json::repeats_a_name(&payload) {
            return Err(UnsealError::PayloadInvalid);
        }
        let value = serde_json::from_slice(&payload).map_err(|_| UnsealError::PayloadInvalid)?;
        Ok((value, claims))
    }

    pub(crate) fn open_into(&self, token: &[u8], payload: &mut Vec<u8>) -> Result<Claims, UnsealError> {
        self.open_in(&self.ring.load(), token, payload, self.clock.now())
    }

    /// Opens under a ring that the caller borrowed, into `payload`, which is cleared first. After an error it is empty,
    /// and every plaintext byte is wiped.
    pub(crate) fn open_in(
        &self,
        ring: &Ring,
        token: &[u8],
        payload: &mut Vec<u8>,
        now: Result<UnixTime, TimeError>,
    ) -> Result<Claims, UnsealError> {
        Self::open_under(ring, self.options, token, payload, now)
    }

    /// Opens as [`open_in`](Self::open_in) does, with the caller's options.
    pub(crate) fn open_under(
        ring: &Ring,
        options: Options,
        token: &[u8],
        payload: &mut Vec<u8>,
        now: Result<UnixTime, TimeError>,
    ) -> Result<Claims, UnsealError> {
        payload.clear();
        let claims = match now {
            Ok(now) => Self::open_bytes(ring, options, token, payload, now),
            Err(error) => Err(error.into()),
        };
        finish(claims, payload, P::KIND)
    }

    /// Performs steps 1 to 8 of §10; step 0 is in [`Options`]. Leaves the token's bytes in `bytes`, their body in the
    /// clear if step 6 was passed.
    ///
    /// ```text
    ///  1  if octet_length(text) > limit:                                 fail too_long
    ///  2  the first four octets of text         or fail unsupported_version, wrong_kind, not_a_token
    ///  3  b = strict base64url-decode of text (§7.1)                     or fail encoding
    ///  4  if len(b) < 85 (signed: 77):                                   fail too_short
    ///  5  entry = the entry of ring whose key_id equals b[3..35]         or fail unknown_key
    ///     if not now < entry.accept_until:                               fail key_inactive
    ///  6  the cryptography                                               or fail auth_failed
    ///  7  issued_at = u48 at body[0..6]; ttl = u32 at body[6..10]
    ///     if issued_at > now + leeway:                                   fail issued_in_future
    ///  8  if ttl < 1 or ttl > 34 560 000:                                fail expired
    ///     if now ≥ issued_at + min(ttl, max_age):                        fail expired
    /// ```
    fn open_bytes(
        ring: &Ring,
        options: Options,
        text: &[u8],
        bytes: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        // 1, 2
        if wire::check_start(text, options.limit)? != P::KIND {
            return Err(UnsealError::WrongKind);
        }
        // 3, 4
        wire::decode(text, P::KIND, bytes)?;
        // 5
        let key = ring.accepted(wire::key_id(bytes).ok_or(UnsealError::TooShort)?, now)?;
        // 6
        let body = P::open(&key.working, bytes)?;
        // 7, 8
        Self::check_life(ring, options, key, body, now)
    }

    /// Performs steps 7 and 8 on a body that has been authenticated.
    fn check_life(
        ring: &Ring,
        options: Options,
        key: &RingKey,
        body: &[u8],
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        let (issued_at, ttl, _payload) = wire::read_body(body).ok_or(UnsealError::TooShort)?;
        if issued_at > now.as_secs().saturating_add(options.leeway.into()) {
            return Err(UnsealError::IssuedInFuture);
        }
        let expires_at = issued_at.saturating_add(ttl.min(options.max_age).into());
        if !(1..=LIFE_MAX).contains(&ttl) || now.as_secs() >= expires_at {
            return Err(UnsealError::Expired);
        }
        let key_id = key.working.id;
        let sealing_key = ring.sealing(now).is_some_and(|sealing| sealing.working.id == key_id);
        let (issued_at, expires_at) = (UnixTime::of(issued_at), UnixTime::of(expires_at));
        Ok(Claims { issued_at, ttl, expires_at, key_id, sealing_key })
    }
}

/// Leaves in `buffer`, which holds the bytes of a token, its payload alone if the token opened, and nothing if not. What
/// the buffer no longer holds is wiped: a rest of this payload, and after a failure the whole capacity, for what earlier
/// calls left in it ([OPEN-12]).
fn finish(claims: Result<Claims, UnsealError>, buffer: &mut Vec<u8>, kind: Kind) -> Result<Claims, UnsealError> {
    let end = buffer.len();
    let length = match claims {
        Ok(_) => {
            let payload = kind.head_bytes().saturating_add(BODY_HEAD_BYTES)..end.saturating_sub(kind.tag_bytes());
            let length = payload.len();
            buffer.copy_within(payload, 0);
            length
        }
        Err(_) => {
            buffer.resize(buffer.capacity(), 0);
            0
        }
    };
    // Not of a buffer that was never allocated: to fill nothing there takes long on some processors.
    if let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        rest.fill(0);
        // Keeps the compiler from leaving the fill out because nobody reads it.
        zeroize::optimization_barrier(rest);
    }
    buffer.truncate(length);
    claims
}
