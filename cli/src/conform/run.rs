//! `cretula conform -- COMMAND…`.

use std::{fs, path::Path, time::Duration};

use cretula_conform::{Adapter, Choice, Report, Statement, Suite};

use super::{bar::Bar, people, reference::reference};
use crate::{args::ConformArgs, failure::Failure, streams};

pub(crate) fn run(args: &ConformArgs) -> Result<(), Failure> {
    let suite = match &args.vectors {
        Some(folder) => Suite::from_folder(folder)?,
        None => Suite::bundled()?,
    };
    let choice = Choice { classes: args.classes.clone(), only: args.only.clone(), quick: args.quick };
    if let Some(only) = choice.unknown_id(&suite) {
        return Err(Failure::usage(&["conform"], &format!("--only {only}: no vector has such an id")));
    }
    let adapter = Adapter::start(&args.command, &suite, Duration::from_secs(args.timeout.timeout.into()))?;
    let report = cretula_conform::run(adapter, &suite, &choice, &reference, &mut Bar::default())?;
    if args.json {
        streams::write_stdout(format!("{}\n", streams::json(&report)?).as_bytes())?;
    } else {
        streams::write_coloured(&people::report(&report, !choice.only.is_empty()))?;
    }
    if let Some(path) = &args.statement {
        write_statement(path, &report)?;
    }
    if report.holds && (report.complete || choice.is_partial()) { Ok(()) } else { Err(Failure::Told) }
}

fn write_statement(path: &Path, report: &Report) -> Result<(), Failure> {
    let place = || format!("{path:?}");
    let text = serde_json::to_string_pretty(&Statement::new(report)).map_err(|error| Failure::io(place(), error))?;
    fs::write(path, format!("{text}\n")).map_err(|error| Failure::io(place(), error))
}
