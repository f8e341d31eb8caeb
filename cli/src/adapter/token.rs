//! `derive`, `seal`, `sign`, `unseal`, `verify`.

use std::time::Duration;

use cretula::{
    Build, Builder, Claims, KeyEntry, Keyring, Opened, Sealer, Signer, Site, UnixTime, UntrustedToken,
    hazmat::{self, At as _},
};
use cretula_conform::hex;
use serde_json::{Value, json};

use super::{
    members::{bytes, life, list, number, seconds, text},
    outcome::{No, Outcome},
};

/// Makes a site with the ring and the audience.
pub(super) fn site(request: &Value) -> Result<Site, No> {
    Ok(Site::new(ring(request)?, text(request, "audience")?)?)
}

pub(super) fn purpose(request: &Value) -> Result<&str, No> {
    text(request, "purpose")
}

/// Makes the ring with test keys.
pub(super) fn ring(request: &Value) -> Result<Keyring, No> {
    let mut entries = Vec::new();
    for given in list(request, "keyring")? {
        let mut entry = KeyEntry::from(hazmat::key_from_bytes(&bytes(given, "key")?)?);
        if given.get("seal_from").is_some() {
            entry.seal_from = time(given, "seal_from")?;
        }
        if given.get("accept_until").is_some() {
            entry.accept_until = Some(time(given, "accept_until")?);
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

fn limit(request: &Value) -> Result<usize, No> {
    Ok(usize::try_from(number(request, "limit")?).unwrap_or(usize::MAX))
}

pub(super) fn array<const N: usize>(value: &Value, name: &str) -> Result<[u8; N], No> {
    <[u8; N]>::try_from(bytes(value, name)?).map_err(|_| No::request(format!("{name} has not {N} bytes")))
}

/// The library shows no more of it than the key id that stands in a token.
pub(super) fn derive(request: &Value) -> Outcome {
    let ring = Keyring::from(hazmat::key_from_bytes(&bytes(request, "key")?)?);
    let (site, purpose) = (Site::new(ring, text(request, "audience")?)?, purpose(request)?);
    let (start, second) = (UnixTime::new(0)?, Duration::from_secs(1));
    let token = match text(request, "kind")? {
        "sealed" => site.sealer(purpose).build()?.at(start).seal("", second)?,
        "signed" => site.signer(purpose).build()?.at(start).sign("", second)?,
        kind => return Err(No::request(format!("kind {kind} is unknown"))),
    };
    Ok(json!({ "key_id": UntrustedToken::parse(&token, token.len())?.key_id.to_string() }))
}

pub(super) fn seal(request: &Value) -> Outcome {
    let site = site(request)?;
    let sealer = site.sealer(purpose(request)?).limit(limit(request)?).build()?;
    let now = clock(request, "now")?;
    let (payload, ttl) = (bytes(request, "payload")?, life(request, "ttl")?);
    let token = match (now, request.get("salt")) {
        (None, _) => hazmat::without_clock(|| sealer.seal(payload, ttl))?,
        (Some(now), None) => drawing(request, || sealer.at(now).seal(payload, ttl))?,
        (Some(now), Some(_)) => {
            let (salt, iv) = (array(request, "salt")?, array(request, "iv")?);
            hazmat::seal_at(&sealer, payload, seconds(request, "ttl")?, now, salt, iv)?
        }
    };
    Ok(json!({ "token": token }))
}

pub(super) fn sign(request: &Value) -> Outcome {
    let site = site(request)?;
    let signer = site.signer(purpose(request)?).limit(limit(request)?).build()?;
    let now = clock(request, "now")?;
    let (payload, ttl) = (bytes(request, "payload")?, life(request, "ttl")?);
    let token = match now {
        None => hazmat::without_clock(|| signer.sign(payload, ttl))?,
        Some(now) => signer.at(now).sign(payload, ttl)?,
    };
    Ok(json!({ "token": token }))
}

pub(super) fn unseal(request: &Value) -> Outcome {
    let (site, token) = (site(request)?, text(request, "token")?);
    let builder = site.sealer(purpose(request)?).limit(limit(request)?).max_age(life(request, "max_age")?);
    let sealer: Sealer = opener(builder, request)?;
    told(match clock(request, "now")? {
        Some(now) => sealer.at(now).unseal(token)?,
        None => hazmat::without_clock(|| sealer.unseal(token))?,
    })
}

pub(super) fn verify(request: &Value) -> Outcome {
    let (site, token) = (site(request)?, text(request, "token")?);
    let builder = site.signer(purpose(request)?).limit(limit(request)?).max_age(life(request, "max_age")?);
    let signer: Signer = opener(builder, request)?;
    told(match clock(request, "now")? {
        Some(now) => signer.at(now).verify(token)?,
        None => hazmat::without_clock(|| signer.verify(token))?,
    })
}

fn opener<M: Build>(builder: Builder<'_, M>, request: &Value) -> Result<M, No> {
    Ok(builder.leeway(life(request, "leeway")?).build()?)
}

fn told(opened: Opened) -> Outcome {
    let Opened { payload, claims, .. } = opened;
    let Claims { issued_at, ttl, key_id, expires_at, .. } = claims;
    Ok(json!({
        "payload": hex::encode(&payload),
        "issued_at": issued_at.as_secs(),
        "ttl": ttl,
        "key_id": key_id.to_string(),
        "expires_at": expires_at.as_secs(),
    }))
}
