//! `cretula conform matrix`: each implementation makes tokens, sessions and cookies, and each opens what every one made.

use std::{ffi::OsString, fmt::Write as _, time::Duration};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    adapter::{Adapter, Answer, printable},
    judge::{self, Difference},
    made::{self, Case},
    request,
    run::bar,
    suite::{Class, Suite},
};
use crate::{
    adapter::{self, No},
    args::MatrixArgs,
    failure::Failure,
    report::{BAD, DIM, GOOD, HEAD, paint},
    streams,
};

/// How many failures people are shown, and how many characters of each.
const SHOWN: usize = 20;
const WORDS: usize = 300;

/// The document of `--json`.
#[derive(Serialize)]
struct Matrix {
    suite: String,
    implementations: Vec<Implementation>,
    /// A row for each maker, in it a cell for each opener.
    cells: Vec<Vec<Cell>>,
    /// Every cell is full.
    full: bool,
    failures: Vec<Failed>,
}

#[derive(Serialize)]
struct Implementation {
    name: String,
    version: String,
    platform: String,
    classes: Vec<Class>,
}

#[derive(Clone, Copy, Default, Serialize)]
struct Cell {
    right: usize,
    of: usize,
}

#[derive(Serialize)]
struct Failed {
    maker: usize,
    opener: usize,
    case: String,
    words: String,
}

pub(crate) fn matrix(args: &MatrixArgs) -> Result<(), Failure> {
    let suite = Suite::own()?;
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
    let matrix = fill(adapters, suite.version)?;
    if args.json {
        streams::write_stdout(format!("{}\n", streams::json(&matrix)?).as_bytes())?;
    } else {
        streams::write_coloured(&matrix.for_people())?;
    }
    if matrix.full { Ok(()) } else { Err(Failure::Told) }
}

fn fill(mut adapters: Vec<Adapter>, suite: String) -> Result<Matrix, Failure> {
    let cases = made::cases();
    let count = adapters.len();
    let bar = bar(u64::try_from(count.saturating_mul(cases.len())).unwrap_or(u64::MAX));
    let mut cells = vec![vec![Cell::default(); count]; count];
    let mut failures = Vec::new();
    for (maker, row) in cells.iter_mut().enumerate() {
        for case in &cases {
            bar.inc(1);
            let openers = openers(&adapters, case, maker);
            if openers.is_empty() {
                continue;
            }
            let made = match adapters.get_mut(maker) {
                Some(adapter) => make(adapter, case)?,
                None => continue,
            };
            for opener in openers {
                let opened = match (&made, adapters.get_mut(opener)) {
                    (Ok(made), Some(adapter)) => open(adapter, case, made)?,
                    (Err(words), _) => Err(format!("not made: {words}")),
                    (_, None) => continue,
                };
                if let Some(cell) = row.get_mut(opener) {
                    cell.of = cell.of.saturating_add(1);
                    cell.right = cell.right.saturating_add(usize::from(opened.is_ok()));
                }
                failures.extend(opened.err().map(|words| Failed { maker, opener, case: case.id.clone(), words }));
            }
        }
    }
    bar.finish_and_clear();
    let full = failures.is_empty() && cells.iter().flatten().any(|cell| cell.of > 0);
    let mut implementations: Vec<Implementation> = Vec::new();
    for adapter in adapters {
        let hello = adapter.hello.clone();
        let (name, version, platform, classes) = (hello.name, hello.version, hello.platform, hello.classes);
        implementations.push(Implementation { name, version, platform, classes });
        adapter.bye();
    }
    Ok(Matrix { suite, implementations, cells, full, failures })
}

/// Returns who opens a case, if the maker makes it.
fn openers(adapters: &[Adapter], case: &Case, maker: usize) -> Vec<usize> {
    let claims = |adapter: &Adapter, class: Class| adapter.hello.classes.contains(&class);
    if !adapters.get(maker).is_some_and(|adapter| claims(adapter, case.part.maker().0)) {
        return Vec::new();
    }
    let opener = case.part.opener().0;
    adapters.iter().enumerate().filter(|(_, adapter)| claims(adapter, opener)).map(|(at, _)| at).collect()
}

/// What is to be opened, and what comes of it.
struct Made {
    opening: Map<String, Value>,
    expected: Map<String, Value>,
}

/// Lets a maker make a case. The inner error says why there is nothing to open.
fn make(adapter: &mut Adapter, case: &Case) -> Result<Result<Made, String>, Failure> {
    let (class, op) = case.part.maker();
    let result = match ask(adapter, &format!("make/{}", case.id), class, op, &case.making())? {
        Ok(result) => result,
        Err(words) => return Ok(Err(words)),
    };
    let Some(opening) = case.opening(&result) else { return Ok(Err("the answer holds nothing to open".to_owned())) };
    let (class, op) = case.part.opener();
    let mut request = opening.clone();
    request.insert("class".to_owned(), class.to_string().into());
    request.insert("op".to_owned(), op.into());
    Ok(match adapter::call(&Value::Object(request)) {
        Ok(Value::Object(expected)) if case.is_in(&expected) => Ok(Made { opening, expected }),
        Ok(other) => Err(format!("it holds something else: {other}")),
        Err(No::Error { code, .. }) => Err(format!("this command's own library does not open it: {code}")),
        Err(No::Request(words)) => Err(words),
    })
}

/// Lets an opener open it. The inner error says what was wrong.
fn open(adapter: &mut Adapter, case: &Case, made: &Made) -> Result<Result<(), String>, Failure> {
    let (class, op) = case.part.opener();
    Ok(ask(adapter, &format!("open/{}", case.id), class, op, &made.opening)?.and_then(|got| {
        let differ = |Difference { expected, got }| format!("expected {expected}; got {got}");
        judge::compare(&class.to_string(), op, &made.expected, &got).map_err(differ)
    }))
}

fn ask(
    adapter: &mut Adapter,
    id: &str,
    class: Class,
    op: &str,
    inputs: &Map<String, Value>,
) -> Result<Result<Map<String, Value>, String>, Failure> {
    let inputs = inputs.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let line = request::write(id, &class.to_string(), op, inputs);
    Ok(match adapter.ask(id, &line)? {
        Ok(Answer::Result(result)) => Ok(result),
        Ok(Answer::Error(code, _)) => Err(format!("error {code}")),
        Ok(Answer::Skip(reason)) => Err(format!("skipped: {reason}")),
        Err(broken) => Err(format!("{}: {}", if broken.hung { "hung" } else { "crashed" }, broken.why)),
    })
}

impl Matrix {
    /// Names that differ: of equal ones, the later have a number.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (at, one) in self.implementations.iter().enumerate() {
            let before = self.implementations.iter().take(at).filter(|other| other.name == one.name).count();
            let name = printable(&one.name);
            names.push(if before == 0 { name } else { format!("{name} ({})", before.saturating_add(1)) });
        }
        names
    }

    fn for_people(&self) -> String {
        let names = self.names();
        let width = |text: &String| text.chars().count();
        let first = names.iter().map(width).max().unwrap_or_default().max("made by".len());
        let mut out = String::new();
        let heads: String = names.iter().map(|name| format!("  {name:>7}")).collect();
        let _ = writeln!(out, "{}", paint(HEAD, &format!("{:first$}{heads}", "made by")));
        for (name, row) in names.iter().zip(&self.cells) {
            let _ = write!(out, "{name:first$}");
            for (cell, column) in row.iter().zip(&names) {
                let width = width(column).max(7);
                let (style, text) = match cell {
                    Cell { of: 0, .. } => (DIM, "-".to_owned()),
                    Cell { right, of } => (if right == of { GOOD } else { BAD }, format!("{right}/{of}")),
                };
                let _ = write!(out, "  {}", paint(style, &format!("{text:>width$}")));
            }
            out.push('\n');
        }
        let name = |at: usize| names.get(at).map_or("", String::as_str);
        for Failed { maker, opener, case, words } in self.failures.iter().take(SHOWN) {
            let shown: String = printable(words).chars().take(WORDS).collect();
            let _ = write!(out, "\n{} made by {}, opened by {}", paint(BAD, case), name(*maker), name(*opener));
            let _ = writeln!(out, "\n  {shown}");
        }
        let more = self.failures.len().saturating_sub(SHOWN);
        if more > 0 {
            let _ = writeln!(out, "\nand {more} more; --json has all");
        }
        out
    }
}
