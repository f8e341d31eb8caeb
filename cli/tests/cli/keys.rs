//! keygen, and every refused ring.

use crate::support::{AT, cretula, directory, document, file, keygen};

const TEST_KEY: &str = "cretula_key1_63726574756c612d746573742d6b6579000102030405060708090a0b0c0d0e0f_efc5a508";
const ZERO_KEY: &str = "cretula_key1_0000000000000000000000000000000000000000000000000000000000000000_4a09e2d5";

#[test]
fn makes_keys() {
    let text = cretula("keygen").text();
    assert_eq!((text.len(), text.find('\n')), (87, Some(86)));
    assert_ne!(text, cretula("keygen").text());
    // The checksum is right, or the ring would be refused.
    assert!(cretula("keyring check -").stdin(text).text().starts_with("valid keyring of 1 entry\n"));
}

#[test]
fn makes_documents() {
    let ring = cretula("keygen --document").json();
    assert_eq!(ring["cretula"], "keyring-v1");
    let key = ring["keys"][0]["key"].as_str().unwrap();
    assert_eq!(ring.to_string(), document(&[(key, None, None)]));
    assert!(cretula("keyring check -").stdin(ring.to_string()).text().starts_with("valid keyring of 1 entry\n"));
}

/// Every code of a ring, from the variable, a file and standard input alike.
#[test]
fn refuses_rings() {
    let (good, other) = (keygen(), keygen());
    let (head, last) = good.split_at(85);
    let typo = format!("{head}{}", if last == "0" { "1" } else { "0" });
    let format = "not a key: expected 32 bytes, or `cretula_key1_`, 64 lower-case hex digits, `_` and 8 more";
    let times = "seal_from and accept_until are integers from 0 to 2^48 - 1";
    let members = |members: &str| format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":"{good}"{members}}}]}}"#);
    let rings = [
        (String::new(), "keyring_empty", "the keyring has no key".to_owned()),
        (" ,\n".to_owned(), "keyring_empty", "the keyring has no key".to_owned()),
        (document(&[]), "keyring_empty", "the keyring has no key".to_owned()),
        ("{".to_owned(), "keyring_format", "not a keyring document (line 1, column 1)".to_owned()),
        (
            "{\"cretula\":\"keyring-v2\",\"keys\":[]}".to_owned(),
            "keyring_format",
            "not a keyring document; its member cretula is not \"keyring-v1\"".to_owned(),
        ),
        (
            "{\"cretula\":\"keyring-v1\",\"keys\":{}}".to_owned(),
            "keyring_format",
            "not a keyring document; its member keys is not an array".to_owned(),
        ),
        (
            "{\"cretula\":\"keyring-v1\",\"keys\":[],\"kid\":1}".to_owned(),
            "keyring_format",
            "not a keyring document; it has a member that is neither cretula nor keys".to_owned(),
        ),
        (
            "{\"cretula\":\"keyring-v1\",\"keys\":[1]}".to_owned(),
            "keyring_format",
            "not a keyring document; entry 0 is not an object".to_owned(),
        ),
        (
            "{\"cretula\":\"keyring-v1\",\"keys\":[{\"kye\":1}]}".to_owned(),
            "keyring_format",
            "not a keyring document; entry 0 has no member key that is a string".to_owned(),
        ),
        (
            members(",\"more\":1"),
            "keyring_format",
            "not a keyring document; entry 0 has a member that is not key, seal_from or accept_until".to_owned(),
        ),
        (
            format!("\u{feff}{good}"),
            "key_format",
            format!("key at position 0: {format}; it begins with a byte order mark: save it as UTF-8 without one"),
        ),
        (format!("'{good}'\n"), "key_format", format!("key at position 0: {format}; it is in quotes: take them off")),
        (
            format!("{good}\\n"),
            "key_format",
            format!("key at position 0: {format}; it ends with a backslash and an n, in the place of a newline"),
        ),
        (format!("{good} oops"), "key_format", format!("key at position 1: {format}")),
        (good.to_uppercase(), "key_format", format!("key at position 0: {format}")),
        (
            format!("{good},{typo}"),
            "key_checksum",
            "key at position 1: the checksum of the key text does not match: a character is wrong".to_owned(),
        ),
        (format!("{good},{other},{ZERO_KEY}"), "key_zero", "key at position 2: the key is all zero".to_owned()),
        (TEST_KEY.to_owned(), "key_test", "key at position 0: the key is a published test key".to_owned()),
        (
            document(&[(TEST_KEY, None, None)]),
            "key_test",
            "key at position 0: the key is a published test key".to_owned(),
        ),
        (members(",\"seal_from\":0.5"), "keyring_time", format!("key at position 0: {times}")),
        (members(",\"accept_until\":null"), "keyring_time", format!("key at position 0: {times}")),
        (
            document(&[(&good, Some(5), Some(5))]),
            "keyring_window",
            "key at position 0: seal_from is not before accept_until".to_owned(),
        ),
        (
            format!("{good},{other},{good}"),
            "key_duplicate",
            "key at position 2: the same key is in the keyring already".to_owned(),
        ),
    ];
    let path = file("refused", "");
    for (ring, code, words) in rings {
        let place = format!("{path:?}");
        std::fs::write(&path, &ring).unwrap();
        for command in ["seal --ttl 1", "sign --ttl 1", "unseal", "verify"] {
            cretula(command).args(AT).keys(&ring).refused(code, &format!("CRETULA_KEYS: {words}"));
            cretula(command).args(AT).file("--keyring", &path).refused(code, &format!("{place}: {words}"));
        }
        for json in [vec![], vec!["--json"]] {
            let check = || cretula("keyring check").args(json.iter().copied());
            check().file("--", &path).refused(code, &format!("{place}: {words}"));
            check().args(["-"]).stdin(&ring).refused(code, &format!("standard input: {words}"));
        }
    }
}

#[test]
fn tells_errors_of_reading() {
    let absent = directory("absent").join("new\n\u{1b}line");
    let words = format!("{absent:?}: No such file or directory (os error 2)");
    assert!(words.contains("new\\n\\u{1b}line"));
    cretula("unseal").args(AT).file("--keyring", &absent).refused("io", &words);
    cretula("keyring check").file("--", &absent).refused("io", &words);
    let large = file("large", &" ".repeat((1 << 20) + 1));
    let words = format!("{large:?}: more than 1048576 bytes, too large for a keyring");
    cretula("keyring check").file("--", &large).refused("io", &words);
    cretula("keyring check -")
        .stdin(" ".repeat((1 << 20) + 1))
        .refused("io", "standard input: more than 1048576 bytes, too large for a keyring");
}

#[test]
fn takes_a_thousand_keys() {
    let keys: Vec<_> = (0..1000_u32)
        .map(|number| {
            // Not random, and good for nothing else.
            let mut bytes = [7; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            cretula::Key::from_bytes(&bytes).unwrap().to_text().to_string()
        })
        .collect();
    let ring = keys.join(",");
    let token = cretula("seal --ttl 60").args(AT).keys(&keys[999]).stdin("p").ok();
    assert_eq!(cretula("unseal").args(AT).keys(&ring).stdin(token).ok(), b"p");
}
