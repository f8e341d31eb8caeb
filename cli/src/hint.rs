//! What often happens to a token or a key on its way: said beside a refusal, never with a byte of what was read.

/// Returns what seems to have happened to a token.
pub(crate) fn of_token(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii();
    of(bytes).or(match text {
        _ if token_in(bytes).is_some() => Some("it is a whole cookie: the token is what stands after the ="),
        [.., last] if bytes.last() != Some(last) => Some("white space stands after it"),
        [first, ..] if bytes.first() != Some(first) => Some("white space stands before it"),
        _ => None,
    })
}

/// Returns what seems to have happened to a token or to a file of keys.
pub(crate) fn of(bytes: &[u8]) -> Option<&'static str> {
    let mut text = bytes.trim_ascii();
    // A document's own quotes and backslashes are right.
    if text.first() == Some(&b'{') {
        text = &[];
    }
    Some(match text {
        _ if bytes.starts_with(b"\xEF\xBB\xBF") => "it begins with a byte order mark: save it as UTF-8 without one",
        _ if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") => "it is UTF-16: save it as UTF-8",
        _ if bytes.contains(&0) => "it has NUL bytes, as UTF-16 has: save it as UTF-8",
        [b'"' | b'\'', ..] | [.., b'"' | b'\''] => "it stands in quotes: take them off",
        [.., b'\\', b'n'] => "it ends with a backslash and an n, in the place of a newline",
        _ => return None,
    })
}

/// Finds the token in a pasted `name=value`, `Cookie: …` or `Set-Cookie: …`.
pub(crate) fn token_in(line: &[u8]) -> Option<&[u8]> {
    let at = line.windows(4).position(|found| [b"=CrE", b"=CrS"].contains(&found.first_chunk().unwrap_or(b"    ")))?;
    let value = line.get(at.saturating_add(1)..)?;
    value.split(|octet| *octet == b';' || octet.is_ascii_whitespace()).next()
}

#[cfg(test)]
mod tests {
    use super::{of_token, token_in};

    #[test]
    fn tells_what_happened_on_the_way() {
        for (bytes, words) in [
            (&b"\xEF\xBB\xBFCrE1"[..], "byte order mark"),
            (b"\xFF\xFEC\0", "UTF-16"),
            (b"C\0r\0", "UTF-16"),
            (b"'cretula_key1_'\n", "quotes"),
            (b"cretula_key1_\\n", "backslash"),
            (b"session=CrE1aa", "whole cookie"),
            (b"CrE1aa\r\n", "after"),
            (b" CrE1aa", "before"),
        ] {
            let hint = of_token(bytes);
            assert!(hint.is_some_and(|hint| hint.contains(words)), "{words}: {hint:?}");
        }
        for right in [&b"CrE1aa"[..], b"{\"keys\":\"\"}", b""] {
            assert_eq!(of_token(right), None);
        }
    }

    #[test]
    fn finds_the_token() {
        for line in ["session=CrE1aa", "Cookie: a=b; session=CrE1aa; c=d", "Set-Cookie: session=CrE1aa; Path=/\r\n"] {
            assert_eq!(token_in(line.as_bytes()), Some(&b"CrE1aa"[..]), "{line}");
        }
        assert_eq!(token_in(b"CrE1aa"), None);
        assert_eq!(token_in(b"a=b"), None);
    }
}
