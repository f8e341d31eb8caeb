//! AES-256-GCM: the only user of the AEAD (§9 step 8, §10 step 6).

use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{AeadInOut as _, consts::U12},
    aes::Aes256Enc,
};

use crate::limits::{GCM_TAG_BYTES, IV_BYTES, SUBKEY_BYTES};

/// As `Aes256Gcm`, without the round keys of AES's decryption, which GCM does not use.
type Cipher = AesGcm<Aes256Enc, U12>;

/// Encrypts `body` in place and returns the tag. `None` only beyond 64 GiB.
pub(crate) fn encrypt(
    subkey: &[u8; SUBKEY_BYTES],
    iv: &[u8; IV_BYTES],
    aad: &[u8],
    body: &mut [u8],
) -> Option<[u8; GCM_TAG_BYTES]> {
    let cipher = Cipher::new(subkey.into());
    cipher.encrypt_inout_detached(iv.into(), aad, body.into()).ok().map(Into::into)
}

/// Checks the full 16-byte tag, in constant time, and only then decrypts `body` in place; `None` leaves it ciphertext.
pub(crate) fn decrypt(
    subkey: &[u8; SUBKEY_BYTES],
    iv: &[u8; IV_BYTES],
    aad: &[u8],
    body: &mut [u8],
    tag: &[u8; GCM_TAG_BYTES],
) -> Option<()> {
    let cipher = Cipher::new(subkey.into());
    cipher.decrypt_inout_detached(iv.into(), aad, body.into(), tag.into()).ok()
}
