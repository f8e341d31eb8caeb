//! Cases of `cookie.json` (§20).

mod bound;
mod choosing;
mod example;
mod failing;
pub(crate) mod jar;
mod lax;
mod pairs;
mod parts;
pub(crate) mod reference;
mod rules;
mod setup;
mod tokens;
mod writing;

use crate::{
    device::reference::{Device, drawn_json},
    json::{Json, object},
    opener::Code,
    reference::{base64url, sha256},
    session::{
        Made, START,
        action::Action,
        drawn_sid, ended_json, open_json, opened_json,
        reference::{Decision, Request, Session, Setup, without_proofs},
    },
    vector::{Outcome, Vector, members},
};
pub use example::{SESSION_BEGIN, SESSION_END, session_example};
use jar::Cookie;
use reference::Drawn;

/// When the requests of the cases come.
pub(crate) const T: u64 = START + 60;

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
    vectors.extend(bound::vectors());
    vectors
}

/// One request.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) spec: &'static [&'static str],
    pub(crate) flags: &'static [&'static str],
    pub(crate) comment: &'static str,
    pub(crate) setup: Setup,
    pub(crate) cookie: Cookie,
    /// None in the cases of `cookie.json`.
    pub(crate) device: Option<Device>,
    pub(crate) now: u64,
    pub(crate) tokens: Vec<Made>,
    pub(crate) template: Vec<String>,
    /// Whether the check is asked and answered, so that `checked` is now.
    pub(crate) checked: bool,
}

/// What a handler does, and what is to come of it.
#[derive(Clone)]
pub(crate) struct Writing {
    pub(crate) actions: Vec<Action>,
    pub(crate) commit: u64,
    pub(crate) cache_control: Option<&'static str>,
    /// How the session opens.
    pub(crate) open: &'static str,
    /// Suffixes of the lines, `+` with a value and `-` without, and `offer` for that of a device; or the code.
    pub(crate) expect: Result<&'static str, Code>,
    pub(crate) fails: Option<Fails>,
}

/// What fails in a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fails {
    ClockAtOpen,
    ClockAtCommit,
    Randomness,
}

/// Returns the octets of a field.
pub(crate) fn octets(field: &str) -> Vec<u8> {
    field.chars().map(|letter| u8::try_from(letter).expect("an octet")).collect()
}

/// Fills a template in with tokens.
pub(crate) fn fill(template: &str, tokens: &[String]) -> String {
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
    pub(crate) fn new(id: &'static str, comment: &'static str, tokens: Vec<Made>, field: &str) -> Self {
        Self {
            id,
            spec: &[],
            flags: &[],
            comment,
            setup: crate::session::setup(),
            cookie: Cookie::usual(),
            device: None,
            now: T,
            tokens,
            template: vec![field.to_owned()],
            checked: false,
        }
    }

    /// Returns the inputs from `cookie` on, and the fields' octets.
    pub(crate) fn request(&self, id: &str) -> (Vec<(String, Json)>, Vec<Vec<u8>>) {
        let name = |number: usize| format!("{id}/{number}");
        let texts: Vec<_> = self.tokens.iter().enumerate().map(|(n, made)| made.token(&name(n))).collect();
        let fields: Vec<_> = self.template.iter().map(|field| fill(field, &texts)).collect();
        let made = self.tokens.iter().enumerate().map(|(n, made)| made.json(&name(n)));
        let mut inputs = members([("cookie", self.cookie.json())]);
        inputs.extend(self.device.as_ref().map(|device| ("device".to_owned(), device.json())));
        inputs.extend(members([
            ("now", self.now.into()),
            ("tokens", Json::List(made.collect())),
            ("template", self.template.clone().into()),
            ("fields", fields.clone().into()),
        ]));
        (inputs, fields.iter().map(|field| octets(field)).collect())
    }

    fn class(&self) -> &'static str {
        if self.device.is_some() { "device" } else { "cookie" }
    }

    /// Step 9e.
    fn prove(&self, fields: &[Vec<u8>], session: &Session) -> Result<Vec<u64>, Code> {
        match &self.device {
            None => without_proofs(session),
            Some(device) => device.prove(&self.setup, &self.cookie, fields, session, self.now),
        }
    }

    pub(crate) fn vector(self, id: String, inputs: Vec<(String, Json)>, outcome: Outcome) -> Vector {
        let (spec, flags) = (self.spec.to_vec(), self.flags.to_vec());
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }

    /// Reads a session; the token of this number is to be chosen.
    pub(crate) fn read(self, expect: Result<usize, Code>) -> Vector {
        let id = format!("{}/read/{}", self.class(), self.id);
        let mut inputs = self.setup.json("read");
        let (more, fields) = self.request(&id);
        inputs.extend(more);
        let opened = reference::read(&self.setup, &self.cookie, &fields, self.now).0.and_then(|opened| {
            let proofs = self.prove(&fields, &opened.session);
            self.setup.admit(opened, proofs, self.now)
        });
        let text = |session: &Session| session.value().write();
        let payload = opened.as_ref().map(|opened| text(&opened.session)).map_err(|code| *code);
        let wanted = expect.map(|number| {
            let mut session = Session::read(&self.tokens[number].payload).expect("the expected token is a session");
            session.checked = if self.checked { Some(self.now) } else { session.checked };
            text(&session)
        });
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
    pub(crate) fn write(self, writing: Writing) -> Vector {
        let id = format!("{}/write/{}", self.class(), self.id);
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
        let (mut request, answer) =
            Request::begin(&self.setup, opened, &others, self.now, |session| self.prove(&fields, session));
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
            false => {
                let bound = self.device.is_some();
                let written =
                    reference::write(&self.setup, &self.cookie, &fields, &request, commit, drawn.as_ref(), bound);
                let offer = |payload: &String| {
                    let device = self.device.as_ref()?;
                    device.offer(&self.setup, &request, payload, commit, (drawn.as_ref().map(|_| &*id)).unwrap_or(""))
                };
                written.and_then(|written| match written.payload.as_ref().and_then(offer) {
                    None => Ok((written, None)),
                    Some(Ok(field)) => Ok((written, Some(field))),
                    Some(Err(code)) => Err(reference::Refused { code, more: Vec::new() }),
                })
            }
        };
        let sealed = written.as_ref().ok().map(|(written, _)| written).filter(|written| written.payload.is_some());
        let divided = sealed.map_or(self.cookie.large, |written| {
            written.lines.last().is_some_and(|line| line.starts_with(&format!("{}=2.", self.cookie.name)))
        });
        match drawn {
            None => inputs.push(("no_randomness".to_owned(), true.into())),
            Some(drawn) => {
                random.extend((divided && !random.is_empty()).then(|| ("id".to_owned(), drawn.chunk_id.into())));
                let offered = written.as_ref().is_ok_and(|(_, offer)| offer.is_some());
                random.extend(offered.then(|| ("challenge".to_owned(), drawn_json(&format!("{id}/challenge")))));
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
            Ok((written, offer)) => {
                let word = |line: &String| {
                    let (name, value) = line.split_once('=').expect("a line");
                    let sign = if value.starts_with(';') { '-' } else { '+' };
                    format!("{sign}{}", &name[self.cookie.name.len()..])
                };
                let mut words: Vec<_> = written.lines.iter().map(word).collect();
                words.extend(offer.is_some().then(|| "offer".to_owned()));
                assert_eq!(Ok(words.join(" ").as_str()), writing.expect, "{id}");
                let header = |name: &str, value: &str| Json::List(vec![name.into(), value.into()]);
                let mut headers: Vec<_> = written.lines.iter().map(|line| header("Set-Cookie", line)).collect();
                headers.push(header("Vary", "Cookie"));
                if !written.lines.is_empty() {
                    headers.push(header("Cache-Control", "no-store"));
                } else if writing.cache_control.is_none() {
                    headers.push(header("Cache-Control", "private"));
                }
                headers.extend(offer.map(|field| header("Secure-Session-Registration", &field)));
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
