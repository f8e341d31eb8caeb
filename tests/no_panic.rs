//! Hostile input of any length and content: no panic, an error each time, nothing left in a buffer, no memory beyond
//! the limit.

#[path = "model/cases.rs"]
mod cases;

use cases::check;
use std::time::Duration;

use cretula::{
    ErrorCode as _, Key, Keyring, Kind, Sealer, Signer, Site, UnixTime, UntrustedToken,
    hazmat::{self, At as _},
    limits::{LIMIT_DEFAULT, LIMIT_MAX},
};
use proptest::{
    char,
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const NOW: u64 = 1_790_000_000;
const TOKEN_CODES: [&str; 11] = [
    "too_long",
    "unsupported_version",
    "wrong_kind",
    "not_a_token",
    "encoding",
    "too_short",
    "unknown_key",
    "key_inactive",
    "auth_failed",
    "issued_in_future",
    "expired",
];

/// What takes tokens, with two that it made.
struct Openers {
    sealer: Sealer,
    signer: Signer,
    sealed: String,
    signed: String,
}

impl Openers {
    fn new() -> Self {
        let ring = Keyring::from(Key::from_bytes(&[0x41; 32]).unwrap());
        let (sealer, signer) = (
            Site::new(ring.clone(), "shop.example").unwrap().sealer("session").build().unwrap(),
            Site::new(ring.clone(), "shop.example").unwrap().signer("session").build().unwrap(),
        );
        let now = UnixTime::new(NOW).unwrap();
        let sealed = sealer.at(now).seal("payload", secs(60)).unwrap();
        let signed = signer.at(now).sign("payload", secs(60)).unwrap();
        Self { sealer, signer, sealed, signed }
    }

    /// Hands `text` to everything that takes a token; only the two tokens themselves may open.
    #[track_caller]
    fn take(&self, text: &[u8], now: u64) {
        let now = UnixTime::new(now).unwrap();
        let mut payload = b"of the request before".to_vec();
        let unsealed = self.sealer.at(now).unseal_into(text, &mut payload);
        self.judge(Kind::Sealed, text, unsealed.map(|_| ()).map_err(|error| error.code()), &payload);
        let mut payload = b"of the request before".to_vec();
        let verified = self.signer.at(now).verify_into(text, &mut payload);
        self.judge(Kind::Signed, text, verified.map(|_| ()).map_err(|error| error.code()), &payload);

        assert_eq!(self.sealer.at(now).unseal(text).is_ok(), unsealed.is_ok());
        assert_eq!(self.signer.at(now).verify(text).is_ok(), verified.is_ok());
        assert!(self.sealer.at(now).unseal_json::<serde_json::Value>(text).is_err());
        assert!(self.signer.at(now).verify_json::<serde_json::Value>(text).is_err());
        match UntrustedToken::parse(text, LIMIT_DEFAULT) {
            Ok(token) => {
                assert_eq!(token.bytes.len(), text.len() * 3 / 4);
                assert_eq!(token.unverified().is_some(), token.kind == Kind::Signed);
                assert!(token.payload_length < token.bytes.len());
            }
            Err(error) => assert!(TOKEN_CODES.contains(&error.code())),
        }
    }

    #[track_caller]
    fn judge(&self, kind: Kind, text: &[u8], opened: Result<(), &str>, payload: &[u8]) {
        let own = if kind == Kind::Sealed { &self.sealed } else { &self.signed };
        match opened {
            Ok(()) => assert_eq!((text, payload), (own.as_bytes(), &b"payload"[..])),
            Err(code) => {
                assert!(TOKEN_CODES.contains(&code), "{code}");
                assert_eq!(payload, b"");
            }
        }
    }
}

/// Octets of any sort, or such as begin like a token, or a ring, or a key.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let start = select(&["", "CrE1", "CrS1", "CrE2", "Cr", "{", "cretula_key1_", "cretula_key1_00,", "\u{FEFF}{"][..]);
    let rest = prop_oneof![
        vec(any::<u8>(), 0..400),
        vec(select(&b"ABCabc019-_"[..]), 0..400),
        "\\PC{0,100}".prop_map(String::into_bytes),
        "[0-9a-f]{64}_[0-9a-f]{8}".prop_map(String::into_bytes),
        "[\\[\\]{}:,\"0-9a-z ]{0,60}".prop_map(String::into_bytes),
    ];
    (start, rest).prop_map(|(start, rest)| [start.as_bytes(), &rest].concat())
}

// covers: [OPEN-12] [OPEN-15]
#[test]
fn any_octets_to_the_openers() {
    let openers = Openers::new();
    check((octets(), select(&[0, NOW, (1 << 48) - 1][..])), |(text, now)| openers.take(&text, now));
}

// covers: [OPEN-12] [OPEN-15]
#[test]
fn spoiled_tokens_to_the_openers() {
    let openers = Openers::new();
    let edits = vec((0..5, any::<Index>(), any::<u8>()), 0..6);
    check((any::<bool>(), edits, select(&[0, NOW, NOW + 60][..])), |(sealed, edits, now)| {
        let mut text = if sealed { openers.sealed.clone() } else { openers.signed.clone() }.into_bytes();
        for (edit, place, octet) in edits {
            let place = place.index(text.len() + 1);
            match edit {
                0 => text.truncate(place),
                1 => text.insert(place, octet),
                2 => text.extend_from_within(place..),
                3 => text.iter_mut().skip(place).take(1).for_each(|old| *old = octet),
                _ => text.rotate_left(place),
            }
        }
        openers.take(&text, now);
    });
}

// covers: [OPEN-15]
#[test]
fn every_prefix_and_suffix_of_a_token_to_the_openers() {
    let openers = Openers::new();
    for token in [&openers.sealed, &openers.signed] {
        for place in 0..=token.len() {
            let (prefix, suffix) = token.as_bytes().split_at(place);
            openers.take(prefix, NOW);
            openers.take(suffix, NOW);
            openers.take(&[token.as_bytes(), prefix].concat(), NOW);
        }
    }
}

#[test]
fn any_octets_to_rings_and_keys() {
    check(octets(), |text| {
        for read in [Keyring::parse(&text), hazmat::keyring_from_text(&text)] {
            match read {
                Ok(ring) => assert!(!ring.entries().is_empty()),
                Err(error) => assert!(error.code().starts_with("key"), "{error}"),
            }
        }
        let text = String::from_utf8_lossy(&text);
        assert_eq!(text.parse::<Keyring>().is_ok(), Keyring::parse(text.as_bytes()).is_ok());
        match text.parse::<Key>() {
            Ok(key) => assert_eq!(key.to_text().as_str(), text),
            Err(error) => assert!(error.code().starts_with("key_"), "{error}"),
        }
        assert_eq!(Key::from_bytes(text.as_bytes()).is_ok(), text.len() == 32 && text.bytes().any(|byte| byte != 0));
    });
}

// covers: [CTX-01]
#[test]
fn any_text_to_a_context() {
    let context = |[audience, purpose]: [&str; 2]| {
        let site = Site::new(Key::from_bytes(&[0x41; 32]).unwrap(), audience);
        site.and_then(|site| site.sealer(purpose).build()).is_ok()
    };
    let length = prop_oneof![0..4_usize, 250..260_usize];
    let text = length
        .prop_flat_map(|length| (vec(prop_oneof![200 => char::range('!', '~'), 1 => any::<char>()], length), 0..2));
    check(text, |(characters, place)| {
        let text: String = characters.into_iter().collect();
        let fine = (1..=255).contains(&text.len()) && text.bytes().all(|byte| (0x21..0x7F).contains(&byte));
        assert_eq!(context(if place == 0 { [&text, "p"] } else { ["a", &text] }), fine, "{text:?}");
    });
    for octet in 0..=0x7F_u8 {
        let visible = (0x21..0x7F).contains(&octet);
        assert_eq!(context([&std::primitive::char::from(octet).to_string(), "p"]), visible, "{octet:#x}");
    }
}

// covers: [OPEN-02] [OPEN-15]
#[test]
fn a_huge_text_costs_no_memory() {
    let openers = Openers::new();
    let now = UnixTime::new(NOW).unwrap();
    for start in ["CrE1", "CrS1", "{{{{"] {
        let text = [start.as_bytes(), &vec![b'A'; 10_000_000]].concat();
        let mut payload = Vec::new();
        assert_eq!(openers.sealer.at(now).unseal_into(&text, &mut payload).unwrap_err().code(), "too_long");
        assert_eq!(openers.signer.at(now).verify_into(&text, &mut payload).unwrap_err().code(), "too_long");
        assert_eq!(payload.capacity(), 0, "nothing is allocated before the length is known to be right");
        assert_eq!(UntrustedToken::parse(&text, LIMIT_DEFAULT).unwrap_err().code(), "too_long");
    }
}

// covers: [OPEN-02] [OPEN-15]
#[test]
fn a_text_of_the_limit_costs_no_more_than_the_limit() {
    let openers = Openers::new();
    let now = UnixTime::new(NOW).unwrap();
    for end in ["", "A", "="] {
        let start: &[u8] = b"CrE1";
        let text = [start, &vec![b'A'; LIMIT_DEFAULT - start.len() - end.len()], end.as_bytes()].concat();
        let mut payload = Vec::new();
        let code = openers.sealer.at(now).unseal_into(&text, &mut payload).unwrap_err().code();
        assert_eq!(code, if end == "=" { "encoding" } else { "unknown_key" });
        assert!(payload.is_empty() && payload.capacity() <= LIMIT_DEFAULT, "{}", payload.capacity());
        assert_eq!(openers.sealer.at(now).unseal([&text[..], b"A"].concat()).unwrap_err().code(), "too_long");
    }
    // The greatest limit there is, filled: still an answer.
    let huge = [&b"CrS1"[..], &vec![b'A'; LIMIT_MAX - 4]].concat();
    assert_eq!(UntrustedToken::parse(&huge, LIMIT_MAX).unwrap().payload_length, LIMIT_MAX / 4 * 3 - 77);
}
