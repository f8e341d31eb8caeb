//! What the tests expect, without the crate: tokens from the vector generator's reference, texts bit by bit.

use std::collections::BTreeMap;

use cretula::Kind;
use cretula_vectors::reference::Source;

/// A master key's bytes.
pub(crate) type Secret = [u8; 32];

/// The 64 characters in the order of their values (RFC 4648 §5).
pub(crate) const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Decodes bit by bit (§7.1); `None` for what is not canonical.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for octet in text {
        let value = ALPHABET.iter().position(|known| known == octet)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let unused = bits.split_off(bits.len() / 8 * 8);
    if unused.len() >= 6 || unused.contains(&1) {
        return None;
    }
    let byte = |bits: &[usize]| u8::try_from(bits.iter().fold(0, |sum, bit| sum * 2 + bit)).unwrap();
    Some(bits.chunks(8).map(byte).collect())
}

/// Encodes bit by bit (§7.1).
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut bits: Vec<_> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| usize::from(byte >> bit & 1))).collect();
    bits.resize(bits.len().div_ceil(6) * 6, 0);
    let character = |bits: &[usize]| char::from(ALPHABET[bits.iter().fold(0, |sum, bit| sum * 2 + bit)]);
    bits.chunks(6).map(character).collect()
}

/// Returns the bytes of an authentic token (§7, §9), its times and its ttl in range or not.
pub(crate) fn build(
    secret: &Secret,
    kind: Kind,
    (audience, purpose): (&str, &str),
    (issued_at, ttl, payload): (u64, u32, &[u8]),
    (salt, iv): ([u8; 12], [u8; 12]),
) -> Vec<u8> {
    let source = Source {
        kind: letter(kind),
        key: secret.to_vec(),
        audience: audience.to_owned(),
        purpose: purpose.to_owned(),
        issued_at,
        ttl: ttl.into(),
        payload: payload.to_vec(),
        salt: salt.to_vec(),
        iv: iv.to_vec(),
        set: BTreeMap::new(),
    };
    source.build().bytes
}

/// Returns the kind byte of the derivation (§6).
pub(crate) const fn letter(kind: Kind) -> u8 {
    match kind {
        Kind::Sealed => b'E',
        Kind::Signed => b'S',
    }
}
