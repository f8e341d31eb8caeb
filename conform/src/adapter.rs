//! An adapter that is asked: its hello, its answers, and another process after a crash.

use std::{ffi::OsString, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    class::Class,
    error::Error,
    process::{Broken, Process},
    suite::Suite,
    text::{printable, quoted},
};

/// The version of the protocol that the runner speaks.
pub const PROTOCOL: u64 = 2;

/// An adapter that ends so often in a row at its first request is not started again.
const EARLY_ENDS: u32 = 20;

/// What the adapter says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Hello {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) platform: String,
    pub(crate) classes: Vec<Class>,
    pub(crate) fixed: bool,
}

/// A running adapter: the process that answers for an implementation.
#[derive(Debug)]
pub struct Adapter {
    command: Vec<OsString>,
    greeting: String,
    limit: Duration,
    pub(crate) hello: Hello,
    process: Option<Process>,
    /// The process has answered no request yet.
    fresh: bool,
    early_ends: u32,
    /// How many were started.
    pub(crate) starts: u32,
}

impl Adapter {
    /// Starts a program with its arguments, says hello, and waits for its answer. `limit` is the longest time for an
    /// answer, to this message and to each later one.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the program cannot be started, or its answer is not a hello of this version of the protocol
    /// with at least one class.
    pub fn start(command: &[OsString], suite: &Suite, limit: Duration) -> Result<Self, Error> {
        let greeting = json!({ "type": "hello", "protocol": PROTOCOL, "suite": suite.version, "digest": suite.digest });
        let greeting = greeting.to_string();
        let (process, hello) = greet(command, &greeting, limit)?;
        Ok(Self {
            command: command.to_vec(),
            greeting,
            limit,
            hello,
            process: Some(process),
            fresh: true,
            early_ends: 0,
            starts: 1,
        })
    }

    /// Asks. The outer error ends the run, the inner one concerns this request.
    pub(crate) fn ask(&mut self, id: &str, line: &str) -> Result<Result<Answer, Broken>, Error> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => {
                let (process, hello) = greet(&self.command, &self.greeting, self.limit)?;
                if hello != self.hello {
                    return Err(Error::adapter("its second hello says something else than the first"));
                }
                self.fresh = true;
                self.starts = self.starts.saturating_add(1);
                process
            }
        };
        let answer = process.ask(line, self.limit).and_then(|line| {
            read_answer(id, &line).map_err(|why| process.broken(false, format!("{why}: {}", quoted(&line))))
        });
        match &answer {
            Ok(_) => {
                self.process = Some(process);
                self.fresh = false;
                self.early_ends = 0;
            }
            Err(broken) => {
                self.early_ends = if self.fresh && !broken.hung { self.early_ends.saturating_add(1) } else { 0 };
                if self.early_ends >= EARLY_ENDS {
                    let words = format!("broke off at its first request, {EARLY_ENDS} times in a row; at {id}: ");
                    return Err(Error::adapter(format!("{words}{}{}", broken.why, last_words(broken))));
                }
            }
        }
        Ok(answer)
    }

    /// Forgets how often it ended early: it is asked again what ended it.
    pub(crate) const fn forgive(&mut self) {
        self.early_ends = 0;
    }

    /// Says bye; `false` if the adapter did not end with status 0.
    pub(crate) fn bye(mut self) -> bool {
        self.process.take().is_none_or(|mut process| process.bye(self.limit))
    }
}

fn last_words(broken: &Broken) -> String {
    broken.stderr.iter().map(|line| format!("\n  {}", printable(line))).collect()
}

fn greet(command: &[OsString], greeting: &str, limit: Duration) -> Result<(Process, Hello), Error> {
    let mut process = Process::start(command).map_err(Error::adapter)?;
    let answer = process
        .ask(greeting, limit)
        .map_err(|broken| Error::adapter(format!("no answer to hello: {}{}", broken.why, last_words(&broken))))?;
    let no_hello = |why: &str| Error::adapter(format!("its answer to hello {why}: {}", quoted(&answer)));
    let message: Value = serde_json::from_str(&answer).map_err(|_| no_hello("is not JSON"))?;
    if message.get("type").and_then(Value::as_str) != Some("hello") {
        return Err(no_hello("is not of type hello"));
    }
    match message.get("protocol").and_then(Value::as_u64) {
        Some(PROTOCOL) => {}
        Some(other) => {
            return Err(Error::adapter(format!(
                "speaks version {other} of the protocol, this command version {PROTOCOL}"
            )));
        }
        None => return Err(no_hello("names no version of the protocol")),
    }
    let hello: Hello =
        serde_json::from_value(message).map_err(|error| no_hello(&format!("is not as it should be ({error})")))?;
    if hello.classes.is_empty() {
        return Err(no_hello("claims no class"));
    }
    Ok((process, hello))
}

fn read_answer(id: &str, line: &str) -> Result<Answer, &'static str> {
    let Ok(Value::Object(mut answer)) = serde_json::from_str(line) else { return Err("a line that is no JSON object") };
    if answer.remove("id").as_ref().and_then(Value::as_str) != Some(id) {
        return Err("a line with another id");
    }
    match (answer.remove("result"), answer.remove("error"), answer.remove("skip")) {
        (Some(Value::Object(result)), None, None) => Ok(Answer::Result(result)),
        (None, Some(Value::String(code)), None) => Ok(Answer::Error(code, answer)),
        (None, None, Some(Value::String(reason))) => Ok(Answer::Skip(reason)),
        _ => Err("a line without exactly one of result (an object), error and skip (strings)"),
    }
}
