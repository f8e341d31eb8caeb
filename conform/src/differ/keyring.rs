//! Cases of the class Keyring: key texts and rings, right and broken in one place.

use cretula::limits::{KEY_PREFIX, LIFE_MAX};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    case::Case,
    draw::Draw,
    json::{broken, spaced, spelled},
    setting::{BASE, about, far, key, leeway, ring},
};
use crate::hex;

/// Octets that are no character of UTF-8, or that a lax reader takes for one.
const NOT_UTF8: [&[u8]; 8] = [
    b"\xff",
    b"\x80",
    b"\xc0\x80",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\xf8\x88\x80\x80\x80",
];

/// Returns the text of a key of so many digits or other characters.
fn text_of(digits: &str) -> String {
    let start = format!("{KEY_PREFIX}{digits}");
    let checksum = hex::encode(&Sha256::digest(start.as_bytes())[..4]);
    format!("{start}_{checksum}")
}

fn digits(draw: &mut Draw) -> String {
    match draw.below(10) {
        0 => "00".repeat(32),
        1 => hex::encode(&draw.bytes(32)),
        2 => {
            let count = draw.pick(&[0, 1, 16, 31, 33, 64]);
            hex::encode(&draw.bytes(count))
        }
        3 => "AB".repeat(32),
        number => key(number),
    }
}

/// Returns the text of a key, in most cases a right one.
fn key_of(draw: &mut Draw) -> String {
    let text = if draw.once_in(6) { text_of(&digits(draw)) } else { text_of(&key(1 + draw.below(6))) };
    if text.len() < 86 || !draw.once_in(6) {
        return text;
    }
    match draw.below(12) {
        0 => text.to_uppercase(),
        8 | 9 => {
            // Another digit, of the key or of its checksum.
            let at = if draw.once_in(2) { text.len() - 1 } else { KEY_PREFIX.len() + draw.below(64) };
            let digit = if text[at..].starts_with('0') { "1" } else { "0" };
            format!("{}{digit}{}", &text[..at], &text[at + 1..])
        }
        1 | 10 | 11 => {
            format!("{text}{}", draw.pick(&["\n", "\n", "\r\n", "\u{0}", " ", "\u{b}", "\u{a0}", "\u{feff}", "0", "_"]))
        }
        2 => format!("{}{text}", draw.pick(&["\u{feff}", "\u{b}", "\u{0}", "x", "\u{a0}"])),
        3 => {
            let mut octets = text.into_bytes();
            let at = draw.below(octets.len());
            octets[at] = draw.pick(b"0af_AFgz ~");
            String::from_utf8(octets).unwrap_or_default()
        }
        4 => text[..draw.below(text.len())].to_owned(),
        5 => text.replace("key1", draw.pick(&["key2", "key", "KEY1"])),
        6 => text.replacen('0', draw.pick(&["٠", "０", "o"]), 1),
        _ => format!("{text}{text}"),
    }
}

pub(crate) fn key_text(draw: &mut Draw) -> Case {
    let text = if draw.once_in(3) { text_of(&digits(draw)) } else { key_of(draw) };
    Case::new("keyring", "key_text", json!({ "test_keys": !draw.once_in(4), "text": text }))
}

pub(crate) fn key_bytes(draw: &mut Draw) -> Case {
    Case::new("keyring", "key_bytes", json!({ "test_keys": !draw.once_in(4), "bytes": digits(draw) }))
}

pub(crate) fn read_ring(draw: &mut Draw) -> Case {
    let mut text = match draw.below(5) {
        0 => list(draw),
        1 => {
            let text = document(draw);
            spaced(draw, &text)
        }
        _ => document(draw),
    };
    if draw.once_in(4) {
        text = broken(draw, &text);
    }
    if draw.once_in(12) {
        text = format!(
            "{}{text}",
            draw.pick(&["\u{feff}", " ", "\n", "\u{c}", "\u{b}", "\u{0}", "\u{a0}", "\u{2028}", ","])
        );
    }
    if draw.once_in(12) {
        text.push_str(draw.pick(&["\n", "\r\n", "\u{0}", " ", "\u{c}", "\u{b}", "\u{1a}", ",", "\u{feff}", "{}", "x"]));
    }
    let test_keys = !draw.once_in(20);
    if draw.once_in(16) {
        let mut octets = text.into_bytes();
        let at = draw.below(octets.len() + 1);
        octets.splice(at..at, draw.pick(&NOT_UTF8).iter().copied());
        return Case::new("keyring", "ring", json!({ "test_keys": test_keys, "text_hex": hex::encode(&octets) }));
    }
    Case::new("keyring", "ring", json!({ "test_keys": test_keys, "text": text }))
}

fn list(draw: &mut Draw) -> String {
    if draw.once_in(60) {
        let keys: Vec<_> = (1..=draw.pick(&[200, 999, 1000])).map(|number| text_of(&key(number))).collect();
        return keys.join(draw.pick(&[",", "\n", ", "]));
    }
    let count = draw.pick(&[0, 1, 1, 2, 3]);
    let mut text = String::new();
    for _ in 0..count {
        text.push_str(draw.pick(&["", "", "", " ", "\n", ",", "\t\u{c}"]));
        text.push_str(&key_of(draw));
        text.push_str(draw.mostly(&[",", " ", "\n", "\r\n", ", ", "\u{c}", "\t", "\u{b}", "\u{a0}", ";", "\u{85}"]));
    }
    text
}

fn document(draw: &mut Draw) -> String {
    let count = draw.pick(&[0, 1, 1, 1, 2, 2, 3]);
    let mut entries: Vec<String> = (0..count).map(|_| entry(draw)).collect();
    if draw.once_in(30) {
        entries.push(draw.pick(&["null", "[]", "1", "\"\"", "[[]]"]).to_owned());
    }
    let keys = match draw.below(40) {
        0 => draw.pick(&["null", "{}", "\"\"", "0", "{\"0\":{}}"]).to_owned(),
        _ => format!("[{}]", entries.join(",")),
    };
    let marker = draw.mostly(&[
        r#""keyring-v1""#,
        r#""keyring\u002dv1""#,
        r#""keyring-v2""#,
        r#""keyring-v1 ""#,
        r#""Keyring-v1""#,
        r#""keyring-v1\u0000""#,
        "1",
        "null",
        "true",
        r#"["keyring-v1"]"#,
    ]);
    let mut members = vec![format!("\"cretula\":{marker}"), format!("\"keys\":{keys}")];
    mixed(
        draw,
        &mut members,
        &["\"keys\":[]", "\"cretula\":null", "\"x\":1", "\"Keys\":[]", "\"\":0", "\"__proto__\":{}"],
    );
    format!("{{{}}}", members.join(","))
}

fn entry(draw: &mut Draw) -> String {
    let key = match draw.below(30) {
        0 => draw.pick(&["null", "0", "true", "[]", "{}", "\"\"", "1e400", "\"\\ud800\"", "[[1]]"]).to_owned(),
        1 => format!("\"{}\"", key_of(draw).replacen('c', "\\u0063", 1)),
        // What JSON does not hold in a string is escaped; the readers see it all the same.
        _ => serde_json::Value::from(key_of(draw)).to_string(),
    };
    let mut members = vec![format!("\"key\":{key}")];
    for (name, edges) in [("seal_from", [BASE, 5]), ("accept_until", [BASE + 3600, 6])] {
        if draw.once_in(3) {
            let number = if draw.once_in(6) { far(draw) } else { about(draw, &edges) };
            let time = if draw.once_in(3) { spelled(draw, number) } else { number.to_string() };
            members.push(format!("\"{name}\":{time}"));
        }
    }
    let more =
        ["\"x\":0", "\"key\":null", "\"Key\":\"\"", "\"seal_from\":0", "\"accept_until\":null", "\"sealfrom\":1"];
    mixed(draw, &mut members, &more);
    format!("{{{}}}", members.join(","))
}

/// Changes the members of an object now and then: one more, one less, one twice, another order, another spelling.
fn mixed(draw: &mut Draw, members: &mut Vec<String>, more: &[&str]) {
    let at = draw.below(members.len());
    match draw.below(40) {
        0 => members.push(draw.pick(more).to_owned()),
        1 => members.insert(0, draw.pick(more).to_owned()),
        2 => drop(members.remove(at)),
        3 => members.push(members[at].clone()),
        4 => members[at] = members[at].replacen('k', "\\u006b", 1),
        5 => members.push(members[at].replacen('k', "\\u006B", 1)),
        6..=9 => members.swap(0, at),
        _ => {}
    }
}

pub(crate) fn selected(draw: &mut Draw, op: &'static str) -> Case {
    let now = about(draw, &[BASE]);
    Case::new("keyring", op, json!({ "keyring": ring(draw, now.min(1 << 47)), "now": now }))
}

pub(crate) fn warn(draw: &mut Draw) -> Case {
    let now = about(draw, &[BASE]);
    let around = draw.pick(&[now, now.saturating_add(360), now.saturating_add(3600)]).min(1 << 47);
    let longest = draw.mostly(&[1800, 1, LIFE_MAX, 0, LIFE_MAX + 1]);
    let grace = draw.mostly(&[300, 0, 1, 86_400, LIFE_MAX, LIFE_MAX + 1, u32::MAX]);
    let mut members =
        json!({ "keyring": ring(draw, around), "now": now, "longest_ttl": longest, "reload_grace": grace });
    members["leeway"] = leeway(draw).into();
    Case::new("keyring", "warn", members)
}
