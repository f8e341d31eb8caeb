//! The session's JSON object (§19.1): read by its shape, written in one form.

use alloc::{borrow::ToOwned as _, string::String};
use core::str;

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use zeroize::Zeroizing;

use super::{
    state::{Flash, User},
    strict,
};
use crate::{
    base64url,
    error::CommitError,
    json::{integer, present},
    limits::{INTEGER_MAX, NESTING_MAX, SID_CHARACTERS, SUB_MAX, TIME_END},
};

/// The object as it came. Values stay raw: they are judged one by one, numbers by value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    #[serde(borrow)]
    sid: &'a RawValue,
    #[serde(borrow)]
    start: &'a RawValue,
    #[serde(borrow)]
    end: &'a RawValue,
    #[serde(borrow)]
    rev: &'a RawValue,
    #[serde(borrow, default, deserialize_with = "present")]
    sub: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present", rename = "gen")]
    generation: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    auth_time: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    flash: Option<&'a RawValue>,
}

/// A payload whose shape is right; `data` is the text of an object.
pub(super) struct Members<'a> {
    pub(super) sid: String,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) rev: u64,
    pub(super) user: Option<User>,
    pub(super) data: Option<&'a str>,
    pub(super) flash: Flash,
}

/// Step 9a of §19.3; `None` is `payload_invalid`.
pub(super) fn read(payload: &[u8]) -> Option<Members<'_>> {
    let text = str::from_utf8(payload).ok()?;
    // serde would take an array for a struct as well.
    if nesting(text) > NESTING_MAX || !text.trim_ascii_start().starts_with('{') {
        return None;
    }
    let document: Document<'_> = serde_json::from_str(text).ok()?;
    let sid = string(document.sid).filter(|sid| is_sid(sid))?;
    let time = |raw: &RawValue| integer(raw.get()).filter(|time| *time < TIME_END);
    let (start, end) = (time(document.start)?, time(document.end)?);
    let number = |raw: &RawValue| integer(raw.get()).filter(|number| *number <= INTEGER_MAX);
    let rev = number(document.rev)?;
    let user = match (document.sub, document.generation, document.auth_time) {
        (None, None, None) => None,
        (Some(sub), Some(generation), Some(auth_time)) => Some(User {
            sub: string(sub).filter(|sub| is_sub(sub))?,
            generation: number(generation)?,
            auth_time: time(auth_time)?,
        }),
        _ => return None,
    };
    let data = match document.data {
        Some(data) if !data.get().starts_with('{') => return None,
        data => data.map(RawValue::get),
    };
    let mut flash: Flash = match document.flash {
        Some(flash) => serde_json::from_str(flash.get()).ok()?,
        None => Flash::new(),
    };
    flash.retain(|_, messages| !messages.is_empty());
    (start < end && rev >= 1).then_some(Members { sid, start, end, rev, user, data, flash })
}

fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Returns true if a text is 22 characters of the alphabet ([SESS-04]).
fn is_sid(text: &str) -> bool {
    text.len() == SID_CHARACTERS && text.bytes().all(base64url::is_alphabet)
}

pub(super) fn is_sub(text: &str) -> bool {
    (1..=SUB_MAX).contains(&text.len())
}

/// Returns the greatest depth of arrays and objects in a JSON text; of any other text, some number.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for octet in text.bytes() {
        if in_string {
            in_string = escaped || octet != b'"';
            escaped = !escaped && octet == b'\\';
            continue;
        }
        match octet {
            b'"' => in_string = true,
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The object in the order of the table; serde_json writes it as [SESS-05] wants.
#[derive(Serialize)]
struct Written<'a> {
    sid: &'a str,
    start: u64,
    end: u64,
    rev: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "gen")]
    generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Flash::is_empty")]
    flash: &'a Flash,
}

/// Writes a payload ([SESS-05]), `data` being the text of an object, and refuses what [SESS-06] does.
pub(super) fn write(
    sid: &str,
    (start, end, rev): (u64, u64, u64),
    user: Option<&User>,
    data: &str,
    flash: &Flash,
) -> Result<Zeroizing<String>, CommitError> {
    let unserializable = |_| CommitError::Unserializable("it has no JSON form");
    let data = match data {
        "{}" => None,
        text if text.starts_with('{') => Some(serde_json::from_str(text).map_err(unserializable)?),
        _ => return Err(CommitError::Unserializable("it is no JSON object")),
    };
    let written = Written {
        sid,
        start,
        end,
        rev,
        sub: user.map(|user| user.sub.as_str()),
        generation: user.map(|user| user.generation),
        auth_time: user.map(|user| user.auth_time),
        data,
        flash,
    };
    let text = Zeroizing::new(serde_json::to_string(&written).map_err(unserializable)?);
    strict::check(&text).map_err(CommitError::Unserializable)?;
    Ok(text)
}

/// Writes the text of an object anew, nothing lost, in the form of [SESS-05].
pub(super) fn rewrite(object: &str) -> Result<Zeroizing<String>, CommitError> {
    data_text(&serde_json::from_str::<Value>(object).map_err(|_| CommitError::Unserializable("it has no JSON form"))?)
}

/// Returns the text of the application's data; `null`, which a type without members may serialise to, is none.
pub(super) fn data_text<T: Serialize>(data: &T) -> Result<Zeroizing<String>, CommitError> {
    if !strict::is_finite(data) {
        return Err(CommitError::Unserializable("a number is infinite, or not a number"));
    }
    match serde_json::to_string(data) {
        Ok(text) if text == "null" => Ok(Zeroizing::new("{}".to_owned())),
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(_) => Err(CommitError::Unserializable("it has no JSON form")),
    }
}
