//! `cretula conform matrix`: each implementation makes tokens, sessions and cookies, and each opens what every one made.

use std::{ffi::OsString, fmt::Write as _, time::Duration};

use cretula_conform::{Adapter, Cell, Failed, Matrix, Suite, printable};

use super::{bar::Bar, reference::reference};
use crate::{
    args::MatrixArgs,
    failure::Failure,
    report::{BAD, DIM, GOOD, HEAD, paint},
    streams,
};

/// How many failures people are shown, and how many characters of each.
const SHOWN: usize = 20;
const WORDS: usize = 300;
/// Characters of a line of the table, where the names of the implementations allow it.
const LINE: usize = 80;

pub(crate) fn matrix(args: &MatrixArgs) -> Result<(), Failure> {
    let suite = Suite::bundled()?;
    let mut adapters = Vec::new();
    for line in &args.commands {
        let words = shlex::split(line).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            Failure::usage(
                &["conform", "matrix"],
                &format!("{line:?} is no command line: a quotation mark is not closed"),
            )
        })?;
        let command: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        adapters.push(Adapter::start(&command, &suite, Duration::from_secs(args.timeout.timeout.into()))?);
    }
    let matrix = cretula_conform::matrix(adapters, &suite, &reference, &mut Bar::default())?;
    if args.json {
        streams::write_stdout(format!("{}\n", streams::json(&matrix)?).as_bytes())?;
    } else {
        streams::write_coloured(&for_people(&matrix))?;
    }
    if matrix.full { Ok(()) } else { Err(Failure::Told) }
}

/// Names that differ: of equal ones, the later have a number.
fn names(matrix: &Matrix) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, one) in matrix.implementations.iter().enumerate() {
        let before = matrix.implementations.iter().take(at).filter(|other| other.name == one.name).count();
        let name = printable(&one.name);
        names.push(if before == 0 { name } else { format!("{name} ({})", before.saturating_add(1)) });
    }
    names
}

/// Writes the table. Its columns have the names as heads if they fit a line, and else the numbers of the rows.
fn table(matrix: &Matrix, names: &[String], out: &mut String) {
    let width = |text: &String| text.chars().count();
    let cells = |heads: &[String]| heads.iter().map(|head| width(head).max(7).saturating_add(2)).sum::<usize>();
    let first = |rows: &[String]| rows.iter().map(width).max().unwrap_or_default().max("made by".len());
    let (heads, rows) = if first(names).saturating_add(cells(names)) <= LINE {
        (names.to_vec(), names.to_vec())
    } else {
        let numbers: Vec<_> = (1..=names.len()).map(|number| number.to_string()).collect();
        let rows = numbers.iter().zip(names).map(|(number, name)| format!("{number} {name}")).collect();
        (numbers, rows)
    };
    let first = first(&rows);
    let line: String = heads.iter().map(|head| format!("  {head:>7}")).collect();
    let _ = writeln!(out, "{}", paint(HEAD, &format!("{:first$}{line}", "made by")));
    for (name, row) in rows.iter().zip(&matrix.cells) {
        let _ = write!(out, "{name:first$}");
        for (cell, column) in row.iter().zip(&heads) {
            let width = width(column).max(7);
            let (style, text) = match cell {
                Cell { of: 0, .. } => (DIM, "-".to_owned()),
                Cell { right, of, .. } => (if right == of { GOOD } else { BAD }, format!("{right}/{of}")),
            };
            let _ = write!(out, "  {}", paint(style, &format!("{text:>width$}")));
        }
        out.push('\n');
    }
}

fn for_people(matrix: &Matrix) -> String {
    let names = names(matrix);
    let mut out = String::new();
    table(matrix, &names, &mut out);
    let name = |at: usize| names.get(at).map_or("", String::as_str);
    for Failed { maker, opener, case, words, .. } in matrix.failures.iter().take(SHOWN) {
        let shown: String = printable(words).chars().take(WORDS).collect();
        let _ = write!(out, "\n{} made by {}, opened by {}", paint(BAD, case), name(*maker), name(*opener));
        let _ = writeln!(out, "\n  {shown}");
    }
    let more = matrix.failures.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "\nand {more} more; --json has all");
    }
    out
}
