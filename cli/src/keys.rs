//! New keys; the keyring of a call. A key is never an argument.

use std::path::Path;

use cretula::{ErrorCode as _, Key, Keyring};
use zeroize::Zeroizing;

use crate::{
    args::{KeygenArgs, KeysArgs},
    failure::Failure,
    streams,
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
    read_ring("standard input", streams::read_stdin(KEYRING_MAX_BYTES + 1)?)
}

fn read_ring(place: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Keyring, Failure> {
    if bytes.len() > KEYRING_MAX_BYTES {
        return Err(Failure::io(place, format_args!("more than {KEYRING_MAX_BYTES} bytes, too large for a keyring")));
    }
    parse(place, &bytes)
}

fn parse(place: &str, bytes: &[u8]) -> Result<Keyring, Failure> {
    Keyring::parse(bytes).map_err(|error| Failure::refused(error.code(), format_args!("{place}: {error}")))
}
