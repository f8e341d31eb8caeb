//! Cretula beside what a Rust user would pick instead, in one run. Writes REPORT.md and its charts beside it.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml`: it builds itself again with the feature `aws-lc`. With `--quick`,
//! one round, and nothing is written; with `subkeys`, what a store of subkeys would save.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is wrong")]

mod actix;
mod aws_lc;
mod cases;
mod charts;
mod fleet;
mod growth;
mod instructions;
mod measure;
mod parts;
mod peers;
mod report;
mod requests;
mod store;
mod subkeys;
mod threads;
mod turns;

use std::{env, fs, path::Path};

use measure::{measure, measure_sizes};

/// Payload sizes, in bytes.
const SIZES: [usize; 4] = [64, 256, 1024, 3000];
/// Sizes of a note in a session: 3000 would not fit a cookie.
const NOTES: [usize; 4] = [64, 256, 1024, 2500];

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [instructions::WORD, call, name, calls] => {
            return instructions::run(call, name, calls.parse().expect("a number"));
        }
        [aws_lc::WORD, call, size] => return aws_lc::run(call, size.parse().expect("a number")),
        [subkeys::WORD] => return subkeys::run(41),
        _ => {}
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let rounds = if quick { 1 } else { 41 };
    let aws_lc = aws_lc::Build::new();
    let mut report = report::Report::new(rounds);
    let timed = |call| measure_sizes(&SIZES, |size| aws_lc.beside(call, size), rounds);
    let words = "Text in, token out, for 30 minutes.";
    report.sizes("seal", "Seal", words, "cookie PrivateJar", &timed("seal"));
    let words = "Token in, text out. Each of 64 tokens in turn, so no subkey is met twice in a row.";
    report.sizes("unseal", "Unseal", words, "cookie PrivateJar", &timed("unseal"));
    growth(&mut report, rounds);
    report.wire(&[0, 64, 256, 1024], peers::peers());
    requests(&mut report, &aws_lc, rounds);
    parts(&mut report, rounds);
    report.list("Refused tokens, 256 bytes", &measure(cases::rejects(), rounds));
    report.list("Accepted keys, unseal of 256 bytes", &measure(cases::keys(), rounds));
    report.list("Foreign cookies of 20 bytes beside the session's", &measure(requests::foreign(), rounds));
    report.list("Requests that are made to cost much", &measure(requests::hostile(), rounds));
    report.threads(&threads::measure(rounds, if quick { 1 } else { 20_000 }));
    if quick {
        return;
    }
    report.instructions(instructions::measure().as_deref());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, chart) in &report.charts {
        fs::create_dir_all(folder.join("charts")).expect("a folder for the charts");
        fs::write(folder.join("charts").join(name), chart).expect("a chart");
    }
    fs::write(folder.join("REPORT.md"), report.text.trim_end().to_owned() + "\n").expect("the report");
}

fn growth(report: &mut report::Report, rounds: usize) {
    report.section(
        "How cost grows",
        "The straight line with the least squares through all sizes: what a call takes with no text, and what each byte adds.",
    );
    let seal = measure_sizes(&growth::SIZES, |size| cases::seal_each(growth::chosen(), size), rounds);
    report.growth("growth-seal", "Seal", &seal);
    let unseal = measure_sizes(&growth::SIZES, |size| cases::unseal_each(growth::chosen(), size), rounds);
    report.growth("growth-unseal", "Unseal", &unseal);
}

fn parts(report: &mut report::Report, rounds: usize) {
    report.section("Where the time goes, 256 bytes", "");
    let words = "What the parts of a call take alone, by the same libraries. \"cipher\" is AES-256-GCM under a key that is set up. The\n\
                 thread's generator, from which the `cookie` crate draws, keeps randomness in memory; Cretula does not.";
    report.parts(words, ["seal", "unseal"], &parts::tokens(rounds));
    let words = "Of a request, with a note of 256 bytes in the session. \"unseal\" and \"seal\" are those of the session's token. The\n\
                 rest is the search of the Cookie field, the pass over the payload, the session and its rules, the Set-Cookie line,\n\
                 and wiping.";
    report.parts(words, ["read only", "with a change"], &parts::requests(rounds));
}

fn requests(report: &mut report::Report, aws_lc: &aws_lc::Build, rounds: usize) {
    let plain = "From the raw Cookie field with three cookies to the application's type, and to what the response carries. Cretula's\n\
                 session is a signed-on user's, whose generation is checked. \"Cretula, HeaderMap\" and axum-extra's jar begin with the\n\
                 request's headers and end with the response's. That jar seals the cookie again when it reads the headers, and opens\n\
                 it again when it is asked for it.";
    for (name, call) in [("read", "a request that only reads"), ("change", "a request with a change")] {
        let costs = measure_sizes(&NOTES, |size| aws_lc.beside(call, size), rounds);
        let title = call.replacen('a', "A", 1);
        report.sizes(&format!("request-{name}"), &title, plain, "cookie PrivateJar, serde_json", &costs);
    }
    let actix = "The same, through the middleware of actix-web: the making of the request and of an empty response is counted, a\n\
                 router or socket is not. The last line is what that takes without sessions: take it off the others.";
    for (name, does, changes) in [("read", "that only reads", false), ("change", "with a change", true)] {
        let costs = measure_sizes(&NOTES, |size| actix::request(size, changes), rounds);
        let title = format!("actix-web: a request {does}");
        report.sizes(&format!("actix-{name}"), &title, actix, "actix-session, cookie", &costs);
    }
}
