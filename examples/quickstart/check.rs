//! Prints what a step did, counts it, and fails where it was not what was stated.

use std::{error::Error, fmt::Display};

use cretula::{Claims, ErrorCode, Opened, UnsealError};

/// Any reason to end early, in one line.
pub(crate) type Failure = Box<dyn Error>;

/// Says where the specification states a refusal (§12).
pub(crate) fn section(code: &str) -> &'static str {
    match code {
        "key_format" => "§4",
        "key_checksum" => "§4.2",
        "keyring_format" => "§11.4 [RING-12]",
        "ttl_range" => "§9 step 3",
        "result_too_long" => "§9 step 5",
        "too_long" => "§10 step 1",
        "unsupported_version" | "wrong_kind" | "not_a_token" => "§10 step 2",
        "encoding" => "§10 step 3",
        "too_short" => "§10 step 4",
        "unknown_key" | "key_inactive" => "§10 step 5",
        "auth_failed" => "§10 step 6",
        "issued_in_future" => "§10 step 7",
        "expired" => "§10 step 8",
        "payload_invalid" => "§10 step 9",
        _ => "§12",
    }
}

/// Counts the checks that went as stated.
#[derive(Default)]
pub(crate) struct Checks {
    pub(crate) passed: usize,
}

impl Checks {
    /// Compares without printing, for the columns of a table.
    pub(crate) fn holds(&mut self, what: &str, got: impl Display, stated: impl Display) -> Result<(), Failure> {
        let (got, stated) = (got.to_string(), stated.to_string());
        if got != stated {
            return Err(format!("step \"{what}\": stated \"{stated}\", got \"{got}\"").into());
        }
        self.passed += 1;
        Ok(())
    }

    /// Compares and prints a line.
    pub(crate) fn is(
        &mut self,
        what: &str,
        got: impl Display,
        stated: impl Display,
        section: &str,
    ) -> Result<(), Failure> {
        let got = got.to_string();
        self.holds(&format!("{what} ({section})"), &got, stated)?;
        println!("  {what:<60} {got:<30} {section}");
        Ok(())
    }

    /// States that a call was refused with this code.
    pub(crate) fn refused<T, E: ErrorCode>(
        &mut self,
        what: &str,
        got: Result<T, E>,
        code: &str,
    ) -> Result<(), Failure> {
        self.is(what, told(got), format!("refused: {code}"), section(code))
    }

    /// States that a token opened, to exactly this payload.
    pub(crate) fn opened(
        &mut self,
        what: &str,
        got: Result<Opened, UnsealError>,
        payload: &str,
        section: &str,
    ) -> Result<Claims, Failure> {
        let told = match &got {
            Ok(opened) if opened.payload == payload.as_bytes() => "opened".to_owned(),
            Ok(_) => "opened, to other bytes".to_owned(),
            Err(error) => format!("refused: {}", error.code()),
        };
        self.is(what, told, "opened", section)?;
        Ok(got?.claims)
    }
}

/// Tells in words whether a call was refused, and with which code.
pub(crate) fn told<T, E: ErrorCode>(result: Result<T, E>) -> String {
    result.map_or_else(|error| format!("refused: {}", error.code()), |_| "not refused".to_owned())
}
