//! Counts instructions with valgrind: unlike times they do not drift.

use std::{env, process::Command};

use crate::{cases, measure::Case, requests};

/// The word on the command line by which the report calls itself under valgrind.
pub const WORD: &str = "count";
const SIZE: usize = 256;
const CALLS: u32 = 1000;

struct Row {
    call: &'static str,
    ours: &'static str,
    peer: &'static str,
    cases: fn() -> Vec<Case<'static>>,
}

const ROWS: [Row; 4] = [
    Row { call: "seal", ours: "Cretula sealed", peer: "cookie PrivateJar", cases: || cases::seal(SIZE) },
    Row { call: "unseal", ours: "Cretula sealed", peer: "cookie PrivateJar", cases: || cases::unseal(SIZE) },
    Row {
        call: "a request that only reads",
        ours: "Cretula",
        peer: "cookie PrivateJar, serde_json",
        cases: || requests::request(SIZE, false),
    },
    Row {
        call: "a request with a change",
        ours: "Cretula",
        peer: "cookie PrivateJar, serde_json",
        cases: || requests::request(SIZE, true),
    },
];

/// Instructions of one call.
pub struct Count {
    pub call: &'static str,
    pub ours: u64,
    pub peer: u64,
}

/// `None` without valgrind, or if it fails.
pub fn measure() -> Option<Vec<Count>> {
    let count = |row: &Row| {
        let (ours, peer) = (per_call(row.call, row.ours)?, per_call(row.call, row.peer)?);
        Some(Count { call: row.call, ours, peer })
    };
    ROWS.iter().map(count).collect()
}

/// What is counted: makes everything ready, and calls so many times.
pub fn run(call: &str, name: &str, calls: u32) {
    let row = ROWS.iter().find(|row| row.call == call).expect("a call");
    let mut case = (row.cases)().into_iter().find(|case| case.name == name).expect("a case");
    case.calls(calls);
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
