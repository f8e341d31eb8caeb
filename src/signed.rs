//! The signed kind: integrity; its holder can read the payload (§7.4, §9, §10).

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    base64url,
    codec::{self, Claims, Codec, Opened, Options},
    context::Context,
    error::{SealError, UnsealError},
    keyring::Keyring,
    limits::HMAC_TAG_BYTES,
    mac,
    time::UnixTime,
    wire::{self, Kind, SIGNED_HEAD_BYTES},
};

/// Signs payloads into tokens that only a holder of the key can change, and verifies them.
///
/// # Security
/// Whoever holds a token can read its payload and its times. Use a [`Sealer`](crate::Sealer) for anything that they may
/// not know.
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
pub struct Signer(Codec);

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
        Self(Codec::new(Kind::Signed, keyring, context, options))
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
        self.sign_at(payload, ttl, UnixTime::now()?)
    }

    /// Signs as [`sign`](Self::sign) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let noon = UnixTime::new(1_790_000_000)?;
    /// let token = signer.sign_at("hello", 60, noon)?;
    /// assert_eq!(signer.verify_at(&token, noon)?.claims.issued_at, noon.as_secs());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign`](Self::sign), but for the clock.
    pub fn sign_at(&self, payload: impl AsRef<[u8]>, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        let mut token = String::new();
        self.sign_into_at(payload, ttl, &mut token, now)?;
        Ok(token)
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
        token.clear();
        self.sign_into_at(payload, ttl, token, UnixTime::now()?)
    }

    /// Signs as [`sign_into`](Self::sign_into) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let mut token = String::new();
    /// signer.sign_into_at("hello", 60, &mut token, UnixTime::new(1000)?)?;
    /// assert_eq!(signer.verify_at(&token, UnixTime::new(1000)?)?.payload, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        token.clear();
        let payload = payload.as_ref();
        let ring = self.0.ring();
        let (key, length) = self.0.check_seal(&ring, payload, ttl, now)?;
        // m = 0A B4 B5 | key_id | u48(now) | u32(ttl) | payload
        // return base64url(m | HMAC-SHA256(K, m))
        let mut bytes = Vec::with_capacity(length);
        wire::push_start(Kind::Signed, &key.working.id, &mut bytes);
        wire::push_body(now.as_secs(), ttl, payload, &mut bytes);
        let tag = mac::tag(&key.working, &bytes);
        bytes.extend_from_slice(&tag);
        base64url::encode(&bytes, token);
        Ok(())
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
        self.sign_json_at(value, ttl, UnixTime::now()?)
    }

    /// Signs as [`sign_json`](Self::sign_json) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = signer.sign_json_at(&[17, 4], 60, UnixTime::new(1000)?)?;
    /// assert_eq!(signer.verify_at(&token, UnixTime::new(1000)?)?.payload, b"[17,4]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign_json`](Self::sign_json), but for the clock.
    pub fn sign_json_at<T: Serialize + ?Sized>(&self, value: &T, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        let payload = serde_json::to_vec(value).map_err(|_| SealError::PayloadUnserializable)?;
        self.sign_at(&payload, ttl, now)
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
        self.verify_at(token, UnixTime::now()?)
    }

    /// Verifies as [`verify`](Self::verify) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime, UnsealError};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = signer.sign_at("hello", 60, UnixTime::new(1000)?)?;
    /// assert!(signer.verify_at(&token, UnixTime::new(1059)?).is_ok());
    /// assert_eq!(signer.verify_at(&token, UnixTime::new(1060)?), Err(UnsealError::Expired));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify), but for the clock.
    pub fn verify_at(&self, token: impl AsRef<[u8]>, now: UnixTime) -> Result<Opened, UnsealError> {
        let mut payload = Vec::new();
        let claims = self.verify_into_at(token, &mut payload, now)?;
        Ok(Opened { payload, claims })
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
        match UnixTime::now() {
            Ok(now) => self.verify_into_at(token, payload, now),
            Err(error) => codec::finish(Err(error.into()), payload, 0, 0),
        }
    }

    /// Verifies as [`verify_into`](Self::verify_into) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = signer.sign_at("hello", 60, UnixTime::new(1000)?)?;
    /// let mut payload = Vec::new();
    /// assert!(signer.verify_into_at(&token, &mut payload, UnixTime::new(1060)?).is_err() && payload.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify), but for the clock.
    pub fn verify_into_at(
        &self,
        token: impl AsRef<[u8]>,
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        payload.clear();
        let claims = self.open(token.as_ref(), payload, now);
        codec::finish(claims, payload, SIGNED_HEAD_BYTES + wire::BODY_HEAD_BYTES, HMAC_TAG_BYTES)
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
        self.verify_json_at(token, UnixTime::now()?)
    }

    /// Verifies as [`verify_json`](Self::verify_json) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Signer, UnixTime};
    /// # let signer = Signer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = signer.sign_at("no json", 60, UnixTime::new(1000)?)?;
    /// let error = signer.verify_json_at::<Vec<u32>>(&token, UnixTime::new(1000)?).unwrap_err();
    /// assert_eq!(error.code(), "payload_invalid");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify_json`](Self::verify_json), but for the clock.
    pub fn verify_json_at<T: DeserializeOwned>(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<(T, Claims), UnsealError> {
        let mut payload = Vec::new();
        let claims = self.verify_into_at(token, &mut payload, now)?;
        let value = serde_json::from_slice(&payload).map_err(|_| UnsealError::PayloadInvalid)?;
        Ok((value, claims))
    }

    /// Steps 1 to 8 of §10. Leaves the token's bytes in `out`.
    fn open(&self, token: &[u8], out: &mut Vec<u8>, now: UnixTime) -> Result<Claims, UnsealError> {
        let ring = self.0.ring();
        let key = self.0.admit(&ring, token, now, out)?;
        let (message, tag) = out.split_last_chunk::<HMAC_TAG_BYTES>().ok_or(UnsealError::TooShort)?;
        mac::verify(&key.working, message, tag).ok_or(UnsealError::AuthFailed)?;
        let body = message.get(SIGNED_HEAD_BYTES..).ok_or(UnsealError::TooShort)?;
        self.0.check_life(&ring, key, body, now)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (context, options) = self.0.parts();
        f.debug_struct("Signer").field("context", context).field("options", options).finish_non_exhaustive()
    }
}
