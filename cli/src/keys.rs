//! New keys; the keyring of a call. A key is never an argument.

use std::path::Path;

use cretula::{ErrorCode as _, Key, Keyring, KeyringError};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    args::{KeygenArgs, KeysArgs},
    failure::Failure,
    hint, streams,
};

/// The variable that holds a keyring in either form (§11.3, §11.4).
const VARIABLE: &str = "CRETULA_KEYS";

/// More than 7 000 entries; the format itself sets no bound.
const KEYRING_MAX_BYTES: usize = 1 << 20;

pub(crate) fn generate(args: &KeygenArgs) -> Result<(), Failure> {
    let key = Key::generate().map_err(|error| Failure::refused(error.code(), error))?.to_text();
    let (before, after): (&[u8], &[u8]) =
        if args.document { (br#"{"cretula":"keyring-v1","keys":[{"key":""#, b"\"}]}\n") } else { (b"", b"\n") };
    let mut text = Zeroizing::new(Vec::with_capacity(256));
    [before, key.as_bytes(), after].iter().for_each(|part| text.extend_from_slice(part));
    streams::write_stdout(&text)
}

/// Reads the ring of a call: `--keyring FILE`, or else the variable.
pub(crate) fn keyring(args: &KeysArgs, command: &str) -> Result<Keyring, Failure> {
    match (&args.keyring, std::env::var_os(VARIABLE)) {
        (Some(path), _) if path == Path::new("-") => {
            Err(Failure::usage(&[command], "--keyring - : standard input holds the payload or the token"))
        }
        (Some(path), _) => from_file(path),
        (None, Some(keys)) => {
            // The environment itself keeps its copy.
            parse(VARIABLE, &Zeroizing::new(keys.into_encoded_bytes()))
        }
        (None, None) => {
            Err(Failure::usage(&[command], "no keyring: set the variable CRETULA_KEYS or give --keyring FILE"))
        }
    }
}

pub(crate) fn from_file(path: &Path) -> Result<Keyring, Failure> {
    let place = format!("{path:?}");
    read_ring(&place, streams::read_file(path, KEYRING_MAX_BYTES + 1)?)
}

pub(crate) fn from_stdin() -> Result<Keyring, Failure> {
    read_ring("standard input", streams::read_stdin("the keyring", KEYRING_MAX_BYTES + 1)?)
}

fn read_ring(place: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Keyring, Failure> {
    if bytes.len() > KEYRING_MAX_BYTES {
        return Err(Failure::io(place, format_args!("more than {KEYRING_MAX_BYTES} bytes, too large for a keyring")));
    }
    parse(place, &bytes)
}

fn parse(place: &str, bytes: &[u8]) -> Result<Keyring, Failure> {
    Keyring::parse(bytes).map_err(|error| {
        let member = if matches!(error, KeyringError::Format { line: 0, .. }) { member_at_fault(bytes) } else { None };
        let hint = member.as_deref().or_else(|| hint::of(bytes));
        Failure::refused(error.code(), format_args!("{place}: {error}")).with_hint(hint)
    })
}

/// Names the first member that is not as §11.4 has it. Never a value, nor an unknown name: either may be a key.
fn member_at_fault(bytes: &[u8]) -> Option<String> {
    let document: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    if document.get("cretula").and_then(Value::as_str) != Some("keyring-v1") {
        return Some("its member cretula is not \"keyring-v1\"".to_owned());
    }
    let Some(entries) = document.get("keys").and_then(Value::as_array) else {
        return Some("its member keys is not an array".to_owned());
    };
    if document.len() > 2 {
        return Some("it has a member that is neither cretula nor keys".to_owned());
    }
    entries.iter().enumerate().find_map(|(position, entry)| {
        let Some(entry) = entry.as_object() else { return Some(format!("entry {position} is not an object")) };
        if !entry.get("key").is_some_and(Value::is_string) {
            return Some(format!("entry {position} has no member key that is a string"));
        }
        let unknown = entry.keys().any(|name| !["key", "seal_from", "accept_until"].contains(&name.as_str()));
        unknown.then(|| format!("entry {position} has a member that is not key, seal_from or accept_until"))
    })
}
