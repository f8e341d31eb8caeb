//! The main job on documents that ship with it: `cargo run -p quickstart`.
//!
//! Session documents are sealed into the cookie `__Host-Http-session`, opened, kept through a change of keys, and refused when
//! they were changed, are over, or belong elsewhere. Every line is a check: the first that does not go as stated ends the
//! program with exit status 1. `§` points into `spec/cretula-v1.md`.

mod check;
mod refusals;

use std::process::ExitCode;

use cretula::{
    Claims, Context, Key, KeyId, Keyring, KeyringError, Options, Rotation, Sealer, Signer, UnixTime, UnsealError,
    UntrustedToken,
    limits::{LIMIT_DEFAULT, SEALED_MIN_BYTES},
};
use serde_json::{Value, json};

use check::{Checks, Failure};

const COOKIE: &str = "__Host-Http-session";
/// What browsers keep: octets of name and value, the `=` between them not counted.
const COOKIE_MAX: usize = 4096;
const VALUE_MAX: usize = COOKIE_MAX - COOKIE.len();
/// Life of a session: eight hours, in seconds.
const TTL: u32 = 28_800;
/// When the new key takes over, in seconds after the first seal.
const TAKE_OVER: u64 = 3600;
/// Longest time that a server takes to read a new keyring, in seconds.
const GRACE: u32 = 300;

const SIGNED_IN: &str = include_str!("sessions/signed-in.json");
const TOO_LARGE: &str = include_str!("sessions/too-large.json");
/// Name, text, and whether the token fits a cookie.
const DOCUMENTS: [(&str, &str, bool); 5] = [
    ("guest.json", include_str!("sessions/guest.json"), true),
    ("signed-in.json", SIGNED_IN, true),
    ("shop-basket.json", include_str!("sessions/shop-basket.json"), true),
    ("power-user.json", include_str!("sessions/power-user.json"), true),
    ("too-large.json", TOO_LARGE, false),
];

type Step = Result<(), Failure>;

fn main() -> ExitCode {
    let told = Story::begin().and_then(|mut story| {
        let steps = [Story::sizes, Story::opening, Story::rotation, Story::tampering, Story::time, Story::elsewhere];
        steps.iter().try_for_each(|step| step(&mut story))?;
        Ok(story.checks.passed)
    });
    match told {
        Ok(passed) => {
            println!("\n{passed} checks, all as stated.");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("\nquickstart failed after the last line above: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Holds what a shop's server has, and the token of signed-in.json that it sealed at the beginning.
struct Story {
    checks: Checks,
    key: Key,
    context: Context,
    sealer: Sealer,
    signer: Signer,
    payload: String,
    token: String,
    /// When that token was sealed, in seconds since the Unix epoch; the story's moments count from there.
    start: u64,
}

impl Story {
    fn begin() -> Result<Self, Failure> {
        let mut checks = Checks::default();
        println!("1  Keys: 32 random bytes, kept as text in a secret store");
        let key = Key::generate()?;
        let text = key.to_text();
        checks.is("a key is made; characters of its text", text.len(), 86, "§4.2")?;
        checks.is("what a log would show of it", format!("{key:?}"), "Key(redacted)", "§4.3 [KEY-08]")?;
        let mut typo = text.clone();
        let last = typo.pop();
        typo.push(if last == Some('0') { '1' } else { '0' });
        checks.refused("its text with the last character mistyped", typo.parse::<Key>(), "key_checksum")?;
        checks.refused("a passphrase instead", Key::from_bytes(b"correct horse battery staple"), "key_format")?;
        let keyring = Keyring::parse(text.as_str())?;
        checks.is("a keyring read from that text; keys", keyring.entries().len(), 1, "§11.3")?;

        let context = Context::new("shop.example", "session")?;
        let sealer = Sealer::with_options(&keyring, &context, Options::default().limit(VALUE_MAX)?);
        let signer = Signer::new(&keyring, &context);
        let payload = compact(SIGNED_IN)?;
        let token = sealer.seal(&payload, TTL)?;
        let start = sealer.unseal(&token)?.claims.issued_at;
        Ok(Self { checks, key, context, sealer, signer, payload, token, start })
    }

    fn sizes(&mut self) -> Step {
        println!("\n2  Sizes: name and value of {COOKIE} have at most {COOKIE_MAX} characters, so a token {VALUE_MAX}");
        println!("  {:<16} {:>10} {:>12} {:>12}   fits", "document", "JSON bytes", "token", "cookie");
        let roomy = Sealer::new(&self.key.clone().into(), &self.context);
        for (name, text, fits) in DOCUMENTS {
            let payload = compact(text)?;
            let token = roomy.seal(&payload, TTL)?;
            let cookie = COOKIE.len() + token.len();
            let length = ((SEALED_MIN_BYTES + payload.len()) * 4).div_ceil(3);
            self.checks.holds(&format!("{name}: token length (§7.3)"), token.len(), length)?;
            let same = roomy.unseal(&token)?.payload == payload.as_bytes();
            self.checks.holds(&format!("{name}: opens to the same bytes"), same, true)?;
            self.checks.holds(&format!("{name}: fits a cookie"), cookie <= COOKIE_MAX, fits)?;
            let over = cookie.saturating_sub(COOKIE_MAX);
            let fits = if over == 0 { "yes".to_owned() } else { format!("no: {over} characters over") };
            println!("  {name:<16} {:>10} {:>12} {cookie:>5} / {COOKIE_MAX}   {fits}", payload.len(), token.len());
        }
        let large = compact(TOO_LARGE)?;
        let what = format!("too-large.json, by a sealer limited to {VALUE_MAX}: not cut");
        self.checks.refused(&what, self.sealer.seal(&large, TTL), "result_too_long")?;
        let what = "sealed without that limit, opened with it";
        self.checks.refused(what, self.sealer.unseal(roomy.seal(&large, TTL)?), "too_long")?;
        // ⌈(85 + n) · 4 / 3⌉ ≤ VALUE_MAX, solved for n.
        let most = VALUE_MAX * 3 / 4 - SEALED_MIN_BYTES;
        let cookie = COOKIE.len() + self.sealer.seal(vec![b' '; most], TTL)?.len();
        let what = format!("the longest payload that fits, {most} bytes; characters");
        let length = ((SEALED_MIN_BYTES + most) * 4).div_ceil(3);
        self.checks.is(&what, cookie, COOKIE.len() + length, "§7.3")?;
        self.checks.holds("and fits a cookie", cookie <= COOKIE_MAX, true)?;
        self.checks.refused("one byte more", self.sealer.seal(vec![b' '; most + 1], TTL), "result_too_long")
    }

    fn opening(&mut self) -> Step {
        println!("\n3  Opening: signed-in.json, sealed now (T) for {} hours", TTL / 3600);
        let start: String = self.token.chars().take(24).collect();
        println!("  Set-Cookie: {COOKIE}={start}...; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={TTL}");
        let claims = self.opens(&self.sealer.clone(), &self.token.clone(), 0, "as it came back", "§10")?;
        let life = claims.expires_at - claims.issued_at;
        self.checks.is("claims: seconds from issued_at to expires_at", life, TTL, "§8")?;
        self.checks.is("claims: key_id, its first digits", short(claims.key_id), key_id(&self.token)?, "§7.3")?;
        self.checks.is("claims: sealing_key, its key still seals", claims.sealing_key, true, "§11.2")?;
        let again = self.sealer.seal_at(&self.payload, TTL, self.at(0)?)?;
        self.checks.is("sealed again in the same second: another text", again != self.token, true, "§9 [SEAL-03]")?;
        let (session, _) = self.sealer.unseal_json_at::<Value>(&self.token, self.at(0)?)?;
        self.checks.is("opened as JSON: sub", &session["sub"], r#""usr_01JQ8ZK4M7T2""#, "§10 step 9")?;
        let list = self.sealer.unseal_json_at::<Vec<String>>(&self.token, self.at(0)?);
        self.checks.refused("opened as JSON of another shape, a list", list, "payload_invalid")
    }

    fn rotation(&mut self) -> Step {
        let end = TAKE_OVER + u64::from(TTL) + u64::from(GRACE);
        println!("\n4  A new key takes over at {}; the old one is accepted until {}", hms(TAKE_OVER), hms(end));
        let (old, new, start) = (self.key.clone(), Key::generate()?, self.start);
        let (old_ring, new_ring) = (Keyring::from(old.clone()), Keyring::from(new.clone()));
        let document = |end: u64| {
            let old = json!({ "key": old.to_text().as_str(), "accept_until": start + end });
            let new = json!({ "key": new.to_text().as_str(), "seal_from": start + TAKE_OVER });
            json!({ "cretula": "keyring-v1", "keys": [old, new] }).to_string()
        };
        for (what, end, stated) in [
            ("this plan", end, "none"),
            ("a plan that ends the old key a second earlier", end - 1, "ends_before_its_tokens"),
        ] {
            let warnings = Keyring::parse(document(end))?.warnings(self.at(0)?, Rotation::new(TTL, GRACE)?);
            let first = warnings.first().map_or("none", |warning| warning.kind.code());
            self.checks.is(&format!("warning of {what}"), first, stated, "§11.6 [RING-18]")?;
        }
        let (server, late) = (Sealer::new(&old_ring, &self.context), Sealer::new(&old_ring, &self.context));
        let clone = server.clone();
        let old_id = key_id(&self.token)?;
        let new_id = key_id(&Sealer::new(&new_ring, &self.context).seal("", 1)?)?;
        let cut = &document(end).replace("]}", "");
        self.checks.refused("the server reads a half-written document", reload(&server, cut), "keyring_format")?;
        self.seals(&server, 0, "the old keyring is in force; key id", &old_id, "§11.5 [RING-16]")?;
        self.checks.is("it reads the whole document; keys", reload(&server, &document(end))?, 2, "§11.5")?;
        self.seals(&clone, TAKE_OVER - 1, "a clone of its sealer seals; key id", &old_id, "§11.2")?;
        let renewed = self.seals(&clone, TAKE_OVER, "and now; key id", &new_id, "§11.2")?;
        let token = self.token.clone();
        let claims = self.opens(&server, &token, TAKE_OVER, "the token of T", "§11.2")?;
        self.checks.is("its claims: sealing_key; so it is sealed anew", claims.sealing_key, false, "§11.2")?;
        let claims = self.opens(&server, &renewed, TAKE_OVER, "sealed anew", "§11.2")?;
        self.checks.is("its claims: sealing_key", claims.sealing_key, true, "§11.2")?;
        self.opens(
            &server,
            &renewed,
            TAKE_OVER - 30,
            "the same, by a server whose clock is behind",
            "§11.2 [RING-08]",
        )?;
        self.refuses(&late, &renewed, TAKE_OVER, "by a server that has not read the document", "unknown_key")?;
        let last = self.seals(
            &late,
            TAKE_OVER + u64::from(GRACE),
            "that server still seals with the old; key id",
            &old_id,
            "§11.2",
        )?;
        self.opens(&server, &last, end - 1, "that last token opens", "§11.2")?;
        self.refuses(&server, &last, end, "and a second later", "key_inactive")?;
        server.replace_keyring(&new_ring);
        self.refuses(&server, &token, TAKE_OVER, "or had the old key leaked: a keyring without it", "unknown_key")?;
        self.opens(&clone, &renewed, TAKE_OVER, "tokens of the new key", "§11.5 [RING-17]").map(drop)
    }

    fn at(&self, seconds: u64) -> Result<UnixTime, Failure> {
        Ok(UnixTime::new(self.start + seconds)?)
    }

    /// States which key seals at a moment, by the first digits of its key id.
    fn seals(&mut self, sealer: &Sealer, at: u64, what: &str, id: &str, section: &str) -> Result<String, Failure> {
        let token = sealer.seal_at(&self.payload, TTL, self.at(at)?)?;
        self.checks.is(&format!("{}  {what}", hms(at)), key_id(&token)?, id, section)?;
        Ok(token)
    }

    fn opens(&mut self, by: &Sealer, token: &str, at: u64, what: &str, section: &str) -> Result<Claims, Failure> {
        let opened = by.unseal_at(token, self.at(at)?);
        self.checks.opened(&format!("{}  {what}", hms(at)), opened, &self.payload, section)
    }

    fn refuses(&mut self, by: &Sealer, token: &str, at: u64, what: &str, code: &str) -> Step {
        let opened = by.unseal_at(token, self.at(at)?);
        self.checks.refused(&format!("{}  {what}", hms(at)), opened, code)
    }
}

/// What a running server does when its secret file has changed. A document that does not parse changes nothing.
fn reload(server: &Sealer, document: &str) -> Result<usize, KeyringError> {
    let keyring = Keyring::parse(document)?;
    server.replace_keyring(&keyring);
    Ok(keyring.entries().len())
}

/// Takes the white space out of a document.
fn compact(document: &str) -> Result<String, serde_json::Error> {
    serde_json::from_str::<Value>(document).map(|value| value.to_string())
}

/// Writes a moment of the story.
fn hms(seconds: u64) -> String {
    format!("T+{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Returns the first 8 hex digits of the key id that a token shows.
fn key_id(token: &str) -> Result<String, UnsealError> {
    UntrustedToken::parse(token, LIMIT_DEFAULT).map(|token| short(token.key_id()))
}

fn short(id: KeyId) -> String {
    id.to_string().chars().take(8).collect()
}
