//! What implementations say to a case, in a form in which equal answers are equal.

use std::collections::BTreeSet;

use cretula::{
    UntrustedToken,
    limits::{LEEWAY_DEFAULT, LIFE_MAX, LIMIT_MAX},
};
use serde_json::{Value, json};

use super::{
    case::{Case, Members},
    units::units,
};
use crate::{
    answer::{Answer, Reference},
    compare,
    drawn::Parts,
    hex,
    process::Broken,
};

/// Where a sealed token has its salt and iv, in bytes.
const NONCES: std::ops::Range<usize> = 35..59;

/// What came of a case with one implementation.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Answer(Answer),
    Broken(Broken),
    /// The implementation does not claim the class, or draws its own random values.
    NotAsked,
}

/// What is compared of it. `None`: nothing is, the case was skipped or not asked.
type Plain = Option<(String, Value)>;

impl Told {
    /// Returns the outcome in a word: `result`, a code, `crashed`, `hung`, `skipped` or `not asked`.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Answer(Answer::Result(_)) => "result",
            Self::Answer(Answer::Error(code, _)) => code,
            Self::Answer(Answer::Skip(_)) => "skipped",
            Self::Broken(broken) if broken.hung => "hung",
            Self::Broken(_) => "crashed",
            Self::NotAsked => "not asked",
        }
    }

    fn plain(&self, case: &Case) -> Plain {
        let value = match self {
            Self::Answer(Answer::Result(result)) => result_of(case, result),
            Self::Answer(Answer::Error(_, beside)) => only(beside, &["entry", "over", "largest"]),
            Self::Broken(_) => Value::Null,
            Self::Answer(Answer::Skip(_)) | Self::NotAsked => return None,
        };
        Some((self.word().to_owned(), value))
    }
}

/// Who says the same: for each implementation the number of its group, and where the groups differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    pub(crate) op: &'static str,
    /// For each implementation its group and its outcome in a word.
    pub(crate) said: Vec<(Option<usize>, String)>,
    /// Names of the members in which results differ.
    pub(crate) members: BTreeSet<String>,
}

/// Compares what the implementations say; `None` if it is the same.
pub(crate) fn difference(case: &Case, told: &[Told], reference: &Reference<'_>) -> Option<Difference> {
    let mut plain: Vec<_> = told.iter().map(|told| told.plain(case)).collect();
    if groups(&plain).1.len() < 2 {
        return None;
    }
    // Tokens whose octets differ may hold the same.
    for plain in plain.iter_mut().flatten() {
        opened(case, &mut plain.1, reference);
    }
    let (numbers, groups) = groups(&plain);
    if groups.len() < 2 || are_of_several_parts(case, &groups) {
        return None;
    }
    let results: Vec<_> = groups.iter().filter(|(word, _)| word == "result").map(|(_, value)| value).collect();
    let mut members = BTreeSet::new();
    for pair in results.windows(2) {
        differing("", pair[0], pair[1], &mut members);
    }
    let said = numbers.into_iter().zip(told).map(|(number, told)| (number, told.word().to_owned())).collect();
    Some(Difference { op: case.op, said, members })
}

fn groups(plain: &[Plain]) -> (Vec<Option<usize>>, Vec<(String, Value)>) {
    let mut groups: Vec<(String, Value)> = Vec::new();
    let numbers = plain.iter().map(|plain| {
        let plain = plain.as_ref()?;
        Some(groups.iter().position(|group| group == plain).unwrap_or_else(|| {
            groups.push(plain.clone());
            groups.len() - 1
        }))
    });
    let numbers = numbers.collect();
    (numbers, groups)
}

/// Context, ring, policy, cookie and the values of §8 are each made by themselves, in any order ([TIME-01]): of faults in
/// several of them, implementations may tell different ones.
fn are_of_several_parts(case: &Case, groups: &[(String, Value)]) -> bool {
    let has_policy = case.members.contains_key("policy");
    let part = |code: &str| match code {
        "context_invalid" => Some("context"),
        "idle_range" | "absolute_range" | "recheck_range" => Some("policy"),
        "leeway_range" if has_policy => Some("policy"),
        "cookie_name" | "cookie_attributes" | "cookie_clash" | "device_settings" => Some("cookie"),
        code if code.starts_with("key_") || code.starts_with("keyring_") => Some("ring"),
        "limit_range" | "leeway_range" | "max_age_range" | "clock_range" | "no_clock" | "ttl_range" => Some("call"),
        _ => None,
    };
    let mut parts: Vec<_> = groups.iter().map(|(code, _)| part(code)).collect();
    parts.sort_unstable();
    case.class != "keyring" && parts.iter().all(Option::is_some) && parts.windows(2).all(|pair| pair[0] != pair[1])
}

/// Notes the names of members in which two values differ, without positions in arrays.
fn differing(path: &str, one: &Value, other: &Value, members: &mut BTreeSet<String>) {
    match (one, other) {
        (one, other) if one == other => {}
        (Value::Object(one), Value::Object(other)) if path.split('.').count() < 3 => {
            for name in one.keys().chain(other.keys()) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let value = |members: &Members| members.get(name).cloned().unwrap_or_default();
                differing(&path, &value(one), &value(other), members);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() && path == "requests" => {
            one.iter().zip(other).for_each(|(one, other)| differing(path, one, other, members));
        }
        _ => drop(members.insert(path.to_owned())),
    }
}

fn only(members: &Members, names: &[&str]) -> Value {
    let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), by_value(members.get(*name)?))));
    Value::Object(kept.collect())
}

/// Returns a value in which numbers that are equal are equal.
fn by_value(value: &Value) -> Value {
    match value {
        // Adding 0 makes 0 of -0.
        Value::Number(number) => number.as_f64().map_or_else(|| value.clone(), |number| json!(number + 0.0)),
        Value::Array(items) => items.iter().map(by_value).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), by_value(value))).collect(),
        other => other.clone(),
    }
}

/// Returns the value of a JSON text; a text that is none stays as it is.
fn read(text: &Value) -> Value {
    let value = text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    value.map_or_else(|| text.clone(), |value| json!([by_value(&value)]))
}

fn result_of(case: &Case, result: &Members) -> Value {
    match case.op {
        "run" => {
            let requests = result.get("requests").and_then(Value::as_array).into_iter().flatten();
            let one = |request: &Value| {
                let request = request.as_object().cloned().unwrap_or_default();
                with_answers(&request, only(&request, &["open", "not_now", "wrote", "token", "ended"]))
            };
            json!({ "requests": requests.map(one).collect::<Vec<_>>() })
        }
        "register" | "refresh" => only(result, &["status", "reason", "headers", "body"]),
        "write" => with_answers(result, only(result, &["open", "not_now", "headers", "large", "ended"])),
        op => {
            let mut plain = only(result, compare::members(case.class, op));
            if compare::is_session(case.class, op) {
                plain["payload"] = result.get("payload").map(read).unwrap_or_default();
            }
            plain
        }
    }
}

fn with_answers(result: &Members, mut plain: Value) -> Value {
    let one = |answer: &Value| match answer {
        Value::Array(messages) => messages.iter().map(read).collect(),
        other => other.clone(),
    };
    if let Some(answers) = result.get("answers") {
        plain["answers"] =
            answers.as_array().map_or_else(|| answers.clone(), |answers| answers.iter().map(one).collect());
    }
    plain
}

/// Puts what tokens hold in the place of their texts.
fn opened(case: &Case, plain: &mut Value, reference: &Reference<'_>) {
    let time = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or_default();
    match case.op {
        "run" => {
            let steps = case.members.get("requests").and_then(Value::as_array).into_iter().flatten();
            let results = plain.get_mut("requests").and_then(Value::as_array_mut).into_iter().flatten();
            let mut ring = case.members.get("keyring");
            for (step, result) in steps.zip(results) {
                ring = step.get("exchange").or(step.get("keyring")).or(ring);
                if let Some(token) = result.get("token").and_then(Value::as_str) {
                    result["token"] = held(case, ring, token, time(step.get("commit")), reference);
                }
            }
        }
        "write" => {
            let mut token = String::new();
            for header in plain.get_mut("headers").and_then(Value::as_array_mut).into_iter().flatten() {
                let Some(line) = header.get(1).and_then(Value::as_str) else { continue };
                let parts = Parts::of(line);
                // The second part of two comes before the first.
                token.insert_str(0, parts.token);
                let Parts { before, id, after, token } = parts;
                let rest = format!("{before}{id}{}{after}", if token.is_empty() { "" } else { "…" });
                header[1] = rest.into();
            }
            if !token.is_empty() {
                plain["token"] =
                    held(case, case.members.get("keyring"), &token, time(case.members.get("commit")), reference);
            }
        }
        _ => {}
    }
}

/// Returns what a token holds, or its text if it does not open.
fn held(case: &Case, ring: Option<&Value>, token: &str, now: u64, reference: &Reference<'_>) -> Value {
    let mut request = json!({ "class": "unsealer", "op": "unseal", "token": token, "now": now, "limit": LIMIT_MAX });
    request["max_age"] = LIFE_MAX.into();
    request["leeway"] = LEEWAY_DEFAULT.into();
    request["keyring"] = ring.cloned().unwrap_or_default();
    for name in ["audience", "purpose"] {
        request[name] = case.members.get(name).cloned().unwrap_or_default();
    }
    let Ok(Answer::Result(mut held)) = reference(&request) else { return token.into() };
    let nonces = UntrustedToken::parse(token, LIMIT_MAX).ok();
    let nonces = nonces.and_then(|token| Some(hex::encode(token.bytes.get(NONCES)?)));
    held.insert("nonces".to_owned(), nonces.into());
    let payload = held.get("payload").and_then(Value::as_str).and_then(hex::decode);
    if let Some(payload) = payload.and_then(|payload| String::from_utf8(payload).ok()) {
        held.insert("payload".to_owned(), sorted(&payload).unwrap_or(payload).into());
    }
    Value::Object(held)
}

/// Returns a payload with the names of every object within it in order: that of `data` is free, and nothing else of the
/// text is ([SESS-05]). `None` if it has white space or is no JSON text.
fn sorted(payload: &str) -> Option<String> {
    let mut pieces = units(payload).into_iter();
    let text = sorted_value(pieces.next()?, &mut pieces, 0)?;
    pieces.next().is_none().then_some(text)
}

fn sorted_value<'a>(first: &'a str, rest: &mut impl Iterator<Item = &'a str>, level: usize) -> Option<String> {
    let end = match first {
        "{" => "}",
        "[" => "]",
        word => return Some(word.to_owned()),
    };
    let (mut items, mut piece) = (Vec::new(), rest.next()?);
    while piece != end {
        let mut item = String::new();
        if first == "{" {
            item = [piece, rest.next()?].concat();
            piece = rest.next()?;
        }
        items.push(item + &sorted_value(piece, rest, level + 1)?);
        piece = match rest.next()? {
            "," => rest.next()?,
            other if other == end => end,
            _ => return None,
        };
    }
    if first == "{" && level > 0 {
        items.sort_unstable();
    }
    Some(format!("{first}{}{end}", items.join(",")))
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn only_the_order_of_names_within_is_free() {
        let text = |inside: &str| sorted(&format!(r#"{{"sid":"x","data":{inside}}}"#));
        assert_eq!(text(r#"{"b":[1,{"d":0,"c":{}}],"a":"}"}"#), text(r#"{"a":"}","b":[1,{"c":{},"d":0}]}"#));
        assert_eq!(text(r#"{"b":1,"a":[]}"#).as_deref(), Some(r#"{"sid":"x","data":{"a":[],"b":1}}"#));
        for (one, other) in [("1", "1.0"), ("0.1", "1e-1"), ("[1,2]", "[2,1]"), (r#""é""#, r#""\u00e9""#)] {
            assert_ne!(text(one), text(other));
        }
        assert_ne!(sorted(r#"{"a":0,"b":0}"#), sorted(r#"{"b":0,"a":0}"#));
        for no_text in ["", "{\"a\": 1}", "{\"a\":1} ", "[1", "[1 2]"] {
            assert_eq!(sorted(no_text), None, "{no_text}");
        }
    }
}
