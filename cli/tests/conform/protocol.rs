//! `interop/protocol.md` beside real lines. `interop/protocol_schema.py` holds them to `interop/protocol.schema.json`.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    conform, count, cretula,
    support::{BINARY, directory},
};

fn interop(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop").join(name)).unwrap()
}

/// The page's conversation, word for word; `…` is anything.
pub(crate) fn holds_the_conversation() {
    let page = interop("protocol.md");
    let (_, section) = page.split_once("## A conversation\n").unwrap();
    let block = section.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let side = |mark: &str| -> String {
        block.lines().filter_map(|line| line.strip_prefix(mark)).flat_map(|line| [line, "\n"]).collect()
    };
    let answers = cretula("adapter").stdin(side("> ")).text();
    let expected = side("< ");
    assert_eq!(answers.lines().count(), expected.lines().count());
    assert!(expected.lines().count() >= 7);
    for (pattern, line) in expected.lines().zip(answers.lines()) {
        let mut rest = line;
        for (at, part) in pattern.split('…').enumerate() {
            let found = rest.find(part).unwrap_or_else(|| panic!("{pattern}\n{line}"));
            assert!(at > 0 || found == 0, "{pattern}\n{line}");
            rest = &rest[found + part.len()..];
        }
        assert!(rest.is_empty(), "{pattern}\n{line}");
    }
    // The requests are those that the runner makes, inputs and all.
    let log = directory("conversation").join("log");
    let only: Vec<_> = side("> ")
        .lines()
        .filter_map(|line| Some(format!("--only {}", serde_json::from_str::<Value>(line).ok()?["id"].as_str()?)))
        .collect();
    assert_eq!(conform(&only.join(" "), &format!("record {}", log.to_str().unwrap())).0, Some(0));
    let log = fs::read_to_string(log).unwrap();
    for line in side("> ").lines().filter(|line| line.contains("\"request\"")) {
        assert!(log.lines().any(|logged| logged.strip_prefix("> ") == Some(line)), "{line}");
    }
}

/// `cretula adapter` ends with words at what is no message, and well at `bye` or the end.
pub(crate) fn knows_no_other_messages() {
    assert_eq!(cretula("adapter").text(), "");
    assert_eq!(cretula("adapter").stdin("{\"type\":\"bye\"}\noops\n").text(), "");
    for (line, words) in [
        ("oops", "expected value at line 1 column 1"),
        ("{}", "a message without a known type"),
        ("{\"type\":\"request\"}", "id is missing"),
        (r#"{"type":"request","id":"x","class":"token","op":"y"}"#, "x: class token has no op y"),
        (r#"{"type":"request","id":"x","class":"cookie","op":"y"}"#, "x: op y is unknown"),
        (r#"{"type":"request","id":"x","class":"sealer","op":"seal"}"#, "x: keyring is missing"),
    ] {
        cretula("adapter").stdin(format!("{line}\n")).refused("io", &format!("standard input: {words}"));
    }
    let done = cretula("adapter").stdin(b"\xff\n").run();
    assert!(done.status == Some(1) && done.stderr.starts_with("cretula: io: standard input: "), "{BINARY}");
}

/// Tens of thousands of calls: a part of them, and where the first that differs is.
pub(crate) fn runs_the_accumulated() {
    let (status, document) = conform("--only accumulated/sign", "none");
    assert_eq!((status, count(&document, "accumulated", "right")), (Some(0), 1), "{document}");
    for (id, mode, outcome, words) in [
        ("accumulated/sign", "value accumulated/sign/1234", "wrong_value", "call 1234: token \""),
        ("accumulated/unseal", "accept accumulated/unseal/0", "accepted", "call 0: error "),
        ("accumulated/verify", "code accumulated/verify/", "wrong_code", "call "),
        ("accumulated/verify", "crash accumulated/verify/3", "crashed", "call 3: "),
        ("accumulated/seal", "skip accumulated/seal/7", "skipped", ""),
    ] {
        let (status, document) = conform(&format!("--only {id}"), mode);
        assert_eq!(count(&document, "accumulated", outcome), 1, "{mode}: {document}");
        if outcome == "skipped" {
            assert_eq!(status, Some(0));
            continue;
        }
        let expected = document["not_right"][0]["expected"].as_str().unwrap();
        assert!(status == Some(1) && expected.starts_with(words), "{mode}: {document}");
    }
}
