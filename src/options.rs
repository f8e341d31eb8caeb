//! How an opener judges tokens, and how long they may be (§8).

use core::time::Duration;

use crate::{
    error::SetupError,
    limits::{LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, LIMIT_DEFAULT, LIMIT_MAX},
    time::whole_seconds,
};

/// The settings of an opener, and the limit of a sealer (§8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// The longest life that the opener grants, in seconds.
    pub(crate) max_age: u32,
    pub(crate) leeway: u32,
    /// The longest text that is made or opened, in octets.
    pub(crate) limit: usize,
}

impl Default for Options {
    /// max_age 34 560 000 seconds (400 days), leeway 60 seconds, limit 16 384 octets.
    fn default() -> Self {
        Self { max_age: LIFE_MAX, leeway: LEEWAY_DEFAULT, limit: LIMIT_DEFAULT }
    }
}

/// Returns the seconds of a max_age or another life.
pub(crate) fn life(life: Duration) -> Option<u32> {
    whole_seconds(life).filter(|seconds| (1..=LIFE_MAX).contains(seconds))
}

/// Returns the seconds of a leeway.
pub(crate) fn leeway(leeway: Duration) -> Result<u32, SetupError> {
    whole_seconds(leeway).filter(|seconds| *seconds <= LEEWAY_MAX).ok_or(SetupError::LeewayRange)
}

/// Returns a limit, in octets.
pub(crate) fn limit(limit: usize) -> Result<usize, SetupError> {
    if (1..=LIMIT_MAX).contains(&limit) { Ok(limit) } else { Err(SetupError::LimitRange) }
}
