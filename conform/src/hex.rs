//! Lower-case hexadecimal digits, in which the protocol writes bytes.

use std::fmt::Write as _;

/// Returns the digits of bytes.
///
/// ```
/// assert_eq!(cretula_conform::hex::encode(&[0x0a, 0xff]), "0aff");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Reads pairs of digits; `None` if the text is anything else, upper-case digits included.
///
/// ```
/// assert_eq!(cretula_conform::hex::decode("0aff"), Some(vec![0x0a, 0xff]));
/// ```
#[must_use]
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    let digit = |octet: u8| match octet {
        b'0'..=b'9' => Some(octet.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(octet.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    };
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| if let [a, b] = pair { Some(digit(*a)? << 4 | digit(*b)?) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn reads_what_it_writes() {
        assert_eq!(decode(&encode(&[0, 1, 0xab, 0xff])), Some(vec![0, 1, 0xab, 0xff]));
        assert_eq!((decode("0"), decode("AB"), decode("0g"), decode("")), (None, None, None, Some(vec![])));
    }
}
