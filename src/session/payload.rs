//! The session's JSON object (§19.1): read by its shape, written in one form.

use alloc::{
    borrow::{Cow, ToOwned as _},
    string::String,
    vec::Vec,
};

use serde::Serialize;

use super::{
    finite::is_finite,
    scan::{self, Form},
    state::{Flash, User},
    text::Text,
    value::write_string,
};
use crate::{
    base64url,
    error::CommitError,
    json::{self, Json, integer},
    limits::{INTEGER_MAX, JKT_CHARACTERS, NESTING_MAX, SID_CHARACTERS, SUB_MAX, TIME_END},
    time::UnixTime,
};

/// How deep a member of the payload may nest.
pub(super) const MEMBER_LEVELS: usize = NESTING_MAX - 1;

/// A payload whose shape is right.
pub(super) struct Members<'a> {
    pub(super) sid: String,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) rev: u64,
    pub(super) user: Option<User>,
    pub(super) checked: Option<u64>,
    pub(super) jkt: Option<String>,
    /// The text of an object; `None` if there is no such member.
    pub(super) data: Option<(&'a str, Form)>,
    pub(super) flash: Flash,
}

/// Step 9a of §19.3; `None` is `payload_invalid`.
pub(super) fn read(payload: &str) -> Option<Members<'_>> {
    let (mut sid, mut start, mut end, mut rev) = (None, None, None, None);
    let (mut sub, mut generation, mut auth_time) = (None, None, None);
    let (mut checked, mut jkt, mut data, mut flash) = (None, None, None, Flash::new());
    let scanned = scan::object(payload, NESTING_MAX, |name, value, form| {
        let read = match name {
            "sid" => string(value).filter(|sid| is_sid(sid)).map(|text| sid = Some(text.into_owned())),
            "start" => time(value).map(|time| start = Some(time)),
            "end" => time(value).map(|time| end = Some(time)),
            "rev" => number(value).filter(|rev| *rev >= 1).map(|number| rev = Some(number)),
            "sub" => string(value).filter(|sub| is_sub(sub)).map(|text| sub = Some(text.into_owned())),
            "gen" => number(value).map(|number| generation = Some(number)),
            "auth_time" => time(value).map(|time| auth_time = Some(UnixTime::of(time))),
            "checked" => time(value).map(|time| checked = Some(time)),
            "jkt" => string(value).filter(|jkt| is_jkt(jkt)).map(|text| jkt = Some(text.into_owned())),
            "data" => value.starts_with('{').then(|| data = Some((value, form))),
            "flash" => messages(value).map(|messages| flash = messages),
            _ => None,
        };
        // All that is refused here has one code.
        read.ok_or("")
    });
    scanned.ok()?;
    let user = match (sub, generation, auth_time) {
        (None, None, None) if jkt.is_none() => None,
        (Some(sub), Some(generation), Some(auth_time)) => Some(User { sub, generation, auth_time }),
        _ => return None,
    };
    let (sid, start, end, rev) = (sid?, start?, end?, rev?);
    (start < end).then_some(Members { sid, start, end, rev, user, checked, jkt, data, flash })
}

/// Returns a string from its JSON text.
fn string(value: &str) -> Option<Cow<'_, str>> {
    if !value.contains('\\') {
        return Some(Cow::Borrowed(value.strip_prefix('"')?.strip_suffix('"')?));
    }
    match json::read(value) {
        Ok(Json::Text(text)) => Some(text),
        _ => None,
    }
}

fn number(value: &str) -> Option<u64> {
    integer(value).filter(|number| *number <= INTEGER_MAX)
}

fn time(value: &str) -> Option<u64> {
    number(value).filter(|time| *time < TIME_END)
}

/// Returns the messages by name, without the names that have none.
fn messages(value: &str) -> Option<Flash> {
    let Ok(Json::Object(members)) = json::read(value) else { return None };
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
pub(crate) fn is_sid(text: &str) -> bool {
    text.len() == SID_CHARACTERS && text.bytes().all(base64url::is_alphabet)
}

/// Returns true if a text is 43 characters of the alphabet ([SESS-04]).
pub(crate) fn is_jkt(text: &str) -> bool {
    text.len() == JKT_CHARACTERS && text.bytes().all(base64url::is_alphabet)
}

pub(super) fn is_sub(text: &str) -> bool {
    (1..=SUB_MAX).contains(&text.len())
}

/// Writes a payload ([SESS-05]), and refuses of `flash` what [SESS-06] does. A user comes with the `auth_time` to be
/// written; `data` is the text of an object as
/// [`canonical`] gives it.
pub(super) fn write(
    sid: &str,
    (start, end, rev): (u64, u64, u64),
    user: Option<(&User, UnixTime)>,
    (checked, jkt): (Option<u64>, Option<&str>),
    data: &str,
    flash: &Flash,
) -> Result<Text, CommitError> {
    let flash =
        if flash.is_empty() { None } else { Some(text(flash, 0).and_then(|text| canonical(form(&text), text))?) };
    let flash = flash.as_ref().map_or("{}", |flash| flash.as_str());
    // What this function writes of its own is shorter; a text that grew would leave octets behind.
    let longest = data.len().saturating_add(flash.len()).saturating_add(user.map_or(0, |(user, _)| user.sub.len()));
    let mut payload = Text::from(String::with_capacity(longest.saturating_add(256)));
    payload.push_str("{\"sid\":\"");
    payload.push_str(sid);
    payload.push('"');
    for (name, number) in [(",\"start\":", start), (",\"end\":", end), (",\"rev\":", rev)] {
        payload.push_str(name);
        push_number(number, &mut payload);
    }
    if let Some((User { sub, generation, .. }, auth_time)) = user {
        payload.push_str(",\"sub\":");
        write_string(sub, &mut payload);
        for (name, number) in [(",\"gen\":", *generation), (",\"auth_time\":", auth_time.as_secs())] {
            payload.push_str(name);
            push_number(number, &mut payload);
        }
    }
    if let Some(checked) = checked {
        payload.push_str(",\"checked\":");
        push_number(checked, &mut payload);
    }
    if let Some(jkt) = jkt {
        payload.push_str(",\"jkt\":\"");
        payload.push_str(jkt);
        payload.push('"');
    }
    for (name, text) in [(",\"data\":", data), (",\"flash\":", flash)] {
        if text != "{}" {
            payload.push_str(name);
            payload.push_str(text);
        }
    }
    payload.push('}');
    Ok(payload)
}

/// Writes an integer as `write!` does, which takes longer.
fn push_number(number: u64, text: &mut String) {
    let (mut digits, mut rest) = ([b'0'; 20], number);
    let mut first = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        first = place;
        if rest == 0 {
            break;
        }
    }
    text.push_str(str::from_utf8(digits.get(first..).unwrap_or_default()).unwrap_or_default());
}

/// Reads what every language reads alike ([SESS-06]), of a member of the payload.
pub(super) fn portable(text: &str) -> Result<Json<'_>, CommitError> {
    let read = json::read_within(text, MEMBER_LEVELS).map_err(|fault| fault.why);
    let read = read.and_then(|value| value.refused().map(|()| value));
    read.map_err(CommitError::Unserializable)
}

/// Returns an object's text in the form that every language writes ([SESS-05]), and refuses what [SESS-06] does.
pub(super) fn canonical(form: Result<Form, &'static str>, text: Text) -> Result<Text, CommitError> {
    match form {
        Ok(form) if form.is_canonical => Ok(text),
        Ok(_) => Ok(portable(&text)?.to_text()),
        Err(why) => Err(CommitError::Unserializable(why)),
    }
}

/// Scans the text of an object that is to be a member of a payload.
pub(super) fn form(text: &str) -> Result<Form, &'static str> {
    scan::object(text, MEMBER_LEVELS, |_, _, _| Ok(()))
}

/// Returns the JSON text of a value, in a buffer with room for `room` octets: one that grew would leave octets behind.
fn text<T: Serialize>(value: &T, room: usize) -> Result<Text, CommitError> {
    let mut text = Vec::with_capacity(room);
    let written = write_json(&mut text, value);
    let text = Text::from(String::from_utf8(text).unwrap_or_default());
    written.map(|()| text).map_err(|_| CommitError::Unserializable("it has no JSON form"))
}

#[cfg(feature = "std")]
fn write_json<T: Serialize>(text: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    serde_json::to_writer(text, value)
}

#[cfg(not(feature = "std"))]
fn write_json<T: Serialize>(text: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    serde_json::to_string(value).map(|written| *text = written.into_bytes())
}

/// Returns the text of the application's data, for which there is room for `room` octets; `null`, which a type without
/// members may serialise to, counts as none.
pub(super) fn data_text<T: Serialize>(data: &T, room: usize) -> Result<Text, CommitError> {
    let text = text(data, room)?;
    // serde_json writes `null` for a number that is not finite.
    if text.contains("null") && !is_finite(data) {
        return Err(CommitError::Unserializable("a number is infinite, or not a number"));
    }
    Ok(if *text == "null" { Text::from("{}".to_owned()) } else { text })
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString as _};

    use super::push_number;

    #[test]
    fn numbers_are_written_as_elsewhere() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        for number in powers.flat_map(|power| [power - 1, power, power + 1]).chain([u64::MAX]) {
            let mut text = String::new();
            push_number(number, &mut text);
            assert_eq!(text, number.to_string());
        }
    }
}
