//! What the reports for people share: dates and colours.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

pub(crate) const HEAD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const NEXT: Style = AnsiColor::Cyan.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();

/// Puts text into a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Returns `2026-09-21T14:13:20Z (1790000000)`; beyond the year 9999, which a time of 48 bits may be, the seconds alone.
pub(crate) fn moment(seconds: u64) -> String {
    let date = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    date.map_or_else(|| seconds.to_string(), |date| format!("{date} ({seconds})"))
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn tells_moments() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z (0)");
        assert_eq!(moment(951_827_696), "2000-02-29T12:34:56Z (951827696)");
        assert_eq!(moment(253_402_207_200), "9999-12-30T22:00:00Z (253402207200)");
        assert_eq!(moment((1 << 48) - 1), "281474976710655");
    }
}
