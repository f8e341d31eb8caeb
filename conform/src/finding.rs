//! Outcomes, and what is found where an answer is not right.

use serde::Serialize;

use crate::process::Broken;

/// What came of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The result, or exactly the code.
    Right,
    /// Refused with another code, or refused what is valid.
    WrongCode,
    /// Another result, or the right code with other members beside it.
    WrongValue,
    /// Took what it must reject.
    Accepted,
    /// Ended, or wrote something that does not answer the request.
    Crashed,
    /// No answer within the time limit.
    Hung,
    /// The adapter says that the call cannot be made in its language.
    Skipped,
}

impl Outcome {
    /// Every outcome, in the order of tables.
    pub const ALL: [Self; 7] =
        [Self::Right, Self::WrongCode, Self::WrongValue, Self::Accepted, Self::Crashed, Self::Hung, Self::Skipped];

    /// Returns the outcome in words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::WrongCode => "wrong code",
            Self::WrongValue => "wrong value",
            Self::Accepted => "accepted",
            Self::Crashed => "crashed",
            Self::Hung => "hung",
            Self::Skipped => "skipped",
        }
    }
}

/// What is not right about an answer.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) outcome: Outcome,
    pub(crate) expected: String,
    pub(crate) got: String,
    /// Line of the request that was answered so; empty if none was.
    pub(crate) request: String,
    /// Last lines of the adapter's standard error.
    pub(crate) stderr: Vec<String>,
}

impl Finding {
    pub(crate) fn new(outcome: Outcome, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { outcome, expected: expected.into(), got: got.into(), request: String::new(), stderr: Vec::new() }
    }

    /// Makes the finding about an answer that did not come.
    pub(crate) fn broken_off(broken: Broken, expected: String) -> Self {
        let Broken { hung, why, stderr } = broken;
        let outcome = if hung { Outcome::Hung } else { Outcome::Crashed };
        Self { stderr, ..Self::new(outcome, expected, why) }
    }
}
