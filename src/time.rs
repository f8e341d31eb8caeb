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
    /// For where there is no clock, and the error is told by other means.
    #[cfg(all(feature = "session", feature = "std"))]
    pub(crate) const EPOCH: Self = Self(0);

    /// Takes a number of seconds.
    ///
    /// ```
    /// assert!(cretula::UnixTime::new((1 << 48) - 1).is_ok());
    /// assert_eq!(cretula::UnixTime::new(1 << 48).unwrap_err().code(), "clock_range");
    /// ```
    ///
    /// # Errors
    /// [`TimeError::ClockRange`] from 2^48 on.
    pub const fn new(seconds: u64) -> Result<Self, TimeError> {
        if seconds < TIME_END { Ok(Self(seconds)) } else { Err(TimeError::ClockRange) }
    }

    /// Reads the system clock, floored to whole seconds.
    ///
    /// ```
    /// assert!(cretula::UnixTime::now()?.as_secs() > 0);
    /// # Ok::<(), cretula::TimeError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimeError::NoClock`] where the clock stands before 1970 or from 2^48 seconds on.
    #[cfg(feature = "std")]
    pub fn now() -> Result<Self, TimeError> {
        #[cfg(feature = "hazmat")]
        if STOPPED.get() {
            return Err(TimeError::NoClock);
        }
        Self::read(std::time::SystemTime::now())
    }

    #[cfg(feature = "std")]
    fn read(clock: std::time::SystemTime) -> Result<Self, TimeError> {
        let since = clock.duration_since(std::time::UNIX_EPOCH).map_err(|_| TimeError::NoClock)?;
        Self::new(since.as_secs()).map_err(|_| TimeError::NoClock)
    }

    /// Returns the seconds since the Unix epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }
}

#[cfg(all(feature = "hazmat", feature = "std"))]
std::thread_local! {
    static STOPPED: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// Makes a call without a clock, on this thread.
#[cfg(all(feature = "hazmat", feature = "std"))]
pub(crate) fn stopped<R>(call: impl FnOnce() -> R) -> R {
    STOPPED.set(true);
    let result = call();
    STOPPED.set(false);
    result
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::UnixTime;
    use crate::{TimeError, limits::TIME_END};

    // covers: [TIME-02]
    #[test]
    fn clock_out_of_range_is_no_clock() {
        assert_eq!(UnixTime::read(UNIX_EPOCH - Duration::from_nanos(1)), Err(TimeError::NoClock));
        assert_eq!(UnixTime::read(UNIX_EPOCH + Duration::from_secs(TIME_END)), Err(TimeError::NoClock));
        let floored = UNIX_EPOCH + Duration::from_millis(1999);
        assert_eq!(UnixTime::read(floored), UnixTime::new(1));
    }
}
