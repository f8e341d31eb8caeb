//! The random tester: cases made from a number, asked of every adapter and of the reference, and compared.

mod ask;
mod case;
mod cases;
mod cookie;
mod device;
mod draw;
mod forge;
mod found;
mod json;
mod keyring;
mod session;
mod setting;
mod shrink;
mod tokens;
mod told;
mod units;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

pub use self::found::{Differences, Different, Kind, Said};
use self::{
    ask::{Prepared, ask},
    case::Case,
    draw::Draw,
    told::{Difference, Told, difference},
};
use crate::{
    adapter::Adapter, answer::Reference, error::Error, matrix::Implementation, progress::Progress, suite::Suite,
};

/// How many cases are asked before their answers are compared.
const BATCH: u64 = 256;
/// How many cases are tried to make one smaller, and the longest time for it.
const TRIES: usize = 3000;
const PATIENCE: Duration = Duration::from_secs(15);
/// How many, if an adapter crashes each time and is started again, or hangs.
const STARTS: usize = 150;
const WAITS: usize = 10;
/// So many kinds of differences are made small; of later ones the first case is shown as it is.
const SHRUNK: usize = 40;
/// How often a case is drawn again of which the tokens cannot be made.
const AGAIN: u32 = 100;

/// Which cases are made, and how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The number from which the cases are made: the same number gives the same cases for all adapters.
    pub seed: u64,
    /// The ops of which cases are made; empty: all.
    pub only: Vec<String>,
    /// Ends the run after so many cases.
    pub cases: Option<u64>,
    /// Ends the run after this time.
    pub time: Option<Duration>,
}

impl Plan {
    /// Returns the names of the ops of which cases are made.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        cases::kinds()
    }
}

/// Asks every adapter and the reference cases that are made from a number, and compares what they say. One case of each
/// kind of difference is made as small as it goes.
///
/// Cases that draw random values give them, and are asked only of adapters that use them (`fixed`).
///
/// # Errors
/// [`Error::Adapter`] if an adapter cannot be started again after it broke off.
pub fn differ(
    mut adapters: Vec<Adapter>,
    suite: &Suite,
    plan: &Plan,
    reference: &Reference<'_>,
    progress: &mut dyn Progress,
) -> Result<Differences, Error> {
    let begun = Instant::now();
    let mut found = Found::new(&adapters);
    progress.begins(plan.cases.unwrap_or_default());
    let mut next = 0;
    let mut prepare = || {
        let over = plan.time.is_some_and(|time| begun.elapsed() >= time);
        let end = if over { next } else { plan.cases.unwrap_or(u64::MAX).min(next + BATCH) };
        let numbers = std::mem::replace(&mut next, end)..end;
        numbers.filter_map(|number| prepared(plan, number, reference)).collect::<Vec<_>>()
    };
    let mut batch = prepare();
    while let Some(first) = batch.first() {
        progress.reaches("differ", first.case.op);
        let (told, prepared) = ask(&mut adapters, &batch, &mut prepare)?;
        for (prepared, told) in batch.into_iter().zip(told) {
            progress.advances(1);
            found.count(&prepared.case, &told);
            if let Some(difference) = difference(&prepared.case, &told, reference) {
                found.add(&mut adapters, prepared, difference, told, reference)?;
            }
        }
        batch = prepared;
    }
    progress.ends();
    let mut implementations = Vec::new();
    for adapter in adapters {
        implementations.push(Implementation::of(&adapter));
        adapter.bye();
    }
    Ok(Differences {
        suite: suite.version.clone(),
        seed: plan.seed,
        cases: found.kinds.values().map(|kind| kind.cases).sum(),
        seconds: begun.elapsed().as_secs_f64(),
        implementations,
        left_out: found.left_out,
        kinds: found.kinds.into_values().collect(),
        differences: found.differences.into_iter().map(|(_, different)| different).collect(),
    })
}

fn prepared(plan: &Plan, number: u64, reference: &Reference<'_>) -> Option<Prepared> {
    let mut draw = Draw::new(plan.seed, number);
    let op = cases::op(&mut draw, &plan.only);
    (0..AGAIN).find_map(|_| {
        let case = cases::case(&mut draw, op).make()?;
        Prepared::new(number, format!("differ/{}/{number}", plan.seed), case, reference)
    })
}

/// What was found so far.
struct Found {
    /// Of the reference and of the adapters.
    names: Vec<String>,
    left_out: Vec<u64>,
    kinds: BTreeMap<&'static str, Kind>,
    differences: Vec<(Difference, Different)>,
}

impl Found {
    fn new(adapters: &[Adapter]) -> Self {
        let mut names = vec!["reference".to_owned()];
        for adapter in adapters {
            let name = &adapter.hello.name;
            let before = names.iter().filter(|other| other.split(' ').next() == Some(name)).count();
            names.push(if before == 0 { name.clone() } else { format!("{name} ({})", before + 1) });
        }
        Self { names, left_out: vec![0; adapters.len()], kinds: BTreeMap::new(), differences: Vec::new() }
    }

    fn count(&mut self, case: &Case, told: &[Told]) {
        let new = || Kind { op: case.op.to_owned(), cases: 0, outcomes: BTreeMap::new(), different: 0 };
        let kind = self.kinds.entry(case.op).or_insert_with(new);
        kind.cases += 1;
        if let Some((own, others)) = told.split_first() {
            *kind.outcomes.entry(own.word().to_owned()).or_default() += 1;
            for (count, told) in self.left_out.iter_mut().zip(others) {
                *count += u64::from(matches!(told.word(), "skipped" | "not asked"));
            }
        }
    }

    fn add(
        &mut self,
        adapters: &mut [Adapter],
        prepared: Prepared,
        difference: Difference,
        told: Vec<Told>,
        reference: &Reference<'_>,
    ) -> Result<(), Error> {
        if let Some(kind) = self.kinds.get_mut(prepared.case.op) {
            kind.different += 1;
        }
        if let Some((_, known)) = self.differences.iter_mut().find(|(known, _)| *known == difference) {
            known.times += 1;
            return Ok(());
        }
        let Prepared { number, id, case, .. } = prepared;
        let (mut last, mut failed, begun) = (told, None, Instant::now());
        let tries =
            match last.iter().find_map(|told| if let Told::Broken(broken) = told { Some(broken.hung) } else { None }) {
                _ if self.differences.len() >= SHRUNK => 0,
                None => TRIES,
                Some(false) => STARTS,
                Some(true) => WAITS,
            };
        let smallest = shrink::shrink(case, tries, &mut |smaller| {
            if failed.is_some() || begun.elapsed() >= PATIENCE {
                return None;
            }
            adapters.iter_mut().for_each(Adapter::forgive);
            let prepared = Prepared::new(number, id.clone(), smaller.clone().make()?, reference)?;
            match ask(adapters, std::slice::from_ref(&prepared), || ()) {
                Ok((mut told, ())) => {
                    let told = told.pop()?;
                    let same = self::difference(&prepared.case, &told, reference).is_some_and(|it| it == difference);
                    same.then(|| {
                        last = told;
                        prepared.case
                    })
                }
                Err(error) => {
                    failed = Some(error);
                    None
                }
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        adapters.iter_mut().for_each(Adapter::forgive);
        let different = Different::new(number, &id, &smallest, &difference, &last, &self.names);
        self.differences.push((difference, different));
        Ok(())
    }
}
