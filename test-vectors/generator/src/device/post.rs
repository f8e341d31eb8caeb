//! One POST to an endpoint, and what comes of it.

use super::{
    SID, bound, public,
    reference::{Answer, Device, Jwt, Sign, drawn_json},
};
use crate::{
    cookie::{Case, Fails, fill, jar::Cookie, octets, reference::Drawn},
    json::{Json, hex, object},
    opener::Code,
    reference::{base64url, sha256},
    session::{Made, START, drawn_sid, user},
    vector::{Outcome, Vector, members, nonce},
};

pub(super) type Flags = &'static [&'static str];

/// The field that brings the session.
pub(super) const FIELD: &str = "__Host-session={0}";

/// One vector of `register` or `refresh`.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) case: Case,
    /// Values of `Sec-Secure-Session-Id`; none for `register`.
    pub(super) ids: Option<Vec<String>>,
    pub(super) jwts: Vec<Jwt>,
    pub(super) responses: Vec<String>,
    pub(super) fails: Option<Fails>,
}

/// Returns the header of a JWT of a registration.
pub(super) fn header(key: usize) -> String {
    format!("{{\"alg\":\"ES256\",\"jwk\":{},\"typ\":\"dbsc+jwt\"}}", jwk(key))
}

/// Returns a public key of the tests as JWK.
pub(super) fn jwk(key: usize) -> String {
    let key = public(key);
    format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{}\",\"y\":\"{}\"}}", key.x, key.y)
}

/// The header of a JWT of a refresh.
pub(super) const BARE: &str = "{\"alg\":\"ES256\",\"typ\":\"dbsc+jwt\"}";

/// Returns a JWT of a registration by key 1, with the token of this number as challenge.
pub(super) fn jwt(header: impl Into<String>, challenge: usize) -> Jwt {
    Jwt { header: header.into(), claims: format!("{{\"jti\":\"{{{challenge}}}\"}}"), sign: Sign::Key(1) }
}

/// Returns a challenge with this payload, sealed 50 seconds ago.
pub(super) fn challenge(payload: &str) -> Made {
    Made { purpose: "session.challenge", issued_at: START + 10, ttl: 60, ..Made::new(payload) }
}

pub(super) fn registering(sid: &str) -> Made {
    challenge(&format!("{{\"use\":\"register\",\"sid\":\"{sid}\"}}"))
}

pub(super) fn refreshing(key: usize) -> Made {
    challenge(&format!("{{\"use\":\"refresh\",\"jkt\":\"{}\"}}", super::jkt(key)))
}

/// Returns a device token of a key of the tests.
pub(super) fn device_token(key: usize) -> Made {
    device_token_of(&public(key).device_payload(SID))
}

pub(super) fn device_token_of(payload: &str) -> Made {
    Made { purpose: "session.device", ttl: 86_400, ..Made::new(payload) }
}

/// Returns a registration by key 1 that succeeds: tokens are the session and the challenge.
pub(super) fn register(id: &'static str, flags: Flags, comment: &'static str) -> Post {
    let tokens = vec![Made::new(user(&[])), registering(SID)];
    let spec: &[&str] = &["DEV-02", "DEV-03", "DEV-07"];
    let case = Case { spec, flags, device: Some(Device::default()), ..Case::new(id, comment, tokens, FIELD) };
    Post { case, ids: None, jwts: vec![jwt(header(1), 1)], responses: vec!["{0}".into()], fails: None }
}

/// Returns a refresh by key 1 that succeeds: tokens are the session, the device token and the challenge.
pub(super) fn refresh(id: &'static str, flags: Flags, comment: &'static str) -> Post {
    let tokens = vec![Made::new(bound(1, &[])), device_token(1), refreshing(1)];
    let spec: &[&str] = &["DEV-02", "DEV-08", "DEV-09"];
    let case = Case { spec, flags, device: Some(Device::default()), ..Case::new(id, comment, tokens, FIELD) };
    Post { case, ids: Some(vec!["{1}".into()]), jwts: vec![jwt(BARE, 2)], responses: vec!["{0}".into()], fails: None }
}

impl Post {
    /// Changes the case.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Case)) -> Self {
        change(&mut self.case);
        self
    }

    /// Puts another token in the place of this number.
    pub(super) fn token(mut self, number: usize, made: Made) -> Self {
        self.case.tokens[number] = made;
        self
    }

    pub(super) fn jwt(self, jwt: Jwt) -> Self {
        Self { jwts: vec![jwt], ..self }
    }

    pub(super) fn header(self, header: impl Into<String>) -> Self {
        let jwt = Jwt { header: header.into(), ..self.jwts[0].clone() };
        self.jwt(jwt)
    }

    pub(super) fn claims(self, claims: impl Into<String>) -> Self {
        let jwt = Jwt { claims: claims.into(), ..self.jwts[0].clone() };
        self.jwt(jwt)
    }

    pub(super) fn sign(self, sign: Sign) -> Self {
        let jwt = Jwt { sign, ..self.jwts[0].clone() };
        self.jwt(jwt)
    }

    pub(super) fn responses(self, responses: &[&str]) -> Self {
        Self { responses: responses.iter().map(|text| (*text).to_owned()).collect(), ..self }
    }

    pub(super) fn ids(self, ids: &[&str]) -> Self {
        Self { ids: Some(ids.iter().map(|text| (*text).to_owned()).collect()), ..self }
    }

    /// Takes the JWT away.
    pub(super) fn silent(self) -> Self {
        Self { jwts: vec![], responses: vec![], ..self }
    }

    fn id(&self) -> String {
        format!("device/{}/{}", if self.ids.is_some() { "refresh" } else { "register" }, self.case.id)
    }

    /// Returns the texts of the tokens.
    pub(super) fn tokens(&self) -> Vec<String> {
        let id = self.id();
        self.case.tokens.iter().enumerate().map(|(n, made)| made.token(&format!("{id}/{n}"))).collect()
    }

    /// Returns the text of the first JWT.
    pub(super) fn text(&self) -> String {
        self.jwts[0].text(&self.tokens())
    }

    /// Makes the vector. `expect` is the status, or `over`; the code; the lines of the response; or the error.
    pub(super) fn answers(self, expect: Result<&str, Code>) -> Vector {
        let id = self.id();
        let Case { setup, cookie, device, now, .. } = &self.case;
        let device = device.as_ref().expect("settings");
        let mut inputs = setup.json(if self.ids.is_some() { "refresh" } else { "register" });
        let (more, fields) = self.case.request(&id);
        inputs.extend(more);
        let tokens = self.tokens();
        let ids: Option<Vec<_>> = self.ids.as_ref().map(|ids| ids.iter().map(|id| fill(id, &tokens)).collect());
        if let (Some(template), Some(ids)) = (&self.ids, &ids) {
            inputs.extend(members([("id_template", template.clone().into()), ("ids", ids.clone().into())]));
        }
        let jwts: Vec<_> = self.jwts.iter().map(|jwt| jwt.text(&tokens)).collect();
        let responses: Vec<_> = self.responses.iter().map(|response| fill(response, &jwts)).collect();
        inputs.extend(members([
            ("jwts", Json::List(self.jwts.iter().map(Jwt::json).collect())),
            ("response_template", self.responses.clone().into()),
            ("responses", responses.clone().into()),
        ]));
        let chunk_id = base64url(&sha256(format!("cretula vectors chunk {id}").as_bytes())[..6]);
        let drawn = Drawn { id: id.clone(), sid: drawn_sid(&id), chunk_id: chunk_id.clone() };
        let drawn = (self.fails != Some(Fails::Randomness)).then_some(drawn);
        let clock = (self.fails != Some(Fails::ClockAtOpen)).then_some(*now);
        let all = |texts: &[String]| texts.iter().map(|text| octets(text)).collect::<Vec<_>>();
        let responses = all(&responses);
        let answer = match &ids {
            None => device.register(setup, cookie, (&fields, &responses), clock, drawn.as_ref()),
            Some(ids) => device.refresh(setup, cookie, (&fields, &all(ids), &responses), clock, drawn.as_ref()),
        };
        if clock.is_none() {
            inputs.iter_mut().filter(|(name, _)| name == "now").for_each(|(_, now)| *now = Json::Null);
        }
        inputs.push(match drawn {
            None => ("no_randomness".to_owned(), true.into()),
            Some(_) => ("random".to_owned(), Json::Object(random(&id, answer.as_ref().ok(), &chunk_id))),
        });
        let told = answer.as_ref().map(|answer| told(cookie, answer)).map_err(|refused| refused.code);
        assert_eq!(told.as_deref().map_err(|code| *code), expect, "{id}");
        let outcome = match answer {
            Ok(answer) => Outcome::Result(result(answer)),
            Err(refused) => Outcome::ErrorWith(refused.code, refused.more),
        };
        self.case.vector(id, inputs, outcome)
    }
}

/// Returns what an answer draws.
fn random(id: &str, answer: Option<&Answer>, chunk_id: &str) -> Vec<(String, Json)> {
    let mut random = Vec::new();
    let Some(answer) = answer else { return random };
    if answer.payload.is_some() {
        random.extend(members([("salt", hex(&nonce("salt", id)).into()), ("iv", hex(&nonce("iv", id)).into())]));
        let divided = answer.lines.last().is_some_and(|line| line.contains("=2."));
        random.extend(divided.then(|| ("id".to_owned(), chunk_id.into())));
    }
    random.extend(answer.made.iter().map(|name| ((*name).to_owned(), drawn_json(&format!("{id}/{name}")))));
    random
}

/// Returns an answer as the cases say it.
fn told(cookie: &Cookie, answer: &Answer) -> String {
    let over = answer.body.ends_with("\"continue\":false}");
    let mut words = vec![if over { "over".to_owned() } else { answer.status.to_string() }];
    words.extend(answer.reason.map(str::to_owned));
    words.extend(answer.lines.iter().map(|line| {
        let (of, value) = line.split_once('=').expect("a line");
        let suffix = if of == cookie.proof_name() { ".proof" } else { &of[cookie.name.len()..] };
        format!("{}{suffix}", if value.starts_with(';') { '-' } else { '+' })
    }));
    words.join(" ")
}

fn result(answer: Answer) -> Json {
    let field = |name: &str, value: &str| Json::List(vec![name.into(), value.into()]);
    let mut headers: Vec<_> = answer.lines.iter().map(|line| field("Set-Cookie", line)).collect();
    headers.extend([field("Vary", "Cookie"), field("Cache-Control", "no-store")]);
    headers.extend(answer.field.map(|(name, value)| field(name, &value)));
    let Json::Object(mut result) = object([("status", answer.status.into())]) else { unreachable!() };
    result.extend(answer.reason.map(|reason| ("reason".to_owned(), reason.into())));
    result.push(("headers".to_owned(), Json::List(headers)));
    result.extend((!answer.body.is_empty()).then(|| ("body".to_owned(), answer.body.into())));
    result.extend(answer.payload.map(|payload| ("payload".to_owned(), payload.into())));
    Json::Object(result)
}
