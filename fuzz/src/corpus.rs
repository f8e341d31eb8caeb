//! Seeds of the fuzz targets, made from the vectors: what the fuzzer mutates has every feature that the vectors have.

use std::collections::BTreeSet;

use serde_json::Value;

/// Longest seed, in bytes: the fuzzer is slow on long ones.
const LONGEST: usize = 4096;

/// The targets, each with the classes of vectors that its seeds come from.
const TARGETS: [(&str, &[&str]); 6] = [
    ("open", &["unsealer", "verifier"]),
    ("roundtrip", &["sealer"]),
    ("keyring", &["keyring"]),
    ("session", &["session"]),
    ("cookie", &["cookie"]),
    ("device", &["device"]),
];

/// Returns the seeds of a target: the vector's id and the input, each input once. Empty for an unknown target.
///
/// # Panics
/// When the vectors are not those of the suite's form.
#[must_use]
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let classes = TARGETS.iter().find(|(name, _)| *name == target).map_or(&[][..], |(_, classes)| classes);
    let (mut seeds, mut seen) = (Vec::new(), BTreeSet::new());
    for class in classes {
        let text = cretula_test_vectors::file(&format!("{class}.json")).unwrap();
        let document: Value = serde_json::from_str(text).unwrap();
        for vector in document["vectors"].as_array().unwrap() {
            let seed = seed(target, vector).filter(|seed| seed.len() <= LONGEST);
            if let Some(seed) = seed.filter(|seed| seen.insert(seed.clone())) {
                seeds.push((vector["id"].as_str().unwrap().to_owned(), seed));
            }
        }
    }
    seeds
}

/// The input of a target that has what a vector has, if there is one.
fn seed(target: &str, vector: &Value) -> Option<Vec<u8>> {
    match target {
        "open" => text(vector, "token"),
        "keyring" => text(vector, "text"),
        "roundtrip" => roundtrip(vector),
        // The payload of a session that one token brings.
        "session" => vector.get("requests").is_none().then(|| text(vector.get("made_from")?, "payload"))?,
        "cookie" => fields(vector, "fields"),
        "device" => {
            let lines = [fields(vector, "fields"), fields(vector, "responses"), fields(vector, "ids")];
            Some(lines.map(Option::unwrap_or_default).join(&b'\n'))
        }
        _ => None,
    }
}

fn text(members: &Value, name: &str) -> Option<Vec<u8>> {
    Some(members.get(name)?.as_str()?.as_bytes().to_vec())
}

/// Cookie fields, one a line; each character of a vector's field stands for an octet.
fn fields(vector: &Value, name: &str) -> Option<Vec<u8>> {
    let octets = |field: &Value| field.as_str()?.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<_>>>();
    let fields = vector.get(name)?.as_array()?.iter().map(octets).collect::<Option<Vec<_>>>();
    Some(fields?.join(&b'\n'))
}

/// `u48(now) | u32(ttl) | salt | iv | u8(len(audience)) | audience | u8(len(purpose)) | purpose | payload`
fn roundtrip(vector: &Value) -> Option<Vec<u8>> {
    let now = vector.get("now")?.as_u64()?.to_be_bytes();
    let ttl = u32::try_from(vector.get("ttl")?.as_u64()?).ok()?.to_be_bytes();
    let mut seed = [&now[2..], &ttl, &bytes(vector, "salt")?, &bytes(vector, "iv")?].concat();
    for name in ["audience", "purpose"] {
        let field = text(vector, name)?;
        seed.push(u8::try_from(field.len()).ok()?);
        seed.extend(field);
    }
    seed.extend(bytes(vector, "payload")?);
    Some(seed)
}

/// The bytes that pairs of hexadecimal digits stand for.
fn bytes(vector: &Value, name: &str) -> Option<Vec<u8>> {
    let digits = vector.get(name)?.as_str()?;
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}
