//! seal, sign, unseal, verify: bytes in, bytes out.

use std::fmt::Display;

use cretula::{Claims, ErrorCode, Kind, SealError, Site, hazmat::At as _};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    args::{MakeArgs, OpenArgs},
    failure::Failure,
    hint, keys, streams,
    values::{self, CallError},
};

/// Seals or signs. Values are judged in the order of [TIME-01], before anything is read.
pub(crate) fn make(kind: Kind, args: &MakeArgs) -> Result<(), Failure> {
    let command = if kind == Kind::Sealed { "seal" } else { "sign" };
    let ((audience, purpose), limit) = (values::context(&args.context), values::limit(args.limit.limit));
    let sealer = |site: &Site| site.sealer(purpose).limit(limit).build();
    let signer = |site: &Site| site.signer(purpose).limit(limit).build();
    let checked = || -> Result<_, CallError> {
        values::check(audience, sealer)?;
        Ok((values::given_time(&args.now)?, values::ttl(args.ttl)?))
    };
    let (now, ttl) = checked().map_err(|error| error.into_usage(&[command]))?;
    let site = Site::new(keys::keyring(&args.keys, command)?, audience).map_err(refused)?;

    // The token is longer than its payload: one byte over the limit tells as much as all of them.
    let payload = streams::read_stdin("the payload", limit.saturating_add(1))?;
    // Read after the payload, which may have been long in coming.
    let now = values::or_clock(now)?;
    let made = match kind {
        Kind::Sealed => sealer(&site).map_err(refused)?.at(now).seal(&*payload, ttl),
        Kind::Signed => signer(&site).map_err(refused)?.at(now).sign(&*payload, ttl),
    };
    let mut token = made.map_err(|error| match error {
        // The length that the library tells is that of what was read, not of all there is.
        SealError::ResultTooLong { limit, .. } if payload.len() > limit => Failure::refused(
            error.code(),
            format_args!("the payload alone is longer than the limit of {limit} octets for its token"),
        ),
        _ => refused(error),
    })?;
    token.push('\n');
    streams::write_stdout(token.as_bytes())
}

fn refused(error: impl ErrorCode + Display) -> Failure {
    Failure::refused(error.code(), error)
}

/// The line of `--claims`.
#[derive(Serialize)]
struct ClaimsLine {
    issued_at: u64,
    expires_at: u64,
    key_id: String,
    sealing_key: bool,
}

impl From<Claims> for ClaimsLine {
    fn from(claims: Claims) -> Self {
        let Claims { issued_at, expires_at, key_id, sealing_key, .. } = claims;
        let (issued_at, expires_at) = (issued_at.as_secs(), expires_at.as_secs());
        Self { issued_at, expires_at, key_id: key_id.to_string(), sealing_key }
    }
}

/// Unseals or verifies. Values are judged in the order of [TIME-01], before anything is read.
pub(crate) fn open(kind: Kind, args: &OpenArgs) -> Result<(), Failure> {
    let command = if kind == Kind::Sealed { "unseal" } else { "verify" };
    let ((audience, purpose), limit) = (values::context(&args.context), values::limit(args.limit.limit));
    let (leeway, max_age) = (values::seconds(args.leeway.leeway), values::seconds(args.max_age));
    let sealer = |site: &Site| site.sealer(purpose).limit(limit).leeway(leeway).max_age(max_age).build();
    let signer = |site: &Site| site.signer(purpose).limit(limit).leeway(leeway).max_age(max_age).build();
    let checked = || -> Result<_, CallError> {
        values::check(audience, sealer)?;
        values::given_time(&args.now)
    };
    let now = checked().map_err(|error| error.into_usage(&[command]))?;
    let site = Site::new(keys::keyring(&args.keys, command)?, audience).map_err(refused)?;

    let text = streams::read_token(limit)?;
    // As above.
    let now = values::or_clock(now)?;
    let mut payload = Zeroizing::new(Vec::new());
    let opened = match kind {
        Kind::Sealed => sealer(&site).map_err(refused)?.at(now).unseal_into(&*text, &mut payload),
        Kind::Signed => signer(&site).map_err(refused)?.at(now).verify_into(&*text, &mut payload),
    };
    let claims = opened.map_err(|error| refused(error).with_hint(hint::of_token(&text)))?;
    streams::write_stdout(&payload)?;
    if args.claims { streams::write_stderr(&streams::json(&ClaimsLine::from(claims))?) } else { Ok(()) }
}
