//! `cookie.json`.

use cretula::{
    CommitError, Context, Cookie, Data, Options, Policy, SameSite, Sessions, TokenCookie, check_cookies, hazmat,
};
use serde_json::{Value, json};

use super::{
    Failure, Outcome, context, narrow, ring, run,
    session::{act, answered, assert_opened, fixed, payload, policy, time},
    text,
};

fn cookie(given: &Value) -> Cookie {
    let name = text(given, "name");
    let mut cookie = if given["secure"] == false { Cookie::development(name) } else { Cookie::named(name) };
    if let Some(path) = given["path"].as_str() {
        cookie = cookie.path(path);
    }
    if let Some(domain) = given["domain"].as_str() {
        cookie = cookie.domain(domain);
    }
    cookie = match given["same_site"].as_str() {
        None => cookie,
        Some("Strict") => cookie.same_site(SameSite::Strict),
        Some("Lax") => cookie.same_site(SameSite::Lax),
        Some("None") => cookie.same_site(SameSite::None),
        Some(other) => panic!("{other}"),
    };
    let set = |flag: &str| given[flag] == true;
    cookie = if set("partitioned") { cookie.partitioned() } else { cookie };
    cookie = if set("browser_session") { cookie.browser_session() } else { cookie };
    cookie = if set("large") { cookie.large() } else { cookie };
    for place in given["previous"].as_array().into_iter().flatten() {
        let (path, domain) = (place["path"].as_str().unwrap_or("/"), place["domain"].as_str());
        cookie = cookie.previous(path, domain, place["partitioned"] == true);
    }
    cookie
}

/// Returns the fields' octets: each character stands for the octet of its code point.
fn fields(vector: &Value) -> Vec<Vec<u8>> {
    let octets = |field: &Value| field.as_str().unwrap().chars().map(|c| u8::try_from(c).unwrap()).collect();
    vector["fields"].as_array().unwrap().iter().map(octets).collect()
}

fn sessions(vector: &Value) -> Result<Sessions, Failure> {
    let sessions = Sessions::new(&ring(vector), &context(vector)?, policy(vector)?, cookie(&vector["cookie"]));
    sessions.map_err(|error| Failure::new(error.code()))
}

fn setup(vector: &Value) -> Outcome {
    let given = vector["cookies"].as_array().unwrap();
    let cookies: Vec<_> = given
        .iter()
        .map(|one| (Context::new("shop.example", text(one, "purpose")).unwrap(), cookie(&one["cookie"])))
        .collect();
    let pairs: Vec<_> = cookies.iter().map(|(context, cookie)| (context, cookie)).collect();
    check_cookies(&pairs).map_err(|error| Failure::new(error.code()))?;
    let ring = cretula::Keyring::from(cretula::Key::generate().unwrap());
    let expire = |(context, cookie): &(Context, Cookie)| {
        let sessions = Sessions::<Data>::new(&ring, context, Policy::default(), cookie.clone()).unwrap();
        let mut session = sessions.open([""]).unchecked();
        session.sign_off();
        json!(sessions.commit(&session).unwrap().headers().next().unwrap().1)
    };
    Ok(json!({ "expire": cookies.iter().map(expire).collect::<Vec<_>>() }))
}

fn read(vector: &Value) -> Outcome {
    let session = answered(vector, sessions(vector)?.open_at(fields(vector), time(vector, "now")?));
    match session.reason() {
        Some(reason) => Err(Failure::new(reason.code())),
        None => Ok(assert_opened(vector, &session)),
    }
}

fn read_token(vector: &Value) -> Outcome {
    let options = Options::default().leeway(narrow(vector, "leeway"));
    let options = options.and_then(|options| options.max_age(narrow(vector, "max_age")));
    let options = options.map_err(|error| Failure::new(error.code()))?;
    let token = TokenCookie::with_options(&ring(vector), &context(vector)?, cookie(&vector["cookie"]), options);
    let opened = token.unwrap().open_at(fields(vector), time(vector, "now")?);
    let opened = opened.map_err(|error| Failure::new(error.code()))?;
    Ok(json!({ "payload": String::from_utf8(opened.payload).unwrap() }))
}

fn write(vector: &Value) -> Outcome {
    let sessions = sessions(vector)?;
    let mut session = answered(vector, sessions.open_at(fields(vector), time(vector, "now")?));
    let open = session.reason().map_or("opened", |reason| reason.code());
    act(&mut session, &vector["actions"])?;
    let now = time(vector, "commit")?;
    let own = vector.get("cache_control").is_some();
    let committed = hazmat::commit_cookies_at(&sessions, &session, now, fixed(&vector["random"]));
    let committed = committed.map_err(|error| {
        if let CommitError::TooLarge { over, largest } = &error {
            assert_eq!(json!(over), vector["over"], "{}", vector["id"]);
            assert_eq!(largest.as_deref(), vector["largest"].as_str(), "{}", vector["id"]);
        }
        Failure::new(error.code())
    })?;
    let name = |name: &str| if name == "set-cookie" { "Set-Cookie" } else { "Vary" };
    let headers = committed.headers().map(|(lower, value)| json!([name(lower), value]));
    let headers: Vec<_> =
        headers.chain(committed.cache_control(own).map(|value| json!(["Cache-Control", value]))).collect();
    let mut result = json!({ "open": open, "headers": headers, "large": committed.is_large() });
    if let Some(ended) = committed.ended() {
        result["ended"] = json!({ "sid": ended.sid, "end": ended.end });
    }
    if let Some(token) = sealed(&sessions, &committed) {
        let sealer = cretula::Sealer::new(&ring(vector), &context(vector)?);
        result["payload"] = json!(payload(&sealer, &token, now));
    }
    assert_eq!(vector["result"].get("ended"), result.get("ended"), "{}", vector["id"]);
    assert_eq!(vector["result"].get("payload"), result.get("payload"), "{}", vector["id"]);
    Ok(result)
}

/// Returns the token that the lines carry, joined if it stands in two.
fn sealed(sessions: &Sessions, committed: &cretula::Committed) -> Option<String> {
    let value = |name: &str| {
        let mut values =
            committed.set_cookies().filter_map(|line| line.split(';').next()?.strip_prefix(name)?.strip_prefix('='));
        values.next().filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let name = sessions.cookie().name();
    let first = value(name)?;
    let Some(rest) = first.strip_prefix("2.") else { return Some(first) };
    let (id, first) = rest.split_once('.')?;
    let second = value(&format!("{name}.1"))?;
    Some(format!("{first}{}", second.strip_prefix(id)?.strip_prefix('.')?))
}

// covers: [CODE-01] [CONF-01] [COOK-06]
#[test]
fn cookies() {
    run("cookie.json", |vector| match text(vector, "op") {
        "setup" => setup(vector),
        "read" => read(vector),
        "read_token" => read_token(vector),
        "write" => write(vector),
        op => panic!("op {op} is unknown"),
    });
}
