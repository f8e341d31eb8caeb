//! `cretula conform matrix`.

use serde_json::{Value, json};

use crate::{
    cretula, faulty, patience,
    support::{BINARY, Call, Done},
};

/// The command line of an adapter, as one word.
fn line(mode: &str) -> String {
    let words = if mode == "good" { vec![BINARY.to_owned(), "adapter".to_owned()] } else { faulty(mode) };
    shlex::try_join(words.iter().map(String::as_str)).unwrap()
}

fn call(options: &str, modes: &[&str]) -> Call {
    let lines: Vec<String> = modes.iter().map(|mode| line(mode)).collect();
    let timeout = modes.iter().map(|mode| patience(mode)).min().unwrap_or_default();
    cretula(&format!("conform matrix --timeout {timeout} {options}")).args(lines.iter().map(String::as_str))
}

fn matrix(modes: &[&str]) -> (Option<i32>, Value) {
    let Done { status, stdout, stderr } = call("--json", modes).run();
    assert_eq!(stderr, "");
    (status, serde_json::from_slice(&stdout).unwrap())
}

fn cell(document: &Value, maker: usize, opener: usize) -> (u64, u64) {
    let cell = &document["cells"][maker][opener];
    (cell["right"].as_u64().unwrap(), cell["of"].as_u64().unwrap())
}

pub(crate) fn fills_every_cell() {
    let (status, document) = matrix(&["good", "unfixed", "named other"]);
    assert_eq!((status, &document["full"], &document["failures"]), (Some(0), &true.into(), &json!([])), "{document}");
    for (maker, opener) in (0..3).flat_map(|maker| (0..3).map(move |opener| (maker, opener))) {
        assert_eq!(cell(&document, maker, opener), (34, 34));
    }
    let text = String::from_utf8(call("", &["good", "good", "named other"]).ok()).unwrap();
    let rows = [
        "made by           cretula-rust  cretula-rust (2)    other\n",
        "cretula-rust             34/34             34/34    34/34\n",
        "cretula-rust (2)         34/34             34/34    34/34\n",
        "other                    34/34             34/34    34/34\n",
    ];
    assert_eq!(text, rows.concat());
}

pub(crate) fn names_the_cell() {
    // An opener's fault concerns its column, a maker's its row.
    let (status, document) = matrix(&["good", "value open/sealed/utf-8"]);
    assert_eq!((status, &document["full"]), (Some(1), &false.into()));
    let cells = [cell(&document, 0, 0), cell(&document, 0, 1), cell(&document, 1, 0), cell(&document, 1, 1)];
    assert_eq!(cells, [(34, 34), (33, 34), (34, 34), (33, 34)]);
    let failed = &document["failures"][0];
    assert_eq!((&failed["maker"], &failed["opener"], &failed["case"]), (&0.into(), &1.into(), &"sealed/utf-8".into()));
    assert!(failed["words"].as_str().unwrap().ends_with("; got payload \"00\""), "{failed}");

    let done = call("", &["good", "own-payload"]).run();
    let text = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status, Some(1));
    let words =
        "\nsealed/payload-0 made by cretula-rust (2), opened by cretula-rust\n  not made: it holds something else: ";
    assert!(text.contains(words) && text.contains("\ncretula-rust (2)         19/34             19/34\n"), "{text}");

    for (mode, words) in [
        ("crash open/signed/utf-8", "crashed: ended: "),
        ("hang open/signed/utf-8", "hung: no answer within 2 s"),
        ("skip open/signed/utf-8", "skipped: no such "),
        ("code open/signed/utf-8", "error encoding"),
        ("code make/signed/utf-8", "not made: error encoding"),
        ("value make/signed/utf-8", "not made: this command's own library does not open it: not_a_token"),
        ("no-outcome make/signed/utf-8", "not made: crashed: a line without exactly one of "),
    ] {
        let (status, document) = matrix(&[mode]);
        let failed = document["failures"].as_array().unwrap();
        assert_eq!(
            (status, failed.len(), &failed[0]["case"]),
            (Some(1), 1, &"signed/utf-8".into()),
            "{mode}: {document}"
        );
        assert!(failed[0]["words"].as_str().unwrap().starts_with(words), "{mode}: {}", failed[0]);
    }
}

pub(crate) fn leaves_out_classes() {
    let (status, document) = matrix(&["good", "classes unsealer,signer"]);
    assert_eq!((status, &document["full"]), (Some(0), &true.into()));
    let cells = [cell(&document, 0, 0), cell(&document, 0, 1), cell(&document, 1, 0), cell(&document, 1, 1)];
    assert_eq!(cells, [(34, 34), (15, 15), (15, 15), (0, 0)]);
    // Nothing that anyone could open is no success.
    assert_eq!(matrix(&["classes unsealer"]).0, Some(1));
}

pub(crate) fn splits_command_lines() {
    let done = cretula("conform matrix").args(["'cretula"]).run();
    assert_eq!(done.status, Some(2));
    assert!(done.stderr.starts_with("error: \"'cretula\" is no command line: "), "{}", done.stderr);
    assert_eq!(cretula("conform matrix").args([""]).run().status, Some(2));
    cretula("conform matrix").wrong("the following required arguments were not provided:");
    let done = cretula("conform matrix").args(["cretula-no-such-program"]).run();
    assert!(done.stderr.starts_with("cretula: io: adapter: cretula-no-such-program: "), "{}", done.stderr);
}
