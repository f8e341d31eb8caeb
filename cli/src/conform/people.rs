//! What came of a run, for people.

use std::{collections::BTreeMap, fmt::Write as _};

use anstyle::Style;
use cretula_conform::{Class, Counts, Level, NotRight, Outcome, Report, printable};

use crate::report::{BAD, DIM, GOOD, HEAD, WARN, paint};

/// How many failures people are shown, and how many characters of a value.
const SHOWN: usize = 20;
const VALUE: usize = 300;

/// The table, then what is not right.
pub(crate) fn report(report: &Report) -> String {
    let mut out = String::new();
    let name = printable(&format!("{} {}", report.implementation, report.version));
    let platform = printable(&report.platform);
    let _ = writeln!(out, "{}  {platform}", paint(HEAD, &name));
    let fixed = if report.fixed { "with" } else { "without" };
    let _ = writeln!(out, "suite {}  {fixed} fixed randomness\n", report.suite);
    table(report, &mut out);
    for (at, wrong) in report.not_right.iter().enumerate() {
        if at == SHOWN {
            let more = report.not_right.len().saturating_sub(SHOWN);
            let _ = writeln!(out, "\nand {more} more; --json has all");
            break;
        }
        tell(wrong, &mut out);
    }
    tell_skipped(report, &mut out);
    out.push('\n');
    out.push_str(&verdict(report));
    out
}

fn table(report: &Report, out: &mut String) {
    let heads: String = Outcome::ALL.iter().map(|outcome| format!("  {:>11}", outcome.words())).collect();
    let head = format!("{:11}{heads}  {:>5}", "class", "of");
    let _ = writeln!(out, "{}", paint(DIM, head.trim_end()));
    for Counts { class, vectors, outcomes, .. } in &report.counts {
        let _ = write!(out, "{class:11}");
        for (outcome, count) in outcomes {
            let style = match (outcome, count) {
                (_, 0) => DIM,
                (Outcome::Right, _) => GOOD,
                (Outcome::Skipped, _) => WARN,
                _ => BAD,
            };
            let _ = write!(out, "  {}", paint(style, &format!("{count:>11}")));
        }
        let _ = writeln!(out, "  {vectors:>5}");
    }
}

fn tell_skipped(report: &Report, out: &mut String) {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    report.skipped.iter().for_each(|skipped| reasons.entry(&skipped.reason).or_default().push(&skipped.id));
    for (at, (reason, ids)) in reasons.into_iter().enumerate() {
        if at == 0 {
            out.push('\n');
        }
        let more = if ids.len() > 1 { format!(" and {} more", ids.len() - 1) } else { String::new() };
        let first = ids.first().copied().unwrap_or_default();
        let _ = writeln!(out, "{} {first}{more}: {}", paint(WARN, "skipped"), short(reason));
    }
}

fn verdict(report: &Report) -> String {
    let (run, of) = report.counts.iter().fold((0_usize, 0_usize), |(run, of), counts| {
        (run.saturating_add(counts.run), of.saturating_add(counts.vectors))
    });
    let (style, words) = match (report.holds, report.complete) {
        (true, true) => (GOOD, "conforms"),
        (true, false) => (GOOD, "right as far as asked"),
        (false, _) => (BAD, "does not conform"),
    };
    let classes: Vec<_> = report.classes.iter().map(Class::to_string).collect();
    let mut line = format!("{}  {run} of {of} vectors of {}\n", paint(style, words), classes.join(", "));
    if report.restarts > 0 {
        let _ = writeln!(line, "started again {} times", report.restarts);
    }
    if !report.ended {
        let _ = writeln!(line, "{} the adapter did not end with status 0 after bye", paint(WARN, "warning:"));
    }
    line
}

fn tell(wrong: &NotRight, out: &mut String) {
    let style: Style = if wrong.level == Level::Must { BAD } else { WARN };
    let level = match wrong.level {
        Level::Must => "",
        Level::Should => " (should)",
        Level::May => " (may)",
    };
    let (id, spec) = (&wrong.id, wrong.spec.join(", "));
    let _ = writeln!(out, "\n{}{level}  {id}  {spec}", paint(style, wrong.outcome.words()));
    let _ = writeln!(out, "  case      {}", wrong.comment);
    let _ = writeln!(out, "  expected  {}", short(&wrong.expected));
    let _ = writeln!(out, "  got       {}", short(&wrong.got));
    for (flag, words) in &wrong.flags {
        let _ = writeln!(out, "  {}  {words}", paint(DIM, flag));
    }
    for line in &wrong.stderr {
        let _ = writeln!(out, "  {} {}", paint(DIM, "|"), short(line));
    }
}

/// Shortens what is shown, and escapes what drives terminals.
fn short(text: &str) -> String {
    let more = text.chars().count().saturating_sub(VALUE);
    let shown: String = text.chars().take(VALUE).collect();
    let shown = printable(&shown);
    if more > 0 { format!("{shown} … and {more} characters more") } else { shown }
}
