//! `accumulated.json`: the generator's calls, made with the crate.

use std::time::Duration;

use cretula::{
    ErrorCode as _, Sealer, Signer, Site, UnixTime,
    hazmat::{self, At as _},
    limits::{LIFE_MAX, LIMIT_DEFAULT},
};
use cretula_vectors::{
    accumulated::{CASES, MUTATIONS, Mutation, case},
    reference::{Source, sha256},
};

use crate::{file, hex};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

/// Holds what makes and opens the tokens of one case.
fn makers(case: &Source, limit: usize, max_age: u32) -> (Sealer, Signer) {
    let site = Site::new(hazmat::key_from_bytes(&case.key).unwrap(), &case.audience).unwrap();
    let sealer = site.sealer(&case.purpose).limit(limit).max_age(secs(max_age)).build().unwrap();
    (sealer, site.signer(&case.purpose).limit(limit).max_age(secs(max_age)).build().unwrap())
}

fn token(kind: u8, case: &Source) -> String {
    let (sealer, signer) = makers(case, LIMIT_DEFAULT, LIFE_MAX);
    let (ttl, now) = (u32::try_from(case.ttl).unwrap(), UnixTime::new(case.issued_at).unwrap());
    let twelve = |bytes: &[u8]| bytes.try_into().unwrap();
    match kind {
        0x45 => hazmat::seal_at(&sealer, &case.payload, ttl, now, twelve(&case.salt), twelve(&case.iv)).unwrap(),
        _ => signer.at(now).sign(&case.payload, secs(ttl)).unwrap(),
    }
}

fn opened(kind: u8, case: &Source, token: &str, number: u32) -> String {
    let mutation = Mutation::new(case, token.as_bytes(), number);
    let (sealer, signer) = makers(case, mutation.limit, u32::try_from(mutation.max_age).unwrap());
    let (text, now) = (str::from_utf8(&mutation.text).unwrap(), UnixTime::new(mutation.now).unwrap());
    let outcome = if kind == 0x45 { sealer.at(now).unseal(text) } else { signer.at(now).verify(text) };
    outcome.map_or_else(|error| error.code(), |_| "ok").to_owned()
}

#[track_caller]
fn compare(op: &str, outcomes: &[String]) {
    let file = file("accumulated.json");
    let vector = file["vectors"].as_array().unwrap().iter().find(|vector| vector["op"] == op).unwrap();
    assert_eq!(vector["count"], outcomes.len());
    let digest = |outcomes: &[String]| {
        hex(&sha256(outcomes.iter().flat_map(|outcome| [outcome.as_str(), "\n"]).collect::<String>().as_bytes()))
    };
    for (number, block) in outcomes.chunks(1_000).enumerate() {
        assert_eq!(vector["result"]["blocks"][number], digest(block), "{op}, block {number}");
    }
    assert_eq!(vector["result"]["sha256"], digest(outcomes));
}

fn both(kind: u8, make: &str, open: &str) {
    let cases: Vec<_> = (0..CASES).map(|number| case(kind, number)).collect();
    let tokens: Vec<_> = cases.iter().map(|case| token(kind, case)).collect();
    compare(make, &tokens);
    let at = |number: u32| usize::try_from(number % CASES).unwrap();
    let outcomes: Vec<_> =
        (0..MUTATIONS).map(|number| opened(kind, &cases[at(number)], &tokens[at(number)], number)).collect();
    // Every code that a changed text can meet is among them.
    for code in ["ok", "encoding", "unsupported_version", "wrong_kind", "not_a_token", "too_short", "unknown_key"] {
        assert!(outcomes.iter().any(|outcome| outcome == code), "{code}");
    }
    for code in ["too_long", "auth_failed", "issued_in_future", "expired"] {
        assert!(outcomes.iter().any(|outcome| outcome == code), "{code}");
    }
    compare(open, &outcomes);
}

// covers: [CONF-01] [SEAL-01] [OPEN-01]
#[test]
fn sealed() {
    both(0x45, "seal", "unseal");
}

// covers: [CONF-01] [SIGN-01] [OPEN-01]
#[test]
fn signed() {
    both(0x53, "sign", "verify");
}
