//! Writes the golden vectors and the specification's worked example, or compares them.

use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mode = std::env::args().nth(1).unwrap_or_default();
    let mut differing = 0;
    let files = cretula_vectors::files(&root);
    for (path, content) in &files {
        let here = root.join(path);
        match mode.as_str() {
            "write" => {
                let folder = here.parent().expect("a file in a folder");
                let written = fs::create_dir_all(folder).and_then(|()| fs::write(&here, content));
                written.unwrap_or_else(|error| panic!("{path}: {error}"));
            }
            "check" => {
                if fs::read(here).ok().as_ref() != Some(content) {
                    eprintln!("{path} differs from what the generator writes");
                    differing += 1;
                }
            }
            _ => {
                eprintln!("usage: cargo run -p cretula-vectors -- write|check");
                return ExitCode::from(2);
            }
        }
    }
    println!("{mode}: {} files, {differing} differing", files.len());
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
