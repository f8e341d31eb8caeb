//! Every way to end without success: exit status and standard error.

use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{CommandFactory as _, error::ErrorKind};
use cretula::limits::KEY_PREFIX;

use crate::args::Cli;

/// Says why the command did not do what was asked.
pub(crate) enum Failure {
    /// A code of §12, or `io`: status 1, and `cretula: CODE: words` on standard error.
    Refused { code: &'static str, words: String },
    /// The reader of standard output or standard error went away: status 1, nobody to tell.
    BrokenPipe,
    /// Status 1, after everything was said.
    Told,
    /// Wrong usage: status 2. Also help and version, which clap treats as errors of status 0.
    Clap(Box<clap::Error>),
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Clap(Box::new(error))
    }
}

impl Failure {
    pub(crate) fn refused(code: &'static str, words: impl Display) -> Self {
        Self::Refused { code, words: words.to_string() }
    }

    /// Names what was read or written.
    pub(crate) fn io(place: impl Display, error: impl Display) -> Self {
        Self::refused("io", format_args!("{place}: {error}"))
    }

    /// Makes the error of writing to a standard stream.
    pub(crate) fn write(place: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::io(place, error) }
    }

    /// Wrong usage of a subcommand, given as its path, that clap does not notice itself.
    pub(crate) fn usage(command: &[&str], words: &str) -> Self {
        let mut root = Cli::command();
        root.build();
        usage_error(&mut root, command, words).into()
    }

    /// Prints and returns the exit status. Errors of printing have nobody left to hear them.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Refused { code, words } => {
                complain(code, &words);
                ExitCode::FAILURE
            }
            Self::BrokenPipe | Self::Told => ExitCode::FAILURE,
            Self::Clap(error) => {
                let text = redact(&error.render().ansi().to_string());
                let status = u8::try_from(error.exit_code()).unwrap_or(2);
                if error.use_stderr() {
                    let _ = anstream::stderr().write_all(text.as_bytes());
                    return ExitCode::from(status);
                }
                crate::streams::write_coloured(&text).map_or_else(Self::report, |()| ExitCode::from(status))
            }
        }
    }
}

fn usage_error(command: &mut clap::Command, path: &[&str], words: &str) -> clap::Error {
    if let [name, rest @ ..] = path
        && let Some(next) = command.find_subcommand_mut(name)
    {
        return usage_error(next, rest, words);
    }
    command.error(ErrorKind::ValueValidation, words)
}

/// Writes `cretula: CODE: words` to standard error.
pub(crate) fn complain(code: &str, words: &str) {
    let _ = writeln!(io::stderr(), "cretula: {code}: {}", redact(words));
}

/// Cuts key texts out of what is about to be printed. A key given as an argument by mistake comes back in clap's errors
/// and in those about files ([KEY-08]).
fn redact(text: &str) -> String {
    let mut parts = text.split(KEY_PREFIX);
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        clean.push_str(if rest == part { KEY_PREFIX } else { "(key)" });
        clean.push_str(rest);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn redacts_every_key() {
        assert_eq!(redact("none"), "none");
        assert_eq!(redact("'cretula_key1_00aa_bb', `cretula_key1_`"), "'(key)', `cretula_key1_`");
    }
}
