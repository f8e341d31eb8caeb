//! Answers, those of an adapter and those of the reference.

use serde_json::{Map, Value};

/// The answer to a request of the protocol.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The members of `result`.
    Result(Map<String, Value>),
    /// The code (§12), and the members beside it.
    Error(String, Map<String, Value>),
    /// The reason for which this call cannot be made.
    Skip(String),
}

/// An implementation that the runner trusts: takes the members of a request, without `type` and `id`, and answers it.
/// It accepts test keys, and uses the salts and initialisation vectors that it is given.
///
/// The runner opens with it what an adapter made, and compares with it each call of the accumulated vectors. It answers
/// the ops of the token classes, `session`'s `open` and `cookie`'s `read`; the error says in words why a request is none
/// that it understands.
pub type Reference<'a> = dyn Fn(&Value) -> Result<Answer, String> + 'a;
