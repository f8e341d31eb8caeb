//! `cretula conform` and `cretula adapter`, from outside.
//!
//! This program is its own faulty adapter: called with `faulty` it stands before the Rust adapter and spoils its lines.
//! So it has a main function of its own, and its tests a list.

mod differ;
mod faulty;
mod matrix;
mod options;
mod outcomes;
mod own;
mod protocol;
mod start;
#[path = "../cli/support.rs"]
#[expect(dead_code, reason = "the other tests of the command use the rest")]
mod support;
mod told;
mod vectors;

use std::{
    env,
    process::{ExitCode, Termination as _},
};

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

use support::cretula;

/// Makes trials of functions, named by their paths.
macro_rules! trials {
    ($($module:ident: $($name:ident),*;)*) => {
        vec![$($(Trial::test(concat!(stringify!($module), "::", stringify!($name)), || {
            $module::$name();
            Ok(())
        })),*),*]
    };
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [word, mode @ ..] = args.as_slice()
        && word == "faulty"
    {
        return faulty::run(mode).report();
    }
    let trials = trials! {
        outcomes: tells_right, tells_wrong_codes, tells_wrong_values, tells_accepted, tells_crashed, tells_no_answers,
            tells_hung, tells_skipped, goes_on_after_a_crash;
        own: wants_new_random_values, opens_what_comes, compares_lines, wants_fixed_values_used, runs_without_fixed_values;
        start: wants_a_hello, wants_a_program, gives_up, wants_the_same_hello, notes_a_bad_end, survives_a_silent_adapter;
        options: runs_classes, passes_the_suite, runs_only, is_quick, tells_people, shows_few_failures, writes_statements, is_used_rightly;
        told: shows_requests, shows_the_call_of_many, escapes_requests, wants_no_class_skipped, has_no_rows_of_zeros,
            tells_progress, fits_a_terminal;
        vectors: takes_a_folder, refuses_folders, fails_nothing_for_should;
        differ: finds_nothing, reaches_codes, makes_the_same_cases, finds_faults, leaves_out, is_used_rightly;
        matrix: fills_every_cell, names_the_cell, leaves_out_classes, splits_command_lines;
        protocol: holds_the_conversation, knows_no_other_messages, runs_the_accumulated;
    };
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Returns the words that call this program as a faulty adapter.
fn faulty(mode: &str) -> Vec<String> {
    let program = env::current_exe().unwrap().into_os_string().into_string().unwrap();
    let words = mode.split_whitespace().map(str::to_owned);
    [program, "faulty".to_owned()].into_iter().chain(words).collect()
}

/// Calls `cretula conform` with options and an adapter that is faulty in a way.
fn call(options: &str, mode: &str) -> support::Call {
    let words = faulty(mode);
    cretula(&format!("conform {options} --")).args(words.iter().map(String::as_str))
}

/// Runs with `--json`, and returns the exit status and the document.
#[track_caller]
fn conform(options: &str, mode: &str) -> (Option<i32>, Value) {
    let done = call(&format!("--json {options}"), mode).run();
    // Where the machine is slow, lines of progress come.
    assert!(done.stderr.lines().all(|line| line.starts_with("progress: ")), "{}", done.stderr);
    (done.status, serde_json::from_slice(&done.stdout).unwrap())
}

/// Returns the seconds to wait for an adapter: few for one that hangs, and enough for any other on a busy machine.
fn patience(mode: &str) -> u32 {
    if mode.starts_with("hang") { 2 } else { 30 }
}

/// Runs one vector that is not right; returns its outcome, what was expected and what came.
#[track_caller]
fn wrong(id: &str, mode: &str) -> (String, String, String) {
    let (status, document) = conform(&format!("--timeout {} --only {id}", patience(mode)), mode);
    assert_eq!((status, &document["holds"]), (Some(1), &Value::Bool(false)), "{document}");
    let wrong = document["not_right"].as_array().unwrap();
    assert_eq!((wrong.len(), wrong[0]["id"].as_str()), (1, Some(id)), "{document}");
    let word = |name: &str| wrong[0][name].as_str().unwrap().to_owned();
    (word("outcome"), word("expected"), word("got"))
}

/// Returns the count of an outcome in a line of the table.
#[track_caller]
fn count(document: &Value, class: &str, outcome: &str) -> u64 {
    let rows = document["counts"].as_array().unwrap();
    let row = rows.iter().find(|row| row["class"] == class).unwrap_or_else(|| panic!("{class} in {document}"));
    row[outcome].as_u64().unwrap()
}
