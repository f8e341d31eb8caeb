//! The sealed kind: secrecy and integrity (§7.3, §9, §10).

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    aead, base64url,
    codec::{self, Claims, Codec, Opened, Options, Ring},
    context::Context,
    error::{SealError, UnsealError},
    keyring::Keyring,
    limits::{GCM_TAG_BYTES, IV_BYTES, SALT_BYTES},
    random,
    time::UnixTime,
    wire::{self, Kind, SEALED_HEAD_BYTES, SealedFields},
};

/// Seals payloads into tokens that only a holder of the key can read or change, and unseals them.
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
pub struct Sealer(Codec);

/// Salt and iv of one token.
pub(crate) type Nonces = [u8; SALT_BYTES + IV_BYTES];

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
        Self(Codec::new(Kind::Sealed, keyring, context, options))
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
        self.seal_at(payload, ttl, UnixTime::now()?)
    }

    /// Seals as [`seal`](Self::seal) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let noon = UnixTime::new(1_790_000_000)?;
    /// let token = sealer.seal_at("hello", 60, noon)?;
    /// assert_eq!(sealer.unseal_at(&token, noon)?.claims.issued_at, noon.as_secs());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`seal`](Self::seal), but for the clock.
    pub fn seal_at(&self, payload: impl AsRef<[u8]>, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        let mut token = String::new();
        self.seal_into_at(payload, ttl, &mut token, now)?;
        Ok(token)
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
        token.clear();
        self.seal_into_at(payload, ttl, token, UnixTime::now()?)
    }

    /// Seals as [`seal_into`](Self::seal_into) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let mut token = String::new();
    /// sealer.seal_into_at("hello", 60, &mut token, UnixTime::new(1000)?)?;
    /// assert_eq!(sealer.unseal_at(&token, UnixTime::new(1000)?)?.payload, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        self.seal_drawing(payload.as_ref(), ttl, now, token, |nonces| random::fill(nonces))
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
        self.seal_json_at(value, ttl, UnixTime::now()?)
    }

    /// Seals as [`seal_json`](Self::seal_json) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = sealer.seal_json_at(&[17, 4], 60, UnixTime::new(1000)?)?;
    /// assert_eq!(sealer.unseal_at(&token, UnixTime::new(1000)?)?.payload, b"[17,4]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`seal_json`](Self::seal_json), but for the clock.
    pub fn seal_json_at<T: Serialize + ?Sized>(&self, value: &T, ttl: u32, now: UnixTime) -> Result<String, SealError> {
        let payload = Zeroizing::new(serde_json::to_vec(value).map_err(|_| SealError::PayloadUnserializable)?);
        self.seal_at(&*payload, ttl, now)
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
        self.unseal_at(token, UnixTime::now()?)
    }

    /// Unseals as [`unseal`](Self::unseal) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime, UnsealError};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = sealer.seal_at("hello", 60, UnixTime::new(1000)?)?;
    /// assert!(sealer.unseal_at(&token, UnixTime::new(1059)?).is_ok());
    /// assert_eq!(sealer.unseal_at(&token, UnixTime::new(1060)?), Err(UnsealError::Expired));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal), but for the clock.
    pub fn unseal_at(&self, token: impl AsRef<[u8]>, now: UnixTime) -> Result<Opened, UnsealError> {
        let mut payload = Vec::new();
        let claims = self.unseal_into_at(token, &mut payload, now)?;
        Ok(Opened { payload, claims })
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
        match UnixTime::now() {
            Ok(now) => self.unseal_into_at(token, payload, now),
            Err(error) => codec::finish(Err(error.into()), payload, 0, 0),
        }
    }

    /// Unseals as [`unseal_into`](Self::unseal_into) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = sealer.seal_at("hello", 60, UnixTime::new(1000)?)?;
    /// let mut payload = Vec::new();
    /// assert!(sealer.unseal_into_at(&token, &mut payload, UnixTime::new(1060)?).is_err() && payload.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`unseal`](Self::unseal), but for the clock.
    pub fn unseal_into_at(
        &self,
        token: impl AsRef<[u8]>,
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        self.unseal_in(&self.0.ring(), token.as_ref(), payload, now)
    }

    /// Unseals under the ring that a caller of [`with_ring`](Self::with_ring) has.
    pub(crate) fn unseal_in(
        &self,
        ring: &Ring,
        token: &[u8],
        payload: &mut Vec<u8>,
        now: UnixTime,
    ) -> Result<Claims, UnsealError> {
        payload.clear();
        let claims = self.open(ring, token, payload, now);
        codec::finish(claims, payload, SEALED_HEAD_BYTES + wire::BODY_HEAD_BYTES, GCM_TAG_BYTES)
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
        self.unseal_json_at(token, UnixTime::now()?)
    }

    /// Unseals as [`unseal_json`](Self::unseal_json) does, with the caller's clock.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Sealer, UnixTime};
    /// # let sealer = Sealer::new(&Keyring::from(Key::generate()?), &Context::new("a", "b")?);
    /// let token = sealer.seal_at("no json", 60, UnixTime::new(1000)?)?;
    /// let error = sealer.unseal_json_at::<Vec<u32>>(&token, UnixTime::new(1000)?).unwrap_err();
    /// assert_eq!(error.code(), "payload_invalid");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`unseal_json`](Self::unseal_json), but for the clock.
    pub fn unseal_json_at<T: DeserializeOwned>(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<(T, Claims), UnsealError> {
        let mut payload = Zeroizing::new(Vec::new());
        let claims = self.unseal_into_at(token, &mut payload, now)?;
        let value = serde_json::from_slice(&payload).map_err(|_| UnsealError::PayloadInvalid)?;
        Ok((value, claims))
    }

    /// Returns the octets of the token of a payload of `bytes` bytes; beyond `usize`, the greatest.
    #[cfg(feature = "session")]
    pub(crate) const fn text_length(bytes: usize) -> usize {
        match base64url::text_length(bytes.saturating_add(Kind::Sealed.min_bytes())) {
            Some(length) => length,
            None => usize::MAX,
        }
    }

    /// Lends the ring in force to what takes several steps ([RING-17]).
    #[cfg(feature = "session")]
    pub(crate) fn with_ring<R>(&self, steps: impl FnOnce(&Ring) -> R) -> R {
        steps(&self.0.ring())
    }

    /// Tells whether a text of at least 48 octets begins as a token of a key of the ring does: magic and key id.
    #[cfg(feature = "session")]
    pub(crate) fn knows(ring: &Ring, text: &[u8]) -> bool {
        let mut start = Vec::new();
        let begins = text.first_chunk::<48>().and_then(|text| base64url::decode(text, &mut start));
        begins.is_some()
            && start.starts_with(&Kind::Sealed.magic())
            && wire::key_id(&start).is_some_and(|id| ring.holds(id))
    }

    /// Returns the context.
    #[cfg(feature = "session")]
    pub(crate) const fn context(&self) -> &Context {
        self.0.parts().0
    }

    /// Steps 3 to 9 of §9. `draw` fills salt and iv: the operating system's generator, or the vectors' own.
    ///
    /// ```text
    /// aad    = 0A B1 35 | key_id | salt
    /// subkey = HMAC-SHA256(K, "cretula-v1 token" | salt | 01)
    /// body   = u48(now) | u32(ttl) | payload
    /// (ciphertext, tag) = AES-256-GCM-encrypt(key = subkey, iv = iv, aad = aad, plaintext = body)
    /// return base64url(aad | iv | ciphertext | tag)
    /// ```
    pub(crate) fn seal_drawing(
        &self,
        payload: &[u8],
        ttl: u32,
        now: UnixTime,
        token: &mut String,
        draw: impl FnOnce(&mut Nonces) -> Option<()>,
    ) -> Result<(), SealError> {
        token.clear();
        let ring = self.0.ring();
        let (key, length) = self.0.check_seal(&ring, payload, ttl, now)?;
        let mut nonces = Nonces::default();
        draw(&mut nonces).ok_or(SealError::NoRandomness)?;

        let mut bytes = Vec::with_capacity(length);
        wire::push_start(Kind::Sealed, &key.working.id, &mut bytes);
        bytes.extend_from_slice(&nonces);
        wire::push_body(now.as_secs(), ttl, payload, &mut bytes);
        bytes.extend_from_slice(&[0; GCM_TAG_BYTES]);

        // Neither can be: the token has its least length, and the limit is far below GCM's.
        let too_long = SealError::ResultTooLong { length, limit: length };
        let fields = SealedFields::split(&mut bytes).ok_or(too_long)?;
        let subkey = key.working.subkey(&fields.salt);
        let tag = aead::encrypt(&subkey, fields.iv, fields.aad, fields.body).ok_or(too_long)?;
        bytes.truncate(length.saturating_sub(GCM_TAG_BYTES));
        bytes.extend_from_slice(&tag);
        base64url::encode(&bytes, token);
        Ok(())
    }

    /// Steps 1 to 8 of §10. Leaves the token's bytes in `out`, its body decrypted if step 6 was passed.
    fn open(&self, ring: &Ring, token: &[u8], out: &mut Vec<u8>, now: UnixTime) -> Result<Claims, UnsealError> {
        let key = self.0.admit(ring, token, now, out)?;
        let fields = SealedFields::split(out).ok_or(UnsealError::TooShort)?;
        let subkey = key.working.subkey(&fields.salt);
        aead::decrypt(&subkey, fields.iv, fields.aad, fields.body, fields.tag).ok_or(UnsealError::AuthFailed)?;
        self.0.check_life(ring, key, fields.body, now)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (context, options) = self.0.parts();
        f.debug_struct("Sealer").field("context", context).field("options", options).finish_non_exhaustive()
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
