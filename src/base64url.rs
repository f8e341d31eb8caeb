//! Strict, canonical base64url (§7.1).

#[cfg(any(feature = "session", test))]
use alloc::string::String;
use alloc::vec::Vec;

use base64::{Engine as _, engine::general_purpose};

/// The processor's own instructions where it has them, which takes a look at the processor.
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: std::sync::LazyLock<base64::engine::Simd> =
    std::sync::LazyLock::new(|| base64::engine::Simd::url_safe(general_purpose::NO_PAD));
#[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
static ENGINE: &general_purpose::GeneralPurpose = &general_purpose::URL_SAFE_NO_PAD;

/// Returns ⌈bytes · 4 / 3⌉, the characters of the text of that many bytes; `None` beyond `usize`.
pub(crate) const fn text_length(bytes: usize) -> Option<usize> {
    base64::encoded_len(bytes, false)
}

/// Writes the text of `bytes` to `place`, which has its length.
pub(crate) fn encode_to(bytes: &[u8], place: &mut [u8]) {
    // It fits.
    let _ = ENGINE.encode_slice(bytes, place);
}

/// Appends the text of `bytes` to `out`.
#[cfg(any(feature = "session", test))]
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    let Some(length) = text_length(bytes.len()) else { return };
    let mut text = core::mem::take(out).into_bytes();
    let before = text.len();
    text.resize(before.saturating_add(length), 0);
    encode_to(bytes, text.get_mut(before..).unwrap_or_default());
    // It is ASCII.
    *out = String::from_utf8(text).unwrap_or_default();
}

/// Appends the bytes of `text` to `out`; `None` for any text but the one that [`encode`] writes, and `out` may then hold
/// a part.
pub(crate) fn decode(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    ENGINE.decode_vec(text, out).ok()
}

/// Returns the bytes of a text of their length; `None` for any text but the one that [`encode`] writes.
#[cfg(feature = "session")]
pub(crate) fn decode_array<const BYTES: usize>(text: &[u8]) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let written = ENGINE.decode_slice(text, &mut bytes).ok()?;
    (written == BYTES).then_some(bytes)
}

/// Returns true if an octet is one of the 64 characters.
pub(crate) const fn is_alphabet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec::Vec};

    use super::{decode, encode, is_alphabet, text_length};

    /// The plainest decoder that could be right, to hold the library against: bit by bit, then encode again and compare.
    fn oracle(text: &[u8]) -> Option<Vec<u8>> {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (mut bits, mut bytes) = (Vec::new(), Vec::new());
        for octet in text {
            let value = ALPHABET.iter().position(|known| known == octet)?;
            bits.extend((0..6).rev().map(|bit| value >> bit & 1));
        }
        let spare = bits.len() % 8;
        if text.len() % 4 == 1 || bits.iter().rev().take(spare).any(|bit| *bit == 1) {
            return None;
        }
        for octet in bits.chunks_exact(8) {
            bytes.push(u8::try_from(octet.iter().fold(0, |sum, bit| sum * 2 + bit)).ok()?);
        }
        Some(bytes)
    }

    #[test]
    fn decodes_as_the_oracle_does() {
        // All texts of three octets over the interesting ones, and every octet in every place of a four-octet text.
        let octets = b"AQgwBz09-_+/= \n\r\t\x00\x7f\x80\xff";
        for a in octets {
            for b in octets {
                for c in octets {
                    for text in [&[*a][..], &[*a, *b], &[*a, *b, *c]] {
                        assert_same(text);
                    }
                }
            }
        }
        for place in 0..4 {
            for octet in 0..=255_u8 {
                let mut text = *b"AAAA";
                text[place] = octet;
                assert_same(&text);
                assert_eq!(is_alphabet(octet), oracle(&text).is_some());
            }
        }
        // Long texts are read many octets at once.
        let alphabet: Vec<u8> = (0..=255).filter(|octet| is_alphabet(*octet)).collect();
        let long: Vec<u8> = alphabet.iter().chain(alphabet.iter().rev()).copied().collect();
        for length in 28..=long.len() {
            assert_same(&long[..length]);
        }
        for place in 0..long.len() {
            for octet in 0..=255 {
                let mut text = long.clone();
                text[place] = octet;
                assert_same(&text);
            }
        }
    }

    #[track_caller]
    fn assert_same(text: &[u8]) {
        let mut bytes = Vec::new();
        let ours = decode(text, &mut bytes).map(|()| bytes);
        assert_eq!(ours, oracle(text), "{text:?}");
        if let Some(bytes) = ours {
            let mut again = String::new();
            encode(&bytes, &mut again);
            assert_eq!(again.as_bytes(), text);
            assert_eq!(text_length(bytes.len()), Some(text.len()), "{text:?}");
        }
    }
}
