//! The worked example of the specification (§13): every line of it follows from the crate.

use std::{collections::BTreeMap, fs, path::Path};

use std::time::Duration;

use cretula::{
    Site, UnixTime, UntrustedToken,
    hazmat::{self, At as _},
};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

/// Returns the example's blocks by title, each a map from name to value.
fn blocks() -> BTreeMap<String, BTreeMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/cretula-v1.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once(cretula_vectors::BEGIN).unwrap();
    let (example, _) = rest.split_once(cretula_vectors::END).unwrap();
    let mut blocks = BTreeMap::new();
    for part in example.split("**").skip(1).collect::<Vec<_>>().chunks(2) {
        let [title, body] = part else { panic!("a title and a body") };
        let mut rows = BTreeMap::<String, String>::new();
        let mut last = String::new();
        for line in body.lines().filter(|line| line.len() > 22) {
            let (name, value) = line.split_at(22);
            if !name.trim().is_empty() {
                last = name.trim().to_owned();
            }
            rows.entry(last.clone()).or_default().push_str(value);
        }
        blocks.insert(title.trim_end_matches('.').to_owned(), rows);
    }
    blocks
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn example_follows_from_the_crate() {
    let blocks = blocks();
    let (input, sealed, signed) = (&blocks["The input"], &blocks["Sealed"], &blocks["Signed"]);
    let key = hazmat::key_from_bytes(&unhex(&input["master key"])).unwrap();
    assert_eq!(*key.to_text(), input["key text"]);
    let site = Site::new(key.clone(), input["audience"].trim_matches('"')).unwrap();
    let purpose = input["purpose"].trim_matches('"');
    let (issued_at, ttl) = input["issued_at, ttl"].split_once(", ").unwrap();
    let (now, ttl) = (UnixTime::new(issued_at.parse().unwrap()).unwrap(), ttl.parse().unwrap());
    let (payload, count) = input["payload"].split_once("  ").unwrap();
    assert_eq!(count, format!("({} bytes)", payload.len()));

    let sealer = site.sealer(purpose).build().unwrap();
    let nonce = |name: &str| <[u8; 12]>::try_from(unhex(&sealed[name])).unwrap();
    let token = hazmat::seal_at(&sealer, payload, ttl, now, nonce("salt"), nonce("iv")).unwrap();
    assert_eq!(token, sealed["token"]);
    assert_eq!(sealer.at(now).unseal(&token).unwrap().payload, payload.as_bytes());

    let signer = site.signer(purpose).build().unwrap();
    let token = signer.at(now).sign(payload, secs(ttl)).unwrap();
    assert_eq!(token, signed["token"]);
    assert_eq!(signer.at(now).verify(&token).unwrap().payload, payload.as_bytes());

    // What stands between input and token adds up to the token's bytes.
    for (block, fields) in [(sealed, &["aad", "iv", "ciphertext", "tag"][..]), (signed, &["m", "tag"])] {
        let token = UntrustedToken::parse(&block["token"], 1000).unwrap();
        let joined: Vec<u8> = fields.iter().flat_map(|field| unhex(&block[*field])).collect();
        assert_eq!(joined, token.bytes);
        assert_eq!(block["bytes"], format!("{} of them", joined.len()));
        assert_eq!(token.key_id.to_string(), block["key_id = okm[32..64]"]);
        assert_eq!(block["okm"], format!("{}{}", block["K = okm[0..32]"], block["key_id = okm[32..64]"]));
        assert!(unhex(&block["body"]).ends_with(payload.as_bytes()));
    }
    let (info, kind) = (unhex(&sealed["info"]), unhex(&signed["info"]));
    assert!(info.starts_with(b"cretula-v1\0E\x0cshop.example\x07session"));
    assert!(kind.starts_with(b"cretula-v1\0S\x0cshop.example\x07session"));
}
