//! Seeds of the fuzz targets, made from the vectors: what the fuzzer mutates has every feature that the vectors have.

use std::collections::BTreeSet;

use crate::{json::Json, vector::Vector};

/// Longest seed, in bytes: the fuzzer is slow on long ones.
const LONGEST: usize = 4096;

/// Returns name and content of each seed of the targets.
pub(crate) fn seeds(classes: &[(&'static str, Vec<Vector>)]) -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let mut seen = BTreeSet::new();
    for (class, vectors) in classes {
        for vector in vectors {
            let seed = match *class {
                "unsealer" | "verifier" => text(vector, "token").map(|token| ("open", token.into_bytes())),
                "keyring" => text(vector, "text").map(|text| ("keyring", text.into_bytes())),
                "sealer" => roundtrip(vector).map(|seed| ("roundtrip", seed)),
                "session" => payload(vector).map(|seed| ("session", seed)),
                "cookie" => fields(vector).map(|seed| ("cookie", seed)),
                _ => None,
            };
            let Some((target, content)) = seed.filter(|(_, content)| content.len() <= LONGEST) else { continue };
            if seen.insert((target, content.clone())) {
                seeds.push((format!("fuzz/corpus/{target}/{}", vector.id.replace('/', "-")), content));
            }
        }
    }
    seeds
}

fn member<'a>(vector: &'a Vector, name: &str) -> Option<&'a Json> {
    vector.inputs.iter().find(|(member, _)| member == name).map(|(_, value)| value)
}

fn text(vector: &Vector, name: &str) -> Option<String> {
    match member(vector, name)? {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The payload of a session that one token brings.
fn payload(vector: &Vector) -> Option<Vec<u8>> {
    let (Json::Object(members), None) = (member(vector, "made_from")?, member(vector, "requests")) else { return None };
    members.iter().find_map(|(name, value)| match value {
        Json::Text(text) if name == "payload" => Some(text.clone().into_bytes()),
        _ => None,
    })
}

/// Cookie fields, one a line.
fn fields(vector: &Vector) -> Option<Vec<u8>> {
    let Json::List(fields) = member(vector, "fields")? else { return None };
    let octets = fields.iter().map(|field| match field {
        Json::Text(text) => text.chars().map(|letter| u8::try_from(letter).ok()).collect::<Option<Vec<u8>>>(),
        _ => None,
    });
    Some(octets.collect::<Option<Vec<_>>>()?.join(&b'\n'))
}

fn number(vector: &Vector, name: &str) -> Option<u64> {
    match member(vector, name)? {
        Json::Number(number) => Some(*number),
        _ => None,
    }
}

fn bytes(vector: &Vector, name: &str) -> Option<Vec<u8>> {
    let digits = text(vector, name)?;
    let pairs = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok());
    pairs.collect()
}

/// `u48(now) | u32(ttl) | salt | iv | u8(len(audience)) | audience | u8(len(purpose)) | purpose | payload`
fn roundtrip(vector: &Vector) -> Option<Vec<u8>> {
    let now = number(vector, "now")?.to_be_bytes();
    let ttl = u32::try_from(number(vector, "ttl")?).ok()?.to_be_bytes();
    let mut seed = [&now[2..], &ttl, &bytes(vector, "salt")?, &bytes(vector, "iv")?].concat();
    for field in ["audience", "purpose"] {
        let field = text(vector, field)?;
        seed.push(u8::try_from(field.len()).ok()?);
        seed.extend(field.bytes());
    }
    seed.extend(bytes(vector, "payload")?);
    Some(seed)
}
