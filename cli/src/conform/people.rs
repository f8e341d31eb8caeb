//! What came of a run, for people.

use std::{collections::BTreeMap, fmt::Write as _};

use anstyle::Style;
use cretula_conform::{Class, Counts, Level, NotRight, Outcome, Report, printable};

use crate::report::{BAD, DIM, GOOD, HEAD, WARN, paint};

/// How many failures and reasons people are shown, and how many characters of a value.
const SHOWN: usize = 20;
const VALUE: usize = 300;

/// The table, then what is not right. `chosen` says that vectors were chosen by id: then classes of which none was have
/// no row.
pub(crate) fn report(report: &Report, chosen: bool) -> String {
    let mut out = String::new();
    let name = printable(&format!("{} {}", report.implementation, report.version));
    let platform = printable(&report.platform);
    let _ = writeln!(out, "{}  {platform}", paint(HEAD, &name));
    let fixed = if report.fixed { "with" } else { "without" };
    let _ = writeln!(out, "suite {}  {fixed} fixed randomness\n", report.suite);
    let rows: Vec<_> = report.counts.iter().filter(|row| row.run > 0 || !chosen).collect();
    table(&rows, &mut out);
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

/// Writes the table without the outcomes that no row has, each column as wide as it must be: all of them, with numbers of
/// five digits, have 74 characters. A head of two words stands on two lines.
fn table(rows: &[&Counts], out: &mut String) {
    let count = |row: &Counts, outcome: Outcome| row.outcomes.get(&outcome).copied().unwrap_or_default();
    let mut columns = Vec::new();
    for outcome in Outcome::ALL {
        let counts: Vec<_> = rows.iter().map(|row| count(row, outcome)).collect();
        if outcome == Outcome::Right || counts.iter().any(|count| *count > 0) {
            let style = match outcome {
                Outcome::Right => GOOD,
                Outcome::Skipped => WARN,
                _ => BAD,
            };
            columns.push((outcome.words(), style, counts));
        }
    }
    columns.push(("of", Style::new(), rows.iter().map(|row| row.vectors).collect()));

    let names = rows.iter().map(|row| row.class.len());
    let first = names.max().unwrap_or_default().max("class".len());
    let (mut above, mut heads) = (" ".repeat(first), format!("{:first$}", "class"));
    let mut lines: Vec<_> = rows.iter().map(|row| format!("{:first$}", row.class)).collect();
    for (words, style, counts) in columns {
        let (upper, lower) = words.split_once(' ').unwrap_or(("", words));
        let digits = counts.iter().map(|count| count.to_string().len()).max().unwrap_or_default();
        let width = digits.max(upper.len()).max(lower.len());
        let _ = write!(above, "  {upper:>width$}");
        let _ = write!(heads, "  {lower:>width$}");
        for (line, count) in lines.iter_mut().zip(counts) {
            let style = if count == 0 { DIM } else { style };
            let _ = write!(line, "  {}", paint(style, &format!("{count:>width$}")));
        }
    }
    for head in [above.trim_end(), &heads] {
        if !head.is_empty() {
            let _ = writeln!(out, "{}", paint(DIM, head));
        }
    }
    lines.iter().for_each(|line| {
        let _ = writeln!(out, "{line}");
    });
}

/// Writes how many were skipped for each reason, and the classes that were skipped whole.
fn tell_skipped(report: &Report, out: &mut String) {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    report.skipped.iter().for_each(|skipped| reasons.entry(&skipped.reason).or_default().push(&skipped.id));
    let more = reasons.len().saturating_sub(SHOWN);
    for (at, (reason, ids)) in reasons.into_iter().take(SHOWN).enumerate() {
        if at == 0 {
            out.push('\n');
        }
        let first = ids.first().copied().unwrap_or_default();
        let others = if ids.len() > 1 { format!(" and {} more", ids.len() - 1) } else { String::new() };
        let _ = writeln!(out, "{} {}  {first}{others}: {}", paint(WARN, "skipped"), ids.len(), short(reason));
    }
    if more > 0 {
        let _ = writeln!(out, "and for {more} more reasons; --json has all");
    }
    for row in report.counts.iter().filter(|row| row.is_skipped()) {
        let _ = writeln!(out, "{}", paint(BAD, &format!("skipped all {} vectors of {}", row.vectors, row.class)));
    }
}

fn verdict(report: &Report) -> String {
    let (run, of) = report.counts.iter().fold((0_usize, 0_usize), |(run, of), counts| {
        (run.saturating_add(counts.run), of.saturating_add(counts.vectors))
    });
    let skipped = report.skipped.len();
    let (style, words) = match (report.holds, report.complete) {
        (true, true) => (GOOD, "conforms"),
        (true, false) if skipped > 0 && skipped == run => (WARN, "skipped as far as asked"),
        (true, false) => (GOOD, "right as far as asked"),
        (false, _) => (BAD, "does not conform"),
    };
    let classes: Vec<_> = report.classes.iter().map(Class::to_string).collect();
    let also = if skipped > 0 { format!(", {skipped} of them skipped") } else { String::new() };
    let mut line = format!("{}  {run} of {of} vectors of {}{also}\n", paint(style, words), classes.join(", "));
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
    if !wrong.request.is_empty() {
        let _ = writeln!(out, "  request   {}", whole(&wrong.request));
    }
    for (flag, words) in &wrong.flags {
        let _ = writeln!(out, "  {}  {words}", paint(DIM, flag));
    }
    for line in &wrong.stderr {
        let _ = writeln!(out, "  {} {}", paint(DIM, "|"), short(line));
    }
}

/// Returns the whole line of a request, to be sent again by hand. What drives terminals is escaped as in JSON, which means
/// the same: only strings hold control characters.
pub(super) fn whole(line: &str) -> String {
    let escape = |c: char| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    line.chars().map(escape).collect()
}

/// Shortens what is shown, and escapes what drives terminals.
pub(super) fn short(text: &str) -> String {
    let more = text.chars().count().saturating_sub(VALUE);
    let shown: String = text.chars().take(VALUE).collect();
    let shown = printable(&shown);
    if more > 0 { format!("{shown} … and {more} characters more") } else { shown }
}
