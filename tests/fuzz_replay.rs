//! Runs the fuzz targets over the committed corpus, without the fuzzer. `cargo run -p cretula-vectors -- write` makes the
//! corpus from the vectors.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "public in the crate that it is of")]
mod targets;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// Fails on an empty corpus: one that is not found would otherwise show nothing.
#[track_caller]
fn replay(name: &str, target: fn(&[u8])) {
    let mut files: Vec<_> = fs::read_dir(corpus(name)).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "fuzz/corpus/{name} is empty");
    for file in files {
        println!("{}", file.display());
        target(&fs::read(file).unwrap());
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
