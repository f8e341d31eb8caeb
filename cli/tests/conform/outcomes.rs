//! The outcomes of the protocol, each caused by an adapter that is faulty in one way.

use serde_json::Value;

use crate::{conform, count, wrong};

const OK: &str = "unseal/ok/basic";
const EXPIRED: &str = "unseal/expired/at-second";

pub(crate) fn tells_right() {
    let (status, document) = conform("--only unseal/ok/ --only unseal/expired/*", "none");
    assert_eq!((status, &document["holds"], &document["complete"]), (Some(0), &true.into(), &false.into()));
    assert_eq!(count(&document, "unsealer", "right"), count(&document, "unsealer", "run"));
    assert_eq!(document["not_right"], Value::Array(Vec::new()));
    assert_eq!((&document["restarts"], &document["ended"]), (&0.into(), &true.into()));
    // What the protocol does not name is ignored.
    assert_eq!(conform(&format!("--only {OK}"), "members").0, Some(0));
}

pub(crate) fn tells_wrong_codes() {
    let code = |id: &str, mode: &str| wrong(id, &format!("{mode} {id}"));
    let is = |found: (String, String, String), expected: &str, got: &str| {
        assert_eq!(found, ("wrong_code".to_owned(), expected.to_owned(), got.to_owned()));
    };
    is(code(EXPIRED, "code"), "error expired", "error encoding");
    is(code(OK, "code"), "a result", "error encoding");
    is(code("session/run/new/untouched", "code"), "a result", "error encoding");
}

pub(crate) fn tells_wrong_values() {
    let vectors = [
        ("derive/ok/sealed", "key_id \"00\""),
        (OK, "payload \"00\""),
        ("verify/ok/basic", "payload \"00\""),
        ("seal/ok/basic", "token \"00\""),
        ("sign/ok/basic", "token \"00\""),
        ("keyring/key-text/ok", "key \"00\""),
        ("keyring/key-bytes/ok", "key \"00\""),
        ("keyring/ring/list/one", "entries \"00\""),
        ("keyring/select/one", "accepted \"00\""),
        ("keyring/accept/ended-beside", "accepted \"00\""),
        ("keyring/warn/none", "warnings \"00\""),
        ("session/open/ok/user", "payload \"00\""),
        ("session/run/new/untouched", "request 0: wrote \"other\""),
        ("session/run/flash/life", "request 0: a token that does not open: not_a_token"),
        ("cookie/setup/name/default", "expire \"00\""),
        ("cookie/read/ok/alone", "payload \"00\""),
        ("cookie/read-token/ok", "payload \"00\""),
        ("cookie/write/line/default", "headers \"00\""),
    ];
    for (id, got) in vectors {
        let found = wrong(id, &format!("value {id}"));
        assert_eq!((found.0.as_str(), found.2.as_str()), ("wrong_value", got), "{id}");
    }
    // The code, but not what stands beside it.
    for (id, expected) in [("keyring/ring/list/semicolon", "entry 0"), ("cookie/write/too-large/1", "over 1")] {
        let found = wrong(id, &format!("beside {id}"));
        assert_eq!(found.0, "wrong_value");
        assert!(found.1.ends_with(expected) && found.2.contains(", no "), "{found:?}");
    }
}

pub(crate) fn tells_accepted() {
    for id in [EXPIRED, "keyring/key-text/empty", "cookie/setup/name/empty", "seal/ttl/0"] {
        let (outcome, expected, got) = wrong(id, &format!("accept {id}"));
        assert_eq!((outcome.as_str(), got.as_str()), ("accepted", "{\"payload\":\"\"}"));
        assert!(expected.starts_with("error "), "{expected}");
    }
}

pub(crate) fn tells_crashed() {
    let (status, document) = conform(&format!("--only {EXPIRED}"), &format!("crash {EXPIRED}"));
    let wrong = &document["not_right"][0];
    assert_eq!(
        (status, wrong["outcome"].as_str(), wrong["expected"].as_str()),
        (Some(1), Some("crashed"), Some("error expired"))
    );
    let got = wrong["got"].as_str().unwrap();
    assert!(got.starts_with("ended: ") && got.ends_with('3'), "{got}");
    assert_eq!(wrong["stderr"], Value::from(vec!["about to fall"]));
}

/// A line that is no answer is a crash: what the adapter says next cannot be trusted to be the next answer.
pub(crate) fn tells_no_answers() {
    let modes = [
        ("garbage", "a line that is no JSON object: \"\"oops\"\""),
        ("noise", "a line that is no JSON object: \"opening…\""),
        ("not-utf8", "a line that is not UTF-8"),
        ("long", "a line of more than 67108864 bytes"),
        ("other-id", "a line with another id: "),
        ("two-outcomes", "a line without exactly one of "),
        ("no-outcome", "a line without exactly one of "),
        ("odd-result", "a line without exactly one of "),
    ];
    for (mode, words) in modes {
        let (outcome, _, got) = wrong(OK, &format!("{mode} {OK}"));
        assert_eq!(outcome, "crashed", "{mode}");
        assert!(got.starts_with(words), "{mode}: {got}");
    }
    // The second of two answers shows at the next request.
    let (_, document) = conform("--only unseal/ok/", &format!("twice {OK}"));
    assert_eq!(count(&document, "unsealer", "crashed"), 1);
    assert!(document["not_right"][0]["got"].as_str().unwrap().starts_with("a line with another id"));
}

pub(crate) fn tells_hung() {
    let (outcome, expected, got) = wrong(OK, &format!("hang {OK}"));
    assert_eq!((outcome.as_str(), expected.as_str(), got.as_str()), ("hung", "a result", "no answer within 2 s"));
}

pub(crate) fn tells_skipped() {
    let (status, document) = conform("--only unseal/ok/", &format!("skip {OK}"));
    assert_eq!((status, &document["holds"]), (Some(0), &true.into()));
    assert_eq!(count(&document, "unsealer", "skipped"), 1);
    assert_eq!(document["skipped"], serde_json::json!([{ "id": OK, "reason": "no such \u{1b}type" }]));
}

pub(crate) fn goes_on_after_a_crash() {
    let (status, document) = conform("--only unseal/ok/", &format!("crash {OK}"));
    let run = count(&document, "unsealer", "run");
    assert_eq!((status, &document["restarts"]), (Some(1), &1.into()));
    assert!(run > 10 && count(&document, "unsealer", "right") == run - 1, "{document}");
    let (_, document) = conform("--timeout 2 --only unseal/ok/", &format!("hang {OK}"));
    assert_eq!((count(&document, "unsealer", "right"), count(&document, "unsealer", "hung")), (run - 1, 1));
}
