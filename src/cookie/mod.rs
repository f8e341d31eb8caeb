//! The cookie binding (§20): raw Cookie fields in, complete Set-Cookie values out.

mod committed;
#[cfg(feature = "device")]
mod device;
mod read;
mod sessions;
mod settings;
mod token;
mod write;

pub use committed::Committed;
#[cfg(feature = "device")]
pub use device::{DeviceRequest, DeviceResponse};
pub use sessions::Sessions;
pub use settings::{Cookie, SameSite};
pub use token::TokenCookie;
