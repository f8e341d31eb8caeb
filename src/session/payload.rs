//! The session's JSON object (§19.1): read by its shape, written in one form.

use alloc::{borrow::ToOwned as _, string::String};
use core::{fmt::Write as _, str};

use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    finite::is_finite,
    state::{Flash, User},
    value::write_string,
};
use crate::{
    base64url,
    error::CommitError,
    json::{self, Json, integer},
    limits::{INTEGER_MAX, NESTING_MAX, SID_CHARACTERS, SUB_MAX, TIME_END},
    time::UnixTime,
};

/// A payload whose shape is right; `data` is an object.
pub(super) struct Members<'a> {
    pub(super) sid: String,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) rev: u64,
    pub(super) user: Option<User>,
    pub(super) data: Json<'a>,
    pub(super) flash: Flash,
}

/// Step 9a of §19.3; `None` is `payload_invalid`.
pub(super) fn read(payload: &[u8]) -> Option<Members<'_>> {
    let document = json::read(str::from_utf8(payload).ok()?).ok()?;
    document.refused().ok()?;
    let Json::Object(members) = document else { return None };
    let (mut sid, mut start, mut end, mut rev) = (None, None, None, None);
    let (mut sub, mut generation, mut auth_time) = (None, None, None);
    let (mut data, mut flash) = (Json::Object(json::Members::new()), Flash::new());
    for (name, value) in members {
        match &*name {
            "sid" => sid = Some(string(value).filter(|sid| is_sid(sid))?),
            "start" => start = Some(time(value)?),
            "end" => end = Some(time(value)?),
            "rev" => rev = Some(number(value).filter(|rev| *rev >= 1)?),
            "sub" => sub = Some(string(value).filter(|sub| is_sub(sub))?),
            "gen" => generation = Some(number(value)?),
            "auth_time" => auth_time = Some(UnixTime::of(time(value)?)),
            "data" if matches!(value, Json::Object(_)) => data = value,
            "flash" => flash = messages(value)?,
            _ => return None,
        }
    }
    let user = match (sub, generation, auth_time) {
        (None, None, None) => None,
        (Some(sub), Some(generation), Some(auth_time)) => Some(User { sub, generation, auth_time }),
        _ => return None,
    };
    let (sid, start, end, rev) = (sid?, start?, end?, rev?);
    (start < end).then_some(Members { sid, start, end, rev, user, data, flash })
}

fn string(value: Json<'_>) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

fn number(value: Json<'_>) -> Option<u64> {
    match value {
        Json::Number(text) => integer(text).filter(|number| *number <= INTEGER_MAX),
        _ => None,
    }
}

fn time(value: Json<'_>) -> Option<u64> {
    number(value).filter(|time| *time < TIME_END)
}

/// Returns the messages by name, without the names that have none.
fn messages(value: Json<'_>) -> Option<Flash> {
    let Json::Object(members) = value else { return None };
    let mut flash = Flash::new();
    for (name, value) in members {
        let Json::List(messages) = value else { return None };
        if !messages.is_empty() {
            flash.insert(name.into_owned(), messages.iter().map(Json::to_value).collect());
        }
    }
    Some(flash)
}

/// Returns true if a text is 22 characters of the alphabet ([SESS-04]).
fn is_sid(text: &str) -> bool {
    text.len() == SID_CHARACTERS && text.bytes().all(base64url::is_alphabet)
}

pub(super) fn is_sub(text: &str) -> bool {
    (1..=SUB_MAX).contains(&text.len())
}

/// Writes a payload ([SESS-05]), and refuses of `flash` what [SESS-06] does. `data` is the text of an object as
/// [`canonical`] gives it.
pub(super) fn write(
    sid: &str,
    (start, end, rev): (u64, u64, u64),
    user: Option<&User>,
    data: &str,
    flash: &Flash,
) -> Result<Zeroizing<String>, CommitError> {
    let flash = if flash.is_empty() { None } else { Some(text(flash)?) };
    let flash = flash.as_ref().map(|flash| canonical(flash)).transpose()?;
    let mut payload = Zeroizing::new(String::new());
    // Writing to a String does not fail.
    let _ = write!(payload, r#"{{"sid":"{sid}","start":{start},"end":{end},"rev":{rev}"#);
    if let Some(User { sub, generation, auth_time }) = user {
        payload.push_str(",\"sub\":");
        write_string(sub, &mut payload);
        let _ = write!(payload, r#","gen":{generation},"auth_time":{auth_time}"#);
    }
    for (name, text) in [("data", data), ("flash", flash.as_ref().map_or("{}", |flash| flash.as_str()))] {
        if text != "{}" {
            let _ = write!(payload, r#","{name}":{text}"#);
        }
    }
    payload.push('}');
    Ok(payload)
}

/// Reads what every language reads alike ([SESS-06]), of a member of the payload.
pub(super) fn portable(text: &str) -> Result<Json<'_>, CommitError> {
    let read = json::read_within(text, NESTING_MAX.saturating_sub(1)).map_err(|fault| fault.why);
    let read = read.and_then(|value| value.refused().map(|()| value));
    read.map_err(CommitError::Unserializable)
}

/// Returns the form of an object's text that every language writes ([SESS-05]), and refuses what [SESS-06] does.
pub(super) fn canonical(text: &str) -> Result<Zeroizing<String>, CommitError> {
    object_text(&portable(text)?)
}

/// Returns the text of an object.
pub(super) fn object_text(value: &Json<'_>) -> Result<Zeroizing<String>, CommitError> {
    match value {
        Json::Object(_) => Ok(value.to_text()),
        _ => Err(CommitError::Unserializable("it is no JSON object")),
    }
}

/// Returns the JSON text of a value.
pub(super) fn text<T: Serialize>(value: &T) -> Result<Zeroizing<String>, CommitError> {
    let text = serde_json::to_string(value).map_err(|_| CommitError::Unserializable("it has no JSON form"))?;
    Ok(Zeroizing::new(text))
}

/// Returns the text of the application's data; `null`, which a type without members may serialise to, counts as none.
pub(super) fn data_text<T: Serialize>(data: &T) -> Result<Zeroizing<String>, CommitError> {
    if !is_finite(data) {
        return Err(CommitError::Unserializable("a number is infinite, or not a number"));
    }
    let text = text(data)?;
    Ok(if *text == "null" { Zeroizing::new("{}".to_owned()) } else { text })
}
