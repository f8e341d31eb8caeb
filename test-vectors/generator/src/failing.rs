//! Cases of the token classes without a clock or without randomness: made from cases that have both.

use crate::{
    json::Json,
    vector::{Outcome, Vector},
};

/// Adds the cases of a class to its own; `call` is `seal`, `sign`, `unseal` or `verify`.
pub(crate) fn with_failing(call: &str, mut vectors: Vec<Vector>) -> Vec<Vector> {
    let seals = call == "seal";
    let spec: &[&'static str] = if seals { &["SEAL-02", "TIME-01", "TIME-02"] } else { &["TIME-01", "TIME-02"] };
    let clock =
        |base: &str, id: &str, code, comment| clockless(find(&vectors, call, base), call, id, spec, code, comment);
    let mut more = vec![clock("ok/basic", "no-clock/basic", "no_clock", "no clock: the call has no result")];
    match call {
        "seal" | "sign" => {
            more.push(clock("ttl/0", "no-clock/before-ttl", "no_clock", "a ttl out of range: the clock is told first"));
            more.push(clock("limit/0", "no-clock/after-limit", "limit_range", "a limit out of range is told first"));
        }
        _ => {
            more.push(clock(
                "caller/leeway-301",
                "no-clock/after-leeway",
                "leeway_range",
                "a leeway out of range is told first",
            ));
            more.push(clock(
                "expired/at-second",
                "no-clock/before-token",
                "no_clock",
                "a token that has expired: nobody knows",
            ));
            more.push(clock(
                "not-a-token/empty",
                "no-clock/before-text",
                "no_clock",
                "no token at all: the clock is told first",
            ));
        }
    }
    if seals {
        let dry = |base: &str, id: &str, code, comment| dry(find(&vectors, call, base), call, id, code, comment);
        more.push(dry("ok/basic", "no-randomness/basic", "no_randomness", "no randomness: no token is made"));
        more.push(dry("ttl/0", "no-randomness/after-ttl", "ttl_range", "a ttl out of range is told first"));
        more.push(dry(
            "size/largest-plus-1",
            "no-randomness/after-size",
            "result_too_long",
            "a token too long is told first",
        ));
        more.push(dry("key/future", "no-randomness/after-key", "no_sealing_key", "a missing key is told first"));
    }
    vectors.extend(more);
    vectors
}

fn find<'a>(vectors: &'a [Vector], call: &str, id: &str) -> &'a Vector {
    let id = format!("{call}/{id}");
    vectors.iter().find(|vector| vector.id == id).unwrap_or_else(|| panic!("no vector {id}"))
}

fn clockless(base: &Vector, call: &str, id: &str, spec: &[&'static str], code: &'static str, comment: &str) -> Vector {
    let mut inputs = base.inputs.clone();
    inputs.iter_mut().filter(|(name, _)| name == "now").for_each(|(_, now)| *now = Json::Null);
    let (id, comment) = (format!("{call}/{id}"), comment.to_owned());
    Vector { id, spec: spec.to_vec(), flags: vec!["no-clock"], comment, inputs, outcome: Outcome::Error(code) }
}

fn dry(base: &Vector, call: &str, id: &str, code: &'static str, comment: &str) -> Vector {
    let mut inputs = base.inputs.clone();
    inputs.retain(|(name, _)| name != "salt" && name != "iv");
    inputs.push(("no_randomness".to_owned(), true.into()));
    let (id, spec, comment) = (format!("{call}/{id}"), vec!["SEAL-02", "SEAL-04"], comment.to_owned());
    Vector { id, spec, flags: vec!["no-randomness"], comment, inputs, outcome: Outcome::Error(code) }
}
