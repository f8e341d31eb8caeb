//! The matrix: each implementation makes tokens, sessions and cookies, and each opens what every one made.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    adapter::{Adapter, Hello},
    answer::{Answer, Reference},
    class::Class,
    compare::{self, Difference},
    error::Error,
    made::{self, Case},
    progress::Progress,
    request,
    suite::Suite,
};

/// Who opened what each one made. As JSON it is the document of `cretula conform matrix --json`.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Matrix {
    /// Version of the suite.
    pub suite: String,
    /// The implementations, in the order in which their adapters were given.
    pub implementations: Vec<Implementation>,
    /// A row for each maker, in it a cell for each opener.
    pub cells: Vec<Vec<Cell>>,
    /// Everything made was opened, and there was something to make.
    pub full: bool,
    /// What was not opened, or not made.
    pub failures: Vec<Failed>,
}

/// An implementation, as its adapter says it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Implementation {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it runs on.
    pub platform: String,
    /// The classes that it claims.
    pub classes: Vec<Class>,
}

impl Implementation {
    pub(crate) fn of(adapter: &Adapter) -> Self {
        let Hello { name, version, platform, classes, .. } = adapter.hello.clone();
        Self { name, version, platform, classes }
    }
}

/// How many things of a maker an opener opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// How many were opened, with the right content.
    pub right: usize,
    /// How many there are of the classes that both claim; 0 if there are none.
    pub of: usize,
}

/// Something that an opener did not open.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Failed {
    /// Place of the maker among the implementations.
    pub maker: usize,
    /// Place of the opener among the implementations.
    pub opener: usize,
    /// What was to be made, such as `sealed/utf-8`.
    pub case: String,
    /// What was wrong. May hold control characters of an adapter.
    pub words: String,
}

/// Lets each implementation make tokens, sessions and cookies with its own randomness, and each open what every one made.
/// A class that an implementation does not claim is left out of its row or column.
///
/// # Errors
/// [`Error::Adapter`] if an adapter cannot be started again after it broke off.
pub fn matrix(
    mut adapters: Vec<Adapter>,
    suite: &Suite,
    reference: &Reference<'_>,
    progress: &mut dyn Progress,
) -> Result<Matrix, Error> {
    let cases = made::cases();
    let count = adapters.len();
    progress.begins(u64::try_from(count.saturating_mul(cases.len())).unwrap_or(u64::MAX));
    let mut cells = vec![vec![Cell::default(); count]; count];
    let mut failures = Vec::new();
    for (maker, row) in cells.iter_mut().enumerate() {
        for case in &cases {
            progress.reaches(case.part.maker().0.name(), &case.id);
            progress.advances(1);
            let openers = openers(&adapters, case, maker);
            if openers.is_empty() {
                continue;
            }
            let made = match adapters.get_mut(maker) {
                Some(adapter) => make(adapter, case, reference)?,
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
    progress.ends();
    let full = failures.is_empty() && cells.iter().flatten().any(|cell| cell.of > 0);
    let mut implementations: Vec<Implementation> = Vec::new();
    for adapter in adapters {
        implementations.push(Implementation::of(&adapter));
        adapter.bye();
    }
    Ok(Matrix { suite: suite.version.clone(), implementations, cells, full, failures })
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
fn make(adapter: &mut Adapter, case: &Case, reference: &Reference<'_>) -> Result<Result<Made, String>, Error> {
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
    Ok(match reference(&Value::Object(request)) {
        Ok(Answer::Result(expected)) if case.is_in(&expected) => Ok(Made { opening, expected }),
        Ok(Answer::Result(other)) => Err(format!("it holds something else: {}", Value::Object(other))),
        Ok(Answer::Error(code, _)) => Err(format!("this command's own library does not open it: {code}")),
        Ok(Answer::Skip(words)) | Err(words) => Err(words),
    })
}

/// Lets an opener open it. The inner error says what was wrong.
fn open(adapter: &mut Adapter, case: &Case, made: &Made) -> Result<Result<(), String>, Error> {
    let (class, op) = case.part.opener();
    Ok(ask(adapter, &format!("open/{}", case.id), class, op, &made.opening)?.and_then(|got| {
        let differ = |Difference { expected, got }| format!("expected {expected}; got {got}");
        compare::compare(&class.to_string(), op, &made.expected, &got).map_err(differ)
    }))
}

fn ask(
    adapter: &mut Adapter,
    id: &str,
    class: Class,
    op: &str,
    inputs: &Map<String, Value>,
) -> Result<Result<Map<String, Value>, String>, Error> {
    let inputs = inputs.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let line = request::write(id, &class.to_string(), op, inputs);
    Ok(match adapter.ask(id, &line)? {
        Ok(Answer::Result(result)) => Ok(result),
        Ok(Answer::Error(code, _)) => Err(format!("error {code}")),
        Ok(Answer::Skip(reason)) => Err(format!("skipped: {reason}")),
        Err(broken) => Err(format!("{}: {}", if broken.hung { "hung" } else { "crashed" }, broken.why)),
    })
}
