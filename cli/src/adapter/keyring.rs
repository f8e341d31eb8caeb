//! The ops of the class Keyring.

use std::time::Duration;

use cretula::{
    ErrorCode as _, Key, Keyring, Rotation, Site, UnixTime,
    hazmat::{self, At as _},
};
use serde_json::{Value, json};

use super::{
    members::{bytes, life, text},
    outcome::{No, Outcome},
    token,
};

/// Characters of a key text that are the key's digits.
const DIGITS: std::ops::Range<usize> = 13..77;

pub(super) fn call(op: &str, request: &Value) -> Outcome {
    match op {
        "key_text" => {
            let text = text(request, "text")?;
            let key = if test_keys(request)? { hazmat::key_from_text(text) } else { text.parse() };
            Ok(json!({ "key": digits(&key?) }))
        }
        "key_bytes" => {
            let bytes = bytes(request, "bytes")?;
            let key = if test_keys(request)? { hazmat::key_from_bytes(&bytes) } else { Key::from_bytes(&bytes) }?;
            Ok(json!({ "key": digits(&key), "text": *key.to_text() }))
        }
        "ring" => ring(request),
        "select" => selected(request, true),
        "accept" => selected(request, false),
        "warn" => warn(request),
        op => Err(No::request(format!("op {op} is unknown"))),
    }
}

fn test_keys(request: &Value) -> Result<bool, No> {
    request.get("test_keys").and_then(Value::as_bool).ok_or_else(|| No::request("test_keys is missing"))
}

/// The library shows no key's bytes; the text shows them.
fn digits(key: &Key) -> String {
    key.to_text().get(DIGITS).unwrap_or_default().to_owned()
}

fn ring(request: &Value) -> Outcome {
    let octets = match request.get("text_hex") {
        Some(_) => bytes(request, "text_hex")?,
        None => text(request, "text")?.as_bytes().to_vec(),
    };
    let ring = if test_keys(request)? { hazmat::keyring_from_text(octets) } else { Keyring::parse(octets) };
    let ring = ring.map_err(|error| match error.entry() {
        Some(entry) => No::from(error).with("entry", entry.into()),
        None => error.into(),
    })?;
    let entries = ring.entries().iter().map(|entry| {
        let mut read = json!({ "key": digits(&entry.key) });
        if entry.seal_from.as_secs() != 0 {
            read["seal_from"] = entry.seal_from.as_secs().into();
        }
        if let Some(end) = entry.accept_until {
            read["accept_until"] = end.as_secs().into();
        }
        read
    });
    Ok(json!({ "entries": entries.collect::<Vec<_>>() }))
}

fn selected(request: &Value, sealing: bool) -> Outcome {
    let (ring, now) = (token::ring(request)?, token::time(request, "now")?);
    let entries = ring.entries().iter().enumerate();
    let accepted: Vec<_> = entries.filter(|(_, entry)| entry.is_accepted(now)).map(|(at, _)| at).collect();
    if !sealing {
        return Ok(json!({ "accepted": accepted }));
    }
    Site::new(ring.clone(), "a")?.sealer("b").build()?.at(now).seal("", Duration::from_secs(1))?;
    Ok(json!({ "seals": ring.sealing_entry(now), "accepted": accepted }))
}

fn warn(request: &Value) -> Outcome {
    // In the order of [RING-18]: the leeway, the clock, the rest.
    let rotation = Rotation { leeway: life(request, "leeway")?, ..Rotation::default() };
    let ring = token::ring(request)?;
    ring.warnings(UnixTime::new(0)?, rotation)?;
    let now = token::time(request, "now")?;
    let (longest_ttl, reload_grace) = (life(request, "longest_ttl")?, life(request, "reload_grace")?);
    let warnings = ring.warnings(now, Rotation { longest_ttl, reload_grace, ..rotation })?;
    let warnings = warnings.iter().map(|warning| json!({ "entry": warning.entry, "code": warning.kind.code() }));
    Ok(json!({ "warnings": warnings.collect::<Vec<_>>() }))
}
