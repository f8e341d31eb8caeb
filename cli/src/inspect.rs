//! `cretula inspect`: what a token shows. Without a key, whoever sent the token chose every byte of it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use cretula::{
    Claims, ErrorCode as _, Kind, SetupError, Site, UnixTime, UnsealError, UntrustedToken,
    hazmat::At as _,
    limits::{GCM_TAG_BYTES, HMAC_TAG_BYTES, IV_BYTES, KEY_ID_BYTES, MAGIC_SEALED, MAGIC_SIGNED, SALT_BYTES},
};
use cretula_conform::hex::encode as hex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    args::InspectArgs,
    failure::Failure,
    hint, keys,
    report::{DIM, HEAD, WARN, moment, paint},
    streams, values,
};

/// Bytes of the body's first fields (§7.2).
const ISSUED_AT_BYTES: usize = 6;
const TTL_BYTES: usize = 4;
/// Bytes of a value in one line of the anatomy, and lines of a value.
const LINE_BYTES: usize = 32;
const LINES: usize = 4;
/// Characters of a payload's text in the anatomy.
const TEXT_CHARS: usize = 256;

pub(crate) fn run(args: &InspectArgs) -> Result<(), Failure> {
    let limit = values::limit(args.limit.limit);
    let sealer = |site: &Site| site.sealer("inspect").limit(limit).build();
    values::check("inspect", sealer).map_err(|error| error.into_usage(&["inspect"]))?;
    let now = values::given_time(&args.now).map_err(|error| error.into_usage(&["inspect"]))?;
    let read = streams::read_token(limit)?;
    let text = hint::token_in(&read).unwrap_or(&read);
    let refused = |error: UnsealError| Failure::refused(error.code(), error).with_hint(hint::of_token(&read));
    let token = UntrustedToken::parse(text, limit).map_err(refused)?;
    let opened = open(args, token.kind, text, now)?;
    if args.json {
        let mut summary = Summary::new(&token, text.len());
        summary.opened = opened.as_ref().map(OpenedLine::new);
        return streams::write_stdout(format!("{}\n", streams::json(&summary)?).as_bytes());
    }
    streams::write_coloured(&anatomy(&token, text.len(), opened.as_ref())?)
}

/// What the keyring's owner knows.
struct Opened {
    claims: Claims,
    payload: Zeroizing<Vec<u8>>,
}

/// Opens the token where the call names its context.
fn open(args: &InspectArgs, kind: Kind, text: &[u8], now: Option<UnixTime>) -> Result<Option<Opened>, Failure> {
    let (Some(audience), Some(purpose)) = (&args.audience, &args.purpose) else { return Ok(None) };
    let (audience, purpose) = (audience.to_str().unwrap_or_default(), purpose.to_str().unwrap_or_default());
    let limit = values::limit(args.limit.limit);
    values::check(audience, |site| site.sealer(purpose).build()).map_err(|error| error.into_usage(&["inspect"]))?;
    let refused = |error: SetupError| Failure::refused(error.code(), error);
    let site = Site::new(keys::keyring(&args.keys, "inspect")?, audience).map_err(refused)?;
    let now = values::or_clock(now)?;
    let mut payload = Zeroizing::new(Vec::new());
    let claims = match kind {
        Kind::Sealed => {
            site.sealer(purpose).limit(limit).build().map_err(refused)?.at(now).unseal_into(text, &mut payload)
        }
        Kind::Signed => {
            site.signer(purpose).limit(limit).build().map_err(refused)?.at(now).verify_into(text, &mut payload)
        }
    };
    let claims = claims.map_err(|error| Failure::refused(error.code(), error))?;
    Ok(Some(Opened { claims, payload }))
}

/// The members of a session (§19.2) that people read; all else of the payload is left out.
#[derive(Deserialize)]
struct Session {
    sid: String,
    start: u64,
    end: u64,
    rev: u64,
    sub: Option<String>,
    #[serde(rename = "gen")]
    generation: Option<u64>,
    auth_time: Option<u64>,
    data: Option<Map<String, Value>>,
    flash: Option<Map<String, Value>>,
}

/// What was opened, as a person reads it: a session by its members, any other payload as text.
fn story(Opened { claims, payload }: &Opened) -> Result<String, Failure> {
    let mut lines = vec![
        ("issued", moment(claims.issued_at.as_secs())),
        ("expires", moment(claims.expires_at.as_secs())),
        ("key", if claims.sealing_key { "the one that seals now" } else { "one that is only accepted" }.to_owned()),
    ];
    if let Ok(session) = serde_json::from_slice::<Session>(payload) {
        let user = session.sub.as_deref().map_or("none: a guest".to_owned(), quoted);
        lines.extend([("session", quoted(&session.sid)), ("user", user)]);
        lines.extend(session.auth_time.map(|time| ("signed on", moment(time))));
        lines.extend(session.generation.map(|generation| ("generation", generation.to_string())));
        lines.extend([("began", moment(session.start)), ("ends", moment(session.end))]);
        lines.push(("sealed", if session.rev == 1 { "once".to_owned() } else { format!("{} times", session.rev) }));
        for (name, object) in [("data", session.data), ("flash", session.flash)] {
            lines.extend(object.map(|object| streams::json(&object)).transpose()?.map(|text| (name, text)));
        }
    } else {
        let shown = str::from_utf8(payload).map_or_else(|_| format!("{} bytes, not UTF-8", payload.len()), quoted);
        lines.push(("payload", shown));
    }
    Ok(lines
        .iter()
        .fold(String::new(), |out, (name, value)| format!("{out}{}  {value}\n", paint(DIM, &format!("{name:10}")))))
}

/// The line of `--json`.
#[derive(Serialize)]
struct Summary {
    kind: &'static str,
    version: u8,
    key_id: String,
    /// Of the token's text.
    octets: usize,
    /// Of the token.
    bytes: usize,
    payload_bytes: usize,
    /// What the signed kind shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    unverified: Option<Unverified>,
    /// What the keyring opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened: Option<OpenedLine>,
}

#[derive(Serialize)]
struct OpenedLine {
    issued_at: u64,
    expires_at: u64,
    sealing_key: bool,
    payload_hex: String,
    payload_text: Option<String>,
}

impl OpenedLine {
    fn new(Opened { claims, payload }: &Opened) -> Self {
        Self {
            issued_at: claims.issued_at.as_secs(),
            expires_at: claims.expires_at.as_secs(),
            sealing_key: claims.sealing_key,
            payload_hex: hex(payload),
            payload_text: str::from_utf8(payload).ok().map(str::to_owned),
        }
    }
}

#[derive(Serialize)]
struct Unverified {
    issued_at: u64,
    ttl: u32,
    payload_hex: String,
    /// `null` where the payload is not UTF-8.
    payload_text: Option<String>,
}

impl Summary {
    fn new(token: &UntrustedToken, octets: usize) -> Self {
        let unverified = token.unverified().map(|(issued_at, ttl, payload)| Unverified {
            issued_at,
            ttl,
            payload_hex: hex(payload),
            payload_text: str::from_utf8(payload).ok().map(str::to_owned),
        });
        Self {
            kind: kind_name(token.kind),
            version: 1,
            key_id: token.key_id.to_string(),
            octets,
            bytes: token.bytes.len(),
            payload_bytes: token.payload_length,
            unverified,
            opened: None,
        }
    }
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Sealed => "sealed",
        Kind::Signed => "signed",
    }
}

/// Draws the layout of §7.3 or §7.4: offset, size, field and value of each.
fn anatomy(token: &UntrustedToken, octets: usize, opened: Option<&Opened>) -> Result<String, Failure> {
    let kind = kind_name(token.kind);
    let (bytes, payload) = (token.bytes.len(), token.payload_length);
    let mut out = format!(
        "{}  {octets} octets of text, {bytes} bytes, payload of {payload} bytes\n{}\n\n",
        paint(HEAD, &format!("{kind} token, version 1")),
        match opened {
            Some(opened) => story(opened)?.trim_end().to_owned(),
            None => paint(WARN, "not verified: the sender of this token chose every value here"),
        },
    );
    let head = paint(DIM, "offset   size  field       value");
    let _ = writeln!(out, "{head}");
    let mut fields = Fields { rest: &token.bytes, offset: 0, out };
    let (magic, magic_text) = match token.kind {
        Kind::Sealed => (MAGIC_SEALED, "CrE1"),
        Kind::Signed => (MAGIC_SIGNED, "CrS1"),
    };
    let magic_value = format!("{}, text {magic_text}", hex(&magic));
    fields.row(magic.len(), "magic", AnsiColor::Blue.on_default(), &[magic_value]);
    fields.bytes(KEY_ID_BYTES, "key_id", AnsiColor::Cyan.on_default());
    match token.unverified() {
        None => {
            fields.bytes(SALT_BYTES, "salt", AnsiColor::Magenta.on_default());
            fields.bytes(IV_BYTES, "iv", AnsiColor::Magenta.on_default());
            fields.bytes(payload.saturating_add(ISSUED_AT_BYTES + TTL_BYTES), "ciphertext", Style::new());
            fields.bytes(GCM_TAG_BYTES, "tag", AnsiColor::Red.on_default());
        }
        Some((issued_at, ttl, payload)) => {
            let end = issued_at.saturating_add(ttl.into());
            fields.row(ISSUED_AT_BYTES, "issued_at", AnsiColor::Green.on_default(), &[moment(issued_at)]);
            fields.row(TTL_BYTES, "ttl", AnsiColor::Green.on_default(), &[format!("{ttl} s, to {}", moment(end))]);
            match str::from_utf8(payload) {
                Ok(text) => {
                    fields.row(payload.len(), "payload", AnsiColor::Yellow.on_default(), &[quoted(text)]);
                }
                Err(_) => fields.bytes(payload.len(), "payload", AnsiColor::Yellow.on_default()),
            }
            fields.bytes(HMAC_TAG_BYTES, "tag", AnsiColor::Red.on_default());
        }
    }
    Ok(fields.out)
}

/// Walks over a token field by field.
struct Fields<'a> {
    rest: &'a [u8],
    offset: usize,
    out: String,
}

impl Fields<'_> {
    /// Draws the next `size` bytes as hexadecimal digits.
    fn bytes(&mut self, size: usize, name: &str, style: Style) {
        let value = self.rest.get(..size).unwrap_or(self.rest);
        let mut lines: Vec<_> = value.chunks(LINE_BYTES).take(LINES).map(hex).collect();
        let more = value.len().saturating_sub(LINES * LINE_BYTES);
        if more > 0 {
            lines.push(format!("and {more} bytes more"));
        }
        self.row(size, name, style, &lines);
    }

    /// Draws the next `size` bytes as the given lines, which hold printable characters only.
    fn row(&mut self, size: usize, name: &str, style: Style, lines: &[String]) {
        let first = lines.first().map_or("", String::as_str);
        let _ = writeln!(self.out, "{:6} {size:6}  {}{}", self.offset, paint(style, &format!("{name:12}")), {
            paint(style, first)
        });
        for line in lines.iter().skip(1) {
            let _ = writeln!(self.out, "{:27}{}", "", paint(style, line));
        }
        self.offset = self.offset.saturating_add(size);
        self.rest = self.rest.get(size..).unwrap_or_default();
    }
}

/// Quotes a sender's text. What is not printable is escaped: control characters drive terminals, and marks of direction
/// reorder what stands beside them.
fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(TEXT_CHARS).collect();
    let more = text.len().saturating_sub(shown.len());
    let mut quoted = format!("{shown:?}");
    if more > 0 {
        let _ = write!(quoted, " and {more} bytes more");
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn escapes_what_drives_terminals() {
        let text = "a\u{1b}[2J\r\n\u{7f}\u{9b}31m\u{202e}\u{200b}\"\\é";
        let shown = quoted(text);
        assert!(!shown.chars().any(char::is_control), "{shown}");
        assert!(!shown.contains(['\u{202e}', '\u{200b}']), "{shown}");
        assert!(shown.ends_with("\\\"\\\\é\""), "{shown}");
        assert_eq!(quoted(&"é".repeat(300)), format!("\"{}\" and 88 bytes more", "é".repeat(256)));
    }
}
