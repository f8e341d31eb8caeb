//! Option values: the ranges are the library's (§5, §8). A value outside is wrong usage and named by its code.

use std::ffi::OsStr;

use cretula::{
    Context, ContextError, Options, OptionsError, RotationError, SealError, TimeError, UnixTime, limits::LIFE_MAX,
};

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
call_errors!(ContextError, OptionsError, RotationError, SealError, TimeError);

pub(crate) fn context(args: &ContextArgs) -> Result<Context, CallError> {
    // What is not UTF-8 is not visible ASCII either: it is refused as the empty text is.
    let field = |field: &OsStr| field.to_str().unwrap_or_default().to_owned();
    Ok(Context::new(&field(&args.audience), &field(&args.purpose))?)
}

/// Octets of text, for the options and for the reader.
pub(crate) fn limit(number: Number) -> Result<(Options, usize), CallError> {
    let limit = usize::try_from(number.value()).map_err(|_| OptionsError::LimitRange)?;
    Ok((Options::default().limit(limit)?, limit))
}

pub(crate) fn leeway(number: Number) -> Result<u32, CallError> {
    let leeway = u32::try_from(number.value()).map_err(|_| OptionsError::LeewayRange)?;
    Ok(Options::default().leeway(leeway).map(|_| leeway)?)
}

pub(crate) fn max_age(number: Number) -> Result<u32, CallError> {
    let max_age = u32::try_from(number.value()).map_err(|_| OptionsError::MaxAgeRange)?;
    Ok(Options::default().max_age(max_age).map(|_| max_age)?)
}

pub(crate) fn ttl(number: Number) -> Result<u32, CallError> {
    let ttl = u32::try_from(number.value()).map_err(|_| SealError::TtlRange)?;
    if (1..=LIFE_MAX).contains(&ttl) { Ok(ttl) } else { Err(SealError::TtlRange.into()) }
}

/// Returns the time that was given; `None` stands for the system clock.
pub(crate) fn given_time(args: &NowArgs) -> Result<Option<UnixTime>, CallError> {
    let time =
        |number: Number| u64::try_from(number.value()).map_err(|_| TimeError::ClockRange).and_then(UnixTime::new);
    Ok(args.now.map(time).transpose()?)
}

/// Returns the time that was given, or reads the clock.
pub(crate) fn or_clock(given: Option<UnixTime>) -> Result<UnixTime, Failure> {
    given.map_or_else(UnixTime::now, Ok).map_err(|error| Failure::refused(error.code(), error))
}
