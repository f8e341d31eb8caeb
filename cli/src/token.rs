//! seal, sign, unseal, verify: bytes in, bytes out.

use cretula::{Claims, Kind, SealError, Sealer, Signer};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    args::{MakeArgs, OpenArgs},
    failure::Failure,
    keys, streams,
    values::{self, CallError},
};

/// Seals or signs. Values are judged in the order of [TIME-01], before anything is read.
pub(crate) fn make(kind: Kind, args: &MakeArgs) -> Result<(), Failure> {
    let command = if kind == Kind::Sealed { "seal" } else { "sign" };
    let checked = || -> Result<_, CallError> {
        let context = values::context(&args.context)?;
        let (options, limit) = values::limit(args.limit.limit)?;
        let now = values::given_time(&args.now)?;
        Ok((context, options, limit, now, values::ttl(args.ttl)?))
    };
    let (context, options, limit, now, ttl) = checked().map_err(|error| error.into_usage(&[command]))?;
    let ring = keys::keyring(&args.keys, command)?;

    // The token is longer than its payload: one byte over the limit tells as much as all of them.
    let payload = streams::read_stdin(limit.saturating_add(1))?;
    // Read after the payload, which may have been long in coming.
    let now = values::or_clock(now)?;
    let made = match kind {
        Kind::Sealed => Sealer::with_options(&ring, &context, options).seal_at(&*payload, ttl, now),
        Kind::Signed => Signer::with_options(&ring, &context, options).sign_at(&*payload, ttl, now),
    };
    let mut token = made.map_err(|error| match error {
        // The length that the library tells is that of what was read, not of all there is.
        SealError::ResultTooLong { limit, .. } if payload.len() > limit => Failure::refused(
            error.code(),
            format_args!("the payload alone is longer than the limit of {limit} octets for its token"),
        ),
        _ => Failure::refused(error.code(), error),
    })?;
    token.push('\n');
    streams::write_stdout(token.as_bytes())
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
        Self { issued_at, expires_at, key_id: key_id.to_string(), sealing_key }
    }
}

/// Unseals or verifies. Values are judged in the order of [TIME-01], before anything is read.
pub(crate) fn open(kind: Kind, args: &OpenArgs) -> Result<(), Failure> {
    let command = if kind == Kind::Sealed { "unseal" } else { "verify" };
    let checked = || -> Result<_, CallError> {
        let context = values::context(&args.context)?;
        let (options, limit) = values::limit(args.limit.limit)?;
        let options = options.leeway(values::leeway(args.leeway.leeway)?)?;
        let options = options.max_age(values::max_age(args.max_age)?)?;
        Ok((context, options, limit, values::given_time(&args.now)?))
    };
    let (context, options, limit, now) = checked().map_err(|error| error.into_usage(&[command]))?;
    let ring = keys::keyring(&args.keys, command)?;

    let text = streams::read_token(limit)?;
    // As above.
    let now = values::or_clock(now)?;
    let mut payload = Zeroizing::new(Vec::new());
    let opened = match kind {
        Kind::Sealed => Sealer::with_options(&ring, &context, options).unseal_into_at(&*text, &mut payload, now),
        Kind::Signed => Signer::with_options(&ring, &context, options).verify_into_at(&*text, &mut payload, now),
    };
    let claims = opened.map_err(|error| Failure::refused(error.code(), error))?;
    streams::write_stdout(&payload)?;
    if args.claims { streams::write_stderr(&streams::json(&ClaimsLine::from(claims))?) } else { Ok(()) }
}
