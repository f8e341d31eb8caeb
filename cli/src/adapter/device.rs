//! The ops of the class Device.

use cretula::{DeviceResponse, ErrorCode as _, Key, Site, UnixTime, hazmat, hazmat::At as _};
use serde_json::{Value, json};

use super::{
    cookie::{self, header_name, octets},
    outcome::{No, Outcome},
    session, token,
};

pub(super) fn call(op: &str, request: &Value) -> Outcome {
    match op {
        "setup" => setup(request),
        "read" => cookie::read(request),
        "write" => cookie::write(request),
        "register" => answer(request, "/start"),
        "refresh" => answer(request, "/refresh"),
        op => Err(No::request(format!("op {op} is unknown"))),
    }
}

/// The line with which a sign-off takes the proof away.
fn setup(request: &Value) -> Outcome {
    let given = request.get("device").ok_or_else(|| No::request("device is missing"))?;
    let site = Site::new(Key::generate()?, "a")?;
    let builder = site.sessions::<cretula::Data>().purpose(token::purpose(request)?);
    let sessions =
        builder.cookie(cookie::cookie(request.get("cookie"))?).device_binding(cookie::binding(given)?).build()?;
    let sessions = sessions.at(UnixTime::new(0)?);
    let name = sessions.cookie_name();
    let proof = name.strip_prefix("__Host-Http-").map_or(name.to_owned(), |rest| format!("__Host-{rest}"));
    let mut session = sessions.open([format!("{proof}.proof=x")]).unchecked();
    if let Ok(session) = &mut session {
        session.sign_off();
    }
    let committed = sessions.commit(session.unwrap_or_else(cretula::NotNow::into_guest))?;
    let line = committed.headers().find_map(|(name, line)| (name == "set-cookie").then(|| line.to_owned()));
    Ok(json!({ "expire": line }))
}

fn answer(request: &Value, end: &str) -> Outcome {
    let sessions = cookie::sessions(request)?;
    let (cookies, responses) = (octets(request, "fields")?, octets(request, "responses")?);
    let ids = if end == "/refresh" { octets(request, "ids")? } else { Vec::new() };
    let given = request.get("device").ok_or_else(|| No::request("device is missing"))?;
    let path = given.get("path").and_then(Value::as_str).unwrap_or("/device-binding");
    let values = |name: &str| -> Vec<&[u8]> {
        let values = match name {
            "cookie" => &cookies,
            "secure-session-response" => &responses,
            _ => &ids,
        };
        values.iter().map(Vec::as_slice).collect()
    };
    let path = format!("{path}{end}");
    let now = token::clock(request, "now")?;
    let asked = match now {
        Some(now) => sessions.at(now).device_request("POST", &path, values),
        None => hazmat::without_clock(|| sessions.device_request("POST", &path, values)),
    };
    let asked = asked.ok_or_else(|| No::request("the endpoints are elsewhere"))?;
    let answer = session::answer(request);
    let response = match request.get("random") {
        Some(random) => hazmat::answer_device(asked, answer, session::fixed(random)?),
        None => token::drawing(request, || match answer {
            Some(answer) => asked.checked(answer),
            None => asked.unchecked(),
        }),
    };
    Ok(told(&response.map_err(cookie::refused)?))
}

fn told(response: &DeviceResponse) -> Value {
    let headers = response.headers().map(|(name, value)| json!([header_name(name), value]));
    let mut result = json!({ "status": response.status, "headers": headers.collect::<Vec<_>>() });
    if let Some(reason) = &response.reason {
        result["reason"] = reason.code().into();
    }
    if !response.body.is_empty() {
        result["body"] = response.body.clone().into();
    }
    result
}
