//! Counts instructions with valgrind: unlike times they do not drift.

use std::{env, process::Command};

use crate::cases;

/// The word on the command line by which the report calls itself under valgrind.
pub const WORD: &str = "count";
const SIZE: usize = 256;
const CALLS: u32 = 1000;

/// A call of `cases::of`, and the peer's case.
const ROWS: [(&str, &str); 4] = [
    ("seal", "cookie PrivateJar"),
    ("unseal", "cookie PrivateJar"),
    ("a request that only reads", "cookie PrivateJar, serde_json"),
    ("a request with a change", "cookie PrivateJar, serde_json"),
];

/// Instructions of one call.
pub struct Count {
    pub call: &'static str,
    pub ours: u64,
    pub peer: u64,
}

/// `None` without valgrind, or if it fails.
pub fn measure() -> Option<Vec<Count>> {
    let count = |(call, peer): &(&'static str, &str)| {
        let ours = cases::of(call, SIZE).swap_remove(0).name;
        Some(Count { call, ours: per_call(call, &ours)?, peer: per_call(call, peer)? })
    };
    ROWS.iter().map(count).collect()
}

/// What is counted: makes everything ready, and calls so many times.
pub fn run(call: &str, name: &str, calls: u32) {
    let mut case = cases::of(call, SIZE).into_iter().find(|case| case.name == name).expect("a case");
    case.time(calls);
}

/// The difference of two runs: what comes before and after the calls is in both.
fn per_call(call: &str, name: &str) -> Option<u64> {
    Some((count(call, name, 2 * CALLS)? - count(call, name, CALLS)?) / u64::from(CALLS))
}

fn count(call: &str, name: &str, calls: u32) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(env::current_exe().ok()?);
    let output = valgrind.args([WORD, call, name, &calls.to_string()]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}
