//! Adapters with which no run is possible.

use crate::{call, conform, cretula};

/// Status 1, nothing on standard output, and the words on standard error.
#[track_caller]
fn refused(options: &str, mode: &str, words: &str) {
    let done = call(options, mode).run();
    assert_eq!((done.status, done.stdout.as_slice()), (Some(1), &b""[..]), "{mode}");
    assert!(done.stderr.starts_with(&format!("cretula: io: adapter: {words}")), "{mode}: {}", done.stderr);
}

pub(crate) fn wants_a_hello() {
    refused("", "exit-at-hello", "no answer to hello: ended: ");
    let done = call("", "exit-at-hello").run();
    assert!(done.stderr.ends_with("\n  no luck \\u{1b}[31mtoday\n"), "{}", done.stderr);
    refused("--timeout 1", "hang-at-hello", "no answer to hello: no answer within 1 s");
    refused("", "protocol-1", "speaks version 1 of the protocol, this command version 2");
    refused("", "protocol-none", "its answer to hello names no version of the protocol: ");
    refused("", "no-json", "its answer to hello is not JSON: \"hello\"");
    refused("", "no-type", "its answer to hello is not of type hello: ");
    refused("", "no-classes", "its answer to hello claims no class: ");
    refused("", "odd-class", "its answer to hello is not as it should be (unknown variant `opener`");
    refused("", "no-name", "its answer to hello is not as it should be (missing field `name`");
}

pub(crate) fn wants_a_program() {
    let done = cretula("conform -- cretula-no-such-program").run();
    assert_eq!(done.status, Some(1));
    assert!(done.stderr.starts_with("cretula: io: adapter: cretula-no-such-program: "), "{}", done.stderr);
}

pub(crate) fn gives_up() {
    refused("--class unsealer", "crash unseal/", "broke off at its first request, 20 times in a row; at unseal/");
}

pub(crate) fn wants_the_same_hello() {
    let mode = "other-hello unseal/ok/basic";
    refused("--only unseal/ok/", mode, "its second hello says something else than the first");
}

pub(crate) fn notes_a_bad_end() {
    let (status, document) = conform("--only unseal/ok/basic", "bad-end");
    assert_eq!((status, &document["ended"]), (Some(0), &false.into()));
    let done = call("--only unseal/ok/basic", "bad-end").run();
    assert!(String::from_utf8(done.stdout).unwrap().contains("did not end with status 0 after bye"));
}

/// One that reads nothing more after its hello holds nobody up.
pub(crate) fn survives_a_silent_adapter() {
    let (status, document) = conform("--timeout 1 --only unseal/ok/basic", "deaf");
    assert_eq!((status, document["not_right"][0]["outcome"].as_str()), (Some(1), Some("hung")));
}
