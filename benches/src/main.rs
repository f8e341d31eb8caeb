//! Cretula beside what a Rust user would pick instead, in one run. Writes REPORT.md and its charts beside it.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml`; with `--quick`, one round, and nothing is written.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is wrong")]

mod cases;
mod measure;
mod report;

use std::{env, fs, path::Path};

use measure::{Case, Cost, measure};

/// Payload sizes, in bytes.
const SIZES: [usize; 4] = [64, 256, 1024, 3000];
/// Sizes of a note in a session: 3000 would not fit a cookie.
const NOTES: [usize; 4] = [64, 256, 1024, 2500];

type Make<'m> = &'m dyn Fn(usize) -> Vec<Case<'static>>;

fn main() {
    let quick = env::args().any(|arg| arg == "--quick");
    let rounds = if quick { 1 } else { 41 };
    // All sizes of a kind of call take turns, too.
    let all = |sizes: [usize; 4], make: Make| -> Vec<(usize, Vec<Cost>)> {
        let made = sizes.map(make);
        let each = made[0].len();
        let mut costs = measure(made.into_iter().flatten().collect(), rounds).into_iter();
        sizes.map(|size| (size, costs.by_ref().take(each).collect())).into()
    };
    let mut report = report::Report::new(rounds);
    report.sizes("seal", "Seal", "Text in, token out, for 30 minutes.", "cookie PrivateJar", &all(SIZES, &cases::seal));
    report.sizes(
        "unseal",
        "Unseal",
        "Token in, text out. Each of 64 tokens in turn, so no subkey is met twice in a row.",
        "cookie PrivateJar",
        &all(SIZES, &cases::unseal),
    );
    let peer = "cookie PrivateJar, serde_json";
    let words =
        "From the raw Cookie field with three cookies to the application's type, and to what the response carries.";
    report.sizes(
        "request-read",
        "A request that only reads",
        words,
        peer,
        &all(NOTES, &|size| cases::request(size, false)),
    );
    report.sizes(
        "request-change",
        "A request with a change",
        words,
        peer,
        &all(NOTES, &|size| cases::request(size, true)),
    );
    report.list("Refused tokens, 256 bytes", &measure(cases::rejects(), rounds));
    report.list("Accepted keys, unseal of 256 bytes", &measure(cases::keys(), rounds));
    report.list("Foreign cookies of 20 bytes beside the session's", &measure(cases::foreign(), rounds));
    if quick {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, chart) in &report.charts {
        fs::create_dir_all(folder.join("charts")).expect("a folder for the charts");
        fs::write(folder.join("charts").join(name), chart).expect("a chart");
    }
    fs::write(folder.join("REPORT.md"), report.text).expect("the report");
}
