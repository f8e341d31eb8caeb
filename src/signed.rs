//! The signed kind: integrity; its holder can read the payload (§7.4, §9, §10).

use alloc::{string::String, vec::Vec};
use core::fmt;

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
    time::UnixTime,
    wire::{Kind, SIGNED_HEAD_BYTES},
};

/// A maker and verifier of signed tokens, which only a holder of the key can change.
///
/// # Security
/// Anyone who holds a token can read its payload and its times. Use a [`Sealer`](crate::Sealer) for anything that they
/// may not know.
///
/// Make one for each context at start-up and share it: it is `Send`, `Sync` and cheap to clone, and everything that
/// depends on key and context alone is computed once. Clones share the keyring.
///
/// ```
/// use cretula::{Context, Key, Keyring, Signer};
///
/// let keyring = Keyring::from(Key::generate()?);
/// let signer = Signer::new(&keyring, &Context::new("shop.example", "session")?);
///
/// let token = signer.sign(r#"{"theme":"dark"}"#, 1800)?; // alive for half an hour
/// let opened = signer.verify(&token)?;
/// assert_eq!(opened.payload, br#"{"theme":"dark"}"#);
/// assert_eq!(opened.claims.expires_at, opened.claims.issued_at + 1800);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Signer(Codec<Signed>);

impl Signer {
    /// Makes a signer with the default [`Options`].
    ///
    /// ```
    /// use cretula::{Context, Key, Keyring, Signer};
    ///
    /// let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("shop.example", "session")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(keyring: &Keyring, context: &Context) -> Self {
        Self::with_options(keyring, context, Options::default())
    }

    /// Makes a signer.
    ///
    /// ```
    /// use cretula::{Context, Key, Keyring, Options, Signer};
    ///
    /// let options = Options::default().limit(4000)?; // what fits a cookie
    /// let signer = Signer::with_options(&Keyring::from(Key::generate()?), &Context::new("a", "b")?, options);
    /// assert_eq!(signer.sign(vec![0; 4000], 60).unwrap_err().code(), "result_too_long");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_options(keyring: &Keyring, context: &Context, options: Options) -> Self {
        Self(Codec::new(keyring, context, options))
    }

    /// Puts another keyring in force for this signer and all its clones, at once and whole (§11.5). Readers do not
    /// wait: calls under way end with the ring they began with.
    ///
    /// A keyring that does not parse never gets here, so the old one stays:
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// # let read_secret_file = || "{oops";
    /// match Keyring::parse(read_secret_file()) {
    ///     Ok(keyring) => signer.replace_keyring(&keyring),
    ///     Err(error) => eprintln!("alarm: keyring not replaced: {error}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reload")]
    pub fn replace_keyring(&self, keyring: &Keyring) {
        self.0.replace_keyring(keyring);
    }

    /// Signs a payload of any bytes for a life of `ttl` seconds (1 to 34 560 000) from now. The text has
    /// ⌈(77 + n) · 4 / 3⌉ characters for n bytes.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = signer.sign(r#"{"user":"ada"}"#, 1800)?;
    /// assert_eq!(signer.sign("", 0).unwrap_err().code(), "ttl_range");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealError::TtlRange`], [`NoSealingKey`](SealError::NoSealingKey), [`ResultTooLong`](SealError::ResultTooLong),
    /// [`NoClock`](SealError::NoClock).
    #[cfg(feature = "std")]
    pub fn sign(&self, payload: impl AsRef<[u8]>, ttl: u32) -> Result<String, SealError> {
        self.0.seal(payload.as_ref(), ttl, UnixTime::now())
    }

    /// Signs as [`sign`](Self::sign) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`sign`](Self::sign), but for the clock.
    pub fn sign_at(&self, payload: impl AsRef<[u8]>, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        self.0.seal(payload.as_ref(), ttl, Ok(now))
    }

    /// Signs into the caller's text, which is cleared first and empty after an error.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let mut token = String::new();
    /// signer.sign_into("hello", 60, &mut token)?;
    /// assert!(token.starts_with("CrS1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    #[cfg(feature = "std")]
    pub fn sign_into(&self, payload: impl AsRef<[u8]>, ttl: u32, token: &mut String) -> Result<(), SealError> {
        self.0.seal_into(payload.as_ref(), ttl, token, UnixTime::now())
    }

    /// Signs as [`sign_into`](Self::sign_into) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`sign`](Self::sign), but for the clock.
    pub fn sign_into_at(
        &self,
        payload: impl AsRef<[u8]>,
        ttl: u32,
        token: &mut String,
        now: UnixTime,
    ) -> Result<(), SealError> {
        self.0.seal_into(payload.as_ref(), ttl, token, Ok(now))
    }

    /// Signs the JSON form of a value.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = signer.sign_json(&("ada", 3), 60)?;
    /// let (user, claims): ((String, u32), _) = signer.verify_json(&token)?;
    /// assert_eq!(user, ("ada".to_owned(), 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign`](Self::sign), and [`SealError::PayloadUnserializable`].
    #[cfg(feature = "std")]
    pub fn sign_json<T: Serialize + ?Sized>(&self, value: &T, ttl: u32) -> Result<String, SealError> {
        self.0.seal_json(value, ttl, UnixTime::now())
    }

    /// Signs as [`sign_json`](Self::sign_json) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`sign_json`](Self::sign_json), but for the clock.
    pub fn sign_json_at<T: Serialize + ?Sized>(&self, value: &T, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        self.0.seal_json(value, ttl, Ok(now))
    }

    /// Verifies a token.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// assert_eq!(signer.verify(signer.sign("hello", 60)?)?.payload, b"hello");
    /// assert_eq!(signer.verify("undefined").unwrap_err().code(), "not_a_token");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The first fault in the order of §10: [`UnsealError`]; [`NoClock`](UnsealError::NoClock) without a clock.
    #[cfg(feature = "std")]
    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<Opened, UnsealError> {
        self.0.open(token.as_ref(), UnixTime::now())
    }

    /// Verifies as [`verify`](Self::verify) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), but for the clock.
    pub fn verify_at(&self, token: impl AsRef<[u8]>, now: UnixTime) -> Result<Opened, UnsealError> {
        self.0.open(token.as_ref(), Ok(now))
    }

    /// Verifies into the caller's buffer, which is cleared first and empty after an error.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let mut payload = Vec::new();
    /// let claims = signer.verify_into(signer.sign("hello", 60)?, &mut payload)?;
    /// assert_eq!(payload, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    #[cfg(feature = "std")]
    pub fn verify_into(&self, token: impl AsRef<[u8]>, payload: &mut Vec<u8>) -> Result<Claims, UnsealError> {
        self.0.open_into(token.as_ref(), payload, UnixTime::now())
    }

    /// Verifies as [`verify_into`](Self::verify_into) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), but for the clock.
    pub fn verify_into_at(
        &self,
        token: impl AsRef<[u8]>,
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        self.0.open_into(token.as_ref(), payload, Ok(now))
    }

    /// Verifies a value from its JSON form.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let (basket, claims) = signer.verify_json::<Vec<u32>>(signer.sign_json(&[17, 4], 60)?)?;
    /// assert_eq!(basket, [17, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify), and [`UnsealError::PayloadInvalid`] for a payload that is not the JSON form of a `T`.
    #[cfg(feature = "std")]
    pub fn verify_json<T: DeserializeOwned>(&self, token: impl AsRef<[u8]>) -> Result<(T, Claims), UnsealError> {
        self.0.open_json(token.as_ref(), UnixTime::now())
    }

    /// Verifies as [`verify_json`](Self::verify_json) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`verify_json`](Self::verify_json), but for the clock.
    pub fn verify_json_at<T: DeserializeOwned>(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<(T, Claims), UnsealError> {
        self.0.open_json(token.as_ref(), Ok(now))
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
