//! The Rust library as the runner's reference.

use cretula_conform::Answer;
use serde_json::Value;

use crate::adapter::{self, No};

/// Answers a request of the protocol with this command's own library.
pub(crate) fn reference(request: &Value) -> Result<Answer, String> {
    match adapter::call(request) {
        Ok(Value::Object(result)) => Ok(Answer::Result(result)),
        Ok(other) => Err(format!("a result that is no object: {other}")),
        Err(No::Error { code, members }) => Ok(Answer::Error(code.to_owned(), members)),
        Err(No::Skip(reason)) => Ok(Answer::Skip(reason.to_owned())),
        Err(No::Request(words)) => Err(words),
    }
}
