//! What is timed of tokens: made, opened, refused.

use cretula::{Key, KeyEntry, Keyring};

use crate::{
    measure::Case,
    peers::{Peer, TTL, payload, peers, sealer, site},
    requests::request,
    turns::Turns,
};

/// The cases of a call, Cretula's first.
pub fn of(call: &str, size: usize) -> Vec<Case<'static>> {
    match call {
        "seal" => seal(size),
        "unseal" => unseal(size),
        "a request that only reads" => request(size, false),
        "a request with a change" => request(size, true),
        _ => unreachable!("no call {call}"),
    }
}

/// Text in, token out.
fn seal(size: usize) -> Vec<Case<'static>> {
    let mut cases = seal_each(peers(), size);
    let (own, text, mut token) = (sealer(), payload(size), String::new());
    cases.insert(1, Case::new("Cretula sealed, into", move || own.seal_into(&text, TTL, &mut token)));
    cases
}

pub fn seal_each(peers: Vec<Peer>, size: usize) -> Vec<Case<'static>> {
    let each = peers.into_iter().map(|Peer { name, mut seal, .. }| {
        let text = payload(size);
        Case::new(name, move || seal(&text).expect(name))
    });
    each.collect()
}

/// Token in, text out; each token in turn.
fn unseal(size: usize) -> Vec<Case<'static>> {
    let mut cases = unseal_each(peers(), size);
    let (own, text, mut bytes) = (sealer(), payload(size), Vec::new());
    let mut tokens = Turns::of(|| own.seal(&text, TTL).expect("sealed"));
    cases.insert(1, Case::new("Cretula sealed, into", move || own.unseal_into(tokens.next(), &mut bytes)));
    cases
}

pub fn unseal_each(peers: Vec<Peer>, size: usize) -> Vec<Case<'static>> {
    let text = payload(size);
    let each = peers.into_iter().map(|Peer { name, mut seal, open, .. }| {
        let mut tokens = Turns::of(|| seal(&text).expect(name));
        Case::new(name, move || open(tokens.next()))
    });
    each.collect()
}

/// Tokens that are refused, beside a good one.
pub fn rejects() -> Vec<Case<'static>> {
    let key = |byte| Key::from_bytes(&[byte; 32]).expect("a key");
    let sealer = sealer();
    let good = sealer.seal(payload(256), TTL).expect("sealed");
    let foreign = site(key(8)).sealer("session").build().expect("a sealer").seal(payload(256), TTL).expect("sealed");
    let mut changed = good.clone();
    changed.replace_range(150..151, if &good[150..151] == "A" { "B" } else { "A" });
    let tokens = [
        ("good", good),
        ("of another key", foreign),
        ("changed", changed),
        ("not base64url", format!("CrE1{}", "*".repeat(400))),
        ("garbage", "x".repeat(400)),
        ("empty", String::new()),
    ];
    tokens
        .into_iter()
        .map(|(name, token)| (name, token, sealer.clone()))
        .map(|(name, token, sealer)| Case::new(name, move || sealer.unseal(&token).is_ok()))
        .collect()
}

/// One key, and more that are accepted.
pub fn keys() -> Vec<Case<'static>> {
    let cases = [1_u32, 10, 1000].into_iter().map(|count| {
        let entries = (0..count).map(|number| {
            let mut bytes = [7; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            KeyEntry::from(Key::from_bytes(&bytes).expect("a key"))
        });
        let sealer = site(Keyring::new(entries).expect("a keyring")).sealer("session").build().expect("a sealer");
        let token = sealer.seal(payload(256), TTL).expect("sealed");
        Case::new(count.to_string(), move || sealer.unseal(&token))
    });
    cases.collect()
}
