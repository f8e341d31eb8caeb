//! Option values: the ranges are the library's (§5, §8). A value outside is wrong usage and named by its code.

use std::time::{Duration, SystemTime};

use cretula::{ErrorCode as _, Key, SealError, SetupError, Site, TimeError, UnixTime, limits::LIFE_MAX};

use crate::{
    args::{ContextArgs, NowArgs},
    failure::Failure,
    number::Number,
};

/// Says which value of a call is out of range.
pub(crate) struct CallError {
    code: &'static str,
    words: String,
}

impl CallError {
    /// Turns into wrong usage of `command`.
    pub(crate) fn into_usage(self, command: &[&str]) -> Failure {
        Failure::usage(command, &format!("{}: {}", self.code, self.words))
    }
}

/// Implements `From` for errors of the library that concern values.
macro_rules! call_errors {
    ($($error:ty),*) => {$(
        impl From<$error> for CallError {
            fn from(error: $error) -> Self {
                Self { code: error.code(), words: error.to_string() }
            }
        }
    )*};
}
call_errors!(SetupError, SealError, TimeError);

/// Reads the audience and the purpose. What is not UTF-8 is not visible ASCII either: it is refused as the empty text is.
pub(crate) fn context(args: &ContextArgs) -> (&str, &str) {
    (args.audience.to_str().unwrap_or_default(), args.purpose.to_str().unwrap_or_default())
}

/// Makes something of a site with a key of nobody's: what is wrong with the values is said before anything is read.
pub(crate) fn check<M>(audience: &str, make: impl Fn(&Site) -> Result<M, SetupError>) -> Result<(), CallError> {
    let key = Key::generate().map_err(|error| CallError { code: error.code(), words: error.to_string() })?;
    make(&Site::new(key, audience)?)?;
    Ok(())
}

/// Octets of text.
pub(crate) fn limit(number: Number) -> usize {
    usize::try_from(number.value()).unwrap_or_default()
}

/// Reads a number of seconds; a negative or very large one is out of every range.
pub(crate) fn seconds(number: Number) -> Duration {
    u64::try_from(number.value()).map_or(Duration::MAX, Duration::from_secs)
}

pub(crate) fn ttl(number: Number) -> Result<Duration, CallError> {
    let ttl = seconds(number);
    let range = Duration::from_secs(1)..=Duration::from_secs(LIFE_MAX.into());
    if range.contains(&ttl) { Ok(ttl) } else { Err(SealError::TtlRange.into()) }
}

/// Returns the time that was given; `None` is the system clock.
pub(crate) fn given_time(args: &NowArgs) -> Result<Option<UnixTime>, CallError> {
    let time =
        |number: Number| u64::try_from(number.value()).map_err(|_| TimeError::ClockRange).and_then(UnixTime::new);
    Ok(args.now.map(time).transpose()?)
}

/// Returns the time that was given, or reads the clock.
pub(crate) fn or_clock(given: Option<UnixTime>) -> Result<UnixTime, Failure> {
    let clock = || UnixTime::try_from(SystemTime::now()).map_err(|_| TimeError::NoClock);
    given.map_or_else(clock, Ok).map_err(|error| Failure::refused(error.code(), error))
}
