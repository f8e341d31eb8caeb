//! Right or not, and how not: answers beside what the vectors expect.

use serde_json::Value;

use crate::{
    answer::Answer,
    compare::{Difference, compare, member},
    drawn::{self, Drawn},
    finding::{Finding, Outcome},
    request::{self, Randomness},
    vector::Vector,
};

/// Judges the answer to a vector.
pub(crate) fn judge(
    class: &str,
    vector: &Vector,
    answer: &Answer,
    randomness: Randomness,
    drawn: &mut Drawn<'_>,
) -> Result<(), Finding> {
    let (result, error) = (vector.members.get("result"), vector.members.get("error"));
    match (answer, result, error.and_then(Value::as_str)) {
        (Answer::Skip(reason), ..) => Err(Finding::new(Outcome::Skipped, "an answer", reason.as_str())),
        (Answer::Result(got), Some(Value::Object(expected)), _) => {
            let compared = match (class, request::op(class, vector), randomness) {
                ("session", "run", randomness) => drawn::run(vector, expected, got, randomness, drawn),
                ("cookie", "write", randomness) => drawn::write(vector, expected, got, randomness, drawn),
                ("device", "register" | "refresh" | "write", randomness) => {
                    drawn::device(vector, expected, got, randomness, drawn)
                }
                ("sealer", _, Randomness::Own) => drawn::seal(vector, expected, got, drawn),
                (class, op, _) => compare(class, op, expected, got),
            };
            compared.map_err(|Difference { expected, got }| Finding::new(Outcome::WrongValue, expected, got))
        }
        (Answer::Result(got), _, Some(code)) => {
            Err(Finding::new(Outcome::Accepted, format!("error {code}"), Value::Object(got.clone()).to_string()))
        }
        (Answer::Error(code, beside), _, Some(expected)) if code == expected => {
            ["entry", "over", "largest"].into_iter().try_for_each(|name| {
                member(name, &vector.members, beside).map_err(|Difference { expected, got }| {
                    Finding::new(
                        Outcome::WrongValue,
                        format!("error {code}, {expected}"),
                        format!("error {code}, {got}"),
                    )
                })
            })
        }
        (Answer::Error(code, _), _, expected) => {
            let expected = expected.map_or("a result".to_owned(), |expected| format!("error {expected}"));
            Err(Finding::new(Outcome::WrongCode, expected, format!("error {code}")))
        }
        (Answer::Result(_), ..) => Err(Finding::new(Outcome::WrongValue, "an object", "an object")),
    }
}
