//! Which vectors of a suite are run.

use crate::{
    class::Class,
    suite::{File, Suite},
    vector::Vector,
};

/// Which vectors are run. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The classes that are asked for, of those that the adapter claims; empty: all that it claims.
    pub classes: Vec<Class>,
    /// Ids of vectors. With `*` or `/` at its end, one means all ids that begin so. Empty: all.
    pub only: Vec<String>,
    /// Leaves out the accumulated vectors, which are 120 000 calls.
    pub quick: bool,
}

impl Choice {
    pub(crate) fn takes(&self, file: &File, vector: &Vector) -> bool {
        let named = self.only.is_empty() || self.only.iter().any(|only| is_named(vector, only));
        named && !(self.quick && file.class == "accumulated")
    }

    /// Returns the first of `only` that is the id of no vector in the suite.
    #[must_use]
    pub fn unknown_id(&self, suite: &Suite) -> Option<&str> {
        let known = |only: &str| suite.files.iter().flat_map(|file| &file.vectors).any(|vector| is_named(vector, only));
        self.only.iter().map(String::as_str).find(|only| !known(only))
    }

    /// Returns true if this leaves vectors out of the classes that are asked for.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.quick || !self.only.is_empty()
    }
}

fn is_named(vector: &Vector, only: &str) -> bool {
    match only.strip_suffix('*') {
        Some(start) => vector.id.starts_with(start),
        None => vector.id == only || (only.ends_with('/') && vector.id.starts_with(only)),
    }
}
