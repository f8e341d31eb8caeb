//! Runs properties over arbitrary inputs, the same every time unless `PROPTEST_RNG_SEED` says otherwise.

use proptest::{
    prelude::*,
    test_runner::{RngSeed, TestRunner},
};

/// Runs a property; a failing input is shrunk and shown.
#[track_caller]
pub(crate) fn check<S: Strategy>(inputs: S, property: impl Fn(S::Value)) {
    let given = ProptestConfig::default();
    let rng_seed = if given.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { given.rng_seed };
    let config = ProptestConfig { rng_seed, failure_persistence: None, ..given };
    let run = TestRunner::new(config).run(&inputs, |input| {
        property(input);
        Ok(())
    });
    if let Err(failure) = run {
        panic!("{failure}");
    }
}
