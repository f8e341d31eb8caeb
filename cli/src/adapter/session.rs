//! The ops of the class Session, and what it shares with the cookies.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::{
    Answer, Builder, Data, Ended, ErrorCode as _, Key, NoSession, Opening, Session, SessionInfo, SessionSealer,
    Sessions, Site, UnixTime, UserError, Wrote,
    hazmat::{self, At as _},
};
use serde_json::{Value, json};

use super::{
    members::{life, list, number, text},
    outcome::{No, Outcome},
    token,
};

/// Makes sessions as the request has them, `cookie` with a cookie.
pub(super) fn made<'s>(site: &'s Site, request: &Value) -> Result<Builder<'s, Sessions>, No> {
    let given = request.get("policy").ok_or_else(|| No::request("policy is missing"))?;
    let builder = site.sessions().purpose(token::purpose(request)?).idle(life(given, "idle")?);
    let builder = builder.absolute(life(given, "absolute")?).leeway(life(given, "leeway")?);
    Ok(if given.get("recheck").is_some() { builder.recheck(life(given, "recheck")?) } else { builder })
}

/// What the application's check says; `None` for one that does not check.
pub(super) fn answer(request: &Value) -> Option<Answer> {
    let check = request.get("check")?;
    if check.get("denied") == Some(&Value::Bool(true)) {
        return Some(Answer::Denied);
    }
    Some(check.get("gen").and_then(Value::as_u64).map_or(Answer::Unanswered, Answer::Generation))
}

/// Answers the application's check as `check` says. True stands beside a session that is *not now*, which is a guest's.
pub(super) fn answered(request: &Value, opening: Opening) -> (Session, bool) {
    let session = match answer(request) {
        None => opening.unchecked(),
        Some(answer) => opening.checked(answer),
    };
    session.map_or_else(|not_now| (not_now.into_guest(), true), |session| (session, false))
}

/// The session as [SESS-05] writes it. The library shows no payload, so it is written to another key, and opened.
pub(super) fn shown(request: &Value, mut session: Session, now: UnixTime) -> Outcome {
    let Some(SessionInfo { rev, expires_at, end, .. }) = session.info() else {
        return Err(No::request("a session that did not come"));
    };
    let key = Key::generate()?;
    let site = |key| Site::new(key, text(request, "audience")?).map_err(No::from);
    session.send();
    let Wrote::Seal { token, .. } =
        made(&site(key.clone())?, request)?.without_cookies().build()?.at(now).commit(session)?.wrote
    else {
        return Err(No::request("a session that is sent was not sealed"));
    };
    // For another site of the same key it is any token.
    let payload = site(key)?.sealer(token::purpose(request)?).build()?.at(now).unseal(token)?.payload;
    let payload = String::from_utf8(payload).map_err(|_| No::request("a payload that is no text"))?;
    // The first of that name is the session's: what stands before it holds no quotation mark inside a string.
    let payload = match payload.split_once("\"rev\":") {
        Some((before, after)) => {
            format!("{before}\"rev\":{rev}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => return Err(No::request("a payload without rev")),
    };
    Ok(json!({ "payload": payload, "expires_at": expires_at.as_secs(), "last": end.as_secs() }))
}

fn sealer(site: &Site, request: &Value) -> Result<SessionSealer, No> {
    Ok(made(site, request)?.without_cookies().build()?)
}

/// Without cookies nothing but the request says that a session has ended; the cookie binding has marks.
pub(super) fn open(request: &Value) -> Outcome {
    let sealer = sealer(&token::site(request)?, request)?;
    let (now, text) = (token::clock(request, "now")?, text(request, "token")?);
    let opening = match (now, request.get("ended")) {
        (None, _) => hazmat::without_clock(|| sealer.open(Some(text.as_bytes()))),
        (Some(now), Some(Value::Bool(true))) => hazmat::open_ended_at(&sealer, text, now),
        (Some(now), _) => sealer.at(now).open(Some(text.as_bytes())),
    };
    let (session, _) = answered(request, opening);
    match (session.reason(), now) {
        (Some(reason), _) => Err(reason.into()),
        (None, Some(now)) => shown(request, session, now),
        (None, None) => Err(No::request("a session opened without a clock")),
    }
}

pub(super) fn run(request: &Value) -> Outcome {
    let site = token::site(request)?;
    let sealer = sealer(&site, request)?;
    let mut token = request.get("token").and_then(Value::as_str).map(str::to_owned);
    let mut given = request.clone();
    let mut results = Vec::new();
    for step in list(request, "requests")? {
        exchange(&site, &mut given, step.get("keyring"))?;
        let octets = token.as_ref().map(String::as_bytes);
        let opening = match token::clock(step, "now")? {
            Some(now) => sealer.at(now).open(octets),
            None => hazmat::without_clock(|| sealer.open(octets)),
        };
        let (mut session, not_now) = answered(if step.get("check").is_some() { step } else { request }, opening);
        let reason = session.reason();
        let open = match (&token, reason) {
            (None, Some(NoSession::Absent)) => "new",
            (_, reason) => opened(reason),
        };
        let answers = act(&mut session, step, None)?;
        exchange(&site, &mut given, step.get("exchange"))?;
        if step.get("commits").is_some() || step.get("after").is_some() {
            return Err(No::Skip("a commit consumes the session"));
        }
        let sealer = match step.get("commit_as") {
            None => sealer.clone(),
            Some(other) => {
                let mut given = given.clone();
                for (name, value) in other.as_object().into_iter().flatten() {
                    given[name] = value.clone();
                }
                self::sealer(&token::site(&given)?, &given)?
            }
        };
        let commit = match (token::clock(step, "commit")?, step.get("random")) {
            (None, _) => hazmat::without_clock(|| sealer.commit(session))?,
            (Some(now), None) => token::drawing(step, || sealer.at(now).commit(session))?,
            (Some(now), Some(random)) => hazmat::commit_session_at(&sealer, session, now, fixed(random)?)?,
        };
        let mut result = match commit.wrote {
            Wrote::Nothing => json!({ "open": open, "wrote": "nothing" }),
            Wrote::Expire => {
                token = None;
                json!({ "open": open, "wrote": "expire" })
            }
            Wrote::Seal { token: sealed, .. } => {
                let result = json!({ "open": open, "wrote": "seal", "token": sealed });
                token = Some(sealed);
                result
            }
            _ => return Err(No::request("a commit that this adapter does not know")),
        };
        told(&mut result, not_now, answers, &commit.ended);
        results.push(result);
    }
    Ok(json!({ "requests": results }))
}

/// Exchanges the ring, if another one is given.
fn exchange(site: &Site, given: &mut Value, ring: Option<&Value>) -> Result<(), No> {
    if let Some(ring) = ring {
        given["keyring"] = ring.clone();
        site.replace_keyring(token::ring(given)?);
    }
    Ok(())
}

pub(super) fn opened(reason: Option<NoSession>) -> &'static str {
    reason.map_or("opened", |reason| reason.code())
}

/// Adds `not_now`, `answers` and `ended`, where there are any.
pub(super) fn told(result: &mut Value, not_now: bool, answers: Vec<Value>, ended: &[Ended]) {
    if not_now {
        result["not_now"] = true.into();
    }
    if !answers.is_empty() {
        result["answers"] = answers.into();
    }
    if !ended.is_empty() {
        result["ended"] = ended.iter().map(|ended| json!({ "sid": ended.sid, "end": ended.end.as_secs() })).collect();
    }
}

/// Performs the actions one after the other, and returns what they answer. `sessions` are those of the cookie binding.
pub(super) fn act(session: &mut Session, step: &Value, sessions: Option<&Sessions>) -> Result<Vec<Value>, No> {
    let mut answers = Vec::new();
    for action in list(step, "actions")? {
        let (name, value) =
            action.as_object().and_then(|action| action.iter().next()).ok_or_else(|| No::request("no action"))?;
        match name.as_str() {
            "set_data" => {
                let data = value.as_str().ok_or_else(|| No::request("set_data is no text"))?;
                *session.data_mut() = data.parse()?;
            }
            "change" => change(session.data_mut(), value)?,
            "excess" => {
                let sessions = sessions.ok_or_else(|| No::request("excess without cookies"))?;
                let over = match token::clock(value, "now")? {
                    Some(now) => sessions.at(now).excess(session)?,
                    None => hazmat::without_clock(|| sessions.excess(session))?,
                };
                answers.push(over.into());
            }
            "sign_on" => {
                let names = value.get("keep").and_then(Value::as_array).into_iter().flatten();
                let kept: Data = names
                    .filter_map(|name| session.data().get_key_value(name.as_str()?))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                let (sub, generation) = (text(value, "sub")?, number(value, "gen")?);
                match value.get("auth_time") {
                    None => session.sign_on(sub, generation)?,
                    Some(_) => {
                        // What is no time is no proof either.
                        let proof = UnixTime::new(number(value, "auth_time")?).map_err(|_| UserError::OutOfRange)?;
                        session.sign_on_since(sub, generation, proof)?;
                    }
                }
                if !kept.is_empty() {
                    session.data_mut().extend(kept);
                }
            }
            "reauthenticate" => session.reauthenticate(number(value, "gen")?)?,
            "sign_off" => session.sign_off(),
            "flash" => {
                session.flash(text(value, "name")?, json(text(value, "message")?)?);
            }
            "take_flash" => {
                let taken = session.take_flash(text(value, "name")?);
                answers.push(taken.iter().map(Value::to_string).collect());
            }
            "send" => session.send(),
            "reauth_within" => answers.push(session.reauth_within(life(value, "seconds")?).into()),
            name => return Err(No::request(format!("action {name} is unknown"))),
        }
    }
    Ok(answers)
}

/// Reads a JSON text as the library reads `data`.
fn json(text: &str) -> Result<Value, No> {
    let mut data: Data = format!("{{\"it\":{text}}}").parse()?;
    match data.remove("it").filter(|_| data.is_empty()) {
        Some(value) => Ok(value),
        None => Err(cretula::SealError::PayloadUnserializable.into()),
    }
}

/// Changes data in place. A path to nowhere is no request, whatever the value is.
fn change(data: &mut Data, change: &Value) -> Result<(), No> {
    let no_place = || No::request("a path to nowhere");
    let (last, way) = list(change, "path")?.split_last().ok_or_else(no_place)?;
    let value = || json(text(change, "value")?);
    let Some((first, way)) = way.split_first() else {
        data.insert(last.as_str().ok_or_else(no_place)?.to_owned(), value()?);
        return Ok(());
    };
    let mut place = first.as_str().and_then(|first| data.get_mut(first)).ok_or_else(no_place)?;
    for step in way {
        let inside = match (step.as_str(), step.as_u64().and_then(|at| usize::try_from(at).ok())) {
            (Some(name), _) => place.get_mut(name),
            (None, Some(at)) => place.get_mut(at),
            (None, None) => None,
        };
        place = inside.ok_or_else(no_place)?;
    }
    match (place, last) {
        (Value::Object(members), Value::String(name)) => {
            members.insert(name.clone(), value()?);
        }
        (Value::Array(items), at) => {
            let at = at.as_u64().and_then(|at| usize::try_from(at).ok());
            *at.and_then(|at| items.get_mut(at)).ok_or_else(no_place)? = value()?;
        }
        _ => return Err(no_place()),
    }
    Ok(())
}

/// Returns the `random` of a commit; what it does not hold is not drawn.
pub(super) fn fixed(random: &Value) -> Result<hazmat::Fixed, No> {
    fn text<const N: usize>(random: &Value, name: &str) -> Result<[u8; N], No> {
        let Some(text) = random.get(name).and_then(Value::as_str) else { return Ok([0; N]) };
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| No::request(format!("{name} is not {N} bytes of base64url")))
    }
    fn digits<const N: usize>(random: &Value, name: &str) -> Result<[u8; N], No> {
        if random.get(name).is_some() { token::array(random, name) } else { Ok([0; N]) }
    }
    let nonces = |name: &str| {
        let mut nonces = [0; 24];
        let (salt, iv) = nonces.split_at_mut(12);
        let given = random.get(name).unwrap_or(&Value::Null);
        salt.copy_from_slice(&digits::<12>(given, "salt")?);
        iv.copy_from_slice(&digits::<12>(given, "iv")?);
        Ok::<_, No>(nonces)
    };
    Ok(hazmat::Fixed {
        sid: text(random, "sid")?,
        salt: digits(random, "salt")?,
        iv: digits(random, "iv")?,
        id: text(random, "id")?,
        device: [nonces("challenge")?, nonces("device")?, nonces("proof")?],
    })
}
