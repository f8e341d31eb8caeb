//! Whole numbers of the command line, before anything is said about their range.

use std::{fmt, num::IntErrorKind, str::FromStr};

/// Any whole number of the command line, beyond its range too, so that §8 judges it and not the parser. What
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

/// Parses seconds: a whole number of them, or of what `s`, `m`, `h` or `d` after it says.
pub(crate) fn seconds(text: &str) -> Result<Number, &'static str> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let unit = units.iter().find_map(|(unit, size)| Some((text.strip_suffix(*unit)?, *size)));
    let (number, size) = unit.unwrap_or((text, 1));
    let number: Number =
        number.parse().map_err(|_| "not a whole number of seconds, nor one with s, m, h or d after it")?;
    Ok(Number(number.0.saturating_mul(size)))
}

/// Parses seconds, as above, that need no code of their own where they are out of range.
pub(crate) fn wait(text: &str) -> Result<u32, &'static str> {
    seconds(text)?.0.try_into().map_err(|_| "not from 0 to 4294967295 seconds")
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

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn units_are_seconds() {
        for (text, number) in [("90", 90), ("90s", 90), ("30m", 1_800), ("24h", 86_400), ("7d", 604_800), ("-1m", -60)]
        {
            assert_eq!(seconds(text).unwrap().value(), number, "{text}");
        }
        assert_eq!(seconds(&format!("{}d", "9".repeat(60))).unwrap().value(), i128::MAX);
        for text in ["", "m", "1.5h", "1h30m", "1w", "30 m", "30M"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
