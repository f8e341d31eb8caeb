//! HMAC-SHA256 as a tag: the signed kind's integrity (§9 step 8, §10 step 6).

use hmac::Mac as _;

use crate::{derive::WorkingKey, limits::HMAC_TAG_BYTES};

/// Returns the tag of `message`.
pub(crate) fn tag(key: &WorkingKey, message: &[u8]) -> [u8; HMAC_TAG_BYTES] {
    let mut mac = key.mac();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Checks all 32 bytes of a tag, in constant time.
pub(crate) fn verify(key: &WorkingKey, message: &[u8], tag: &[u8; HMAC_TAG_BYTES]) -> Option<()> {
    let mut mac = key.mac();
    mac.update(message);
    mac.verify(tag.into()).ok()
}
