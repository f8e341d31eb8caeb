//! Every public error and its stable code (§12 of the specification).
//!
//! A token's faults ([`UnsealError`]) and the calling program's faults are different types where a call can have
//! only one of them. Codes are for logs and metrics: show the sender of the token "no session" for all of them.

mod code;
#[cfg(feature = "device")]
mod device;
mod key;
#[cfg(feature = "session")]
mod session;
mod setup;
mod token;

use core::fmt;

pub use code::ErrorCode;
#[cfg(feature = "device")]
pub use device::DeviceError;
pub use key::{KeyError, KeyringError};
#[cfg(feature = "session")]
pub use session::{CommitError, NoSession, UserError};
pub use setup::SetupError;
pub use token::{SealError, TimeError, UnsealError};

/// Implements `Debug` as the text and the code: `main` prints it so when it returns the error.
macro_rules! debug_as_text {
    ($($error:ident),*) => {$(
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self} ({})", self.code())
            }
        }
    )*};
}
debug_as_text!(KeyError, KeyringError, SetupError, TimeError, SealError, UnsealError);
#[cfg(feature = "session")]
debug_as_text!(UserError, NoSession, CommitError);
#[cfg(feature = "device")]
debug_as_text!(DeviceError);
