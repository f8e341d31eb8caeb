//! What an opener gives back (§10).

use alloc::vec::Vec;
use core::fmt;

use crate::{key::KeyId, time::UnixTime};

/// What an opened token says of itself; all of it is authentic.
///
/// ```
/// # use cretula::{Key, Site};
/// # use std::time::Duration;
/// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
/// let claims = sealer.unseal(sealer.seal("hello", Duration::from_secs(60))?)?.claims;
/// assert_eq!((claims.ttl, claims.expires_at.as_secs()), (60, claims.issued_at.as_secs() + 60));
/// assert!(claims.sealing_key);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// When the token was made.
    pub issued_at: UnixTime,
    /// The life that its sealer gave it, in seconds, 1 to 34 560 000.
    pub ttl: u32,
    /// When it ends for this opener: issued_at + min(ttl, max_age).
    pub expires_at: UnixTime,
    /// Which key, kind and context made it.
    pub key_id: KeyId,
    /// Whether that key is the one that seals now; if not, seal anew at leisure.
    pub sealing_key: bool,
}

/// A payload that opened, and what its token says of itself.
///
/// ```
/// # use cretula::{Key, Site};
/// # use std::time::Duration;
/// # let sealer = Site::new(Key::generate()?, "a")?.sealer("b").build()?;
/// let opened = sealer.unseal(sealer.seal("hello", Duration::from_secs(60))?)?;
/// assert_eq!((&opened.payload[..], opened.claims.ttl), (&b"hello"[..], 60));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// What the token says of itself.
    pub claims: Claims,
}

impl fmt::Debug for Opened {
    /// Shows nothing of the payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("claims", &self.claims).finish_non_exhaustive()
    }
}
