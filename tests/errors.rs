//! Every error: its text, its code, and that codes and specification agree. Nothing that is printed holds a key.

use std::{collections::BTreeSet, error::Error, fmt::Debug};

use cretula::{
    CommitError, DeviceError, ErrorCode as _, Key, KeyError, Keyring, KeyringError, NoSession, SealError, SetupError,
    Site, TimeError, UnsealError, UserError, hazmat,
};

const SOURCES: [&str; 5] = [
    include_str!("../src/error/device.rs"),
    include_str!("../src/error/key.rs"),
    include_str!("../src/error/session.rs"),
    include_str!("../src/error/setup.rs"),
    include_str!("../src/error/token.rs"),
];
const SPECIFICATION: &str = include_str!("../spec/cretula-v1.md");

/// One row for each variant: the type, how it is written here, text, code.
fn table() -> Vec<(&'static str, String, String, &'static str)> {
    use {CommitError as C, DeviceError as D, NoSession as N, SetupError as B, UserError as A};
    use {KeyError as K, KeyringError as R, SealError as S, TimeError as T, UnsealError as U};
    let mut rows = Vec::new();
    macro_rules! rows {
        ($of:literal: $($error:expr => $text:literal, $code:literal;)*) => { $(
            let error = $error;
            assert_error(&error);
            assert_eq!((error.to_string().as_str(), error.code()), ($text, $code));
            assert_eq!(format!("{error:?}"), format!("{} ({})", $text, $code));
            rows.push(($of, stringify!($error).to_owned(), error.to_string(), error.code()));
        )* };
    }
    rows! { "KeyError":
        K::Format =>
            "not a key: expected 32 bytes, or `cretula_key1_`, 64 lower-case hex digits, `_` and 8 more", "key_format";
        K::Checksum => "the checksum of the key text does not match: a character is wrong", "key_checksum";
        K::Zero => "the key is all zero", "key_zero";
        K::Test => "the key is a published test key", "key_test";
        K::NoRandomness => "the operating system gave no randomness", "no_randomness";
    }
    rows! { "KeyringError":
        R::Format { line: 2, column: 3 } => "not a keyring document (line 2, column 3)", "keyring_format";
        R::Empty => "the keyring has no key", "keyring_empty";
        R::Key { entry: 1, error: K::Zero } => "key at position 1: the key is all zero", "key_zero";
        R::Time { entry: 1 } =>
            "key at position 1: seal_from and accept_until are integers from 0 to 2^48 - 1", "keyring_time";
        R::Window { entry: 1 } => "key at position 1: seal_from is not before accept_until", "keyring_window";
        R::Duplicate { entry: 1 } => "key at position 1: the same key is in the keyring already", "key_duplicate";
    }
    rows! { "TimeError":
        T::ClockRange => "time is 0 to 2^48 - 1 seconds since the Unix epoch", "clock_range";
        T::NoClock => "the system clock gives no time from 1970 on", "no_clock";
    }
    rows! { "SealError":
        S::TtlRange => "ttl is 1 to 34560000 seconds", "ttl_range";
        S::NoSealingKey => "no key of the keyring may seal now", "no_sealing_key";
        S::ResultTooLong { length: 9, limit: 8 } =>
            "the token would have 9 octets, over the limit of 8", "result_too_long";
        S::PayloadUnserializable => "the value cannot be written as JSON", "payload_unserializable";
        S::NoRandomness => "the operating system gave no randomness", "no_randomness";
        S::NoClock => "the system clock gives no time from 1970 on", "no_clock";
    }
    rows! { "UnsealError":
        U::TooLong => "the token is longer than the limit", "too_long";
        U::UnsupportedVersion => "the token is of a version other than 1", "unsupported_version";
        U::WrongKind => "the token is of the other kind", "wrong_kind";
        U::NotAToken => "not a cretula token", "not_a_token";
        U::Encoding => "the token is not canonical base64url", "encoding";
        U::TooShort => "the token is shorter than the empty payload's", "too_short";
        U::UnknownKey => "the token's key, audience or purpose is not one of ours", "unknown_key";
        U::KeyInactive => "the token's key is no longer accepted", "key_inactive";
        U::AuthFailed => "the token was changed, or not made with our key", "auth_failed";
        U::IssuedInFuture => "the token was issued in the future", "issued_in_future";
        U::Expired => "the token has expired", "expired";
        U::PayloadInvalid => "the token's payload is not what was expected", "payload_invalid";
        U::NoClock => "the system clock gives no time from 1970 on", "no_clock";
    }
    rows! { "UserError":
        A::OutOfRange => "sub is 1 to 255 bytes, a generation 0 to 2^53 - 1, and auth_time not in the future", "user_invalid";
        A::Guest => "nobody is signed on", "user_invalid";
    }
    rows! { "NoSession":
        N::Token(U::Expired) => "the token has expired", "expired";
        N::Absent => "the request has no such cookie", "absent";
        N::Ambiguous => "several cookies of the name could be meant", "ambiguous";
        N::Chunks => "the second of two cookies is missing, or there are several", "chunks";
        N::Unproven => "the session is bound to a device, and no proof came with it", "unproven";
        N::Unchecked => "the check of the session generation was not answered", "unchecked";
        N::Revoked => "the user's session generation is another", "revoked";
        N::SignedOff => "the session was signed off", "signed_off";
    }
    rows! { "SetupError":
        B::Context => "audience and purpose are each 1 to 255 bytes of visible ASCII", "context_invalid";
        B::LimitRange => "limit is 1 to 16777216 octets", "limit_range";
        B::LeewayRange => "leeway is 0 to 300 seconds", "leeway_range";
        B::MaxAgeRange => "max_age is 1 to 34560000 seconds", "max_age_range";
        B::TtlRange => "a ttl is 1 to 34560000 seconds", "ttl_range";
        B::GraceRange => "the reload grace is 0 to 34560000 seconds", "grace_range";
        B::IdleRange => "idle is 1 to 34560000 seconds", "idle_range";
        B::AbsoluteRange => "absolute is at least idle, and at most 34560000 seconds", "absolute_range";
        B::RecheckRange => "recheck is 0 to 86400 seconds", "recheck_range";
        B::CookieName =>
            "a cookie's name is 1 to 64 token characters, its prefix spelled `__Host-Http-`, `__Host-`, `__Http-` or `__Secure-`", "cookie_name";
        B::CookieAttributes("`__Host-` needs Path=/") =>
            "browsers would drop the cookie: `__Host-` needs Path=/", "cookie_attributes";
        B::DeviceSettings("a proof lives 1 to 3600 seconds") =>
            "device binding: a proof lives 1 to 3600 seconds", "device_settings";
        B::Clash("two cookies have the same purpose") =>
            "the site has it already: two cookies have the same purpose", "cookie_clash";
    }
    rows! { "DeviceError":
        D::Session(N::Absent) => "the request has no such cookie", "absent";
        D::JwtFormat => "it is not one JWT of three parts, with headers and claims in JSON", "jwt_format";
        D::JwtAlgorithm => "typ is dbsc+jwt, alg is ES256, and there is no crit", "jwt_algorithm";
        D::JwtKey => "jwk is no public key of the curve P-256", "jwt_key";
        D::JwtSignature => "the signature is not that of the key", "jwt_signature";
        D::Challenge => "the challenge is over, or not for this use, session or key", "challenge_invalid";
        D::Mismatch => "the session is another's, or bound to another key", "device_mismatch";
    }
    rows! { "CommitError":
        C::Context => "the session was opened for another audience, purpose or policy", "context_invalid";
        C::Unserializable("it is no JSON object") =>
            "the session's data cannot be written: it is no JSON object", "payload_unserializable";
        C::TooLarge { over: 3, largest: None } => "the session is 3 octets too large for its cookie", "cookie_too_large";
        C::NotNow(N::Unchecked) =>
            "it cannot be told now whether the request has a session, so nothing is written over it: the check of the session generation was not answered", "unchecked";
        C::Seal(S::NoSealingKey) => "no key of the keyring may seal now", "no_sealing_key";
    }
    rows
}

fn assert_error<E: Error + Clone + Send + Sync + 'static>(_: &E) {}

#[test]
fn the_table_holds_every_variant() {
    let name = |variant: &str| variant.split([' ', '(', ',']).next().unwrap_or_default().to_owned();
    let mut declared = BTreeSet::new();
    let mut of = None;
    for line in SOURCES.into_iter().flat_map(str::lines) {
        if let Some(name) = line.strip_prefix("pub enum ").or(line.strip_prefix("pub struct ")) {
            let name = name.trim_end_matches([' ', '{', ';']);
            of = Some(name);
            if line.ends_with(';') {
                declared.insert(format!("{name}::{name}"));
            }
        } else if line == "}" {
            of = None;
        } else if let Some(of) = of
            && let Some(variant) = line.strip_prefix("    ").filter(|rest| rest.starts_with(char::is_uppercase))
        {
            declared.insert(format!("{of}::{}", name(variant)));
        }
    }
    // `K::Zero` or `R::Key { entry: 1, … }`; a call makes the error that is a struct.
    let listed = table().into_iter().map(|(of, source, ..)| match source.replace(' ', "").split_once("::") {
        Some((_, variant)) if !variant.contains("unwrap_err") => format!("{of}::{}", name(&variant.replace('{', " "))),
        _ => format!("{of}::{of}"),
    });
    assert_eq!(declared, listed.collect());
}

#[test]
fn texts_are_of_the_house() {
    for (_, _, text, _) in table() {
        assert!(text.starts_with(char::is_lowercase), "{text}");
        assert!(!text.ends_with(['.', '!', '\n', ' ']), "{text}");
    }
}

/// Rows of §12: what is refused, and the codes.
fn specified() -> Vec<(&'static str, Vec<&'static str>)> {
    let section = SPECIFICATION.split("\n## 12 Codes").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut columns = row.split('|').map(str::trim).skip(1);
        let codes = columns.next().unwrap().split(", ").map(|code| code.trim_matches('`')).collect();
        (columns.next().unwrap(), codes)
    })
    .collect()
}

// covers: [CODE-01]
#[test]
fn codes_are_those_of_the_specification() {
    let ours: BTreeSet<_> = table().iter().map(|(.., code)| *code).collect();
    let theirs: BTreeSet<_> = specified().into_iter().flat_map(|(_, codes)| codes).collect();
    // A commit consumes the session, so that nothing can come after it.
    let by_types = BTreeSet::from(["committed"]);
    assert_eq!(ours.union(&by_types).copied().collect::<BTreeSet<_>>(), theirs);
    assert!(ours.is_disjoint(&by_types));
}

// covers: [CODE-01]
#[test]
fn each_code_belongs_to_the_error_of_what_is_refused() {
    for (refused, codes) in specified() {
        let error = match refused {
            "token" => "UnsealError",
            "session" => "NoSession",
            "key" => "KeyError",
            "ring" => "KeyringError",
            "device" => "DeviceError",
            "call" => continue, // several types, and not a token's fault: below
            other => panic!("{other}"),
        };
        for code in codes {
            assert!(table().iter().any(|(of, _, _, ours)| (*of, *ours) == (error, code)), "{error} {code}");
        }
    }
    let token_codes: Vec<_> = specified().into_iter().filter(|(refused, _)| *refused == "token").collect();
    for (of, _, _, code) in table() {
        let of_a_token = token_codes.iter().any(|(_, codes)| codes.contains(&code));
        let passed_on = (of, code) == ("NoSession", "expired");
        assert_eq!(of_a_token, of == "UnsealError" && code != "no_clock" || passed_on, "{of} {code}");
    }
}

#[test]
fn a_ring_names_the_entry() {
    let entries = [
        (KeyringError::Empty, None),
        (KeyringError::Format { line: 0, column: 0 }, None),
        (KeyringError::Key { entry: 3, error: KeyError::Test }, Some(3)),
        (KeyringError::Time { entry: 4 }, Some(4)),
        (KeyringError::Window { entry: 5 }, Some(5)),
        (KeyringError::Duplicate { entry: 6 }, Some(6)),
    ];
    for (error, entry) in entries {
        assert_eq!(error.entry(), entry);
    }
}

/// A key of 32 different bytes that stand for themselves nowhere else.
const SECRET: &[u8; 32] = b"qZ7~xW#kP2!vN9$hJ4%bR6^mT8&dF3*s";

/// No three neighbouring bytes of `secret` stand in `text`: as characters, as hexadecimal or as decimal numbers.
#[track_caller]
fn assert_free_of(text: &str, secret: &[u8]) {
    for three in secret.windows(3) {
        let raw = String::from_utf8_lossy(three).into_owned();
        let numbers = three.iter().map(u8::to_string).collect::<Vec<_>>();
        let hex: String = three.iter().map(|byte| format!("{byte:02x}")).collect();
        for form in [raw, numbers.join(", "), numbers.join(",\n"), hex.to_uppercase(), hex] {
            assert!(!text.contains(&form), "{form} stands in {text}");
        }
    }
}

// covers: [KEY-08]
#[test]
fn nothing_prints_a_key() {
    let printed = |value: &dyn Debug| format!("{value:?} {value:#?}");
    let key = Key::from_bytes(SECRET).unwrap();
    let ring = Keyring::from(key.clone());
    let (sealer, signer) = (
        Site::new(ring.clone(), "shop.example").unwrap().sealer("session").build().unwrap(),
        Site::new(ring.clone(), "shop.example").unwrap().signer("session").build().unwrap(),
    );
    let all: [&dyn Debug; 5] = [&key, &ring, &ring.entries()[0], &sealer, &signer];
    for value in all {
        assert_free_of(&printed(value), SECRET);
    }
    assert_eq!(format!("{key:?}"), "Key(redacted)");
    // The check itself sees a key where there is one.
    let shown = [format!("{SECRET:?}"), key.to_text().to_string()];
    for text in shown {
        assert!(std::panic::catch_unwind(|| assert_free_of(&text, SECRET)).is_err());
    }
}

// covers: [KEY-08]
#[test]
fn no_error_prints_the_key_it_is_about() {
    let text = Key::from_bytes(SECRET).unwrap().to_text().to_string();
    let spoiled =
        [text.to_uppercase(), format!("{text} "), text.replace("_key1_", "_key2_"), text.replacen('1', "1\n", 2)];
    let wrong_sum = format!("{}{}", &text[..85], if text.ends_with('0') { '1' } else { '0' });
    for bad in spoiled.into_iter().chain([wrong_sum]) {
        let error = bad.parse::<Key>().unwrap_err();
        assert_free_of(&format!("{error} {error:?}"), SECRET);
        for ring in [bad.clone(), format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":{bad:?},"x":1}}]}}"#)] {
            if let Err(error) = hazmat::keyring_from_text(&ring) {
                assert_free_of(&format!("{error} {error:?}"), SECRET);
            }
        }
    }
}
