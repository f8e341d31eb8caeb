//! inspect: what a token shows without a key.

use crate::support::{AT, NOW, cretula, keygen, make};

#[test]
fn shows_the_sealed_kind_as_json() {
    let token = make("seal", &keygen(), "payload");
    let shown = cretula("inspect --json").stdin(&token).text();
    let id = &shown[shown.find("key_id").unwrap() + 9..][..64];
    let expected = format!(
        "{{\"kind\":\"sealed\",\"version\":1,\"key_id\":\"{id}\",\"octets\":123,\"bytes\":92,\"payload_bytes\":7}}\n"
    );
    assert_eq!(shown, expected);
}

#[test]
fn shows_the_signed_kind_as_json() {
    let keys = keygen();
    for (payload, hex, text) in [
        (&b""[..], "", serde_json::json!("")),
        (b"a\x1b\x00", "611b00", serde_json::json!("a\u{1b}\0")),
        (b"\xff\xfe", "fffe", serde_json::Value::Null),
        ("\u{9b}31m\u{202e}\u{1f600}é".as_bytes(), "c29b33316de280aef09f9880c3a9", {
            serde_json::json!("\u{9b}31m\u{202e}\u{1f600}é")
        }),
    ] {
        let token = make("sign", &keys, payload);
        let line = cretula("inspect --json").stdin(&token).text();
        assert!(line.trim_end_matches('\n').bytes().all(|octet| matches!(octet, b' '..=b'~')), "{line}");
        let shown: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&shown["kind"], &shown["version"]), (&"signed".into(), &1.into()));
        assert_eq!(shown["octets"], token.len() - 1);
        assert_eq!((&shown["bytes"], &shown["payload_bytes"]), (&(77 + payload.len()).into(), &payload.len().into()));
        let unverified = serde_json::json!({"issued_at": NOW, "ttl": 60, "payload_hex": hex, "payload_text": text});
        assert_eq!(shown["unverified"], unverified);
    }
}

/// Nobody has verified what is shown: a changed tag makes no difference.
#[test]
fn shows_forgeries() {
    let token = make("sign", &keygen(), "p");
    let forged = format!("{}AAAA", &token.trim_end()[..token.len() - 5]);
    assert_eq!(cretula("inspect --json").stdin(forged).json()["unverified"]["payload_text"], "p");
    let far = [b"CrS1".as_slice(), &b"_".repeat(100), b"AAAA"].concat();
    let shown = cretula("inspect").stdin(&far).text();
    assert!(shown.contains("issued_at   281474976710655\n"), "{shown}");
    assert!(shown.contains("4294967295 s, to 281479271677950\n"), "{shown}");
}

#[test]
fn draws_the_anatomy() {
    let keys = keygen();
    let sealed = cretula("inspect").stdin(make("seal", &keys, [9; 300])).text();
    let rows: Vec<_> = sealed.lines().filter_map(|line| line.get(..25)).filter(|row| row.contains("  ")).collect();
    for row in [
        "     0      3  magic     ",
        "     3     32  key_id    ",
        "    35     12  salt      ",
        "    47     12  iv        ",
        "    59    310  ciphertext",
        "   369     16  tag       ",
    ] {
        assert!(rows.contains(&row), "{row:?} in {sealed}");
    }
    assert!(sealed.contains("and 182 bytes more\n"), "{sealed}");

    let signed = cretula("inspect").stdin(make("sign", &keys, b"\xff\x00")).text();
    assert!(signed.contains("issued_at   2026-09-21T14:13:20Z (1790000000)\n"), "{signed}");
    assert!(signed.contains("ttl         60 s, to 2026-09-21T14:14:20Z (1790000060)\n"), "{signed}");
    assert!(signed.contains("    45      2  payload     ff00\n"), "{signed}");
    assert!(signed.contains("not verified"), "{signed}");
    let empty = cretula("inspect").stdin(make("sign", &keys, "")).text();
    assert!(empty.contains("    45      0  payload     \"\"\n"), "{empty}");
}

#[test]
fn colours_only_where_wanted() {
    let token = make("sign", &keygen(), "p");
    let plain = cretula("inspect").stdin(&token).text();
    assert!(!plain.contains('\x1b'));
    let coloured = cretula("inspect").env("CLICOLOR_FORCE", "1").stdin(&token).text();
    assert!(coloured.contains('\x1b'));
    assert_eq!(without_colours(&coloured), plain);
    let no_color = cretula("inspect").env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").stdin(&token).text();
    assert_eq!(no_color, plain);
}

/// A sender's text never drives the terminal.
#[test]
fn escapes_payloads() {
    let hostile = "\x1b[2J\x1b]0;title\x07\r\n\u{7f}\u{9b}31m\u{85}\u{202e}\u{2028}\0";
    let token = make("sign", &keygen(), hostile);
    for force in ["0", "1"] {
        let shown = cretula("inspect").env("CLICOLOR_FORCE", force).stdin(&token).text();
        let rest = without_colours(&shown).replace('\n', "");
        assert!(!rest.chars().any(|c| c.is_control() || ['\u{202e}', '\u{2028}'].contains(&c)), "{rest:?}");
        assert!(
            rest.contains(r#""\u{1b}[2J\u{1b}]0;title\u{7}\r\n\u{7f}\u{9b}31m\u{85}\u{202e}\u{2028}\0""#),
            "{rest}"
        );
    }
}

/// Removes `ESC [ digits and semicolons m`, all that the command itself writes.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut clean = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        clean.push_str(rest.strip_prefix('m').expect("a colour"));
    }
    clean
}

#[test]
fn refuses_what_is_no_token() {
    let token = make("seal", &keygen(), "p");
    for json in ["inspect", "inspect --json"] {
        let call = |token: &str| cretula(json).stdin(token);
        call(&token).args(["--limit", "114"]).refused("too_long", "the token is longer than the limit");
        call(&token).args(["--limit", "115"]).ok();
        call(&"C".repeat(1 << 20)).refused("too_long", "the token is longer than the limit");
        call("").refused("not_a_token", "not a cretula token");
        call("CrE").refused("not_a_token", "not a cretula token");
        for magic in ["CrE2", "CrS_"] {
            call(magic).refused("unsupported_version", "the token is of a version other than 1");
        }
        call(&format!("{}\r\n", token.trim_end()))
            .refused("encoding", "the token is not canonical base64url; there is white space after it");
        // One byte short of either kind's least length: 84 and 76.
        for (magic, octets) in [("CrE1", 112), ("CrS1", 102)] {
            let short = format!("{magic}{}", "A".repeat(octets - 4));
            call(&short).refused("too_short", "the token is shorter than the empty payload's");
        }
    }
}

const SESSION: &str = r#"{"sid":"AAECAwQFBgcICQoLDA0ODw","start":1790000000,"end":1790086400,"rev":3,"sub":"a\u001bda","gen":7,"auth_time":1790000001,"data":{"basket":["tea"]},"flash":{"notice":["saved"]}}"#;

/// With the keyring a session is there to be read, also from a cookie as it was copied.
#[test]
fn shows_a_session_to_whoever_has_the_keyring() {
    let keys = keygen();
    for made in ["seal", "sign"] {
        let token = make(made, &keys, SESSION);
        let token = token.trim_end();
        let bare = cretula("inspect").args(AT).args(["--now", "1790000030"]).keys(&keys).stdin(token).text();
        for line in [
            "issued      2026-09-21T14:13:20Z (1790000000)\nexpires     2026-09-21T14:14:20Z (1790000060)\n",
            "key         the one that seals now\nsession     \"AAECAwQFBgcICQoLDA0ODw\"\n",
            "user        \"a\\u{1b}da\"\nsigned on   2026-09-21T14:13:21Z (1790000001)\ngeneration  7\n",
            "began       2026-09-21T14:13:20Z (1790000000)\nends        2026-09-22T14:13:20Z (1790086400)\n",
            "sealed      3 times\ndata        {\"basket\":[\"tea\"]}\nflash       {\"notice\":[\"saved\"]}\n",
        ] {
            assert!(bare.contains(line), "{line}{bare}");
        }
        assert!(!bare.contains("not verified"));
        for cookie in ["session=TOKEN", "Cookie: a=b; session=TOKEN; c=d\r\n", "Set-Cookie: session=TOKEN; Path=/\n"] {
            let cookie = cookie.replace("TOKEN", token);
            let call = cretula("inspect").args(AT).args(["--now", "1790000030"]).keys(&keys);
            assert_eq!(call.stdin(cookie).text(), bare);
        }
        let json = cretula("inspect --json --now 1790000030").args(AT).keys(&keys).stdin(token).json();
        assert_eq!(json["opened"]["payload_text"], SESSION);
        assert_eq!((&json["opened"]["issued_at"], &json["opened"]["expires_at"]), (&NOW.into(), &(NOW + 60).into()));

        let call = |now: &str| cretula("inspect").args(AT).args(["--now", now]).stdin(token);
        call("1790000060").keys(&keys).refused("expired", "the token has expired");
        let unknown = "the token's key, audience or purpose is not one of ours";
        call("1790000030").keys(&keygen()).refused("unknown_key", unknown);
        call("1790000030").wrong("no keyring: set the variable CRETULA_KEYS or give --keyring FILE");
        cretula("inspect").args(AT[..2].iter().copied()).wrong("the following required arguments were not provided:");
    }
    let guest = make("seal", &keys, r#"{"sid":"AAECAwQFBgcICQoLDA0ODw","start":1,"end":2,"rev":1}"#);
    let shown = cretula("inspect").args(AT).args(["--now", "1790000030"]).keys(&keys).stdin(guest).text();
    assert!(shown.contains("user        none: a guest\n") && shown.contains("sealed      once\n"), "{shown}");
    let octets = make("seal", &keys, [0xFF, 0xFE]);
    let shown = cretula("inspect").args(AT).args(["--now", "1790000030"]).keys(&keys).stdin(octets).text();
    assert!(shown.contains("payload     2 bytes, not UTF-8\n"), "{shown}");
}
