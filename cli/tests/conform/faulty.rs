//! The Rust adapter, spoilt in one way.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Write},
    process::{ChildStdin, ChildStdout, Command, ExitCode, Stdio, exit},
    thread,
    time::Duration,
};

use serde_json::{Map, Value, json};

use crate::support::BINARY;

struct Good {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Good {
    fn ask(&mut self, message: &Value) -> Value {
        // In one piece: a pipe has no buffer.
        self.stdin.write_all(format!("{message}\n").as_bytes()).unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// Plays a mode: its word, then what it is about, usually the id of a request.
pub(crate) fn run(mode: &[String]) -> ExitCode {
    let words: Vec<&str> = mode.iter().map(String::as_str).collect();
    let [word, about] = match words.as_slice() {
        [word] => [*word, ""],
        [word, about] => [*word, *about],
        _ => panic!("{words:?}"),
    };
    let mut child = Command::new(BINARY).arg("adapter").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut good = Good { stdin: child.stdin.take().unwrap(), stdout: BufReader::new(child.stdout.take().unwrap()) };
    let mut log = (word == "record").then(|| File::create(about).unwrap());
    let mut record = |mark: &str, line: &str| log.iter_mut().for_each(|log| writeln!(log, "{mark} {line}").unwrap());
    let mut drawn = 0_u64;
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        record(">", &line);
        let mut message: Value = serde_json::from_str(&line).unwrap();
        if message["type"] == "bye" {
            break;
        }
        if message["type"] == "hello" {
            hello(word, about, good.ask(&message));
            continue;
        }
        drawn += 1;
        read_laxly(word, &mut message);
        draw(word, about, drawn, &mut message);
        let id = message["id"].as_str().unwrap().to_owned();
        let is_it = id == about || (about.ends_with('/') && id.starts_with(about));
        let mut answer = good.ask(&message);
        if is_it || about.is_empty() {
            spoil(if word == "ways" { way(&id) } else { word }, &message, &mut answer);
        }
        let answer = answer.to_string();
        record("<", &answer);
        say(&answer);
    }
    drop(good);
    child.wait().unwrap();
    if word == "bad-end" { ExitCode::from(4) } else { ExitCode::SUCCESS }
}

fn say(line: &str) {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).unwrap_or_else(|_| exit(0));
}

fn wait() -> ! {
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}

fn hello(word: &str, about: &str, mut hello: Value) {
    match word {
        "exit-at-hello" => {
            eprintln!("no luck \x1b[31mtoday");
            exit(5);
        }
        "hang-at-hello" => wait(),
        "deaf" => say(&hello.to_string()),
        "protocol-1" => hello["protocol"] = 1.into(),
        "protocol-none" => drop(hello.as_object_mut().unwrap().remove("protocol")),
        "no-json" => return say("hello"),
        "no-type" => hello["type"] = "hi".into(),
        "no-classes" => hello["classes"] = json!([]),
        "odd-class" => hello["classes"] = json!(["opener"]),
        "no-name" => drop(hello.as_object_mut().unwrap().remove("name")),
        "classes" => hello["classes"] = about.split(',').collect(),
        "unfixed" | "repeat-unfixed" => hello["fixed"] = false.into(),
        "named" => hello["name"] = about.into(),
        "other-hello" => hello["version"] = std::process::id().to_string().into(),
        _ => {}
    }
    if word == "deaf" {
        wait();
    }
    say(&hello.to_string());
}

/// Takes random values away, or puts such in as a bad generator would.
fn draw(word: &str, about: &str, drawn: u64, message: &mut Value) {
    let (class, op) = (message["class"].to_string(), message["op"].as_str().unwrap().to_owned());
    let message = message.as_object_mut().unwrap();
    let is_own = match op.as_str() {
        "seal" => !message.contains_key("salt"),
        "run" => message["requests"][0].get("random").is_none(),
        "write" => !message.contains_key("random"),
        _ => return,
    };
    // A counter, but for the part that the mode is about.
    let part = |name: &str, bytes: usize, at: u64| {
        let number = if name == about { 0 } else { drawn * 100 + at };
        format!("{number:0>width$x}", width = bytes * 2)
    };
    let random = |at: u64| {
        let base64 = |name: &str, length: usize| {
            let text = part(name, 0, at);
            format!("{}{text}", "A".repeat(length - 1 - text.len())) + "A"
        };
        json!({ "salt": part("salt", 12, at), "iv": part("iv", 12, at), "sid": base64("sid", 22), "id": base64("id", 8) })
    };
    match word {
        "ignore-fixed" => {
            ["salt", "iv", "random"].iter().for_each(|name| drop(message.remove(*name)));
            for step in message.get_mut("requests").and_then(Value::as_array_mut).into_iter().flatten() {
                step.as_object_mut().unwrap().remove("random");
            }
        }
        "repeat" if is_own => match op.as_str() {
            "seal" => message.extend(["salt", "iv"].map(|name| (name.to_owned(), part(name, 12, 0).into()))),
            "run" => {
                let steps = message["requests"].as_array_mut().unwrap();
                steps.iter_mut().zip(0..).for_each(|(step, at)| step["random"] = random(at));
            }
            _ => drop(message.insert("random".to_owned(), random(0))),
        },
        "own-payload" if is_own && op == "seal" => message["payload"] = "00".into(),
        "own-ttl" if is_own && op == "seal" => message["ttl"] = 7.into(),
        "own-ring" if is_own && class.contains("sealer") => {
            message["keyring"][0]["key"] = "63726574756c612d746573742d6b65792d6e756d6265722d39392e2e2e2e2e2e".into();
        }
        "own-data" if is_own && op != "seal" => {
            let data = json!([{ "set_data": "{\"other\":true}" }]);
            if op == "run" {
                message["requests"][0]["actions"] = data;
            } else {
                message["actions"] = data;
            }
        }
        _ => {}
    }
}

/// Changes a request as a reader would that is not strict.
fn read_laxly(word: &str, message: &mut Value) {
    let op = message["op"].as_str().unwrap_or_default().to_owned();
    let trimmed = |value: &Value, end: &[char]| value.as_str().unwrap_or_default().trim_end_matches(end).to_owned();
    match (word, op.as_str()) {
        ("lax-padding", "unseal" | "verify") => message["token"] = trimmed(&message["token"], &['=']).into(),
        ("lax-newline", "key_text") => message["text"] = trimmed(&message["text"], &['\n']).into(),
        ("late", "unseal" | "open" | "read") => {
            let now = message["now"].as_u64().unwrap_or_default();
            message["now"] = now.saturating_sub(1).into();
        }
        ("lax-spaces", "read" | "read_token") => {
            let fields = message["fields"].as_array_mut().into_iter().flatten();
            fields.for_each(|field| *field = trimmed(field, &['\u{a0}']).into());
        }
        ("falls", _) if message.to_string().contains("toString") => exit(3),
        ("sleeps", "select") if message["keyring"][0].get("seal_from").is_some() => wait(),
        ("denies", "run") => {
            let steps = message["requests"].as_array_mut().into_iter().flatten();
            let actions = steps.flat_map(|step| step["actions"].as_array_mut().into_iter().flatten());
            actions.for_each(|action| {
                if action.get("reauth_within").is_some() {
                    *action = json!({ "reauth_within": { "seconds": 0 } });
                }
            });
        }
        _ => {}
    }
}

/// Every way of not being right, each for one vector.
fn way(id: &str) -> &'static str {
    match id {
        "unseal/ok/basic" => "value",
        "unseal/expired/at-second" => "code",
        "keyring/key-text/empty" => "accept",
        "cookie/setup/name/empty" => "crash",
        "verify/ok/basic" => "hang",
        "sign/ok/basic" => "skip",
        _ => "none",
    }
}

fn spoil(word: &str, message: &Value, answer: &mut Value) {
    let id = message["id"].clone();
    let own = message.get("random").is_none();
    match word {
        "other-hello" => exit(0),
        "crash" => {
            eprintln!("about to fall");
            exit(3);
        }
        "hang" => wait(),
        "garbage" => *answer = "oops".into(),
        "not-utf8" => io::stdout().lock().write_all(b"{\"id\":\"\xff\"}\n").unwrap(),
        "long" => io::stdout().lock().write_all(&vec![b'x'; (64 << 20) + 1]).unwrap_or_else(|_| exit(0)),
        "other-id" => answer["id"] = "unseal/ok/other".into(),
        "twice" => say(&answer.to_string()),
        "noise" => say("opening…"),
        "two-outcomes" => *answer = json!({ "id": id, "result": {}, "error": "expired" }),
        "no-outcome" => *answer = json!({ "id": id }),
        "odd-result" => *answer = json!({ "id": id, "result": 1 }),
        "code" => *answer = json!({ "id": id, "error": "encoding" }),
        "accept" => *answer = json!({ "id": id, "result": { "payload": "" } }),
        "skip" => *answer = json!({ "id": id, "skip": "no such \u{1b}type" }),
        "members" => answer["result"]["more"] = true.into(),
        "beside" => ["entry", "over"].iter().for_each(|name| drop(answer.as_object_mut().unwrap().remove(*name))),
        "value" => spoil_value(answer["result"].as_object_mut().unwrap()),
        "path" if own => {
            let line = answer["result"]["headers"][0][1].as_str().unwrap().replace("Path=/", "Path=/x");
            answer["result"]["headers"][0][1] = line.into();
        }
        "cut" if own => {
            let line = answer["result"]["headers"][0][1].as_str().unwrap().replace("=CrE1", "=CrE2");
            answer["result"]["headers"][0][1] = line.into();
        }
        "ids" if own => {
            let line = answer["result"]["headers"][0][1].as_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            answer["result"]["headers"][0][1] = format!("{name}=AAAAAAAA{}", &rest[8..]).into();
        }
        _ => {}
    }
}

/// Changes the first thing that can be changed.
fn spoil_value(result: &mut Map<String, Value>) {
    if let Some(requests) = result.get_mut("requests") {
        let request = requests[0].as_object_mut().unwrap();
        let name = ["answers", "ended", "token", "wrote"].into_iter().find(|name| request.contains_key(*name)).unwrap();
        request.insert(name.to_owned(), "other".into());
        return;
    }
    let names = ["payload", "token", "key_id", "warnings", "accepted", "entries", "key", "expire", "headers"];
    let name = names.into_iter().find(|name| result.contains_key(*name)).unwrap();
    result.insert(name.to_owned(), "00".into());
}
