//! The lines of `Set-Cookie`, and what fits them (§20.4, §20.5).

use alloc::{format, string::String};
use core::fmt::Write as _;

use super::{
    read::ID,
    settings::{Cookie, Place},
};
use crate::{
    base64url,
    error::CommitError,
    json::{self, Json},
    limits::{COOKIE_MAX, COOKIE_PART_MAX, COOKIE_TOKEN_MAX},
};

impl Cookie {
    /// `name=value; Path=P[; Domain=D][; Max-Age=A][; Secure]; HttpOnly; SameSite=S[; Partitioned]` (§20.4).
    pub(super) fn line(&self, name: &str, value: &str, max_age: Option<u64>, place: &Place) -> String {
        let mut line = String::with_capacity(name.len().saturating_add(value.len()).saturating_add(160));
        let push = |line: &mut String, parts: &[&str]| parts.iter().for_each(|part| line.push_str(part));
        push(&mut line, &[name, "=", value, "; Path=", &place.path]);
        if let Some(domain) = &place.domain {
            push(&mut line, &["; Domain=", domain]);
        }
        if let Some(seconds) = max_age {
            // Writing to a String does not fail.
            let _ = write!(line, "; Max-Age={seconds}");
        }
        push(&mut line, &[if self.secure { "; Secure" } else { "" }, "; HttpOnly; SameSite=", self.same_site.as_str()]);
        line.push_str(if place.partitioned { "; Partitioned" } else { "" });
        line
    }

    pub(super) fn sealed_line(&self, name: &str, value: &str, ttl: u32) -> String {
        self.line(name, value, (!self.browser_session).then_some(ttl.into()), &self.place)
    }

    /// `expire(name)`, of the present combination.
    pub(super) fn expiry(&self, name: &str) -> String {
        self.line(name, "", Some(0), &self.place)
    }

    /// The lines that take the previous combinations away, of each name in turn.
    pub(super) fn previous_expiries(&self, names: &[&str]) -> impl Iterator<Item = String> {
        self.previous.iter().flat_map(move |place| names.iter().map(move |name| self.line(name, "", Some(0), place)))
    }

    /// Refuses a token that does not fit: one cookie, or two where the cookie is large ([COOK-11]). `data` is the text of
    /// an object, of which the error names the longest member.
    pub(super) fn fits(&self, token_length: usize, data: &str) -> Result<(), CommitError> {
        match self.over(token_length) {
            0 => Ok(()),
            over => Err(CommitError::TooLarge { over, largest: largest(data) }),
        }
    }

    /// Returns the octets by which a token is too long for one cookie, or for two where the cookie is large.
    pub(super) fn over(&self, token_length: usize) -> usize {
        match self.over_one(token_length) {
            0 => 0,
            _ if self.large => token_length.saturating_sub(COOKIE_TOKEN_MAX),
            over => over,
        }
    }

    /// Returns the octets by which a token is too long for one cookie.
    pub(super) fn over_one(&self, token_length: usize) -> usize {
        token_length.saturating_add(self.name.len()).saturating_sub(COOKIE_MAX)
    }
}

/// Returns the two values of a token that one cookie does not hold (§20.5); `None` if two do not either.
pub(super) fn split(token: &str, id: [u8; 6]) -> Option<(String, String)> {
    let mut text = String::new();
    base64url::encode(&id, &mut text);
    let (first, second) = token.split_at_checked(COOKIE_PART_MAX.saturating_sub(ID.saturating_add(3)))?;
    let values = (format!("2.{text}.{first}"), format!("{text}.{second}"));
    (values.1.len() <= COOKIE_PART_MAX).then_some(values)
}

/// Returns the name of the member with the longest value in an object's text, the smallest of equals ([COOK-11]).
fn largest(object: &str) -> Option<String> {
    let Json::Object(members) = json::read(object).ok()? else { return None };
    let (mut name, mut length) = (None, 0);
    for (next, value) in members {
        let octets = value.to_text().len();
        if octets > length {
            (name, length) = (Some(next.into_owned()), octets);
        }
    }
    name
}
