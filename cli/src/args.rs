//! The command line: subcommands, options, help.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueHint};
use cretula::limits::{LEEWAY_DEFAULT, LIFE_MAX, LIMIT_DEFAULT};

use crate::{examples, values::Number};

/// Makes, opens and shows Cretula tokens: sealed tokens for stateless web sessions
#[derive(Parser)]
#[command(name = "cretula", version, after_long_help = examples::ALL)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a key from the operating system's randomness
    #[command(after_long_help = examples::KEYGEN)]
    Keygen(KeygenArgs),
    /// Seals: payload on standard input, token on standard output; its holder cannot read the payload
    #[command(after_long_help = examples::SEAL)]
    Seal(MakeArgs),
    /// Unseals: sealed token on standard input, payload on standard output
    #[command(after_long_help = examples::UNSEAL)]
    Unseal(OpenArgs),
    /// Signs: payload on standard input, token on standard output; its holder can read the payload
    #[command(after_long_help = examples::SIGN)]
    Sign(MakeArgs),
    /// Verifies: signed token on standard input, payload on standard output
    #[command(after_long_help = examples::VERIFY)]
    Verify(OpenArgs),
    /// Shows what a token on standard input tells without any key; proves nothing
    #[command(after_long_help = examples::INSPECT)]
    Inspect(InspectArgs),
    /// Works on keyrings
    #[command(subcommand)]
    Keyring(KeyringCommand),
    /// Writes the completion script of a shell
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions {
        /// Shell to complete for
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
pub(crate) enum KeyringCommand {
    /// Says who seals now and next, what is accepted until when, and warns; never shows a key
    #[command(after_long_help = examples::KEYRING_CHECK)]
    Check(CheckArgs),
}

#[derive(Args)]
pub(crate) struct KeygenArgs {
    /// Write a keyring document with that one key instead of the key text
    #[arg(long)]
    pub(crate) document: bool,
}

#[derive(Args)]
pub(crate) struct KeysArgs {
    /// Read the keyring from FILE, key texts or a document, and not from the variable CRETULA_KEYS
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) keyring: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ContextArgs {
    /// Service or group of services that share the token, 1 to 255 characters of visible ASCII
    #[arg(long, value_name = "A")]
    pub(crate) audience: OsString,
    /// What the token is for, such as session, 1 to 255 characters of visible ASCII
    #[arg(long, value_name = "P")]
    pub(crate) purpose: OsString,
}

#[derive(Args)]
pub(crate) struct LimitArgs {
    /// Longest token, in octets of text, 1 to 16777216
    #[arg(long, value_name = "OCTETS", default_value_t = Number::from(LIMIT_DEFAULT), allow_negative_numbers = true)]
    pub(crate) limit: Number,
}

#[derive(Args)]
pub(crate) struct NowArgs {
    /// Take UNIX, in seconds since the epoch, for the time, and not the system clock
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    pub(crate) now: Option<Number>,
}

#[derive(Args)]
pub(crate) struct LeewayArgs {
    /// How far ahead of this clock a token may be issued, in seconds, 0 to 300
    #[arg(long, value_name = "S", default_value_t = Number::from(LEEWAY_DEFAULT), allow_negative_numbers = true)]
    pub(crate) leeway: Number,
}

#[derive(Args)]
pub(crate) struct MakeArgs {
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Life of the token, in seconds, 1 to 34560000
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) ttl: Number,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    #[command(flatten)]
    pub(crate) now: NowArgs,
    #[command(flatten)]
    pub(crate) limit: LimitArgs,
}

#[derive(Args)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Longest life to grant, whatever the token's own, in seconds, 1 to 34560000
    #[arg(long, value_name = "S", default_value_t = Number::from(LIFE_MAX), allow_negative_numbers = true)]
    pub(crate) max_age: Number,
    #[command(flatten)]
    pub(crate) leeway: LeewayArgs,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    #[command(flatten)]
    pub(crate) now: NowArgs,
    #[command(flatten)]
    pub(crate) limit: LimitArgs,
    /// Write issued_at, expires_at, key_id and sealing_key to standard error, as a line of JSON
    #[arg(long)]
    pub(crate) claims: bool,
}

#[derive(Args)]
pub(crate) struct InspectArgs {
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) limit: LimitArgs,
}

#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Keyring, key texts or a document; `-` is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) now: NowArgs,
    /// Longest ttl that the servers seal with, in seconds, 1 to 34560000; without it the longest of all is assumed
    #[arg(long, value_name = "S", default_value_t = Number::from(LIFE_MAX), allow_negative_numbers = true)]
    pub(crate) longest_ttl: Number,
    /// Longest time that a server may take to read a new keyring, in seconds
    #[arg(long, value_name = "S", default_value_t = 300)]
    pub(crate) reload_grace: u32,
    #[command(flatten)]
    pub(crate) leeway: LeewayArgs,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Exit with status 1 where there are warnings
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}
