//! What the keyring document (§11.4) and the session's payload (§19.1) ask of JSON beyond its grammar.

use serde::{Deserialize as _, Deserializer};
use serde_json::value::RawValue;

/// Keeps `null` as a value, where serde's `Option` would take it for an absent member.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Judges a number by its value as a binary64 number ([RING-14], [SESS-02]); `None` for what is no integer from 0 to
/// 2^53, and for what is no number.
pub(crate) fn integer(number: &str) -> Option<u64> {
    let value: f64 = number.parse().ok()?;
    #[expect(clippy::as_conversions, reason = "float to integer has no other form; saturates, and is compared back")]
    let whole = value as u64;
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "exact up to 2^53, and refused above")]
    let same = whole as f64 == value;
    (same && whole <= 1 << 53).then_some(whole)
}
