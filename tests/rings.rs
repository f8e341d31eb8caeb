//! Properties of keyrings, for arbitrary entries: which are made, and that both text forms give them back.

#[path = "model/cases.rs"]
mod cases;

use cases::check;
use cretula::{ErrorCode as _, Key, KeyEntry, Keyring, KeyringError, UnixTime, limits::TIME_END};
use proptest::{collection::vec, prelude::*, sample::select};

type Secret = [u8; 32];

#[track_caller]
fn entry(secret: &Secret, seal_from: u64, accept_until: Option<u64>) -> KeyEntry {
    let at = |seconds| UnixTime::new(seconds).unwrap();
    KeyEntry { seal_from: at(seal_from), accept_until: accept_until.map(at), ..Key::from_bytes(secret).unwrap().into() }
}

fn secret() -> impl Strategy<Value = Secret> {
    any::<Secret>().prop_filter("a usable key", |secret| Key::from_bytes(secret).is_ok())
}

// covers: [RING-01] [RING-02] [RING-03] [RING-06]
#[test]
fn a_ring_is_refused_for_the_first_fault_of_its_first_bad_entry() {
    let entries = vec((1..6_u8, 0..4_u64, proptest::option::of(0..8_u64)), 0..5);
    check(entries, |entries| {
        let fault = entries.iter().enumerate().find_map(|(at, (key, from, until))| {
            let window = until.is_some_and(|until| *from >= until);
            let duplicate = entries[..at].iter().any(|(earlier, ..)| earlier == key);
            [(window, "keyring_window"), (duplicate, "key_duplicate")]
                .iter()
                .find(|(is, _)| *is)
                .map(|(_, code)| (*code, Some(at)))
        });
        let fault = fault.or(entries.is_empty().then_some(("keyring_empty", None)));
        let code = |error: KeyringError| (error.code(), error.entry());
        let made = Keyring::new(entries.iter().map(|(key, from, until)| entry(&[*key; 32], *from, *until)));
        assert_eq!(made.err().map(code), fault);

        // The document form takes the same steps.
        let rows = entries.iter().map(|(key, from, until)| {
            let text = Key::from_bytes(&[*key; 32]).unwrap().to_text();
            let until = until.map_or(String::new(), |until| format!(r#","accept_until":{until}"#));
            format!(r#"{{"key":"{}","seal_from":{from}{until}}}"#, text.as_str())
        });
        let document = format!(r#"{{"keys":[{}],"cretula":"keyring-v1"}}"#, rows.collect::<Vec<_>>().join(","));
        assert_eq!(Keyring::parse(document).err().map(code), fault);
    });
}

// covers: [RING-11] [KEY-04] [KEY-05]
#[test]
fn both_text_forms_give_the_ring_back() {
    let separator = vec(select(&b", \t\n\x0c\r"[..]), 1..4).prop_map(|octets| String::from_utf8(octets).unwrap());
    let window = (0..TIME_END - 1, any::<bool>()).prop_map(|(from, ends)| (from, ends.then_some(TIME_END - 1)));
    check((vec((secret(), separator, window), 1..6), any::<bool>()), |(items, around)| {
        let texts = items.iter().map(|(secret, ..)| Key::from_bytes(secret).unwrap().to_text().to_string());
        let texts: Vec<_> = texts.collect();
        let mut list: String = items.iter().zip(&texts).flat_map(|((_, by, _), text)| [text.as_str(), by]).collect();
        if around {
            list.insert_str(0, &items[0].1);
        }
        assert_eq!(read(&Keyring::parse(&list).unwrap()), items.iter().map(|i| (i.0, 0, None)).collect::<Vec<_>>());

        let entries = items.iter().zip(&texts).map(|((_, _, (from, end)), text)| {
            let end = end.map_or(String::new(), |end| format!(r#","accept_until":{end}"#));
            format!(r#"{{"key":"{text}","seal_from":{from}{end}}}"#)
        });
        let document = format!(r#"{{"cretula":"keyring-v1","keys":[{}]}}"#, entries.collect::<Vec<_>>().join(","));
        let expected: Vec<_> = items.iter().map(|(secret, _, (from, end))| (*secret, *from, *end)).collect();
        assert_eq!(read(&Keyring::parse(document).unwrap()), expected);
    });
}

/// Returns what a ring holds; the secrets by way of their text.
fn read(ring: &Keyring) -> Vec<(Secret, u64, Option<u64>)> {
    let of = |entry: &KeyEntry| {
        (secret_of(&entry.key.to_text()), entry.seal_from.as_secs(), entry.accept_until.map(UnixTime::as_secs))
    };
    ring.entries().iter().map(of).collect()
}

/// Returns the secret in a key text (§4.2).
fn secret_of(text: &str) -> Secret {
    let digits = &text["cretula_key1_".len()..][..64];
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}
