//! One vector.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How much a vector obliges an implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// An implementation that fails it does not conform.
    Must,
    /// A failure is reported, and does not count.
    Should,
    /// A failure is reported, and does not count.
    May,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) spec: Vec<String>,
    pub(crate) level: Level,
    pub(crate) flags: Vec<String>,
    pub(crate) comment: String,
    /// Everything else: inputs, what is for generators, what is expected.
    #[serde(flatten)]
    pub(crate) members: Map<String, Value>,
}

impl Vector {
    pub(crate) fn op(&self) -> Option<&str> {
        self.members.get("op").and_then(Value::as_str)
    }

    pub(crate) fn has(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.has("result")
    }

    /// How many calls it makes: an accumulated vector has many.
    pub(crate) fn calls(&self) -> u64 {
        self.members.get("count").and_then(Value::as_u64).unwrap_or(1)
    }

    /// What is expected, in few words.
    pub(crate) fn expectation(&self) -> String {
        match self.members.get("error").and_then(Value::as_str) {
            Some(code) => format!("error {code}"),
            None => "a result".to_owned(),
        }
    }
}
