//! Bytes ↔ fields, without cryptography (§7, and steps 1 to 4 of §10).

use alloc::vec::Vec;

use crate::{
    base64url,
    error::UnsealError,
    key::KeyId,
    limits::{
        GCM_TAG_BYTES, HMAC_TAG_BYTES, IV_BYTES, KEY_ID_BYTES, KIND_SEALED, KIND_SIGNED, MAGIC_SEALED, MAGIC_SIGNED,
        SALT_BYTES, SEALED_MIN_BYTES, SIGNED_MIN_BYTES,
    },
};

/// Bytes before a sealed token's ciphertext: magic, key id, salt, iv.
const SEALED_HEAD_BYTES: usize = 59;
/// Bytes before a signed token's body: magic, key id.
pub(crate) const SIGNED_HEAD_BYTES: usize = 35;
/// Bytes of a body before the payload: issued_at, ttl.
pub(crate) const BODY_HEAD_BYTES: usize = 10;

/// The kind of a token (§1).
///
/// ```
/// # use cretula::{Key, Kind, Site, UntrustedToken};
/// # use std::time::Duration;
/// # let site = Site::new(Key::generate()?, "a")?;
/// # let (sealer, signer) = (site.sealer("b").build()?, site.signer("b").build()?);
/// assert_eq!(UntrustedToken::parse(sealer.seal("hello", Duration::from_secs(60))?, 4096)?.kind, Kind::Sealed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Secrecy and integrity: `CrE1`.
    Sealed,
    /// Integrity; its holder can read the payload: `CrS1`.
    Signed,
}

impl Kind {
    pub(crate) const fn magic(self) -> [u8; 3] {
        match self {
            Self::Sealed => MAGIC_SEALED,
            Self::Signed => MAGIC_SIGNED,
        }
    }

    const fn magic_text(self) -> &'static [u8; 4] {
        match self {
            Self::Sealed => b"CrE1",
            Self::Signed => b"CrS1",
        }
    }

    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Sealed => KIND_SEALED,
            Self::Signed => KIND_SIGNED,
        }
    }

    /// Bytes before the body.
    pub(crate) const fn head_bytes(self) -> usize {
        match self {
            Self::Sealed => SEALED_HEAD_BYTES,
            Self::Signed => SIGNED_HEAD_BYTES,
        }
    }

    /// Bytes after the body.
    pub(crate) const fn tag_bytes(self) -> usize {
        match self {
            Self::Sealed => GCM_TAG_BYTES,
            Self::Signed => HMAC_TAG_BYTES,
        }
    }

    /// Bytes of the empty payload's token.
    pub(crate) const fn min_bytes(self) -> usize {
        match self {
            Self::Sealed => SEALED_MIN_BYTES,
            Self::Signed => SIGNED_MIN_BYTES,
        }
    }
}

/// Step 1: length in octets ≤ limit, before anything is decoded.
/// Step 2: the first four octets.
pub(crate) fn check_start(text: &[u8], limit: usize) -> Result<Kind, UnsealError> {
    if text.len() > limit {
        return Err(UnsealError::TooLong);
    }
    match text.first_chunk::<4>() {
        Some(start) if start == Kind::Sealed.magic_text() => Ok(Kind::Sealed),
        Some(start) if start == Kind::Signed.magic_text() => Ok(Kind::Signed),
        Some([b'C', b'r', b'E' | b'S', version]) if base64url::is_alphabet(*version) => {
            Err(UnsealError::UnsupportedVersion)
        }
        _ => Err(UnsealError::NotAToken),
    }
}

/// Step 3: canonical base64url. Step 4: the kind's least length. Appends the token's bytes to `out`.
pub(crate) fn decode(text: &[u8], kind: Kind, out: &mut Vec<u8>) -> Result<(), UnsealError> {
    base64url::decode(text, out).ok_or(UnsealError::Encoding)?;
    if out.len() < kind.min_bytes() { Err(UnsealError::TooShort) } else { Ok(()) }
}

/// Returns bytes 3..35 of a token of either kind.
pub(crate) fn key_id(token: &[u8]) -> Option<KeyId> {
    token.get(MAGIC_SEALED.len()..)?.first_chunk::<KEY_ID_BYTES>().copied().map(KeyId)
}

/// Appends magic and key id, with which a token of either kind begins.
pub(crate) fn push_start(kind: Kind, id: &KeyId, token: &mut Vec<u8>) {
    token.extend_from_slice(&kind.magic());
    token.extend_from_slice(id.as_bytes());
}

/// Appends `body = u48(issued_at) | u32(ttl) | payload`.
pub(crate) fn push_body(issued_at: u64, ttl: u32, payload: &[u8], token: &mut Vec<u8>) {
    let [_, _, issued_at @ ..] = issued_at.to_be_bytes();
    token.extend_from_slice(&issued_at);
    token.extend_from_slice(&ttl.to_be_bytes());
    token.extend_from_slice(payload);
}

/// Returns issued_at, ttl and payload of a body.
pub(crate) fn read_body(body: &[u8]) -> Option<(u64, u32, &[u8])> {
    let (&[a, b, c, d, e, f], rest) = body.split_first_chunk::<6>()?;
    let (&ttl, payload) = rest.split_first_chunk::<4>()?;
    Some((u64::from_be_bytes([0, 0, a, b, c, d, e, f]), u32::from_be_bytes(ttl), payload))
}

/// Borrows the fields of a sealed token (§7.3).
pub(crate) struct SealedFields<'a> {
    /// Bytes 0..47: magic, key id, salt.
    pub(crate) aad: &'a [u8],
    pub(crate) salt: [u8; SALT_BYTES],
    pub(crate) iv: &'a [u8; IV_BYTES],
    /// Ciphertext; after decryption in place, the body.
    pub(crate) body: &'a mut [u8],
    pub(crate) tag: &'a mut [u8; GCM_TAG_BYTES],
}

impl<'a> SealedFields<'a> {
    /// Splits a token's bytes; `None` below 85 bytes.
    pub(crate) fn split(token: &'a mut [u8]) -> Option<Self> {
        let (head, rest) = token.split_at_mut_checked(SEALED_HEAD_BYTES)?;
        let (body, tag) = rest.split_last_chunk_mut::<GCM_TAG_BYTES>()?;
        let (aad, iv) = head.split_last_chunk::<IV_BYTES>()?;
        let salt = *aad.last_chunk::<SALT_BYTES>()?;
        (body.len() >= BODY_HEAD_BYTES).then_some(Self { aad, salt, iv, body, tag })
    }
}

/// A token that was parsed and not authenticated: its sender chose every value here.
///
/// For tools that show tokens. It opens nothing and proves nothing.
///
/// ```
/// use cretula::{Key, Kind, Site, UntrustedToken};
/// use std::time::Duration;
///
/// let signer = Site::new(Key::generate()?, "shop.example")?.signer("promo").build()?;
/// let token = UntrustedToken::parse(signer.sign("10 % off", Duration::from_secs(3600))?, 4096)?;
/// assert_eq!(token.kind, Kind::Signed);
/// assert_eq!(token.unverified().map(|(_issued_at, ttl, payload)| (ttl, payload)), Some((3600, &b"10 % off"[..])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UntrustedToken {
    /// The kind, from the first four characters.
    pub kind: Kind,
    /// The key id, bytes 3..35.
    pub key_id: KeyId,
    /// All bytes of the token.
    pub bytes: Vec<u8>,
    /// The payload's length in bytes; the ciphertext shows it for the sealed kind as well.
    pub payload_length: usize,
}

impl UntrustedToken {
    /// Performs steps 1 to 4 of §10 for both kinds: at most `limit` octets (any number, unlike an opener's), known start,
    /// canonical text, least length.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, Site, UntrustedToken};
    /// # use std::time::Duration;
    /// # let site = Site::new(Key::generate()?, "a")?;
    /// # let (sealer, signer) = (site.sealer("b").build()?, site.signer("b").build()?);
    /// assert!(UntrustedToken::parse(sealer.seal("hello", Duration::from_secs(60))?, 4096).is_ok());
    /// assert_eq!(UntrustedToken::parse("CrE2", 4096).unwrap_err().code(), "unsupported_version");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UnsealError::TooLong`], [`UnsupportedVersion`](UnsealError::UnsupportedVersion),
    /// [`NotAToken`](UnsealError::NotAToken), [`Encoding`](UnsealError::Encoding), [`TooShort`](UnsealError::TooShort).
    pub fn parse(token: impl AsRef<[u8]>, limit: usize) -> Result<Self, UnsealError> {
        let text = token.as_ref();
        let kind = check_start(text, limit)?;
        let mut bytes = Vec::new();
        decode(text, kind, &mut bytes)?;
        let key_id = key_id(&bytes).ok_or(UnsealError::TooShort)?;
        let payload_length = bytes.len().saturating_sub(kind.min_bytes());
        Ok(Self { kind, key_id, bytes, payload_length })
    }

    /// Returns issued_at (seconds since the epoch), ttl (seconds) and payload of a signed token, none of them verified;
    /// `None` for a sealed one.
    ///
    /// ```
    /// # use cretula::{Key, Site, UntrustedToken};
    /// # use std::time::Duration;
    /// # let site = Site::new(Key::generate()?, "a")?;
    /// # let (sealer, signer) = (site.sealer("b").build()?, site.signer("b").build()?);
    /// let token = UntrustedToken::parse(signer.sign("hello", Duration::from_secs(60))?, 4096)?;
    /// assert!(token.unverified().is_some_and(|(_issued_at, ttl, payload)| (ttl, payload) == (60, b"hello")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unverified(&self) -> Option<(u64, u32, &[u8])> {
        match self.kind {
            Kind::Sealed => None,
            Kind::Signed => {
                let (authenticated, _tag) = self.bytes.split_last_chunk::<HMAC_TAG_BYTES>()?;
                read_body(authenticated.get(SIGNED_HEAD_BYTES..)?)
            }
        }
    }
}
