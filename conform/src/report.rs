//! What a run gave, as data.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    class::Class,
    finding::{Finding, Outcome},
    suite::File,
    vector::{Level, Vector},
};

/// What a run gave. As JSON it is the document of `cretula conform --json`.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Version of the protocol.
    pub protocol: u64,
    /// Version of the suite.
    pub suite: String,
    /// SHA-256 of the suite's `manifest.json`, in 64 hexadecimal digits.
    pub digest: String,
    /// Name of the implementation, as the adapter says it.
    pub implementation: String,
    /// Version of the implementation.
    pub version: String,
    /// What it runs on.
    pub platform: String,
    /// The classes that it claims.
    pub claims: Vec<Class>,
    /// It uses fixed random values where it is given them.
    pub fixed: bool,
    /// The classes that were asked for.
    pub classes: Vec<Class>,
    /// Every vector that the manifest has for these classes was run.
    pub complete: bool,
    /// Every MUST that was run is right or skipped, and no class is [skipped whole](Counts::is_skipped).
    pub holds: bool,
    /// How often the adapter was started again.
    pub restarts: u32,
    /// The adapter ended with status 0 after `bye`.
    pub ended: bool,
    /// Duration of the run.
    pub seconds: f64,
    /// A line of the table for each file of vectors.
    pub counts: Vec<Counts>,
    /// The vectors that are neither right nor skipped.
    pub not_right: Vec<NotRight>,
    /// The vectors that the adapter skipped.
    pub skipped: Vec<Skipped>,
}

/// A line of the table.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// The name of a class, `derivation` or `accumulated`.
    pub class: String,
    /// How many vectors the manifest has.
    pub vectors: usize,
    /// How many were run.
    pub run: usize,
    /// How many had each outcome.
    #[serde(flatten)]
    pub outcomes: BTreeMap<Outcome, usize>,
}

/// A vector that is neither right nor skipped. `expected`, `got` and `stderr` may hold control characters of the
/// adapter: see [`printable`](crate::printable).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NotRight {
    /// Id of the vector.
    pub id: String,
    /// The name of a class, `derivation` or `accumulated`.
    pub class: String,
    /// How much it obliges.
    pub level: Level,
    /// What came of it.
    pub outcome: Outcome,
    /// Ids of the requirements that it shows.
    pub spec: Vec<String>,
    /// What the vector is about.
    pub comment: String,
    /// What should have come, in words.
    pub expected: String,
    /// What came, in words.
    pub got: String,
    /// Line of the request that was answered so, as it was sent, without its line feed. Of several requests it is the
    /// first that was not answered right. Empty if every call of an accumulated vector agreed with the reference and its
    /// digests differ all the same.
    pub request: String,
    /// The vector's flags, with the bug that each means.
    pub flags: BTreeMap<String, String>,
    /// Last lines of the adapter's standard error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stderr: Vec<String>,
}

/// A vector that the adapter skipped.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Skipped {
    /// Id of the vector.
    pub id: String,
    /// The adapter's reason, which may hold control characters.
    pub reason: String,
}

impl Counts {
    pub(crate) fn new(class: &str, vectors: usize) -> Self {
        let outcomes = Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
        Self { class: class.to_owned(), vectors, run: 0, outcomes }
    }

    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.run = self.run.saturating_add(1);
        let count = self.outcomes.entry(outcome).or_default();
        *count = count.saturating_add(1);
    }

    /// Returns true if this is a class of which the adapter skipped every vector that the manifest has: it does not
    /// conform in that class. False for `derivation` and `accumulated`, which nobody claims, and for a part of a class.
    #[must_use]
    pub fn is_skipped(&self) -> bool {
        let skipped = self.outcomes.get(&Outcome::Skipped).copied().unwrap_or_default();
        self.vectors > 0 && skipped == self.vectors && self.class.parse::<Class>().is_ok()
    }
}

impl NotRight {
    pub(crate) fn new(file: &File, vector: &Vector, finding: Finding) -> Self {
        let explained = |flag: &String| (flag.clone(), file.flags.get(flag).cloned().unwrap_or_default());
        Self {
            id: vector.id.clone(),
            class: file.class.clone(),
            level: vector.level,
            outcome: finding.outcome,
            spec: vector.spec.clone(),
            comment: vector.comment.clone(),
            expected: finding.expected,
            got: finding.got,
            request: finding.request,
            flags: vector.flags.iter().map(explained).collect(),
            stderr: finding.stderr,
        }
    }
}
