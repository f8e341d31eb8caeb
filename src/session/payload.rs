//! The session's JSON object (§19.1): read by its shape, written in one form.

use alloc::{
    borrow::{Cow, ToOwned as _},
    string::String,
    vec::Vec,
};
use core::ops::Range;

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
pub(super) struct Members {
    pub(super) sid: String,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) rev: u64,
    pub(super) user: Option<User>,
    pub(super) checked: Option<u64>,
    pub(super) jkt: Option<String>,
    /// The place of an object's text; `None` if there is no such member.
    pub(super) data: Option<(Range<usize>, Form)>,
    pub(super) flash: Flash,
}

/// Step 9a of §19.3; `None` is `payload_invalid`.
pub(super) fn read(payload: &str) -> Option<Members> {
    read_as_written(payload).or_else(|| read_in_any_form(payload))
}

/// Reads a payload without `flash` that stands as [`write`] writes it; `None` says nothing about any other.
fn read_as_written(payload: &str) -> Option<Members> {
    let (sid, rest) = payload.strip_prefix(r#"{"sid":""#)?.split_at_checked(SID_CHARACTERS)?;
    let (start, rest) = digits(rest.strip_prefix(r#"","start":"#)?)?;
    let (end, rest) = digits(rest.strip_prefix(r#","end":"#)?)?;
    let (rev, mut rest) = digits(rest.strip_prefix(r#","rev":"#)?)?;
    let mut user = None;
    if let Some(after) = rest.strip_prefix(r#","sub":""#) {
        let (sub, after) = after.split_at_checked(scan::plain_end(after.as_bytes())?)?;
        let (generation, after) = digits(after.strip_prefix(r#"","gen":"#)?)?;
        let (auth_time, after) = digits(after.strip_prefix(r#","auth_time":"#)?)?;
        user = Some(User { sub: sub.to_owned(), generation, auth_time: UnixTime::of(auth_time) });
        rest = after;
    }
    let mut checked = None;
    if let Some(after) = rest.strip_prefix(r#","checked":"#) {
        let (time, after) = digits(after)?;
        (checked, rest) = (Some(time), after);
    }
    let mut jkt = None;
    if let Some(after) = rest.strip_prefix(r#","jkt":""#) {
        let (text, after) = after.split_at_checked(JKT_CHARACTERS)?;
        (jkt, rest) = (Some(text), after.strip_prefix('"')?);
    }
    let mut rest = rest.strip_suffix('}')?;
    let mut data = None;
    if let Some(text) = rest.strip_prefix(r#","data":"#) {
        let form = form(text).ok().filter(|form| form.is_canonical)?;
        let end = payload.len().saturating_sub(1);
        (data, rest) = (Some((end.saturating_sub(text.len())..end, form)), "");
    }
    let times = [Some(start), Some(end), checked, user.as_ref().map(|user| user.auth_time.as_secs())];
    let is_good = rest.is_empty()
        && is_sid(sid)
        && start < end
        && rev >= 1
        && times.into_iter().flatten().all(|time| time < TIME_END)
        && user.as_ref().map_or(jkt.is_none(), |user| is_sub(&user.sub))
        && jkt.is_none_or(is_jkt);
    let (sid, jkt) = (sid.to_owned(), jkt.map(str::to_owned));
    is_good.then(|| Members { sid, start, end, rev, user, checked, jkt, data, flash: Flash::new() })
}

/// Reads an integer of up to 15 digits in its one spelling, and returns what follows.
fn digits(text: &str) -> Option<(u64, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(count).filter(|_| count <= 15)?;
    if count > 1 && number.starts_with('0') { None } else { Some((number.parse().ok()?, rest)) }
}

fn read_in_any_form(payload: &str) -> Option<Members> {
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
            "data" => value.starts_with('{').then(|| {
                let start = value.as_ptr().addr().saturating_sub(payload.as_ptr().addr());
                data = Some((start..start.saturating_add(value.len()), form));
            }),
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

/// Returns true if messages have one value, in whatever spelling: serde_json tells 1000 and 1e3 apart.
pub(super) fn is_same_flash(before: &Flash, now: &Flash) -> bool {
    let same = |before: &Text, now: &Text| matches!((json::read(before), json::read(now)), (Ok(a), Ok(b)) if a == b);
    before == now || matches!((text(before, 0), text(now, 0)), (Ok(before), Ok(now)) if same(&before, &now))
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
    use alloc::{
        format,
        string::{String, ToString as _},
    };

    use super::{Members, push_number, read_as_written, read_in_any_form};

    fn text(members: Members) -> String {
        let Members { sid, start, end, rev, user, checked, jkt, data, flash } = members;
        let data = data.map(|(place, form)| (place, form.is_canonical, form.has_mark));
        format!("{:?}", (sid, start, end, rev, user, checked, jkt, data, flash))
    }

    // covers: [SESS-01], [SESS-05]
    #[test]
    fn what_is_written_is_read_as_in_any_form() {
        const SID: &str = r#"{"sid":"AAAAAAAAAAAAAAAAAAAAAA","start":1790000000,"end":1790086400,"rev":1"#;
        const USER: &str = r#","sub":"ada \u0041é","gen":7,"auth_time":1790000000"#;
        const JKT: &str = r#","jkt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#;
        let checked = r#","checked":1790000001"#;
        let data = r#","data":{"a":[1],"$serde_json::private::Number":{"x":" "}}"#;
        let user = USER.replace(r"\u0041", "");
        let payloads = [
            format!("{SID}}}"),
            format!("{SID}{user}}}"),
            format!("{SID}{user}{checked}{JKT}{data}}}"),
            format!("{SID}{checked}{data}}}"),
        ];
        let mut alike = 0;
        let mut assert_alike = |payload: &str| {
            if let Some(members) = read_as_written(payload) {
                alike += 1;
                assert_eq!(Some(text(members)), read_in_any_form(payload).map(text), "{payload}");
            }
        };
        for payload in payloads {
            assert!(read_as_written(&payload).is_some(), "{payload}");
            for place in (0..=payload.len()).filter(|place| payload.is_char_boundary(*place)) {
                let (before, after) = payload.split_at(place);
                let rest = after.chars().next().map_or("", |next| &after[next.len_utf8()..]);
                assert_alike(&format!("{before}{rest}"));
                for octet in b"\"\\{}[]:,.-+eE0159abtn_ \n\x00\x1fu".map(char::from) {
                    assert_alike(&format!("{before}{octet}{after}"));
                    assert_alike(&format!("{before}{octet}{rest}"));
                }
            }
        }
        assert!(alike > 2000, "{alike}");
        // Another form, and what no payload may hold.
        let user_without_time = r#","sub":"ada","gen":7"#;
        for end in [
            JKT,
            USER,
            user_without_time,
            r#","flash":{}"#,
            r#","data":{"a":1,"a":2}"#,
            r#","checked":281474976710656"#,
        ] {
            assert!(read_as_written(&format!("{SID}{end}}}")).is_none(), "{end}");
        }
    }

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
