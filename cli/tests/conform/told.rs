//! What people are told: requests to send again, skipped classes, progress, tables that fit a terminal.

use std::fs;

use serde_json::Value;

use crate::{call, conform, count, cretula, faulty, support::directory};

const EXPIRED: &str = "unseal/expired/at-second";

#[track_caller]
fn people(options: &str, mode: &str) -> (Option<i32>, String) {
    let done = call(options, mode).run();
    (done.status, String::from_utf8(done.stdout).unwrap())
}

/// The request of the only vector that is not right, from the document, and the same from the text.
#[track_caller]
fn request(only: &str, mode: &str) -> String {
    let options = format!("--only {only}");
    let (_, document) = conform(&options, mode);
    let wrong = document["not_right"].as_array().unwrap();
    assert_eq!(wrong.len(), 1, "{document}");
    let request = wrong[0]["request"].as_str().unwrap().to_owned();
    let (_, text) = people(&options, mode);
    assert!(text.contains(&format!("\n  request   {request}\n")), "{text}");
    request
}

/// The lines that the adapter reads in a run in which all is right.
fn sent(name: &str, only: &str) -> Vec<String> {
    let log = directory(name).join("log");
    assert_eq!(conform(&format!("--only {only}"), &format!("record {}", log.to_str().unwrap())).0, Some(0));
    let log = fs::read_to_string(log).unwrap();
    log.lines().filter_map(|line| line.strip_prefix("> ").map(str::to_owned)).collect()
}

pub(crate) fn shows_requests() {
    let line = request(EXPIRED, &format!("code {EXPIRED}"));
    assert!(sent("request", EXPIRED).contains(&line), "{line}");
    // Sent again by hand, without a hello, it has the same answer.
    let answer = cretula("adapter").stdin(format!("{line}\n")).text();
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["error"], "expired");
    // An adapter that gives no answer was asked all the same.
    assert_eq!(request(EXPIRED, &format!("crash {EXPIRED}")), line);

    // Of several requests, the one that failed: the first, the second, the third.
    let seal = "seal/ok/basic";
    let lines = sent("requests", seal);
    for (mode, id) in [("ignore-fixed", seal), ("own-payload", "seal/ok/basic#2"), ("repeat salt", "seal/ok/basic#3")] {
        let line = request(seal, mode);
        assert!(lines.contains(&line) && line.contains(&format!("\"id\":\"{id}\"")), "{mode}: {line}");
    }

    // A long line is whole.
    let line = request("cookie/write/size/large-4097", "ids");
    assert!(line.len() > 1000 && line.ends_with('}'), "{line}");
}

pub(crate) fn shows_the_call_of_many() {
    let line = request("accumulated/verify", "code accumulated/verify/12");
    let request: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&request["id"], &request["op"]), (&"accumulated/verify/12".into(), &"verify".into()));
}

/// A DEL in a token: in the document as it was sent, on a terminal as JSON escapes it.
pub(crate) fn escapes_requests() {
    let id = "unseal/encoding/middle-delete";
    let (_, document) = conform(&format!("--only {id}"), &format!("accept {id}"));
    let line = document["not_right"][0]["request"].as_str().unwrap();
    assert!(line.contains('\u{7f}'), "{line}");
    let (_, text) = people(&format!("--only {id}"), &format!("accept {id}"));
    let shown = text.lines().find_map(|line| line.strip_prefix("  request   ")).unwrap();
    assert!(!text.contains('\u{7f}') && shown.contains("\\u007f"), "{text}");
    let value = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    assert_eq!(value(shown), value(line));
}

pub(crate) fn wants_no_class_skipped() {
    let (status, document) = conform("--class sealer --class unsealer --quick", "skip seal/");
    assert_eq!((status, &document["holds"]), (Some(1), &false.into()));
    let all = count(&document, "sealer", "vectors");
    assert_eq!((count(&document, "sealer", "skipped"), &document["not_right"]), (all, &serde_json::json!([])));
    let (status, text) = people("--class sealer --class unsealer --quick", "skip seal/");
    assert_eq!(status, Some(1));
    assert!(text.contains(&format!("\nskipped all {all} vectors of sealer\n")), "{text}");
    assert!(!text.contains(" vectors of unsealer\n") && text.contains("\ndoes not conform  "), "{text}");

    // All but one of them, and those of no class, are as good as right.
    let (status, document) = conform("--class verifier --quick", "skip derive/");
    assert_eq!((status, &document["holds"]), (Some(0), &true.into()));
    assert_eq!(count(&document, "derivation", "skipped"), count(&document, "derivation", "vectors"));
    let (status, text) = people("--class keyring", "skip keyring/ring/");
    assert_eq!(status, Some(0), "{text}");
    let skipped = text.lines().find(|line| line.starts_with("skipped ")).unwrap();
    let many: usize = skipped.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(many > 1, "{skipped}");
    let tail = format!(" and {} more: no such \\u{{1b}}type", many - 1);
    assert!(skipped.starts_with(&format!("skipped {many}  keyring/ring/")) && skipped.ends_with(&tail), "{skipped}");
    assert!(text.ends_with(&format!(" vectors of keyring, {many} of them skipped\n")), "{text}");
    assert!(text.contains("\nconforms  "), "{text}");

    // A part of a class that is skipped decides nothing, and is not called right.
    let (status, text) = people(&format!("--only {EXPIRED}"), &format!("skip {EXPIRED}"));
    assert!(status == Some(0) && text.contains("\nskipped as far as asked  1 of "), "{text}");
}

pub(crate) fn has_no_rows_of_zeros() {
    let (_, text) = people("--only unseal/ok/basic --only keyring/key-text/ok", "none");
    let table = text.split("\n\n").nth(1).unwrap();
    let rows: Vec<_> = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(rows[0], ["class", "right", "of"], "{text}");
    let names: Vec<_> = rows[1..].iter().map(|row| (row[0], row[1])).collect();
    assert_eq!(names, [("unsealer", "1"), ("keyring", "1")], "{text}");
    // What `--quick` leaves out is missing.
    let (_, text) = people("--quick --class signer", "none");
    assert!(text.contains("\naccumulated      0   1\n"), "{text}");
}

/// The first answer takes longer than a line is due; a run that is shorter writes none.
pub(crate) fn tells_progress() {
    let done = call(&format!("--timeout 11 --only unseal/ok/basic --only {EXPIRED}"), "hang unseal/ok/basic").run();
    assert_eq!((done.status, done.stderr.as_str()), (Some(1), "progress: unsealer, 1 of 2 calls\n"));
    let done = call(&format!("--only unseal/ok/basic --only {EXPIRED}"), "none").run();
    assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""));
}

#[track_caller]
fn fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{} characters: {line}", line.chars().count());
    }
}

pub(crate) fn fits_a_terminal() {
    let only = "derive/ok/ unseal/ok/basic unseal/expired/at-second keyring/key-text/empty cookie/setup/name/empty \
        verify/ok/basic sign/ok/basic session/run/new/untouched";
    let only: Vec<_> = only.split_whitespace().map(|id| format!("--only {id}")).collect();
    let (_, text) = people(&format!("--timeout 3 {}", only.join(" ")), "ways");
    let table = text.split("\n\n").nth(1).unwrap();
    fits(table);
    let heads: Vec<_> = table.lines().take(2).flat_map(str::split_whitespace).collect();
    let expected =
        ["wrong", "wrong", "class", "right", "code", "value", "accepted", "crashed", "hung", "skipped", "of"];
    assert_eq!(heads, expected, "{table}");
    let rows: Vec<Vec<_>> = table.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
    let unsealer = rows.iter().find(|row| row[0] == "unsealer").unwrap();
    assert_eq!(unsealer[1..8], ["0", "1", "1", "0", "0", "0", "0"], "{table}");
    assert_eq!(rows.len(), 7, "{table}");

    let names = ["rust", "javascript", "python", "go", "java"];
    let lines = names.map(|name| {
        let words = faulty(&format!("named cretula-{name}"));
        shlex::try_join(words.iter().map(String::as_str)).unwrap()
    });
    let text = cretula("conform matrix --timeout 30").args(lines.iter().map(String::as_str)).text();
    fits(&text);
    let rows: Vec<_> = text.lines().collect();
    assert_eq!(rows.len(), 6, "{text}");
    assert_eq!(rows[0], "made by                     1        2        3        4        5");
    assert_eq!(rows[2], "2 cretula-javascript    34/34    34/34    34/34    34/34    34/34");
}
