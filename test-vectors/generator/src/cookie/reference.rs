//! Reading and writing (§20.2 to §20.5) once, in its own order.

use crate::{
    json::Json,
    opener::{Code, Context},
    reference::{base64url, sha256},
    session::{
        reference::{Decision, Opened, Request, Setup},
        seal,
        value::Value,
    },
};

use super::jar::Cookie;

/// Most octets of a token's text.
pub(crate) const TOKEN_MAX: usize = 5980;
const COOKIE_MAX: usize = 4096;
const PART_MAX: usize = 3000;

/// Returns the values of a name, in order.
pub(crate) fn values(fields: &[Vec<u8>], name: &str) -> Vec<Vec<u8>> {
    let mut values = Vec::new();
    for field in fields {
        for part in field.split(|octet| *octet == b';') {
            let Some(at) = part.iter().position(|octet| *octet == b'=') else { continue };
            if trim(&part[..at]) == name.as_bytes() {
                values.push(trim(&part[at + 1..]).to_vec());
            }
        }
    }
    values
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

pub(crate) fn distinct(values: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

const fn digit(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_'
}

/// Returns whether a text begins as a token of the ring.
fn begins(context: &Context, text: &[u8]) -> bool {
    let Some(head) = text.get(..48).filter(|head| head.iter().all(|octet| digit(*octet))) else { return false };
    let bits = head.iter().flat_map(|octet| {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let number = digits.iter().position(|digit| digit == octet).expect("a digit");
        (0..6).rev().map(move |bit| number >> bit & 1 == 1)
    });
    let bits: Vec<_> = bits.collect();
    let bytes: Vec<u8> =
        bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect();
    text.starts_with(b"CrE1") && context.knows(&bytes[3..35])
}

/// Returns id and first part of a value of the form `2.` id `.` first part.
fn divided(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = value.strip_prefix(b"2.")?;
    let id = rest.get(..8).filter(|id| id.iter().all(|octet| digit(*octet)))?;
    Some((id, rest[8..].strip_prefix(b".")?))
}

pub(crate) fn has_shape(context: &Context, value: &[u8]) -> bool {
    match divided(value) {
        Some((_, first)) => value.len() <= PART_MAX && begins(context, first),
        None => (114..=TOKEN_MAX).contains(&value.len()) && begins(context, value),
    }
}

/// Returns the text of a candidate, joined if it stands in two cookies.
fn join(fields: &[Vec<u8>], name: &str, candidate: &[u8]) -> Result<Vec<u8>, Code> {
    let Some((id, first)) = divided(candidate) else { return Ok(candidate.to_vec()) };
    let seconds = values(fields, &format!("{name}.1"));
    let start = [id, b"."].concat();
    let fits = |value: &Vec<u8>| value.starts_with(&start) && value.len() > start.len() && value.len() <= PART_MAX;
    match &distinct(seconds.into_iter().filter(fits).collect())[..] {
        [second] => Ok([first, &second[start.len()..]].concat()),
        _ => Err("chunks"),
    }
}

/// Opens the first four candidates; gives those that opened, in order, or the code; and whether there are more.
fn choose<T>(
    context: &Context,
    fields: &[Vec<u8>],
    name: &str,
    open: impl Fn(&[u8]) -> Result<T, Code>,
) -> Result<(Vec<T>, bool), Code> {
    let all = values(fields, name);
    let first = all.first().cloned().ok_or("absent")?;
    let mut candidates = distinct(all.into_iter().filter(|value| has_shape(context, value)).collect());
    if candidates.is_empty() {
        let code = if first.starts_with(b"2.") { Some("chunks") } else { open(&first).err() };
        return Err(code.expect("what has no shape does not open"));
    }
    let more = candidates.len() > 4;
    candidates.truncate(4);
    let tried: Vec<_> = candidates.iter().map(|value| join(fields, name, value).and_then(|text| open(&text))).collect();
    let code = tried[0].as_ref().err().copied();
    let opened: Vec<_> = tried.into_iter().filter_map(Result::ok).collect();
    if opened.is_empty() && !more { Err(code.expect("none opened")) } else { Ok((opened, more)) }
}

/// Returns the ended mark of a sid.
pub(crate) fn mark(sid: &str) -> String {
    base64url(&sha256(sid.as_bytes()))[..22].to_owned()
}

/// Chooses a session, to step 9d. Gives also those that opened, where there are several.
pub(crate) fn read(
    setup: &Setup,
    cookie: &Cookie,
    fields: &[Vec<u8>],
    now: u64,
) -> (Result<Opened, Code>, Vec<Opened>) {
    match candidates(setup, cookie, fields, now) {
        Err(code) => (Err(code), Vec::new()),
        Ok((opened, more)) => {
            if more || opened.iter().any(|other| other.session.sid != opened[0].session.sid) {
                return (Err("ambiguous"), opened);
            }
            let rank = |opened: &Opened| (opened.session.rev, opened.issued_at);
            let mut best = &opened[0];
            for other in &opened {
                if rank(other) > rank(best) {
                    best = other;
                }
            }
            (Ok(best.clone()), Vec::new())
        }
    }
}

/// Returns the candidates that open, and whether there are more than four.
fn candidates(setup: &Setup, cookie: &Cookie, fields: &[Vec<u8>], now: u64) -> Result<(Vec<Opened>, bool), Code> {
    let values = values(fields, &format!("{}.end", cookie.name));
    let marks: Vec<&[u8]> = values.iter().flat_map(|value| value.split(|octet| *octet == b'.')).collect();
    let ended = |sid: &str| marks.contains(&mark(sid).as_bytes());
    if now >= 1 << 48 {
        return Err("clock_range");
    }
    choose(&setup.context, fields, &cookie.name, |text| setup.open(text, TOKEN_MAX, now, ended))
}

/// Chooses a token that is no session ([COOK-08]).
pub(crate) fn read_token(
    context: &Context,
    cookie: &Cookie,
    fields: &[Vec<u8>],
    life: (u64, u64),
    now: u64,
) -> Result<Vec<u8>, Code> {
    if cookie.large || !cookie.previous.is_empty() {
        return Err("cookie_attributes");
    }
    let (opened, more) = choose(context, fields, &cookie.name, |text| context.open(0x45, text, life, TOKEN_MAX, now))?;
    if more || opened.len() > 1 { Err("ambiguous") } else { Ok(opened[0].payload.clone()) }
}

/// Holds what a response carries.
pub(crate) struct Written {
    pub(crate) lines: Vec<String>,
    pub(crate) large: bool,
    pub(crate) payload: Option<String>,
}

/// Holds why a response cannot be made.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: Code,
    pub(crate) more: Vec<(String, Json)>,
}

/// What a commit draws.
pub(crate) struct Drawn {
    /// Names salt and iv.
    pub(crate) id: String,
    pub(crate) sid: String,
    pub(crate) chunk_id: String,
}

/// Returns by how many octets the session, sealed now, would not fit.
pub(crate) fn excess(setup: &Setup, cookie: &Cookie, request: &Request, now: u64) -> Result<u64, Code> {
    let (payload, _) = request.prepare(&setup.policy, now, &"A".repeat(22))?;
    let length = ((85 + payload.len()) * 4).div_ceil(3);
    let most = if cookie.large { TOKEN_MAX } else { COOKIE_MAX - cookie.name.len() };
    Ok(length.saturating_sub(most).try_into().expect("small"))
}

/// Seals, if the cookie holds it; gives payload, ttl and token.
fn make(
    setup: &Setup,
    cookie: &Cookie,
    request: &Request,
    now: u64,
    drawn: Option<&Drawn>,
) -> Result<(String, u64, String), Refused> {
    let refused = |code| Refused { code, more: Vec::new() };
    let sid = drawn.map_or("A".repeat(22), |drawn| drawn.sid.clone());
    let (payload, ttl) = request.prepare(&setup.policy, now, &sid).map_err(refused)?;
    let length = ((85 + payload.len()) * 4).div_ceil(3);
    let most = if cookie.large { TOKEN_MAX } else { COOKIE_MAX - cookie.name.len() };
    if length > most {
        let over = u64::try_from(length - most).expect("small");
        let mut more = vec![("over".to_owned(), over.into())];
        more.extend(largest(&request.session().data).map(|name| ("largest".to_owned(), name.into())));
        return Err(Refused { code: "cookie_too_large", more });
    }
    let id = drawn.map_or("", |drawn| &drawn.id);
    let token = seal(setup, &payload, ttl, now, (id, id)).map_err(refused)?;
    if drawn.is_none() {
        return Err(refused("no_randomness"));
    }
    Ok((payload, ttl, token))
}

/// Makes the lines of a commit. `bound` tells whether device binding is set up.
pub(crate) fn write(
    setup: &Setup,
    cookie: &Cookie,
    fields: &[Vec<u8>],
    request: &Request,
    now: u64,
    drawn: Option<&Drawn>,
    bound: bool,
) -> Result<Written, Refused> {
    let held = !values(fields, &format!("{}.1", cookie.name)).is_empty();
    let place = &cookie.place;
    let mut written = Written { lines: Vec::new(), large: false, payload: None };
    if now >= 1 << 48 {
        return Err(Refused { code: "clock_range", more: Vec::new() });
    }
    let mut decision = request.decide(&setup.policy, now);
    let mut sealed = None;
    if decision == Decision::Seal {
        match make(setup, cookie, request, now, drawn) {
            Ok(made) => sealed = Some(made),
            Err(refused) => decision = request.failed(refused.code).map_err(|_| refused)?,
        }
    }
    let mut lines = Vec::new();
    let proven = bound && !values(fields, &cookie.proof_name()).is_empty();
    if proven && (decision == Decision::Expire || request.signed_off) {
        lines.push(cookie.expire(place, ".proof"));
    }
    if decision != Decision::Nothing {
        for place in &cookie.previous {
            lines.push(cookie.expire(place, ""));
            lines.extend(held.then(|| cookie.expire(place, ".1")));
        }
    }
    let (mut own, mut second) = (cookie.expire(place, ""), held.then(|| cookie.expire(place, ".1")));
    if let Some((payload, ttl, token)) = sealed {
        let max_age = (!cookie.browser_session).then_some(ttl);
        if cookie.name.len() + token.len() <= COOKIE_MAX {
            own = cookie.line(place, "", &token, max_age);
        } else {
            let (first_part, second_part) = token.split_at(2989);
            let id = &drawn.expect("what was sealed was drawn").chunk_id;
            own = cookie.line(place, "", &format!("2.{id}.{first_part}"), max_age);
            second = Some(cookie.line(place, ".1", &format!("{id}.{second_part}"), max_age));
        }
        written.payload = Some(payload);
    }
    if decision != Decision::Nothing {
        lines.extend(second);
        let alive = request.ended().iter().filter(|(_, end)| request.signed_off && now < *end);
        let marks: Vec<_> = alive.clone().map(|(sid, _)| mark(sid)).collect();
        if let Some(longest) = alive.map(|(_, end)| (end - now).min(34_560_000)).max() {
            lines.push(cookie.line(place, ".end", &marks.join("."), Some(longest)));
        }
        lines.push(own);
    }
    written.lines = lines;
    let octets = written.lines.iter().map(|line| line.split(';').next().expect("a pair").len() - 1);
    written.large = octets.sum::<usize>() > 3500;
    Ok(written)
}

/// Returns the member of `data` whose value is longest, of equals the one of the smallest name.
fn largest(data: &Value) -> Option<String> {
    let Value::Object(members) = data else { return None };
    let best = members.iter().max_by_key(|(name, value)| (value.write().len(), std::cmp::Reverse(name.as_bytes())));
    best.map(|(name, _)| name.clone())
}
