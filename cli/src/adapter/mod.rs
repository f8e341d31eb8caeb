//! `cretula adapter`: the Rust library over the conformance protocol, `interop/protocol.md`.

mod cookie;
mod device;
mod keyring;
mod members;
mod outcome;
mod session;
mod token;

use std::{
    env,
    io::{self, BufRead as _, Write as _},
};

use cretula_conform::PROTOCOL;
use serde::Serialize;
use serde_json::{Value, json};

use self::members::text;
pub(crate) use self::outcome::{No, Outcome};
use crate::failure::Failure;

/// Answers messages until `bye`, or until standard input ends.
pub(crate) fn run() -> Result<(), Failure> {
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::io("standard input", error))?;
        let message: Value =
            serde_json::from_str(&line).map_err(|error| Failure::io("standard input", format_args!("{error}")))?;
        let answer = match message.get("type").and_then(Value::as_str) {
            Some("hello") => hello()?,
            Some("request") => answer(&message).map_err(|words| Failure::io("standard input", words))?.to_string(),
            Some("bye") => return Ok(()),
            _ => return Err(Failure::io("standard input", "a message without a known type")),
        };
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{answer}")
            .and_then(|()| stdout.flush())
            .map_err(|error| Failure::write("standard output", &error))?;
    }
    Ok(())
}

/// In the protocol's order, which a [`Value`] does not keep.
#[derive(Serialize)]
struct Hello {
    r#type: &'static str,
    protocol: u64,
    name: &'static str,
    version: &'static str,
    platform: String,
    classes: [&'static str; 8],
    fixed: bool,
}

fn hello() -> Result<String, Failure> {
    let hello = Hello {
        r#type: "hello",
        protocol: PROTOCOL,
        name: "cretula-rust",
        version: env!("CARGO_PKG_VERSION"),
        platform: format!("{} {}", env::consts::ARCH, env::consts::OS),
        classes: ["unsealer", "sealer", "signer", "verifier", "keyring", "session", "cookie", "device"],
        fixed: true,
    };
    serde_json::to_string(&hello).map_err(|error| Failure::io("JSON", error))
}

/// Answers a request; fails if it is none.
fn answer(request: &Value) -> Result<Value, String> {
    let id = text(request, "id").map_err(words)?;
    Ok(match call(request) {
        Ok(result) => json!({ "id": id, "result": result }),
        Err(No::Error { code, mut members }) => {
            members.insert("id".to_owned(), id.into());
            members.insert("error".to_owned(), code.into());
            Value::Object(members)
        }
        Err(No::Skip(reason)) => json!({ "id": id, "skip": reason }),
        Err(no) => return Err(format!("{id}: {}", words(no))),
    })
}

fn words(no: No) -> String {
    match no {
        No::Error { code, .. } => code.to_owned(),
        No::Skip(reason) => reason.to_owned(),
        No::Request(words) => words,
    }
}

/// Makes the call that a request stands for.
pub(crate) fn call(request: &Value) -> Outcome {
    let (class, op) = (text(request, "class")?, text(request, "op")?);
    match (class, op) {
        ("derivation", "derive") => token::derive(request),
        ("sealer", "seal") => token::seal(request),
        ("signer", "sign") => token::sign(request),
        ("unsealer", "unseal") => token::unseal(request),
        ("verifier", "verify") => token::verify(request),
        ("keyring", op) => keyring::call(op, request),
        ("session", "open") => session::open(request),
        ("session", "run") => session::run(request),
        ("cookie", op) => cookie::call(op, request),
        ("device", op) => device::call(op, request),
        _ => Err(No::request(format!("class {class} has no op {op}"))),
    }
}
