//! The conformance statement: what an implementation may show of a whole run. The same run gives the same text.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Serialize;

use super::{
    judge::Outcome,
    report::{Document, Skipped},
    suite::{Class, Level},
};
use crate::failure::Failure;

#[derive(Serialize)]
struct Statement<'a> {
    format: &'static str,
    implementation: &'a str,
    version: &'a str,
    platform: &'a str,
    suite: &'a str,
    /// SHA-256 of the manifest.
    digest: &'a str,
    classes: &'a [Class],
    /// It uses fixed random values where it is given them.
    fixed: bool,
    /// Every MUST of these classes is right or skipped, and all vectors were run.
    holds: bool,
    counts: Vec<Counts<'a>>,
    skipped: &'a [Skipped<'a>],
    failed: Vec<Failed<'a>>,
}

#[derive(Serialize)]
struct Counts<'a> {
    class: &'a str,
    vectors: usize,
    #[serde(flatten)]
    outcomes: &'a BTreeMap<Outcome, usize>,
}

#[derive(Serialize)]
struct Failed<'a> {
    id: &'a str,
    level: Level,
    outcome: Outcome,
}

pub(crate) fn write(path: &Path, document: &Document<'_>) -> Result<(), Failure> {
    let counts = document.counts.iter();
    let failed = document.not_right.iter();
    let statement = Statement {
        format: "cretula-conformance-1",
        implementation: document.implementation,
        version: document.version,
        platform: document.platform,
        suite: document.suite,
        digest: document.digest,
        classes: document.classes,
        fixed: document.fixed,
        holds: document.holds && document.complete,
        counts: counts
            .map(|counts| Counts { class: counts.class, vectors: counts.vectors, outcomes: &counts.outcomes })
            .collect(),
        skipped: &document.skipped,
        failed: failed.map(|wrong| Failed { id: wrong.id, level: wrong.level, outcome: wrong.outcome }).collect(),
    };
    let place = || format!("{path:?}");
    let text = serde_json::to_string_pretty(&statement).map_err(|error| Failure::io(place(), error))?;
    fs::write(path, format!("{text}\n")).map_err(|error| Failure::io(place(), error))
}
