//! A text in the pieces in which it is changed: strings of JSON, words and numbers, and single characters.

/// Splits a text. Concatenated, the pieces are the text.
pub(crate) fn units(text: &str) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string(rest),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '.')
}

/// Returns the length of the string of JSON at the beginning, or 1 if it has no end.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::units;

    #[test]
    fn splits() {
        assert_eq!(units("{\"a\\\"b\": -1.5e3,é"), ["{", "\"a\\\"b\"", ":", " ", "-1.5e3", ",", "é"]);
        assert_eq!(units("a=b; \"c"), ["a", "=", "b", ";", " ", "\"", "c"]);
        assert!(units("").is_empty());
    }
}
