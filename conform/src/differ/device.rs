//! Cases of device binding: proofs beside sessions, and JWTs in every disorder.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::limits::PROOF_MAX;
use p256::ecdsa::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    case::{Case, Members},
    cookie,
    draw::Draw,
    session::{self, Life, SIDS},
    setting::{BASE, about, fixed, given, made_from},
};
use crate::hex;

/// The private key of a device, in hexadecimal digits.
fn private(number: usize) -> String {
    hex::encode(&Sha256::digest(format!("cretula-test-device-{number}")))
}

/// The coordinates of its public key.
fn public(number: usize) -> (String, String) {
    let key = hex::decode(&private(number)).and_then(|key| SigningKey::from_slice(&key).ok());
    let point = key.map(|key| key.verifying_key().to_sec1_point(false).as_bytes().to_vec()).unwrap_or_default();
    let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
    (part(1..33), part(33..65))
}

fn jkt(number: usize) -> String {
    let (x, y) = public(number);
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)))
}

/// Returns device settings, of which some are out of range.
fn settings(draw: &mut Draw) -> Value {
    let mut device = json!({});
    if draw.once_in(6) {
        let paths = ["/d", "/account/device", "/a.b_c~d-", "/", "", "d", "/d/", "/d e", "/\u{e9}", "/d\"", "/d//e"];
        device["path"] = draw.mostly(&paths).into();
    }
    if draw.once_in(4) {
        device["proof"] = draw.mostly(&[300, 1, PROOF_MAX, PROOF_MAX + 1, 0]).into();
    }
    if draw.once_in(4) {
        device["require_after"] = draw.mostly(&[60, 0, 34_560_000, 34_560_001]).into();
    }
    device
}

fn name(draw: &mut Draw) -> Value {
    let names = ["__Host-session", "__Host-Http-session", "__Host-s", "session", "__Secure-session"];
    json!({ "name": draw.mostly(&names), "same_site": draw.mostly(&["Lax", "Strict", "None"]) })
}

/// Makes a token of device binding: `end` is that of its purpose.
fn token(draw: &mut Draw, end: &str, payload: &str, now: u64, (age, ttl): (u64, u32)) -> Members {
    let mut from = made_from(draw, now.saturating_sub(age), ttl);
    let end = draw.mostly(&[end, end, ".proof", ".device", ".challenge", ""]);
    let purpose = from.get("purpose").and_then(Value::as_str).unwrap_or_default().to_owned();
    from.insert("purpose".to_owned(), format!("{purpose}{end}").into());
    let odd = ["{}", "[]", "null", "", "\u{feff}{}", "{\"jkt\":1}", "{\"use\":\"register\"}", "{\"sid\":null}"];
    let payload = if draw.once_in(30) { draw.pick(&odd) } else { payload };
    from.insert("payload".to_owned(), payload.into());
    fixed(draw, &mut from);
    from
}

/// Makes a session of a user, bound to a key or not, whose data every language writes alike.
fn session_token(draw: &mut Draw, life: Life, bound_to: Option<usize>, now: u64) -> Members {
    let age = draw.mostly(&[0, 1, 900, 1799, 1800]);
    let mut from = made_from(draw, now.saturating_sub(age), life.ttl);
    let start = now.saturating_sub(draw.mostly(&[100, 60, 59, 61, 0]));
    let sid = SIDS[draw.mostly(&[0, 1])];
    let checked = if draw.once_in(4) { format!(",\"checked\":{start}") } else { String::new() };
    let user = format!("\"sub\":\"ada\",\"gen\":7,\"auth_time\":{start}{checked}");
    let bound = bound_to.map(|number| format!(",\"jkt\":\"{}\"", jkt(number))).unwrap_or_default();
    let end = start.saturating_add(draw.mostly(&[86_400, 101, 700])).min((1 << 48) - 1);
    let members = if draw.once_in(30) { checked } else { format!(",{user}{bound}") };
    let payload = format!("{{\"sid\":\"{sid}\",\"start\":{start},\"end\":{end},\"rev\":1{members}}}");
    from.insert("payload".to_owned(), payload.into());
    fixed(draw, &mut from);
    from
}

/// Gives what both pages and endpoints take. Returns the name of the cookie.
fn common(draw: &mut Draw, members: &mut Members, life: Life, now: u64) -> String {
    session::common(draw, members, life, now);
    let cookie = name(draw);
    let name = cookie["name"].as_str().unwrap_or_default().to_owned();
    members.insert("cookie".to_owned(), cookie);
    members.insert("device".to_owned(), settings(draw));
    members.insert("now".to_owned(), given(draw, now));
    name
}

/// A page of a session with proofs beside it: a reading, or a writing with actions.
pub(crate) fn page(draw: &mut Draw, op: &'static str) -> Case {
    let life = Life::new(draw);
    let now = about(draw, &[BASE, BASE, BASE + 600]);
    let mut members = Members::new();
    let name = common(draw, &mut members, life, now);
    let bound_to = if draw.once_in(3) { None } else { Some(draw.mostly(&[1, 2])) };
    let mut tokens = vec![session_token(draw, life, bound_to, now)];
    let mut template = format!("{name}={{0}}");
    for at in 1..=draw.pick(&[0, 1, 1, 1, 2, 5]) {
        let sid = SIDS[draw.mostly(&[0, 1])];
        let payload = format!("{{\"sid\":\"{sid}\",\"jkt\":\"{}\"}}", jkt(draw.mostly(&[1, 2])));
        let life = (draw.pick(&[0, 1, 300, 599, 600, 601]), draw.mostly(&[600, 1, 3600]));
        tokens.push(token(draw, ".proof", &payload, now, life));
        let value = draw.mostly(&[format!("{{{at}}}").as_str(), "", "x", "\"{1}\"", "2.AAAAAAAA.{1}"]).to_owned();
        template = format!("{template}; {}.proof={value}", name.replace("__Host-Http-", "__Host-"));
    }
    members.insert("tokens".to_owned(), tokens.into_iter().map(Value::from).collect());
    members.insert("template".to_owned(), json!([template]));
    if op == "read" {
        return Case::new("device", "read", members.into());
    }
    let mut data = Value::Null;
    let actions = if draw.once_in(2) {
        vec![json!({ draw.pick(&["sign_off", "send"]): true })]
    } else {
        session::actions(draw, now, &mut data)
    };
    members.insert("actions".to_owned(), actions.into());
    members.insert("commit".to_owned(), given(draw, now));
    let mut members = members.into();
    session::add_random(draw, &mut members, true);
    if members.get("random").is_some() {
        members["random"]["challenge"] = nonces(draw);
    }
    Case::new("device", "write", members)
}

fn nonces(draw: &mut Draw) -> Value {
    json!({ "salt": hex::encode(&draw.bytes(12)), "iv": hex::encode(&draw.bytes(12)) })
}

/// A header, with a fault in every other one.
fn header(draw: &mut Draw, with_key: bool, number: usize) -> String {
    let (x, y) = public(number);
    let jwk = format!("\"jwk\":{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}");
    let mut members = vec!["\"alg\":\"ES256\"".to_owned()];
    if with_key || draw.once_in(4) {
        members.push(jwk.clone());
    }
    members.push("\"typ\":\"dbsc+jwt\"".to_owned());
    if draw.once_in(2) {
        return format!("{{{}}}", members.join(","));
    }
    let at = draw.below(members.len());
    match draw.below(7) {
        0 => drop(members.remove(at)),
        1 => members.push(members[at].clone()),
        2 => {
            let algs = ["none", "RS256", "HS256", "ES384", "es256", "ES256 ", "", "ES256K"];
            members[0] = format!("\"alg\":\"{}\"", draw.pick(&algs));
        }
        3 => {
            let typ = draw.pick(&["\"JWT\"", "\"dbsc+JWT\"", "\"dbsc\\u002bjwt\"", "null", "1", "\"\""]);
            let last = members.len() - 1;
            members[last] = format!("\"typ\":{typ}");
        }
        4 => {
            let more = ["\"crit\":[]", "\"kid\":\"1\"", "\"__proto__\":{}", "\"jku\":\"https://a\"", "\"n\":1e400"];
            members.push(draw.pick(&more).to_owned());
        }
        5 => {
            let (one, other) = (x.get(1..).unwrap_or_default(), format!("{x}A"));
            let odd = [
                format!("\"jwk\":{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{y}\",\"y\":\"{x}\"}}"),
                format!("\"jwk\":{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{one}\",\"y\":\"{y}\"}}"),
                format!("\"jwk\":{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{other}\",\"y\":\"{y}\"}}"),
                format!("\"jwk\":{{\"crv\":\"P-384\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}"),
                format!("\"jwk\":{{\"crv\":\"P-256\",\"d\":\"{x}\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}"),
                format!("\"jwk\":{{\"crv\":\"P-256\",\"kty\":\"EC\",\"use\":\"sig\",\"x\":\"{x}\",\"y\":\"{y}\"}}"),
                format!(
                    "\"jwk\":{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{}\",\"y\":\"{y}\"}}",
                    "_".repeat(42) + "8"
                ),
                format!("\"jwk\":{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{0}\",\"y\":\"{0}\"}}", "A".repeat(43)),
                "\"jwk\":null".to_owned(),
                "\"jwk\":[]".to_owned(),
            ];
            members.retain(|member| *member != jwk);
            members.push(odd[draw.below(odd.len())].clone());
        }
        _ => {
            let text = format!("{{{}}}", members.join(","));
            let wholes = ["[]", "null", "", "{", "{}", "\u{feff}{}", " {} "];
            return if draw.once_in(2) { format!(" {text}\n") } else { draw.pick(&wholes).to_owned() };
        }
    }
    format!("{{{}}}", members.join(","))
}

fn claims(draw: &mut Draw) -> String {
    let odd = ["{\"jti\":\"{1}\",\"jti\":\"{1}\"}", "{}", "{\"jti\":1}", "{\"jti\":\"\"}", "{\"JTI\":\"{1}\"}", "[]"];
    if draw.once_in(8) {
        return draw.pick(&odd).to_owned();
    }
    draw.mostly(&["{\"jti\":\"{1}\"}", "{\"authorization\":\"a\",\"jti\":\"{1}\"}", "{\"jti\":\"{1}A\"}"]).to_owned()
}

/// The values of Secure-Session-Response.
fn responses(draw: &mut Draw) -> Value {
    let odd = [
        "\"{0}\"",
        " {0}\t",
        "\"{0}",
        "{0}\"",
        "{0}.",
        "{0}.a",
        ".{0}",
        "{0}=",
        "{0:1:}",
        "{0:0:40}",
        "\"\"{0}\"\"",
        "{0}\u{e9}",
        "'{0}'",
        "{0};a=1",
        "",
    ];
    let one = |draw: &mut Draw| if draw.once_in(4) { draw.pick(&odd) } else { "{0}" };
    match draw.below(16) {
        0 => json!([]),
        1 => json!(["{0}", one(draw)]),
        _ => json!([one(draw)]),
    }
}

/// A request to one of the endpoints.
pub(crate) fn endpoint(draw: &mut Draw, op: &'static str) -> Case {
    let register = op == "register";
    let life = Life::new(draw);
    let now = about(draw, &[BASE, BASE, BASE + 600]);
    let mut members = Members::new();
    let name = common(draw, &mut members, life, now);
    let number = draw.mostly(&[1, 2]);
    let bound_to = if draw.once_in(3) != register { None } else { Some(draw.mostly(&[1, 2])) };
    let session = session_token(draw, life, bound_to, now);
    let sid = SIDS[draw.mostly(&[0, 1])];
    let (first, second) = (
        format!("{{\"use\":\"register\",\"sid\":\"{sid}\"}}"),
        format!("{{\"use\":\"refresh\",\"jkt\":\"{}\"}}", jkt(number)),
    );
    let (usual, other) = if register { (first, second) } else { (second, first) };
    let challenge = draw.mostly(&[usual.as_str(), other.as_str()]).to_owned();
    let age = draw.mostly(&[1, 0, 59, 60, 61]);
    let challenge = token(draw, ".challenge", &challenge, now, (age, 60));
    let (x, y) = public(draw.mostly(&[number, 1, 2]));
    let device = format!("{{\"sid\":\"{sid}\",\"x\":\"{x}\",\"y\":\"{y}\"}}");
    let ttl = draw.mostly(&[86_350, 50, 51, 34_560_000]);
    let device = token(draw, ".device", &device, now, (50, ttl));
    members.insert("tokens".to_owned(), json!([session, challenge, device]));
    let field = format!("{name}={{0}}");
    let field = draw.mostly(&[field.as_str(), "theme=dark"]).to_owned();
    members.insert("template".to_owned(), json!([field]));
    if !register {
        let ids = [json!(["{2}"]), json!(["\"{2}\""]), json!([]), json!(["{2}", "{2}"]), json!(["x"]), json!([" {2}"])];
        let at = draw.mostly(&[0, 1, 2, 3, 4, 5]);
        members.insert("id_template".to_owned(), ids[at].clone());
    }
    let mut jwt = json!({ "header": header(draw, register, number), "claims": claims(draw) });
    if draw.once_in(8) {
        let lengths = [0, 63, 64, 65, 70];
        let length = draw.pick(&lengths);
        jwt["signature"] = hex::encode(&draw.bytes(length)).into();
    } else {
        jwt["key"] = private(draw.mostly(&[number, 1, 2])).into();
    }
    members.insert("jwts".to_owned(), json!([jwt]));
    members.insert("response_template".to_owned(), if draw.once_in(6) { json!([]) } else { responses(draw) });
    let mut random = nonces(draw);
    for token in ["device", "proof", "challenge"] {
        random[token] = nonces(draw);
    }
    members.insert("random".to_owned(), random);
    Case::new("device", op, members.into())
}

pub(crate) fn setup(draw: &mut Draw) -> Case {
    let mut cookie = cookie::settings(draw, true);
    if draw.once_in(2) {
        cookie["name"] = "__Host-session".into();
    }
    let long = ["p".repeat(245), "p".repeat(246), "p".repeat(255)];
    let purpose = if draw.once_in(4) { long[draw.below(3)].clone() } else { "session".to_owned() };
    Case::new("device", "setup", json!({ "purpose": purpose, "cookie": cookie, "device": settings(draw) }))
}
