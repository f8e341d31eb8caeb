//! What the middlewares of Cretula's web sessions share: open, check, commit, log. The README tells the rules.

mod handle;
mod middleware;
mod testing;

pub use handle::SessionHandle;
pub use middleware::{Check, Event, Failure, Middleware, log_keyring};
pub use testing::signed_on;
