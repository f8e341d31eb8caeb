//! Who seals, who is accepted, when (§11).

mod document;
mod entries;
mod rotation;
mod text;

pub use entries::{KeyEntry, Keyring};
pub use rotation::{Rotation, Warning, WarningKind};
