//! `cretula conform`: runs an implementation in any language through the vectors, by `interop/protocol.md`.

mod accumulated;
mod adapter;
mod drawn;
mod judge;
mod made;
mod matrix;
mod process;
mod report;
mod request;
mod run;
mod statement;
mod suite;

use std::time::Duration;

pub(crate) use self::{matrix::matrix, suite::Class};

use self::{
    adapter::{Adapter, failure},
    report::Document,
    run::Choice,
    suite::Suite,
};
use crate::{args::ConformArgs, failure::Failure, streams};

pub(crate) fn run(args: &ConformArgs) -> Result<(), Failure> {
    let suite = match &args.vectors {
        Some(folder) => Suite::of_folder(folder)?,
        None => Suite::own()?,
    };
    let mut choice = Choice { classes: Vec::new(), only: args.only.clone(), quick: args.quick };
    if let Some(only) = choice.names_nothing(&suite) {
        return Err(Failure::usage(&["conform"], &format!("--only {only}: no vector has such an id")));
    }
    let adapter = Adapter::start(&args.command, &suite, Duration::from_secs(args.timeout.timeout.into()))?;
    let hello = adapter.hello.clone();
    if let Some(class) = args.classes.iter().find(|class| !hello.classes.contains(class)) {
        return Err(failure(&format!("does not claim the class {class}")));
    }
    let asked = if args.classes.is_empty() { &hello.classes } else { &args.classes };
    choice.classes.clone_from(asked);

    let report = run::run(adapter, &suite, &choice)?;
    let complete = report.is_complete();
    let document = Document::new(&suite, &hello, &choice, &report);
    if args.json {
        streams::write_stdout(format!("{}\n", streams::json(&document)?).as_bytes())?;
    } else {
        streams::write_coloured(&document.for_people())?;
    }
    if let Some(path) = &args.statement {
        statement::write(path, &document)?;
    }
    let partial = choice.quick || !choice.only.is_empty();
    if report.musts_hold() && (complete || partial) { Ok(()) } else { Err(Failure::Told) }
}
