//! Times Cretula with its feature `aws-lc`. A build has a crate once, with one set of features: so a second build of this
//! program makes those calls, in a process for each case, when it is told to.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _, stdin},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::{
    cases,
    measure::{Case, Taken},
};

/// The word on the command line of the second build.
pub const WORD: &str = "time";

pub struct Build(PathBuf);

impl Build {
    pub fn new() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = folder.join("target/aws-lc");
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo
            .current_dir(folder)
            .args(["build", "--bin", "report", "--features", "aws-lc", "--target-dir"])
            .arg(&target);
        let (profile, folder) = if cfg!(debug_assertions) { ("dev", "debug") } else { ("release", "release") };
        assert!(cargo.args(["--profile", profile]).status().expect("cargo").success());
        Self(target.join(folder).join("report"))
    }

    /// The cases of a call; behind Cretula's first, the same of the other build.
    pub fn beside(&self, call: &str, size: usize) -> Vec<Case<'static>> {
        let mut cases = cases::of(call, size);
        let mut other = Other::new(&self.0, call, size);
        let time = move |calls| other.time(calls);
        cases.insert(1, Case::elsewhere(format!("{}, aws-lc", cases[0].name), time));
        cases
    }
}

/// A process of the other build, for one case.
struct Other {
    program: Child,
    answers: BufReader<ChildStdout>,
}

impl Other {
    fn new(program: &Path, call: &str, size: usize) -> Self {
        let mut program = Command::new(program);
        program.args([WORD, call, &size.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = program.spawn().expect("the other build");
        let answers = BufReader::new(program.stdout.take().expect("piped"));
        Self { program, answers }
    }

    fn time(&mut self, calls: u32) -> Taken {
        writeln!(self.program.stdin.as_mut().expect("piped"), "{calls}").expect("sent");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        let (nanoseconds, allocations) = line.trim().split_once(' ').expect("two numbers");
        (Duration::from_nanos(nanoseconds.parse().expect("a number")), allocations.parse().expect("a number"))
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // Closes what it reads, and so ends it.
        let _ = self.program.wait();
    }
}

/// Of the other build: reads how often to make a call, answers with what it took.
pub fn run(call: &str, size: usize) {
    let mut case = cases::of(call, size).swap_remove(0);
    for line in stdin().lines() {
        let (time, allocations) = case.time(line.expect("a line").parse().expect("a number"));
        println!("{} {allocations}", time.as_nanos());
    }
}
