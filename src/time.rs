//! Unix time in whole seconds, and the only call of the system clock (§8).

use alloc::sync::Arc;
use core::{fmt, time::Duration};

use crate::{error::TimeError, limits::TIME_END};

/// A time in whole seconds since the Unix epoch, 0 ≤ t < 2^48 (§8).
///
/// ```
/// let noon = cretula::UnixTime::new(1_790_000_000)?;
/// assert_eq!(noon.as_secs(), 1_790_000_000);
/// # Ok::<(), cretula::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The earliest time; also used without a clock, if the error is reported elsewhere.
    pub(crate) const EPOCH: Self = Self(0);

    /// Makes a time from a number of seconds.
    ///
    /// ```
    /// use cretula::ErrorCode as _;
    /// assert!(cretula::UnixTime::new((1 << 48) - 1).is_ok());
    /// assert_eq!(cretula::UnixTime::new(1 << 48).unwrap_err().code(), "clock_range");
    /// ```
    ///
    /// # Errors
    /// [`TimeError::ClockRange`] from 2^48 on.
    pub const fn new(seconds: u64) -> Result<Self, TimeError> {
        if seconds < TIME_END { Ok(Self(seconds)) } else { Err(TimeError::ClockRange) }
    }

    /// Reads the system clock, rounded down to whole seconds; [`TimeError::NoClock`] if it is before 1970 or from 2^48
    /// seconds on, or if there is none.
    fn system() -> Result<Self, TimeError> {
        #[cfg(all(feature = "hazmat", feature = "std"))]
        if STOPPED.get() {
            return Err(TimeError::NoClock);
        }
        #[cfg(feature = "std")]
        return Self::try_from(std::time::SystemTime::now()).map_err(|_| TimeError::NoClock);
        #[cfg(not(feature = "std"))]
        Err(TimeError::NoClock)
    }

    /// What is in range wherever it is computed: a token's end may lie past 2^48.
    pub(crate) const fn of(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Returns the seconds since the Unix epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }
}

#[cfg(feature = "std")]
impl TryFrom<std::time::SystemTime> for UnixTime {
    type Error = TimeError;

    /// Floors to whole seconds.
    fn try_from(time: std::time::SystemTime) -> Result<Self, TimeError> {
        let since = time.duration_since(std::time::UNIX_EPOCH).map_err(|_| TimeError::ClockRange)?;
        Self::new(since.as_secs())
    }
}

#[cfg(feature = "std")]
impl TryFrom<UnixTime> for std::time::SystemTime {
    type Error = TimeError;

    fn try_from(time: UnixTime) -> Result<Self, TimeError> {
        std::time::UNIX_EPOCH.checked_add(Duration::from_secs(time.0)).ok_or(TimeError::ClockRange)
    }
}

/// Where the time of a call comes from: the system, or the application. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Clock(Option<Arc<dyn Fn() -> Option<UnixTime> + Send + Sync>>);

impl Clock {
    pub(crate) fn new(clock: impl Fn() -> Option<UnixTime> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(clock)))
    }

    pub(crate) fn now(&self) -> Result<UnixTime, TimeError> {
        match &self.0 {
            Some(clock) => clock().ok_or(TimeError::NoClock),
            None => UnixTime::system(),
        }
    }
}

/// Returns the seconds of a life; `None` for a fraction of a second, and beyond `u32` ([TIME-04]).
pub(crate) fn whole_seconds(life: Duration) -> Option<u32> {
    if life.subsec_nanos() == 0 { u32::try_from(life.as_secs()).ok() } else { None }
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
        let read = UnixTime::try_from;
        assert_eq!(read(UNIX_EPOCH - Duration::from_nanos(1)), Err(TimeError::ClockRange));
        assert_eq!(read(UNIX_EPOCH + Duration::from_secs(TIME_END)), Err(TimeError::ClockRange));
        assert_eq!(read(UNIX_EPOCH + Duration::from_millis(1999)), UnixTime::new(1));
        assert_eq!(super::Clock::new(|| None).now(), Err(TimeError::NoClock));
    }

    // covers: [TIME-04]
    #[test]
    fn fractions_and_great_lives_are_no_lives() {
        assert_eq!(super::whole_seconds(Duration::from_millis(1500)), None);
        assert_eq!(super::whole_seconds(Duration::from_secs(1 << 32)), None);
        assert_eq!(super::whole_seconds(Duration::from_secs(60)), Some(60));
    }
}
