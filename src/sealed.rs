//! The sealed kind: secrecy and integrity (§7.3, §9, §10).

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    aead,
    codec::{Codec, Protection},
    context::Context,
    derive::WorkingKey,
    error::{SealError, UnsealError},
    keyring::Keyring,
    opened::{Claims, Opened},
    options::Options,
    time::UnixTime,
    wire::{Kind, SealedFields},
};
#[cfg(feature = "session")]
use crate::{
    base64url,
    ring::{Ring, RingInForce},
};

/// A maker and opener of sealed tokens, which only a holder of the key can read or change.
///
/// Make one for each context at start-up and share it: it is `Send`, `Sync` and cheap to clone, and everything that
/// depends on key and context alone is computed once. Clones share the keyring.
///
/// ```
/// use cretula::{Context, Key, Keyring, Sealer};
///
/// let keyring = Keyring::from(Key::generate()?);
/// let sealer = Sealer::new(&keyring, &Context::new("shop.example", "session")?);
///
/// let token = sealer.seal(r#"{"user":"ada"}"#, 1800)?; // alive for half an hour
/// let opened = sealer.unseal(&token)?;
/// assert_eq!(opened.payload, br#"{"user":"ada"}"#);
/// assert_eq!(opened.claims.expires_at, opened.claims.issued_at + 1800);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Sealer(Codec<Sealed>);

impl Sealer {
    /// Makes a sealer with the default [`Options`].
    ///
    /// ```
    /// use cretula::{Context, Key, Keyring, Sealer};
    ///
    /// let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("shop.example", "session")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(keyring: &Keyring, context: &Context) -> Self {
        Self::with_options(keyring, context, Options::default())
    }

    /// Makes a sealer.
    ///
    /// ```
    /// use cretula::{Context, Key, Keyring, Options, Sealer};
    ///
    /// let options = Options::default().limit(4000)?; // what fits a cookie
    /// let sealer = Sealer::with_options(&Keyring::from(Key::generate()?), &Context::new("a", "b")?, options);
    /// assert_eq!(sealer.seal(vec![0; 4000], 60).unwrap_err().code(), "result_too_long");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_options(keyring: &Keyring, context: &Context, options: Options) -> Self {
        Self(Codec::new(keyring, context, options))
    }

    /// Puts another keyring in force for this sealer and all its clones, at once and whole (§11.5). Readers do not
    /// wait: calls under way end with the ring they began with.
    ///
    /// A keyring that does not parse never gets here, so the old one stays:
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// # let read_secret_file = || "{oops";
    /// match Keyring::parse(read_secret_file()) {
    ///     Ok(keyring) => sealer.replace_keyring(&keyring),
    ///     Err(error) => eprintln!("alarm: keyring not replaced: {error}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reload")]
    pub fn replace_keyring(&self, keyring: &Keyring) {
        self.0.replace_keyring(keyring);
    }

    /// Seals a payload of any bytes for a life of `ttl` seconds (1 to 34 560 000) from now. The text has
    /// ⌈(85 + n) · 4 / 3⌉ characters for n bytes.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = sealer.seal(r#"{"user":"ada"}"#, 1800)?;
    /// assert_eq!(sealer.seal("", 0).unwrap_err().code(), "ttl_range");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealError::TtlRange`], [`NoSealingKey`](SealError::NoSealingKey), [`ResultTooLong`](SealError::ResultTooLong),
    /// [`NoRandomness`](SealError::NoRandomness), [`NoClock`](SealError::NoClock).
    #[cfg(feature = "std")]
    pub fn seal(&self, payload: impl AsRef<[u8]>, ttl: u32) -> Result<String, SealError> {
        self.0.seal(payload.as_ref(), ttl, UnixTime::now())
    }

    /// Seals as [`seal`](Self::seal) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`seal`](Self::seal), but for the clock.
    pub fn seal_at(&self, payload: impl AsRef<[u8]>, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        self.0.seal(payload.as_ref(), ttl, Ok(now))
    }

    /// Seals into the caller's text, which is cleared first and empty after an error.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let mut token = String::new();
    /// sealer.seal_into("hello", 60, &mut token)?;
    /// assert!(token.starts_with("CrE1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    #[cfg(feature = "std")]
    pub fn seal_into(&self, payload: impl AsRef<[u8]>, ttl: u32, token: &mut String) -> Result<(), SealError> {
        self.0.seal_into(payload.as_ref(), ttl, token, UnixTime::now())
    }

    /// Seals as [`seal_into`](Self::seal_into) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`seal`](Self::seal), but for the clock.
    pub fn seal_into_at(
        &self,
        payload: impl AsRef<[u8]>,
        ttl: u32,
        token: &mut String,
        now: UnixTime,
    ) -> Result<(), SealError> {
        self.0.seal_into(payload.as_ref(), ttl, token, Ok(now))
    }

    /// Seals the JSON form of a value.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = sealer.seal_json(&("ada", 3), 60)?;
    /// let (user, claims): ((String, u32), _) = sealer.unseal_json(&token)?;
    /// assert_eq!(user, ("ada".to_owned(), 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`seal`](Self::seal), and [`SealError::PayloadUnserializable`].
    #[cfg(feature = "std")]
    pub fn seal_json<T: Serialize + ?Sized>(&self, value: &T, ttl: u32) -> Result<String, SealError> {
        self.0.seal_json(value, ttl, UnixTime::now())
    }

    /// Seals as [`seal_json`](Self::seal_json) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`seal_json`](Self::seal_json), but for the clock.
    pub fn seal_json_at<T: Serialize + ?Sized>(&self, value: &T, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        self.0.seal_json(value, ttl, Ok(now))
    }

    /// Unseals a token.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// assert_eq!(sealer.unseal(sealer.seal("hello", 60)?)?.payload, b"hello");
    /// assert_eq!(sealer.unseal("undefined").unwrap_err().code(), "not_a_token");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The first fault in the order of §10: [`UnsealError`]; [`NoClock`](UnsealError::NoClock) without a clock.
    #[cfg(feature = "std")]
    pub fn unseal(&self, token: impl AsRef<[u8]>) -> Result<Opened, UnsealError> {
        self.0.open(token.as_ref(), UnixTime::now())
    }

    /// Unseals as [`unseal`](Self::unseal) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal), but for the clock.
    pub fn unseal_at(&self, token: impl AsRef<[u8]>, now: UnixTime) -> Result<Opened, UnsealError> {
        self.0.open(token.as_ref(), Ok(now))
    }

    /// Unseals into the caller's buffer, which is cleared first, and after an error is empty with every plaintext byte
    /// wiped.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let mut payload = Vec::new();
    /// let claims = sealer.unseal_into(sealer.seal("hello", 60)?, &mut payload)?;
    /// assert_eq!(payload, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal).
    #[cfg(feature = "std")]
    pub fn unseal_into(&self, token: impl AsRef<[u8]>, payload: &mut Vec<u8>) -> Result<Claims, UnsealError> {
        self.0.open_into(token.as_ref(), payload, UnixTime::now())
    }

    /// Unseals as [`unseal_into`](Self::unseal_into) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal), but for the clock.
    pub fn unseal_into_at(
        &self,
        token: impl AsRef<[u8]>,
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        self.0.open_into(token.as_ref(), payload, Ok(now))
    }

    /// Unseals a value from its JSON form.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let (basket, claims) = sealer.unseal_json::<Vec<u32>>(sealer.seal_json(&[17, 4], 60)?)?;
    /// assert_eq!(basket, [17, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal), and [`UnsealError::PayloadInvalid`] for a payload that is not the JSON form of a `T`.
    #[cfg(feature = "std")]
    pub fn unseal_json<T: DeserializeOwned>(&self, token: impl AsRef<[u8]>) -> Result<(T, Claims), UnsealError> {
        self.0.open_json(token.as_ref(), UnixTime::now())
    }

    /// Unseals as [`unseal_json`](Self::unseal_json) does, with the caller's clock.
    ///
    /// # Errors
    /// As [`unseal_json`](Self::unseal_json), but for the clock.
    pub fn unseal_json_at<T: DeserializeOwned>(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<(T, Claims), UnsealError> {
        self.0.open_json(token.as_ref(), Ok(now))
    }

    /// Seals as [`seal_into_at`](Self::seal_into_at) does, with salt and iv from `draw`.
    #[cfg(any(feature = "session", feature = "hazmat", test))]
    pub(crate) fn seal_drawing(
        &self,
        payload: &[u8],
        ttl: u32,
        now: UnixTime,
        token: &mut String,
        draw: impl FnOnce(&mut [u8]) -> Option<()>,
    ) -> Result<(), SealError> {
        self.0.seal_drawing(payload, ttl, token, Ok(now), draw)
    }
}

/// For sessions, which open several tokens in one call, and ask before they seal.
#[cfg(feature = "session")]
impl Sealer {
    pub(crate) const fn context(&self) -> &Context {
        self.0.context()
    }

    pub(crate) const fn ring(&self) -> &RingInForce {
        self.0.ring()
    }

    /// Unseals as [`unseal_into_at`](Self::unseal_into_at) does, under a ring that the caller borrowed.
    pub(crate) fn unseal_in(
        &self,
        ring: &Ring,
        token: &[u8],
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        self.0.open_in(ring, token, payload, Ok(now))
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

    use super::Sealer;
    use crate::{Context, Key, Keyring, SealError, UnixTime};

    // covers: [SEAL-04]
    #[test]
    fn no_randomness_means_no_token() {
        let keyring = Keyring::from(Key::from_bytes(&[7; 32]).unwrap());
        let sealer = Sealer::new(&keyring, &Context::new("a", "b").unwrap());
        let mut token = String::from("old");
        let sealed = sealer.seal_drawing(b"payload", 60, UnixTime::new(0).unwrap(), &mut token, |_| None);
        assert_eq!(sealed, Err(SealError::NoRandomness));
        assert_eq!(token, "");
    }
}
