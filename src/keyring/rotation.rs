//! What to warn of before a ring is published (§11.6).

use alloc::vec::Vec;
use core::time::Duration;

use super::entries::Keyring;
use crate::{
    error::{ErrorCode, SetupError},
    limits::{IDLE_DEFAULT, LEEWAY_DEFAULT, LIFE_MAX},
    options::{leeway, life},
    time::{UnixTime, whole_seconds},
};

/// 100 years of 365.25 days, in seconds.
const CENTURY: u64 = 3_155_760_000;

/// Describes how keys of a ring are rotated (§11.6), in whole seconds.
///
/// ```
/// use cretula::Rotation;
/// use std::time::Duration;
///
/// let rotation = Rotation { longest_ttl: Duration::from_secs(3600), ..Rotation::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The longest ttl that the servers seal with: 1 to 34 560 000 seconds.
    pub longest_ttl: Duration,
    /// The longest time that a server may take to read a new document, and by how much its clock may be slow: up to
    /// 34 560 000 seconds.
    pub reload_grace: Duration,
    /// The greatest leeway of the openers: up to 300 seconds.
    pub leeway: Duration,
}

impl Default for Rotation {
    /// That of sessions as they are by default: a ttl of 30 minutes, a leeway of 60 seconds; and 5 minutes of grace.
    fn default() -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self { longest_ttl: seconds(IDLE_DEFAULT), reload_grace: seconds(300), leeway: seconds(LEEWAY_DEFAULT) }
    }
}

/// Warns of one entry of a ring.
///
/// ```
/// # use cretula::{ErrorCode as _, Key, KeyEntry, Keyring, Rotation, UnixTime};
/// let soon = KeyEntry { seal_from: UnixTime::new(10)?, ..Key::generate()?.into() };
/// let keyring = Keyring::new([Key::generate()?.into(), soon])?;
/// let warnings = keyring.warnings(UnixTime::new(0)?, Rotation::default())?;
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

impl ErrorCode for WarningKind {
    /// Returns the specification's word ([RING-18]).
    fn code(&self) -> &'static str {
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
    /// let old = KeyEntry { accept_until: Some(at(10_000)?), ..Key::generate()?.into() };
    /// let new = KeyEntry { seal_from: at(9_000)?, ..Key::generate()?.into() };
    /// let warnings = Keyring::new([old, new])?.warnings(at(0)?, Rotation::default())?;
    /// assert_eq!(warnings.len(), 1);
    /// assert_eq!((warnings[0].entry, warnings[0].kind), (0, WarningKind::EndsBeforeItsTokens));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SetupError::LeewayRange`], [`TtlRange`](SetupError::TtlRange), [`GraceRange`](SetupError::GraceRange), in this
    /// order, for a rotation out of range.
    pub fn warnings(&self, now: UnixTime, rotation: Rotation) -> Result<Vec<Warning>, SetupError> {
        let leeway = leeway(rotation.leeway)?;
        let longest_ttl = life(rotation.longest_ttl).ok_or(SetupError::TtlRange)?;
        let grace = whole_seconds(rotation.reload_grace).filter(|grace| *grace <= LIFE_MAX);
        let grace = grace.ok_or(SetupError::GraceRange)?;
        let plus = |time: UnixTime, durations: [u32; 2]| {
            durations.iter().fold(time.as_secs(), |sum, duration| sum.saturating_add((*duration).into()))
        };
        let soon = plus(now, [grace, leeway]);
        let seals_now = self.sealing_entry(now).is_some();
        let mut warnings = Vec::new();
        for (position, entry) in self.entries.iter().enumerate() {
            let later = self.entries.iter().map(|other| other.seal_from).filter(|from| *from > entry.seal_from);
            let needed = later.min().map(|takes_over| plus(takes_over, [longest_ttl, grace]));
            let mut warn = |kind| warnings.push(Warning { entry: position, kind });
            let ends_early = needed.zip(entry.accept_until).is_some_and(|(needed, end)| end.as_secs() < needed);
            if ends_early && entry.is_accepted(now) {
                warn(WarningKind::EndsBeforeItsTokens);
            }
            let far = now.as_secs().saturating_add(CENTURY);
            let latest = entry.accept_until.map_or(entry.seal_from, |end| end.max(entry.seal_from));
            if seals_now && now < entry.seal_from && entry.seal_from.as_secs() < soon {
                warn(WarningKind::TakesOverTooSoon);
            }
            if latest.as_secs() > far {
                warn(WarningKind::FarInFuture);
            }
        }
        Ok(warnings)
    }
}
