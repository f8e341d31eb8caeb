//! How an opener judges tokens, and how long they may be (§8).

use crate::{
    error::OptionsError,
    limits::{LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, LIMIT_DEFAULT, LIMIT_MAX},
};

/// The settings of an opener, and the limit of a sealer (§8).
///
/// ```
/// use cretula::Options;
///
/// let strict = Options::default().max_age(3600)?.leeway(0)?.limit(4096)?;
/// assert_eq!(Options::default().leeway(301).unwrap_err().code(), "leeway_range");
/// # Ok::<(), cretula::OptionsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub(crate) max_age: u32,
    pub(crate) leeway: u32,
    pub(crate) limit: usize,
}

impl Default for Options {
    /// max_age 34 560 000 seconds (400 days), leeway 60 seconds, limit 16 384 octets.
    fn default() -> Self {
        Self { max_age: LIFE_MAX, leeway: LEEWAY_DEFAULT, limit: LIMIT_DEFAULT }
    }
}

impl Options {
    /// Sets the longest life that the opener grants, whatever a token's ttl, in seconds.
    ///
    /// ```
    /// let options = cretula::Options::default().max_age(3600)?;
    /// assert_eq!(cretula::Options::default().max_age(0).unwrap_err().code(), "max_age_range");
    /// # Ok::<(), cretula::OptionsError>(())
    /// ```
    ///
    /// # Errors
    /// [`OptionsError::MaxAgeRange`] outside 1 to 34 560 000.
    pub const fn max_age(self, seconds: u32) -> Result<Self, OptionsError> {
        if seconds < 1 || seconds > LIFE_MAX {
            return Err(OptionsError::MaxAgeRange);
        }
        Ok(Self { max_age: seconds, ..self })
    }

    /// Sets how far ahead of this clock a token may be issued, in seconds. It lengthens no life.
    ///
    /// ```
    /// let options = cretula::Options::default().leeway(0)?;
    /// # Ok::<(), cretula::OptionsError>(())
    /// ```
    ///
    /// # Errors
    /// [`OptionsError::LeewayRange`] above 300.
    pub const fn leeway(self, seconds: u32) -> Result<Self, OptionsError> {
        if seconds > LEEWAY_MAX {
            return Err(OptionsError::LeewayRange);
        }
        Ok(Self { leeway: seconds, ..self })
    }

    /// Sets the longest token that is made, and the longest that is opened, in octets of text.
    ///
    /// ```
    /// let options = cretula::Options::default().limit(4096 - "__Host-Http-session".len())?;
    /// # Ok::<(), cretula::OptionsError>(())
    /// ```
    ///
    /// # Errors
    /// [`OptionsError::LimitRange`] outside 1 to 16 777 216.
    pub const fn limit(self, octets: usize) -> Result<Self, OptionsError> {
        if octets < 1 || octets > LIMIT_MAX {
            return Err(OptionsError::LimitRange);
        }
        Ok(Self { limit: octets, ..self })
    }
}
