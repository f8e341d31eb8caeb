//! seal, unseal, sign, verify.

use crate::support::{AT, NOW, cretula, document, file, keygen, make, open, open_at};

const WAYS: [(&str, &str); 2] = [("seal", "unseal"), ("sign", "verify")];

#[test]
fn carries_every_byte() {
    let keys = keygen();
    let all: Vec<u8> = (0..=255).chain(0..=255).collect();
    for (made, opened) in WAYS {
        for payload in [&all[..], b"", b"\n", b"text\r\n\n"] {
            let token = make(made, &keys, payload);
            assert!(token.starts_with(if made == "seal" { "CrE1" } else { "CrS1" }), "{token}");
            assert_eq!(token.find('\n'), Some(token.len() - 1));
            assert_eq!(open(opened, &keys, &token).ok(), payload);
            assert_eq!(open(opened, &keys, token.trim_end()).ok(), payload);
        }
    }
}

#[test]
fn uses_the_system_clock() {
    let keys = keygen();
    for (made, opened) in WAYS {
        let token = cretula(made).args(AT).args(["--ttl", "60"]).keys(&keys).stdin("now").ok();
        assert_eq!(cretula(opened).args(AT).keys(&keys).stdin(&token).ok(), b"now");
    }
}

#[test]
fn signing_repeats_itself_and_sealing_does_not() {
    let keys = keygen();
    assert_eq!(make("sign", &keys, "p"), make("sign", &keys, "p"));
    assert_ne!(make("seal", &keys, "p"), make("seal", &keys, "p"));
}

#[test]
fn takes_one_newline_from_a_token_and_no_more() {
    let keys = keygen();
    for (made, opened) in WAYS {
        let token = make(made, &keys, "p");
        let token = token.trim_end();
        let after = "; there is white space after it";
        for (end, hint) in [("\r\n", after), ("\n\n", after), ("=", ""), (" ", after), ("\n \n", after), ("é", "")] {
            let words = format!("the token is not canonical base64url{hint}");
            open(opened, &keys, format!("{token}{end}")).refused("encoding", &words);
        }
        let mark = "; it begins with a byte order mark: save it as UTF-8 without one";
        let before = "; there is white space before it";
        let cookie = "; it is a whole cookie: the token is what comes after the =";
        for (start, hint) in [(" ", before), ("\n", before), ("\u{feff}", mark), ("session=", cookie)] {
            open(opened, &keys, format!("{start}{token}"))
                .refused("not_a_token", &format!("not a cretula token{hint}"));
        }
    }
}

#[test]
fn refuses_tokens_in_the_order_of_section_10() {
    let keys = keygen();
    for (index, (made, opened)) in WAYS.into_iter().enumerate() {
        let token = make(made, &keys, "payload");
        let token = token.trim_end();
        let magic = &token[..4];
        let other = make(WAYS[1 - index].0, &keys, "payload");
        let call = |token: &str| open(opened, &keys, token);

        call(token).args(["--limit", "100"]).refused("too_long", "the token is longer than the limit");
        let length = token.len();
        call(&format!("{token}\n")).args(["--limit", &length.to_string()]).ok();
        call(&format!("{token}\n"))
            .args(["--limit", &(length - 1).to_string()])
            .refused("too_long", "the token is longer than the limit");
        call(&"A".repeat(1 << 20)).refused("too_long", "the token is longer than the limit");
        call("").refused("not_a_token", "not a cretula token");
        call("\n").refused("not_a_token", "not a cretula token");
        call("eyJhbGciOiJub25lIn0").refused("not_a_token", "not a cretula token");
        call(&magic[..3]).refused("not_a_token", "not a cretula token");
        call(&magic.replace('1', "2")).refused("unsupported_version", "the token is of a version other than 1");
        call(&other).refused("wrong_kind", "the token is of the other kind");
        call(&format!("{magic}+AAA")).refused("encoding", "the token is not canonical base64url");
        call(&format!("{magic}AAAA")).refused("too_short", "the token is shorter than the empty payload's");
        let unknown = "the token's key, audience or purpose is not one of ours";
        open(opened, &keygen(), token).refused("unknown_key", unknown);
        let elsewhere = ["--audience", "other.example", "--purpose", "session"];
        cretula(opened).args(elsewhere).keys(&keys).stdin(token).refused("unknown_key", unknown);
        let elsewhere = ["--audience", "shop.example", "--purpose", "return-url"];
        cretula(opened).args(elsewhere).keys(&keys).stdin(token).refused("unknown_key", unknown);
        let ending = document(&[(&keys, None, Some(NOW))]);
        open(opened, &ending, token).refused("key_inactive", "the token's key is no longer accepted");
        let place = token.len() - 20;
        let letter = if &token[place..=place] == "A" { "B" } else { "A" };
        let changed = format!("{}{letter}{}", &token[..place], &token[place + 1..]);
        call(&changed).refused("auth_failed", "the token was changed, or not made with our key");
    }
}

#[test]
fn keeps_the_times() {
    let keys = keygen();
    let (future, expired) = ("the token was issued in the future", "the token has expired");
    for (made, opened) in WAYS {
        let token = make(made, &keys, "p");
        let at = |now| open_at(opened, &keys, &token, now);
        at(NOW - 60).ok();
        at(NOW - 61).refused("issued_in_future", future);
        at(NOW - 300).args(["--leeway", "300"]).ok();
        at(NOW - 1).args(["--leeway", "0"]).refused("issued_in_future", future);
        at(NOW + 59).ok();
        at(NOW + 60).refused("expired", expired);
        at(NOW + 9).args(["--max-age", "10"]).ok();
        at(NOW + 10).args(["--max-age", "10"]).refused("expired", expired);
        at((1 << 48) - 1).refused("expired", expired);
    }
}

#[test]
fn tells_claims() {
    let (old, new) = (keygen(), keygen());
    for (made, opened) in WAYS {
        let token = make(made, &old, "p");
        for (ring, sealing_key) in [(old.clone(), true), (format!("{new},{old}"), false)] {
            let done = open(opened, &ring, &token).args(["--claims", "--max-age", "30"]).run();
            assert_eq!((done.status, done.stdout.as_slice()), (Some(0), &b"p"[..]));
            let key_id = cretula("inspect --json").stdin(&token).json()["key_id"].as_str().unwrap().to_owned();
            let line = format!(
                "{{\"issued_at\":{NOW},\"expires_at\":{},\"key_id\":\"{key_id}\",\"sealing_key\":{sealing_key}}}\n",
                NOW + 30
            );
            assert_eq!(done.stderr, line);
        }
        // A refused token has no claims.
        open_at(opened, &old, &token, NOW + 60).args(["--claims"]).refused("expired", "the token has expired");
    }
}

#[test]
fn reads_both_forms_from_variable_and_file() {
    let (old, new) = (keygen(), keygen());
    let list = format!("\n {new} ,,\t{old}\n");
    let dated = document(&[(&old, None, Some(NOW + 1000)), (&new, Some(NOW), None)]);
    for (name, ring) in [("list", &list), ("document", &dated)] {
        let path = file(name, ring);
        for (made, opened) in WAYS {
            let token = make(made, ring, "p");
            // Both forms seal with the new key.
            assert_eq!(open(opened, &new, &token).ok(), b"p");
            let from_file = cretula(opened).args(AT).args(["--now", &NOW.to_string()]).file("--keyring", &path);
            assert_eq!(from_file.stdin(make(made, &old, "p")).ok(), b"p");
        }
    }
}

#[test]
fn the_option_wins_over_the_variable() {
    let (ours, theirs) = (keygen(), keygen());
    let path = file("wins", &ours);
    let token = cretula("seal --ttl 60").args(AT).file("--keyring", &path).keys(&theirs).stdin("p").ok();
    assert_eq!(cretula("unseal").args(AT).keys(&ours).stdin(&token).ok(), b"p");
    // A variable that is no ring does not matter then.
    assert_eq!(cretula("unseal").args(AT).file("--keyring", &path).keys("nonsense").stdin(&token).ok(), b"p");
}

#[test]
fn refuses_to_make() {
    let key = keygen();
    for (made, _) in WAYS {
        let call = |keys: &str| cretula(made).args(AT).args(["--ttl", "60", "--now", &NOW.to_string()]).keys(keys);
        for ring in [document(&[(&key, Some(NOW + 1), None)]), document(&[(&key, None, Some(NOW))])] {
            call(&ring).refused("no_sealing_key", "no key of the keyring may seal now");
            // [SEAL-02]: before the length.
            call(&ring).stdin([0; 20_000]).refused("no_sealing_key", "no key of the keyring may seal now");
        }
        // 16 384 octets of text are 12 288 bytes.
        let most = 12_288 - if made == "seal" { 85 } else { 77 };
        assert_eq!(call(&key).stdin(vec![7; most]).ok().len(), 16_385);
        let words = "the token would have 16386 octets, over the limit of 16384";
        call(&key).stdin(vec![7; most + 1]).refused("result_too_long", words);
        let words = "the payload alone is longer than the limit of 200 octets for its token";
        call(&key).args(["--limit", "200"]).stdin([7; 201]).refused("result_too_long", words);
        call(&key).args(["--limit", "200"]).stdin(vec![7; 1 << 22]).refused("result_too_long", words);
    }
}

#[test]
fn takes_the_greatest_limit() {
    let keys = keygen();
    let payload = vec![0x5A; 1 << 20];
    let limit = ["--limit", "16777216"];
    let token = cretula("seal --ttl 60").args(AT).args(limit).keys(&keys).stdin(&payload).ok();
    assert!(cretula("unseal").args(AT).args(limit).keys(&keys).stdin(&token).ok() == payload);
}
