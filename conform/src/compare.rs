//! Results beside what is expected.

use serde_json::{Map, Value};

/// Where a result is another one.
pub(crate) struct Difference {
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl Difference {
    pub(crate) fn new(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { expected: expected.into(), got: got.into() }
    }

    /// Says where.
    pub(crate) fn at(self, place: &str) -> Self {
        Self { expected: format!("{place}: {}", self.expected), got: format!("{place}: {}", self.got) }
    }
}

/// Compares the members of a result that the protocol names.
pub(crate) fn compare(
    class: &str,
    op: &str,
    expected: &Map<String, Value>,
    got: &Map<String, Value>,
) -> Result<(), Difference> {
    if is_session(class, op) {
        payload(expected, got)?;
    }
    let shown: &[&str] = if class == "derivation" { &["info", "okm", "working_key"] } else { &[] };
    let shown = shown.iter().filter(|name| got.contains_key(**name));
    members(class, op).iter().chain(shown).try_for_each(|name| member(name, expected, got))
}

/// Returns true if the result is a session, whose `payload` is compared by value.
pub(crate) fn is_session(class: &str, op: &str) -> bool {
    class == "session" || matches!((class, op), ("cookie" | "device", "read"))
}

/// Returns the members of a result that are compared as they are.
pub(crate) fn members(class: &str, op: &str) -> &'static [&'static str] {
    match (class, op) {
        ("derivation", _) => &["key_id"],
        ("sealer" | "signer", _) => &["token"],
        ("unsealer" | "verifier", _) => &["payload", "issued_at", "ttl", "key_id", "expires_at"],
        ("keyring", "key_text") => &["key"],
        ("keyring", "key_bytes") => &["key", "text"],
        ("keyring", "ring") => &["entries"],
        ("keyring", "select") => &["seals", "accepted"],
        ("keyring", "accept") => &["accepted"],
        ("keyring", _) => &["warnings"],
        _ if is_session(class, op) => &["expires_at", "last"],
        ("cookie", "read_token") => &["payload"],
        _ => &["expire"],
    }
}

/// Compares a session by value: languages spell the same number differently.
fn payload(expected: &Map<String, Value>, got: &Map<String, Value>) -> Result<(), Difference> {
    let text = |value: &Map<String, Value>| value.get("payload").and_then(Value::as_str).map(str::to_owned);
    match (text(expected), text(got)) {
        (Some(expected), Some(got)) if same_json(&expected, &got) => Ok(()),
        _ => member("payload", expected, got),
    }
}

/// Compares a member, which both have or neither.
pub(crate) fn member(name: &str, expected: &Map<String, Value>, got: &Map<String, Value>) -> Result<(), Difference> {
    same(name, expected.get(name), got.get(name))
}

pub(crate) fn same(name: &str, expected: Option<&Value>, got: Option<&Value>) -> Result<(), Difference> {
    let equal = match (expected, got) {
        (Some(expected), Some(got)) => equal(expected, got),
        (None, None) => true,
        _ => false,
    };
    let show = |value: Option<&Value>| match value {
        Some(value) => format!("{name} {value}"),
        None => format!("no {name}"),
    };
    if equal { Ok(()) } else { Err(Difference::new(show(expected), show(got))) }
}

/// Returns true if two JSON values are one, numbers by value.
pub(crate) fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| equal(value, other)))
        }
        (one, other) => one == other,
    }
}

/// Returns true if two JSON texts hold the same value.
pub(crate) fn same_json(one: &str, other: &str) -> bool {
    let read = serde_json::from_str::<Value>;
    one == other || matches!((read(one), read(other)), (Ok(one), Ok(other)) if equal(&one, &other))
}

#[cfg(test)]
mod tests {
    use super::same_json;

    #[test]
    fn compares_numbers_by_value() {
        assert!(same_json("[1, {\"a\": 1.0}]", "[1.0,{\"a\":1}]") && same_json("-0", "0") && same_json("x", "x"));
        assert!(!same_json("1", "2") && !same_json("[1]", "[1,1]") && !same_json("{\"a\":1}", "{\"b\":1}"));
        assert!(!same_json("1", "\"1\"") && !same_json("x", "y"));
    }
}
