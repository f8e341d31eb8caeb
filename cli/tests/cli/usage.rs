//! Wrong usage, help, completions.

use crate::support::{AT, cretula, keygen};

const ALL: [&str; 4] = ["seal --ttl 60", "sign --ttl 60", "unseal", "verify"];

#[test]
fn wants_a_command() {
    assert_eq!(cretula("").run().status, Some(2));
    assert_eq!(cretula("keyring").run().status, Some(2));
    cretula("open").wrong("unrecognized subcommand 'open'");
    cretula("inspect --token x").wrong("unexpected argument '--token' found");
}

#[test]
fn wants_a_context_and_a_ttl() {
    for command in ALL {
        for args in [&AT[..2], &AT[2..], &[]] {
            let call = cretula(command).args(args.iter().copied()).keys(&keygen());
            call.wrong("the following required arguments were not provided:");
        }
    }
    cretula("seal").args(AT).wrong("the following required arguments were not provided:");
}

#[test]
fn wants_a_keyring() {
    for command in ALL {
        let none = "no keyring: set the variable CRETULA_KEYS or give --keyring FILE";
        cretula(command).args(AT).wrong(none);
        let stdin = "--keyring - : standard input holds the payload or the token";
        cretula(command).args(AT).args(["--keyring", "-"]).keys(&keygen()).wrong(stdin);
    }
    cretula("keyring check").wrong("the following required arguments were not provided:");
}

/// [TIME-01]: by code, never clamped.
#[test]
fn names_values_out_of_range() {
    let keys = keygen();
    let huge = "9".repeat(60);
    let minus = format!("-{huge}");
    let ranges = [
        ("--limit", vec!["0", "-1", "16777217", &huge, &minus], "limit_range: limit is 1 to 16777216 octets"),
        ("--leeway", vec!["-1", "301", &huge, &minus], "leeway_range: leeway is 0 to 300 seconds"),
        ("--max-age", vec!["0", "-1", "34560001", &huge], "max_age_range: max_age is 1 to 34560000 seconds"),
        (
            "--now",
            vec!["-1", "281474976710656", &huge, &minus],
            "clock_range: time is 0 to 2^48 - 1 seconds since the Unix epoch",
        ),
        ("--ttl", vec!["0", "-1", "34560001", "4294967297", &huge], "ttl_range: ttl is 1 to 34560000 seconds"),
        ("--longest-ttl", vec!["0", "34560001"], "ttl_range: ttl is 1 to 34560000 seconds"),
    ];
    let commands = [
        ("seal", &["--limit", "--now", "--ttl"][..]),
        ("sign", &["--limit", "--now", "--ttl"]),
        ("unseal", &["--limit", "--leeway", "--max-age", "--now"]),
        ("verify", &["--limit", "--leeway", "--max-age", "--now"]),
        ("inspect", &["--limit"]),
        ("keyring check -", &["--leeway", "--now", "--longest-ttl"]),
    ];
    for (command, options) in commands {
        for (option, values, words) in &ranges {
            for value in values.iter().filter(|_| options.contains(option)) {
                let mut call = cretula(command).args([*option, *value]).keys(&keys);
                if ["seal", "sign", "unseal", "verify"].contains(&command) {
                    call = call.args(AT);
                }
                if ["seal", "sign"].contains(&command) && *option != "--ttl" {
                    call = call.args(["--ttl", "60"]);
                }
                call.wrong(words);
            }
        }
    }
    cretula("keyring check - --reload-grace -1").wrong("unexpected argument '-1' found");
    for value in ["1.5", "", "x", "1e3", " 1", "1h30m"] {
        let words = format!(
            "invalid value '{value}' for '--ttl <SECONDS>': not a whole number of seconds, nor one with s, m, h or d after it"
        );
        let call = cretula("seal").args(AT).args([format!("--ttl={value}").as_str()]).keys(&keys);
        call.wrong(&words);
    }
}

/// [TIME-01]: of several, the first of the specification's order, whatever the order of the arguments.
#[test]
fn names_the_first_value_out_of_range() {
    let keys = keygen();
    let bad = [["--now", "-1"], ["--max-age", "0"], ["--leeway", "301"], ["--limit", "0"]];
    let codes = ["clock_range", "max_age_range", "leeway_range", "limit_range"];
    for (count, code) in codes.into_iter().enumerate() {
        for command in ["unseal", "verify"] {
            let done = cretula(command).args(AT).args(bad[..=count].concat()).keys(&keys).run();
            assert!(done.stderr.starts_with(&format!("error: {code}: ")), "{}", done.stderr);
        }
    }
    for command in ["seal", "sign"] {
        let done = cretula(command).args(AT).args(["--ttl", "0", "--now", "-1"]).keys(&keys).run();
        assert!(done.stderr.starts_with("error: clock_range: "), "{}", done.stderr);
    }
}

#[test]
fn names_contexts_out_of_range() {
    let keys = keygen();
    let (most, over) = ("a".repeat(255), "a".repeat(256));
    let words = "context_invalid: audience and purpose are each 1 to 255 bytes of visible ASCII";
    for command in ALL {
        for bad in ["", "a b", "é", "a\n", "\x7f", &over] {
            cretula(command).args(["--audience", bad, "--purpose", "p"]).keys(&keys).wrong(words);
            cretula(command).args(["--audience", "a", "--purpose", bad]).keys(&keys).wrong(words);
        }
    }
    cretula("sign --ttl 1").args(["--audience", &most, "--purpose", &most]).keys(&keys).ok();
}

#[cfg(unix)]
#[test]
fn names_contexts_that_are_no_text() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let mut call = cretula("seal --ttl 1 --purpose p --audience").keys(&keygen());
    call.command.arg(OsStr::from_bytes(b"\xff"));
    call.wrong("context_invalid: audience and purpose are each 1 to 255 bytes of visible ASCII");
}

/// A key given as an argument by mistake does not come back in the error; `run` looks for it too.
#[test]
fn keeps_misplaced_keys_to_itself() {
    let key = keygen();
    let misplaced = [
        vec!["seal", &key],
        vec!["seal", "--ttl", &key],
        vec!["keygen", &key],
        vec![&key],
        vec!["unseal", "--audience", "a", "--purpose", "p", "--keyring", &key],
        vec!["keyring", "check", &key],
    ];
    for args in misplaced {
        let done = cretula("").args(args).env("CLICOLOR_FORCE", "1").run();
        assert!(matches!(done.status, Some(1 | 2)) && done.stdout.is_empty());
        assert!(done.stderr.contains("(key)") && !done.stderr.contains(&key[13..40]), "{}", done.stderr);
    }
}

#[test]
fn helps() {
    let short = cretula("-h").text();
    assert!(short.contains("Usage: cretula <COMMAND>") && !short.contains("Examples:"));
    assert!(cretula("--help").text().contains("Exit status:"));
    assert_eq!(cretula("--version").text(), format!("cretula {}\n", env!("CARGO_PKG_VERSION")));
    // The help shows no value of the environment.
    let key = keygen();
    for command in ["--help", "help seal", "unseal --help"] {
        assert!(!cretula(command).keys(&key).text().contains(&key[13..77]));
    }
}

#[test]
fn completes() {
    for (shell, sign) in [
        ("bash", "_cretula()"),
        ("zsh", "#compdef cretula"),
        ("fish", "complete -c cretula"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = cretula("completions").args([shell]).text();
        assert!(script.contains(sign) && script.contains("max-age") && script.contains("deny-warnings"), "{shell}");
        assert!(script.contains("statement") && script.contains("matrix"), "{shell}");
    }
    cretula("completions tcsh").wrong("invalid value 'tcsh' for '<SHELL>'");
}

/// Seconds may have a unit.
#[test]
fn takes_durations() {
    let keys = keygen();
    for (ttl, seconds) in [("90", 90), ("90s", 90), ("30m", 1_800), ("24h", 86_400), ("7d", 604_800)] {
        let sealed = cretula("sign --now 1790000000 --ttl").args([ttl]).args(AT).keys(&keys).stdin("p").text();
        let shown = cretula("inspect --json").stdin(sealed).json();
        assert_eq!(shown["unverified"]["ttl"], seconds, "{ttl}");
    }
    cretula("seal --ttl 401d").args(AT).keys(&keys).wrong("ttl_range: ttl is 1 to 34560000 seconds");
    let report = cretula("keyring check - --json --longest-ttl 24h --reload-grace 5m --leeway 1m").stdin(&keys).json();
    assert_eq!((&report["longest_ttl"], &report["reload_grace"]), (&86_400.into(), &300.into()));
}
