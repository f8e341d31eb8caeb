//! Runs the fuzz targets over their seeds, which are made from the vectors, without the fuzzer.

#[path = "../fuzz/src/corpus.rs"]
#[expect(unreachable_pub, reason = "public in the crate that it is of")]
mod corpus;
#[path = "../fuzz/src/targets.rs"]
#[expect(unreachable_pub, reason = "public in the crate that it is of")]
mod targets;

/// Fails without seeds: none would otherwise show nothing.
#[track_caller]
fn replay(name: &str, target: fn(&[u8])) {
    let seeds = corpus::seeds(name);
    assert!(seeds.len() >= 25, "{name}: {} seeds", seeds.len());
    for (id, seed) in seeds {
        println!("{id}");
        target(&seed);
    }
}

// covers: [OPEN-12] [OPEN-15]
#[test]
fn open() {
    replay("open", targets::open);
}

// covers: [SEAL-01] [SIGN-01]
#[test]
fn roundtrip() {
    replay("roundtrip", targets::roundtrip);
}

#[test]
fn keyring() {
    replay("keyring", targets::keyring);
}

// covers: [SESS-01]
#[test]
fn session() {
    replay("session", targets::session);
}

// covers: [COOK-04] [COOK-05]
#[test]
fn cookie() {
    replay("cookie", targets::cookie);
}

#[test]
fn device() {
    replay("device", targets::device);
}
