//! Writes the seeds of a fuzz target, made from the vectors, into a folder: `corpus TARGET FOLDER`.

use std::{env, fs, io, path::Path, process::ExitCode};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [target, folder] = arguments.as_slice() else {
        eprintln!("usage: corpus TARGET FOLDER");
        return Ok(ExitCode::from(2));
    };
    let seeds = cretula_fuzz::corpus::seeds(target);
    if seeds.is_empty() {
        eprintln!("no target {target}");
        return Ok(ExitCode::from(2));
    }
    fs::create_dir_all(folder)?;
    for (id, seed) in &seeds {
        fs::write(Path::new(folder).join(id.replace('/', "-")), seed)?;
    }
    println!("{target}: {} seeds", seeds.len());
    Ok(ExitCode::SUCCESS)
}
