//! Cases of `cookie.json` (§20).

mod choosing;
mod example;
mod failing;
mod jar;
mod lax;
mod pairs;
mod parts;
mod reference;
mod rules;
mod setup;
mod tokens;
mod writing;

use crate::{
    json::{Json, object},
    opener::Code,
    reference::{base64url, sha256},
    session::{
        Made, START,
        action::Action,
        drawn_sid, ended_json, open_json, opened_json,
        reference::{Decision, Request, Session, Setup},
    },
    vector::{Outcome, Vector, members},
};
pub use example::{SESSION_BEGIN, SESSION_END, session_example};
use jar::Cookie;
use reference::Drawn;

/// When the requests of the cases come.
const T: u64 = START + 60;

pub(crate) fn vectors() -> Vec<Vector> {
    let mut vectors = setup::vectors();
    vectors.extend(pairs::vectors());
    vectors.extend(parts::vectors());
    vectors.extend(choosing::vectors());
    vectors.extend(tokens::vectors());
    vectors.extend(writing::vectors());
    vectors.extend(rules::vectors());
    vectors.extend(failing::vectors());
    vectors.extend(lax::vectors());
    vectors
}

/// One request.
#[derive(Clone)]
struct Case {
    id: &'static str,
    spec: &'static [&'static str],
    flags: &'static [&'static str],
    comment: &'static str,
    setup: Setup,
    cookie: Cookie,
    now: u64,
    tokens: Vec<Made>,
    template: Vec<String>,
}

/// What a handler does, and what is to come of it.
#[derive(Clone)]
struct Writing {
    actions: Vec<Action>,
    commit: u64,
    cache_control: Option<&'static str>,
    /// How the session opens.
    open: &'static str,
    /// Suffixes of the lines, `+` with a value and `-` without; or the code.
    expect: Result<&'static str, Code>,
    fails: Option<Fails>,
}

/// What fails in a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fails {
    ClockAtOpen,
    ClockAtCommit,
    Randomness,
}

/// Fills a template in with tokens.
fn fill(template: &str, tokens: &[String]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, hole) = rest.split_at(at);
        filled.push_str(before);
        let body = hole[1..].split_once('}').map_or("", |(body, _)| body);
        let numbers: Vec<_> = body.split(':').collect();
        let number = |text: &str| text.parse::<usize>().ok();
        let token = number(numbers[0]).and_then(|token| tokens.get(token));
        let part = match (token, &numbers[..]) {
            (Some(token), [_]) => Some(&token[..]),
            (Some(token), [_, from, to]) => Some(&token[number(from).unwrap_or(0)..number(to).unwrap_or(token.len())]),
            _ => None,
        };
        // A brace of a foreign cookie stands for itself.
        filled.push_str(part.unwrap_or("{"));
        rest = if part.is_some() { &hole[body.len() + 2..] } else { &hole[1..] };
    }
    filled + rest
}

impl Case {
    fn new(id: &'static str, comment: &'static str, tokens: Vec<Made>, field: &str) -> Self {
        Self {
            id,
            spec: &[],
            flags: &[],
            comment,
            setup: crate::session::setup(),
            cookie: Cookie::usual(),
            now: T,
            tokens,
            template: vec![field.to_owned()],
        }
    }

    /// Returns the inputs from `cookie` on, and the fields' octets.
    fn request(&self, id: &str) -> (Vec<(String, Json)>, Vec<Vec<u8>>) {
        let name = |number: usize| format!("{id}/{number}");
        let texts: Vec<_> = self.tokens.iter().enumerate().map(|(n, made)| made.token(&name(n))).collect();
        let fields: Vec<_> = self.template.iter().map(|field| fill(field, &texts)).collect();
        let made = self.tokens.iter().enumerate().map(|(n, made)| made.json(&name(n)));
        let inputs = members([
            ("cookie", self.cookie.json()),
            ("now", self.now.into()),
            ("tokens", Json::List(made.collect())),
            ("template", self.template.clone().into()),
            ("fields", fields.clone().into()),
        ]);
        let octets = |field: &String| field.chars().map(|letter| u8::try_from(letter).expect("an octet")).collect();
        (inputs, fields.iter().map(octets).collect())
    }

    fn vector(self, id: String, inputs: Vec<(String, Json)>, outcome: Outcome) -> Vector {
        let (spec, flags) = (self.spec.to_vec(), self.flags.to_vec());
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }

    /// Reads a session; the token of this number is to be chosen.
    fn read(self, expect: Result<usize, Code>) -> Vector {
        let id = format!("cookie/read/{}", self.id);
        let mut inputs = self.setup.json("read");
        let (more, fields) = self.request(&id);
        inputs.extend(more);
        let opened = reference::read(&self.setup, &self.cookie, &fields, self.now)
            .0
            .and_then(|opened| self.setup.check(&opened.session).map(|()| opened));
        let text = |session: &Session| session.value().write();
        let payload = opened.as_ref().map(|opened| text(&opened.session)).map_err(|code| *code);
        let wanted = expect
            .map(|number| text(&Session::read(&self.tokens[number].payload).expect("the expected token is a session")));
        assert_eq!(payload, wanted, "{id}");
        let outcome = opened.map_or_else(Outcome::Error, |opened| Outcome::Result(opened_json(&opened)));
        self.vector(id, inputs, outcome)
    }

    /// Reads a token that is no session.
    fn read_token(self, max_age: u64, expect: Result<usize, Code>) -> Vector {
        let id = format!("cookie/read-token/{}", self.id);
        let leeway = self.setup.policy.leeway;
        let mut inputs = self.setup.json("read_token");
        inputs.retain(|(name, _)| name != "policy" && name != "check");
        inputs.extend(members([("max_age", max_age.into()), ("leeway", leeway.into())]));
        let (more, fields) = self.request(&id);
        inputs.extend(more);
        let payload = reference::read_token(&self.setup.context, &self.cookie, &fields, (max_age, leeway), self.now);
        assert_eq!(payload, expect.map(|number| self.tokens[number].payload.clone()), "{id}");
        let text = |payload: Vec<u8>| String::from_utf8(payload).expect("a text");
        let outcome =
            payload.map_or_else(Outcome::Error, |payload| Outcome::Result(object([("payload", text(payload).into())])));
        self.vector(id, inputs, outcome)
    }

    /// Reads, changes and writes a session.
    fn write(self, writing: Writing) -> Vector {
        let id = format!("cookie/write/{}", self.id);
        let mut inputs = self.setup.json("write");
        let (more, fields) = self.request(&id);
        inputs.extend(more);
        let commit = writing.commit;
        inputs.extend(members([
            ("actions", Json::List(writing.actions.iter().map(Action::json).collect())),
            ("commit", commit.into()),
        ]));
        inputs.extend(writing.cache_control.map(|text| ("cache_control".to_owned(), text.into())));
        let fails = |what| writing.fails == Some(what);
        let (opened, others) = match fails(Fails::ClockAtOpen) {
            true => (Err("no_clock"), Vec::new()),
            false => reference::read(&self.setup, &self.cookie, &fields, self.now),
        };
        let (mut request, answer) = Request::begin(&self.setup, opened, &others, self.now);
        let open = answer.err().unwrap_or("opened");
        assert_eq!(open, writing.open, "{id}");
        for action in &writing.actions {
            if let Action::Excess { now, over } = action {
                assert_eq!(reference::excess(&self.setup, &self.cookie, &request, *now), Ok(*over), "{id}");
                continue;
            }
            request.apply(action).expect("actions of these cases do not fail");
        }
        let drawn = Drawn {
            id: id.clone(),
            sid: drawn_sid(&id),
            chunk_id: base64url(&sha256(format!("cretula vectors chunk {id}").as_bytes())[..6]),
        };
        let mut random = Vec::new();
        let drawing = !fails(Fails::ClockAtCommit) && !fails(Fails::Randomness);
        if drawing && request.decide(&self.setup.policy, commit) == Decision::Seal {
            random = crate::session::draws(&request, &id, &id);
        }
        let drawn = (!fails(Fails::Randomness)).then_some(drawn);
        let written = match fails(Fails::ClockAtCommit) {
            true => Err(reference::Refused { code: "no_clock", more: Vec::new() }),
            false => reference::write(&self.setup, &self.cookie, &fields, &request, commit, drawn.as_ref()),
        };
        let sealed = written.as_ref().ok().filter(|written| written.payload.is_some());
        let divided = sealed.map_or(self.cookie.large, |written| {
            written.lines.last().is_some_and(|line| line.starts_with(&format!("{}=2.", self.cookie.name)))
        });
        match drawn {
            None => inputs.push(("no_randomness".to_owned(), true.into())),
            Some(drawn) => {
                random.extend((divided && !random.is_empty()).then(|| ("id".to_owned(), drawn.chunk_id.into())));
                inputs.push(("random".to_owned(), Json::Object(random)));
            }
        }
        for (name, what) in [("now", Fails::ClockAtOpen), ("commit", Fails::ClockAtCommit)] {
            inputs
                .iter_mut()
                .filter(|(other, _)| fails(what) && other == name)
                .for_each(|(_, time)| *time = Json::Null);
        }
        let outcome = match written {
            Err(refused) => {
                assert_eq!(Err(refused.code), writing.expect, "{id}");
                Outcome::ErrorWith(refused.code, refused.more)
            }
            Ok(written) => {
                let word = |line: &String| {
                    let (name, value) = line.split_once('=').expect("a line");
                    let sign = if value.starts_with(';') { '-' } else { '+' };
                    format!("{sign}{}", &name[self.cookie.name.len()..])
                };
                let words: Vec<_> = written.lines.iter().map(word).collect();
                assert_eq!(Ok(words.join(" ").as_str()), writing.expect, "{id}");
                let header = |name: &str, value: &str| Json::List(vec![name.into(), value.into()]);
                let mut headers: Vec<_> = written.lines.iter().map(|line| header("Set-Cookie", line)).collect();
                headers.push(header("Vary", "Cookie"));
                if !written.lines.is_empty() {
                    headers.push(header("Cache-Control", "no-store"));
                } else if writing.cache_control.is_none() {
                    headers.push(header("Cache-Control", "private"));
                }
                let mut result = open_json(open);
                result.extend(members([("headers", Json::List(headers)), ("large", written.large.into())]));
                result.extend(written.payload.map(|payload| ("payload".to_owned(), payload.into())));
                result.extend(ended_json(request.ended()));
                Outcome::Result(Json::Object(result))
            }
        };
        self.vector(id, inputs, outcome)
    }
}
