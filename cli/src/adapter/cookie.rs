//! The ops of the class Cookie.

use cretula::{
    CommitError, Context, Cookie, Data, Key, Keyring, Options, Policy, SameSite, Session, Sessions, TokenCookie,
    UnixTime, check_cookies, hazmat,
};
use serde_json::{Value, json};

use super::{
    members::{list, seconds, text},
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

fn cookie(given: Option<&Value>) -> Result<Cookie, No> {
    let given = given.ok_or_else(|| No::request("cookie is missing"))?;
    let default = Cookie::default();
    let name = given.get("name").map_or(Ok(default.name()), |_| text(given, "name"))?;
    let is = |flag: &str, value: bool| given.get(flag) == Some(&Value::Bool(value));
    let word = |member: &str| given.get(member).and_then(Value::as_str);
    let mut cookie = if is("secure", false) { Cookie::development(name) } else { Cookie::named(name) };
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

/// Returns the fields' octets: each character stands for the octet of its code point.
fn fields(request: &Value) -> Result<Vec<Vec<u8>>, No> {
    let octets = |field: &Value| field.as_str()?.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>();
    let fields = list(request, "fields")?.iter().map(octets).collect::<Option<_>>();
    fields.ok_or_else(|| No::request("a field is no string of octets"))
}

fn sessions(request: &Value) -> Result<Sessions, No> {
    let (ring, context, policy) = (token::ring(request)?, token::context(request)?, session::policy(request)?);
    Ok(Sessions::new(&ring, &context, policy, cookie(request.get("cookie"))?)?)
}

fn setup(request: &Value) -> Outcome {
    let mut cookies = Vec::new();
    for given in list(request, "cookies")? {
        cookies.push((Context::new("shop.example", text(given, "purpose")?)?, cookie(given.get("cookie"))?));
    }
    check_cookies(&cookies.iter().map(|(context, cookie)| (context, cookie)).collect::<Vec<_>>())?;
    let ring = Keyring::from(Key::generate()?);
    let mut lines = Vec::new();
    for (context, cookie) in cookies {
        // The line with which a sign-off without a session takes the cookie away.
        let sessions = Sessions::<Data>::new(&ring, &context, Policy::default(), cookie)?;
        let mut session = sessions.open_at([""], UnixTime::new(0)?).unchecked();
        session.sign_off();
        lines.extend(sessions.commit_at(session, UnixTime::new(0)?)?.set_cookies().last().map(str::to_owned));
    }
    Ok(json!({ "expire": lines }))
}

fn read(request: &Value) -> Outcome {
    let now = token::clock(request, "now")?;
    let session = open(&sessions(request)?, request)?;
    match (session.reason(), now) {
        (Some(reason), _) => Err(reason.into()),
        (None, Some(now)) => session::shown(request, session, now),
        (None, None) => Err(No::request("a session opened without a clock")),
    }
}

fn open(sessions: &Sessions, request: &Value) -> Result<Session, No> {
    let (fields, now) = (fields(request)?, token::clock(request, "now")?);
    let opening = match now {
        Some(now) => sessions.open_at(fields, now),
        None => hazmat::without_clock(|| sessions.open(fields)),
    };
    Ok(session::answered(request, opening))
}

fn read_token(request: &Value) -> Outcome {
    let options = Options::default().leeway(seconds(request, "leeway")?)?.max_age(seconds(request, "max_age")?)?;
    let (ring, context) = (token::ring(request)?, token::context(request)?);
    let cookie = TokenCookie::with_options(&ring, &context, cookie(request.get("cookie"))?, options)?;
    let fields = fields(request)?;
    let opened = match token::clock(request, "now")? {
        Some(now) => cookie.open_at(fields, now)?,
        None => hazmat::without_clock(|| cookie.open(fields))?,
    };
    let payload = opened.payload;
    let payload = String::from_utf8(payload).map_err(|_| No::request("a payload that is no text"))?;
    Ok(json!({ "payload": payload }))
}

fn write(request: &Value) -> Outcome {
    let sessions = sessions(request)?;
    let mut session = open(&sessions, request)?;
    let reason = session.reason();
    let answers = session::act(&mut session, request, Some(&sessions))?;
    let committed = match (token::clock(request, "commit")?, request.get("random")) {
        (None, _) => hazmat::without_clock(|| sessions.commit(session)),
        (Some(now), None) => token::drawing(request, || sessions.commit_at(session, now)),
        (Some(now), Some(random)) => hazmat::commit_cookies_at(&sessions, session, now, session::fixed(random)?),
    };
    let committed = committed.map_err(|error| match error {
        CommitError::TooLarge { over, ref largest } => {
            let largest = largest.clone();
            let no = No::from(error).with("over", over.into());
            if let Some(name) = largest { no.with("largest", name.into()) } else { no }
        }
        error => error.into(),
    })?;
    let headers = committed
        .headers()
        .map(|(name, value)| json!([if name == "set-cookie" { "Set-Cookie" } else { "Vary" }, value]));
    let own = request.get("cache_control").is_some();
    let headers = headers.chain(committed.cache_control(own).map(|value| json!(["Cache-Control", value])));
    let headers: Vec<_> = headers.collect();
    let mut result = json!({ "open": session::opened(reason), "headers": headers, "large": committed.is_large() });
    session::told(&mut result, reason, answers, committed.ended());
    Ok(result)
}
