//! Cretula's golden vectors: the list of cases, a reference implementation, and the files made from both.
//!
//! `cargo run -p cretula-vectors -- write` writes them, `-- check` compares.

pub mod accumulated;
mod cookie;
mod derivation;
mod device;
mod example;
mod failing;
mod json;
mod keyring;
mod opener;
mod opening;
pub mod reference;
mod sealing;
mod session;
mod vector;

use std::path::Path;

pub use cookie::{SESSION_BEGIN, SESSION_END, session_example};
pub use example::{BEGIN, END, worked_example};
use failing::with_failing;
use json::{Json, file_text, hex, object};

/// Version of the suite; a vector's `since` is one of these.
pub const SUITE: &str = "3.0.0";

/// Returns every generated file: path from the repository's root, and content.
///
/// # Panics
/// When the specification lacks the markers of the worked example.
#[must_use]
pub fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let classes = [
        ("derivation", derivation::vectors()),
        ("sealer", with_failing("seal", sealing::vectors(0x45))),
        ("unsealer", with_failing("unseal", opening::vectors(0x45))),
        ("signer", with_failing("sign", sealing::vectors(0x53))),
        ("verifier", with_failing("verify", opening::vectors(0x53))),
        ("keyring", keyring::vectors()),
        ("session", session::vectors()),
        ("cookie", cookie::vectors()),
        ("device", device::vectors()),
        ("accumulated", accumulated::vectors()),
    ];
    let mut files = Vec::new();
    let mut manifest = Vec::new();
    for (class, vectors) in &classes {
        let text = file_text(&vector::file(class, vectors));
        let negative = vectors.iter().filter(|vector| vector.is_negative()).count();
        let count = |number: usize| Json::from(u64::try_from(number).expect("a small number"));
        manifest.push(object([
            ("file", format!("{class}.json").into()),
            ("class", (*class).into()),
            ("vectors", count(vectors.len())),
            ("positive", count(vectors.len() - negative)),
            ("negative", count(negative)),
            ("sha256", hex(&reference::sha256(text.as_bytes())).into()),
        ]));
        files.push((format!("test-vectors/v1/{class}.json"), text.into_bytes()));
    }
    let manifest =
        object([("format", "cretula-manifest-1".into()), ("suite", SUITE.into()), ("files", Json::List(manifest))]);
    files.push(("test-vectors/v1/manifest.json".to_owned(), file_text(&manifest).into_bytes()));

    let path = "spec/cretula-v1.md";
    let spec = std::fs::read_to_string(root.join(path)).expect("the specification");
    let spec = put(&spec, BEGIN, &worked_example(), END);
    let spec = put(&spec, SESSION_BEGIN, &session_example(), SESSION_END);
    files.push((path.to_owned(), spec.into_bytes()));
    files
}

/// Puts a generated text between its markers.
fn put(spec: &str, begin: &str, text: &str, end: &str) -> String {
    let (before, rest) = spec.split_once(begin).expect("the first marker");
    let (_, after) = rest.split_once(end).expect("the last marker");
    format!("{before}{begin}\n{text}{end}{after}")
}
