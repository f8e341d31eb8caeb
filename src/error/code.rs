//! The code of an error.

/// An error with a code of the specification (§12). Codes are stable, the same in every language, and for logs and
/// metrics: show the sender of the token "no session" for all of them.
///
/// ```
/// use cretula::{ErrorCode as _, Key};
///
/// assert_eq!("oops".parse::<Key>().map_err(|error| error.code()), Err("key_format"));
/// ```
pub trait ErrorCode {
    /// Returns the code, in lower case with underscores.
    fn code(&self) -> &'static str;
}
