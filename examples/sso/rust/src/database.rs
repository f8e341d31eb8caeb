//! What stands for the database that all five servers share: a folder.

use std::{
    fs,
    io::{Error, Result},
    path::{Path, PathBuf},
};

/// `users/<name>` holds a session generation, `denied/<sid>` the end of a session that was ended.
pub struct Database {
    folder: PathBuf,
}

impl Database {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn is_denied(&self, sid: &str) -> bool {
        // An error is not "no": whoever cannot read the list lets nobody in.
        self.denied(sid).try_exists().unwrap_or(true)
    }

    pub fn deny(&self, sid: &str, end: u64) -> Result<()> {
        self.write(&self.denied(sid), end)
    }

    pub fn generation(&self, name: &str) -> Option<u64> {
        fs::read_to_string(self.user(name)?).ok()?.trim().parse().ok()
    }

    /// A new user's number is random below 2^48.
    pub fn generation_or_new(&self, name: &str) -> Result<u64> {
        let path = self.user(name).ok_or(Error::other("no name"))?;
        if !path.try_exists()? {
            self.write(&path, getrandom::u64()? >> 16)?;
        }
        self.generation(name).ok_or(Error::other("no number"))
    }

    pub fn count_up(&self, name: &str) -> Result<()> {
        let (path, generation) = self.user(name).zip(self.generation(name)).ok_or(Error::other("no number"))?;
        self.write(&path, generation + 1)
    }

    fn user(&self, name: &str) -> Option<PathBuf> {
        is_name(name).then(|| self.folder.join("users").join(name))
    }

    /// A sid has 22 base64url characters: fit for a file name.
    fn denied(&self, sid: &str) -> PathBuf {
        self.folder.join("denied").join(sid)
    }

    fn write(&self, path: &Path, number: u64) -> Result<()> {
        let draft = self.folder.join(format!("draft-{:x}", getrandom::u64()?));
        fs::write(&draft, number.to_string())?;
        fs::rename(draft, path)
    }
}

pub fn is_name(name: &str) -> bool {
    (1..=20).contains(&name.len()) && name.bytes().all(|letter| letter.is_ascii_lowercase())
}
