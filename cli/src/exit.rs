//! The end of the command: what a failure prints, and its exit status.

use std::{io::Write as _, process::ExitCode};

use clap::{CommandFactory as _, error::ErrorKind};

use crate::{
    args::Cli,
    failure::{Failure, complain, redact},
    streams,
};

/// Prints a failure and returns the exit status. Errors of printing have nobody left to hear them.
pub(crate) fn report(failure: Failure) -> ExitCode {
    match failure {
        Failure::Refused { code, words } => {
            complain(code, &words);
            ExitCode::FAILURE
        }
        Failure::BrokenPipe | Failure::Told => ExitCode::FAILURE,
        Failure::Clap(error) => print(&error),
        Failure::Usage { command, words } => {
            let mut root = Cli::command();
            root.build();
            print(&usage_error(&mut root, &command, &words))
        }
    }
}

/// Prints what clap says, help and version too.
fn print(error: &clap::Error) -> ExitCode {
    let text = redact(&error.render().ansi().to_string());
    let status = u8::try_from(error.exit_code()).unwrap_or(2);
    if error.use_stderr() {
        let _ = anstream::stderr().write_all(text.as_bytes());
        return ExitCode::from(status);
    }
    streams::write_coloured(&text).map_or_else(report, |()| ExitCode::from(status))
}

fn usage_error(command: &mut clap::Command, path: &[String], words: &str) -> clap::Error {
    if let [name, rest @ ..] = path
        && let Some(next) = command.find_subcommand_mut(name)
    {
        return usage_error(next, rest, words);
    }
    command.error(ErrorKind::ValueValidation, words)
}
