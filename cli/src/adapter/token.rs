//! `derive`, `seal`, `sign`, `unseal`, `verify`.

use cretula::{
    Claims, Context, KeyEntry, Keyring, Kind, Opened, Options, Sealer, Signer, UnixTime, UntrustedToken, hazmat,
};
use cretula_conform::hex;
use serde_json::{Value, json};

use super::{
    members::{bytes, list, number, seconds, text},
    outcome::{No, Outcome},
};

pub(super) fn context(request: &Value) -> Result<Context, No> {
    Ok(Context::new(text(request, "audience")?, text(request, "purpose")?)?)
}

/// Makes the ring with test keys.
pub(super) fn ring(request: &Value) -> Result<Keyring, No> {
    let mut entries = Vec::new();
    for given in list(request, "keyring")? {
        let mut entry = KeyEntry::from(hazmat::key_from_bytes(&bytes(given, "key")?)?);
        if given.get("seal_from").is_some() {
            entry = entry.sealing_from(time(given, "seal_from")?);
        }
        if given.get("accept_until").is_some() {
            entry = entry.accepted_until(time(given, "accept_until")?);
        }
        entries.push(entry);
    }
    Ok(Keyring::new(entries)?)
}

pub(super) fn time(value: &Value, name: &str) -> Result<UnixTime, No> {
    Ok(UnixTime::new(number(value, name)?)?)
}

/// Returns the time that a call is given; `None` where it is given none, and the clock fails.
pub(super) fn clock(value: &Value, name: &str) -> Result<Option<UnixTime>, No> {
    if value.get(name) == Some(&Value::Null) { Ok(None) } else { time(value, name).map(Some) }
}

/// Makes a call, with a generator that fails if the request says so.
pub(super) fn drawing<R>(request: &Value, call: impl FnOnce() -> R) -> R {
    if request.get("no_randomness") == Some(&Value::Bool(true)) { hazmat::without_randomness(call) } else { call() }
}

fn limited(request: &Value) -> Result<Options, No> {
    Ok(Options::default().limit(usize::try_from(number(request, "limit")?).unwrap_or(usize::MAX))?)
}

fn opening(request: &Value) -> Result<Options, No> {
    Ok(limited(request)?.leeway(seconds(request, "leeway")?)?.max_age(seconds(request, "max_age")?)?)
}

pub(super) fn array<const N: usize>(value: &Value, name: &str) -> Result<[u8; N], No> {
    <[u8; N]>::try_from(bytes(value, name)?).map_err(|_| No::request(format!("{name} has not {N} bytes")))
}

/// The library shows no more of it than the key id that stands in a token.
pub(super) fn derive(request: &Value) -> Outcome {
    let context = context(request)?;
    let ring = Keyring::from(hazmat::key_from_bytes(&bytes(request, "key")?)?);
    let token = match text(request, "kind")? {
        "sealed" => Sealer::new(&ring, &context).seal_at("", 1, UnixTime::new(0)?)?,
        "signed" => Signer::new(&ring, &context).sign_at("", 1, UnixTime::new(0)?)?,
        kind => return Err(No::request(format!("kind {kind} is unknown"))),
    };
    Ok(json!({ "key_id": UntrustedToken::parse(&token, token.len())?.key_id().to_string() }))
}

pub(super) fn seal(request: &Value) -> Outcome {
    let options = limited(request)?;
    let now = clock(request, "now")?;
    let sealer = Sealer::with_options(&ring(request)?, &context(request)?, options);
    let (payload, ttl) = (bytes(request, "payload")?, seconds(request, "ttl")?);
    let token = match (now, request.get("salt")) {
        (None, _) => hazmat::without_clock(|| sealer.seal(payload, ttl))?,
        (Some(now), None) => drawing(request, || sealer.seal_at(payload, ttl, now))?,
        (Some(now), Some(_)) => {
            hazmat::seal_at(&sealer, payload, ttl, now, array(request, "salt")?, array(request, "iv")?)?
        }
    };
    Ok(json!({ "token": token }))
}

pub(super) fn sign(request: &Value) -> Outcome {
    let options = limited(request)?;
    let now = clock(request, "now")?;
    let signer = Signer::with_options(&ring(request)?, &context(request)?, options);
    let (payload, ttl) = (bytes(request, "payload")?, seconds(request, "ttl")?);
    let token = match now {
        None => hazmat::without_clock(|| signer.sign(payload, ttl))?,
        Some(now) => signer.sign_at(payload, ttl, now)?,
    };
    Ok(json!({ "token": token }))
}

pub(super) fn unseal(request: &Value) -> Outcome {
    opened(request, Kind::Sealed)
}

pub(super) fn verify(request: &Value) -> Outcome {
    opened(request, Kind::Signed)
}

fn opened(request: &Value, kind: Kind) -> Outcome {
    let options = opening(request)?;
    let now = clock(request, "now")?;
    let (ring, context, token) = (ring(request)?, context(request)?, text(request, "token")?);
    let (sealer, signer) =
        (Sealer::with_options(&ring, &context, options), Signer::with_options(&ring, &context, options));
    let Opened { payload, claims, .. } = match (kind, now) {
        (Kind::Sealed, Some(now)) => sealer.unseal_at(token, now)?,
        (Kind::Sealed, None) => hazmat::without_clock(|| sealer.unseal(token))?,
        (Kind::Signed, Some(now)) => signer.verify_at(token, now)?,
        (Kind::Signed, None) => hazmat::without_clock(|| signer.verify(token))?,
    };
    let Claims { issued_at, ttl, key_id, expires_at, .. } = claims;
    Ok(json!({
        "payload": hex::encode(&payload),
        "issued_at": issued_at,
        "ttl": ttl,
        "key_id": key_id.to_string(),
        "expires_at": expires_at,
    }))
}
