//! The keyring document (§11.4).
//!
//! `{"cretula":"keyring-v1","keys":[{"key":"cretula_key1_…","seal_from":1790000000,"accept_until":1800000000}]}`

use alloc::{string::String, vec::Vec};
use core::str;

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::entries::{KeyEntry, Keyring};
use crate::{
    error::{KeyError, KeyringError},
    json::{integer, present},
    key::TestKeys,
    limits::TIME_END,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    cretula: String,
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// Values stay raw: [RING-12] asks for the whole document's form before the first value is judged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<'a> {
    #[serde(borrow)]
    key: &'a RawValue,
    #[serde(borrow, default, deserialize_with = "present")]
    seal_from: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    accept_until: Option<&'a RawValue>,
}

/// Tells the values of an entry's members apart.
enum Leaf {
    Text(Zeroizing<String>),
    /// Number, `true`, `false` or `null`: in seconds, if it is a time.
    Other(Option<u64>),
}

impl Leaf {
    /// `None` for what [RING-12] refuses: an array, an object, a string with a lone surrogate.
    fn read(raw: &RawValue) -> Option<Self> {
        match raw.get().as_bytes().first()? {
            b'"' => serde_json::from_str(raw.get()).ok().map(|text| Self::Text(Zeroizing::new(text))),
            b'[' | b'{' => None,
            _ => Some(Self::Other(integer(raw.get()).filter(|time| *time < TIME_END))),
        }
    }

    fn time(self) -> Option<u64> {
        match self {
            Self::Text(_) => None,
            Self::Other(seconds) => seconds,
        }
    }
}

/// 1. the form of the whole document: `keyring_format`;
/// 2. the entries one after the other, each in the order of [RING-06]: key, times, window, duplicate;
/// 3. no entry: `keyring_empty`.
pub(super) fn read(bytes: &[u8], test_keys: TestKeys) -> Result<Keyring, KeyringError> {
    let nowhere = KeyringError::Format { line: 0, column: 0 };
    let text = str::from_utf8(bytes).map_err(|_| nowhere)?;
    let document: Document<'_> = serde_json::from_str(text).map_err(format_error)?;
    if document.cretula != "keyring-v1" {
        return Err(nowhere);
    }
    let mut entries = Vec::new();
    for raw in document.keys {
        // serde would take an array for a struct as well.
        let entry: Entry<'_> = match raw.get().starts_with('{') {
            true => serde_json::from_str(raw.get()).map_err(|_| nowhere)?,
            false => return Err(nowhere),
        };
        let read = |raw: &RawValue| Leaf::read(raw).ok_or(nowhere);
        entries.push((
            read(entry.key)?,
            entry.seal_from.map(read).transpose()?,
            entry.accept_until.map(read).transpose()?,
        ));
    }

    let mut ring = Keyring::empty();
    for (key, seal_from, accept_until) in entries {
        let entry = ring.entries.len();
        let Leaf::Text(key) = key else {
            return Err(KeyringError::Key { entry, error: KeyError::Format });
        };
        let key = ring.read_key(key.as_bytes(), test_keys)?;
        let time = |leaf: Option<Leaf>| leaf.map(|leaf| leaf.time().ok_or(KeyringError::Time { entry })).transpose();
        ring.push(KeyEntry { key, seal_from: time(seal_from)?.unwrap_or(0), accept_until: time(accept_until)? })?;
    }
    ring.filled()
}

fn format_error(error: serde_json::Error) -> KeyringError {
    KeyringError::Format { line: error.line(), column: error.column() }
}
