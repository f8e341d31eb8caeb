//! The run: every vector that is asked for, its outcome, its place in the table.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    accumulated,
    adapter::Adapter,
    drawn::Drawn,
    judge::{Finding, Outcome, Randomness, judge},
    process::Broken,
    request,
    suite::{Class, File, Level, Suite, Vector},
};
use crate::failure::Failure;

/// Which vectors are asked.
pub(crate) struct Choice {
    pub(crate) classes: Vec<Class>,
    /// Ids, or with `*` or `/` at their ends beginnings of ids; empty: all.
    pub(crate) only: Vec<String>,
    /// Leave the accumulated ones out.
    pub(crate) quick: bool,
}

/// One line of the table.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) class: String,
    /// In the order of [`Outcome::ALL`].
    pub(crate) counts: [usize; 7],
    /// How many the manifest has for the classes that were asked.
    pub(crate) of: usize,
}

impl Row {
    pub(crate) fn run(&self) -> usize {
        self.counts.iter().sum()
    }
}

/// A vector that is not right.
pub(crate) struct Wrong<'a> {
    pub(crate) file: &'a File,
    pub(crate) vector: &'a Vector,
    pub(crate) finding: Finding,
}

/// What a run gave.
pub(crate) struct Report<'a> {
    pub(crate) rows: Vec<Row>,
    /// Without the skipped.
    pub(crate) wrong: Vec<Wrong<'a>>,
    pub(crate) skipped: Vec<Wrong<'a>>,
    pub(crate) time: Duration,
    /// How many processes were started.
    pub(crate) starts: u32,
    /// The adapter ended with status 0 at `bye`.
    pub(crate) ended_well: bool,
}

impl Report<'_> {
    /// Tells whether all were run that the manifest counts.
    pub(crate) fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.run() == row.of)
    }

    /// Tells whether every MUST that was asked is right or skipped.
    pub(crate) fn musts_hold(&self) -> bool {
        self.wrong.iter().all(|wrong| wrong.vector.level != Level::Must)
    }
}

impl Choice {
    fn takes(&self, file: &File, vector: &Vector) -> bool {
        let named = |only: &String| match only.strip_suffix('*') {
            Some(start) => vector.id.starts_with(start),
            None => vector.id == *only || (only.ends_with('/') && vector.id.starts_with(only.as_str())),
        };
        (self.only.is_empty() || self.only.iter().any(named)) && !(self.quick && file.class == "accumulated")
    }

    /// Returns the first `--only` that names no vector of the suite.
    pub(crate) fn names_nothing<'a>(&'a self, suite: &Suite) -> Option<&'a String> {
        let one = |only: &String| Self { classes: Vec::new(), only: vec![only.clone()], quick: false };
        let named =
            |choice: Self| suite.files.iter().any(|file| file.vectors.iter().any(|vector| choice.takes(file, vector)));
        self.only.iter().find(|only| !named(one(only)))
    }
}

/// Runs the vectors of a suite.
pub(crate) fn run<'a>(mut adapter: Adapter, suite: &'a Suite, choice: &Choice) -> Result<Report<'a>, Failure> {
    let begun = Instant::now();
    let asked = |file: &'a File| file.vectors.iter().filter(|vector| file.asks(vector, &choice.classes));
    let chosen = |file: &'a File| asked(file).filter(|vector| choice.takes(file, vector));
    let calls = suite.files.iter().flat_map(chosen).map(accumulated::calls).sum();
    let bar = bar(calls);

    let (mut rows, mut wrong, mut skipped, mut drawn) = (Vec::new(), Vec::new(), Vec::new(), Drawn::default());
    for file in &suite.files {
        let mut row = Row { class: file.class.clone(), of: asked(file).count(), ..Row::default() };
        for vector in chosen(file) {
            bar.set_message(vector.id.clone());
            let outcome = match outcome(&mut adapter, file, vector, &mut drawn, &bar)? {
                Ok(()) => Outcome::Right,
                Err(finding) => {
                    let outcome = finding.outcome;
                    let list = if outcome == Outcome::Skipped { &mut skipped } else { &mut wrong };
                    list.push(Wrong { file, vector, finding });
                    outcome
                }
            };
            let counts = row.counts.iter_mut().zip(Outcome::ALL);
            counts.filter(|(_, known)| *known == outcome).for_each(|(count, _)| *count = count.saturating_add(1));
        }
        if row.of > 0 {
            rows.push(row);
        }
    }
    bar.finish_and_clear();
    let starts = adapter.starts;
    let ended_well = adapter.bye();
    Ok(Report { rows, wrong, skipped, time: begun.elapsed(), starts, ended_well })
}

/// Shown on a terminal only.
pub(crate) fn bar(calls: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(calls), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The outcome of a vector: that of the first request of it that is not right.
fn outcome(
    adapter: &mut Adapter,
    file: &File,
    vector: &Vector,
    drawn: &mut Drawn,
    bar: &ProgressBar,
) -> Result<Result<(), Finding>, Failure> {
    if file.class == "accumulated" {
        return accumulated::run(adapter, vector, bar);
    }
    bar.inc(1);
    let mut rounds = Vec::new();
    if !request::draws(&file.class, vector) {
        rounds.push(Randomness::Fixed);
    } else {
        if adapter.hello.fixed {
            rounds.push(Randomness::Fixed);
            drawn.given(vector);
        }
        rounds.push(Randomness::Own);
        if file.class == "sealer" && vector.is_positive() {
            // Two of the same input.
            rounds.push(Randomness::Own);
        }
    }
    for (round, randomness) in rounds.into_iter().enumerate() {
        let id = if round == 0 { vector.id.clone() } else { format!("{}#{}", vector.id, round.saturating_add(1)) };
        let line = request::line(&file.class, vector, &id, randomness == Randomness::Fixed);
        let judged = match adapter.ask(&id, &line)? {
            Ok(answer) => judge(&file.class, vector, &answer, randomness, drawn),
            Err(broken) => Err(broken_off(broken, expectation(vector))),
        };
        if let Err(mut finding) = judged {
            if randomness == Randomness::Own {
                finding.expected.push_str(" (with its own randomness)");
            }
            return Ok(Err(finding));
        }
    }
    Ok(Ok(()))
}

/// What a vector expects, in few words.
fn expectation(vector: &Vector) -> String {
    match vector.members.get("error").and_then(serde_json::Value::as_str) {
        Some(code) => format!("error {code}"),
        None => "a result".to_owned(),
    }
}

pub(crate) fn broken_off(broken: Broken, expected: String) -> Finding {
    let Broken { hung, why, stderr } = broken;
    let outcome = if hung { Outcome::Hung } else { Outcome::Crashed };
    Finding { stderr, ..Finding::new(outcome, expected, why) }
}
