//! Cases of `session.json` (§19).

pub(crate) mod action;
pub(crate) mod bound;
mod lax;
mod opening;
mod payloads;
pub(crate) mod recheck;
pub(crate) mod reference;
mod rules;
mod runs;
mod turns;
pub(crate) mod value;

use std::collections::BTreeMap;

pub(crate) use opening::opened_json;
pub(crate) use turns::draws;

use crate::{
    json::{Json, hex, object},
    opener::Context,
    reference::{Built, Source, base64url, sha256},
    vector::{Entry, Vector, key, members, nonce, ring_json},
};
use reference::{Check, Policy, Setup};

/// When the sessions of the cases began.
pub(crate) const START: u64 = 1_790_000_000;
/// Their absolute end.
pub(crate) const END: u64 = START + 86_400;
/// An idle window.
pub(crate) const IDLE: u64 = 1800;

pub(crate) fn vectors() -> Vec<Vector> {
    let mut vectors = opening::vectors();
    vectors.extend(payloads::vectors());
    vectors.extend(runs::vectors());
    vectors.extend(turns::vectors());
    vectors.extend(rules::vectors());
    vectors.extend(lax::vectors());
    vectors.extend(recheck::vectors());
    vectors.extend(bound::vectors());
    vectors
}

/// Returns the payload of a signed-on session after changes: a member's JSON text, empty to leave it out.
pub(crate) fn user(changes: &[(&str, &str)]) -> String {
    let base = [
        ("sid", "\"AAECAwQFBgcICQoLDA0ODw\""),
        ("start", "1790000000"),
        ("end", "1790086400"),
        ("rev", "1"),
        ("sub", "\"ada\""),
        ("gen", "7"),
        ("auth_time", "1790000000"),
        ("checked", ""),
        ("jkt", ""),
        ("data", "{\"basket\":[17,4]}"),
    ];
    changed(&base, changes)
}

/// Returns the payload of a guest's session after changes.
pub(crate) fn guest(changes: &[(&str, &str)]) -> String {
    let base = [
        ("sid", "\"AAECAwQFBgcICQoLDA0ODw\""),
        ("start", "1790000000"),
        ("end", "1790086400"),
        ("rev", "1"),
        ("checked", ""),
    ];
    changed(&base, changes)
}

fn changed(base: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let mut members = base.to_vec();
    for (name, text) in changes {
        match members.iter_mut().find(|(other, _)| other == name) {
            Some(member) => member.1 = text,
            None => members.push((name, text)),
        }
    }
    let members = members.iter().filter(|(_, text)| !text.is_empty());
    format!("{{{}}}", members.map(|(name, text)| format!("\"{name}\":{text}")).collect::<Vec<_>>().join(","))
}

/// Returns what every server of the cases is set up with, unless a case says otherwise.
pub(crate) fn setup() -> Setup {
    let context = Context { ring: vec![Entry::new(1)], audience: "shop.example".into(), purpose: "session".into() };
    Setup { context, policy: Policy { idle: IDLE, absolute: 86_400, leeway: 60, recheck: None }, check: None }
}

impl Setup {
    pub(crate) fn checked(generation: Option<u64>, denied: bool) -> Self {
        Self { check: Some(Check { generation, denied }), ..setup() }
    }

    pub(crate) fn ruled(idle: u64, absolute: u64, leeway: u64) -> Self {
        Self { policy: Policy { idle, absolute, leeway, recheck: None }, ..setup() }
    }

    /// Returns it with this `recheck` and this answer of the application.
    pub(crate) fn rechecking(recheck: u64, check: Option<Check>) -> Self {
        let policy = Policy { recheck: Some(recheck), ..setup().policy };
        Self { policy, check, ..setup() }
    }

    /// Returns the common inputs.
    pub(crate) fn json(&self, op: &str) -> Vec<(String, Json)> {
        let mut inputs = members([
            ("op", op.into()),
            ("keyring", ring_json(&self.context.ring)),
            ("audience", self.context.audience.clone().into()),
            ("purpose", self.context.purpose.clone().into()),
            ("policy", self.policy.json()),
        ]);
        inputs.extend(self.check.map(|check| ("check".to_owned(), check.json())));
        inputs
    }
}

impl Policy {
    pub(crate) fn json(&self) -> Json {
        let Self { idle, absolute, leeway, recheck } = *self;
        let mut policy = members([("idle", idle.into()), ("absolute", absolute.into()), ("leeway", leeway.into())]);
        policy.extend(recheck.map(|recheck| ("recheck".to_owned(), recheck.into())));
        Json::Object(policy)
    }
}

impl Check {
    pub(crate) fn json(&self) -> Json {
        let mut answer = Vec::new();
        answer.extend(self.generation.map(|generation| ("gen".to_owned(), generation.into())));
        answer.extend(self.denied.then(|| ("denied".to_owned(), true.into())));
        Json::Object(answer)
    }
}

/// Holds what a token of a case is made from.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) key: usize,
    pub(crate) audience: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) issued_at: u64,
    pub(crate) ttl: u64,
    pub(crate) payload: Vec<u8>,
    /// What the salt is made of, if not of the case's id.
    pub(crate) salt: Option<&'static str>,
}

impl Made {
    pub(crate) fn new(payload: impl Into<Vec<u8>>) -> Self {
        let (audience, purpose) = ("shop.example", "session");
        Self { key: 1, audience, purpose, issued_at: START, ttl: IDLE, payload: payload.into(), salt: None }
    }

    fn source(&self, id: &str) -> Source {
        Source {
            kind: 0x45,
            key: key(self.key),
            audience: self.audience.to_owned(),
            purpose: self.purpose.to_owned(),
            issued_at: self.issued_at,
            ttl: self.ttl,
            payload: self.payload.clone(),
            salt: nonce("salt", self.salt.unwrap_or(id)),
            iv: nonce("iv", id),
            set: BTreeMap::new(),
        }
    }

    pub(crate) fn token(&self, id: &str) -> String {
        let built: Built = self.source(id).build();
        base64url(&built.bytes)
    }

    pub(crate) fn json(&self, id: &str) -> Json {
        let source = self.source(id);
        let payload = match String::from_utf8(source.payload.clone()) {
            Ok(text) => ("payload", text.into()),
            Err(_) => ("payload_hex", hex(&source.payload).into()),
        };
        object([
            ("key", hex(&source.key).into()),
            ("audience", self.audience.into()),
            ("purpose", self.purpose.into()),
            ("issued_at", self.issued_at.into()),
            ("ttl", self.ttl.into()),
            payload,
            ("salt", hex(&source.salt).into()),
            ("iv", hex(&source.iv).into()),
        ])
    }
}

/// Returns the sid that a commit draws.
pub(crate) fn drawn_sid(id: &str) -> String {
    base64url(&sha256(format!("cretula vectors sid {id}").as_bytes())[..16])
}

/// Seals what a commit prepared (§9, limit 16 384), with salt and iv of these names.
pub(crate) fn seal(
    setup: &Setup,
    payload: &str,
    ttl: u64,
    now: u64,
    (salt, iv): (&str, &str),
) -> Result<String, crate::opener::Code> {
    if ttl == 0 {
        return Err("ttl_range");
    }
    let entry = setup.context.sealing_entry(now)?;
    let source = Source {
        kind: 0x45,
        key: entry.key.clone(),
        audience: setup.context.audience.clone(),
        purpose: setup.context.purpose.clone(),
        issued_at: now,
        ttl,
        payload: payload.as_bytes().to_vec(),
        salt: nonce("salt", salt),
        iv: nonce("iv", iv),
        set: BTreeMap::new(),
    };
    let token = base64url(&source.build().bytes);
    if token.len() > 16_384 { Err("result_too_long") } else { Ok(token) }
}

/// Returns `ended`, if there are any.
pub(crate) fn ended_json(ended: &[(String, u64)]) -> Option<(String, Json)> {
    let one = |(sid, end): &(String, u64)| object([("sid", sid.clone().into()), ("end", (*end).into())]);
    (!ended.is_empty()).then(|| ("ended".to_owned(), Json::List(ended.iter().map(one).collect())))
}

/// Returns whether a session that is refused with this code may be valid in a moment ([SESS-18]).
pub(crate) fn is_not_now(code: &str) -> bool {
    ["unknown_key", "issued_in_future", "no_clock", "unproven", "unchecked"].contains(&code)
}

/// Returns `open`, and `not_now` where the session may be valid in a moment ([SESS-18]).
pub(crate) fn open_json(open: &str) -> Vec<(String, Json)> {
    let not_now = is_not_now(open);
    let mut members = members([("open", open.into())]);
    members.extend(not_now.then(|| ("not_now".to_owned(), true.into())));
    members
}
