//! Why a run cannot be made.

use std::fmt::Display;

use thiserror::Error;

/// Why no run is possible, or why a run ended early.
///
/// An answer that is merely wrong is not an error: it is an [`Outcome`](crate::Outcome) in the report.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The vectors cannot be read, are not what their manifest says, or hold something that this version does not know.
    #[error("{place}: {words}")]
    Vectors {
        /// The folder or file, in quotation marks.
        place: String,
        /// What is wrong with it.
        words: String,
    },
    /// The adapter cannot be started, says no proper hello, or ends again and again. The text holds the last lines of
    /// its standard error, with control characters escaped.
    #[error("adapter: {0}")]
    Adapter(String),
    /// A class was asked for that the adapter does not claim.
    #[error("the adapter does not claim the class {class}; it claims {claims}")]
    NotClaimed {
        /// Name of the class.
        class: String,
        /// Names of the classes that it claims, separated by commas.
        claims: String,
    },
    /// The text is not the name of a class.
    #[error("{0:?} is not the name of a class")]
    UnknownClass(String),
}

impl Error {
    pub(crate) fn vectors(place: impl Display, words: impl Display) -> Self {
        Self::Vectors { place: place.to_string(), words: words.to_string() }
    }

    pub(crate) fn adapter(words: impl Into<String>) -> Self {
        Self::Adapter(words.into())
    }
}
