//! Errors of keys and keyrings (§4, §11).

use core::fmt;

use thiserror::Error;

use super::code::ErrorCode;

/// Why a key was refused or not made (§4). Never contains the key.
///
/// ```
/// let error = "cretula_key1_oops".parse::<cretula::Key>().unwrap_err();
/// assert_eq!(error, cretula::KeyError::Format);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not 32 bytes, or not a key text of 86 characters: `key_format`.
    #[error("not a key: expected 32 bytes, or `cretula_key1_`, 64 lower-case hex digits, `_` and 8 more")]
    Format,
    /// The key text's checksum differs, as after a typo: `key_checksum`.
    #[error("the checksum of the key text does not match: a character is wrong")]
    Checksum,
    /// All 32 bytes are zero: `key_zero`.
    #[error("the key is all zero")]
    Zero,
    /// A published test key: `key_test`.
    #[error("the key is a published test key")]
    Test,
    /// The operating system gave no randomness to make a key: `no_randomness`.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

impl ErrorCode for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Format => "key_format",
            Self::Checksum => "key_checksum",
            Self::Zero => "key_zero",
            Self::Test => "key_test",
            Self::NoRandomness => "no_randomness",
        }
    }
}

/// Why a keyring was refused (§11). Says which entry, counted from 0; never contains a key.
///
/// ```
/// let error = cretula::Keyring::parse("").unwrap_err();
/// assert_eq!(error, cretula::KeyringError::Empty);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// Not a keyring document: `keyring_format`. Line and column count from 1, the column in bytes; both are 0 if the
    /// fault is inside an entry, or has no single place.
    #[error("not a keyring document{}", Place { line: *line, column: *column })]
    Format {
        /// Line of the fault.
        line: usize,
        /// Column of the fault, in bytes.
        column: usize,
    },
    /// No entry: `keyring_empty`.
    #[error("the keyring has no key")]
    Empty,
    /// An entry's key is refused: the key's code.
    #[error("key at position {entry}: {error}")]
    Key {
        /// Position of the entry, from 0.
        entry: usize,
        /// What is wrong with its key.
        error: KeyError,
    },
    /// A time is not an integer in 0 ≤ t < 2^48: `keyring_time`.
    #[error("key at position {entry}: seal_from and accept_until are integers from 0 to 2^48 - 1")]
    Time {
        /// Position of the entry, from 0.
        entry: usize,
    },
    /// `seal_from` is not before `accept_until`: `keyring_window`.
    #[error("key at position {entry}: seal_from is not before accept_until")]
    Window {
        /// Position of the entry, from 0.
        entry: usize,
    },
    /// An earlier entry has the same key: `key_duplicate`.
    #[error("key at position {entry}: the same key is in the keyring already")]
    Duplicate {
        /// Position of the later of the two, from 0.
        entry: usize,
    },
}

/// Writes where a document is at fault, if that is one place.
struct Place {
    line: usize,
    column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => Ok(()),
            line => write!(f, " (line {line}, column {})", self.column),
        }
    }
}

impl ErrorCode for KeyringError {
    fn code(&self) -> &'static str {
        match self {
            Self::Format { .. } => "keyring_format",
            Self::Empty => "keyring_empty",
            Self::Key { error, .. } => error.code(),
            Self::Time { .. } => "keyring_time",
            Self::Window { .. } => "keyring_window",
            Self::Duplicate { .. } => "key_duplicate",
        }
    }
}

impl KeyringError {
    /// Returns the position of the offending entry, from 0; `None` for a fault of the whole.
    #[must_use]
    pub const fn entry(self) -> Option<usize> {
        match self {
            Self::Format { .. } | Self::Empty => None,
            Self::Key { entry, .. } | Self::Time { entry } | Self::Window { entry } | Self::Duplicate { entry } => {
                Some(entry)
            }
        }
    }
}
