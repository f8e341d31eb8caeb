//! Standard input, files and standard output: bounded reading, and writing that notices errors.

use std::{
    fs::File,
    io::{self, IsTerminal as _, Read, Write},
    path::Path,
};

use anstream::AutoStream;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Reads at most `bound` bytes, whatever there is, into a buffer that is wiped when dropped and does not move.
pub(crate) fn read(source: impl Read, bound: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    // `read_to_end` does not grow a buffer that has room left when the source ends.
    let mut bytes = Zeroizing::new(Vec::with_capacity(bound.saturating_add(64)));
    source.take(u64::try_from(bound).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads at most `bound` bytes of standard input. On a terminal it says what it waits for.
pub(crate) fn read_stdin(what: &str, bound: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if io::stdin().is_terminal() {
        write_stderr(&format!("cretula: reading {what} from the terminal; Ctrl-D at the beginning of a line ends it"))?;
    }
    read(io::stdin().lock(), bound).map_err(|error| Failure::io("standard input", error))
}

/// Reads at most `bound` bytes of a file. The name is printed escaped and quoted.
pub(crate) fn read_file(path: &Path, bound: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    File::open(path).and_then(|file| read(file, bound)).map_err(|error| Failure::io(format_args!("{path:?}"), error))
}

/// Reads a token: one trailing newline is not part of it. Reads no more than tells that it is over the limit.
pub(crate) fn read_token(limit: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut text = read_stdin("the token", limit.saturating_add(2))?;
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Ok(text)
}

fn write(mut to: impl Write, bytes: &[u8]) -> Result<(), Failure> {
    to.write_all(bytes).and_then(|()| to.flush()).map_err(|error| Failure::write("standard output", &error))
}

pub(crate) fn write_stdout(bytes: &[u8]) -> Result<(), Failure> {
    write(io::stdout().lock(), bytes)
}

/// Writes text with escape sequences of our own, which are left out where standard output is no terminal or `NO_COLOR`
/// is set.
pub(crate) fn write_coloured(text: &str) -> Result<(), Failure> {
    write(AutoStream::auto(io::stdout()).lock(), text.as_bytes())
}

/// Writes a line to standard error that was asked for.
pub(crate) fn write_stderr(line: &str) -> Result<(), Failure> {
    writeln!(io::stderr(), "{line}").map_err(|error| Failure::write("standard error", &error))
}

/// Returns a value as one line of JSON in printable ASCII: a token's text reaches no terminal with control characters,
/// those beyond ASCII included.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::io("JSON", error))?;
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        // Outside strings JSON is printable ASCII, so what is escaped here stands in a string.
        if matches!(c, ' '..='~') {
            line.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| line.push_str(&format!("\\u{unit:04x}")));
        }
    }
    Ok(line)
}
