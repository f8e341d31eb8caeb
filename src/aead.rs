//! AES-256-GCM: the only user of the AEAD (§9 step 8, §10 step 6), and where the feature `aws-lc` decides whose it is.

#[cfg(feature = "aws-lc")]
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

#[cfg(not(feature = "aws-lc"))]
use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{AeadInOut as _, consts::U12},
    aes::Aes256Enc,
};

use crate::limits::{GCM_TAG_BYTES, IV_BYTES, SUBKEY_BYTES};

/// As `Aes256Gcm`, without the round keys of AES's decryption, which GCM does not use.
#[cfg(not(feature = "aws-lc"))]
type Cipher = AesGcm<Aes256Enc, U12>;

/// Encrypts `body` in place and returns the tag. `None` only beyond 64 GiB, and with `aws-lc` without memory for the key.
pub(crate) fn encrypt(
    subkey: &[u8; SUBKEY_BYTES],
    iv: &[u8; IV_BYTES],
    aad: &[u8],
    body: &mut [u8],
) -> Option<[u8; GCM_TAG_BYTES]> {
    #[cfg(feature = "aws-lc")]
    {
        let tag = cipher(subkey)?.seal_in_place_separate_tag(Nonce::from(iv), Aad::from(aad), body).ok()?;
        tag.as_ref().try_into().ok()
    }
    #[cfg(not(feature = "aws-lc"))]
    {
        let cipher = Cipher::new(subkey.into());
        cipher.encrypt_inout_detached(iv.into(), aad, body.into()).ok().map(Into::into)
    }
}

/// Decrypts `body` in place if the full 16-byte tag is its own, compared in constant time. `None` leaves no plaintext
/// behind: RustCrypto decrypts after the check, AWS-LC overwrites `body` with zeros.
pub(crate) fn decrypt(
    subkey: &[u8; SUBKEY_BYTES],
    iv: &[u8; IV_BYTES],
    aad: &[u8],
    body: &mut [u8],
    tag: &[u8; GCM_TAG_BYTES],
) -> Option<()> {
    #[cfg(feature = "aws-lc")]
    {
        cipher(subkey)?.open_in_place_separate_tag(Nonce::from(iv), Aad::from(aad), tag, body).ok().map(drop)
    }
    #[cfg(not(feature = "aws-lc"))]
    {
        let cipher = Cipher::new(subkey.into());
        cipher.decrypt_inout_detached(iv.into(), aad, body.into(), tag.into()).ok()
    }
}

/// The round keys are on AWS-LC's heap, and are wiped when it frees them.
#[cfg(feature = "aws-lc")]
fn cipher(subkey: &[u8; SUBKEY_BYTES]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, subkey).ok().map(LessSafeKey::new)
}
