//! Cases of `unsealer.json` and `verifier.json`.

mod authenticity;
mod keys;
mod order;
mod positive;
mod text;
mod time;
mod wide;

use std::collections::BTreeMap;

use crate::{
    json::{Json, hex, object},
    reference::{Built, Source, base64url, derive, hmac, sha256},
    vector::{Entry, Outcome, Vector, key, members, nonce, ring_json},
};

const NOW: u64 = 1_790_000_100;
const ISSUED: u64 = 1_790_000_000;
const END: u64 = 1 << 48;
const LIFE_MAX: u64 = 34_560_000;

/// Returns the members that show how a token was computed, in file order.
pub(crate) fn intermediates(kind: u8, built: &Built) -> Vec<(String, Json)> {
    let mut values = members([
        ("info", hex(&built.info).into()),
        ("okm", hex(&built.okm).into()),
        ("working_key", hex(&built.working_key).into()),
        ("key_id", hex(&built.key_id).into()),
    ]);
    if kind == 0x45 {
        values.extend(members([("subkey", hex(&built.subkey).into()), ("aad", hex(&built.aad).into())]));
    }
    values.extend(members([("body", hex(&built.body).into())]));
    values
}

/// One step of a mutation.
#[derive(Clone)]
enum Step {
    Key(Vec<u8>),
    Audience(&'static str),
    Purpose(&'static str),
    IssuedAt(u64),
    Ttl(u64),
    Set(&'static str, Vec<u8>),
    Bytes(usize, usize, Vec<u8>),
    Text(usize, usize, String),
}

impl Step {
    fn json(&self) -> Json {
        let splice = |at: usize, delete: usize, insert: Json| {
            let number = |value: usize| Json::from(u64::try_from(value).expect("a small number"));
            object([("at", number(at)), ("delete", number(delete)), ("insert", insert)])
        };
        let set = |name: &str, value: Json| object([("set", object([(name, value)]))]);
        match self {
            Self::Key(key) => set("key", hex(key).into()),
            Self::Audience(text) => set("audience", (*text).into()),
            Self::Purpose(text) => set("purpose", (*text).into()),
            Self::IssuedAt(time) => set("issued_at", (*time).into()),
            Self::Ttl(seconds) => set("ttl", (*seconds).into()),
            Self::Set(name, value) => set(name, hex(value).into()),
            Self::Bytes(at, delete, insert) => object([("bytes", splice(*at, *delete, hex(insert).into()))]),
            Self::Text(at, delete, insert) => object([("text", splice(*at, *delete, insert.clone().into()))]),
        }
    }
}

/// Holds how an opener is set up, and the clock.
#[derive(Clone)]
struct Opening {
    ring: Vec<Entry>,
    audience: String,
    purpose: String,
    max_age: u64,
    leeway: u64,
    limit: u64,
    now: u64,
}

struct Cases {
    kind: u8,
    call: &'static str,
    bases: BTreeMap<String, Source>,
    vectors: Vec<Vector>,
}

pub(crate) fn vectors(kind: u8) -> Vec<Vector> {
    let call = if kind == 0x45 { "unseal" } else { "verify" };
    let mut cases = Cases { kind, call, bases: BTreeMap::new(), vectors: Vec::new() };
    cases.positive();
    cases.text();
    cases.keys();
    cases.authenticity();
    cases.time();
    cases.order();
    cases.callers();
    cases.wide();
    cases.vectors
}

impl Cases {
    const fn sealed(&self) -> bool {
        self.kind == 0x45
    }

    /// Bytes of the empty payload's token.
    const fn least(&self) -> usize {
        if self.sealed() { 85 } else { 77 }
    }

    fn source(&self, name: &str) -> Source {
        let id = format!("{}/{name}", self.call);
        Source {
            kind: self.kind,
            key: key(1),
            audience: "shop.example".into(),
            purpose: "session".into(),
            issued_at: ISSUED,
            ttl: 1800,
            payload: br#"{"sub":"ada","basket":[17,4]}"#.to_vec(),
            salt: nonce("salt", &id),
            iv: nonce("iv", &id),
            set: BTreeMap::new(),
        }
    }

    /// Adds a token that opens.
    fn ok(&mut self, name: &str, comment: &str, flags: &[&'static str], source: Source, opening: &Opening) {
        let id = format!("{}/{name}", self.call);
        let built = source.build();
        let mut inputs = opening_json(opening);
        let mut made_from = members([
            ("key", hex(&source.key).into()),
            ("audience", source.audience.clone().into()),
            ("purpose", source.purpose.clone().into()),
            ("issued_at", source.issued_at.into()),
            ("ttl", source.ttl.into()),
            ("payload", hex(&source.payload).into()),
        ]);
        if self.sealed() {
            made_from.extend(members([("salt", hex(&source.salt).into()), ("iv", hex(&source.iv).into())]));
        }
        inputs.extend(members([("made_from", Json::Object(made_from)), ("token", base64url(&built.bytes).into())]));
        let mut result = members([
            ("payload", hex(&source.payload).into()),
            ("issued_at", source.issued_at.into()),
            ("ttl", source.ttl.into()),
            ("key_id", hex(&built.key_id).into()),
            ("expires_at", (source.issued_at + source.ttl.min(opening.max_age)).into()),
        ]);
        result.extend(intermediates(self.kind, &built).into_iter().filter(|(name, _)| name != "key_id"));
        let mut spec = vec!["OPEN-14", "WIRE-01", "DERIVE-01"];
        let time = ["off-by-one", "leeway-on-life", "max-age-ignored", "wide-time"];
        for (requirement, applies) in [
            ("TIME-03", flags.iter().any(|flag| time.contains(flag)) && !name.starts_with("ok/ring")),
            ("WIRE-02", source.payload.is_empty()),
            ("OPEN-02", flags.contains(&"size")),
            ("OPEN-07", name == "ok/ring-last-second"),
            ("RING-08", name == "ok/ring-before-seal-from"),
            ("RING-09", name == "ok/ring-opens-only"),
            ("CTX-02", name.starts_with("ok/context")),
            ("RING-10", name == "ok/many"),
            ("OPEN-06", name.starts_with("ok/ring-differ")),
        ] {
            if applies {
                spec.push(requirement);
            }
        }
        self.vectors.push(Vector {
            id,
            spec,
            flags: flags.to_vec(),
            comment: comment.to_owned(),
            inputs,
            outcome: Outcome::Result(Json::Object(result)),
        });
        self.bases.insert(name.to_owned(), source);
    }

    /// Adds a token that does not open: `base` changed by `steps`.
    #[expect(clippy::too_many_arguments, reason = "one line a case reads best as a table")]
    fn bad(
        &mut self,
        name: &str,
        code: &'static str,
        comment: &str,
        flags: &[&'static str],
        base: &str,
        steps: &[Step],
        opening: &Opening,
    ) {
        let mut source = self.bases[base].clone();
        for step in steps {
            match step.clone() {
                Step::Key(key) => source.key = key,
                Step::Audience(text) => source.audience = text.to_owned(),
                Step::Purpose(text) => source.purpose = text.to_owned(),
                Step::IssuedAt(time) => source.issued_at = time,
                Step::Ttl(seconds) => source.ttl = seconds,
                Step::Set(name, value) => drop(source.set.insert(name, value)),
                Step::Bytes(..) | Step::Text(..) => {}
            }
        }
        let mut bytes = source.build().bytes;
        for step in steps {
            if let Step::Bytes(at, delete, insert) = step {
                bytes.splice(*at..*at + *delete, insert.iter().copied());
            }
        }
        let mut text = base64url(&bytes);
        for step in steps {
            if let Step::Text(at, delete, insert) = step {
                text.replace_range(*at..*at + *delete, insert);
            }
        }
        let mut inputs = opening_json(opening);
        inputs.extend(members([
            ("derived_from", format!("{}/{base}", self.call).into()),
            ("mutation", Json::List(steps.iter().map(Step::json).collect())),
            ("token", text.into()),
        ]));
        let mut spec = match code {
            "too_long" => vec!["OPEN-02"],
            "unsupported_version" | "wrong_kind" | "not_a_token" => vec!["OPEN-03"],
            "encoding" => vec!["OPEN-04", "TEXT-02"],
            "too_short" => vec!["OPEN-05"],
            "unknown_key" => vec!["OPEN-06"],
            "key_inactive" => vec!["OPEN-07"],
            "auth_failed" => vec!["OPEN-08"],
            "expired" if flags.contains(&"ttl-range") => vec!["OPEN-11"],
            "issued_in_future" | "expired" => vec!["TIME-03"],
            _ => vec!["TIME-01"],
        };
        if flags.contains(&"order") {
            spec.push("OPEN-01");
        }
        if flags.contains(&"time-before-auth") {
            spec.push("OPEN-10");
        }
        if flags.contains(&"kind-confusion") && code == "wrong_kind" {
            spec.push("OPEN-13");
        }
        self.vectors.push(Vector {
            id: format!("{}/{name}", self.call),
            spec,
            flags: flags.to_vec(),
            comment: comment.to_owned(),
            inputs,
            outcome: Outcome::Error(code),
        });
    }
}

fn standard() -> Opening {
    Opening {
        ring: vec![Entry::new(1)],
        audience: "shop.example".into(),
        purpose: "session".into(),
        max_age: LIFE_MAX,
        leeway: 60,
        limit: 16_384,
        now: NOW,
    }
}

fn opening_json(opening: &Opening) -> Vec<(String, Json)> {
    members([
        ("keyring", ring_json(&opening.ring)),
        ("audience", opening.audience.clone().into()),
        ("purpose", opening.purpose.clone().into()),
        ("max_age", opening.max_age.into()),
        ("leeway", opening.leeway.into()),
        ("limit", opening.limit.into()),
        ("now", opening.now.into()),
    ])
}
