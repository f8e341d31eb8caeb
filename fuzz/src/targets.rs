//! Bodies of the fuzz targets, each a plain function, so that `tests/fuzz_replay.rs` runs them without the fuzzer.

use std::{collections::BTreeSet, sync::LazyLock};

use std::time::Duration;

use cretula::{
    CommitError, Cookie, Data, DeviceBinding, ErrorCode as _, Keyring, Kind, NotNow, Sealer, Session, Signer, Site,
    UnixTime, UntrustedToken, Wrote,
    hazmat::{self, At as _},
};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

/// The time of the targets: that of most vectors.
const NOW: u64 = 1_790_000_100;
/// The key of the targets: that of most vectors.
const KEY: &[u8; 32] = b"cretula-test-key-number-01......";

/// Sealer and signer of the target `open`, for `shop.example`, `session`.
static OPENERS: LazyLock<(Sealer, Signer)> = LazyLock::new(|| openers("shop.example", "session").unwrap());

fn openers(audience: &str, purpose: &str) -> Option<(Sealer, Signer)> {
    let site = Site::new(hazmat::key_from_bytes(KEY).ok()?, audience).ok()?;
    Some((site.sealer(purpose).build().ok()?, site.signer(purpose).build().ok()?))
}

/// Any octets as a token: refused with an empty buffer, or opened to what seals to a token of the same length; a text
/// that parses is the only text of its bytes.
///
/// # Panics
/// When that does not hold.
pub fn open(data: &[u8]) {
    let (sealer, signer) = &*OPENERS;
    let now = UnixTime::new(NOW).unwrap();
    let mut payload = b"of the request before".to_vec();
    match sealer.at(now).unseal_into(data, &mut payload) {
        Ok(claims) => {
            let again = sealer.at(now).seal(&payload, secs(claims.ttl)).unwrap();
            assert_eq!(again.len(), data.len());
            assert_eq!(sealer.at(now).unseal(again).unwrap().payload, payload);
        }
        Err(_) => assert!(payload.is_empty()),
    }
    let mut payload = b"of the request before".to_vec();
    match signer.at(now).verify_into(data, &mut payload) {
        Ok(claims) => {
            assert_eq!(signer.at(claims.issued_at).sign(&payload, secs(claims.ttl)).unwrap().as_bytes(), data);
        }
        Err(_) => assert!(payload.is_empty()),
    }
    if let Ok(token) = UntrustedToken::parse(data, 16_384) {
        assert_eq!(encode(&token.bytes).as_bytes(), data);
        assert_eq!(token.unverified().is_some(), token.kind == Kind::Signed);
    }
}

/// Encodes base64url bit by bit, without the crate's encoder.
fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<_> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| usize::from(byte >> bit & 1))).collect();
    let value = |bits: &[usize]| (0..6).fold(0, |sum, place| sum * 2 + bits.get(place).unwrap_or(&0));
    bits.chunks(6).map(|bits| char::from(ALPHABET[value(bits)])).collect()
}

/// `u48(now) | u32(ttl) | salt | iv | u8(len(audience)) | audience | u8(len(purpose)) | purpose | payload`: what is sealed
/// or signed opens to the same, one second before its end too, and not at its end.
///
/// # Panics
/// When that does not hold.
pub fn roundtrip(data: &[u8]) {
    let mut rest = data;
    let mut take = |length: usize| {
        let (taken, left) = rest.split_at_checked(length)?;
        rest = left;
        Some(taken)
    };
    let Some((now, ttl)) = take(6).and_then(|now| Some((now.try_into().ok()?, take(4)?.try_into().ok()?))) else {
        return;
    };
    let Some((salt, iv)) = take(12).and_then(|salt| Some((salt.try_into().ok()?, take(12)?.try_into().ok()?))) else {
        return;
    };
    let mut text = || take(1).and_then(|length| take(length[0].into())).and_then(|text| str::from_utf8(text).ok());
    let (Some(audience), Some(purpose)) = (text(), text()) else { return };
    let fits = |text: &str| (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte > 0x20 && byte < 0x7F);
    let codecs = openers(audience, purpose);
    assert_eq!(codecs.is_some(), fits(audience) && fits(purpose));
    let Some((sealer, signer)) = codecs else { return };

    let [a, b, c, d, e, f]: [u8; 6] = now;
    let (now, ttl) = (u64::from_be_bytes([0, 0, a, b, c, d, e, f]), u32::from_be_bytes(ttl));
    let issued_at = UnixTime::new(now).unwrap();
    let sealed = hazmat::seal_at(&sealer, rest, ttl, issued_at, salt, iv);
    let signed = signer.at(issued_at).sign(rest, secs(ttl));
    if !(1..=34_560_000).contains(&ttl) {
        assert_eq!((sealed.unwrap_err().code(), signed.unwrap_err().code()), ("ttl_range", "ttl_range"));
        return;
    }
    let length = |least: usize| (rest.len() + least).saturating_mul(4).div_ceil(3);
    assert_eq!((sealed.is_ok(), signed.is_ok()), (length(85) <= 16_384, length(77) <= 16_384));
    let end = now + u64::from(ttl);
    for (time, alive) in [(now, true), (end - 1, true), (end, false)] {
        let Ok(time) = UnixTime::new(time) else { continue };
        if let Ok(sealed) = &sealed {
            let opened =
                sealer.at(time).unseal(sealed).ok().map(|opened| (opened.payload, opened.claims.expires_at.as_secs()));
            assert_eq!(opened, alive.then(|| (rest.to_vec(), end)));
        }
        if let Ok(signed) = &signed {
            let opened =
                signer.at(time).verify(signed).ok().map(|opened| (opened.payload, opened.claims.expires_at.as_secs()));
            assert_eq!(opened, alive.then(|| (rest.to_vec(), end)));
        }
    }
}

/// Any octets as a keyring: refused, or a ring that the rules of §11 allow and that its list form gives again.
///
/// # Panics
/// When that does not hold.
pub fn keyring(data: &[u8]) {
    let strict = Keyring::parse(data);
    let Ok(ring) = hazmat::keyring_from_text(data) else {
        assert!(strict.is_err());
        return;
    };
    let entries = ring.entries();
    assert!(!entries.is_empty());
    assert!(entries.iter().all(|entry| entry.accept_until.is_none_or(|end| entry.seal_from < end)));
    let texts: Vec<_> = entries.iter().map(|entry| entry.key.to_text()).collect();
    assert_eq!(texts.iter().map(|text| text.as_str()).collect::<BTreeSet<_>>().len(), entries.len());

    let list = texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n");
    let again = hazmat::keyring_from_text(&list).unwrap();
    assert!(again.entries().iter().map(|entry| &entry.key).eq(entries.iter().map(|entry| &entry.key)));
    // A ring is refused by the ordinary reader only for a test key in it.
    assert_eq!(strict.is_ok(), Keyring::parse(&list).is_ok());
}

/// Any octets as the payload of a session: refused as `payload_invalid` or for its times, or a session that is written
/// again to one of the same members, but for `rev`, and that opens.
///
/// # Panics
/// When that does not hold.
pub fn session(data: &[u8]) {
    let now = UnixTime::new(NOW).unwrap();
    let site = Site::new(hazmat::key_from_bytes(KEY).unwrap(), "shop.example").unwrap();
    let sealer = site.sessions::<Data>().without_cookies().build().unwrap();
    let Ok(token) = OPENERS.0.at(now).seal(data, secs(1800)) else { return };
    let open = |token: &str| sealer.at(now).open(Some(token.as_bytes())).unchecked().unwrap_or_else(NotNow::into_guest);
    let mut session = open(&token);
    if let Some(reason) = session.reason() {
        assert!(
            ["payload_invalid", "issued_in_future", "expired", "too_long", "unproven"].contains(&reason.code()),
            "{reason}"
        );
        return;
    }
    let of = |session: &Session<Data>| {
        let user = session.user().cloned();
        let times = session.info().map(|info| (info.start, info.end));
        (session.sid().map(str::to_owned), times, user, session.data().clone())
    };
    let (before, rev) = (of(&session), session.info().unwrap().rev);
    session.send();
    match sealer.at(now).commit(session) {
        Ok(commit) => {
            let Wrote::Seal { token, .. } = commit.wrote else { panic!("it was to be sent") };
            let again = open(&token);
            assert_eq!(of(&again), before);
            assert_eq!(again.info().unwrap().rev, (rev + 1).min(cretula::limits::INTEGER_MAX));
        }
        Err(error) => assert!(["payload_unserializable", "result_too_long"].contains(&error.code()), "{error}"),
    }
}

/// Any octets as Cookie fields, one a line: a session or a reason, the same with foreign fields around them; and lines
/// that are header values.
///
/// # Panics
/// When that does not hold.
pub fn cookie(data: &[u8]) {
    let now = UnixTime::new(NOW).unwrap();
    let site = Site::new(hazmat::key_from_bytes(KEY).unwrap(), "shop.example").unwrap();
    let cookie = Cookie::default().large();
    let sessions = site.sessions::<Data>().cookie(cookie).build().unwrap();
    let fields: Vec<_> = data.split(|octet| *octet == b'\n').collect();
    let session = sessions.at(now).open(&fields).unchecked().unwrap_or_else(NotNow::into_guest);
    let foreign = [&[&b"a=\"b; c"[..], b"=;=;;"], &fields[..], &[&b"\xff=__Host-Http-session"[..]]].concat();
    let beside = sessions.at(now).open(&foreign).unchecked().unwrap_or_else(NotNow::into_guest);
    assert_eq!((session.sid(), session.reason()), (beside.sid(), beside.reason()));
    assert_eq!(session.sid().is_none(), session.reason().is_some());

    let is_value = |value: &str| value.bytes().all(|octet| (0x20..0x7F).contains(&octet));
    let changes: [fn(&mut Session<Data>); 3] = [|_| (), Session::sign_off, Session::send];
    for (at, change) in changes.into_iter().enumerate() {
        let mut session = sessions.at(now).open(&fields).unchecked().unwrap_or_else(NotNow::into_guest);
        change(&mut session);
        let excess = sessions.at(now).excess(&session);
        match sessions.at(now).commit(session) {
            Ok(committed) => {
                assert!(committed.headers().all(|(_, value)| is_value(value)));
                assert!(at == 0 || committed.headers().any(|(name, _)| name == "set-cookie"));
                assert!(at != 2 || committed.sid.is_none() || excess == Ok(0));
            }
            Err(CommitError::TooLarge { over, .. }) => assert_eq!(excess, Ok(over)),
            Err(error) => assert_eq!(error.code(), "payload_unserializable"),
        }
    }
    let _ = site.cookie("return-url", secs(60)).build().unwrap().at(now).open(&fields);
}

/// Any octets as a Cookie field, a JWT and a device token, one a line, sent to both endpoints of device binding: an answer
/// of §21, whose fields are header values, and a session that changes only where a device proved its key.
///
/// # Panics
/// When that does not hold.
pub fn device(data: &[u8]) {
    let now = UnixTime::new(NOW).unwrap();
    let site = Site::new(hazmat::key_from_bytes(KEY).unwrap(), "shop.example").unwrap();
    let binding = DeviceBinding::default();
    let sessions =
        site.sessions::<Data>().cookie(Cookie::named("__Host-session")).device_binding(binding).build().unwrap();
    let lines: Vec<&[u8]> = data.splitn(3, |octet| *octet == b'\n').collect();
    let values = |name: &str| match name {
        "cookie" => lines.iter().take(1).copied().collect(),
        "secure-session-response" => lines.iter().skip(1).take(1).copied().collect(),
        _ => lines.iter().skip(2).copied().collect(),
    };
    for path in ["/device-binding/start", "/device-binding/refresh"] {
        let request = sessions.at(now).device_request("POST", path, values).unwrap();
        let is_proven = request.opening().is_some();
        let Ok(response) = request.unchecked() else { continue };
        assert!([200, 401, 403, 503].contains(&response.status));
        let is_value = |value: &str| value.bytes().all(|octet| (0x20..0x7F).contains(&octet));
        assert!(response.headers().all(|(_, value)| is_value(value)));
        assert_eq!(response.headers().any(|(name, _)| name == "set-cookie"), is_proven && response.status == 200);
        let is_json = response.headers().any(|(name, _)| name == "content-type");
        assert_eq!(is_json, serde_json::from_str::<serde_json::Value>(&response.body).is_ok());
    }
    let _ = sessions.at(now).open(&lines).unchecked();
}
