//! The main job on documents that ship with it: `cargo run -p quickstart`.
//!
//! Session documents are sealed into the cookie `__Host-Http-session`, opened, kept through a change of keys, and refused when
//! they were changed, are over, or belong elsewhere. Every line is a check: the first that does not go as stated ends the
//! program with exit status 1. `§` points into `spec/cretula-v1.md`.

mod check;
mod refusals;

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use cretula::{
    Claims, ErrorCode as _, Key, KeyId, Keyring, KeyringError, Rotation, Sealer, SetupError, Signer, Site, UnixTime,
    UnsealError, UntrustedToken,
};
use serde_json::{Value, json};

use check::{Checks, Failure};

const COOKIE: &str = "__Host-Http-session";
/// What browsers keep: octets of name and value, the `=` between them not counted.
const COOKIE_MAX: usize = 4096;
const VALUE_MAX: usize = COOKIE_MAX - COOKIE.len();
/// Life of a session: eight hours, in seconds.
const TTL: u64 = 28_800;
/// Characters of the longest token by default, and bytes of a sealed token beside its payload (§3).
const LIMIT_DEFAULT: usize = 16_384;
const SEALED_MIN_BYTES: usize = 85;
/// When the new key takes over, in seconds after the first seal.
const TAKE_OVER: u64 = 3600;
/// Longest time that a server takes to read a new keyring, in seconds.
const GRACE: u64 = 300;

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

/// The clock of the story: a moment that `at` sets.
static CLOCK: AtomicU64 = AtomicU64::new(0);

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
    site: Site,
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

        let start = UnixTime::try_from(SystemTime::now())?;
        let site = shop(keyring)?;
        let sealer = at(&site, start).sealer("session").limit(VALUE_MAX).build()?;
        let signer = site.signer("session").build()?;
        let payload = compact(SIGNED_IN)?;
        let token = sealer.seal(&payload, secs(TTL))?;
        let start = start.as_secs();
        Ok(Self { checks, key, site, sealer, signer, payload, token, start })
    }

    fn sizes(&mut self) -> Step {
        println!("\n2  Sizes: name and value of {COOKIE} have at most {COOKIE_MAX} characters, so a token {VALUE_MAX}");
        println!("  {:<16} {:>10} {:>12} {:>12}   fits", "document", "JSON bytes", "token", "cookie");
        let roomy = self.site.sealer("session").build()?;
        for (name, text, fits) in DOCUMENTS {
            let payload = compact(text)?;
            let token = roomy.seal(&payload, secs(TTL))?;
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
        self.checks.refused(&what, self.sealer.seal(&large, secs(TTL)), "result_too_long")?;
        let what = "sealed without that limit, opened with it";
        self.checks.refused(what, self.sealer.unseal(roomy.seal(&large, secs(TTL))?), "too_long")?;
        // ⌈(85 + n) · 4 / 3⌉ ≤ VALUE_MAX, solved for n.
        let most = VALUE_MAX * 3 / 4 - SEALED_MIN_BYTES;
        let cookie = COOKIE.len() + self.sealer.seal(vec![b' '; most], secs(TTL))?.len();
        let what = format!("the longest payload that fits, {most} bytes; characters");
        let length = ((SEALED_MIN_BYTES + most) * 4).div_ceil(3);
        self.checks.is(&what, cookie, COOKIE.len() + length, "§7.3")?;
        self.checks.holds("and fits a cookie", cookie <= COOKIE_MAX, true)?;
        self.checks.refused("one byte more", self.sealer.seal(vec![b' '; most + 1], secs(TTL)), "result_too_long")
    }

    fn opening(&mut self) -> Step {
        println!("\n3  Opening: signed-in.json, sealed now (T) for {} hours", TTL / 3600);
        let start: String = self.token.chars().take(24).collect();
        println!("  Set-Cookie: {COOKIE}={start}...; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={TTL}");
        let claims = self.opens(&self.sealer.clone(), &self.token.clone(), 0, "as it came back", "§10")?;
        let life = claims.expires_at.as_secs() - claims.issued_at.as_secs();
        self.checks.is("claims: seconds from issued_at to expires_at", life, TTL, "§8")?;
        self.checks.is("claims: key_id, its first digits", short(claims.key_id), key_id(&self.token)?, "§7.3")?;
        self.checks.is("claims: sealing_key, its key still seals", claims.sealing_key, true, "§11.2")?;
        let again = at(&self.sealer, self.moment(0)?).seal(&self.payload, secs(TTL))?;
        self.checks.is("sealed again in the same second: another text", again != self.token, true, "§9 [SEAL-03]")?;
        let (session, _) = at(&self.sealer, self.moment(0)?).unseal_json::<Value>(&self.token)?;
        self.checks.is("opened as JSON: sub", &session["sub"], r#""usr_01JQ8ZK4M7T2""#, "§10 step 9")?;
        let list = at(&self.sealer, self.moment(0)?).unseal_json::<Vec<String>>(&self.token);
        self.checks.refused("opened as JSON of another shape, a list", list, "payload_invalid")
    }

    fn rotation(&mut self) -> Step {
        let end = TAKE_OVER + TTL + GRACE;
        println!("\n4  A new key takes over at {}; the old one is accepted until {}", hms(TAKE_OVER), hms(end));
        let (old, new, start) = (self.key.clone(), Key::generate()?, self.start);
        let (old_ring, new_ring) = (Keyring::from(old.clone()), Keyring::from(new.clone()));
        let document = |end: u64| {
            let old = json!({ "key": old.to_text().as_str(), "accept_until": start + end });
            let new = json!({ "key": new.to_text().as_str(), "seal_from": start + TAKE_OVER });
            json!({ "cretula": "keyring-v1", "keys": [old, new] }).to_string()
        };
        let rotation = Rotation { longest_ttl: secs(TTL), reload_grace: secs(GRACE), ..Rotation::default() };
        for (what, end, stated) in [
            ("this plan", end, "none"),
            ("a plan that ends the old key a second earlier", end - 1, "ends_before_its_tokens"),
        ] {
            let warnings = Keyring::parse(document(end))?.warnings(self.moment(0)?, rotation)?;
            let first = warnings.first().map_or("none", |warning| warning.kind.code());
            self.checks.is(&format!("warning of {what}"), first, stated, "§11.6 [RING-18]")?;
        }
        let (site, late_site) = (shop(old_ring.clone())?, shop(old_ring)?);
        let (server, late) = (site.sealer("session").build()?, late_site.sealer("session").build()?);
        let other = site.sealer("session").build()?;
        let old_id = key_id(&self.token)?;
        let new_id = key_id(&shop(new_ring.clone())?.sealer("session").build()?.seal("", secs(1))?)?;
        let cut = &document(end).replace("]}", "");
        self.checks.refused("the server reads a half-written document", reload(&site, cut), "keyring_format")?;
        self.seals(&server, 0, "the old keyring is in force; key id", &old_id, "§11.5 [RING-16]")?;
        self.checks.is("it reads the whole document; keys", reload(&site, &document(end))?, 2, "§11.5")?;
        self.seals(&other, TAKE_OVER - 1, "another sealer of the site seals; key id", &old_id, "§11.2")?;
        let renewed = self.seals(&other, TAKE_OVER, "and now; key id", &new_id, "§11.2")?;
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
        let last =
            self.seals(&late, TAKE_OVER + GRACE, "that server still seals with the old; key id", &old_id, "§11.2")?;
        self.opens(&server, &last, end - 1, "that last token opens", "§11.2")?;
        self.refuses(&server, &last, end, "and a second later", "key_inactive")?;
        site.replace_keyring(new_ring);
        self.refuses(&server, &token, TAKE_OVER, "or had the old key leaked: a keyring without it", "unknown_key")?;
        self.opens(&other, &renewed, TAKE_OVER, "tokens of the new key", "§11.5 [RING-17]").map(drop)
    }

    fn moment(&self, seconds: u64) -> Result<UnixTime, Failure> {
        Ok(UnixTime::new(self.start + seconds)?)
    }

    /// States which key seals at a moment, by the first digits of its key id.
    fn seals(&mut self, sealer: &Sealer, time: u64, what: &str, id: &str, section: &str) -> Result<String, Failure> {
        let token = at(sealer, self.moment(time)?).seal(&self.payload, secs(TTL))?;
        self.checks.is(&format!("{}  {what}", hms(time)), key_id(&token)?, id, section)?;
        Ok(token)
    }

    fn opens(&mut self, by: &Sealer, token: &str, time: u64, what: &str, section: &str) -> Result<Claims, Failure> {
        let opened = at(by, self.moment(time)?).unseal(token);
        self.checks.opened(&format!("{}  {what}", hms(time)), opened, &self.payload, section)
    }

    fn refuses(&mut self, by: &Sealer, token: &str, time: u64, what: &str, code: &str) -> Step {
        let opened = at(by, self.moment(time)?).unseal(token);
        self.checks.refused(&format!("{}  {what}", hms(time)), opened, code)
    }
}

/// What a running server does when its secret file has changed; `Site::watching` does it by itself. A document that does
/// not parse changes nothing.
fn reload(site: &Site, document: &str) -> Result<usize, KeyringError> {
    site.reload(document)?;
    Ok(Keyring::parse(document)?.entries().len())
}

/// Makes a site with the story's clock. A server leaves `clock` out.
fn shop(keyring: Keyring) -> Result<Site, SetupError> {
    Ok(Site::new(keyring, "shop.example")?.clock(|| UnixTime::new(CLOCK.load(Ordering::Relaxed)).ok()))
}

/// Sets the clock for the calls that follow.
fn at<M>(maker: &M, now: UnixTime) -> &M {
    CLOCK.store(now.as_secs(), Ordering::Relaxed);
    maker
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
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
    UntrustedToken::parse(token, LIMIT_DEFAULT).map(|token| short(token.key_id))
}

fn short(id: KeyId) -> String {
    id.to_string().chars().take(8).collect()
}
