//! Finding our values in the Cookie fields, and the one that is meant (§20.2, §20.3, §20.5).
//!
//! Anyone who sends a request controls every octet here.

use alloc::{borrow::Cow, vec::Vec};

use memchr::{memchr, memchr_iter};

use crate::{
    base64url,
    error::NoSession,
    limits::{COOKIE_CANDIDATES_MAX, COOKIE_PART_MAX, COOKIE_TOKEN_MAX},
    ring::Ring,
    wire::{self, Kind},
};

/// Octets at a token's start that hold magic and key id.
const START: usize = 48;
/// Octets of the id of two cookies.
pub(super) const ID: usize = 8;
/// Octets of the shortest sealed token's text.
const SHORTEST: usize = 114;

/// The values of a cookie and of those beside it, each in the order received.
#[derive(Default)]
pub(super) struct Found<'f> {
    pub(super) own: Few<&'f [u8]>,
    /// Of the second of two cookies, `name.1`.
    pub(super) second: Few<&'f [u8]>,
    /// Of the marks of sessions that ended, `name.end`.
    pub(super) end: Few<&'f [u8]>,
    /// Of the proofs of a device's key, `proof_name(name)`.
    #[cfg(feature = "device")]
    pub(super) proof: Few<&'f [u8]>,
}

/// One item as a rule, which then takes no allocation; or any number.
pub(super) struct Few<I> {
    first: Option<I>,
    others: Vec<I>,
}

impl<I> Few<I> {
    fn push(&mut self, item: I) {
        if self.first.is_none() {
            self.first = Some(item);
        } else {
            self.others.push(item);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &I> + Clone {
        self.first.iter().chain(&self.others)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Returns the item, if it is the only one.
    pub(super) fn only(&self) -> Option<&I> {
        self.first.as_ref().filter(|_| self.others.is_empty())
    }
}

impl<I> Default for Few<I> {
    fn default() -> Self {
        Self { first: None, others: Vec::new() }
    }
}

/// Finds them in one pass.
///
/// ```text
/// for each field, for each part between ";":
///     skip a part without "="
///     (n, v) = the part before the first "=", and all after it, each without SP and HTAB at both ends
///     if n = name, octet by octet: v is a value
/// ```
pub(super) fn find<'f>(fields: &'f [impl AsRef<[u8]>], name: &str) -> Found<'f> {
    let mut found = Found::default();
    for field in fields.iter().map(AsRef::as_ref) {
        let mut begin = 0;
        for end in memchr_iter(b';', field).chain([field.len()]) {
            found.add(field.get(begin..end).unwrap_or_default(), name);
            begin = end.saturating_add(1);
        }
    }
    found
}

impl<'f> Found<'f> {
    fn add(&mut self, part: &'f [u8], name: &str) {
        let Some(at) = memchr(b'=', part) else { return };
        let (Some(n), Some(v)) = (part.get(..at), part.get(at.saturating_add(1)..)) else { return };
        let (n, name) = (trim(n), name.as_bytes());
        match n.strip_prefix(name) {
            Some(b"") => self.own.push(trim(v)),
            Some(b".1") => self.second.push(trim(v)),
            Some(b".end") => self.end.push(trim(v)),
            #[cfg(feature = "device")]
            _ if is_of_proof(n, name) => self.proof.push(trim(v)),
            _ => {}
        }
    }
}

/// Returns true for `proof_name` of §21.2.
#[cfg(feature = "device")]
fn is_of_proof(n: &[u8], name: &[u8]) -> bool {
    let Some(n) = n.strip_suffix(b".proof") else { return false };
    name.strip_prefix(b"__Host-Http-").map_or(n == name, |rest| n.strip_prefix(b"__Host-") == Some(rest))
}

/// SP and HTAB only: a wider trim would let other names pass for ours.
fn trim(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// A value to be opened.
#[derive(PartialEq)]
pub(super) enum Candidate<'f> {
    One(&'f [u8]),
    Two { id: &'f [u8], first: &'f [u8] },
}

impl<'f> Candidate<'f> {
    /// Returns a value that has the shape of a token of the ring.
    fn read(value: &'f [u8], ring: &Ring) -> Option<Self> {
        let Some(rest) = value.strip_prefix(b"2.") else {
            let fits = (SHORTEST..=COOKIE_TOKEN_MAX).contains(&value.len());
            return (fits && is_of(ring, value)).then_some(Self::One(value));
        };
        let (id, first) = rest.split_first_chunk::<ID>()?;
        let first = first.strip_prefix(b".")?;
        let fits = value.len() <= COOKIE_PART_MAX && id.iter().all(|octet| base64url::is_alphabet(*octet));
        (fits && is_of(ring, first)).then_some(Self::Two { id, first })
    }

    /// Returns the token, joined if it came in two cookies ([COOK-14]).
    pub(super) fn token(&self, found: &Found<'f>) -> Result<Cow<'f, [u8]>, NoSession> {
        match self {
            Self::One(token) => Ok(Cow::Borrowed(token)),
            Self::Two { id, first } => {
                let second = second_part(&found.second, id).ok_or(NoSession::Chunks)?;
                Ok(Cow::Owned([first, second].concat()))
            }
        }
    }
}

/// Returns true if a text begins as a token of a key of the ring does: magic and key id.
fn is_of(ring: &Ring, text: &[u8]) -> bool {
    let start = text.get(..START).and_then(base64url::decode_array::<36>);
    start.is_some_and(|start| {
        start.starts_with(&Kind::Sealed.magic()) && wire::key_id(&start).is_some_and(|id| ring.holds(id))
    })
}

/// Returns the values that have the shape of a token of the ring, each once, the first 4 ([DEV-04]).
#[cfg(feature = "device")]
pub(super) fn proofs<'f>(all: &Few<&'f [u8]>, ring: &Ring) -> Vec<&'f [u8]> {
    let mut proofs = Vec::new();
    for value in all.iter() {
        let Some(Candidate::One(proof)) = Candidate::read(value, ring) else { continue };
        if proofs.len() < COOKIE_CANDIDATES_MAX && !proofs.contains(&proof) {
            proofs.push(proof);
        }
    }
    proofs
}

/// [COOK-14]; `None` is `chunks`.
fn second_part<'f>(values: &Few<&'f [u8]>, id: &[u8]) -> Option<&'f [u8]> {
    let mut parts = values.iter().filter_map(|value| {
        let part = value.strip_prefix(id)?.strip_prefix(b".")?;
        (!part.is_empty() && value.len() <= COOKIE_PART_MAX).then_some(part)
    });
    let first = parts.next()?;
    parts.all(|part| part == first).then_some(first)
}

/// Returns what is to be opened, in the order received, at least one and at most 4; and true if there are more.
///
/// ```text
/// all = the values of the cookie
/// if all is empty:                                            fail absent
/// candidates = those of the shape, equal ones once, in the order received
/// if there are none:      fail with the code of opening all[0] (chunks, if it begins with "2.")
/// ```
pub(super) fn candidates<'f>(all: &Few<&'f [u8]>, ring: &Ring) -> Result<(Few<Candidate<'f>>, bool), NoSession> {
    let first_value = *all.iter().next().ok_or(NoSession::Absent)?;
    let mut candidates = Few::default();
    // One that is alone, as a rule, needs no look at its shape: without it, it fails in steps 1 to 5.
    if all.only().is_some() && !first_value.starts_with(b"2.") {
        candidates.push(Candidate::One(first_value));
        return Ok((candidates, false));
    }
    for value in all.iter() {
        let Some(candidate) = Candidate::read(value, ring) else { continue };
        if candidates.iter().any(|earlier| *earlier == candidate) {
            continue;
        }
        if candidates.iter().count() >= COOKIE_CANDIDATES_MAX {
            return Ok((candidates, true));
        }
        candidates.push(candidate);
    }
    if candidates.is_empty() {
        if first_value.starts_with(b"2.") {
            return Err(NoSession::Chunks);
        }
        candidates.push(Candidate::One(first_value));
    }
    Ok((candidates, false))
}

/// Returns what opened, in the order received, at least one; if nothing did, the code of the first candidate.
pub(super) fn opened<S>(results: impl Iterator<Item = Result<S, NoSession>>) -> Result<Vec<S>, NoSession> {
    let (mut opened, mut fault) = (Vec::new(), None);
    for result in results {
        match result {
            Ok(one) => opened.push(one),
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
