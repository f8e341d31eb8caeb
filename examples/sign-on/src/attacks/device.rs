//! A copy of all cookies, of a session that is bound to its device.

use std::sync::atomic::Ordering;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};

use super::{
    PASSWORD, Siege,
    browser::{Browser, Said},
};
use crate::failure::Failure;

const START: &str = "/device-binding/start";
const REFRESH: &str = "/device-binding/refresh";
/// A challenge lives for so many seconds.
const CHALLENGE: i64 = 60;

/// The thief has every cookie, the device token and an answer of the device, which no cookie jar holds; not its key.
pub async fn stolen_jar(siege: &mut Siege) -> Result<(), Failure> {
    let mut owner = Device::new(siege.browser(), 7)?;
    let fields = [("email", "carol@example.org"), ("name", "Victim"), ("password", PASSWORD)];
    let offer = owner.browser.offered("/register", &fields).await?;
    let challenge = quoted(&offer, "challenge=").ok_or("no challenge")?.to_owned();
    let registration = owner.registration(&challenge)?;
    owner.bind(&registration).await?;
    let (captured, said) = owner.refreshed().await?;
    siege.row("bound", "A browser binds its session, and proves its key again", "200", said.text);

    let mut thief = Device { browser: owner.browser.clone(), id: owner.id.clone(), ..Device::new(siege.browser(), 8)? };
    let field = thief.browser.field();
    siege.ask("jar", "The stolen cookie jar: all cookies of a bound session, copied", "opened", &field).await?;

    siege.app.ahead.store(CHALLENGE + 1, Ordering::Relaxed);
    let said = thief.post(REFRESH, Some(&captured)).await?;
    siege.row("jar-replay", "An answer of the device sent again after a minute", "403 challenge_invalid", said.text);
    siege.app.ahead.store(601, Ordering::Relaxed);
    siege.ask("jar-late", "The stolen cookie jar after ten minutes", "unproven", &field).await?;
    let (_, said) = thief.refreshed().await?;
    siege.row("jar-extend", "The thief asks for a new proof, with another key", "401 jwt_signature", said.text);
    let registration = thief.registration(&thief.challenge().await?)?;
    let said = thief.post(START, Some(&registration)).await?;
    siege.row("jar-register", "The thief registers that key for the session", "401 challenge_invalid", said.text);
    let done = "The stolen cookie jar after all of that";
    siege.ask("jar-dead", done, "unproven", &thief.browser.field()).await?;

    owner.refreshed().await?;
    let field = owner.browser.field();
    siege.ask("jar-owner", "The browser itself, after ten minutes: it proves its key", "opened", &field).await?;
    siege.app.ahead.store(0, Ordering::Relaxed);
    Ok(())
}

/// A browser with a key. `id` is the device token.
struct Device {
    browser: Browser,
    key: SigningKey,
    id: String,
}

impl Device {
    fn new(browser: Browser, number: u8) -> Result<Self, Failure> {
        Ok(Self { browser, key: SigningKey::from_slice(&[number; 32])?, id: String::new() })
    }

    async fn bind(&mut self, registration: &str) -> Result<(), Failure> {
        let said = self.post(START, Some(registration)).await?;
        let body: Value = serde_json::from_str(&said.body)?;
        self.id = body["session_identifier"].as_str().ok_or("no device token")?.to_owned();
        Ok(())
    }

    /// Asks for a challenge and answers it; tells the answer, and what came of it.
    async fn refreshed(&mut self) -> Result<(String, Said), Failure> {
        let challenge = self.challenge().await?;
        let answer = self.jwt(&json!({"alg": "ES256", "typ": "dbsc+jwt"}), &challenge)?;
        let said = self.post(REFRESH, Some(&answer)).await?;
        Ok((answer, said))
    }

    async fn challenge(&self) -> Result<String, Failure> {
        let said = self.browser.clone().prove(REFRESH, &[("sec-secure-session-id", &self.id)]).await?;
        let field = said.headers.get("secure-session-challenge").ok_or("no challenge")?.to_str()?;
        Ok(quoted(field, "").ok_or("no challenge")?.to_owned())
    }

    async fn post(&mut self, path: &str, jwt: Option<&str>) -> Result<Said, Failure> {
        let mut fields: Vec<_> = jwt.map(|jwt| ("secure-session-response", jwt)).into_iter().collect();
        if path == REFRESH {
            fields.push(("sec-secure-session-id", &self.id));
        }
        self.browser.prove(path, &fields).await
    }

    /// The JWT of a registration: it brings the key.
    fn registration(&self, challenge: &str) -> Result<String, Failure> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (Some(x), Some(y)) = (point.x(), point.y()) else { return Err("a point without coordinates".into()) };
        let jwk = json!({"crv": "P-256", "kty": "EC", "x": base64url(x), "y": base64url(y)});
        self.jwt(&json!({"alg": "ES256", "jwk": jwk, "typ": "dbsc+jwt"}), challenge)
    }

    fn jwt(&self, header: &Value, challenge: &str) -> Result<String, Failure> {
        let claims = json!({"jti": challenge});
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature: Signature = self.key.sign(signed.as_bytes());
        Ok(format!("{signed}.{}", base64url(signature.to_bytes())))
    }
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What stands in quotation marks behind `name`.
fn quoted<'a>(field: &'a str, name: &str) -> Option<&'a str> {
    field.split_once(&format!("{name}\""))?.1.split('"').next()
}
