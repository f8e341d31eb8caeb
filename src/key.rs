//! Master keys and their text form (§4); key ids (§6).

use alloc::string::String;
use core::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    error::KeyError,
    limits::{KEY_ID_BYTES, KEY_PREFIX, MASTER_KEY_BYTES, TEST_KEY_PREFIX},
    random,
};

const CHECKSUM_BYTES: usize = 4;

/// A master key of 32 bytes (§4). Wiped when dropped, never printed, compared in constant time.
///
/// ```
/// use cretula::Key;
///
/// let key = Key::generate()?;
/// let text = key.to_text(); // for a secret store, 86 characters
/// assert_eq!(text.parse::<Key>()?, key);
/// assert_eq!(format!("{key:?}"), "Key(redacted)");
/// # Ok::<(), cretula::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; MASTER_KEY_BYTES]>);

/// Says whether published test keys pass: only `hazmat` says so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestKeys {
    Refused,
    #[cfg(feature = "hazmat")]
    Accepted,
}

impl Key {
    /// Makes a key from the operating system's randomness.
    ///
    /// ```
    /// assert_ne!(cretula::Key::generate()?, cretula::Key::generate()?);
    /// # Ok::<(), cretula::KeyError>(())
    /// ```
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`]; [`KeyError::Zero`] and [`KeyError::Test`] from a generator that is broken.
    pub fn generate() -> Result<Self, KeyError> {
        Self::generate_drawing(random::fill)
    }

    fn generate_drawing(draw: impl FnOnce(&mut [u8]) -> Option<()>) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; MASTER_KEY_BYTES]);
        draw(bytes.as_mut_slice()).ok_or(KeyError::NoRandomness)?;
        Self::checked(bytes, TestKeys::Refused)
    }

    /// Makes a key from 32 bytes.
    ///
    /// # Security
    /// They come from a cryptographically secure generator: a key id is public, so a guessable key can be found.
    ///
    /// ```
    /// use cretula::{Key, KeyError};
    ///
    /// assert_eq!(Key::from_bytes(b"a passphrase").unwrap_err(), KeyError::Format);
    /// assert_eq!(Key::from_bytes(&[0; 32]).unwrap_err(), KeyError::Zero);
    /// ```
    ///
    /// # Errors
    /// [`KeyError::Format`] for another length, [`KeyError::Zero`], [`KeyError::Test`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::read_bytes(bytes, TestKeys::Refused)
    }

    /// Returns the key text (§4.2), 86 characters.
    ///
    /// # Security
    /// It is the key: keep it out of logs and of command lines.
    ///
    /// ```
    /// let text = cretula::Key::generate()?.to_text();
    /// assert!(text.starts_with("cretula_key1_") && text.len() == 86);
    /// # Ok::<(), cretula::KeyError>(())
    /// ```
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(86));
        text.push_str(KEY_PREFIX);
        push_hex(self.0.as_slice(), &mut text);
        let sum = checksum(text.as_bytes());
        text.push('_');
        push_hex(&sum, &mut text);
        text
    }

    pub(crate) fn read_bytes(bytes: &[u8], test_keys: TestKeys) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Format)?;
        Self::checked(Zeroizing::new(bytes), test_keys)
    }

    /// Reads a key text, in the order of §4.2: form, checksum, zero, test.
    pub(crate) fn read_text(text: &[u8], test_keys: TestKeys) -> Result<Self, KeyError> {
        let rest = text.strip_prefix(KEY_PREFIX.as_bytes()).ok_or(KeyError::Format)?;
        let (digits, rest) = rest.split_at_checked(2 * MASTER_KEY_BYTES).ok_or(KeyError::Format)?;
        let sum = rest.strip_prefix(b"_").ok_or(KeyError::Format)?;
        let mut bytes = Zeroizing::new([0; MASTER_KEY_BYTES]);
        let mut read_sum = [0; CHECKSUM_BYTES];
        read_hex(digits, bytes.as_mut_slice()).ok_or(KeyError::Format)?;
        read_hex(sum, &mut read_sum).ok_or(KeyError::Format)?;
        let (summed, _) =
            text.split_at_checked(KEY_PREFIX.len().saturating_add(digits.len())).ok_or(KeyError::Format)?;
        if checksum(summed) != read_sum {
            return Err(KeyError::Checksum);
        }
        Self::checked(bytes, test_keys)
    }

    fn checked(bytes: Zeroizing<[u8; MASTER_KEY_BYTES]>, test_keys: TestKeys) -> Result<Self, KeyError> {
        if bytes.ct_eq(&[0; MASTER_KEY_BYTES]).into() {
            return Err(KeyError::Zero);
        }
        if bytes.starts_with(TEST_KEY_PREFIX) && test_keys == TestKeys::Refused {
            return Err(KeyError::Test);
        }
        Ok(Self(bytes))
    }

    pub(crate) fn secret(&self) -> &[u8; MASTER_KEY_BYTES] {
        &self.0
    }
}

impl FromStr for Key {
    type Err = KeyError;

    /// Reads a key text (§4.2): exact, nothing is trimmed.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::read_text(text.as_bytes(), TestKeys::Refused)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}

/// Names (master key, kind, context) in 32 public bytes (§6). Displayed as 64 hex digits.
///
/// ```
/// # let key = cretula::Key::generate()?;
/// let sealer = cretula::Site::new(key, "shop.example")?.sealer("invitation").build()?;
/// let token = sealer.seal("hello", std::time::Duration::from_secs(60))?;
/// let id = sealer.unseal(&token)?.claims.key_id;
/// assert_eq!(id, cretula::UntrustedToken::parse(&token, 4096)?.key_id);
/// assert_eq!(id.to_string().len(), 64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(crate) [u8; KEY_ID_BYTES]);

impl KeyId {
    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; KEY_ID_BYTES] {
        &self.0
    }

    /// Returns the first 8 bytes, in the order of the ids.
    pub(crate) fn start(self) -> u64 {
        self.0.first_chunk().copied().map_or(0, u64::from_be_bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

fn checksum(text: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(text).into();
    [a, b, c, d]
}

fn push_hex(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
}

/// Reads exactly as many lower-case digits as fill `bytes`.
fn read_hex(digits: &[u8], bytes: &mut [u8]) -> Option<()> {
    if digits.len() != bytes.len().checked_mul(2)? {
        return None;
    }
    for (pair, byte) in digits.chunks_exact(2).zip(bytes) {
        *byte = 0;
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit.wrapping_sub(b'0'),
                b'a'..=b'f' => digit.wrapping_sub(b'a').wrapping_add(10),
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::Key;
    use crate::KeyError;

    // covers: [KEY-03]
    #[test]
    fn no_randomness_means_no_key() {
        assert_eq!(Key::generate_drawing(|_| None).unwrap_err(), KeyError::NoRandomness);
        let drawn = Key::generate_drawing(|bytes| {
            bytes.fill(0xA5);
            Some(())
        });
        assert_eq!(drawn.unwrap().secret(), &[0xA5; 32]);
        // A generator that reports success and gives zeros does not get through either.
        assert_eq!(Key::generate_drawing(|_| Some(())).unwrap_err(), KeyError::Zero);
    }
}
