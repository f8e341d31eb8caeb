//! Tokens go both ways between this crate and `interop/python`, which shares no code with it: 1 200 random cases, each
//! sealed by both, opened by both, mutated, and judged by both with the same code.
//!
//! Needs Python 3.10 or newer; makes a virtual environment of its own under `target/` the first time.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use std::time::Duration;

use cretula::{
    ErrorCode as _, KeyEntry, Keyring, Sealer, Signer, Site, UnixTime,
    hazmat::{self, At as _},
};
use serde_json::{Value, json};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const CASES: usize = 1200;

/// Draws the same numbers in every run (SplitMix64): test input, not secrets.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    fn bytes(&mut self, length: u64) -> Vec<u8> {
        (0..length).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }

    fn visible(&mut self) -> String {
        let length = self.below(20) + 1;
        (0..length).map(|_| char::from(u8::try_from(self.below(94)).unwrap() + 0x21)).collect()
    }
}

/// Holds the Python process: a line of JSON in, a line out.
struct Python {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = environment();
        let script = root.join("interop/python/tests/cross.py");
        let source = root.join("interop/python/src");
        let mut command = Command::new(python);
        command.arg(script).env("PYTHONPATH", source).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("starts Python");
        let (requests, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, requests, answers: BufReader::new(answers) }
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").expect("Python takes the request");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("Python answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?} to {request}"))
    }
}

impl Python {
    /// Ends the requests; Python then ends by itself.
    fn end(self) {
        let Self { mut process, requests, .. } = self;
        drop(requests);
        assert!(process.wait().expect("Python ends").success());
    }
}

/// Returns an interpreter that has the package's one dependency.
fn environment() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = folder.join("bin/python");
    let run = |command: &mut Command| {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; is Python 3 installed?"));
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let has = Command::new(&python).args(["-c", "import cryptography"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "cryptography>=42"]));
    }
    python
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Holds one random set-up on the side of this crate.
struct Case {
    sealed: bool,
    sealer: Sealer,
    signer: Signer,
    /// The same for Python; members of a request.
    request: Value,
}

impl Case {
    fn draw(draw: &mut Draw, now: u64) -> Self {
        let mut entries = Vec::new();
        let mut ring = Vec::new();
        for number in 0..=draw.below(3) {
            let key = [&b"cretula-test-key"[..], &[u8::try_from(number).unwrap()], &draw.bytes(15)].concat();
            let mut entry = KeyEntry::from(hazmat::key_from_bytes(&key).unwrap());
            let mut member = json!({ "key": hex(&key) });
            if draw.below(3) == 0 {
                let time = now - 5 + draw.below(10);
                entry.seal_from = UnixTime::new(time).unwrap();
                member["seal_from"] = time.into();
            }
            if draw.below(4) == 0 {
                let time = now + 6 + draw.below(2000);
                entry.accept_until = Some(UnixTime::new(time).unwrap());
                member["accept_until"] = time.into();
            }
            entries.push(entry);
            ring.push(member);
        }
        let (audience, purpose) = (draw.visible(), draw.visible());
        let max_age = if draw.below(2) == 0 { 34_560_000 } else { u32::try_from(draw.below(2000)).unwrap() + 1 };
        let leeway = u32::try_from(draw.below(301)).unwrap();
        let limit = if draw.below(4) == 0 { 500 } else { 16_384 };
        let site = Site::new(Keyring::new(entries).unwrap(), &audience).unwrap();
        let sealer = site.sealer(&purpose).max_age(secs(max_age)).leeway(secs(leeway)).limit(limit).build();
        let signer = site.signer(&purpose).max_age(secs(max_age)).leeway(secs(leeway)).limit(limit).build();
        Self {
            sealed: draw.below(2) == 0,
            sealer: sealer.unwrap(),
            signer: signer.unwrap(),
            request: json!({
                "keyring": ring, "audience": audience, "purpose": purpose,
                "max_age": max_age, "leeway": leeway, "limit": limit,
            }),
        }
    }

    fn request(&self, op: [&str; 2], members: Value) -> Value {
        let mut request = self.request.clone();
        request["op"] = op[usize::from(!self.sealed)].into();
        request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        if op[0] == "seal" {
            for opening in ["max_age", "leeway"] {
                request.as_object_mut().unwrap().remove(opening);
            }
        }
        request
    }

    fn make(&self, payload: &[u8], ttl: u32, now: UnixTime) -> Value {
        let made = match self.sealed {
            true => self.sealer.at(now).seal(payload, secs(ttl)),
            false => self.signer.at(now).sign(payload, secs(ttl)),
        };
        made.map_or_else(|error| json!({ "error": error.code() }), |token| json!({ "token": token }))
    }

    fn open(&self, token: &str, now: UnixTime) -> Value {
        let opened = match self.sealed {
            true => self.sealer.at(now).unseal(token),
            false => self.signer.at(now).verify(token),
        };
        opened.map_or_else(
            |error| json!({ "error": error.code() }),
            |opened| {
                json!({
                    "payload": hex(&opened.payload),
                    "issued_at": opened.claims.issued_at.as_secs(),
                    "ttl": opened.claims.ttl,
                    "key_id": opened.claims.key_id.to_string(),
                    "expires_at": opened.claims.expires_at.as_secs(),
                })
            },
        )
    }
}

/// Changes, inserts, removes or exchanges a character, or leaves the token as it is.
fn mutate(draw: &mut Draw, token: &str) -> String {
    const PIECES: [&str; 9] = ["A", "_", "-", "2", "=", "+", "\n", " ", "\u{e9}"];
    let mut characters: Vec<String> = token.chars().map(String::from).collect();
    let at = usize::try_from(draw.below(u64::try_from(characters.len()).unwrap())).unwrap();
    let piece = PIECES[usize::try_from(draw.below(9)).unwrap()].to_owned();
    match draw.below(5) {
        0 => characters[at] = piece,
        1 => characters.insert(at, piece),
        2 => drop(characters.remove(at)),
        3 => characters.swap(at, token.len() - 1 - at),
        _ => {}
    }
    characters.concat()
}

// covers: [OPEN-01] [SEAL-01] [SIGN-01]
#[test]
fn tokens_go_both_ways() {
    let mut python = Python::start();
    let mut draw = Draw(20_261_121);
    let (mut opened, mut refused) = (0, 0);
    for case in 0..CASES {
        let now = 1_000 + draw.below((1 << 48) - 40_000_000);
        let setup = Case::draw(&mut draw, now);
        let ttl = match draw.below(10) {
            0 => [0, 1, 34_560_000, 34_560_001][usize::try_from(draw.below(4)).unwrap()],
            _ => u32::try_from(draw.below(3000)).unwrap() + 1,
        };
        let length = draw.below(400);
        let payload = draw.bytes(length);
        let at = UnixTime::new(now).unwrap();
        let ours = setup.make(&payload, ttl, at);
        let members = json!({ "now": now, "ttl": ttl, "payload": hex(&payload) });
        let theirs = python.ask(&setup.request(["seal", "sign"], members));
        if ours.get("error").is_some() || !setup.sealed {
            assert_eq!(ours, theirs, "case {case}: {}", setup.request);
        }
        for made in [&ours, &theirs] {
            let Some(token) = made["token"].as_str() else { continue };
            let later = now - 400 + draw.below(3400);
            for (token, now) in [(token.to_owned(), now), (mutate(&mut draw, token), later)] {
                let here = setup.open(&token, UnixTime::new(now).unwrap());
                let members = json!({ "now": now, "token": token });
                let there = python.ask(&setup.request(["unseal", "verify"], members));
                assert_eq!(here, there, "case {case}: {token} at {now}: {}", setup.request);
                if here.get("error").is_some() { refused += 1 } else { opened += 1 }
            }
        }
    }
    python.end();
    println!("{CASES} cases: {opened} tokens opened and {refused} refused alike");
    assert!(opened > CASES && refused > CASES / 2, "{opened} opened, {refused} refused");
}
