//! Cases of `device.json` (§21).

mod curve;
mod jwt;
mod post;
mod reading;
pub(crate) mod reference;
mod refresh;
mod register;
mod setup;
mod writing;

use crate::{
    session::{Made, START, user},
    vector::Vector,
};
use reference::{PublicKey, private_key};

/// The sid of the sessions of these cases.
const SID: &str = "AAECAwQFBgcICQoLDA0ODw";

pub(crate) fn vectors() -> Vec<Vector> {
    let mut vectors = setup::vectors();
    vectors.extend(reading::vectors());
    vectors.extend(writing::vectors());
    vectors.extend(register::vectors());
    vectors.extend(jwt::vectors());
    vectors.extend(refresh::vectors());
    vectors.extend(curve::vectors());
    vectors
}

/// Returns the public half of a key of the tests.
fn public(number: usize) -> PublicKey {
    PublicKey::of(&private_key(number))
}

/// Returns its thumbprint.
fn jkt(number: usize) -> String {
    public(number).thumbprint()
}

/// Returns the payload of a session that is bound to a key of the tests, after changes.
fn bound(number: usize, changes: &[(&str, &str)]) -> String {
    bound_to(&jkt(number), changes)
}

/// Returns the payload of a session that is bound to the key of this thumbprint, after changes.
fn bound_to(jkt: &str, changes: &[(&str, &str)]) -> String {
    let jkt = format!("\"{jkt}\"");
    user(&[&[("jkt", &jkt[..])], changes].concat())
}

/// Returns a proof of a key of the tests, sealed when the session began.
fn proof(number: usize) -> Made {
    proof_of(&format!("{{\"sid\":\"{SID}\",\"jkt\":\"{}\"}}", jkt(number)))
}

/// Returns a token for the cookie of proofs with this payload.
fn proof_of(payload: &str) -> Made {
    Made { purpose: "session.proof", issued_at: START, ttl: 600, ..Made::new(payload) }
}
