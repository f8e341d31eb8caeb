//! The two text forms of a keyring (§11.3, §11.4).

use core::str::FromStr;

use super::{document, entries::Keyring};
use crate::{error::KeyringError, key::TestKeys};

impl Keyring {
    /// Reads either text form: a list of key texts (§11.3), or, if the first octet that is not white space is `{`, a
    /// JSON document (§11.4).
    ///
    /// ```
    /// # use cretula::{Key, KeyEntry, Keyring, UnixTime};
    /// let key = Key::generate()?.to_text();
    /// let document = format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":"{}","accept_until":1800000000}}]}}"#, *key);
    /// assert_eq!(Keyring::parse(document)?.entries()[0].accept_until, Some(UnixTime::new(1_800_000_000)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every [`KeyringError`]: the first fault in the order of [RING-06].
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, KeyringError> {
        Self::read(text.as_ref(), TestKeys::Refused)
    }

    pub(crate) fn read(text: &[u8], test_keys: TestKeys) -> Result<Self, KeyringError> {
        if text.trim_ascii_start().first() == Some(&b'{') {
            return document::read(text, test_keys);
        }
        let mut ring = Self::empty();
        let items = text.split(|octet| *octet == b',' || octet.is_ascii_whitespace());
        for item in items.filter(|item| !item.is_empty()) {
            let key = ring.read_key(item, test_keys)?;
            ring.push(key.into())?;
        }
        ring.filled()
    }
}

impl FromStr for Keyring {
    type Err = KeyringError;

    /// Reads either text form, as [`Keyring::parse`] does.
    fn from_str(text: &str) -> Result<Self, KeyringError> {
        Self::parse(text)
    }
}
