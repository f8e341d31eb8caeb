//! Options, the table for people, the statement.

use std::fs;

use serde_json::{Value, json};

use crate::{call, conform, count, cretula, support::directory};

pub(crate) fn runs_classes() {
    let (status, document) = conform("--class keyring", "none");
    let names: Vec<_> =
        document["counts"].as_array().unwrap().iter().map(|row| row["class"].as_str().unwrap()).collect();
    assert_eq!((status, names), (Some(0), vec!["keyring"]));
    assert_eq!((&document["complete"], &document["classes"]), (&true.into(), &json!(["keyring"])));
    assert_eq!(count(&document, "keyring", "right"), count(&document, "keyring", "vectors"));
    // Of an adapter that claims no more than that, a token class asks to derive.
    let (status, document) = conform("--quick", "classes verifier");
    let names: Vec<_> =
        document["counts"].as_array().unwrap().iter().map(|row| row["class"].as_str().unwrap()).collect();
    assert_eq!((status, names), (Some(0), vec!["derivation", "verifier", "accumulated"]));
    assert_eq!(document["claims"], json!(["verifier"]));
    let words = "the adapter does not claim the class cookie; it claims verifier, keyring";
    call("--class keyring --class cookie", "classes verifier,keyring").wrong(words);
}

pub(crate) fn passes_the_suite() {
    for mode in ["none", "unfixed"] {
        let (status, document) = conform("--quick", mode);
        assert_eq!((status, &document["not_right"]), (Some(0), &json!([])), "{mode}");
        let reasons = document["skipped"].as_array().unwrap().iter().map(|skipped| skipped["reason"].as_str().unwrap());
        let known = [
            "a commit consumes the session",
            "SameSite is a type of three values",
            "the runner: no entry point for a generator that fails",
        ];
        assert!(reasons.into_iter().all(|reason| known.contains(&reason)), "{}", document["skipped"]);
    }
}

pub(crate) fn runs_only() {
    let run = |only: &str| {
        let (status, document) = conform(only, "none");
        assert_eq!(status, Some(0));
        count(&document, "unsealer", "run")
    };
    assert_eq!(run("--only unseal/ok/basic"), 1);
    assert_eq!(run("--only unseal/ok/b*"), 1);
    assert!(run("--only unseal/ok/") > 10 && run("--only unseal/ok/") == run("--only unseal/ok/*"));
    assert_eq!(run("--only unseal/ok/basic --only unseal/expired/at-second"), 2);
    for only in ["unseal/ok", "unseal/ok/basi", "x*", ""] {
        let done = cretula("conform --only").args([only, "--", "cretula-no-such-program"]).run();
        assert_eq!(done.status, Some(2));
        let words = format!("error: --only {only}: no vector has such an id\n");
        assert!(done.stderr.starts_with(&words), "{}", done.stderr);
    }
}

pub(crate) fn is_quick() {
    let (status, document) = conform("--quick --class signer", "none");
    assert_eq!((status, count(&document, "accumulated", "run")), (Some(0), 0));
    assert_eq!((&document["holds"], &document["complete"]), (&true.into(), &false.into()));
}

pub(crate) fn tells_people() {
    let text = call("--only unseal/expired/at-second --only unseal/ok/", "code unseal/expired/at-second").run();
    assert_eq!((text.status, text.stderr.as_str()), (Some(1), ""));
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(!text.contains('\u{1b}'), "{text}");
    for words in [
        "cretula-rust ",
        "\nsuite ",
        "\n                 wrong\nclass     right   code   of\n",
        "\nwrong code  unseal/expired/at-second  ",
        "\n  expected  error expired\n  got       error encoding\n",
        "\ndoes not conform  ",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let coloured = call("--only unseal/ok/basic", "none").env("CLICOLOR_FORCE", "1").run();
    assert!(String::from_utf8(coloured.stdout).unwrap().contains("\u{1b}["));
    // A flag is explained where a vector with it fails.
    let id = "unseal/encoding/padding-2";
    let (_, document) = conform(&format!("--only {id}"), &format!("accept {id}"));
    let flags = document["not_right"][0]["flags"].as_object().unwrap();
    assert!(!flags.is_empty() && flags.values().all(|words| words.as_str().unwrap().len() > 10), "{flags:?}");
}

pub(crate) fn shows_few_failures() {
    let done = call("--only unseal/auth-failed/ --only unseal/expired/", "accept unseal/").run();
    let text = String::from_utf8(done.stdout).unwrap();
    assert_eq!(text.matches("\n  expected  ").count(), 20);
    assert!(text.contains(" more; --json has all\n"), "{text}");
    let (_, document) = conform("--only unseal/auth-failed/ --only unseal/expired/", "accept unseal/");
    assert!(document["not_right"].as_array().unwrap().len() > 20);
    let skipped = call("--only unseal/expired/", "skip unseal/").run();
    let text = String::from_utf8(skipped.stdout).unwrap();
    assert!(
        text.contains("\nskipped ")
            && text.contains("  unseal/expired/")
            && text.contains(" more: no such \\u{1b}type\n"),
        "{text}"
    );
}

pub(crate) fn writes_statements() {
    let directory = directory("statement");
    let statement = |mode: &str| -> (Option<i32>, Value) {
        let path = directory.join("statement.json");
        let option = format!("--class keyring --statement {}", path.to_str().unwrap());
        let status = call(&option, mode).run().status;
        (status, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    let (status, good) = statement("none");
    let (_, document) = conform("--class keyring", "none");
    let all = count(&document, "keyring", "vectors");
    let mut counts = json!({ "class": "keyring", "vectors": all, "right": all });
    for name in ["wrong_code", "wrong_value", "accepted", "crashed", "hung", "skipped"] {
        counts[name] = 0.into();
    }
    assert_eq!(status, Some(0));
    assert_eq!(
        good,
        json!({
            "format": "cretula-conformance-1",
            "implementation": "cretula-rust",
            "version": env!("CARGO_PKG_VERSION"),
            "platform": document["platform"],
            "suite": document["suite"],
            "digest": document["digest"],
            "classes": ["keyring"],
            "fixed": true,
            "holds": true,
            "counts": [counts],
            "skipped": [],
            "failed": [],
        })
    );
    let (status, bad) = statement("code keyring/key-text/ok");
    assert_eq!((status, &bad["holds"]), (Some(1), &false.into()));
    assert_eq!(bad["failed"], json!([{ "id": "keyring/key-text/ok", "level": "must", "outcome": "wrong_code" }]));
    let (status, skipping) = statement("skip keyring/key-text/ok");
    assert_eq!((status, &skipping["holds"]), (Some(0), &true.into()));
    assert_eq!(skipping["skipped"][0]["id"], "keyring/key-text/ok");
    let nowhere = directory.join("no/where");
    let done = call(&format!("--class keyring --statement {}", nowhere.to_str().unwrap()), "none").run();
    assert!(done.status == Some(1) && done.stderr.contains("cretula: io: "), "{}", done.stderr);
}

pub(crate) fn is_used_rightly() {
    cretula("conform").wrong("the following required arguments were not provided:");
    cretula("conform --").wrong("the following required arguments were not provided:");
    cretula("conform cretula").wrong("unexpected argument 'cretula' found");
    cretula("conform --timeout 0 -- x")
        .wrong("invalid value '0' for '--timeout <SECONDS>': 0 is not in 1..=4294967295");
    cretula("conform --quick --statement f -- x")
        .wrong("the argument '--quick' cannot be used with '--statement <FILE>'");
    cretula("conform --only x --statement f -- x")
        .wrong("the argument '--only <ID>' cannot be used with '--statement <FILE>'");
    let done = cretula("conform --class token -- x").run();
    assert!(done.status == Some(2) && done.stderr.contains("[possible values: unsealer, "), "{}", done.stderr);
}
