//! What the implementations of a matrix make for one another: a fixed list of inputs.

use cretula::limits::{LIFE_MAX, LIMIT_DEFAULT, TIME_END};
use serde_json::{Map, Value, json};

use crate::{class::Class, hex};

/// 2026-09-21T14:13:20Z.
const NOW: u64 = 1_790_000_000;
const TTL: u64 = 1800;

/// Which calls make and open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Sealed,
    Signed,
    Session,
    Cookie,
}

/// One thing to make.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) part: Part,
    inputs: Map<String, Value>,
    /// `data` of a session, `payload` of any other token.
    content: Value,
}

impl Part {
    pub(crate) const fn maker(self) -> (Class, &'static str) {
        match self {
            Self::Sealed => (Class::Sealer, "seal"),
            Self::Signed => (Class::Signer, "sign"),
            Self::Session => (Class::Session, "run"),
            Self::Cookie => (Class::Cookie, "write"),
        }
    }

    pub(crate) const fn opener(self) -> (Class, &'static str) {
        match self {
            Self::Sealed => (Class::Unsealer, "unseal"),
            Self::Signed => (Class::Verifier, "verify"),
            Self::Session => (Class::Session, "open"),
            Self::Cookie => (Class::Cookie, "read"),
        }
    }
}

/// Returns the list.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (part, name) in [(Part::Sealed, "sealed"), (Part::Signed, "signed")] {
        let mut case = |id: &str, changes: Value| {
            let id = format!("{name}/{id}");
            let mut inputs = setting(json!({ "limit": LIMIT_DEFAULT, "now": NOW, "ttl": TTL, "payload": "" }));
            inputs.extend(changes.as_object().cloned().unwrap_or_default());
            let content = inputs.get("payload").cloned().unwrap_or_default();
            cases.push(Case { id, part, inputs, content });
        };
        for length in [0_usize, 1, 15, 16, 17, 255, 1000, 8000] {
            let payload: Vec<u8> = (0..=u8::MAX).rev().cycle().take(length).collect();
            case(&format!("payload-{length}"), json!({ "payload": hex::encode(&payload) }));
        }
        case("utf-8", json!({ "payload": hex::encode("Grüße, 世界 🌍 \u{0}\u{7f}".as_bytes()) }));
        case("time-first", json!({ "now": 0, "ttl": 1 }));
        case("time-last", json!({ "now": TIME_END - 1, "ttl": 1 }));
        case("ttl-longest", json!({ "ttl": LIFE_MAX }));
        case("context-shortest", json!({ "audience": "!", "purpose": "~" }));
        case("context-longest", json!({ "audience": "a".repeat(255), "purpose": "p".repeat(255) }));
        let old = json!({ "key": key("03"), "accept_until": NOW + 1000 });
        case("ring-of-two", json!({ "keyring": [old, { "key": key("04"), "seal_from": NOW }] }));
    }

    let policy = json!({ "idle": TTL, "absolute": 86_400, "leeway": 60 });
    let ada = json!({ "sign_on": { "sub": "ada", "gen": 7, "keep": [] } });
    let small = json!({ "basket": [17, 4], "note": "Grüße, 世界 🌍 \"\\\n" });
    let large = json!({ "notes": "x".repeat(3400) });
    let mut session = |id: &str, data: &Value, user: bool, cookie: Option<Value>| {
        let set = json!({ "set_data": data.to_string() });
        let actions = if user { json!([ada, set]) } else { json!([set]) };
        let mut inputs = setting(json!({ "policy": policy, "now": NOW }));
        let (part, step) = match cookie {
            None => {
                let step = json!({ "now": NOW, "actions": actions, "commit": NOW });
                (Part::Session, json!({ "requests": [step] }))
            }
            Some(cookie) => {
                let step = json!({ "cookie": cookie, "fields": ["theme=dark"], "actions": actions, "commit": NOW });
                (Part::Cookie, step)
            }
        };
        inputs.extend(step.as_object().cloned().unwrap_or_default());
        cases.push(Case { id: id.to_owned(), part, inputs, content: data.clone() });
    };
    session("session/guest", &small, false, None);
    session("session/user", &small, true, None);
    session("cookie/one", &small, true, Some(json!({ "name": "__Host-session" })));
    session("cookie/two", &large, true, Some(json!({ "name": "__Host-session", "large": true })));
    cases
}

fn key(number: &str) -> String {
    hex::encode(format!("cretula-test-key-number-{number}......").as_bytes())
}

fn setting(members: Value) -> Map<String, Value> {
    let mut setting = members.as_object().cloned().unwrap_or_default();
    let keyring = json!([{ "key": key("01") }]);
    for (name, value) in [("keyring", keyring), ("audience", "shop.example".into()), ("purpose", "session".into())] {
        setting.insert(name.to_owned(), value);
    }
    setting
}

impl Case {
    /// Returns the request that makes it.
    pub(crate) fn making(&self) -> Map<String, Value> {
        let mut inputs = self.inputs.clone();
        if self.part == Part::Session {
            inputs.remove("now");
        }
        inputs
    }

    /// Returns the request that opens what a maker answered; `None` if that holds nothing to open.
    pub(crate) fn opening(&self, made: &Map<String, Value>) -> Option<Map<String, Value>> {
        let mut inputs = self.inputs.clone();
        for name in ["ttl", "payload", "requests", "actions", "commit"] {
            inputs.remove(name);
        }
        let mut add = |name: &str, value: Value| inputs.insert(name.to_owned(), value);
        match self.part {
            Part::Sealed | Part::Signed => {
                add("token", made.get("token")?.clone());
                add("max_age", LIFE_MAX.into());
                add("leeway", 0.into());
            }
            Part::Session => {
                add("token", made.get("requests")?.get(0)?.get("token")?.clone());
                add("ended", false.into());
            }
            Part::Cookie => {
                let lines =
                    made.get("headers")?.as_array()?.iter().filter_map(|header| match header.as_array()?.as_slice() {
                        [Value::String(name), Value::String(line)] if name == "Set-Cookie" => line.split(';').next(),
                        _ => None,
                    });
                add("fields", json!([lines.collect::<Vec<_>>().join("; ")]));
            }
        }
        Some(inputs)
    }

    /// Returns true if a result of opening holds what was to be made.
    pub(crate) fn is_in(&self, opened: &Map<String, Value>) -> bool {
        let payload = opened.get("payload").and_then(Value::as_str).unwrap_or_default();
        match self.part {
            Part::Sealed | Part::Signed => {
                let same = |name: &str, input: &str| opened.get(name) == self.inputs.get(input);
                self.content == payload && same("issued_at", "now") && same("ttl", "ttl")
            }
            Part::Session | Part::Cookie => {
                serde_json::from_str::<Value>(payload).is_ok_and(|session| session.get("data") == Some(&self.content))
            }
        }
    }
}
