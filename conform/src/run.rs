//! The run: every vector that is asked for, its outcome, its place in the table.

use std::time::Instant;

use crate::{
    accumulated,
    adapter::{Adapter, PROTOCOL},
    answer::Reference,
    choice::Choice,
    class::Class,
    drawn::Drawn,
    error::Error,
    finding::{Finding, Outcome},
    judge::judge,
    progress::Progress,
    report::{Counts, NotRight, Report, Skipped},
    request::{self, Randomness},
    suite::{File, Suite},
    vector::{Level, Vector},
};

/// Runs vectors of a suite, and reports what came of each.
///
/// # Errors
/// [`Error::NotClaimed`] if a class is asked for that the adapter does not claim; [`Error::Adapter`] if the adapter cannot
/// be started again after it broke off; [`Error::Vectors`] if an accumulated vector is not known to this version.
pub fn run(
    mut adapter: Adapter,
    suite: &Suite,
    choice: &Choice,
    reference: &Reference<'_>,
    progress: &mut dyn Progress,
) -> Result<Report, Error> {
    let hello = adapter.hello.clone();
    let classes = if choice.classes.is_empty() { &hello.classes } else { &choice.classes };
    if let Some(class) = classes.iter().find(|class| !hello.classes.contains(class)) {
        let claims: Vec<_> = hello.classes.iter().map(|class| class.name()).collect();
        return Err(Error::NotClaimed { class: class.to_string(), claims: claims.join(", ") });
    }
    let begun = Instant::now();
    let chosen = |file| asked(file, classes).filter(|vector| choice.takes(file, vector));
    progress.begins(suite.files.iter().flat_map(chosen).map(Vector::calls).sum());

    let (mut rows, mut not_right, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut drawn = Drawn::new(reference);
    for file in &suite.files {
        let mut row = Counts::new(&file.class, asked(file, classes).count());
        for vector in chosen(file) {
            progress.reaches(&file.class, &vector.id);
            match outcome(&mut adapter, file, vector, &mut drawn, progress)? {
                Ok(()) => row.add(Outcome::Right),
                Err(finding) => {
                    row.add(finding.outcome);
                    if finding.outcome == Outcome::Skipped {
                        skipped.push(Skipped { id: vector.id.clone(), reason: finding.got });
                    } else {
                        not_right.push(NotRight::new(file, vector, finding));
                    }
                }
            }
        }
        if row.vectors > 0 {
            rows.push(row);
        }
    }
    progress.ends();
    let restarts = adapter.starts.saturating_sub(1);
    let ended = adapter.bye();
    Ok(Report {
        protocol: PROTOCOL,
        suite: suite.version.clone(),
        digest: suite.digest.clone(),
        implementation: hello.name,
        version: hello.version,
        platform: hello.platform,
        fixed: hello.fixed,
        classes: classes.clone(),
        claims: hello.classes,
        complete: rows.iter().all(|row| row.run == row.vectors),
        holds: not_right.iter().all(|wrong| wrong.level != Level::Must) && !rows.iter().any(Counts::is_skipped),
        restarts,
        ended,
        seconds: begun.elapsed().as_secs_f64(),
        counts: rows,
        not_right,
        skipped,
    })
}

/// Returns the vectors of a file that an implementation of these classes is asked.
fn asked<'a>(file: &'a File, classes: &[Class]) -> impl Iterator<Item = &'a Vector> {
    file.vectors.iter().filter(move |vector| file.asks(vector, classes))
}

/// The outcome of a vector: that of the first request of it that is not right.
fn outcome(
    adapter: &mut Adapter,
    file: &File,
    vector: &Vector,
    drawn: &mut Drawn<'_>,
    progress: &mut dyn Progress,
) -> Result<Result<(), Finding>, Error> {
    if file.class == "accumulated" {
        return accumulated::run(adapter, vector, drawn.reference(), progress);
    }
    progress.advances(1);
    let mut rounds = Vec::new();
    if request::fails_to_draw(vector) && !adapter.hello.fixed {
        let reason = "the runner: no entry point for a generator that fails";
        return Ok(Err(Finding::new(Outcome::Skipped, "an answer", reason)));
    }
    if !request::draws(&file.class, vector) || request::fails_to_draw(vector) {
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
            Err(broken) => Err(Finding::broken_off(broken, vector.expectation())),
        };
        if let Err(mut finding) = judged {
            finding.request = line;
            if randomness == Randomness::Own {
                finding.expected.push_str(" (with its own randomness)");
            }
            return Ok(Err(finding));
        }
    }
    Ok(Ok(()))
}
