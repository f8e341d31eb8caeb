//! What often happens to a token or a key on its way: said beside a refusal, never with a byte of what was read.

use std::borrow::Cow;

/// Returns what seems to have happened to a token.
pub(crate) fn of_token(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii();
    of(bytes).or(match text {
        _ if token_in(bytes).is_some() => Some("it is a whole cookie: the token is what comes after the ="),
        _ if values(bytes).chain([text]).any(|value| first_part(value).is_some()) => {
            Some("it is the first of two cookies: paste both, `name` and `name.1`, in one line")
        }
        [.., last] if bytes.last() != Some(last) => Some("there is white space after it"),
        [first, ..] if bytes.first() != Some(first) => Some("there is white space before it"),
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
        [b'"' | b'\'', ..] | [.., b'"' | b'\''] => "it is in quotes: take them off",
        [.., b'\\', b'n'] => "it ends with a backslash and an n, in the place of a newline",
        _ => return None,
    })
}

/// Finds the token in a pasted `name=value`, `Cookie: …` or `Set-Cookie: …`, also one in two cookies (§20.5).
pub(crate) fn token_in(line: &[u8]) -> Option<Cow<'_, [u8]>> {
    if let Some(token) = values(line).find(|value| is_token(value)) {
        return Some(Cow::Borrowed(token));
    }
    let (id, first) = values(line).find_map(first_part)?;
    let second = values(line).find_map(|value| value.strip_prefix(id)?.strip_prefix(b"."))?;
    Some(Cow::Owned([first, second].concat()))
}

fn is_token(value: &[u8]) -> bool {
    value.starts_with(b"CrE") || value.starts_with(b"CrS")
}

/// The values of the pairs in a line.
fn values(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let pairs = line.split(|octet| *octet == b';' || octet.is_ascii_whitespace());
    pairs.filter_map(|pair| pair.get(pair.iter().position(|octet| *octet == b'=')?.saturating_add(1)..))
}

/// The id, 8 characters, and the text of the first of two cookies: `2.`, id, `.`, text.
fn first_part(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let (id, text) = value.strip_prefix(b"2.")?.split_at_checked(8)?;
    let text = text.strip_prefix(b".")?;
    is_token(text).then_some((id, text))
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
            (b"session=2.abcdefgh.CrE1aa", "both"),
            (b"2.abcdefgh.CrE1aa", "both"),
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
            assert_eq!(token_in(line.as_bytes()).as_deref(), Some(&b"CrE1aa"[..]), "{line}");
        }
        for line in [
            "s=2.abcdefgh.CrE1aa; s.1=abcdefgh.bb",
            "Cookie: s.1=abcdefgh.bb; a=2.x; s=2.abcdefgh.CrE1aa",
            "Set-Cookie: s.1=abcdefgh.bb; Path=/\nSet-Cookie: s=2.abcdefgh.CrE1aa; Path=/\n",
        ] {
            assert_eq!(token_in(line.as_bytes()).as_deref(), Some(&b"CrE1aabb"[..]), "{line}");
        }
        for none in
            ["CrE1aa", "a=b", "s=2.abcdefgh.CrE1aa", "s=2.abcdefgh.CrE1aa; s.1=bbcdefgh.bb", "s=2.abcdefgh.xx", "s=2."]
        {
            assert_eq!(token_in(none.as_bytes()), None, "{none}");
        }
    }
}
