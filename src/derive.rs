//! Working key, key id and subkey (§6, §9).

use alloc::vec::Vec;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    context::Context,
    key::{Key, KeyId},
    limits::{INFO_LABEL, KEY_ID_BYTES, SALT_BYTES, SUBKEY_BYTES, SUBKEY_LABEL, WORKING_KEY_BYTES},
    wire::Kind,
};

/// The values that depend only on (master key, kind, context), computed once.
pub(crate) struct WorkingKey {
    /// HMAC-SHA256 keyed with the working key, its pads absorbed; the `zeroize` feature of `hmac` wipes it.
    mac: Hmac<Sha256>,
    pub(crate) id: KeyId,
}

impl WorkingKey {
    /// ```text
    /// info    = "cretula-v1" | 00 | kind | u8(len(audience)) | audience | u8(len(purpose)) | purpose
    /// okm     = HKDF-SHA256(ikm = master_key, salt = "", info = info, length = 64)
    /// K       = okm[0..32]
    /// key_id  = okm[32..64]
    /// ```
    /// `None` cannot happen: a context's fields are at most 255 bytes, and HKDF gives up to 8 160.
    pub(crate) fn derive(master: &Key, kind: Kind, context: &Context) -> Option<Self> {
        let mut info = Vec::from(INFO_LABEL);
        info.extend_from_slice(&[0, kind.byte()]);
        for field in [context.audience(), context.purpose()] {
            info.push(u8::try_from(field.len()).ok()?);
            info.extend_from_slice(field.as_bytes());
        }
        let hkdf = Hkdf::<Sha256>::new(None, master.secret());
        let mut okm = Zeroizing::new([0; WORKING_KEY_BYTES + KEY_ID_BYTES]);
        hkdf.expand(&info, okm.as_mut_slice()).ok()?;
        let (key, id) = okm.split_first_chunk::<WORKING_KEY_BYTES>()?;
        let mac = Hmac::new_from_slice(key).ok()?;
        Some(Self { mac, id: KeyId(*id.first_chunk()?) })
    }

    /// `subkey = HMAC-SHA256(K, "cretula-v1 token" | salt | 01)`
    pub(crate) fn subkey(&self, salt: &[u8; SALT_BYTES]) -> Zeroizing<[u8; SUBKEY_BYTES]> {
        let mut mac = self.mac();
        mac.update(SUBKEY_LABEL);
        mac.update(salt);
        mac.update(&[1]);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// Starts an HMAC-SHA256 under the working key.
    pub(crate) fn mac(&self) -> Hmac<Sha256> {
        self.mac.clone()
    }
}
