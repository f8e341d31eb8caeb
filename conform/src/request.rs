//! What an adapter is sent: the inputs of a vector, and nothing else of it.

use serde_json::{Map, Value, json};

use crate::vector::Vector;

/// The ops, for each its class, its name and its inputs in the protocol's order.
const OPS: [(&str, &str, &[&str]); 22] = [
    ("derivation", "derive", &["key", "kind", "audience", "purpose"]),
    (
        "sealer",
        "seal",
        &["keyring", "audience", "purpose", "limit", "now", "ttl", "payload", "salt", "iv", "no_randomness"],
    ),
    ("signer", "sign", &["keyring", "audience", "purpose", "limit", "now", "ttl", "payload"]),
    ("unsealer", "unseal", &["keyring", "audience", "purpose", "max_age", "leeway", "limit", "now", "token"]),
    ("verifier", "verify", &["keyring", "audience", "purpose", "max_age", "leeway", "limit", "now", "token"]),
    ("keyring", "key_text", &["test_keys", "text"]),
    ("keyring", "key_bytes", &["test_keys", "bytes"]),
    ("keyring", "ring", &["test_keys", "text", "text_hex"]),
    ("keyring", "select", &["keyring", "now"]),
    ("keyring", "accept", &["keyring", "now"]),
    ("keyring", "warn", &["keyring", "now", "longest_ttl", "reload_grace", "leeway"]),
    ("session", "open", &["keyring", "audience", "purpose", "policy", "check", "now", "ended", "token"]),
    ("session", "run", &["keyring", "audience", "purpose", "policy", "check", "token", "requests"]),
    ("cookie", "setup", &["cookies"]),
    ("cookie", "read", &["keyring", "audience", "purpose", "policy", "check", "cookie", "now", "fields"]),
    ("cookie", "read_token", &["keyring", "audience", "purpose", "max_age", "leeway", "cookie", "now", "fields"]),
    (
        "cookie",
        "write",
        &[
            "keyring",
            "audience",
            "purpose",
            "policy",
            "check",
            "cookie",
            "now",
            "fields",
            "actions",
            "commit",
            "cache_control",
            "random",
            "no_randomness",
        ],
    ),
    ("device", "setup", &["purpose", "cookie", "device"]),
    ("device", "read", &["keyring", "audience", "purpose", "policy", "check", "cookie", "device", "now", "fields"]),
    (
        "device",
        "write",
        &[
            "keyring",
            "audience",
            "purpose",
            "policy",
            "check",
            "cookie",
            "device",
            "now",
            "fields",
            "actions",
            "commit",
            "cache_control",
            "random",
            "no_randomness",
        ],
    ),
    ("device", "register", &DEVICE_REGISTER),
    ("device", "refresh", &DEVICE_REFRESH),
];

const DEVICE_REGISTER: [&str; 12] = [
    "keyring",
    "audience",
    "purpose",
    "policy",
    "check",
    "cookie",
    "device",
    "now",
    "fields",
    "responses",
    "random",
    "no_randomness",
];

const DEVICE_REFRESH: [&str; 13] = [
    "keyring",
    "audience",
    "purpose",
    "policy",
    "check",
    "cookie",
    "device",
    "now",
    "fields",
    "ids",
    "responses",
    "random",
    "no_randomness",
];

/// What a vector may have beside inputs, `id`, `spec`, `level`, `flags` and `comment`: for people, for generators, and
/// what is expected.
const ASIDE: [&str; 15] = [
    "since",
    "op",
    "made_from",
    "derived_from",
    "mutation",
    "tokens",
    "template",
    "id_template",
    "jwts",
    "response_template",
    "result",
    "error",
    "entry",
    "over",
    "largest",
];

/// What the implementation draws itself unless it is given.
const RANDOM: [&str; 3] = ["salt", "iv", "random"];

/// How an answer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Randomness {
    /// There is none, or it was given.
    Fixed,
    /// The implementation's own.
    Own,
}

/// Returns the op of a vector: `op`, or the only one of its class.
pub(crate) fn op<'a>(class: &str, vector: &'a Vector) -> &'a str {
    vector.op().unwrap_or_else(|| OPS.iter().find(|(known, ..)| *known == class).map_or("", |(_, op, _)| op))
}

/// Returns the names of an op's inputs, in the protocol's order.
pub(crate) fn inputs(class: &str, op: &str) -> Option<&'static [&'static str]> {
    OPS.iter().find(|(known, name, _)| *known == class && *name == op).map(|(.., inputs)| *inputs)
}

/// Refuses what this command does not know: sent or left out, it would be a guess.
pub(crate) fn check(class: &str, vector: &Vector) -> Result<(), String> {
    if class == "accumulated" {
        return Ok(());
    }
    let op = op(class, vector);
    let inputs = inputs(class, op).ok_or_else(|| format!("op {op} of class {class} is not known to this command"))?;
    match vector.members.keys().find(|name| !inputs.contains(&name.as_str()) && !ASIDE.contains(&name.as_str())) {
        Some(name) => Err(format!("{name} is not known to this command")),
        None => Ok(()),
    }
}

/// Returns the line of a request, with the random values of the vector or without them.
pub(crate) fn line(class: &str, vector: &Vector, id: &str, fixed: bool) -> String {
    let op = op(class, vector);
    let inputs = inputs(class, op).unwrap_or_default();
    let members = inputs.iter().filter(|name| fixed || !RANDOM.contains(name)).filter_map(|name| {
        let value = vector.members.get(*name)?;
        Some((
            *name,
            match *name {
                "requests" => Value::Array(value.as_array()?.iter().map(|step| stripped(step, fixed)).collect()),
                "actions" => actions(value),
                _ => value.clone(),
            },
        ))
    });
    write(id, class, op, members)
}

/// Writes a request with its members in the protocol's order.
pub(crate) fn write<'a>(id: &str, class: &str, op: &str, inputs: impl IntoIterator<Item = (&'a str, Value)>) -> String {
    let head = [("type", "request"), ("id", id), ("class", class), ("op", op)];
    let head = head.into_iter().map(|(name, value)| (name, Value::from(value)));
    let members: Vec<_> = head.chain(inputs).map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// One request of a `run`.
fn stripped(step: &Value, fixed: bool) -> Value {
    let members = step.as_object().into_iter().flatten().filter(|(name, _)| fixed || *name != "random");
    let members = members.map(|(name, value)| {
        let is_actions = ["actions", "after"].contains(&name.as_str());
        (name.clone(), if is_actions { actions(value) } else { value.clone() })
    });
    Value::Object(members.collect())
}

/// The actions without what they are to answer.
fn actions(actions: &Value) -> Value {
    let asked = |action: &Value| {
        let (name, value) = action.as_object()?.iter().next()?;
        let left = match name.as_str() {
            "take_flash" => json!({ "name": value.get("name") }),
            "reauth_within" => json!({ "seconds": value.get("seconds") }),
            "excess" => json!({ "now": value.get("now") }),
            _ => return None,
        };
        Some(Value::Object(Map::from_iter([(name.clone(), left)])))
    };
    let actions = actions.as_array().into_iter().flatten();
    actions.map(|action| asked(action).unwrap_or_else(|| action.clone())).collect()
}

/// What actions are to answer, in their order.
pub(crate) fn answers(actions: Option<&Value>) -> Vec<Value> {
    let answers = actions.and_then(Value::as_array).into_iter().flatten().filter_map(|action| {
        let (name, value) = action.as_object()?.iter().next()?;
        match name.as_str() {
            "take_flash" => value.get("messages").cloned(),
            "reauth_within" => value.get("holds").cloned(),
            "excess" => value.get("over").cloned(),
            _ => None,
        }
    });
    answers.collect()
}

/// Returns true if the implementation draws something for this vector: it is asked again without fixed values.
pub(crate) fn draws(class: &str, vector: &Vector) -> bool {
    matches!((class, op(class, vector)), ("sealer", _) | ("session", "run") | ("cookie", "write"))
        || class == "device" && vector.members.contains_key("random")
}

/// Returns true if the vector makes the generator fail: asked only of an adapter that can be told so.
pub(crate) fn fails_to_draw(vector: &Vector) -> bool {
    let fails = |members: &Value| members.get("no_randomness").is_some();
    let steps = vector.members.get("requests").and_then(Value::as_array).into_iter().flatten();
    vector.members.contains_key("no_randomness") || steps.into_iter().any(fails)
}
