//! How long sessions live (§19.2).

use crate::{
    error::PolicyError,
    limits::{ABSOLUTE_DEFAULT, IDLE_DEFAULT, LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX},
    options::Options,
};

/// The idle and the absolute life of sessions, in seconds (§19.2). The default: 30 minutes idle, 24 hours in all.
///
/// ```
/// use cretula::Policy;
///
/// let bank = Policy::new(5 * 60, 8 * 3600)?;
/// assert_eq!((bank.idle(), bank.absolute()), (300, 28_800));
/// assert_eq!(Policy::new(3600, 60).unwrap_err().code(), "absolute_range"); // it contradicts itself
/// # Ok::<(), cretula::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    idle: u32,
    absolute: u32,
    leeway: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { idle: IDLE_DEFAULT, absolute: ABSOLUTE_DEFAULT, leeway: LEEWAY_DEFAULT }
    }
}

impl Policy {
    /// Takes the idle life, which use renews, and the absolute one, which nothing does, in seconds.
    ///
    /// ```
    /// let policy = cretula::Policy::new(1800, 12 * 3600)?;
    /// # Ok::<(), cretula::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// [`PolicyError::IdleRange`] outside 1 to 34 560 000; [`PolicyError::AbsoluteRange`] below `idle` or above that.
    pub const fn new(idle: u32, absolute: u32) -> Result<Self, PolicyError> {
        if idle < 1 || idle > LIFE_MAX {
            return Err(PolicyError::IdleRange);
        }
        if absolute < idle || absolute > LIFE_MAX {
            return Err(PolicyError::AbsoluteRange);
        }
        Ok(Self { idle, absolute, leeway: LEEWAY_DEFAULT })
    }

    /// Sets how far ahead of this clock a session may have been written, in seconds. It lengthens no life.
    ///
    /// ```
    /// let policy = cretula::Policy::default().leeway(5)?;
    /// # Ok::<(), cretula::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// [`PolicyError::LeewayRange`] above 300.
    pub const fn leeway(self, seconds: u32) -> Result<Self, PolicyError> {
        if seconds > LEEWAY_MAX {
            return Err(PolicyError::LeewayRange);
        }
        Ok(Self { leeway: seconds, ..self })
    }

    /// Returns the idle life in seconds.
    #[must_use]
    pub const fn idle(self) -> u32 {
        self.idle
    }

    /// Returns the absolute life in seconds.
    #[must_use]
    pub const fn absolute(self) -> u32 {
        self.absolute
    }

    /// Returns how far ahead of this clock a session may have been written, in seconds.
    pub(super) const fn ahead(self) -> u32 {
        self.leeway
    }

    /// Returns the opener's options: max_age is the idle life, so that a shorter policy cuts older tokens too.
    pub(super) fn options(self, limit: usize) -> Options {
        let options = Options::default();
        // None can fail: the ranges are the codec's own.
        let options = options.max_age(self.idle).unwrap_or(options);
        let options = options.leeway(self.leeway).unwrap_or(options);
        options.limit(limit).unwrap_or(options)
    }
}
