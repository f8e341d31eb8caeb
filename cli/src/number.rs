//! Whole numbers of the command line, before anything is said about their range.

use std::{fmt, num::IntErrorKind, str::FromStr};

/// Holds any whole number of the command line, beyond its range too, so that §8 judges it and not the parser. What
/// 128 bits do not hold is the nearest that they do, which no range contains.
#[derive(Clone, Copy)]
pub(crate) struct Number(i128);

impl Number {
    pub(crate) const fn value(self) -> i128 {
        self.0
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        Self(i128::try_from(number).unwrap_or(i128::MAX))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Number {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<i128>() {
            Ok(number) => Ok(Self(number)),
            Err(error) => match error.kind() {
                IntErrorKind::PosOverflow => Ok(Self(i128::MAX)),
                IntErrorKind::NegOverflow => Ok(Self(i128::MIN)),
                _ => Err("not a whole number"),
            },
        }
    }
}
