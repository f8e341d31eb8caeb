//! The conformance classes (§15).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What an implementation claims (§15).
///
/// ```
/// use cretula_conform::Class;
///
/// assert_eq!("unsealer".parse::<Class>()?, Class::Unsealer);
/// assert_eq!(Class::Unsealer.to_string(), "unsealer");
/// # Ok::<(), cretula_conform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Opens sealed tokens.
    Unsealer,
    /// Makes sealed tokens.
    Sealer,
    /// Makes signed tokens.
    Signer,
    /// Opens signed tokens.
    Verifier,
    /// Reads keys and keyrings.
    Keyring,
    /// The session profile (§19).
    Session,
    /// The cookie binding (§20).
    Cookie,
    /// Device binding (§21).
    Device,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 8] = [
        Self::Unsealer,
        Self::Sealer,
        Self::Signer,
        Self::Verifier,
        Self::Keyring,
        Self::Session,
        Self::Cookie,
        Self::Device,
    ];

    /// Returns the name of the protocol and of the vector files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsealer => "unsealer",
            Self::Sealer => "sealer",
            Self::Signer => "signer",
            Self::Verifier => "verifier",
            Self::Keyring => "keyring",
            Self::Session => "session",
            Self::Cookie => "cookie",
            Self::Device => "device",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Class {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let class = Self::ALL.into_iter().find(|class| class.name() == text);
        class.ok_or_else(|| Error::UnknownClass(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Class;

    #[test]
    fn names_are_those_of_the_protocol() {
        for class in Class::ALL {
            assert_eq!(class.name().parse(), Ok(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.name());
        }
        let unknown = "Cookie".parse::<Class>().unwrap_err();
        assert_eq!(unknown.to_string(), "\"Cookie\" is not the name of a class");
    }
}
