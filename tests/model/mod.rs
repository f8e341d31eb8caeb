//! The specification a second time, as plainly as it can be written: for the expectations of the tests.
//!
//! Uses the bare primitives and nothing of the crate but the names of the two kinds.

use aes_gcm::{Aes256Gcm, KeyInit as _, aead::AeadInOut as _};
use cretula::Kind;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

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

/// Returns the working key and the key id (§6).
pub(crate) fn derive(secret: &Secret, kind: Kind, (audience, purpose): (&str, &str)) -> (Secret, Secret) {
    let mut info = b"cretula-v1\0".to_vec();
    info.push(if kind == Kind::Sealed { b'E' } else { b'S' });
    for field in [audience, purpose] {
        info.push(u8::try_from(field.len()).unwrap());
        info.extend(field.bytes());
    }
    let mut okm = [0; 64];
    Hkdf::<Sha256>::new(Some(&[0; 32]), secret).expand(&info, &mut okm).unwrap();
    (okm[..32].try_into().unwrap(), okm[32..].try_into().unwrap())
}

fn hmac(key: &Secret, message: &[u8]) -> Secret {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().into()
}

/// Returns the bytes of an authentic token (§7, §9), its times and its ttl in range or not.
pub(crate) fn build(
    secret: &Secret,
    kind: Kind,
    context: (&str, &str),
    (issued_at, ttl, payload): (u64, u32, &[u8]),
    (salt, iv): ([u8; 12], [u8; 12]),
) -> Vec<u8> {
    let (working_key, key_id) = derive(secret, kind, context);
    let mut body = [&issued_at.to_be_bytes()[2..], &ttl.to_be_bytes(), payload].concat();
    match kind {
        Kind::Sealed => {
            let aad = [&[0x0A, 0xB1, 0x35], &key_id[..], &salt].concat();
            let subkey = hmac(&working_key, &[b"cretula-v1 token", &salt[..], &[1]].concat());
            let cipher = Aes256Gcm::new(&subkey.into());
            let tag = cipher.encrypt_inout_detached(&iv.into(), &aad, body.as_mut_slice().into()).unwrap();
            [&aad[..], &iv, &body, &tag].concat()
        }
        Kind::Signed => {
            let message = [&[0x0A, 0xB4, 0xB5], &key_id[..], &body].concat();
            let tag = hmac(&working_key, &message);
            [&message[..], &tag].concat()
        }
    }
}
