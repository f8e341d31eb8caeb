//! The command `cretula`: makes keys, seals, unseals, signs, verifies and shows tokens, checks keyrings, and runs other
//! implementations through the vectors.
//!
//! Codes and their order are those of the specification, `spec/cretula-v1.md`; `§` points into it. No two files import
//! each other in a circle: `tests/layering.rs` of the repository holds the order.
//!
//! | file | duty |
//! |---|---|
//! | `args.rs`, `examples.rs` | subcommands, options and help; the examples in the help |
//! | `number.rs`, `values.rs` | numbers as they are given; option values in their ranges (§8) |
//! | `hint.rs` | what often happens to a token or a key on its way |
//! | `failure.rs`, `exit.rs` | every way to end without success; what it prints, and the exit status |
//! | `streams.rs` | bounded reading; writing that notices errors |
//! | `keys.rs` | new keys; the keyring of a call |
//! | `token.rs` | seal, sign, unseal, verify |
//! | `inspect.rs`, `keyring.rs`, `report.rs` | what a token shows; what a ring will do; dates and colours |
//! | `adapter` | the Rust library over the conformance protocol |
//! | `conform` | the command line of the runner, which is the crate `cretula-conform`; its reports for people |
//!
//! `adapter` alone uses the library's feature `hazmat`: every other subcommand refuses test keys.

mod adapter;
mod args;
mod conform;
mod examples;
mod exit;
mod failure;
mod hint;
mod inspect;
mod keyring;
mod keys;
mod number;
mod report;
mod streams;
mod token;
mod values;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use cretula::Kind;

use crate::{
    args::{Cli, Command, ConformCommand, KeyringCommand},
    failure::Failure,
};

fn main() -> ExitCode {
    let done = Cli::try_parse().map_err(Failure::from).and_then(|cli| run(&cli.command));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => exit::report(failure),
    }
}

fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Keygen(args) => keys::generate(args),
        Command::Seal(args) => token::make(Kind::Sealed, args),
        Command::Unseal(args) => token::open(Kind::Sealed, args),
        Command::Sign(args) => token::make(Kind::Signed, args),
        Command::Verify(args) => token::open(Kind::Signed, args),
        Command::Inspect(args) => inspect::run(args),
        Command::Keyring(KeyringCommand::Check(args)) => keyring::check(args),
        Command::Conform(args) => match &args.command_line {
            Some(ConformCommand::Matrix(args)) => conform::matrix(args),
            Some(ConformCommand::Differ(args)) => conform::differ(args),
            None => conform::run(args),
        },
        Command::Adapter => adapter::run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "cretula", &mut script);
            streams::write_stdout(&script)
        }
    }
}
