//! `cretula conform differ`.

use serde_json::{Value, json};

use crate::{
    cretula, faulty,
    support::{BINARY, Call},
};

/// Calls it with adapters that are faulty in these ways; `good` is none.
fn call(options: &str, modes: &[&str]) -> Call {
    let mut call = cretula(&format!("conform differ {options}"));
    for mode in modes {
        let words = if *mode == "good" { vec![BINARY.to_owned(), "adapter".to_owned()] } else { faulty(mode) };
        call = call.args(["--"]).args(words.iter().map(String::as_str));
    }
    call
}

#[track_caller]
fn differ(options: &str, modes: &[&str]) -> (Option<i32>, Value) {
    let done = call(&format!("--json {options}"), modes).run();
    assert!(done.stderr.lines().all(|line| line.starts_with("progress: ")), "{}", done.stderr);
    (done.status, serde_json::from_slice(&done.stdout).unwrap())
}

pub(crate) fn finds_nothing() {
    let (status, document) = differ("--seed 5 --cases 1000", &["good", "named other"]);
    assert_eq!((status, &document["differences"]), (Some(0), &json!([])), "{document}");
    assert_eq!((&document["cases"], &document["seed"]), (&1000.into(), &5.into()));
    let text = call("--seed 5 --cases 100", &["good"]).text();
    assert!(text.starts_with("reference, cretula-rust ") && text.contains("\nno difference  100 cases, "), "{text}");
    assert!(text.ends_with(" a second, --seed 5\n"), "{text}");
}

/// Every op has cases that are accepted, and the codes of each come.
pub(crate) fn reaches_codes() {
    let (_, document) = differ("--seed 3 --cases 6000", &["classes signer"]);
    let token = "too_long unsupported_version wrong_kind not_a_token encoding unknown_key key_inactive auth_failed \
        issued_in_future expired limit_range leeway_range max_age_range clock_range";
    let session = "unknown_key key_inactive issued_in_future expired payload_invalid unproven unchecked revoked signed_off no_clock \
        context_invalid idle_range absolute_range recheck_range leeway_range clock_range";
    let cookie = "absent ambiguous chunks encoding not_a_token unknown_key expired no_clock";
    let read = "absent ambiguous chunks encoding not_a_token unknown_key expired unproven no_clock";
    let expected = [
        ("accept", "clock_range"),
        ("derive", "context_invalid"),
        ("key_bytes", "key_format key_zero key_test"),
        ("key_text", "key_format key_checksum key_zero key_test"),
        ("open", session),
        ("read", read),
        ("read_token", cookie),
        ("refresh", "device_settings cookie_attributes context_invalid"),
        ("register", "device_settings cookie_attributes context_invalid"),
        ("ring", "keyring_format keyring_empty keyring_time keyring_window key_duplicate key_format key_zero key_test"),
        ("run", "user_invalid payload_unserializable ttl_range no_sealing_key context_invalid no_clock no_randomness"),
        ("seal", "limit_range clock_range ttl_range no_sealing_key result_too_long no_clock no_randomness"),
        ("select", "no_sealing_key clock_range"),
        ("setup", "cookie_name cookie_attributes cookie_clash device_settings"),
        ("sign", "limit_range ttl_range no_sealing_key result_too_long"),
        ("unseal", token),
        ("verify", token),
        ("warn", "clock_range ttl_range leeway_range grace_range"),
        ("write", "cookie_too_large user_invalid payload_unserializable no_sealing_key clock_range no_randomness"),
    ];
    let kinds = document["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), expected.len());
    for (kind, (op, codes)) in kinds.iter().zip(expected) {
        assert_eq!(kind["op"], op);
        let (outcomes, cases) = (&kind["outcomes"], kind["cases"].as_u64().unwrap());
        for code in codes.split_whitespace() {
            assert!(outcomes[code].as_u64().is_some(), "{op}: {code}: {kind}");
        }
        assert!(outcomes["result"].as_u64().unwrap() * 12 > cases, "{op}: {kind}");
    }
}

pub(crate) fn makes_the_same_cases() {
    let (_, one) = differ("--seed 9 --cases 600", &["good"]);
    let (_, other) = differ("--seed 9 --cases 600", &["unfixed", "classes cookie"]);
    assert_eq!(one["kinds"], other["kinds"]);
    let (_, another) = differ("--seed 10 --cases 600", &["good"]);
    assert_ne!(one["kinds"], another["kinds"]);
    // Without a seed it is another one each time, and is told.
    let (_, document) = differ("--cases 1", &["good"]);
    assert_ne!(document["seed"], differ("--cases 1", &["good"]).1["seed"]);
}

/// Each fault is found, in the op that has it, and shown by a small request. Of some it depends on the rest of the case
/// what the faulty adapter says.
pub(crate) fn finds_faults() {
    for (mode, options, op, said, inside) in [
        ("lax-padding", "--seed 7 --cases 100 --only unseal", "unseal", ["encoding", ""], "=\"}"),
        ("lax-newline", "--seed 2 --cases 1000 --only key_text", "key_text", ["key_format", "result"], "\\n\"}"),
        ("late", "--seed 8 --cases 20 --only open", "open", ["expired", "result"], "\"now\":"),
        ("lax-spaces", "--seed 7 --cases 600 --only read", "read", ["encoding", ""], "\u{a0}"),
        ("denies", "--seed 9 --cases 60 --only run", "run", ["result", "result"], "\"reauth_within\":{\"seconds\":"),
        ("falls", "--seed 4 --cases 40 --only run", "run", ["result", "crashed"], "toString"),
        ("sleeps", "--seed 9 --cases 8 --timeout 1 --only select", "select", ["result", "hung"], "\"seal_from\":"),
    ] {
        let (status, document) = differ(options, &["named other", mode]);
        let differences = document["differences"].as_array().unwrap();
        let found = differences.iter().find(|different| {
            let outcomes: Vec<_> = different["said"].as_array().unwrap().iter().map(|said| &said["outcome"]).collect();
            different["op"] == op
                && outcomes.iter().zip(said).all(|(outcome, said)| said.is_empty() || *outcome == said)
        });
        let found = found.unwrap_or_else(|| panic!("{mode}: {differences:#?}"));
        assert_eq!(status, Some(1));
        assert_eq!(found["said"][0]["implementations"], json!(["reference", "other"]), "{mode}: {found}");
        let request = found["request"].as_str().unwrap();
        assert!(request.len() < 1000 && request.contains(inside), "{mode}: {request}");
        let vector: Value = serde_json::from_str(found["vector"].as_str().unwrap()).unwrap();
        assert!(vector.get("result").is_some() != vector.get("error").is_some(), "{mode}: {vector}");
    }
}

pub(crate) fn leaves_out() {
    let (status, document) = differ("--seed 3 --cases 300", &["unfixed", "classes keyring", "skip"]);
    assert_eq!((status, &document["differences"]), (Some(0), &json!([])), "{document}");
    let left_out: Vec<_> = document["left_out"].as_array().unwrap().iter().map(|left| left.as_u64().unwrap()).collect();
    assert!(left_out[0] > 50 && left_out[0] < left_out[1] && left_out[2] == 300, "{left_out:?}");
    let text = call("--seed 3 --cases 300", &["skip"]).text();
    assert!(text.starts_with("reference, cretula-rust 0.1.0 (left out 300)\n"), "{text}");
}

pub(crate) fn is_used_rightly() {
    cretula("conform differ").wrong("the following required arguments were not provided:");
    cretula("conform differ --cases 1 --seconds 1 --")
        .args(["x"])
        .wrong("the argument '--cases <N>' cannot be used with '--seconds <N>'");
    let done = cretula("conform differ --only runs --").args(["x"]).run();
    assert!(done.status == Some(2) && done.stderr.starts_with("error: invalid value 'runs' "), "{}", done.stderr);
    let done = cretula("conform differ").args(["--", "x", "--"]).run();
    assert_eq!(done.status, Some(2), "{}", done.stderr);
    let done = cretula("conform differ").args(["--", "cretula-no-such-program"]).run();
    assert!(done.stderr.starts_with("cretula: io: adapter: cretula-no-such-program: "), "{}", done.stderr);
    let (_, document) = differ("--seconds 1", &["good"]);
    assert!(document["cases"].as_u64().unwrap() > 100, "{document}");
}
