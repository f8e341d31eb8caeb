//! Text of an adapter, made safe to show.

/// Characters of a line that is quoted.
const QUOTED: usize = 200;

/// Escapes control characters and marks of direction. An adapter writes what it likes, and terminals obey it.
///
/// ```
/// assert_eq!(cretula_conform::printable("\u{1b}[31mred"), "\\u{1b}[31mred");
/// ```
#[must_use]
pub fn printable(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\'' | '\\' => c.to_string(),
        c => c.escape_debug().to_string(),
    };
    text.chars().map(escape).collect()
}

/// Shortens a line, escapes it and puts it into quotation marks.
pub(crate) fn quoted(line: &str) -> String {
    let mut shown: String = line.chars().take(QUOTED).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("\"{}\"", printable(&shown))
}
