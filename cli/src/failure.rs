//! Every way to end without success, and the line of standard error. `exit.rs` prints it.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use cretula::limits::KEY_PREFIX;

/// Says why the command did not do what was asked.
pub(crate) enum Failure {
    /// A code of §12, or `io`: status 1, and `cretula: CODE: words` on standard error.
    Refused { code: &'static str, words: String },
    /// The reader of standard output or standard error went away: status 1, nobody to tell.
    BrokenPipe,
    /// Status 1, after everything was said.
    Told,
    /// Wrong usage that clap noticed: status 2. Also help and version, which clap treats as errors of status 0.
    Clap(Box<clap::Error>),
    /// Wrong usage of a subcommand, given as its path, that clap does not notice itself: status 2.
    Usage { command: Vec<String>, words: String },
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Clap(Box::new(error))
    }
}

impl From<cretula_conform::Error> for Failure {
    fn from(error: cretula_conform::Error) -> Self {
        match error {
            cretula_conform::Error::NotClaimed { .. } => Self::usage(&["conform"], &error.to_string()),
            _ => Self::refused("io", error),
        }
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

    /// Adds what seems to have happened.
    pub(crate) fn with_hint(self, hint: Option<&str>) -> Self {
        match (self, hint) {
            (Self::Refused { code, words }, Some(hint)) => Self::Refused { code, words: format!("{words}; {hint}") },
            (failure, _) => failure,
        }
    }

    pub(crate) fn usage(command: &[&str], words: &str) -> Self {
        let command = command.iter().map(|name| (*name).to_owned()).collect();
        Self::Usage { command, words: words.to_owned() }
    }
}

/// Writes `cretula: CODE: words` to standard error.
pub(crate) fn complain(code: &str, words: &str) {
    let _ = writeln!(io::stderr(), "cretula: {code}: {}", redact(words));
}

/// Cuts key texts out of what is about to be printed. A key given as an argument by mistake comes back in clap's errors
/// and in those about files ([KEY-08]).
pub(crate) fn redact(text: &str) -> String {
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
