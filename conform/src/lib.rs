#![doc = include_str!("../README.md")]

mod accumulated;
mod adapter;
mod answer;
mod choice;
mod class;
mod compare;
mod drawn;
mod error;
mod finding;
pub mod hex;
mod judge;
mod made;
mod matrix;
mod process;
mod progress;
mod report;
mod request;
mod run;
mod statement;
mod suite;
mod text;
mod vector;

pub use adapter::{Adapter, PROTOCOL};
pub use answer::{Answer, Reference};
pub use choice::Choice;
pub use class::Class;
pub use error::Error;
pub use finding::Outcome;
pub use matrix::{Cell, Failed, Implementation, Matrix, matrix};
pub use progress::Progress;
pub use report::{Counts, NotRight, Report, Skipped};
pub use run::run;
pub use statement::Statement;
pub use suite::Suite;
pub use text::printable;
pub use vector::Level;
