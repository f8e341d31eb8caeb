//! The adapter's process: one line out, one line in, each within the limit of time.

use std::{
    collections::VecDeque,
    ffi::OsString,
    io::{BufRead as _, BufReader, Read, Write as _},
    process::{Child, ChildStderr, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// Longest line of an adapter, in bytes.
const LINE_MAX: u64 = 64 << 20;
/// Last lines of standard error that are kept, and the most bytes of each.
const ERROR_LINES: usize = 20;
const ERROR_LINE_MAX: u64 = 1000;
/// How long an adapter that closed its output, or was told to end, may take to end.
const GRACE: Duration = Duration::from_millis(500);

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) hung: bool,
    pub(crate) why: String,
    /// Last lines of standard error.
    pub(crate) stderr: Vec<String>,
}

/// What came instead of a line of text.
#[derive(Debug)]
enum Odd {
    TooLong,
    NotUtf8,
}

type Lines = Arc<Mutex<VecDeque<String>>>;

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    requests: Sender<String>,
    answers: Receiver<Result<String, Odd>>,
    errors: Lines,
    /// Disconnected when standard error has ended.
    errors_end: Receiver<()>,
}

impl Process {
    pub(crate) fn start(command: &[OsString]) -> Result<Self, String> {
        let (program, args) = command.split_first().ok_or_else(|| "no command".to_owned())?;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.to_string_lossy()))?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("no pipes".to_owned());
        };

        // Threads, so that an adapter that neither reads nor writes holds nobody up. They end with their pipes.
        let (requests, lines) = channel::<String>();
        thread::spawn(move || {
            for line in lines {
                if stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_err() {
                    break;
                }
            }
        });
        let (sender, answers) = sync_channel(4);
        thread::spawn(move || read_lines(stdout, &sender));
        let errors = Lines::default();
        let (errors_open, errors_end) = channel();
        let kept = Arc::clone(&errors);
        thread::spawn(move || {
            keep_last(stderr, &kept);
            drop(errors_open);
        });
        Ok(Self { child, requests, answers, errors, errors_end })
    }

    /// Sends a line and waits for the next one.
    pub(crate) fn ask(&mut self, line: &str, limit: Duration) -> Result<String, Broken> {
        // A writer that is gone shows in the answer that does not come.
        let _ = self.requests.send(format!("{line}\n"));
        match self.answers.recv_timeout(limit) {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(Odd::TooLong)) => Err(self.broken(false, format!("a line of more than {LINE_MAX} bytes"))),
            Ok(Err(Odd::NotUtf8)) => Err(self.broken(false, "a line that is not UTF-8".to_owned())),
            Err(RecvTimeoutError::Timeout) => {
                Err(self.broken(true, format!("no answer within {} s", limit.as_secs_f64())))
            }
            Err(RecvTimeoutError::Disconnected) => {
                let why = match self.wait() {
                    Some(status) => format!("ended: {status}"),
                    None => "closed its standard output".to_owned(),
                };
                Err(self.broken(false, why))
            }
        }
    }

    /// Ends it and tells why.
    pub(crate) fn broken(&mut self, hung: bool, why: String) -> Broken {
        self.kill();
        let _ = self.errors_end.recv_timeout(GRACE);
        let stderr = self.errors.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        Broken { hung, why, stderr }
    }

    /// Says bye; `false` if it did not end by itself with status 0.
    pub(crate) fn bye(&mut self, limit: Duration) -> bool {
        let _ = self.requests.send("{\"type\":\"bye\"}\n".to_owned());
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(5)),
                Ok(Some(status)) => return status.success(),
                Err(_) => return false,
            }
        }
        false
    }

    /// Waits a little for the end.
    fn wait(&mut self) -> Option<std::process::ExitStatus> {
        let deadline = Instant::now() + GRACE;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
                _ => return None,
            }
        }
    }

    fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read_lines(stdout: impl Read, to: &SyncSender<Result<String, Odd>>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(LINE_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let ended = line.pop_if(|last| *last == b'\n').is_some();
        let whole = ended || u64::try_from(line.len()).is_ok_and(|length| length < LINE_MAX);
        let line = if whole { String::from_utf8(line).map_err(|_| Odd::NotUtf8) } else { Err(Odd::TooLong) };
        if to.send(line).is_err() || !whole {
            return;
        }
    }
}

fn keep_last(stderr: ChildStderr, lines: &Lines) {
    let mut reader = BufReader::new(stderr);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(ERROR_LINE_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= ERROR_LINES {
            lines.pop_front();
        }
        lines.push_back(text);
    }
}
