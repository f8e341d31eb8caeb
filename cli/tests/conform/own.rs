//! What the implementation draws itself.

use crate::{conform, count, wrong};

const SEAL: &str = "seal/ok/basic";
const WRITE: &str = "cookie/write/line/default";

pub(crate) fn wants_new_random_values() {
    for part in ["salt", "iv"] {
        let (outcome, expected, got) = wrong(SEAL, &format!("repeat {part}"));
        assert_eq!((outcome, expected), ("wrong_value".to_owned(), format!("a new {part} (with its own randomness)")));
        assert_eq!(got, format!("a {part} that came before, {}", "0".repeat(24)));
    }
    // Across vectors, and across classes.
    for (only, part) in [("session/run/change/", "salt"), ("session/run/new/", "sid"), ("cookie/write/size/", "id")] {
        let (status, document) = conform(&format!("--only {only}"), &format!("repeat {part}"));
        let wrong = document["not_right"].as_array().unwrap();
        assert!(status == Some(1) && !wrong.is_empty(), "{part}: {document}");
        for wrong in wrong {
            assert!(wrong["got"].as_str().unwrap().contains(&format!("a {part} that came before")), "{wrong}");
        }
    }
    // Counting up is no fault that a run can see.
    assert_eq!(conform("--only seal/ok/ --only session/run/new/", "repeat nothing").0, Some(0));
}

pub(crate) fn opens_what_comes() {
    let (_, expected, got) = wrong(SEAL, "own-payload");
    assert!(expected.starts_with("payload \"{\\\"sub") && got == "payload \"\\0\"", "{expected} {got}");
    let (_, expected, got) = wrong(SEAL, "own-ttl");
    assert!(expected.contains("ttl 1800, ") && got.contains("ttl 7, "), "{expected} {got}");
    let (_, _, got) = wrong(SEAL, "own-ring");
    assert_eq!(got, "a token that does not open: unknown_key");
    let (_, expected, got) = wrong("session/run/flash/life", "own-data");
    assert!(expected.starts_with("request 0: payload") && got.contains("other"), "{expected} {got}");
    let (_, expected, got) = wrong(WRITE, "own-data");
    assert!(expected.starts_with("Set-Cookie: ") && got.starts_with("Set-Cookie: "), "{expected} {got}");
}

pub(crate) fn compares_lines() {
    for mode in ["path", "cut"] {
        let (outcome, expected, got) = wrong(WRITE, mode);
        assert_eq!(outcome, "wrong_value");
        assert!(expected.starts_with("Set-Cookie: __Host-session=CrE1") && got != expected, "{expected} {got}");
    }
    let (_, expected, _) = wrong("cookie/write/size/large-4097", "ids");
    assert_eq!(expected, "one id of 8 base64url characters (with its own randomness)");
}

pub(crate) fn wants_fixed_values_used() {
    for id in [SEAL, "session/run/flash/life", WRITE] {
        let (outcome, expected, _) = wrong(id, "ignore-fixed");
        assert_eq!(outcome, "wrong_value");
        assert!(!expected.contains("its own randomness"), "{expected}");
    }
}

/// The whole of the drawing classes, by an implementation that cannot be told what to draw.
pub(crate) fn runs_without_fixed_values() {
    let (status, document) =
        conform("--only seal/ --only session/run/ --only cookie/write/ --only accumulated/seal", "unfixed");
    assert_eq!((status, &document["not_right"]), (Some(0), &serde_json::json!([])), "{document}");
    assert_eq!(count(&document, "accumulated", "skipped"), 1);
    let skipped = document["skipped"].as_array().unwrap();
    let accumulated = skipped.iter().find(|skipped| skipped["id"] == "accumulated/seal").unwrap();
    assert_eq!(accumulated["reason"], "the runner: no entry point for fixed salt and iv");
    assert!(count(&document, "session", "right") > 200 && count(&document, "cookie", "right") > 100);
}
