//! How much more two threads do than one.

use std::{sync::Barrier, thread, time::Instant};

use cretula::Sealer;

use crate::{
    peers::{TTL, payload, sealer},
    turns::Turns,
};

const SIZE: usize = 256;

/// Calls a second of all threads together, in the best round: what else a machine does only slows it down.
pub struct Rates {
    pub name: &'static str,
    pub one: f64,
    pub two: f64,
}

/// What a thread does again and again with a Sealer.
type Work = fn(&Sealer) -> Box<dyn FnMut(&Sealer)>;

/// What two threads do that have nothing in common says how much of a second processor there was.
pub fn measure(rounds: usize, calls: u32) -> Vec<Rates> {
    let (shared, own) = (sealer(), sealer());
    let rows: [(&str, Work, &Sealer); 4] = [
        ("seal, one Sealer", seal, &shared),
        ("seal, a Sealer for each", seal, &own),
        ("unseal, one Sealer", unseal, &shared),
        ("unseal, a Sealer for each", unseal, &own),
    ];
    let mut rates = rows.map(|(name, ..)| Rates { name, one: 0.0, two: 0.0 });
    for _ in 0..rounds {
        for ((_, work, second), rates) in rows.iter().zip(&mut rates) {
            rates.one = rates.one.max(rate(&[&shared], *work, calls));
            rates.two = rates.two.max(rate(&[&shared, second], *work, calls));
        }
    }
    rates.into()
}

fn seal(_: &Sealer) -> Box<dyn FnMut(&Sealer)> {
    let text = payload(SIZE);
    Box::new(move |sealer| drop(sealer.seal(&text, TTL).expect("sealed")))
}

fn unseal(sealer: &Sealer) -> Box<dyn FnMut(&Sealer)> {
    let mut tokens = Turns::of(|| sealer.seal(payload(SIZE), TTL).expect("sealed"));
    Box::new(move |sealer| drop(sealer.unseal(tokens.next()).expect("opened")))
}

fn rate(sealers: &[&Sealer], work: Work, calls: u32) -> f64 {
    let start = Barrier::new(sealers.len());
    let run = |sealer: &Sealer| {
        let mut work = work(sealer);
        start.wait();
        let begun = Instant::now();
        for _ in 0..calls {
            work(sealer);
        }
        (begun, Instant::now())
    };
    // From the first that begins to the last that ends.
    let (begun, ended): (Vec<_>, Vec<_>) = thread::scope(|scope| {
        let threads: Vec<_> = sealers.iter().map(|sealer| scope.spawn(|| run(sealer))).collect();
        threads.into_iter().map(|thread| thread.join().expect("times")).unzip()
    });
    let elapsed = ended.into_iter().max().zip(begun.into_iter().min()).map(|(ended, begun)| ended - begun);
    f64::from(calls) * sealers.len() as f64 / elapsed.expect("a thread").as_secs_f64()
}
