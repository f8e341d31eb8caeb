//! The fuzz targets and their seeds. `cargo fuzz run TARGET` needs nothing else.

use std::{env, fs, path::Path};

pub mod corpus;
pub mod targets;

/// Writes a target's seeds into the first folder that the fuzzer was given, if that is empty.
///
/// # Panics
/// When they cannot be written: the fuzzer would begin with nothing.
pub fn plant(target: &str) {
    let mut arguments = env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let Some(folder) = arguments.find(|argument| Path::new(argument).is_dir()) else { return };
    if fs::read_dir(&folder).unwrap().next().is_none() {
        for (id, seed) in corpus::seeds(target) {
            fs::write(Path::new(&folder).join(id.replace('/', "-")), seed).unwrap();
        }
    }
}
