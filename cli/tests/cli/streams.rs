//! Standard streams that are closed, full or gone.
#![cfg(unix)]

use std::{
    fs::OpenOptions,
    io,
    process::{Command, Stdio},
};

use crate::support::{AT, BINARY, Call, cretula, keygen, make, open};

/// One call of every command that writes.
fn calls() -> Vec<(Call, Vec<u8>)> {
    let keys = keygen();
    let (sealed, signed) = (make("seal", &keys, "p"), make("sign", &keys, "p"));
    let with = |call: Call, stdin: &str| (call, stdin.as_bytes().to_vec());
    vec![
        with(cretula("keygen"), ""),
        with(cretula("keygen --document"), ""),
        with(cretula("seal --ttl 9").args(AT).keys(&keys), "p"),
        with(cretula("sign --ttl 9").args(AT).keys(&keys), "p"),
        with(open("unseal", &keys, ""), &sealed),
        with(open("verify", &keys, ""), &signed),
        with(cretula("inspect"), &sealed),
        with(cretula("inspect --json"), &signed),
        with(cretula("keyring check -"), &keys),
        with(cretula("keyring check - --json"), &keys),
        with(cretula("completions bash"), ""),
        with(cretula("--help"), ""),
        with(cretula("--version"), ""),
    ]
}

/// Runs with the given standard output; returns exit status and standard error.
fn run(mut call: Call, stdin: &[u8], stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let (reader, mut writer) = io::pipe().unwrap();
    io::Write::write_all(&mut writer, stdin).unwrap();
    drop(writer);
    let output = call.command.stdin(reader).stdout(stdout).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn ends_quietly_where_the_reader_is_gone() {
    for (call, stdin) in calls() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        assert_eq!(run(call, &stdin, writer), (Some(1), String::new()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn tells_of_a_full_device() {
    for (call, stdin) in calls() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let words = "cretula: io: standard output: No space left on device (os error 28)\n";
        assert_eq!(run(call, &stdin, full), (Some(1), words.to_owned()));
    }
}

/// Before `main` the standard library opens `/dev/null` for streams that are closed (it would be unsafe not to), so a
/// closed standard output swallows all, as `/dev/null` does: status 0. What matters is that nothing else happens.
#[test]
fn survives_closed_streams() {
    for closed in [">&-", "<&-", "2>&-", "<&- >&- 2>&-"] {
        for command in ["keygen", "--help", "seal --audience a --purpose p --ttl 9"] {
            let script = format!("exec \"$0\" {command} {closed}");
            let mut shell = Command::new("sh");
            let output = shell.args(["-c", &script, BINARY]).env("CRETULA_KEYS", keygen()).output().unwrap();
            assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{script}");
            assert_eq!(output.stdout.is_empty(), closed.contains(">&-") && closed != "2>&-", "{script}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn notices_lost_claims() {
    let keys = keygen();
    let token = make("seal", &keys, "p");
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (claims, status) in [(&[][..], 0), (&["--claims"], 1)] {
        let mut call = open("unseal", &keys, "").args(claims.iter().copied());
        let (reader, mut writer) = io::pipe().unwrap();
        io::Write::write_all(&mut writer, token.as_bytes()).unwrap();
        drop(writer);
        let output = call.command.stdin(reader).stderr(full()).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(status), &b"p"[..]));
    }
    // A refusal that cannot be told is still one.
    let mut call = open("verify", &keys, "");
    assert_eq!(call.command.stdin(Stdio::null()).stderr(full()).output().unwrap().status.code(), Some(1));
}

#[test]
fn tells_errors_of_standard_input() {
    let mut call = cretula("inspect");
    let output = call.command.stdin(std::fs::File::open("/").unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stderr, b"cretula: io: standard input: Is a directory (os error 21)\n");
}

/// Whoever forgot to give a payload is not left before a silent terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_told_what_is_waited_for() {
    let line = format!("{BINARY} sign --audience a --purpose p --ttl 9");
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("CRETULA_KEYS", keygen());
    let output = script.stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("cretula: reading the payload from the terminal; Ctrl-D"), "{shown}");
    assert!(shown.contains("CrS1"), "{shown}");
}
