//! Runs the golden vectors of tokens and keyrings through the crate in every build, and the generator over the files
//! committed there. All vectors, those of sessions and cookies too, go through `cretula adapter`: `cli/tests/conform`.

mod accumulated;

use std::{fs, path::Path};

use std::time::Duration;

use cretula::{
    Claims, ErrorCode as _, KeyEntry, Keyring, Kind, Rotation, Site, UnixTime, UnsealError, UntrustedToken,
    hazmat::{self, At as _},
};
use serde_json::Value;

type Outcome = Result<Value, Failure>;

/// Holds a code, and the position of a ring's entry.
#[derive(Debug, PartialEq)]
struct Failure(&'static str, Option<usize>);

/// Makes a failure of any error of the crate's.
macro_rules! failure {
    ($result:expr) => {
        $result.map_err(|error| Failure(error.code(), None))
    };
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> Value {
    let path = root().join("test-vectors/v1").join(name);
    serde_json::from_str(&fs::read_to_string(path).expect("the vectors are there")).expect("JSON")
}

fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
    vector[member].as_str().unwrap_or_else(|| panic!("{member} of {}", vector["id"]))
}

fn number(vector: &Value, member: &str) -> u64 {
    vector[member].as_u64().unwrap_or_else(|| panic!("{member} of {}", vector["id"]))
}

fn narrow(vector: &Value, member: &str) -> u32 {
    // What 32 bits do not hold is out of every range, as their greatest is.
    u32::try_from(number(vector, member)).unwrap_or(u32::MAX)
}

fn bytes(vector: &Value, member: &str) -> Vec<u8> {
    unhex(text(vector, member))
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ring(vector: &Value) -> Keyring {
    let entries = vector["keyring"].as_array().expect("a keyring").iter().map(|entry| {
        let mut made = KeyEntry::from(hazmat::key_from_bytes(&bytes(entry, "key")).expect("a key"));
        if entry.get("seal_from").is_some() {
            made.seal_from = UnixTime::new(number(entry, "seal_from")).unwrap();
        }
        if entry.get("accept_until").is_some() {
            made.accept_until = Some(UnixTime::new(number(entry, "accept_until")).unwrap());
        }
        made
    });
    Keyring::new(entries).expect("a keyring")
}

/// Runs every vector of a file and compares its whole outcome.
#[track_caller]
fn run(name: &str, outcome: impl Fn(&Value) -> Outcome) {
    let file = file(name);
    let vectors = file["vectors"].as_array().expect("vectors");
    assert!(!vectors.is_empty());
    let mut wrong = Vec::new();
    // A call without a clock or randomness is the adapter's.
    let is_given = |vector: &&Value| !vector["now"].is_null() && vector.get("no_randomness").is_none();
    for vector in vectors.iter().filter(|vector| vector.get("now").is_none() || is_given(vector)) {
        let expected = match (vector.get("result"), vector.get("error")) {
            (Some(result), None) => Ok(result),
            (None, Some(error)) => Err((error.as_str().unwrap(), vector.get("entry").and_then(Value::as_u64))),
            _ => panic!("{} has not exactly one outcome", vector["id"]),
        };
        let found = outcome(vector);
        let same = match (&expected, &found) {
            // A result may hold intermediates beyond what a call returns; what it returns must be there and equal.
            (Ok(expected), Ok(found)) => {
                found.as_object().unwrap().iter().all(|(member, value)| expected.get(member) == Some(value))
            }
            (Err(expected), Err(Failure(code, entry))) => {
                *expected == (*code, entry.map(|entry| u64::try_from(entry).unwrap()))
            }
            _ => false,
        };
        if !same {
            wrong.push(format!("{}: expected {expected:?}, found {found:?}", vector["id"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
}

fn limit(vector: &Value) -> usize {
    usize::try_from(number(vector, "limit")).unwrap()
}

fn life(vector: &Value, member: &str) -> Duration {
    Duration::from_secs(number(vector, member))
}

fn site(vector: &Value) -> Result<Site, Failure> {
    failure!(Site::new(ring(vector), text(vector, "audience")))
}

fn now(vector: &Value) -> Result<UnixTime, Failure> {
    failure!(UnixTime::new(number(vector, "now")))
}

fn opened(payload: &[u8], claims: Claims) -> Value {
    serde_json::json!({
        "payload": hex(payload),
        "issued_at": claims.issued_at.as_secs(),
        "ttl": claims.ttl,
        "key_id": claims.key_id.to_string(),
        "expires_at": claims.expires_at.as_secs(),
    })
}

// covers: [CTX-01] [CTX-02] [DERIVE-01] [CODE-01] [CONF-01]
#[test]
fn derivation() {
    run("derivation.json", |vector| {
        let key = hazmat::key_from_bytes(&bytes(vector, "key")).unwrap();
        let (site, purpose) = (failure!(Site::new(key, text(vector, "audience")))?, text(vector, "purpose"));
        let second = Duration::from_secs(1);
        let token = match text(vector, "kind") {
            "sealed" => failure!(site.sealer(purpose).build())?.seal("", second).unwrap(),
            _ => failure!(site.signer(purpose).build())?.sign("", second).unwrap(),
        };
        let token = UntrustedToken::parse(token, 1000).unwrap();
        Ok(serde_json::json!({ "key_id": token.key_id.to_string() }))
    });
}

// covers: [CODE-01] [CONF-01] [SEAL-02]
#[test]
fn sealer() {
    run("sealer.json", |vector| {
        let sealer = failure!(site(vector)?.sealer(text(vector, "purpose")).limit(limit(vector)).build())?;
        let now = now(vector)?;
        let nonce = |member| <[u8; 12]>::try_from(bytes(vector, member)).unwrap();
        let (ttl, payload) = (narrow(vector, "ttl"), bytes(vector, "payload"));
        let token = failure!(hazmat::seal_at(&sealer, &payload, ttl, now, nonce("salt"), nonce("iv")))?;
        // With its own randomness: another token that opens to the same.
        let own = sealer.at(now).seal(&payload, Duration::from_secs(ttl.into())).unwrap();
        assert_ne!(own, token);
        assert_eq!(sealer.at(now).unseal(&own).unwrap(), sealer.at(now).unseal(&token).unwrap());
        Ok(serde_json::json!({ "token": token }))
    });
}

// covers: [CODE-01] [CONF-01] [SIGN-02]
#[test]
fn signer() {
    run("signer.json", |vector| {
        let signer = failure!(site(vector)?.signer(text(vector, "purpose")).limit(limit(vector)).build())?;
        let now = now(vector)?;
        let token = failure!(signer.at(now).sign(bytes(vector, "payload"), life(vector, "ttl")))?;
        Ok(serde_json::json!({ "token": token }))
    });
}

// covers: [CODE-01] [CONF-01] [OPEN-12] [OPEN-14]
#[test]
fn unsealer() {
    run("unsealer.json", |vector| {
        let site = site(vector)?;
        let opener = site.sealer(text(vector, "purpose")).limit(limit(vector)).leeway(life(vector, "leeway"));
        let sealer = failure!(opener.max_age(life(vector, "max_age")).build())?;
        let now = now(vector)?;
        let mut buffer = b"what was there before".to_vec();
        let into = sealer.at(now).unseal_into(text(vector, "token"), &mut buffer);
        let owned = sealer.at(now).unseal(text(vector, "token"));
        agree(vector, &into, &owned.as_ref().map(|opened| (opened.payload.as_slice(), opened.claims)), &buffer);
        let opened_token = failure!(owned)?;
        Ok(opened(&opened_token.payload, opened_token.claims))
    });
}

// covers: [CODE-01] [CONF-01] [OPEN-12] [OPEN-14]
#[test]
fn verifier() {
    run("verifier.json", |vector| {
        let site = site(vector)?;
        let opener = site.signer(text(vector, "purpose")).limit(limit(vector)).leeway(life(vector, "leeway"));
        let signer = failure!(opener.max_age(life(vector, "max_age")).build())?;
        let now = now(vector)?;
        let mut buffer = b"what was there before".to_vec();
        let into = signer.at(now).verify_into(text(vector, "token"), &mut buffer);
        let owned = signer.at(now).verify(text(vector, "token"));
        agree(vector, &into, &owned.as_ref().map(|opened| (opened.payload.as_slice(), opened.claims)), &buffer);
        let opened_token = failure!(owned)?;
        Ok(opened(&opened_token.payload, opened_token.claims))
    });
}

/// The owned form and the form into a buffer give the same; after a failure the buffer is empty.
#[track_caller]
fn agree(
    vector: &Value,
    into: &Result<Claims, UnsealError>,
    owned: &Result<(&[u8], Claims), &UnsealError>,
    buffer: &[u8],
) {
    match (into, owned) {
        (Ok(claims), Ok((payload, owned))) => assert_eq!((buffer, claims), (*payload, owned), "{}", vector["id"]),
        (Err(error), Err(owned)) => assert_eq!((buffer, error), (&[][..], *owned), "{}", vector["id"]),
        _ => panic!("{}: {into:?}, {owned:?}", vector["id"]),
    }
}

// covers: [CODE-01] [CONF-01]
#[test]
fn keyring() {
    run("keyring.json", |vector| match text(vector, "op") {
        "key_text" => {
            let text = text(vector, "text");
            let key = match vector["test_keys"].as_bool().unwrap() {
                true => hazmat::key_from_text(text),
                false => text.parse(),
            };
            // The crate shows no key's bytes; the text shows them.
            Ok(serde_json::json!({ "key": failure!(key)?.to_text()[13..77] }))
        }
        "key_bytes" => {
            let bytes = bytes(vector, "bytes");
            let key = match vector["test_keys"].as_bool().unwrap() {
                true => hazmat::key_from_bytes(&bytes),
                false => cretula::Key::from_bytes(&bytes),
            };
            let text = failure!(key)?.to_text();
            Ok(serde_json::json!({ "key": text[13..77], "text": *text }))
        }
        "ring" => {
            let octets = match vector.get("text_hex") {
                Some(_) => bytes(vector, "text_hex"),
                None => text(vector, "text").as_bytes().to_vec(),
            };
            let keyring = match vector["test_keys"].as_bool().unwrap() {
                true => hazmat::keyring_from_text(octets),
                false => Keyring::parse(octets),
            };
            let keyring = keyring.map_err(|error| Failure(error.code(), error.entry()))?;
            let entries = keyring.entries().iter().map(|entry| {
                let mut read = serde_json::json!({ "key": entry.key.to_text()[13..77] });
                if entry.seal_from.as_secs() != 0 {
                    read["seal_from"] = entry.seal_from.as_secs().into();
                }
                if let Some(end) = entry.accept_until {
                    read["accept_until"] = end.as_secs().into();
                }
                read
            });
            Ok(serde_json::json!({ "entries": entries.collect::<Vec<_>>() }))
        }
        op @ ("select" | "accept") => {
            let (keyring, now) = (ring(vector), now(vector)?);
            let entries = keyring.entries().iter().enumerate();
            let accepted: Vec<_> = entries.filter(|(_, entry)| entry.is_accepted(now)).map(|(at, _)| at).collect();
            let sealer = Site::new(keyring.clone(), "a").unwrap().sealer("b").build().unwrap();
            let sealed = sealer.at(now).seal("", Duration::from_secs(1));
            assert_eq!(sealed.is_ok(), keyring.sealing_entry(now).is_some(), "{}", vector["id"]);
            if op == "accept" {
                return Ok(serde_json::json!({ "accepted": accepted }));
            }
            failure!(sealed)?;
            Ok(serde_json::json!({ "seals": keyring.sealing_entry(now), "accepted": accepted }))
        }
        "warn" => {
            // In the order of [RING-18].
            let ring = ring(vector);
            let rotation = Rotation { leeway: life(vector, "leeway"), ..Rotation::default() };
            failure!(ring.warnings(UnixTime::new(0).unwrap(), rotation))?;
            let (longest_ttl, reload_grace) = (life(vector, "longest_ttl"), life(vector, "reload_grace"));
            let warnings = ring.warnings(now(vector)?, Rotation { longest_ttl, reload_grace, ..rotation });
            let warnings = failure!(warnings)?;
            let warnings = warnings
                .iter()
                .map(|warning| serde_json::json!({ "entry": warning.entry, "code": warning.kind.code() }));
            Ok(serde_json::json!({ "warnings": warnings.collect::<Vec<_>>() }))
        }
        op => panic!("op {op} is unknown"),
    });
}

/// The committed files are what the generator writes, and the manifest counts them.
#[test]
fn files_are_the_generators() {
    for (path, content) in cretula_vectors::files(root()) {
        let committed = fs::read(root().join(&path)).unwrap_or_default();
        assert!(committed == content, "{path} differs: cargo run -p cretula-vectors -- write");
    }
}

/// Positive and negative add up in the manifest, and every class is run above.
#[test]
fn manifest_adds_up() {
    let manifest = file("manifest.json");
    let total = |member: &str| -> u64 {
        manifest["files"].as_array().unwrap().iter().map(|file| file[member].as_u64().unwrap()).sum()
    };
    let classes: Vec<_> =
        manifest["files"].as_array().unwrap().iter().map(|file| file["class"].as_str().unwrap()).collect();
    assert_eq!(
        classes,
        [
            "derivation",
            "sealer",
            "unsealer",
            "signer",
            "verifier",
            "keyring",
            "session",
            "cookie",
            "device",
            "accumulated"
        ]
    );
    assert_eq!(total("vectors"), total("positive") + total("negative"));
}

/// The two kinds are told apart by their first four characters.
#[test]
fn kinds_begin_as_the_specification_says() {
    let site = Site::new(cretula::Key::generate().unwrap(), "a").unwrap();
    let sealed = site.sealer("b").build().unwrap().seal("", Duration::from_secs(1)).unwrap();
    let signed = site.signer("b").build().unwrap().sign("", Duration::from_secs(1)).unwrap();
    assert_eq!((&sealed[..4], &signed[..4]), ("CrE1", "CrS1"));
    assert_eq!(UntrustedToken::parse(sealed, 1000).unwrap().kind, Kind::Sealed);
    assert_eq!(UntrustedToken::parse(signed, 1000).unwrap().kind, Kind::Signed);
}
