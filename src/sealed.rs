//! The sealed kind: secrecy and integrity (§7.3, §9, §10).

use alloc::{string::String, vec::Vec};
use core::{fmt, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

#[cfg(any(feature = "session", feature = "hazmat", test))]
use crate::time::UnixTime;
use crate::{
    aead,
    codec::{Codec, Protection},
    context::Context,
    derive::WorkingKey,
    error::{SealError, UnsealError},
    keyring::Keyring,
    opened::{Claims, Opened},
    options::Options,
    ring::{Keeps, RingInForce},
    time::Clock,
    wire::{Kind, SealedFields},
};
#[cfg(feature = "session")]
use crate::{base64url, ring::Ring};

/// A maker and opener of sealed tokens, which only a holder of the key can read or change.
///
/// Make one for each purpose at start-up and share it: it is `Send`, `Sync` and cheap to clone, and everything that
/// depends on key, audience and purpose alone is computed once.
///
/// ```
/// use cretula::{Key, Site};
/// use std::time::Duration;
///
/// let site = Site::new(Key::generate()?, "shop.example")?;
/// let sealer = site.sealer("session").build()?;
///
/// let token = sealer.seal(r#"{"user":"ada"}"#, Duration::from_secs(1800))?; // alive for half an hour
/// let opened = sealer.unseal(&token)?;
/// assert_eq!(opened.payload, br#"{"user":"ada"}"#);
/// assert_eq!(opened.claims.expires_at.as_secs(), opened.claims.issued_at.as_secs() + 1800);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Sealer(Codec<Sealed>);

impl Sealer {
    pub(crate) fn new(keyring: &Keyring, context: Context, options: Options, clock: Clock, keeps: Keeps) -> Self {
        Self(Codec::new(keyring, context, Vec::new(), options, clock, keeps))
    }

    /// Makes one whose ring holds its keys in the contexts `beside` as well.
    #[cfg(feature = "session")]
    pub(crate) fn with_beside(
        keyring: &Keyring,
        context: Context,
        beside: Vec<Context>,
        options: Options,
        clock: Clock,
        keeps: Keeps,
    ) -> Self {
        Self(Codec::new(keyring, context, beside, options, clock, keeps))
    }

    pub(crate) const fn ring(&self) -> &RingInForce {
        self.0.ring()
    }

    #[cfg(feature = "hazmat")]
    pub(crate) fn with_clock(&self, clock: Clock) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// Seals a payload of any bytes for a life of `ttl` seconds (1 to 34 560 000) from now. The text has
    /// ⌈(85 + n) · 4 / 3⌉ characters for n bytes.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, Site};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
    /// let token = sealer.seal(r#"{"user":"ada"}"#, Duration::from_secs(1800))?;
    /// assert_eq!(sealer.seal("", Duration::from_secs(0)).unwrap_err().code(), "ttl_range");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealError::TtlRange`], [`NoSealingKey`](SealError::NoSealingKey), [`ResultTooLong`](SealError::ResultTooLong),
    /// [`NoRandomness`](SealError::NoRandomness), [`NoClock`](SealError::NoClock).
    pub fn seal(&self, payload: impl AsRef<[u8]>, ttl: Duration) -> Result<String, SealError> {
        self.0.seal(payload.as_ref(), ttl)
    }

    /// Seals into the caller's text, which is cleared first and empty after an error.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
    /// let mut token = String::new();
    /// sealer.seal_into("hello", Duration::from_secs(60), &mut token)?;
    /// assert!(token.starts_with("CrE1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_into(&self, payload: impl AsRef<[u8]>, ttl: Duration, token: &mut String) -> Result<(), SealError> {
        self.0.seal_into(payload.as_ref(), ttl, token)
    }

    /// Seals the JSON form of a value.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
    /// let token = sealer.seal_json(&("ada", 3), Duration::from_secs(60))?;
    /// let (user, claims): ((String, u32), _) = sealer.unseal_json(&token)?;
    /// assert_eq!(user, ("ada".to_owned(), 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`seal`](Self::seal), and [`SealError::PayloadUnserializable`].
    pub fn seal_json<T: Serialize + ?Sized>(&self, value: &T, ttl: Duration) -> Result<String, SealError> {
        self.0.seal_json(value, ttl)
    }

    /// Unseals a token.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, Site};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
    /// assert_eq!(sealer.unseal(sealer.seal("hello", Duration::from_secs(60))?)?.payload, b"hello");
    /// assert_eq!(sealer.unseal("undefined").unwrap_err().code(), "not_a_token");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The first fault in the order of §10: [`UnsealError`]; [`NoClock`](UnsealError::NoClock) without a clock.
    pub fn unseal(&self, token: impl AsRef<[u8]>) -> Result<Opened, UnsealError> {
        self.0.open(token.as_ref())
    }

    /// Unseals into the caller's buffer, which is cleared first, and after an error is empty with every plaintext byte
    /// wiped.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
    /// let mut payload = Vec::new();
    /// let claims = sealer.unseal_into(sealer.seal("hello", Duration::from_secs(60))?, &mut payload)?;
    /// assert_eq!(payload, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal).
    pub fn unseal_into(&self, token: impl AsRef<[u8]>, payload: &mut Vec<u8>) -> Result<Claims, UnsealError> {
        self.0.open_into(token.as_ref(), payload)
    }

    /// Unseals a value from its JSON form.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
    /// let (basket, claims) = sealer.unseal_json::<Vec<u32>>(sealer.seal_json(&[17, 4], Duration::from_secs(60))?)?;
    /// assert_eq!(basket, [17, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal), and [`UnsealError::PayloadInvalid`] for a payload that is not the JSON form of a `T`.
    pub fn unseal_json<T: DeserializeOwned>(&self, token: impl AsRef<[u8]>) -> Result<(T, Claims), UnsealError> {
        self.0.open_json(token.as_ref())
    }

    /// Seals for `ttl` seconds from `now` with salt and iv from `draw`.
    #[cfg(any(feature = "session", feature = "hazmat", test))]
    pub(crate) fn seal_drawing(
        &self,
        payload: &[u8],
        ttl: u32,
        now: UnixTime,
        token: &mut String,
        draw: impl FnOnce(&mut [u8]) -> Option<()>,
    ) -> Result<(), SealError> {
        self.0.seal_drawing(payload, Some(ttl), token, now, draw)
    }
}

/// For sessions, which open several tokens in one call, and ask before they seal.
#[cfg(feature = "session")]
impl Sealer {
    pub(crate) const fn context(&self) -> &Context {
        self.0.context()
    }

    pub(crate) const fn clock(&self) -> &Clock {
        self.0.clock()
    }

    /// Unseals as [`unseal_into`](Self::unseal_into) does, under a ring that the caller borrowed and at its time.
    pub(crate) fn unseal_in(
        &self,
        ring: &Ring,
        token: &[u8],
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        self.0.open_in(ring, token, payload, Ok(now))
    }

    /// Seals under a ring that the caller borrowed, for `ttl` seconds from `now` with salt and iv from `draw`.
    pub(crate) fn seal_in(
        &self,
        ring: &Ring,
        payload: &[u8],
        ttl: u32,
        now: UnixTime,
        token: &mut String,
        draw: impl FnOnce(&mut [u8]) -> Option<()>,
    ) -> Result<(), SealError> {
        self.0.seal_in(ring, payload, Some(ttl), token, now, draw)
    }

    /// Seals under a ring that the caller borrowed.
    #[cfg(feature = "device")]
    pub(crate) fn seal_under(
        ring: &Ring,
        limit: usize,
        payload: &[u8],
        ttl: u32,
        now: UnixTime,
        token: &mut String,
        draw: impl FnOnce(&mut [u8]) -> Option<()>,
    ) -> Result<(), SealError> {
        Codec::<Sealed>::seal_under(ring, limit, payload, Some(ttl), token, now, draw)
    }

    /// Unseals under a ring that the caller borrowed, with the caller's options.
    #[cfg(feature = "device")]
    pub(crate) fn unseal_under(
        ring: &Ring,
        options: Options,
        token: &[u8],
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        Codec::<Sealed>::open_under(ring, options, token, payload, Ok(now))
    }

    /// Returns the octets of the token of a payload of `bytes` bytes; beyond `usize`, the greatest.
    pub(crate) const fn text_length(bytes: usize) -> usize {
        match base64url::text_length(bytes.saturating_add(Kind::Sealed.min_bytes())) {
            Some(length) => length,
            None => usize::MAX,
        }
    }
}

/// The cryptography of the sealed kind.
#[derive(Clone)]
enum Sealed {}

impl Protection for Sealed {
    const KIND: Kind = Kind::Sealed;

    /// ```text
    /// aad    = 0A B1 35 | key_id | salt
    /// subkey = HMAC-SHA256(K, "cretula-v1 token" | salt | 01)
    /// (ciphertext, tag) = AES-256-GCM-encrypt(key = subkey, iv = iv, aad = aad, plaintext = body)
    /// ```
    fn protect(key: &WorkingKey, token: &mut [u8]) -> Option<()> {
        let fields = SealedFields::split(token)?;
        let subkey = key.subkey(&fields.salt);
        *fields.tag = aead::encrypt(&subkey, fields.iv, fields.aad, fields.body)?;
        Some(())
    }

    fn open<'t>(key: &WorkingKey, token: &'t mut [u8]) -> Result<&'t [u8], UnsealError> {
        let fields = SealedFields::split(token).ok_or(UnsealError::TooShort)?;
        let subkey = key.subkey(&fields.salt);
        aead::decrypt(&subkey, fields.iv, fields.aad, fields.body, fields.tag).ok_or(UnsealError::AuthFailed)?;
        Ok(fields.body)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("Sealer", f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::{Sealer, UnixTime};
    use crate::{Key, Keyring, SealError, context::Context, options::Options, time::Clock};

    // covers: [SEAL-04]
    #[test]
    fn no_randomness_means_no_token() {
        let keyring = Keyring::from(Key::from_bytes(&[7; 32]).unwrap());
        let context = Context::new("a", "b").unwrap();
        let sealer = Sealer::new(&keyring, context, Options::default(), Clock::default(), None);
        let mut token = String::from("old");
        let sealed = sealer.seal_drawing(b"payload", 60, UnixTime::EPOCH, &mut token, |_| None);
        assert_eq!(sealed, Err(SealError::NoRandomness));
        assert_eq!(token, "");
    }
}
