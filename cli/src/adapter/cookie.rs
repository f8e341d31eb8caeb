//! The ops of the class Cookie.

use cretula::{
    CommitError, Cookie, DeviceBinding, Key, SameSite, Session, Sessions, SetupError, Site, UnixTime,
    hazmat::{self, At as _},
};
use serde_json::{Value, json};

use super::{
    members::{life, list, text},
    outcome::{No, Outcome},
    session, token,
};

pub(super) fn call(op: &str, request: &Value) -> Outcome {
    match op {
        "setup" => setup(request),
        "read" => read(request),
        "read_token" => read_token(request),
        "write" => write(request),
        op => Err(No::request(format!("op {op} is unknown"))),
    }
}

pub(super) fn cookie(given: Option<&Value>) -> Result<Cookie, No> {
    let given = given.ok_or_else(|| No::request("cookie is missing"))?;
    let is = |flag: &str, value: bool| given.get(flag) == Some(&Value::Bool(value));
    let word = |member: &str| given.get(member).and_then(Value::as_str);
    let cookie = if given.get("name").is_some() { Cookie::named(text(given, "name")?) } else { Cookie::default() };
    let mut cookie = if is("secure", false) { cookie.insecure() } else { cookie };
    if let Some(path) = word("path") {
        cookie = cookie.path(path);
    }
    if let Some(domain) = word("domain") {
        cookie = cookie.domain(domain);
    }
    cookie = match word("same_site") {
        None => cookie,
        Some("Strict") => cookie.same_site(SameSite::Strict),
        Some("Lax") => cookie.same_site(SameSite::Lax),
        Some("None") => cookie.same_site(SameSite::None),
        Some(_) => return Err(No::Skip("SameSite is a type of three values")),
    };
    cookie = if is("partitioned", true) { cookie.partitioned() } else { cookie };
    cookie = if is("browser_session", true) { cookie.browser_session() } else { cookie };
    cookie = if is("large", true) { cookie.large() } else { cookie };
    for place in given.get("previous").and_then(Value::as_array).into_iter().flatten() {
        let word = |member: &str| place.get(member).and_then(Value::as_str);
        let partitioned = place.get("partitioned") == Some(&Value::Bool(true));
        cookie = cookie.previous(word("path").unwrap_or("/"), word("domain"), partitioned);
    }
    Ok(cookie)
}

/// Returns octets: each character stands for the octet of its code point.
pub(super) fn octets(request: &Value, name: &str) -> Result<Vec<Vec<u8>>, No> {
    let octets = |field: &Value| field.as_str()?.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>();
    let fields = list(request, name)?.iter().map(octets).collect::<Option<_>>();
    fields.ok_or_else(|| No::request("a field is no string of octets"))
}

fn fields(request: &Value) -> Result<Vec<Vec<u8>>, No> {
    octets(request, "fields")
}

pub(super) fn binding(given: &Value) -> Result<DeviceBinding, No> {
    let mut binding = DeviceBinding::default();
    if given.get("path").is_some() {
        binding = binding.path(text(given, "path")?);
    }
    if given.get("proof").is_some() {
        binding = binding.proof(life(given, "proof")?);
    }
    if given.get("require_after").is_some() {
        binding = binding.require_after(life(given, "require_after")?);
    }
    Ok(binding)
}

pub(super) fn sessions(request: &Value) -> Result<Sessions, No> {
    let site = token::site(request)?;
    let builder = session::made(&site, request)?.cookie(cookie(request.get("cookie"))?);
    Ok(match request.get("device") {
        None => builder.build()?,
        Some(given) => builder.device_binding(binding(given)?).build()?,
    })
}

fn setup(request: &Value) -> Outcome {
    let site = || Site::new(Key::generate()?, "a").map_err(No::from);
    let make = |site: &Site, given: &Value| -> Result<Sessions, No> {
        let builder = site.sessions().purpose(token::purpose(given)?);
        Ok(builder.cookie(cookie(given.get("cookie"))?).build()?)
    };
    // Each by itself, and then all together ([COOK-03]).
    let cookies = list(request, "cookies")?;
    for given in cookies {
        make(&site()?, given)?;
    }
    let site = site()?;
    let mut lines = Vec::new();
    for given in cookies {
        // The line with which a sign-off without a session takes the cookie away.
        let sessions = make(&site, given)?.at(UnixTime::new(0)?);
        let (mut session, _) = session::answered(given, sessions.open([""]));
        session.sign_off();
        let committed = sessions.commit(session)?;
        let line = committed.headers().filter(|(name, _)| *name == "set-cookie").last();
        lines.extend(line.map(|(_, line)| line.to_owned()));
    }
    Ok(json!({ "expire": lines }))
}

pub(super) fn read(request: &Value) -> Outcome {
    let now = token::clock(request, "now")?;
    let (session, _) = open(&sessions(request)?, request)?;
    match (session.reason(), now) {
        (Some(reason), _) => Err(reason.into()),
        (None, Some(now)) => session::shown(request, session, now),
        (None, None) => Err(No::request("a session opened without a clock")),
    }
}

fn open(sessions: &Sessions, request: &Value) -> Result<(Session, bool), No> {
    let (fields, now) = (fields(request)?, token::clock(request, "now")?);
    let opening = match now {
        Some(now) => sessions.at(now).open(fields),
        None => hazmat::without_clock(|| sessions.open(fields)),
    };
    Ok(session::answered(request, opening))
}

fn read_token(request: &Value) -> Outcome {
    let site = token::site(request)?;
    let builder = site.cookie(token::purpose(request)?, life(request, "max_age")?);
    let cookie = builder.leeway(life(request, "leeway")?).cookie(cookie(request.get("cookie"))?).build();
    // The life of the tokens that it makes is the longest of those that it opens.
    let cookie = cookie.map_err(|error| if error == SetupError::TtlRange { SetupError::MaxAgeRange } else { error })?;
    let fields = fields(request)?;
    let opened = match token::clock(request, "now")? {
        Some(now) => cookie.at(now).open(fields)?,
        None => hazmat::without_clock(|| cookie.open(fields))?,
    };
    let payload = opened.payload;
    let payload = String::from_utf8(payload).map_err(|_| No::request("a payload that is no text"))?;
    Ok(json!({ "payload": payload }))
}

pub(super) fn write(request: &Value) -> Outcome {
    let sessions = sessions(request)?;
    let (mut session, not_now) = open(&sessions, request)?;
    let reason = session.reason();
    let answers = session::act(&mut session, request, Some(&sessions))?;
    let committed = match (token::clock(request, "commit")?, request.get("random")) {
        (None, _) => hazmat::without_clock(|| sessions.commit(session)),
        (Some(now), None) => token::drawing(request, || sessions.at(now).commit(session)),
        (Some(now), Some(random)) => hazmat::commit_cookies_at(&sessions, session, now, session::fixed(random)?),
    };
    let committed = committed.map_err(refused)?;
    let own = request.get("cache_control").is_some();
    let control = committed.cache_control(own).map(|value| ("cache-control", value));
    let is_offer = |(name, _): &(&str, &str)| *name == "secure-session-registration";
    let headers = committed.headers().filter(|header| !is_offer(header)).chain(control);
    let headers = headers.chain(committed.headers().filter(is_offer));
    let headers: Vec<_> = headers.map(|(name, value)| json!([header_name(name), value])).collect();
    let mut result = json!({ "open": session::opened(reason), "headers": headers, "large": committed.is_large });
    session::told(&mut result, not_now, answers, &committed.ended);
    Ok(result)
}

/// Why a commit failed.
pub(super) fn refused(error: CommitError) -> No {
    match error {
        CommitError::TooLarge { over, ref largest } => {
            let largest = largest.clone();
            let no = No::from(error).with("over", over.into());
            if let Some(name) = largest { no.with("largest", name.into()) } else { no }
        }
        error => error.into(),
    }
}

/// Spells the name of a header field as the vectors do.
pub(super) fn header_name(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    words.collect::<Vec<_>>().join("-")
}
