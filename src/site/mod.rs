//! What a site seals and opens with: one owner, and what it makes.

mod builder;
mod owner;
#[cfg(feature = "std")]
mod source;

#[cfg(feature = "session")]
pub use builder::BuildCookie;
pub use builder::{Build, BuildToken, Builder};
pub use owner::Site;
#[cfg(feature = "std")]
pub use source::{SiteEvent, SourceError};
