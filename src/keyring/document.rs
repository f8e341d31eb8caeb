//! The keyring document (§11.4).
//!
//! `{"cretula":"keyring-v1","keys":[{"key":"cretula_key1_…","seal_from":1790000000,"accept_until":1800000000}]}`

use alloc::vec::Vec;
use core::str;

use super::entries::{KeyEntry, Keyring};
use crate::{
    error::{KeyError, KeyringError},
    json::{self, Json, integer},
    key::TestKeys,
    time::UnixTime,
};

/// The keys inside are wiped when it is dropped.
struct Document<'t>(Json<'t>);

impl Drop for Document<'_> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

/// The members of an entry.
#[derive(Clone, Copy)]
struct Entry<'d> {
    key: &'d Json<'d>,
    seal_from: Option<&'d Json<'d>>,
    accept_until: Option<&'d Json<'d>>,
}

impl<'t> Document<'t> {
    /// Returns the entries of a document whose form is right ([RING-12]).
    fn entries(&self) -> Option<Vec<Entry<'_>>> {
        let Json::Object(members) = &self.0 else { return None };
        let (Some(Json::Text(marker)), Some(Json::List(items)), 2) =
            (members.get("cretula"), members.get("keys"), members.len())
        else {
            return None;
        };
        if marker != "keyring-v1" {
            return None;
        }
        items.iter().map(Entry::read).collect()
    }
}

impl<'d> Entry<'d> {
    fn read(item: &'d Json<'d>) -> Option<Self> {
        let Json::Object(members) = item else { return None };
        let is_leaf = |value: &Json<'_>| !matches!(value, Json::List(_) | Json::Object(_));
        let known = |name: &str| matches!(name, "key" | "seal_from" | "accept_until");
        if !members.iter().all(|(name, value)| known(name) && is_leaf(value)) {
            return None;
        }
        let (seal_from, accept_until) = (members.get("seal_from"), members.get("accept_until"));
        Some(Self { key: members.get("key")?, seal_from, accept_until })
    }
}

/// 1. the form of the whole document: `keyring_format`;
/// 2. the entries one after the other, each in the order of [RING-06]: key, times, window, duplicate;
/// 3. no entry: `keyring_empty`.
pub(super) fn read(bytes: &[u8], test_keys: TestKeys) -> Result<Keyring, KeyringError> {
    let nowhere = KeyringError::Format { line: 0, column: 0 };
    let text = str::from_utf8(bytes).map_err(|_| nowhere)?;
    let document = Document(json::read(text).map_err(|fault| place(text, fault.rest))?);

    let mut ring = Keyring::empty();
    for (entry, members) in document.entries().ok_or(nowhere)?.into_iter().enumerate() {
        let Json::Text(key) = members.key else {
            return Err(KeyringError::Key { entry, error: KeyError::Format });
        };
        let key = ring.read_key(key.as_bytes(), test_keys)?;
        let time = |value: Option<&Json<'_>>| match value {
            None => Ok(None),
            Some(Json::Number(text)) => match integer(text).and_then(|time| UnixTime::new(time).ok()) {
                Some(time) => Ok(Some(time)),
                None => Err(KeyringError::Time { entry }),
            },
            Some(_) => Err(KeyringError::Time { entry }),
        };
        let (seal_from, accept_until) = (time(members.seal_from)?, time(members.accept_until)?);
        ring.push(KeyEntry { key, seal_from: seal_from.unwrap_or(UnixTime::EPOCH), accept_until })?;
    }
    ring.filled()
}

/// Returns where reading ended, `rest` octets before the end of the text.
fn place(text: &str, rest: usize) -> KeyringError {
    let read = text.as_bytes().get(..text.len().saturating_sub(rest)).unwrap_or_default();
    let line_start = read.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at.saturating_add(1));
    let line = read.iter().filter(|octet| **octet == b'\n').count().saturating_add(1);
    KeyringError::Format { line, column: read.len().saturating_sub(line_start) }
}
