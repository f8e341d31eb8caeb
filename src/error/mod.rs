//! Every public error and its stable code (§12 of the specification).
//!
//! A token's faults ([`UnsealError`]) and the calling program's faults are different types where a call can have
//! only one of them. Codes are for logs and metrics: to whoever sent the token, all of them are "no session".

mod key;
#[cfg(feature = "session")]
mod session;
mod token;

pub use key::{KeyError, KeyringError, RotationError};
#[cfg(feature = "session")]
pub use session::{CommitError, CookieError, NoSession, PolicyError, UserError};
pub use token::{ContextError, OptionsError, SealError, TimeError, UnsealError};
