//! Says what `cargo test --workspace` leaves to `.ci/run`: what needs another language, a browser, or minutes. This
//! package's tests are the last to run.

use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/jobs");
    let Ok(jobs) = fs::read_dir(&folder) else {
        eprintln!("{} is not there", folder.display());
        return ExitCode::FAILURE;
    };
    let mut lines: Vec<_> = jobs
        .filter_map(|job| {
            let path = job.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            let text = fs::read_to_string(&path).ok()?;
            let (_, duty) = text.lines().nth(1)?.split_once("# ")?;
            (name != "rust").then(|| format!("  {name:12} {duty}"))
        })
        .collect();
    lines.sort();
    println!("\nThe rest is left to .ci/run NAME, or .ci/run for all:\n\n{}\n", lines.join("\n"));
    if lines.len() < 10 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
