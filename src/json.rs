//! JSON as it was written (RFC 8259): the keyring document (§11.4) and the session's payload (§19.1).
//!
//! Here any name is data. serde_json's own values take some names for something else, by features that any crate of a
//! build may turn on: an application that lets users name things would hand them structure.

use alloc::{borrow::Cow, collections::BTreeMap, vec::Vec};
use core::str;

use hifijson::{Expect, SliceLexer, num::LexWrite as _, str::LexAlloc as _, token::Lex};
use zeroize::Zeroize as _;

use crate::limits::NESTING_MAX;

pub(crate) const GRAMMAR: &str = "it is not JSON that every language reads alike";
pub(crate) const NESTING: &str = "it nests deeper than 16 levels, the session's own being one";
pub(crate) const TWICE: &str = "a name occurs twice in an object";
/// How deep serde_json reads.
pub(crate) const SERDE_LEVELS: usize = 128;

/// A JSON value. Strings and names are unescaped; a number is its text.
#[derive(Clone)]
pub(crate) enum Json<'t> {
    Null,
    Bool(#[cfg_attr(not(feature = "session"), expect(dead_code, reason = "in a keyring it is refused"))] bool),
    Number(&'t str),
    Text(Cow<'t, str>),
    List(Vec<Json<'t>>),
    Object(Members<'t>),
}

pub(crate) type Members<'t> = BTreeMap<Cow<'t, str>, Json<'t>>;

/// Why a text was refused, and how many of its octets were not read.
pub(crate) struct Fault {
    pub(crate) why: &'static str,
    pub(crate) rest: usize,
}

/// Reads a text whole. Refuses what is not JSON, a lone surrogate, a name that occurs twice in an object, and a nesting
/// deeper than 16.
pub(crate) fn read(text: &str) -> Result<Json<'_>, Fault> {
    read_within(text, NESTING_MAX)
}

/// Reads as [`read`] does, but refuses a nesting deeper than `levels`.
pub(crate) fn read_within(text: &str, levels: usize) -> Result<Json<'_>, Fault> {
    let mut lexer = SliceLexer::new(text.as_bytes());
    let read = lexer.exactly_one(Lex::ws_peek, |next, lexer| value(next, lexer, levels));
    read.map_err(|Refused(why)| Fault { why, rest: lexer.as_slice().len() })
}

struct Refused(&'static str);

impl From<Expect> for Refused {
    fn from(_: Expect) -> Self {
        Self(GRAMMAR)
    }
}

/// Reads a value that begins with `next`, of no more than `levels` arrays and objects in each other.
fn value<'t>(next: u8, lexer: &mut SliceLexer<'t>, levels: usize) -> Result<Json<'t>, Refused> {
    let inside = levels.saturating_sub(1);
    match next {
        b'[' | b'{' if levels == 0 => Err(Refused(NESTING)),
        b'[' => {
            let mut items = Vec::new();
            lexer.discarded().seq(b']', Lex::ws_peek, |next, lexer| {
                items.push(value(next, lexer, inside)?);
                Ok::<_, Refused>(())
            })?;
            Ok(Json::List(items))
        }
        b'{' => {
            let mut members = Members::new();
            lexer.discarded().seq(b'}', Lex::ws_peek, |next, lexer| {
                let name = if next == b'"' { string(lexer)? } else { return Err(Refused(GRAMMAR)) };
                lexer.expect(Lex::ws_peek, b':').ok_or(Refused(GRAMMAR))?;
                let next = lexer.ws_peek().ok_or(Refused(GRAMMAR))?;
                match members.insert(name, value(next, lexer, inside)?) {
                    None => Ok(()),
                    Some(_) => Err(Refused(TWICE)),
                }
            })?;
            Ok(Json::Object(members))
        }
        b'"' => string(lexer).map(Json::Text),
        b'-' | b'0'..=b'9' => match lexer.num_string().validated() {
            Ok((text, _)) => Ok(Json::Number(text)),
            Err(_) => Err(Refused(GRAMMAR)),
        },
        _ => match lexer.null_or_bool() {
            Some(None) => Ok(Json::Null),
            Some(Some(value)) => Ok(Json::Bool(value)),
            None => Err(Refused(GRAMMAR)),
        },
    }
}

/// Reads a string, from its first quotation mark.
fn string<'t>(lexer: &mut SliceLexer<'t>) -> Result<Cow<'t, str>, Refused> {
    lexer.discarded().str_string().map_err(|_| Refused(GRAMMAR))
}

/// Returns true if a name occurs twice in an object of a text that serde_json reads ([JSON-01]).
pub(crate) fn repeats_a_name(text: &[u8]) -> bool {
    let read = str::from_utf8(text).map(|text| read_within(text, SERDE_LEVELS));
    matches!(read, Ok(Err(Fault { why: TWICE, .. })))
}

/// Returns the value of a number's text as a binary64 number.
pub(crate) fn binary64(number: &str) -> f64 {
    number.parse().unwrap_or(f64::NAN)
}

/// Judges a number by its value as a binary64 number ([RING-14], [SESS-02]); `None` for what is no integer from 0 to
/// 2^53.
pub(crate) fn integer(number: &str) -> Option<u64> {
    if let Ok(whole) = number.parse::<u64>() {
        // Exact up to 2^53.
        return (whole <= 1 << 53).then_some(whole);
    }
    let value = binary64(number);
    #[expect(clippy::as_conversions, reason = "float to integer has no other form; saturates, and is compared back")]
    let whole = value as u64;
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "exact up to 2^53, and refused above")]
    let same = whole as f64 == value;
    (same && whole <= 1 << 53).then_some(whole)
}

impl Json<'_> {
    /// Overwrites the strings that this value owns.
    pub(crate) fn wipe(&mut self) {
        match self {
            Self::Text(Cow::Owned(text)) => text.zeroize(),
            Self::List(items) => items.iter_mut().for_each(Self::wipe),
            Self::Object(members) => members.values_mut().for_each(Self::wipe),
            _ => {}
        }
    }
}
