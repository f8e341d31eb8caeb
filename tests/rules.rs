//! Requirements that no vector can show.

use std::{collections::HashSet, fs, path::Path};

use std::time::Duration;

use cretula::{Key, KeyEntry, Keyring, SealError, Site, UnixTime, UnsealError, UntrustedToken, hazmat::At as _};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

fn source(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

// covers: [JSON-01]
#[test]
fn typed_calls_refuse_what_has_no_form() {
    let keyring = Keyring::from(Key::generate().unwrap());
    let (sealer, signer) = (
        Site::new(keyring.clone(), "shop.example").unwrap().sealer("session").build().unwrap(),
        Site::new(keyring.clone(), "shop.example").unwrap().signer("session").build().unwrap(),
    );
    let unserializable = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert_eq!(sealer.seal_json(&unserializable, secs(60)), Err(SealError::PayloadUnserializable));
    assert_eq!(signer.sign_json(&unserializable, secs(60)), Err(SealError::PayloadUnserializable));

    for payload in ["", "{", "\"text\"", "1 2", "[1,\"a\"]", "\u{feff}[1]"] {
        let token = sealer.seal(payload, secs(60)).unwrap();
        assert_eq!(sealer.unseal_json::<Vec<u8>>(&token).unwrap_err(), UnsealError::PayloadInvalid, "{payload}");
        let token = signer.sign(payload, secs(60)).unwrap();
        assert_eq!(signer.verify_json::<Vec<u8>>(&token).unwrap_err(), UnsealError::PayloadInvalid, "{payload}");
    }
    let token = sealer.seal_json(&[1, 2], secs(60)).unwrap();
    assert_eq!(sealer.unseal(&token).unwrap().payload, b"[1,2]");
    assert_eq!(sealer.unseal_json::<Vec<u8>>(&token).unwrap().0, [1, 2]);
}

/// A fault of the application's own code passes through as what it is, and the sealer works on.
// covers: [CODE-02]
#[test]
fn a_fault_that_has_no_code_gets_none() {
    struct Faulty;
    impl serde::Serialize for Faulty {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("a fault of the application")
        }
    }
    let sealer = Site::new(Key::generate().unwrap(), "a").unwrap().sealer("b").build().unwrap();
    let sealed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sealer.seal_json(&Faulty, secs(60))));
    assert_eq!(sealed.unwrap_err().downcast_ref::<&str>(), Some(&"a fault of the application"));
    assert!(sealer.seal_json(&1, secs(60)).is_ok());
}

/// A name that occurs twice in an object, at any depth, is neither written nor read.
// covers: [JSON-01]
#[test]
fn a_typed_call_takes_no_name_twice() {
    struct Twice;
    impl serde::Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("a", 1), ("a", 2)])
        }
    }
    let sealer = Site::new(Key::generate().unwrap(), "a").unwrap().sealer("b").build().unwrap();
    assert_eq!(sealer.seal_json(&[Twice], secs(60)), Err(SealError::PayloadUnserializable));
    for payload in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
        let token = sealer.seal(payload, secs(60)).unwrap();
        let read = sealer.unseal_json::<serde_json::Value>(&token);
        assert_eq!(read.map(drop), Err(UnsealError::PayloadInvalid), "{payload}");
    }
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let token = sealer.seal(&deep, secs(60)).unwrap();
    assert!(sealer.unseal_json::<serde_json::Value>(&token).is_ok(), "only a session's payload is bounded in depth");
}

// covers: [SEAL-07]
#[test]
fn no_salt_is_used_twice() {
    let sealer = Site::new(Key::generate().unwrap(), "shop.example").unwrap().sealer("session").build().unwrap();
    let now = UnixTime::new(0).unwrap();
    let salt = || UntrustedToken::parse(sealer.at(now).seal("", secs(1)).unwrap(), 200).unwrap().bytes[35..47].to_vec();
    let salts: HashSet<_> = (0..5000).map(|_| salt()).collect();
    assert_eq!(salts.len(), 5000);
}

// covers: [OPEN-16]
#[test]
fn nothing_kept_opens_a_token_after_the_exchange() {
    let site = Site::new(Key::generate().unwrap(), "shop.example").unwrap();
    let sealer = site.sealer("session").build().unwrap();
    let token = sealer.seal("payload", secs(60)).unwrap();
    sealer.unseal(&token).unwrap();
    site.replace_keyring(Key::generate().unwrap());
    assert_eq!(sealer.unseal(&token).unwrap_err(), UnsealError::UnknownKey);
}

// covers: [RING-10]
#[test]
fn a_ring_of_a_thousand_keys_works() {
    let keys: Vec<_> = (0..1000).map(|_| Key::generate().unwrap()).collect();
    let list: Vec<_> = keys.iter().map(|key| key.to_text().to_string()).collect();
    let sealer =
        Site::new(Keyring::parse(list.join("\n")).unwrap(), "shop.example").unwrap().sealer("session").build().unwrap();
    for key in keys {
        let alone = Site::new(key, "shop.example").unwrap().sealer("session").build().unwrap();
        assert_eq!(sealer.unseal(alone.seal("x", secs(60)).unwrap()).unwrap().payload, b"x");
    }
    let schedule =
        (0..1000).map(|at| KeyEntry { seal_from: UnixTime::new(at).unwrap(), ..Key::generate().unwrap().into() });
    let sealer = Site::new(Keyring::new(schedule).unwrap(), "shop.example").unwrap().sealer("session").build().unwrap();
    let id = |now| {
        UntrustedToken::parse(sealer.at(UnixTime::new(now).unwrap()).seal("", secs(1)).unwrap(), 200).unwrap().key_id
    };
    assert_eq!((0..1000).map(id).collect::<HashSet<_>>().len(), 1000);
}

/// Time itself cannot be measured well enough here; what can be held is who compares.
// covers: [OPEN-09]
#[test]
fn the_library_compares_hmac_tags_in_constant_time() {
    let source = source("src/mac.rs");
    assert!(source.contains("mac.verify(tag.into())"), "hmac's verify compares in constant time");
    assert!(!source.contains("=="), "no comparison of our own");
}

// covers: [SEAL-06]
#[test]
fn salt_and_iv_are_chosen_through_hazmat_alone() {
    let lib = source("src/lib.rs");
    assert!(lib.contains("#[cfg(feature = \"hazmat\")]\npub mod hazmat;"));
    let manifest = source("Cargo.toml");
    let features = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    assert_eq!(features.matches("hazmat").count(), 1, "no feature but its own turns it on");
    for file in ["src/sealed.rs", "src/signed.rs", "src/codec.rs", "src/session/commit.rs"] {
        for signature in source(file).split("pub fn ").skip(1).map(|text| text.split('{').next().unwrap().to_owned()) {
            let takes_nonces = ["salt", "iv:", "Nonces", "draw"].iter().any(|word| signature.contains(word));
            assert!(!takes_nonces, "{file}: {signature}");
        }
    }
}

/// Returns the public items of a source and whether each has an example, without those that need none: a method that
/// returns a part of `self`, and one that sets something and returns the rest.
fn examples(source: &str) -> Vec<(&str, bool)> {
    let (mut items, mut documentation) = (Vec::new(), Vec::new());
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("///") {
            documentation.push(line);
            continue;
        }
        // Only attributes may stand between documentation and its item.
        if line.starts_with("#[") || line == ")]" {
            continue;
        }
        let method = ["pub fn ", "pub const fn "].iter().find_map(|start| line.strip_prefix(start));
        if method.is_some() || ["pub struct ", "pub enum "].iter().any(|start| line.starts_with(start)) {
            let says = |words: &str| documentation.iter().any(|line| line.contains(words));
            let getter = ["(&self) ->", "(self) ->"].iter().any(|takes| line.contains(takes))
                && documentation.first().is_some_and(|line| line.starts_with("/// Returns "));
            let setter = ["(self", "(mut self"].iter().any(|takes| line.contains(takes)) && line.contains("-> Self");
            if says("/// ```") || !(getter || setter) {
                items.push((line, says("/// ```")));
            }
        }
        documentation.clear();
    }
    items
}

/// The examples themselves run as documentation tests.
#[test]
fn every_public_item_that_is_not_obvious_has_an_example() {
    let mut seen = 0;
    for file in [
        "cookie/committed",
        "cookie/sessions",
        "cookie/settings",
        "cookie/token",
        "error/key",
        "error/session",
        "error/code",
        "error/setup",
        "error/token",
        "hazmat/mod",
        "hazmat/session",
        "key",
        "keyring/entries",
        "keyring/rotation",
        "keyring/text",
        "opened",
        "sealed",
        "session/change",
        "session/check",
        "session/commit",
        "session/open",
        "session/sealer",
        "session/state",
        "signed",
        "site/builder",
        "site/owner",
        "site/source",
        "time",
        "wire",
    ] {
        let text = source(&format!("src/{file}.rs"));
        let items = examples(&text);
        seen += items.len();
        for (item, has_example) in items {
            assert!(has_example, "src/{file}.rs: no example above `{item}`");
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn only_getters_and_setters_need_no_example() {
    let exempt = "    /// Returns the name.\n    pub fn name(&self) -> &str {
    /// Sets the path.\n    #[must_use]\n    pub fn path(mut self, path: &str) -> Self {";
    assert_eq!(examples(exempt), []);
    for lacking in [
        "/// A name.\npub struct Name;",
        "    /// Signs off.\n    pub fn sign_off(&mut self) {",
        "    /// Ends the session.\n    pub fn end(self) -> Session {",
        "    /// Returns what is due.\n    pub fn due(&self, now: UnixTime) -> bool {",
        "    /// Sets the clock.\n    pub fn set(&self, clock: Clock) {",
        "/// ```\n/// ```\nstruct Other;\n    pub fn bare(&mut self) {",
    ] {
        assert!(matches!(examples(lacking)[..], [(_, false)]), "{lacking}");
    }
    assert!(matches!(
        examples("/// A name.\n///\n/// ```\n/// ```\n#[derive(Debug)]\npub enum Name {")[..],
        [(_, true)]
    ));
}
