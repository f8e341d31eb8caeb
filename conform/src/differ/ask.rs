//! A case asked of everyone.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use super::{case::Case, told::Told};
use crate::{adapter::Adapter, answer::Reference, class::Class, error::Error, process::Broken};

/// A case, and what the reference says to it.
pub(crate) struct Prepared {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) case: Case,
    pub(crate) own: Told,
}

impl Prepared {
    /// Asks the reference. `None` if the case is no request that it understands.
    pub(crate) fn new(number: u64, id: String, case: Case, reference: &Reference<'_>) -> Option<Self> {
        let request = case.request();
        let own = match catch_unwind(AssertUnwindSafe(|| reference(&request))) {
            Ok(answer) => Told::Answer(answer.ok()?),
            Err(_) => Told::Broken(Broken { hung: false, why: "panicked".to_owned(), stderr: Vec::new() }),
        };
        Some(Self { number, id, case, own })
    }
}

/// Asks every adapter every case, each in a thread of its own, and does something else meanwhile. Returns for each case
/// what was said: first by the reference, then by the adapters in their order.
pub(crate) fn ask<T>(
    adapters: &mut [Adapter],
    cases: &[Prepared],
    meanwhile: impl FnOnce() -> T,
) -> Result<(Vec<Vec<Told>>, T), Error> {
    let mut told: Vec<Vec<Told>> = cases.iter().map(|case| vec![case.own.clone()]).collect();
    let done = thread::scope(|scope| {
        let threads: Vec<_> = adapters
            .iter_mut()
            .map(|adapter| {
                scope.spawn(move || cases.iter().map(|case| of(adapter, case)).collect::<Result<Vec<_>, _>>())
            })
            .collect();
        let done = meanwhile();
        for thread in threads {
            let answers = thread.join().unwrap_or_else(|_| Err(Error::adapter("the thread that asks it panicked")))?;
            told.iter_mut().zip(answers).for_each(|(told, answer)| told.push(answer));
        }
        Ok(done)
    })?;
    Ok((told, done))
}

fn of(adapter: &mut Adapter, prepared: &Prepared) -> Result<Told, Error> {
    let Prepared { id, case, .. } = prepared;
    let claims = &adapter.hello.classes;
    let claimed = match case.class {
        "derivation" => claims.iter().any(|class| !matches!(class, Class::Keyring | Class::Session | Class::Cookie)),
        class => claims.iter().any(|claim| claim.name() == class),
    };
    let draws = matches!(case.op, "seal" | "run" | "write");
    if !claimed || (draws && !adapter.hello.fixed) {
        return Ok(Told::NotAsked);
    }
    Ok(adapter.ask(id, &case.line(id))?.map_or_else(Told::Broken, Told::Answer))
}
