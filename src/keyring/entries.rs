//! Keys in order, and who of them seals (§11.1, §11.2).

use alloc::vec::Vec;

use crate::{
    error::KeyringError,
    key::{Key, TestKeys},
    time::UnixTime,
};

/// The master keys of a server in order, each with the times at which it seals and is accepted (§11). A
/// [`Site`](crate::Site) uses it.
///
/// ```
/// use cretula::{ErrorCode as _, Key, Keyring};
///
/// // From a secret: key texts apart by commas or white space, the first seals; or a JSON document.
/// let secret = [Key::generate()?.to_text(), Key::generate()?.to_text()].map(|text| text.to_string()).join(",");
/// let keyring = Keyring::parse(&secret)?;
/// assert_eq!(keyring.entries().len(), 2);
///
/// use cretula::ErrorCode as _;
/// let error = Keyring::parse("cretula_key1_oops").unwrap_err();
/// assert_eq!((error.code(), error.entry()), ("key_format", Some(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Keyring {
    pub(super) entries: Vec<KeyEntry>,
}

/// A key of a ring and its times (§11.1).
///
/// ```
/// use cretula::{Key, KeyEntry, Keyring, UnixTime};
///
/// let takes_over = UnixTime::new(1_790_000_000)?;
/// let ends = UnixTime::new(1_800_000_000)?;
/// let old = KeyEntry { accept_until: Some(ends), ..Key::generate()?.into() };
/// let new = KeyEntry { seal_from: takes_over, ..Key::generate()?.into() };
/// let keyring = Keyring::new([old, new])?;
/// assert_eq!(keyring.sealing_entry(takes_over), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyEntry {
    /// The key.
    pub key: Key,
    /// When it begins to seal; 0 is ever.
    pub seal_from: UnixTime,
    /// When its tokens cease to be accepted, at that very second; `None` without end.
    pub accept_until: Option<UnixTime>,
}

impl From<Key> for KeyEntry {
    /// Makes an entry that may seal at once and never expires.
    fn from(key: Key) -> Self {
        Self { key, seal_from: UnixTime::EPOCH, accept_until: None }
    }
}

impl KeyEntry {
    /// `accepted(entry, now) = now < accept_until`, also before `seal_from` ([RING-08]).
    ///
    /// ```
    /// use cretula::{Key, KeyEntry, UnixTime};
    ///
    /// let entry = KeyEntry { accept_until: Some(UnixTime::new(100)?), ..Key::generate()?.into() };
    /// assert!(entry.is_accepted(UnixTime::new(99)?));
    /// assert!(!entry.is_accepted(UnixTime::new(100)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_accepted(&self, now: UnixTime) -> bool {
        self.accept_until.is_none_or(|end| now < end)
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
    /// # use cretula::{ErrorCode as _, Key, KeyEntry, Keyring};
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
    /// equals. `None` if there is no such entry, or if it has ended: no other entry takes its place.
    ///
    /// ```
    /// # use cretula::{Key, KeyEntry, Keyring, UnixTime};
    /// let soon = KeyEntry { seal_from: UnixTime::new(100)?, ..Key::generate()?.into() };
    /// let keyring = Keyring::new([soon])?;
    /// assert_eq!(keyring.sealing_entry(UnixTime::new(99)?), None);
    /// assert_eq!(keyring.sealing_entry(UnixTime::new(100)?), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sealing_entry(&self, now: UnixTime) -> Option<usize> {
        let begun = self.entries.iter().enumerate().filter(|(_, entry)| entry.seal_from <= now);
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
