//! Runs the binary.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_cretula");
pub(crate) const AT: [&str; 4] = ["--audience", "shop.example", "--purpose", "session"];
/// A time, for `--now`.
pub(crate) const NOW: u64 = 1_790_000_000;

pub(crate) struct Call {
    pub(crate) command: Command,
    stdin: Vec<u8>,
}

pub(crate) struct Done {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Begins a call; the words of `line` are its first arguments.
pub(crate) fn cretula(line: &str) -> Call {
    let mut command = Command::new(BINARY);
    command.args(line.split_whitespace());
    for variable in ["CRETULA_KEYS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    Call { command, stdin: Vec::new() }
}

impl Call {
    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn file(mut self, name: &str, file: &Path) -> Self {
        self.command.arg(name).arg(file);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn keys(self, keys: &str) -> Self {
        self.env("CRETULA_KEYS", keys)
    }

    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = bytes.as_ref().to_vec();
        self
    }

    /// Runs, and checks what holds for every call: no panic, and no key on standard error.
    #[track_caller]
    pub(crate) fn run(mut self) -> Done {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin;
        // The command may stop reading early.
        let feeder = thread::spawn(move || drop(stdin.write_all(&bytes)));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_ne!(output.status.code(), Some(101), "{stderr}");
        assert_no_key(&stderr);
        Done { status: output.status.code(), stdout: output.stdout, stderr }
    }

    /// Runs, and returns standard output of a call that succeeds silently.
    #[track_caller]
    pub(crate) fn ok(self) -> Vec<u8> {
        let done = self.run();
        assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""));
        done.stdout
    }

    #[track_caller]
    pub(crate) fn text(self) -> String {
        String::from_utf8(self.ok()).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        let text = self.text();
        assert_eq!(text.find('\n'), Some(text.len() - 1), "one line: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Status 1, nothing on standard output, one line on standard error.
    #[track_caller]
    pub(crate) fn refused(self, code: &str, words: &str) {
        let done = self.run();
        assert_eq!(done.stderr, format!("cretula: {code}: {words}\n"));
        assert_eq!((done.status, done.stdout), (Some(1), Vec::new()));
    }

    /// Status 2, nothing on standard output, `error: ` and words on the first line of standard error.
    #[track_caller]
    pub(crate) fn wrong(self, words: &str) {
        let done = self.run();
        let first = done.stderr.lines().next().unwrap_or_default();
        assert_eq!(first, format!("error: {words}"), "{}", done.stderr);
        assert_eq!((done.status, done.stdout), (Some(2), Vec::new()));
    }
}

#[track_caller]
fn assert_no_key(text: &str) {
    for part in text.split("cretula_key1_").skip(1) {
        assert!(!part.starts_with(|c: char| c.is_ascii_hexdigit()), "a key in {text}");
    }
}

pub(crate) fn keygen() -> String {
    cretula("keygen").text().trim_end().to_owned()
}

/// Makes a keyring document of (key, seal_from, accept_until).
pub(crate) fn document(entries: &[(&str, Option<u64>, Option<u64>)]) -> String {
    let entries = entries.iter().map(|(key, seal_from, accept_until)| {
        let mut entry = serde_json::json!({ "key": key });
        for (name, time) in [("seal_from", seal_from), ("accept_until", accept_until)] {
            if let Some(time) = time {
                entry[name] = (*time).into();
            }
        }
        entry
    });
    serde_json::json!({ "cretula": "keyring-v1", "keys": entries.collect::<Vec<_>>() }).to_string()
}

/// Makes an empty directory for one test.
pub(crate) fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

/// Writes a file in a directory of its own.
pub(crate) fn file(name: &str, content: &str) -> PathBuf {
    let path = directory(name).join("keyring");
    fs::write(&path, content).unwrap();
    path
}

/// Seals (or signs) in the usual context at [`NOW`] for 60 seconds.
#[track_caller]
pub(crate) fn make(command: &str, keys: &str, payload: impl AsRef<[u8]>) -> String {
    cretula(command).args(AT).args(["--ttl", "60", "--now", &NOW.to_string()]).keys(keys).stdin(payload).text()
}

/// Begins to unseal (or to verify) in the usual context at [`NOW`].
pub(crate) fn open(command: &str, keys: &str, token: impl AsRef<[u8]>) -> Call {
    open_at(command, keys, token, NOW)
}

pub(crate) fn open_at(command: &str, keys: &str, token: impl AsRef<[u8]>, now: u64) -> Call {
    cretula(command).args(AT).args(["--now", &now.to_string()]).keys(keys).stdin(token)
}
