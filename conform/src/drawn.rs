//! What implementations draw themselves: tokens are opened here and compared, and nothing may come twice.

use std::collections::{BTreeMap, HashSet};

use cretula::{
    UntrustedToken,
    limits::{IV_BYTES, LEEWAY_DEFAULT, LIFE_MAX, LIMIT_MAX, SALT_BYTES},
};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Reference},
    compare::{Difference, member, same, same_json},
    hex,
    request::{self, Randomness},
    vector::Vector,
};

/// Bytes before a sealed token's salt.
const HEAD: usize = 35;
/// Characters of a sid, and of the id of two cookies.
const SID: usize = 22;
const ID: usize = 8;
/// What stands before the sid of a payload.
const SID_START: &str = "{\"sid\":\"";

/// Everything that was drawn in a run, or given to be used, and the reference that opens what comes.
pub(crate) struct Drawn<'a> {
    seen: HashSet<(&'static str, String)>,
    reference: &'a Reference<'a>,
}

type Members = Map<String, Value>;

impl<'a> Drawn<'a> {
    pub(crate) fn new(reference: &'a Reference<'a>) -> Self {
        Self { seen: HashSet::new(), reference }
    }

    pub(crate) const fn reference(&self) -> &'a Reference<'a> {
        self.reference
    }

    /// Notes the fixed values that an adapter was given: drawn again, they are none.
    pub(crate) fn given(&mut self, vector: &Vector) {
        let mut note = |members: &Members, names: &[&'static str]| {
            for name in names {
                self.seen.extend(text(members, name).map(|value| (*name, value.to_owned())));
            }
        };
        note(&vector.members, &["salt", "iv"]);
        let steps = vector.members.get("requests").and_then(Value::as_array).into_iter().flatten();
        let random = steps.filter_map(|step| step.get("random")).chain(vector.members.get("random"));
        for random in random.filter_map(Value::as_object) {
            note(random, &["sid", "salt", "iv", "id"]);
            random.values().filter_map(Value::as_object).for_each(|token| note(token, &["salt", "iv"]));
        }
    }

    /// Notes a value, which must not have come before.
    fn note(&mut self, what: &'static str, value: &str) -> Result<(), Difference> {
        if self.seen.insert((what, value.to_owned())) {
            return Ok(());
        }
        Err(Difference::new(format!("a new {what}"), format!("a {what} that came before, {value}")))
    }

    fn note_nonces(&mut self, token: &str) -> Result<(), Difference> {
        let parsed = UntrustedToken::parse(token, LIMIT_MAX).ok();
        let nonces = parsed.as_ref().and_then(|token| token.bytes.get(HEAD..)?.split_at_checked(SALT_BYTES));
        let Some((salt, rest)) = nonces else { return Err(Difference::new("a token", token)) };
        self.note("salt", &hex::encode(salt))?;
        self.note("iv", &hex::encode(rest.get(..IV_BYTES).unwrap_or_default()))
    }

    /// Opens a sealed token with the reference.
    fn open(&self, vector: &Members, text: &str, now: u64) -> Result<Held, String> {
        let mut request = Members::new();
        for name in ["keyring", "audience", "purpose"] {
            request.extend(vector.get(name).map(|value| (name.to_owned(), value.clone())));
        }
        for (name, value) in [("class", "unsealer"), ("op", "unseal"), ("token", text)] {
            request.insert(name.to_owned(), value.into());
        }
        for (name, value) in [("max_age", LIFE_MAX.into()), ("leeway", LEEWAY_DEFAULT.into()), ("now", now)] {
            request.insert(name.to_owned(), value.into());
        }
        request.insert("limit".to_owned(), json!(LIMIT_MAX));
        match (self.reference)(&Value::Object(request)) {
            Ok(Answer::Result(opened)) => {
                Held::new(&opened).ok_or_else(|| "a token that the reference answers wrongly".to_owned())
            }
            Ok(Answer::Error(code, _)) => Err(format!("a token that does not open: {code}")),
            Ok(Answer::Skip(_)) | Err(_) => Err("the vector is not as it should be".to_owned()),
        }
    }

    /// Compares what two tokens hold, except the first `aside` bytes of the payloads. Returns the payload that came.
    fn compare(
        &self,
        vector: &Members,
        (expected, got): (&str, &str),
        now: u64,
        aside: usize,
    ) -> Result<String, Difference> {
        let expected = self.open(vector, expected, now).map_err(|words| Difference::new("a token", words))?;
        let got = self.open(vector, got, now).map_err(|words| Difference::new("a token that opens", words))?;
        if expected.claims != got.claims {
            return Err(Difference::new(expected.claims, got.claims));
        }
        let show = |payload: &[u8]| match str::from_utf8(payload) {
            Ok(text) => format!("payload {text:?}"),
            Err(_) => format!("payload {}", hex::encode(payload)),
        };
        let (expected, got) = (expected.payload, got.payload);
        if expected.len() != got.len() || expected.get(aside..) != got.get(aside..) {
            return Err(Difference::new(show(&expected), show(&got)));
        }
        Ok(String::from_utf8(got).unwrap_or_default())
    }

    /// Compares two tokens of a session and its device binding, whichever of the purposes they have; `has_sid` leaves the
    /// sids aside, which were drawn.
    fn compare_device(&self, vector: &Members, (expected, got): (&str, &str), has_sid: bool) -> Result<(), Difference> {
        let now = ["commit", "now"].into_iter().find_map(|name| vector.get(name)?.as_u64()).unwrap_or_default();
        let open = |token: &str| {
            ["", ".challenge", ".device", ".proof"].into_iter().find_map(|end| {
                let mut vector = vector.clone();
                let purpose = format!("{}{end}", text(&vector, "purpose")?);
                vector.insert("purpose".to_owned(), purpose.into());
                let held = self.open(&vector, token, now).ok()?;
                let mut payload = String::from_utf8_lossy(&held.payload).into_owned();
                if let Some((before, after)) = payload.split_once("\"sid\":\"").filter(|_| has_sid) {
                    payload = format!("{before}{}", after.get(SID..).unwrap_or_default());
                }
                Some(format!("a token {end}, payload {payload}, {}", held.claims))
            })
        };
        let words = || "a token that does not open".to_owned();
        let (expected, got) = (open(expected).unwrap_or_else(words), open(got).unwrap_or_else(words));
        if expected == got { Ok(()) } else { Err(Difference::new(expected, got)) }
    }
}

/// What a sealed token holds.
struct Held {
    payload: Vec<u8>,
    /// Issue time, life and key, in words.
    claims: String,
}

impl Held {
    fn new(opened: &Members) -> Option<Self> {
        let payload = hex::decode(text(opened, "payload")?)?;
        let (issued_at, ttl, key_id) = (opened.get("issued_at")?, opened.get("ttl")?, text(opened, "key_id")?);
        Some(Self { payload, claims: format!("issued_at {issued_at}, ttl {ttl}, key_id {key_id}") })
    }
}

/// A seal with the implementation's randomness.
pub(crate) fn seal(
    vector: &Vector,
    expected: &Members,
    got: &Members,
    drawn: &mut Drawn<'_>,
) -> Result<(), Difference> {
    let (Some(expected), Some(token)) = (text(expected, "token"), text(got, "token")) else {
        return member("token", expected, got);
    };
    let now = vector.members.get("now").and_then(Value::as_u64).unwrap_or_default();
    drawn.compare(&vector.members, (expected, token), now, 0)?;
    drawn.note_nonces(token)
}

fn text<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

/// The sids that stand where the vector has others.
#[derive(Default)]
struct Sids(BTreeMap<String, String>);

impl Sids {
    /// Compares a token of a session with its counterpart; `random` is what the vector draws for it.
    fn compare(
        &mut self,
        vector: &Members,
        random: Option<&Value>,
        (expected, got): (&str, &str),
        now: u64,
        drawn: &mut Drawn<'_>,
    ) -> Result<(), Difference> {
        let aside = SID_START.len() + SID;
        let payload = drawn.compare(vector, (expected, got), now, aside)?;
        let sid = payload.strip_prefix(SID_START).and_then(|rest| rest.get(..SID)).unwrap_or_default();
        drawn.note_nonces(got)?;
        if let Some(new) = random.and_then(|random| random.get("sid")).and_then(Value::as_str) {
            if !is_base64url(sid, SID) {
                return Err(Difference::new("a sid of 22 base64url characters", sid));
            }
            drawn.note("sid", sid)?;
            self.0.insert(new.to_owned(), sid.to_owned());
            return Ok(());
        }
        let expected = drawn.open(vector, expected, now).map_err(|words| Difference::new("a token", words))?;
        let expected = String::from_utf8(expected.payload).unwrap_or_default();
        let expected = expected.strip_prefix(SID_START).and_then(|rest| rest.get(..SID)).unwrap_or_default();
        let expected = self.get(expected);
        if sid == expected { Ok(()) } else { Err(Difference::new(format!("sid {expected}"), format!("sid {sid}"))) }
    }

    fn get<'a>(&'a self, sid: &'a str) -> &'a str {
        self.0.get(sid).map_or(sid, String::as_str)
    }

    /// `ended`, with the sids that stand in the place of the vector's.
    fn ended(&self, expected: &Members) -> Option<Value> {
        let mut ended = expected.get("ended")?.clone();
        for one in ended.as_array_mut().into_iter().flatten() {
            let sid = one.get("sid").and_then(Value::as_str).map(|sid| self.get(sid).to_owned());
            if let (Some(place), Some(sid)) = (one.get_mut("sid"), sid) {
                *place = sid.into();
            }
        }
        Some(ended)
    }
}

fn is_base64url(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
}

/// `answers`: booleans, and arrays of JSON texts, which are compared by value.
fn compare_answers(actions: Option<&Value>, got: &Members) -> Result<(), Difference> {
    let expected = request::answers(actions);
    let answers = got.get("answers");
    if expected.is_empty() {
        return same("answers", None, answers);
    }
    let one = |expected: &Value, got: &Value| match (expected.as_array(), got.as_array()) {
        (Some(expected), Some(got)) => {
            expected.len() == got.len()
                && expected
                    .iter()
                    .zip(got)
                    .all(|pair| matches!(pair, (Value::String(one), Value::String(other)) if same_json(one, other)))
        }
        _ => expected == got,
    };
    match answers.and_then(Value::as_array) {
        Some(given) if given.len() == expected.len() && expected.iter().zip(given).all(|(e, g)| one(e, g)) => Ok(()),
        _ => same("answers", Some(&expected.into()), answers).and(Err(Difference::new("answers", "others"))),
    }
}

/// A run of requests. Without fixed values the tokens are opened and compared.
pub(crate) fn run(
    vector: &Vector,
    expected: &Members,
    got: &Members,
    randomness: Randomness,
    drawn: &mut Drawn<'_>,
) -> Result<(), Difference> {
    let of = |members: &Members| members.get("requests").and_then(Value::as_array).cloned().unwrap_or_default();
    let (steps, expected, results) = (of(&vector.members), of(expected), of(got));
    if results.len() != expected.len() {
        return Err(Difference::new(
            format!("{} requests", expected.len()),
            format!("{} requests in the result", results.len()),
        ));
    }
    let mut sids = Sids::default();
    let mut vector = vector.members.clone();
    for (at, ((step, expected), got)) in steps.iter().zip(&expected).zip(&results).enumerate() {
        let (Some(expected), Some(got)) = (expected.as_object(), got.as_object()) else {
            return Err(Difference::new("an object", got.to_string()).at(&format!("request {at}")));
        };
        for ring in ["keyring", "exchange"].into_iter().filter_map(|name| step.get(name)) {
            vector.insert("keyring".to_owned(), ring.clone());
        }
        let compared = request(&vector, step, (expected, got), randomness, &mut sids, drawn);
        compared.map_err(|difference| difference.at(&format!("request {at}")))?;
    }
    Ok(())
}

fn request(
    vector: &Members,
    step: &Value,
    (expected, got): (&Members, &Members),
    randomness: Randomness,
    sids: &mut Sids,
    drawn: &mut Drawn<'_>,
) -> Result<(), Difference> {
    ["open", "not_now", "wrote"].into_iter().try_for_each(|name| member(name, expected, got))?;
    compare_answers(step.get("actions"), got)?;
    let now = step.get("commit").and_then(Value::as_u64).unwrap_or_default();
    match (text(expected, "token"), text(got, "token")) {
        (Some(expected), Some(got)) if randomness == Randomness::Own => {
            sids.compare(vector, step.get("random"), (expected, got), now, drawn)?;
        }
        (Some(expected), Some(got)) if expected != got => {
            // Where they hold different things, that says more.
            drawn.compare(vector, (expected, got), now, 0)?;
            return Err(Difference::new(format!("token {expected}"), format!("token {got}")));
        }
        _ => member("token", expected, got)?,
    }
    same("ended", sids.ended(expected).as_ref(), got.get("ended"))
}

/// The headers of a response. Without fixed values the tokens and ids in the lines are cut out, and the tokens opened.
pub(crate) fn write(
    vector: &Vector,
    expected: &Members,
    got: &Members,
    randomness: Randomness,
    drawn: &mut Drawn<'_>,
) -> Result<(), Difference> {
    ["open", "not_now", "large", "ended"].into_iter().try_for_each(|name| member(name, expected, got))?;
    compare_answers(vector.members.get("actions"), got)?;
    if randomness == Randomness::Fixed {
        return member("headers", expected, got);
    }
    let headers = |members: &Members| -> Option<Vec<(String, String)>> {
        let headers = members.get("headers")?.as_array()?.iter();
        let pair = |header: &Value| match header.as_array().map(Vec::as_slice) {
            Some([Value::String(name), Value::String(value)]) => Some((name.clone(), value.clone())),
            _ => None,
        };
        headers.map(pair).collect()
    };
    let (Some(expected_headers), Some(got_headers)) = (headers(expected), headers(got)) else {
        return member("headers", expected, got).and(Err(Difference::new("headers", "headers of another form")));
    };
    if expected_headers.len() != got_headers.len() {
        return member("headers", expected, got);
    }
    let (mut tokens, mut ids) = ([String::new(), String::new()], Vec::new());
    for ((name, line), (got_name, got_line)) in expected_headers.iter().zip(&got_headers) {
        let masked = |parts: &Parts<'_>| {
            let Parts { before, id, token, after } = parts;
            format!("{before}{}{}{after}", "·".repeat(id.len()), "·".repeat(token.len()))
        };
        let (parts, got_parts) = (Parts::of(line), Parts::of(got_line));
        if name != got_name || masked(&parts) != masked(&got_parts) {
            return Err(Difference::new(format!("{name}: {line}"), format!("{got_name}: {got_line}")));
        }
        for (token, part) in tokens.iter_mut().zip([parts.token, got_parts.token]) {
            // The second part of two comes before the first.
            token.insert_str(0, part);
        }
        ids.extend((!got_parts.id.is_empty()).then_some(got_parts.id));
    }
    if let [first, rest @ ..] = ids.as_slice() {
        if !is_base64url(first, ID) || rest.iter().any(|id| id != first) {
            return Err(Difference::new("one id of 8 base64url characters", ids.join(", ")));
        }
        drawn.note("id", first)?;
    }
    let [expected, got] = tokens;
    if expected.is_empty() {
        return Ok(());
    }
    let now = vector.members.get("commit").and_then(Value::as_u64).unwrap_or_default();
    let random = vector.members.get("random");
    Sids::default().compare(&vector.members, random, (&expected, &got), now, drawn)
}

/// What answers a request with device binding. Without fixed values the tokens in header fields and body are cut out,
/// opened and compared.
pub(crate) fn device(
    vector: &Vector,
    expected: &Members,
    got: &Members,
    randomness: Randomness,
    drawn: &mut Drawn<'_>,
) -> Result<(), Difference> {
    let names = ["headers", "body"];
    if expected.contains_key("open") {
        // A page: the response of the cookie binding, and the offer.
        let (expected_page, expected_offer) = without_offer(expected);
        let (got_page, got_offer) = without_offer(got);
        write(vector, &expected_page, &got_page, randomness, drawn)?;
        return compare_cut(vector, (&expected_offer, &got_offer), randomness, drawn);
    }
    ["status", "reason"].into_iter().try_for_each(|name| member(name, expected, got))?;
    if randomness == Randomness::Fixed {
        return names.into_iter().try_for_each(|name| member(name, expected, got));
    }
    let text =
        |members: &Members| names.map(|name| members.get(name).map(Value::to_string).unwrap_or_default()).join("\n");
    let ((expected, _), (got, ids)) = (joined(expected), joined(got));
    if let Some(id) = ids.first() {
        if !is_base64url(id, ID) || ids.iter().any(|other| other != id) {
            return Err(Difference::new("one id of 8 base64url characters", ids.join(", ")));
        }
        drawn.note("id", id)?;
    }
    compare_cut(vector, (&text(&expected), &text(&got)), randomness, drawn)
}

/// Joins a token in two cookies, in the line of the cookie's own name, and takes the ids out.
fn joined(members: &Members) -> (Members, Vec<String>) {
    let (mut joined, mut ids, mut second) = (members.clone(), Vec::new(), String::new());
    for header in joined.get_mut("headers").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(line) = header.get(1).and_then(Value::as_str).map(str::to_owned) else { continue };
        let Parts { before, id, token, after } = Parts::of(&line);
        if id.is_empty() {
            continue;
        }
        ids.push(id.to_owned());
        if token.starts_with("CrE1") {
            header[1] = format!("{before}{token}{second}{after}").into();
        } else {
            token.clone_into(&mut second);
            header[1] = format!("{before}{after}").into();
        }
    }
    (joined, ids)
}

/// Takes the offer of device binding out of a response's headers.
fn without_offer(members: &Members) -> (Members, String) {
    let (mut page, mut offer) = (members.clone(), String::new());
    if let Some(headers) = page.get_mut("headers").and_then(Value::as_array_mut) {
        let is_offer = |header: &Value| header.get(0) == Some(&"Secure-Session-Registration".into());
        offer = headers.iter().filter(|header| is_offer(header)).map(Value::to_string).collect();
        headers.retain(|header| !is_offer(header));
    }
    (page, offer)
}

/// Compares texts that hold sealed tokens.
fn compare_cut(
    vector: &Vector,
    (expected, got): (&str, &str),
    randomness: Randomness,
    drawn: &mut Drawn<'_>,
) -> Result<(), Difference> {
    if randomness == Randomness::Fixed {
        return if expected == got { Ok(()) } else { Err(Difference::new(expected, got)) };
    }
    let ((masked, tokens), (got_masked, got_tokens)) = (cut(expected), cut(got));
    if masked != got_masked || tokens.len() != got_tokens.len() {
        return Err(Difference::new(expected, got));
    }
    let given = ["ids", "responses", "fields"].map(|name| vector.members.get(name).map(Value::to_string));
    let has_sid = vector.members.get("random").is_some_and(|random| random.get("sid").is_some());
    for (expected, got) in tokens.into_iter().zip(got_tokens) {
        // A device token that is sent back is not drawn.
        if expected == got && given.iter().flatten().any(|given| given.contains(got)) {
            continue;
        }
        drawn.compare_device(&vector.members, (expected, got), has_sid)?;
        drawn.note_nonces(got)?;
    }
    Ok(())
}

/// Cuts the sealed tokens out of a text.
fn cut(text: &str) -> (String, Vec<&str>) {
    let (mut masked, mut tokens) = (String::new(), Vec::new());
    for (at, part) in text.split("CrE1").enumerate() {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(part.len());
        let (token, rest) = if at == 0 { ("", part) } else { part.split_at(end) };
        if at > 0 {
            masked.push_str(&"·".repeat(token.len()));
            let start = text.len() - text.split("CrE1").skip(at).map(|part| part.len() + 4).sum::<usize>();
            tokens.extend(text.get(start..start + 4 + token.len()));
        }
        masked.push_str(rest);
    }
    (masked, tokens)
}

/// A line in four: what is the same for everyone, id, token, attributes. Concatenated they are the line, but for the
/// points about the id.
pub(crate) struct Parts<'a> {
    pub(crate) before: String,
    pub(crate) id: &'a str,
    pub(crate) token: &'a str,
    pub(crate) after: &'a str,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(line: &'a str) -> Self {
        let (pair, after) = line.split_at(line.find(';').unwrap_or(line.len()));
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let whole = Self { before: format!("{pair}="), id: "", token: "", after };
        if value.starts_with("CrE1") {
            return Self { before: format!("{name}="), id: "", token: value, after };
        }
        let (mark, rest) = value.strip_prefix("2.").map_or(("", value), |rest| ("2.", rest));
        match rest.split_once('.') {
            Some((id, token)) if mark == "2." || name.ends_with(".1") => {
                Self { before: format!("{name}={mark}."), id, token, after }
            }
            _ => whole,
        }
    }
}
