//! A bounded store of what is kept for a salt, as an opener might have one ([OPEN-16]). The crate has none: `subkeys.rs`
//! says why.

use std::sync::Mutex;

pub type Salt = [u8; 12];

/// Entries under one lock: those in which a salt may stand.
const WAYS: usize = 4;

/// Sets of four entries, each set with a lock of its own, so that threads seldom meet. A new entry takes the place of
/// the one of its set that was used the longest ago.
pub struct Store<V>(Vec<Mutex<Set<V>>>);

/// Salts apart from values, which are long: looking for one touches little memory.
struct Set<V> {
    salts: [Salt; WAYS],
    used: [u32; WAYS],
    uses: u32,
    values: [Option<V>; WAYS],
}

impl<V> Default for Set<V> {
    fn default() -> Self {
        Self { salts: Default::default(), used: [0; WAYS], uses: 0, values: Default::default() }
    }
}

impl<V> Set<V> {
    fn use_now(&mut self, at: usize) {
        self.uses += 1;
        self.used[at] = self.uses;
    }
}

impl<V> Store<V> {
    /// `entries`: a power of two, 4 at least.
    pub fn new(entries: usize) -> Self {
        Self((0..entries / WAYS).map(|_| Mutex::default()).collect())
    }

    /// Salts are random: their first bytes spread them.
    fn set(&self, salt: &Salt) -> &Mutex<Set<V>> {
        let first = u64::from_be_bytes(*salt.first_chunk().expect("12 bytes"));
        &self.0[first as usize & (self.0.len() - 1)]
    }

    /// Uses what is kept for a salt, if anything is.
    pub fn with<R>(&self, salt: &Salt, work: impl FnOnce(&V) -> R) -> Option<R> {
        let mut set = self.set(salt).lock().expect("a lock");
        let at = set.salts.iter().position(|kept| kept == salt)?;
        set.use_now(at);
        set.values[at].as_ref().map(work)
    }

    /// Keeps a value of a token that authenticated. The one in whose place it comes is dropped, and so wiped.
    pub fn keep(&self, salt: Salt, value: V) {
        let mut set = self.set(&salt).lock().expect("a lock");
        let oldest = (0..WAYS).min_by_key(|at| set.used[*at]).unwrap_or(0);
        set.use_now(oldest);
        (set.salts[oldest], set.values[oldest]) = (salt, Some(value));
    }

    /// Bytes of all sets.
    pub fn bytes(&self) -> usize {
        size_of_val(self.0.as_slice())
    }
}
