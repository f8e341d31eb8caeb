//! What came of a run: for people, and for programs.

use std::{collections::BTreeMap, fmt::Write as _};

use anstyle::Style;
use serde::Serialize;

use super::{
    adapter::{Hello, printable},
    judge::Outcome,
    run::{Choice, Report, Wrong},
    suite::{Class, Level, Suite},
};
use crate::{
    adapter::PROTOCOL,
    report::{BAD, DIM, GOOD, HEAD, WARN, paint},
};

/// How many failures people are shown, and how many characters of a value.
const SHOWN: usize = 20;
const VALUE: usize = 300;

/// The document of `--json`.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    pub(crate) protocol: u64,
    pub(crate) suite: &'a str,
    /// SHA-256 of the manifest.
    pub(crate) digest: &'a str,
    pub(crate) implementation: &'a str,
    pub(crate) version: &'a str,
    pub(crate) platform: &'a str,
    /// What it claims.
    pub(crate) claims: &'a [Class],
    pub(crate) fixed: bool,
    /// What was asked for.
    pub(crate) classes: &'a [Class],
    /// Everything that the manifest has for these classes was run.
    pub(crate) complete: bool,
    /// Every MUST that was run is right or skipped.
    pub(crate) holds: bool,
    /// The adapter was started again so often.
    pub(crate) restarts: u32,
    /// It ended with status 0 after `bye`.
    pub(crate) ended: bool,
    pub(crate) seconds: f64,
    pub(crate) counts: Vec<Counts<'a>>,
    pub(crate) not_right: Vec<NotRight<'a>>,
    pub(crate) skipped: Vec<Skipped<'a>>,
}

/// A line of the table.
#[derive(Serialize)]
pub(crate) struct Counts<'a> {
    /// A class, `derivation` or `accumulated`.
    pub(crate) class: &'a str,
    /// Of the manifest.
    pub(crate) vectors: usize,
    pub(crate) run: usize,
    #[serde(flatten)]
    pub(crate) outcomes: BTreeMap<Outcome, usize>,
}

#[derive(Serialize)]
pub(crate) struct NotRight<'a> {
    pub(crate) id: &'a str,
    pub(crate) class: &'a str,
    pub(crate) level: Level,
    pub(crate) outcome: Outcome,
    pub(crate) spec: &'a [String],
    pub(crate) comment: &'a str,
    pub(crate) expected: &'a str,
    pub(crate) got: &'a str,
    /// The vector's flags, with the bug that each stands for.
    pub(crate) flags: BTreeMap<&'a str, &'a str>,
    /// Last lines of the adapter's standard error.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(crate) stderr: &'a [String],
}

#[derive(Serialize)]
pub(crate) struct Skipped<'a> {
    pub(crate) id: &'a str,
    pub(crate) reason: &'a str,
}

impl<'a> Document<'a> {
    pub(crate) fn new(suite: &'a Suite, hello: &'a Hello, choice: &'a Choice, report: &'a Report<'a>) -> Self {
        let counts = report.rows.iter().map(|row| Counts {
            class: &row.class,
            vectors: row.of,
            run: row.run(),
            outcomes: Outcome::ALL.into_iter().zip(row.counts).collect(),
        });
        Self {
            protocol: PROTOCOL,
            suite: &suite.version,
            digest: &suite.digest,
            implementation: &hello.name,
            version: &hello.version,
            platform: &hello.platform,
            claims: &hello.classes,
            fixed: hello.fixed,
            classes: &choice.classes,
            complete: report.is_complete(),
            holds: report.musts_hold(),
            restarts: report.starts.saturating_sub(1),
            ended: report.ended_well,
            seconds: report.time.as_secs_f64(),
            counts: counts.collect(),
            not_right: report.wrong.iter().map(NotRight::new).collect(),
            skipped: report
                .skipped
                .iter()
                .map(|skipped| Skipped { id: &skipped.vector.id, reason: &skipped.finding.got })
                .collect(),
        }
    }

    /// The table, then what is not right.
    pub(crate) fn for_people(&self) -> String {
        let mut out = String::new();
        let name = printable(&format!("{} {}", self.implementation, self.version));
        let platform = printable(self.platform);
        let _ = writeln!(out, "{}  {platform}", paint(HEAD, &name));
        let fixed = if self.fixed { "with" } else { "without" };
        let _ = writeln!(out, "suite {}  {fixed} fixed randomness\n", self.suite);
        self.table(&mut out);
        for (at, wrong) in self.not_right.iter().enumerate() {
            if at == SHOWN {
                let more = self.not_right.len().saturating_sub(SHOWN);
                let _ = writeln!(out, "\nand {more} more; --json has all");
                break;
            }
            wrong.tell(&mut out);
        }
        self.tell_skipped(&mut out);
        out.push('\n');
        out.push_str(&self.verdict());
        out
    }

    fn table(&self, out: &mut String) {
        let heads: String = Outcome::ALL.iter().map(|outcome| format!("  {:>11}", outcome.words())).collect();
        let head = format!("{:11}{heads}  {:>5}", "class", "of");
        let _ = writeln!(out, "{}", paint(DIM, head.trim_end()));
        for Counts { class, vectors, outcomes, .. } in &self.counts {
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

    fn tell_skipped(&self, out: &mut String) {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        self.skipped.iter().for_each(|skipped| reasons.entry(skipped.reason).or_default().push(skipped.id));
        for (at, (reason, ids)) in reasons.into_iter().enumerate() {
            if at == 0 {
                out.push('\n');
            }
            let more = if ids.len() > 1 { format!(" and {} more", ids.len() - 1) } else { String::new() };
            let first = ids.first().copied().unwrap_or_default();
            let _ = writeln!(out, "{} {first}{more}: {}", paint(WARN, "skipped"), short(reason));
        }
    }

    fn verdict(&self) -> String {
        let (run, of) = self.counts.iter().fold((0_usize, 0_usize), |(run, of), counts| {
            (run.saturating_add(counts.run), of.saturating_add(counts.vectors))
        });
        let (style, words) = match (self.holds, self.complete) {
            (true, true) => (GOOD, "conforms"),
            (true, false) => (GOOD, "right as far as asked"),
            (false, _) => (BAD, "does not conform"),
        };
        let classes: Vec<_> = self.classes.iter().map(Class::to_string).collect();
        let mut line = format!("{}  {run} of {of} vectors of {}\n", paint(style, words), classes.join(", "));
        if self.restarts > 0 {
            let _ = writeln!(line, "started again {} times", self.restarts);
        }
        if !self.ended {
            let _ = writeln!(line, "{} the adapter did not end with status 0 after bye", paint(WARN, "warning:"));
        }
        line
    }
}

impl<'a> NotRight<'a> {
    fn new(wrong: &'a Wrong<'a>) -> Self {
        let Wrong { file, vector, finding } = wrong;
        let explained = |flag: &'a String| (flag.as_str(), file.flags.get(flag).map_or("", String::as_str));
        Self {
            id: &vector.id,
            class: &file.class,
            level: vector.level,
            outcome: finding.outcome,
            spec: &vector.spec,
            comment: &vector.comment,
            expected: &finding.expected,
            got: &finding.got,
            flags: vector.flags.iter().map(explained).collect(),
            stderr: &finding.stderr,
        }
    }

    fn tell(&self, out: &mut String) {
        let style: Style = if self.level == Level::Must { BAD } else { WARN };
        let level = match self.level {
            Level::Must => "",
            Level::Should => " (should)",
            Level::May => " (may)",
        };
        let (id, spec) = (self.id, self.spec.join(", "));
        let _ = writeln!(out, "\n{}{level}  {id}  {spec}", paint(style, self.outcome.words()));
        let _ = writeln!(out, "  case      {}", self.comment);
        let _ = writeln!(out, "  expected  {}", short(self.expected));
        let _ = writeln!(out, "  got       {}", short(self.got));
        for (flag, words) in &self.flags {
            let _ = writeln!(out, "  {}  {words}", paint(DIM, flag));
        }
        for line in self.stderr {
            let _ = writeln!(out, "  {} {}", paint(DIM, "|"), short(line));
        }
    }
}

/// Shortens what is shown, and escapes what drives terminals.
fn short(text: &str) -> String {
    let more = text.chars().count().saturating_sub(VALUE);
    let shown: String = text.chars().take(VALUE).collect();
    let shown = printable(&shown);
    if more > 0 { format!("{shown} … and {more} characters more") } else { shown }
}
