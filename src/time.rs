//! Unix time in whole seconds, and the only call of the system clock (§8).

use core::fmt;

use crate::{error::TimeError, limits::TIME_END};

/// Holds a time in whole seconds since the Unix epoch, 0 ≤ t < 2^48 (§8).
///
/// ```
/// let noon = cretula::UnixTime::new(1_790_000_000)?;
/// assert_eq!(noon.as_secs(), 1_790_000_000);
/// # Ok::<(), cretula::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// Takes a number of seconds.
    ///
    /// # Errors
    /// [`TimeError::ClockRange`] from 2^48 on.
    pub const fn new(seconds: u64) -> Result<Self, TimeError> {
        if seconds < TIME_END { Ok(Self(seconds)) } else { Err(TimeError::ClockRange) }
    }

    /// Reads the system clock, floored to whole seconds.
    ///
    /// ```
    /// assert!(cretula::UnixTime::now()?.as_secs() > 1_790_000_000);
    /// # Ok::<(), cretula::TimeError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimeError::NoClock`] where the clock stands before 1970 or from 2^48 seconds on.
    #[cfg(feature = "std")]
    pub fn now() -> Result<Self, TimeError> {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.ok().and_then(|since| Self::new(since.as_secs()).ok()).ok_or(TimeError::NoClock)
    }

    /// Returns the seconds since the Unix epoch.
    ///
    /// ```
    /// assert_eq!(cretula::UnixTime::new(60)?.as_secs(), 60);
    /// # Ok::<(), cretula::TimeError>(())
    /// ```
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
