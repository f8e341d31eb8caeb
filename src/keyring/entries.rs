//! Keys in order, and who of them seals (§11.1, §11.2).

use alloc::vec::Vec;

use crate::{
    error::KeyringError,
    key::{Key, TestKeys},
    time::UnixTime,
};

/// The master keys of a server in order, each with the times at which it seals and is accepted (§11). Cheap to
/// make [`Sealer`](crate::Sealer)s and [`Signer`](crate::Signer)s from; those derive what they need once.
///
/// ```
/// use cretula::{Key, Keyring};
///
/// // From a secret: key texts apart by commas or white space, the first seals; or a JSON document.
/// let secret = [Key::generate()?.to_text(), Key::generate()?.to_text()].map(|text| text.to_string()).join(",");
/// let keyring = Keyring::parse(&secret)?;
/// assert_eq!(keyring.entries().len(), 2);
///
/// let error = Keyring::parse("cretula_key1_oops").unwrap_err();
/// assert_eq!((error.code(), error.entry()), ("key_format", Some(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Keyring {
    pub(super) entries: Vec<KeyEntry>,
}

/// A key of a ring and its times, all in seconds since the Unix epoch (§11.1).
///
/// ```
/// use cretula::{Key, KeyEntry, Keyring, UnixTime};
///
/// let takes_over = UnixTime::new(1_790_000_000)?;
/// let ends = UnixTime::new(1_800_000_000)?;
/// let old = KeyEntry::from(Key::generate()?).accepted_until(ends);
/// let new = KeyEntry::from(Key::generate()?).sealing_from(takes_over);
/// let keyring = Keyring::new([old, new])?;
/// assert_eq!(keyring.sealing_entry(takes_over), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyEntry {
    pub(super) key: Key,
    pub(super) seal_from: u64,
    pub(super) accept_until: Option<u64>,
}

impl From<Key> for KeyEntry {
    /// Makes an entry that may seal at once and never expires.
    fn from(key: Key) -> Self {
        Self { key, seal_from: 0, accept_until: None }
    }
}

impl KeyEntry {
    /// Sets when the key begins to seal.
    ///
    /// ```
    /// # use cretula::{Key, KeyEntry, Keyring, UnixTime};
    /// let entry = KeyEntry::from(Key::generate()?).sealing_from(UnixTime::new(1_790_000_000)?);
    /// assert_eq!(entry.seal_from(), 1_790_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sealing_from(self, time: UnixTime) -> Self {
        Self { seal_from: time.as_secs(), ..self }
    }

    /// Sets when tokens of the key cease to be accepted, at that very second.
    ///
    /// ```
    /// # use cretula::{Key, KeyEntry, Keyring, UnixTime};
    /// let entry = KeyEntry::from(Key::generate()?).accepted_until(UnixTime::new(1_800_000_000)?);
    /// assert_eq!(entry.accept_until(), Some(1_800_000_000));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accepted_until(self, time: UnixTime) -> Self {
        Self { accept_until: Some(time.as_secs()), ..self }
    }

    /// Returns the key.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Returns when the key begins to seal, in seconds since the Unix epoch; 0 where nothing was set.
    #[must_use]
    pub const fn seal_from(&self) -> u64 {
        self.seal_from
    }

    /// Returns when the key ends, in seconds since the Unix epoch; `None` without end.
    #[must_use]
    pub const fn accept_until(&self) -> Option<u64> {
        self.accept_until
    }

    /// `accepted(entry, now) = now < accept_until`, also before `seal_from` ([RING-08]).
    ///
    /// ```
    /// use cretula::{Key, KeyEntry, UnixTime};
    ///
    /// let entry = KeyEntry::from(Key::generate()?).accepted_until(UnixTime::new(100)?);
    /// assert!(entry.is_accepted(UnixTime::new(99)?));
    /// assert!(!entry.is_accepted(UnixTime::new(100)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_accepted(&self, now: UnixTime) -> bool {
        self.accept_until.is_none_or(|end| now.as_secs() < end)
    }
}

impl From<Key> for Keyring {
    /// Makes a ring of one key that seals from ever and is accepted without end.
    fn from(key: Key) -> Self {
        Self { entries: [KeyEntry::from(key)].into() }
    }
}

impl Keyring {
    /// Makes a ring.
    ///
    /// ```
    /// # use cretula::{Key, KeyEntry, Keyring, UnixTime};
    /// let key = Key::generate()?;
    /// let twice = [KeyEntry::from(key.clone()), KeyEntry::from(key)];
    /// assert_eq!(Keyring::new(twice).unwrap_err().code(), "key_duplicate");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`KeyringError::Empty`], [`Window`](KeyringError::Window), [`Duplicate`](KeyringError::Duplicate): the first
    /// fault of the first offending entry ([RING-06]).
    pub fn new(entries: impl IntoIterator<Item = KeyEntry>) -> Result<Self, KeyringError> {
        let mut ring = Self::empty();
        entries.into_iter().try_for_each(|entry| ring.push(entry))?;
        ring.filled()
    }

    /// Returns the entries in order.
    #[must_use]
    pub fn entries(&self) -> &[KeyEntry] {
        &self.entries
    }

    /// Returns the position of the entry that seals at `now` (§11.2): of the greatest `seal_from ≤ now`, the first of
    /// equals. `None` if there is none or if it has ended: there is no fall-back to another.
    ///
    /// ```
    /// # use cretula::{Key, KeyEntry, Keyring, UnixTime};
    /// let soon = KeyEntry::from(Key::generate()?).sealing_from(UnixTime::new(100)?);
    /// let keyring = Keyring::new([soon])?;
    /// assert_eq!(keyring.sealing_entry(UnixTime::new(99)?), None);
    /// assert_eq!(keyring.sealing_entry(UnixTime::new(100)?), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sealing_entry(&self, now: UnixTime) -> Option<usize> {
        let begun = self.entries.iter().enumerate().filter(|(_, entry)| entry.seal_from <= now.as_secs());
        // The last of equals in reverse order is the first of them.
        let (position, entry) = begun.rev().max_by_key(|(_, entry)| entry.seal_from)?;
        entry.is_accepted(now).then_some(position)
    }

    /// Reads the key text of the entry that is next to be pushed.
    pub(super) const fn empty() -> Self {
        Self { entries: Vec::new() }
    }

    pub(super) fn read_key(&self, text: &[u8], test_keys: TestKeys) -> Result<Key, KeyringError> {
        Key::read_text(text, test_keys).map_err(|error| KeyringError::Key { entry: self.entries.len(), error })
    }

    /// Appends an entry whose key is good: window, then duplicate ([RING-06]).
    pub(super) fn push(&mut self, new: KeyEntry) -> Result<(), KeyringError> {
        let entry = self.entries.len();
        if new.accept_until.is_some_and(|end| new.seal_from >= end) {
            return Err(KeyringError::Window { entry });
        }
        if self.entries.iter().any(|old| old.key == new.key) {
            return Err(KeyringError::Duplicate { entry });
        }
        self.entries.push(new);
        Ok(())
    }

    pub(super) fn filled(self) -> Result<Self, KeyringError> {
        if self.entries.is_empty() { Err(KeyringError::Empty) } else { Ok(self) }
    }
}
