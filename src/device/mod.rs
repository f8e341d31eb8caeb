//! Device binding (§21): the key that a browser holds, the JWTs that prove it, and the three tokens.

mod jwt;
mod settings;
mod tokens;

pub(crate) use jwt::{DeviceKey, read, value};
pub use settings::DeviceBinding;
pub(crate) use tokens::{Challenge, Device};
