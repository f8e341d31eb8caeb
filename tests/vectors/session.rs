//! `session.json`, and what it shares with `cookie.json`.

use cretula::{Data, Opening, Policy, Session, SessionSealer, UnixTime, Wrote, hazmat};
use serde_json::{Value, json};

use super::{Failure, Outcome, bytes, context, narrow, number, ring, run, text};

pub(super) fn policy(vector: &Value) -> Result<Policy, Failure> {
    let given = &vector["policy"];
    let policy = Policy::new(narrow(given, "idle"), narrow(given, "absolute"));
    policy.and_then(|policy| policy.leeway(narrow(given, "leeway"))).map_err(|error| Failure::new(error.code()))
}

pub(super) fn time(value: &Value, member: &str) -> Result<UnixTime, Failure> {
    UnixTime::new(number(value, member)).map_err(|error| Failure::new(error.code()))
}

/// Answers the application's check as `check` says.
pub(super) fn answered(vector: &Value, opening: Opening) -> Session {
    let Some(check) = vector.get("check") else { return opening.unchecked() };
    let opening = if check["denied"] == true { opening.deny() } else { opening };
    opening.checked(check.get("gen").map(|generation| generation.as_u64().unwrap()))
}

/// Takes the actions one after the other.
pub(super) fn act(session: &mut Session, actions: &Value) -> Result<(), Failure> {
    let failure = |code: &'static str| Failure::new(code);
    for action in actions.as_array().unwrap() {
        let (name, value) = action.as_object().unwrap().iter().next().unwrap();
        match name.as_str() {
            "set_data" => match serde_json::from_str(value.as_str().unwrap()) {
                Ok(Value::Object(data)) => *session.data_mut() = data.into(),
                _ => return Err(failure("payload_unserializable")),
            },
            "sign_on" => {
                let kept = value.get("keep").into_iter().flat_map(|names| names.as_array().unwrap());
                let kept: Vec<_> =
                    kept.filter_map(|name| session.data().get_key_value(name.as_str().unwrap())).collect();
                let kept: Data = kept.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                let (sub, generation) = (text(value, "sub"), number(value, "gen"));
                let signed_on = match value.get("auth_time") {
                    None => session.sign_on(sub, generation),
                    Some(_) => session.sign_on_since(sub, generation, number(value, "auth_time")),
                };
                signed_on.map_err(|error| failure(error.code()))?;
                session.data_mut().extend(kept);
            }
            "reauthenticate" => {
                session.reauthenticate(number(value, "gen")).map_err(|error| failure(error.code()))?;
            }
            "sign_off" => session.sign_off(),
            "flash" => {
                let Ok(message) = serde_json::from_str::<Value>(text(value, "message")) else {
                    return Err(failure("payload_unserializable"));
                };
                session.flash(text(value, "name"), message);
            }
            "take_flash" => {
                let taken = session.take_flash(text(value, "name"));
                let expected = value["messages"].as_array().unwrap().iter();
                let expected: Vec<Value> =
                    expected.map(|message| serde_json::from_str(message.as_str().unwrap()).unwrap()).collect();
                assert_eq!(taken, expected);
            }
            "send" => session.send(),
            "reauth_within" => assert_eq!(session.reauth_within(narrow(value, "seconds")), value["holds"] == true),
            name => panic!("action {name} is unknown"),
        }
    }
    Ok(())
}

/// Returns the `random` of a commit; what it does not hold is not drawn.
pub(super) fn fixed(random: &Value) -> hazmat::Fixed {
    let part = |member: &str, length: usize| match random.get(member) {
        None => vec![0; length],
        Some(_) => bytes(random, member),
    };
    let text = |member: &str| random.get(member).and_then(Value::as_str).map(unbase64url);
    hazmat::Fixed {
        sid: text("sid").unwrap_or_else(|| vec![0; 16]).try_into().unwrap(),
        salt: part("salt", 12).try_into().unwrap(),
        iv: part("iv", 12).try_into().unwrap(),
        id: text("id").unwrap_or_else(|| vec![0; 6]).try_into().unwrap(),
    }
}

/// The plainest decoder that could be right.
pub(super) fn unbase64url(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = text.chars().flat_map(|c| {
        let value = ALPHABET.find(c).unwrap();
        (0..6).rev().map(move |bit| value >> bit & 1)
    });
    let bits: Vec<usize> = bits.collect();
    bits.chunks_exact(8).map(|octet| u8::try_from(octet.iter().fold(0, |sum, bit| sum * 2 + bit)).unwrap()).collect()
}

/// Returns the session as [SESS-05] writes it, but for `data` and `flash`, which are compared by value.
fn members(payload: &str) -> Value {
    serde_json::from_str(payload).unwrap()
}

/// Returns the payload of a token as text.
pub(super) fn payload(sealer: &cretula::Sealer, token: &str, now: UnixTime) -> String {
    String::from_utf8(sealer.unseal_at(token, now).unwrap().payload).unwrap()
}

/// Compares what an opened session tells with the payload that the vector expects.
#[track_caller]
pub(super) fn assert_opened(vector: &Value, session: &Session) -> Value {
    let expected = members(vector["result"]["payload"].as_str().unwrap_or("{}"));
    let user = session.user();
    assert_eq!(session.sid(), expected["sid"].as_str(), "{}", vector["id"]);
    assert_eq!(session.start(), expected["start"].as_u64(), "{}", vector["id"]);
    assert_eq!(Some(session.rev()), expected["rev"].as_u64(), "{}", vector["id"]);
    assert_eq!(user.map(|user| user.sub.as_str()), expected["sub"].as_str(), "{}", vector["id"]);
    assert_eq!(user.map(|user| user.generation), expected["gen"].as_u64(), "{}", vector["id"]);
    assert_eq!(user.map(|user| user.auth_time), expected["auth_time"].as_u64(), "{}", vector["id"]);
    let empty = json!({});
    assert_eq!(json!(session.data()), *expected.get("data").unwrap_or(&empty), "{}", vector["id"]);
    json!({ "expires_at": session.expires_at(), "last": session.end() })
}

fn session_sealer(vector: &Value) -> Result<SessionSealer, Failure> {
    Ok(SessionSealer::new(&ring(vector), &context(vector)?, policy(vector)?))
}

/// Without cookies nothing but the vector says that a session has ended; the cookie binding has marks.
fn open(vector: &Value) -> Outcome {
    let sealer = session_sealer(vector)?;
    let now = UnixTime::new(number(vector, "now")).map_err(|error| Failure::new(error.code()))?;
    let opening = match vector["ended"] == true {
        true => hazmat::open_ended_at(&sealer, text(vector, "token"), now),
        false => sealer.open_at(Some(text(vector, "token").as_bytes()), now),
    };
    let session = answered(vector, opening);
    match session.reason() {
        Some(reason) => Err(Failure::new(reason.code())),
        None => Ok(assert_opened(vector, &session)),
    }
}

fn requests(vector: &Value) -> Outcome {
    let sealer = session_sealer(vector)?;
    let plain = cretula::Sealer::new(&ring(vector), &context(vector)?);
    let mut token = vector.get("token").map(|token| token.as_str().unwrap().to_owned());
    let mut results = Vec::new();
    for request in vector["requests"].as_array().unwrap() {
        let opening = sealer.open_at(token.as_ref().map(String::as_bytes), time(request, "now")?);
        let mut session = answered(vector, opening);
        let open = match (&token, session.reason()) {
            (None, _) => "new",
            (Some(_), Some(reason)) => reason.code(),
            (Some(_), None) => "opened",
        };
        act(&mut session, &request["actions"])?;
        let now = time(request, "commit")?;
        let commit = hazmat::commit_session_at(&sealer, &session, now, fixed(&request["random"]));
        let commit = commit.map_err(|error| Failure::new(error.code()))?;
        let mut result = match commit.wrote {
            Wrote::Nothing => json!({ "open": open, "wrote": "nothing" }),
            Wrote::Expire => {
                token = None;
                json!({ "open": open, "wrote": "expire" })
            }
            Wrote::Seal { token: sealed, ttl } => {
                let payload = payload(&plain, &sealed, now);
                // With randomness of its own: another token, of a payload that is the same but for a new sid.
                let own = sealer.commit_at(&session, now).unwrap().wrote;
                assert!(matches!(own, Wrote::Seal { token: own, .. } if own != sealed && own.len() == sealed.len()));
                let result = json!({ "open": open, "wrote": "seal", "payload": payload, "ttl": ttl, "token": sealed });
                token = Some(sealed);
                result
            }
            wrote => panic!("{wrote:?}"),
        };
        if let Some(ended) = commit.ended {
            result["ended"] = json!({ "sid": ended.sid, "end": ended.end });
        }
        results.push(result);
    }
    Ok(json!({ "requests": results }))
}

// covers: [CODE-01] [CONF-01] [SESS-08] [SESS-10] [SESS-11]
#[test]
fn session() {
    run("session.json", |vector| match text(vector, "op") {
        "open" => open(vector),
        "run" => requests(vector),
        op => panic!("op {op} is unknown"),
    });
}
