//! Runs the examples of the help and of README.md: `$` begins a command, `>` continues it, what follows is what it
//! prints, `…` is anything within a line.
#![cfg(unix)]

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{BINARY, cretula, directory};

#[test]
fn runs_the_examples_of_the_help() {
    let commands = [
        "",
        "keygen",
        "seal",
        "unseal",
        "sign",
        "verify",
        "inspect",
        "keyring check",
        "conform",
        "conform matrix",
        "adapter",
        "completions",
    ];
    for command in commands {
        let help = cretula(command).args(["--help"]).text();
        let (_, examples) = help.split_once("Examples:\n").expect(command);
        run(&format!("help {command}").replace(' ', "-"), examples);
    }
}

#[test]
fn runs_the_readme() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks: Vec<_> = readme.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 4);
    run("readme", &blocks.concat());
}

fn run(name: &str, session: &str) {
    let mut steps: Vec<(String, Vec<&str>)> = Vec::new();
    for line in session.lines() {
        let line = line.strip_prefix("  ").filter(|_| session.starts_with("  ")).unwrap_or(line);
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push((command.to_owned(), Vec::new()));
        } else if let Some(more) = line.strip_prefix("> ") {
            let (command, _) = steps.last_mut().unwrap();
            command.push('\n');
            command.push_str(more);
        } else {
            steps.last_mut().expect("a command first").1.push(line);
        }
    }
    assert!(!steps.is_empty());

    let script: String = steps.iter().map(|(command, _)| format!("{command}\necho '@@'\n")).collect();
    let directory = directory(name);
    let path = env::join_paths(
        [Path::new(BINARY).parent().unwrap().to_owned()]
            .into_iter()
            .chain(env::split_paths(&env::var_os("PATH").unwrap())),
    );
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .current_dir(&directory)
        .env("HOME", &directory)
        .env("PATH", path.unwrap())
        .env_remove("CRETULA_KEYS")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut printed = printed.split("@@\n");
    for (command, expected) in steps {
        // Where the machine is slow, lines of progress come.
        let printed = printed.next().unwrap().lines().filter(|line| !line.starts_with("progress: "));
        let printed: Vec<_> = printed.collect();
        let same = printed.len() == expected.len()
            && expected.iter().zip(&printed).all(|(pattern, line)| matches(pattern, line));
        assert!(same, "$ {command}\nexpected {expected:#?}\nprinted {printed:#?}");
    }
}

fn matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn compares_with_gaps() {
    assert!(matches("a…c", "abc") && matches("…", "") && matches("a", "a") && matches("a…b…c", "a1b2c"));
    assert!(!matches("a…c", "ab") && !matches("a", "ab") && !matches("a…b…c", "ac"));
}

#[test]
fn runs_the_guide_to_rotation() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../guides/rotation.md")).unwrap();
    let blocks: Vec<_> = guide.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 4);
    run("rotation", &blocks.concat());
}
