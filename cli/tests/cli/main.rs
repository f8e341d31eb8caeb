//! The command from outside: exit status, standard output, first line of standard error.

mod examples;
mod inspect;
mod keyring;
mod keys;
mod streams;
mod support;
mod tokens;
mod usage;
