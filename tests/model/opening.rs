//! Openers and rings a second time: which code a text gets, which entry seals.

use cretula::Kind;

use cretula_vectors::reference;

use crate::model::{ALPHABET, Secret, decode, letter};

/// Describes an opener: what it expects, how long, under which keys until when.
pub(crate) struct Opener<'a> {
    pub(crate) kind: Kind,
    pub(crate) limit: usize,
    pub(crate) ring: Vec<(Secret, Option<u64>)>,
    pub(crate) context: (&'a str, &'a str),
}

impl Opener<'_> {
    /// Steps 1 to 6 of §10, for a text that comes of the one authentic token `made`: the code, or `None` if it opens.
    pub(crate) fn predict(&self, text: &[u8], now: u64, made: &[u8]) -> Option<&'static str> {
        if text.len() > self.limit {
            return Some("too_long");
        }
        let (magic, other, least): (&[u8], &[u8], _) = match self.kind {
            Kind::Sealed => (b"CrE1", b"CrS1", 85),
            Kind::Signed => (b"CrS1", b"CrE1", 77),
        };
        if !text.starts_with(magic) {
            let version = text.strip_prefix(b"CrE").or(text.strip_prefix(b"CrS")).and_then(|rest| rest.first());
            return Some(match version {
                _ if text.starts_with(other) => "wrong_kind",
                Some(version) if ALPHABET.contains(version) => "unsupported_version",
                _ => "not_a_token",
            });
        }
        let Some(bytes) = decode(text) else { return Some("encoding") };
        if bytes.len() < least {
            return Some("too_short");
        }
        let id = |secret| derive(secret, self.kind, self.context).1;
        let Some((_, end)) = self.ring.iter().find(|(secret, _)| id(secret)[..] == bytes[3..35]) else {
            return Some("unknown_key");
        };
        if end.is_some_and(|end| now >= end) {
            return Some("key_inactive");
        }
        (bytes != made).then_some("auth_failed")
    }
}

/// Returns the position of the entry that seals (§11.2), of windows (seal_from, accept_until).
pub(crate) fn sealing_entry(windows: &[(u64, Option<u64>)], now: u64) -> Option<usize> {
    let mut best: Option<(usize, u64)> = None;
    for (position, (from, _)) in windows.iter().enumerate() {
        if *from <= now && best.is_none_or(|(_, greatest)| *from > greatest) {
            best = Some((position, *from));
        }
    }
    let (position, _) = best?;
    windows[position].1.is_none_or(|end| now < end).then_some(position)
}

/// Returns the working key and the key id (§6).
pub(crate) fn derive(secret: &Secret, kind: Kind, (audience, purpose): (&str, &str)) -> (Secret, Secret) {
    let (_info, okm) = reference::derive(secret, letter(kind), audience, purpose);
    (okm[..32].try_into().unwrap(), okm[32..].try_into().unwrap())
}
