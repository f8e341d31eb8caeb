//! The keyring document: made on first start, changed by the operator, read again while the server runs.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use cretula::{Key, KeyEntry, KeyId, Keyring, Site, UnixTime, UntrustedToken};
use serde_json::json;

use crate::{AUDIENCE, failure::Failure};

pub struct Keys {
    /// `None`: in memory only.
    path: Option<PathBuf>,
    state: Mutex<State>,
}

struct State {
    ring: Keyring,
    /// What the file said last, whether it was accepted or not.
    document: Vec<u8>,
}

impl Keys {
    /// Reads the file, or makes it with a fresh key.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if !path.exists() {
            write(path, &Keyring::from(Key::generate()?))?;
        }
        let document = fs::read(path)?;
        let ring = Keyring::parse(&document)?;
        Ok(Self { path: Some(path.into()), state: Mutex::new(State { ring, document }) })
    }

    pub fn in_memory(ring: Keyring) -> Self {
        Self { path: None, state: Mutex::new(State { ring, document: Vec::new() }) }
    }

    pub fn ring(&self) -> Keyring {
        self.state().ring.clone()
    }

    /// Returns the new ring if the file changed. A refused document leaves the old ring in force.
    pub fn reread(&self) -> Result<Option<Keyring>, Failure> {
        let Some(path) = &self.path else { return Ok(None) };
        let mut state = self.state();
        let document = fs::read(path)?;
        if state.document == document {
            return Ok(None);
        }
        state.document = document;
        state.ring = Keyring::parse(&state.document)?;
        Ok(Some(state.ring.clone()))
    }

    /// Adds a key that seals from `time` on.
    pub fn add(&self, time: UnixTime) -> Result<Keyring, Failure> {
        let key = KeyEntry { seal_from: time, ..Key::generate()?.into() };
        self.change(|entries| entries.push(key))
    }

    /// Lets a key end at `time`.
    pub fn retire(&self, id: &str, time: UnixTime) -> Result<Keyring, Failure> {
        self.change(|entries| {
            for entry in entries {
                if key_id(entry).is_some_and(|it| it.to_string() == id) {
                    entry.accept_until = Some(time);
                }
            }
        })
    }

    fn change(&self, edit: impl FnOnce(&mut Vec<KeyEntry>)) -> Result<Keyring, Failure> {
        let mut state = self.state();
        let mut entries = state.ring.entries().to_vec();
        edit(&mut entries);
        let ring = Keyring::new(entries)?;
        if let Some(path) = &self.path {
            write(path, &ring)?;
            state.document = fs::read(path)?;
        }
        state.ring = ring.clone();
        Ok(ring)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key id that sessions of this key carry, read from one.
pub fn key_id(entry: &KeyEntry) -> Option<KeyId> {
    let sealer = Site::new(entry.key.clone(), AUDIENCE).ok()?.sealer("session").build().ok()?;
    let token = sealer.seal("", Duration::from_secs(1)).ok()?;
    UntrustedToken::parse(token, 4096).ok().map(|token| token.key_id)
}

/// Whole or not at all, and for the owner's eyes only.
fn write(path: &Path, ring: &Keyring) -> io::Result<()> {
    let keys: Vec<_> = ring.entries().iter().map(as_json).collect();
    let document = json!({"cretula": "keyring-v1", "keys": keys}).to_string();
    let draft = path.with_extension("draft");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(document.as_bytes())?;
    file.sync_all()?;
    fs::rename(draft, path)
}

fn as_json(entry: &KeyEntry) -> serde_json::Value {
    let mut value = json!({"key": entry.key.to_text().as_str(), "seal_from": entry.seal_from.as_secs()});
    if let Some(end) = entry.accept_until {
        value["accept_until"] = end.as_secs().into();
    }
    value
}
