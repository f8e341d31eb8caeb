//! What a call gives, or why it gives nothing.

use cretula::{
    CommitError, ErrorCode as _, KeyError, KeyringError, NoSession, SealError, SetupError, TimeError, UnsealError,
    UserError,
};
use serde_json::{Map, Value};

/// Why a call has no result.
pub(crate) enum No {
    /// A code of §12, and what stands beside it.
    Error { code: &'static str, members: Map<String, Value> },
    /// The call cannot be made in Rust, for this reason.
    Skip(&'static str),
    /// The request is none that this adapter understands; the runner, or somebody in its place, is wrong.
    Request(String),
}

impl No {
    pub(super) fn request(words: impl Into<String>) -> Self {
        Self::Request(words.into())
    }

    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        if let Self::Error { members, .. } = &mut self {
            members.insert(name.to_owned(), value);
        }
        self
    }
}

/// Implements `From` for errors of the library.
macro_rules! codes {
    ($($error:ty),*) => {$(
        impl From<$error> for No {
            fn from(error: $error) -> Self {
                Self::Error { code: error.code(), members: Map::new() }
            }
        }
    )*};
}
codes!(CommitError, KeyError, KeyringError, NoSession, SealError, SetupError, TimeError, UnsealError, UserError);

/// What a call gives: members of `result`.
pub(crate) type Outcome = Result<Value, No>;
