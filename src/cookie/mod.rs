//! The cookie binding (§20): raw Cookie fields in, complete Set-Cookie values out.

mod committed;
mod read;
mod sessions;
mod settings;
mod token;
mod write;

pub use committed::Committed;
pub use sessions::Sessions;
pub use settings::{Cookie, SameSite};
pub use token::TokenCookie;
