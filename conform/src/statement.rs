//! The conformance statement: what an implementation may show of a whole run. The same run gives the same text.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    class::Class,
    finding::Outcome,
    report::{Report, Skipped},
    vector::Level,
};

/// A conformance statement, to be written as JSON. It holds no times, so that the same run gives the same text.
#[derive(Debug, Serialize)]
pub struct Statement<'a> {
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
    /// Every MUST of these classes is right or skipped, no class is skipped whole, and all vectors were run.
    holds: bool,
    counts: Vec<Row<'a>>,
    skipped: &'a [Skipped],
    failed: Vec<Failed<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    class: &'a str,
    vectors: usize,
    #[serde(flatten)]
    outcomes: &'a BTreeMap<Outcome, usize>,
}

#[derive(Debug, Serialize)]
struct Failed<'a> {
    id: &'a str,
    level: Level,
    outcome: Outcome,
}

impl<'a> Statement<'a> {
    /// Makes the statement of a report. If the report is not complete, the statement does not hold.
    #[must_use]
    pub fn new(report: &'a Report) -> Self {
        let counts = report.counts.iter();
        let failed = report.not_right.iter();
        Self {
            format: "cretula-conformance-1",
            implementation: &report.implementation,
            version: &report.version,
            platform: &report.platform,
            suite: &report.suite,
            digest: &report.digest,
            classes: &report.classes,
            fixed: report.fixed,
            holds: report.holds && report.complete,
            counts: counts
                .map(|counts| Row { class: &counts.class, vectors: counts.vectors, outcomes: &counts.outcomes })
                .collect(),
            skipped: &report.skipped,
            failed: failed.map(|wrong| Failed { id: &wrong.id, level: wrong.level, outcome: wrong.outcome }).collect(),
        }
    }
}
