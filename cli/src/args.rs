//! The command line: subcommands, options, help.

use std::{ffi::OsString, path::PathBuf};

use clap::{
    Args, Parser, Subcommand, ValueHint,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use cretula::limits::{LEEWAY_DEFAULT, LIFE_MAX, LIMIT_DEFAULT};
use cretula_conform::{Class, Plan};

use crate::{
    examples,
    number::{self, Number},
};

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
    /// Shows what a token or a pasted cookie on standard input tells: all of it with the keyring, little without
    #[command(after_long_help = examples::INSPECT)]
    Inspect(InspectArgs),
    /// Works on keyrings
    #[command(subcommand)]
    Keyring(KeyringCommand),
    /// Runs an implementation of the format, in any language, through the test vectors
    #[command(after_long_help = examples::CONFORM)]
    Conform(ConformArgs),
    /// Answers the requests of `conform`: the Rust library as an adapter, on standard input and output
    #[command(after_long_help = examples::ADAPTER)]
    Adapter,
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

#[derive(Subcommand)]
pub(crate) enum ConformCommand {
    /// Lets several implementations open what each of them makes
    #[command(after_long_help = examples::CONFORM_MATRIX)]
    Matrix(MatrixArgs),
    /// Compares what implementations and this command's own say to random cases
    #[command(after_long_help = examples::CONFORM_DIFFER)]
    Differ(DifferArgs),
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
    #[arg(long, value_name = "S", default_value_t = Number::from(LEEWAY_DEFAULT), value_parser = number::seconds, allow_negative_numbers = true)]
    pub(crate) leeway: Number,
}

#[derive(Args)]
pub(crate) struct MakeArgs {
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    /// Life of the token, in seconds, 1 to 34560000, or such as 30m, 24h, 7d
    #[arg(long, value_name = "SECONDS", value_parser = number::seconds, allow_negative_numbers = true)]
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
    #[arg(long, value_name = "S", default_value_t = Number::from(LIFE_MAX), value_parser = number::seconds, allow_negative_numbers = true)]
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
    /// Open the token too, with the keyring: service or group of services that share it
    #[arg(long, value_name = "A", requires = "purpose")]
    pub(crate) audience: Option<OsString>,
    /// What the token is for, such as session
    #[arg(long, value_name = "P", requires = "audience")]
    pub(crate) purpose: Option<OsString>,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    #[command(flatten)]
    pub(crate) now: NowArgs,
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
    #[arg(long, value_name = "S", default_value_t = Number::from(LIFE_MAX), value_parser = number::seconds, allow_negative_numbers = true)]
    pub(crate) longest_ttl: Number,
    /// Longest time that a server may take to read a new keyring, in seconds
    #[arg(long, value_name = "S", default_value_t = 300, value_parser = number::wait)]
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

#[derive(Args)]
pub(crate) struct TimeoutArgs {
    /// Longest time for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) timeout: u32,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ConformArgs {
    #[command(subcommand)]
    pub(crate) command_line: Option<ConformCommand>,
    /// Ask only for this class, which the adapter claims; may stand several times
    #[arg(
        long = "class",
        value_name = "CLASS",
        value_parser = PossibleValuesParser::new(Class::ALL.map(Class::name)).try_map(|name| name.parse::<Class>())
    )]
    pub(crate) classes: Vec<Class>,
    /// Run only the vector of this id, or with * or / at the end those whose ids begin so; may stand several times
    #[arg(long, value_name = "ID")]
    pub(crate) only: Vec<String>,
    /// Leave out the accumulated vectors, which are thousands of calls
    #[arg(long)]
    pub(crate) quick: bool,
    /// Take the vectors of FOLDER, which has a manifest, and not those of this command
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) vectors: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) timeout: TimeoutArgs,
    /// Write a conformance statement of a whole run to FILE
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["only", "quick"])]
    pub(crate) statement: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The adapter: a program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct MatrixArgs {
    /// Adapters, each with its arguments in one word, split as a shell does
    #[arg(required = true, value_name = "COMMAND")]
    pub(crate) commands: Vec<String>,
    #[command(flatten)]
    pub(crate) timeout: TimeoutArgs,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DifferArgs {
    /// Make the cases from this number; without it, from a random one
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// End after so many cases
    #[arg(long, value_name = "N", conflicts_with = "seconds")]
    pub(crate) cases: Option<u64>,
    /// End after this time
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) seconds: u32,
    /// Make only cases of this op; may stand several times
    #[arg(long, value_name = "OP", value_parser = PossibleValuesParser::new(Plan::kinds()))]
    pub(crate) only: Vec<String>,
    #[command(flatten)]
    pub(crate) timeout: TimeoutArgs,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The adapters: programs and their arguments, with -- between them
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) commands: Vec<OsString>,
}
