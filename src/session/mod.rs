//! The session profile (§19): what a sealed token holds when it is a web session, and when it is written again.

mod change;
mod check;
mod commit;
mod data;
mod draws;
mod finite;
mod open;
mod payload;
mod policy;
mod scan;
mod sealer;
mod state;
mod text;
mod value;

pub use check::{Answer, NotNow, Opening};
pub use commit::{SessionCommit, Wrote};
pub use data::Data;
pub(crate) use draws::Draws;
#[cfg(feature = "device")]
pub(crate) use payload::{is_jkt, is_sid};
pub(crate) use policy::Policy;
pub use sealer::SessionSealer;
pub use state::{Ended, Session, SessionInfo, User};
