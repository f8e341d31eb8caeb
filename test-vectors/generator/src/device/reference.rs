//! Device binding (§21) once, in its own order.

use p256::ecdsa::{Signature, SigningKey, VerifyingKey, signature::Signer as _, signature::Verifier as _};

use crate::{
    cookie::{
        jar::Cookie,
        reference::{self as cookies, Drawn, Refused, distinct, has_shape, values},
    },
    json::{Json, hex, object},
    opener::{Code, Context},
    reference::{base64url, sha256},
    session::{
        action::Action,
        is_not_now,
        reference::{Opened, Request, Session, Setup, is_name},
        seal,
        value::{self, Value},
    },
    vector::{members, nonce},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Most seconds of a token's life.
const TTL_MAX: u64 = 34_560_000;
const CHALLENGE_LIFE: u64 = 60;
const PROOF_FIRST: u64 = 60;

/// Values of a field, in the order received.
type Values<'a> = &'a [Vec<u8>];

/// Holds the settings of device binding; none, the default.
#[derive(Clone, Default)]
pub(crate) struct Device {
    pub(crate) path: Option<String>,
    pub(crate) proof: Option<u64>,
    pub(crate) require_after: Option<u64>,
}

/// Holds a device's public key, as a token or a JWT spells it.
#[derive(Clone)]
pub(crate) struct PublicKey {
    pub(crate) x: String,
    pub(crate) y: String,
    point: VerifyingKey,
}

/// Holds what an endpoint answers.
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) reason: Option<Code>,
    pub(crate) lines: Vec<String>,
    /// The last of the fields.
    pub(crate) field: Option<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) payload: Option<String>,
    /// Names of the tokens that were made.
    pub(crate) made: Vec<&'static str>,
}

impl Answer {
    fn refused(status: u64, code: Code) -> Self {
        Self {
            status,
            reason: Some(code),
            lines: Vec::new(),
            field: None,
            body: String::new(),
            payload: None,
            made: Vec::new(),
        }
    }

    /// Returns 503 for what may be good in a moment, and otherwise 401.
    fn failed(code: Code) -> Self {
        Self::refused(if is_not_now(code) { 503 } else { 401 }, code)
    }
}

/// Returns what a token draws.
pub(crate) fn drawn_json(id: &str) -> Json {
    object([("salt", hex(&nonce("salt", id)).into()), ("iv", hex(&nonce("iv", id)).into())])
}

impl Device {
    pub(crate) fn json(&self) -> Json {
        let mut settings = Vec::new();
        settings.extend(self.path.clone().map(|path| ("path".to_owned(), path.into())));
        settings.extend(self.proof.map(|proof| ("proof".to_owned(), proof.into())));
        settings.extend(self.require_after.map(|after| ("require_after".to_owned(), after.into())));
        Json::Object(settings)
    }

    fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("/device-binding")
    }

    fn proof(&self) -> u64 {
        self.proof.unwrap_or(600)
    }

    /// [DEV-01]
    pub(crate) fn validate(&self, cookie: &Cookie, purpose: &str) -> Result<(), Code> {
        cookie.validate()?;
        let letter = |octet: u8| octet.is_ascii_alphanumeric() || b"/-._~".contains(&octet);
        let path = self
            .path()
            .strip_prefix('/')
            .is_some_and(|rest| (1..=100).contains(&rest.len()) && rest.bytes().all(letter) && !rest.ends_with('/'));
        if !path || !(1..=3600).contains(&self.proof()) || self.require_after.is_some_and(|after| after > TTL_MAX) {
            Err("device_settings")
        } else if !cookie.name.starts_with("__Host-") || cookie.place.partitioned {
            Err("cookie_attributes")
        } else if purpose.len() > 245 {
            Err("context_invalid")
        } else {
            Ok(())
        }
    }

    /// Step 9e; gives the times of the proofs of this session.
    pub(crate) fn prove(
        &self,
        setup: &Setup,
        cookie: &Cookie,
        fields: &[Vec<u8>],
        session: &Session,
        now: u64,
    ) -> Result<Vec<u64>, Code> {
        let Some(jkt) = &session.jkt else {
            let late = self.require_after.is_some_and(|after| now >= session.start + after);
            return if late && session.user.is_some() { Err("unproven") } else { Ok(Vec::new()) };
        };
        let context = of(setup, ".proof");
        let shaped = |value: &Vec<u8>| !value.starts_with(b"2.") && has_shape(&context, value);
        let candidates = values(fields, &cookie.proof_name()).into_iter().filter(shaped).collect();
        let opened = distinct(candidates).into_iter().take(4).filter_map(|text| {
            let (payload, issued_at) = open(setup, ".proof", self.proof(), &text, now).ok()?;
            let [sid, of] = texts(&payload, ["sid", "jkt"])?;
            (is_name(&sid, 22) && is_name(&of, 43) && of == *jkt).then_some((sid, issued_at))
        });
        let proofs: Vec<_> = opened.collect();
        if proofs.is_empty() {
            return Err("unproven");
        }
        let own = proofs.into_iter().filter(|(sid, _)| session.sid.as_ref() == Some(sid));
        Ok(own.map(|(_, issued_at)| issued_at).collect())
    }

    /// Returns the field of the offer ([DEV-05]), if it is due after a seal of this payload. An empty id: nothing
    /// can be drawn.
    pub(crate) fn offer(
        &self,
        setup: &Setup,
        request: &Request,
        payload: &str,
        now: u64,
        id: &str,
    ) -> Option<Result<String, Code>> {
        let session = Session::read(payload.as_bytes()).expect("a session as written");
        if !request.signed_on || session.user.is_none() || session.jkt.is_some() {
            return None;
        }
        let sid = session.sid.expect("a session as written");
        let challenge = make(setup, "challenge", &register_payload(&sid), CHALLENGE_LIFE, now, id);
        Some(challenge.map(|text| format!("(ES256);path=\"{}/start\";challenge=\"{text}\"", self.path())))
    }

    /// Answers POST PATH/start.
    pub(crate) fn register(
        &self,
        setup: &Setup,
        cookie: &Cookie,
        (fields, responses): (Values<'_>, Values<'_>),
        now: Option<u64>,
        drawn: Option<&Drawn>,
    ) -> Result<Answer, Refused> {
        let [response] = responses else { return Ok(Answer::refused(401, "jwt_format")) };
        let Some(now) = now else { return Ok(Answer::failed("no_clock")) };
        let session = match cookies::read(setup, cookie, fields, now).0 {
            Err("clock_range") => return Err(Refused { code: "clock_range", more: Vec::new() }),
            Err(code) => return Ok(Answer::failed(code)),
            Ok(session) => session,
        };
        let (jti, key) = match jwt(value(response), None) {
            Err(code) => return Ok(Answer::refused(401, code)),
            Ok(read) => read,
        };
        let jkt = key.thumbprint();
        let sid = session.session.sid.clone().expect("a session as read");
        let is_own = challenge(setup, &jti, now) == Some(("register".to_owned(), sid.clone()));
        if session.session.user.is_none() || !is_own {
            return Ok(Answer::refused(401, "challenge_invalid"));
        }
        if session.session.jkt.as_ref().is_some_and(|other| *other != jkt) {
            return Ok(Answer::refused(401, "device_mismatch"));
        }
        let session = match setup.ask(session, now) {
            Err(code) => return Ok(Answer::failed(code)),
            Ok(session) => session,
        };
        let (proof, life) = (self.proof_payload(&sid, &jkt), self.proof().min(PROOF_FIRST).min(session.last - now));
        let end = session.session.end;
        let mut request = Request::of(session, now);
        request.bind(&jkt);
        request.apply(&Action::Send).expect("never fails");
        let written = cookies::write(setup, cookie, fields, &request, now, drawn, true)?;
        let id = drawn.map_or("", |drawn| &drawn.id);
        let sealed = |name, payload: &str, ttl| make(setup, name, payload, ttl, now, id).map_err(refused);
        let device = sealed("device", &key.device_payload(&sid), (end - now).min(TTL_MAX))?;
        let proof = sealed("proof", &proof, life)?;
        let mut lines = vec![cookie.line(&cookie.place, ".proof", &proof, Some(life))];
        lines.extend(written.lines);
        let attributes = format!("Path=/; Secure; HttpOnly; SameSite={}", cookie.same_site);
        let body = format!(
            "{{\"session_identifier\":\"{device}\",\"refresh_url\":\"{}/refresh\",\"scope\":{{\"include_site\":false,\
             \"scope_specification\":[]}},\"credentials\":[{{\"type\":\"cookie\",\"name\":\"{}\",\
             \"attributes\":\"{attributes}\"}}]}}",
            self.path(),
            cookie.proof_name(),
        );
        Ok(Answer {
            status: 200,
            reason: None,
            lines,
            field: Some(("Content-Type", "application/json".to_owned())),
            body,
            payload: written.payload,
            made: vec!["device", "proof"],
        })
    }

    /// Answers POST PATH/refresh.
    pub(crate) fn refresh(
        &self,
        setup: &Setup,
        cookie: &Cookie,
        (fields, ids, responses): (Values<'_>, Values<'_>, Values<'_>),
        now: Option<u64>,
        drawn: Option<&Drawn>,
    ) -> Result<Answer, Refused> {
        let [id] = ids else { return Ok(Answer::refused(401, "absent")) };
        let Some(now) = now else { return Ok(Answer::failed("no_clock")) };
        let text = value(id);
        let (sid, key) = match device(setup, text, now) {
            Err("clock_range") => return Err(refused("clock_range")),
            Err(code) => return Ok(Answer::failed(code)),
            Ok(device) => device,
        };
        let text = String::from_utf8(text.to_vec()).expect("the text of a token");
        let jkt = key.thumbprint();
        let over = |code| {
            if is_not_now(code) {
                return Answer::refused(503, code);
            }
            let body = format!("{{\"session_identifier\":\"{text}\",\"continue\":false}}");
            Answer { field: Some(("Content-Type", "application/json".to_owned())), body, ..Answer::refused(200, code) }
        };
        let session = match cookies::read(setup, cookie, fields, now).0 {
            Err(code) => return Ok(over(code)),
            Ok(session) => session,
        };
        let Session { sid: own, jkt: bound, user, .. } = &session.session;
        if bound.as_ref().map_or(user.is_none() || *own != Some(sid), |bound| *bound != jkt) {
            return Ok(over("device_mismatch"));
        }
        let drawing = drawn.map_or("", |drawn| &drawn.id);
        let again = |reason| {
            let payload = format!("{{\"use\":\"refresh\",\"jkt\":\"{jkt}\"}}");
            let challenge = make(setup, "challenge", &payload, CHALLENGE_LIFE, now, drawing).map_err(refused)?;
            Ok(Answer {
                reason,
                field: Some(("Secure-Session-Challenge", format!("\"{challenge}\";id=\"{text}\""))),
                made: vec!["challenge"],
                ..Answer::refused(403, "")
            })
        };
        let response = match responses {
            [] => return again(None),
            [response] => response,
            _ => return Ok(Answer::refused(401, "jwt_format")),
        };
        let jti = match jwt(value(response), Some(&key)) {
            Err(code) => return Ok(Answer::refused(401, code)),
            Ok((jti, _)) => jti,
        };
        if challenge(setup, &jti, now) != Some(("refresh".to_owned(), jkt.clone())) {
            return again(Some("challenge_invalid"));
        }
        let session = match setup.ask(session, now) {
            Err(code) => return Ok(over(code)),
            Ok(session) => session,
        };
        self.refreshed(setup, cookie, fields, session, &jkt, now, drawn)
    }

    #[expect(clippy::too_many_arguments, reason = "the end of one procedure")]
    fn refreshed(
        &self,
        setup: &Setup,
        cookie: &Cookie,
        fields: &[Vec<u8>],
        session: Opened,
        jkt: &str,
        now: u64,
        drawn: Option<&Drawn>,
    ) -> Result<Answer, Refused> {
        let life = self.proof().min(session.last - now);
        let sid = session.session.sid.clone().expect("a session as read");
        let (mut lines, mut payload) = (Vec::new(), None);
        if session.session.jkt.is_none() {
            let mut request = Request::of(session, now);
            request.bind(jkt);
            let written = cookies::write(setup, cookie, fields, &request, now, drawn, true)?;
            (lines, payload) = (written.lines, written.payload);
        }
        let id = drawn.map_or("", |drawn| &drawn.id);
        let proof = make(setup, "proof", &self.proof_payload(&sid, jkt), life, now, id).map_err(refused)?;
        lines.insert(0, cookie.line(&cookie.place, ".proof", &proof, Some(life)));
        Ok(Answer { reason: None, lines, payload, made: vec!["proof"], ..Answer::refused(200, "") })
    }

    #[expect(clippy::unused_self, reason = "reads as its neighbours do")]
    fn proof_payload(&self, sid: &str, jkt: &str) -> String {
        format!("{{\"sid\":\"{sid}\",\"jkt\":\"{jkt}\"}}")
    }
}

fn refused(code: Code) -> Refused {
    Refused { code, more: Vec::new() }
}

fn register_payload(sid: &str) -> String {
    format!("{{\"use\":\"register\",\"sid\":\"{sid}\"}}")
}

/// Returns the context of one of the three tokens.
fn of(setup: &Setup, suffix: &str) -> Context {
    Context { purpose: format!("{}{suffix}", setup.context.purpose), ..setup.context.clone() }
}

/// Seals one of the three tokens, with salt and iv that its name gives. An empty id: nothing can be drawn.
fn make(setup: &Setup, name: &str, payload: &str, ttl: u64, now: u64, id: &str) -> Result<String, Code> {
    let setup = Setup { context: of(setup, &format!(".{name}")), ..setup.clone() };
    let drawn = format!("{id}/{name}");
    let text = seal(&setup, payload, ttl, now, (&drawn, &drawn))?;
    if id.is_empty() { Err("no_randomness") } else { Ok(text) }
}

/// Opens one of the three tokens; gives the members of its payload and its `issued_at`.
fn open(setup: &Setup, suffix: &str, max_age: u64, text: &[u8], now: u64) -> Result<(Vec<(String, Value)>, u64), Code> {
    let life = (max_age, setup.policy.leeway);
    let unsealed = of(setup, suffix).open(0x45, text, life, 16_384, now)?;
    let payload = value::object(&unsealed.payload).ok_or("payload_invalid")?;
    Ok((payload, unsealed.issued_at))
}

/// Returns the strings of a payload that has exactly these members.
fn texts<const N: usize>(payload: &[(String, Value)], names: [&str; N]) -> Option<[String; N]> {
    let text = |name: &str| match payload.iter().find(|(other, _)| other == name) {
        Some((_, Value::Text(text))) => Some(text.clone()),
        _ => None,
    };
    let found: Option<Vec<String>> = names.into_iter().map(text).collect();
    (payload.len() == N).then_some(())?;
    found?.try_into().ok()
}

/// Returns use and sid or jkt of a challenge that opens.
fn challenge(setup: &Setup, text: &str, now: u64) -> Option<(String, String)> {
    let (payload, _) = open(setup, ".challenge", CHALLENGE_LIFE, text.as_bytes(), now).ok()?;
    if let Some([used, sid]) = texts(&payload, ["use", "sid"]) {
        return (used == "register" && is_name(&sid, 22)).then_some((used, sid));
    }
    let [used, jkt] = texts(&payload, ["use", "jkt"])?;
    (used == "refresh" && is_name(&jkt, 43)).then_some((used, jkt))
}

/// Returns sid and key of a device token.
fn device(setup: &Setup, text: &[u8], now: u64) -> Result<(String, PublicKey), Code> {
    let (payload, _) = open(setup, ".device", TTL_MAX, text, now)?;
    let read = || {
        let [sid, x, y] = texts(&payload, ["sid", "x", "y"])?;
        is_name(&sid, 22).then_some(())?;
        Some((sid, PublicKey::read(&x, &y)?))
    };
    read().ok_or("payload_invalid")
}

impl PublicKey {
    /// Returns the key of two coordinates of a point of the curve.
    fn read(x: &str, y: &str) -> Option<Self> {
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32);
        let bytes = [vec![4], coordinate(x)?, coordinate(y)?].concat();
        let point = VerifyingKey::from_sec1_bytes(&bytes).ok()?;
        Some(Self { x: x.to_owned(), y: y.to_owned(), point })
    }

    /// Returns the public half of a key.
    pub(crate) fn of(key: &SigningKey) -> Self {
        Self::at(*key.verifying_key())
    }

    pub(crate) fn at(point: VerifyingKey) -> Self {
        let encoded = point.to_sec1_point(false);
        let bytes = encoded.as_bytes();
        Self { x: base64url(&bytes[1..33]), y: base64url(&bytes[33..65]), point }
    }

    /// [DEV-03]
    pub(crate) fn thumbprint(&self) -> String {
        let Self { x, y, .. } = self;
        base64url(&sha256(format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}").as_bytes()))
    }

    pub(crate) fn device_payload(&self, sid: &str) -> String {
        format!("{{\"sid\":\"{sid}\",\"x\":\"{}\",\"y\":\"{}\"}}", self.x, self.y)
    }
}

/// Returns `value` of §21.5.
fn value(field: &[u8]) -> &[u8] {
    let mut text = field;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    match text {
        [b'"', inner @ .., b'"'] => inner,
        _ => text,
    }
}

/// Reads a JWT; gives its `jti` and the key that signed it.
fn jwt(text: &[u8], key: Option<&PublicKey>) -> Result<(String, PublicKey), Code> {
    let parts: Vec<_> = text.split(|octet| *octet == b'.').collect();
    let [header, claims, signature] = parts[..] else { return Err("jwt_format") };
    if text.len() > 4096 {
        return Err("jwt_format");
    }
    let object = |part: &[u8]| value::object(&URL_SAFE_NO_PAD.decode(part).ok()?);
    let (header_object, claims_object) = object(header).zip(object(claims)).ok_or("jwt_format")?;
    let member = |object: &[(String, Value)], name: &str| {
        object.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
    };
    let Some(Value::Text(jti)) = member(&claims_object, "jti") else { return Err("jwt_format") };
    let is =
        |name: &str, wanted: &str| matches!(member(&header_object, name), Some(Value::Text(text)) if text == wanted);
    if !is("typ", "dbsc+jwt") || !is("alg", "ES256") || member(&header_object, "crit").is_some() {
        return Err("jwt_algorithm");
    }
    let read = || {
        let Some(Value::Object(jwk)) = member(&header_object, "jwk") else { return None };
        let text = |name| match member(&jwk, name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let right = text("kty")? == "EC" && text("crv")? == "P-256" && member(&jwk, "d").is_none();
        right.then(|| PublicKey::read(&text("x")?, &text("y")?)).flatten()
    };
    let key = key.cloned().or_else(read).ok_or("jwt_key")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok();
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok()).ok_or("jwt_signature")?;
    let signed = [header, b".", claims].concat();
    key.point.verify(&signed, &signature).map_err(|_| "jwt_signature")?;
    Ok((jti, key))
}

/// Returns a private key of the tests.
pub(crate) fn private_key(number: usize) -> SigningKey {
    SigningKey::from_slice(&sha256(format!("cretula-test-device-{number}").as_bytes())).expect("below the order")
}

/// Holds what a JWT is made from.
#[derive(Clone)]
pub(crate) struct Jwt {
    pub(crate) header: String,
    /// With `{N}` for the text of token number N.
    pub(crate) claims: String,
    pub(crate) sign: Sign,
}

/// Where a JWT's signature comes from.
#[derive(Clone)]
pub(crate) enum Sign {
    /// A private key of the tests.
    Key(usize),
    Octets(Vec<u8>),
}

impl Jwt {
    pub(crate) fn json(&self) -> Json {
        let sign = match &self.sign {
            Sign::Key(number) => ("key", hex(&private_key(*number).to_bytes()).into()),
            Sign::Octets(octets) => ("signature", hex(octets).into()),
        };
        Json::Object(members([("header", self.header.clone().into()), ("claims", self.claims.clone().into()), sign]))
    }

    /// Returns the octets that are signed.
    pub(crate) fn signed(&self, tokens: &[String]) -> String {
        let claims = crate::cookie::fill(&self.claims, tokens);
        format!("{}.{}", base64url(self.header.as_bytes()), base64url(claims.as_bytes()))
    }

    pub(crate) fn text(&self, tokens: &[String]) -> String {
        let signed = self.signed(tokens);
        let signature = match &self.sign {
            Sign::Key(number) => {
                let signature: Signature = private_key(*number).sign(signed.as_bytes());
                signature.to_bytes().to_vec()
            }
            Sign::Octets(octets) => octets.clone(),
        };
        format!("{signed}.{}", base64url(&signature))
    }
}
