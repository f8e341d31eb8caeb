//! What to warn of before a ring is published (§11.6).

use alloc::vec::Vec;

use super::entries::Keyring;
use crate::{
    error::RotationError,
    limits::{LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX},
    time::UnixTime,
};

/// 100 years of 365.25 days, in seconds.
const CENTURY: u64 = 3_155_760_000;

/// Describes how keys of a ring are rotated, in seconds (§11.6).
///
/// ```
/// let rotation = cretula::Rotation::new(3600, 300)?.leeway(60)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    longest_ttl: u32,
    reload_grace: u32,
    leeway: u32,
}

impl Rotation {
    /// Takes the longest ttl that the servers seal with, and the longest time that a server may take to read a new
    /// document and by how much its clock may be slow, both in seconds; the openers' leeway is 60.
    ///
    /// ```
    /// assert_eq!(cretula::Rotation::new(0, 300).unwrap_err().code(), "ttl_range");
    /// ```
    ///
    /// # Errors
    /// [`RotationError::TtlRange`] for a longest ttl outside 1 to 34 560 000; [`RotationError::GraceRange`] for a
    /// reload grace above 34 560 000.
    pub const fn new(longest_ttl: u32, reload_grace: u32) -> Result<Self, RotationError> {
        if longest_ttl < 1 || longest_ttl > LIFE_MAX {
            return Err(RotationError::TtlRange);
        }
        if reload_grace > LIFE_MAX {
            return Err(RotationError::GraceRange);
        }
        Ok(Self { longest_ttl, reload_grace, leeway: LEEWAY_DEFAULT })
    }

    /// Sets the greatest leeway of the openers, in seconds.
    ///
    /// ```
    /// let rotation = cretula::Rotation::new(3600, 300)?;
    /// assert_eq!(rotation.leeway(301).unwrap_err().code(), "leeway_range");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`RotationError::LeewayRange`] above 300.
    pub const fn leeway(self, seconds: u32) -> Result<Self, RotationError> {
        if seconds > LEEWAY_MAX {
            return Err(RotationError::LeewayRange);
        }
        Ok(Self { leeway: seconds, ..self })
    }
}

/// Warns of one entry of a ring.
///
/// ```
/// # use cretula::{Key, KeyEntry, Keyring, Rotation, UnixTime};
/// let soon = KeyEntry::from(Key::generate()?).sealing_from(UnixTime::new(10)?);
/// let keyring = Keyring::new([KeyEntry::from(Key::generate()?), soon])?;
/// let warnings = keyring.warnings(UnixTime::new(0)?, Rotation::new(3600, 60)?);
/// assert_eq!((warnings[0].entry, warnings[0].kind.code()), (1, "takes_over_too_soon"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Position of the entry, from 0.
    pub entry: usize,
    /// What may go wrong.
    pub kind: WarningKind,
}

/// Says what a [`Warning`] is about.
///
/// ```
/// assert_ne!(cretula::WarningKind::EndsBeforeItsTokens, cretula::WarningKind::TakesOverTooSoon);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// `accept_until` is less than the successor's `seal_from` + longest ttl + reload grace: sessions are cut off.
    EndsBeforeItsTokens,
    /// `seal_from` is nearer than reload grace + leeway: a server may meet tokens of a key that it has not read yet.
    TakesOverTooSoon,
    /// `seal_from` or `accept_until` is more than 100 years ahead: it is probably in milliseconds.
    FarInFuture,
}

impl WarningKind {
    /// Returns the specification's word ([RING-18]).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EndsBeforeItsTokens => "ends_before_its_tokens",
            Self::TakesOverTooSoon => "takes_over_too_soon",
            Self::FarInFuture => "far_in_future",
        }
    }
}

impl Keyring {
    /// Returns what to warn of at `now`, by entry ([RING-18]).
    ///
    /// ```
    /// use cretula::{Key, KeyEntry, Keyring, Rotation, UnixTime, WarningKind};
    ///
    /// let at = |seconds| UnixTime::new(seconds);
    /// let old = KeyEntry::from(Key::generate()?).accepted_until(at(10_000)?);
    /// let new = KeyEntry::from(Key::generate()?).sealing_from(at(9_000)?);
    /// let warnings = Keyring::new([old, new])?.warnings(at(0)?, Rotation::new(3600, 300)?);
    /// assert_eq!(warnings.len(), 1);
    /// assert_eq!((warnings[0].entry, warnings[0].kind), (0, WarningKind::EndsBeforeItsTokens));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn warnings(&self, now: UnixTime, rotation: Rotation) -> Vec<Warning> {
        let plus =
            |time: u64, durations: [u32; 2]| durations.iter().fold(time, |sum, d| sum.saturating_add((*d).into()));
        let soon = plus(now.as_secs(), [rotation.reload_grace, rotation.leeway]);
        let seals_now = self.sealing_entry(now).is_some();
        let mut warnings = Vec::new();
        for (position, entry) in self.entries.iter().enumerate() {
            let later = self.entries.iter().map(|other| other.seal_from).filter(|from| *from > entry.seal_from);
            let needed = later.min().map(|takes_over| plus(takes_over, [rotation.longest_ttl, rotation.reload_grace]));
            let mut warn = |kind| warnings.push(Warning { entry: position, kind });
            let ends_early = needed.zip(entry.accept_until).is_some_and(|(needed, end)| end < needed);
            if ends_early && entry.is_accepted(now) {
                warn(WarningKind::EndsBeforeItsTokens);
            }
            let far = now.as_secs().saturating_add(CENTURY);
            let is_far = entry.seal_from.max(entry.accept_until.unwrap_or_default()) > far;
            if seals_now && now.as_secs() < entry.seal_from && entry.seal_from < soon {
                warn(WarningKind::TakesOverTooSoon);
            }
            if is_far {
                warn(WarningKind::FarInFuture);
            }
        }
        warnings
    }
}
