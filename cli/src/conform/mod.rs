//! `cretula conform`: runs an implementation in any language through the vectors, by `interop/protocol.md`. The runner
//! is the crate `cretula-conform`; here are its command line and its reports for people.

mod bar;
mod differ;
mod matrix;
mod people;
mod reference;
mod run;

pub(crate) use self::{differ::differ, matrix::matrix, run::run};
