//! The keyring of a variable, or of a mounted file that is read again.

use alloc::{
    string::{String, ToString as _},
    sync::Arc,
    vec::Vec,
};
use core::{fmt, time::Duration};
use std::{
    env, fs, io,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
};

use thiserror::Error;
use zeroize::Zeroizing;

use super::owner::{Shared, Site};
use crate::{
    error::{KeyringError, SetupError},
    keyring::Keyring,
};

/// Why no keyring came from a variable or a file. Names the place, and holds no key.
///
/// ```
/// let error = cretula::Keyring::from_env("CRETULA_KEYS_OF_NOBODY").unwrap_err();
/// assert!(matches!(error, cretula::SourceError::Variable(name) if name == "CRETULA_KEYS_OF_NOBODY"));
/// ```
#[derive(Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The variable is not set, or is not text.
    #[error("the variable {0} is not set, or is not text")]
    Variable(String),
    /// The file cannot be read.
    #[error("{0} cannot be read: {1}")]
    File(String, #[source] io::Error),
    /// What is there is no keyring.
    #[error("{0} holds no keyring: {1}")]
    Keyring(String, #[source] KeyringError),
    /// The site was not set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl fmt::Debug for SourceError {
    /// The text: `main` prints it so when it returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Keyring {
    /// Reads either text form from a variable of the environment.
    ///
    /// ```
    /// # use cretula::Keyring;
    /// let error = Keyring::from_env("CRETULA_KEYS_OF_NOBODY").unwrap_err();
    /// assert_eq!(error.to_string(), "the variable CRETULA_KEYS_OF_NOBODY is not set, or is not text");
    /// ```
    ///
    /// # Errors
    /// [`SourceError::Variable`]; [`SourceError::Keyring`] as [`Keyring::parse`].
    pub fn from_env(name: &str) -> Result<Self, SourceError> {
        let text = env::var(name).map(Zeroizing::new).map_err(|_| SourceError::Variable(name.to_string()))?;
        Self::parse(text.as_bytes()).map_err(|error| SourceError::Keyring(name.to_string(), error))
    }
}

/// What a watch of the keyring's file tells ([`Site::watching`]).
///
/// ```
/// fn tell(event: cretula::SiteEvent) {
///     if let cretula::SiteEvent::Refused(error) = event {
///         eprintln!("alarm: keyring not replaced: {error}");
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum SiteEvent {
    /// Another keyring is in force; or the same, after a reading that was refused.
    Exchanged,
    /// The file cannot be read, or what is there is no keyring: nothing changed. Raise an alarm: a leaked key may still
    /// be in force.
    Refused(SourceError),
}

impl Site {
    /// Makes a site whose keyring is read from a file, and read again after each time `every`, on a thread of its own:
    /// as for a mounted secret. The thread ends with the last thing that the site made.
    ///
    /// ```
    /// # use cretula::{Key, Site, SiteEvent};
    /// # use std::time::Duration;
    /// # let file = std::env::temp_dir().join(format!("cretula-doc-{}", std::process::id()));
    /// # std::fs::write(&file, Key::generate()?.to_text().as_bytes())?;
    /// let site = Site::watching(&file, "shop.example", std::time::Duration::from_secs(60), |event| match event {
    ///     SiteEvent::Refused(error) => eprintln!("alarm: keyring not replaced: {error}"),
    ///     _ => println!("keyring replaced"),
    /// })?;
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SourceError`] if the first reading fails, and for the audience as [`new`](Self::new).
    pub fn watching(
        path: impl AsRef<Path>,
        audience: &str,
        every: Duration,
        on_event: impl Fn(SiteEvent) + Send + 'static,
    ) -> Result<Self, SourceError> {
        let path = path.as_ref().to_path_buf();
        let text = read(&path)?;
        let keyring = parse(&path, &text)?;
        let (alive, ended) = channel::<()>();
        let site = Self::keeping(keyring, audience, Some(Arc::new(alive)))?;
        // Without what keeps the watch alive.
        let shared = Arc::clone(&site.shared);
        thread::Builder::new()
            .name("cretula-keyring".to_string())
            .spawn(move || watch(&path, text, &shared, &ended, every, on_event))
            .map_err(|error| SourceError::File("the thread of the watch".to_string(), error))?;
        Ok(site)
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    fs::read(path).map(Zeroizing::new).map_err(|error| SourceError::File(path.display().to_string(), error))
}

fn parse(path: &Path, text: &[u8]) -> Result<Keyring, SourceError> {
    Keyring::parse(text).map_err(|error| SourceError::Keyring(path.display().to_string(), error))
}

fn watch(
    path: &Path,
    mut in_force: Zeroizing<Vec<u8>>,
    shared: &Shared,
    ended: &Receiver<()>,
    every: Duration,
    on_event: impl Fn(SiteEvent),
) {
    let mut refused = false;
    // Nothing is ever sent: the other end is dropped.
    while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        let order = shared.begin();
        let read = read(path).and_then(|text| parse(path, &text).map(|keyring| (text, keyring)));
        match read {
            Ok((text, keyring)) if refused || text != in_force => {
                shared.exchange(order, keyring);
                (in_force, refused) = (text, false);
                on_event(SiteEvent::Exchanged);
            }
            Ok(_) => {}
            Err(error) => {
                refused = true;
                on_event(SiteEvent::Refused(error));
            }
        }
    }
}
