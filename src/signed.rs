//! The signed kind: integrity; its holder can read the payload (§7.4, §9, §10).

use alloc::{string::String, vec::Vec};
use core::{fmt, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec::{Codec, Protection},
    context::Context,
    derive::WorkingKey,
    error::{SealError, UnsealError},
    keyring::Keyring,
    limits::HMAC_TAG_BYTES,
    mac,
    opened::{Claims, Opened},
    options::Options,
    ring::{Keeps, RingInForce},
    time::Clock,
    wire::{Kind, SIGNED_HEAD_BYTES},
};

/// A maker and verifier of signed tokens, which only a holder of the key can change.
///
/// # Security
/// Anyone who holds a token can read its payload and its times. Use a [`Sealer`](crate::Sealer) for anything that they
/// may not know.
///
/// Make one for each purpose at start-up and share it: it is `Send`, `Sync` and cheap to clone, and everything that
/// depends on key, audience and purpose alone is computed once.
///
/// ```
/// use cretula::{Key, Site};
/// use std::time::Duration;
///
/// let site = Site::new(Key::generate()?, "shop.example")?;
/// let signer = site.signer("session").build()?;
///
/// let token = signer.sign(r#"{"theme":"dark"}"#, Duration::from_secs(1800))?; // alive for half an hour
/// let opened = signer.verify(&token)?;
/// assert_eq!(opened.payload, br#"{"theme":"dark"}"#);
/// assert_eq!(opened.claims.expires_at.as_secs(), opened.claims.issued_at.as_secs() + 1800);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Signer(Codec<Signed>);

impl Signer {
    pub(crate) fn new(keyring: &Keyring, context: Context, options: Options, clock: Clock, keeps: Keeps) -> Self {
        Self(Codec::new(keyring, context, Vec::new(), options, clock, keeps))
    }

    pub(crate) const fn ring(&self) -> &RingInForce {
        self.0.ring()
    }

    #[cfg(feature = "hazmat")]
    pub(crate) fn with_clock(&self, clock: Clock) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// Signs a payload of any bytes for a life of `ttl` seconds (1 to 34 560 000) from now. The text has
    /// ⌈(77 + n) · 4 / 3⌉ characters for n bytes.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, Site};
    /// # use std::time::Duration;
    /// # let signer = Site::new(Key::generate()?, "a")?.signer("b").build()?;
    /// let token = signer.sign(r#"{"user":"ada"}"#, Duration::from_secs(1800))?;
    /// assert_eq!(signer.sign("", Duration::from_secs(0)).unwrap_err().code(), "ttl_range");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealError::TtlRange`], [`NoSealingKey`](SealError::NoSealingKey), [`ResultTooLong`](SealError::ResultTooLong),
    /// [`NoClock`](SealError::NoClock).
    pub fn sign(&self, payload: impl AsRef<[u8]>, ttl: Duration) -> Result<String, SealError> {
        self.0.seal(payload.as_ref(), ttl)
    }

    /// Signs into the caller's text, which is cleared first and empty after an error.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let signer = Site::new(Key::generate()?, "a")?.signer("b").build()?;
    /// let mut token = String::new();
    /// signer.sign_into("hello", Duration::from_secs(60), &mut token)?;
    /// assert!(token.starts_with("CrS1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_into(&self, payload: impl AsRef<[u8]>, ttl: Duration, token: &mut String) -> Result<(), SealError> {
        self.0.seal_into(payload.as_ref(), ttl, token)
    }

    /// Signs the JSON form of a value.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let signer = Site::new(Key::generate()?, "a")?.signer("b").build()?;
    /// let token = signer.sign_json(&("ada", 3), Duration::from_secs(60))?;
    /// let (user, claims): ((String, u32), _) = signer.verify_json(&token)?;
    /// assert_eq!(user, ("ada".to_owned(), 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign`](Self::sign), and [`SealError::PayloadUnserializable`].
    pub fn sign_json<T: Serialize + ?Sized>(&self, value: &T, ttl: Duration) -> Result<String, SealError> {
        self.0.seal_json(value, ttl)
    }

    /// Verifies a token.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, Site};
    /// # use std::time::Duration;
    /// # let signer = Site::new(Key::generate()?, "a")?.signer("b").build()?;
    /// assert_eq!(signer.verify(signer.sign("hello", Duration::from_secs(60))?)?.payload, b"hello");
    /// assert_eq!(signer.verify("undefined").unwrap_err().code(), "not_a_token");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The first fault in the order of §10: [`UnsealError`]; [`NoClock`](UnsealError::NoClock) without a clock.
    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<Opened, UnsealError> {
        self.0.open(token.as_ref())
    }

    /// Verifies into the caller's buffer, which is cleared first and empty after an error.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let signer = Site::new(Key::generate()?, "a")?.signer("b").build()?;
    /// let mut payload = Vec::new();
    /// let claims = signer.verify_into(signer.sign("hello", Duration::from_secs(60))?, &mut payload)?;
    /// assert_eq!(payload, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_into(&self, token: impl AsRef<[u8]>, payload: &mut Vec<u8>) -> Result<Claims, UnsealError> {
        self.0.open_into(token.as_ref(), payload)
    }

    /// Verifies a value from its JSON form.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # use std::time::Duration;
    /// # let signer = Site::new(Key::generate()?, "a")?.signer("b").build()?;
    /// let (basket, claims) = signer.verify_json::<Vec<u32>>(signer.sign_json(&[17, 4], Duration::from_secs(60))?)?;
    /// assert_eq!(basket, [17, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify), and [`UnsealError::PayloadInvalid`] for a payload that is not the JSON form of a `T`.
    pub fn verify_json<T: DeserializeOwned>(&self, token: impl AsRef<[u8]>) -> Result<(T, Claims), UnsealError> {
        self.0.open_json(token.as_ref())
    }
}

/// The cryptography of the signed kind.
#[derive(Clone)]
enum Signed {}

impl Protection for Signed {
    const KIND: Kind = Kind::Signed;

    /// ```text
    /// m   = 0A B4 B5 | key_id | u48(now) | u32(ttl) | payload
    /// tag = HMAC-SHA256(K, m)
    /// ```
    fn protect(key: &WorkingKey, token: &mut [u8]) -> Option<()> {
        let (message, tag) = token.split_last_chunk_mut::<HMAC_TAG_BYTES>()?;
        *tag = mac::tag(key, message);
        Some(())
    }

    fn open<'t>(key: &WorkingKey, token: &'t mut [u8]) -> Result<&'t [u8], UnsealError> {
        let (message, tag) = token.split_last_chunk::<HMAC_TAG_BYTES>().ok_or(UnsealError::TooShort)?;
        mac::verify(key, message, tag).ok_or(UnsealError::AuthFailed)?;
        message.get(SIGNED_HEAD_BYTES..).ok_or(UnsealError::TooShort)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("Signer", f)
    }
}
