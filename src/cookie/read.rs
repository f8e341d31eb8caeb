//! Finding our values in the Cookie fields, and the one that is meant (§20.2, §20.3, §20.5).
//!
//! Whoever sent the request controls every octet here.

use alloc::{string::String, vec::Vec};

use crate::{
    base64url,
    codec::Ring,
    error::NoSession,
    limits::{COOKIE_CANDIDATES_MAX, COOKIE_PART_MAX, COOKIE_TOKEN_MAX},
    sealed::Sealer,
};

/// Octets at a token's start that hold magic and key id.
const START: usize = 48;
/// Octets of the id of two cookies.
const ID: usize = 8;
/// Octets of the shortest sealed token's text.
const SHORTEST: usize = 114;

/// ```text
/// for each field, for each part between ";":
///     skip a part without "="
///     (n, v) = the part before the first "=", and all after it, each without SP and HTAB at both ends
///     if n = name, octet by octet: v is a value
/// ```
pub(super) fn values<'f>(fields: &'f [impl AsRef<[u8]>], name: &str) -> impl Iterator<Item = &'f [u8]> {
    let parts = fields.iter().flat_map(|field| field.as_ref().split(|octet| *octet == b';'));
    parts.filter_map(move |part| {
        let equals = part.iter().position(|octet| *octet == b'=')?;
        let (n, v) = (part.get(..equals)?, part.get(equals.saturating_add(1)..)?);
        (trim(n) == name.as_bytes()).then(|| trim(v))
    })
}

/// SP and HTAB only: a wider trim would let other names pass for ours.
fn trim(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// A value that has the shape of a token of the ring.
enum Candidate<'f> {
    One(&'f [u8]),
    /// The first of two cookies: id, first part.
    Two(&'f [u8], &'f [u8]),
}

impl<'f> Candidate<'f> {
    fn read(value: &'f [u8], ring: &Ring) -> Option<Self> {
        let Some(rest) = value.strip_prefix(b"2.") else {
            let fits = (SHORTEST..=COOKIE_TOKEN_MAX).contains(&value.len());
            return (fits && Sealer::knows(ring, value)).then_some(Self::One(value));
        };
        let (id, first) = rest.split_first_chunk::<ID>()?;
        let first = first.strip_prefix(b".")?;
        let fits = value.len() <= COOKIE_PART_MAX && first.len() >= START;
        (fits && id.iter().all(|octet| base64url::is_alphabet(*octet)) && Sealer::knows(ring, first))
            .then_some(Self::Two(id, first))
    }
}

/// [COOK-14]; `None` is `chunks`.
fn second_part<'f>(fields: &'f [impl AsRef<[u8]>], name: &str, id: &[u8]) -> Option<&'f [u8]> {
    let parts = values(fields, name).filter_map(|value| {
        let part = value.strip_prefix(id)?.strip_prefix(b".")?;
        (!part.is_empty() && value.len() <= COOKIE_PART_MAX).then_some(part)
    });
    let mut parts = parts;
    let first = parts.next()?;
    parts.all(|part| part == first).then_some(first)
}

/// ```text
/// all = values(fields, name)
/// if all is empty:                                            fail absent
/// candidates = those of the shape, equal ones once, in the order received
/// if there are none:      fail with the code of opening all[0] (chunks, if it begins with "2.")
/// if there are more than 4:                                   fail ambiguous
/// open each candidate
/// if none opened:         fail with the code of the first candidate
/// ```
///
/// Returns what opened, in the order received, at least one.
pub(super) fn open_candidates<S>(
    fields: &[impl AsRef<[u8]>],
    (name, second_name): (&str, &str),
    ring: &Ring,
    mut open: impl FnMut(&[u8]) -> Result<S, NoSession>,
) -> Result<Vec<S>, NoSession> {
    let mut first_value = None;
    let mut candidates: Vec<(&[u8], Candidate<'_>)> = Vec::new();
    for value in values(fields, name) {
        first_value.get_or_insert(value);
        if candidates.iter().any(|(known, _)| *known == value) {
            continue;
        }
        if let Some(candidate) = Candidate::read(value, ring) {
            if candidates.len() >= COOKIE_CANDIDATES_MAX {
                return Err(NoSession::Ambiguous);
            }
            candidates.push((value, candidate));
        }
    }
    let first_value = first_value.ok_or(NoSession::Absent)?;
    if candidates.is_empty() && first_value.starts_with(b"2.") {
        return Err(NoSession::Chunks);
    }
    if candidates.is_empty() {
        // Without the shape it fails in steps 1 to 5.
        return open(first_value).map(|opened| [opened].into());
    }
    let (mut opened, mut fault) = (Vec::new(), None);
    for (_, candidate) in candidates {
        let result = match candidate {
            Candidate::One(token) => open(token),
            Candidate::Two(id, first) => match second_part(fields, second_name, id) {
                Some(second) => open(&[first, second].concat()),
                None => Err(NoSession::Chunks),
            },
        };
        match result {
            Ok(session) => opened.push(session),
            Err(error) => {
                fault.get_or_insert(error);
            }
        }
    }
    match fault {
        Some(fault) if opened.is_empty() => Err(fault),
        _ => Ok(opened),
    }
}

/// Returns the two values of a token that one cookie does not hold (§20.5); `None` if two do not either.
pub(super) fn split(token: &str, id: [u8; 6]) -> Option<(String, String)> {
    let mut text = String::new();
    base64url::encode(&id, &mut text);
    let (first, second) = token.split_at_checked(COOKIE_PART_MAX.saturating_sub(ID.saturating_add(3)))?;
    let values = (alloc::format!("2.{text}.{first}"), alloc::format!("{text}.{second}"));
    (values.1.len() <= COOKIE_PART_MAX).then_some(values)
}
