//! Attacks with odd values in the right cookie, and right values in odd ones.

use std::{sync::Arc, time::SystemTime};

use cretula::{ErrorCode as _, Key, Keyring};

use super::{RETURN, SECOND, SESSION, Siege};
use crate::{App, failure::Failure, keys, router};

/// The token itself is touched.
pub async fn token(siege: &mut Siege) -> Result<(), Failure> {
    let alice = siege.registered("alice@example.org").await?.cookie(SESSION)?;
    let cut = |length| alice.get(..length).unwrap_or_default();
    siege.ask("untouched", "A session’s cookie, as it was set", "opened", &pair(SESSION, &alice)).await?;
    let field = pair(SESSION, &touched(&alice, alice.len() / 2));
    siege.ask("tampered", "One character in the middle changed", "auth_failed", &field).await?;
    let field = pair(SESSION, &touched(&alice, 10));
    siege.ask("key-id-tampered", "One character of the key id changed", "unknown_key", &field).await?;
    // At a multiple of four, so that what is left is good base64url.
    let field = pair(SESSION, cut((alice.len() - 4) / 4 * 4));
    siege.ask("cut", "The last characters cut off", "auth_failed", &field).await?;
    siege.ask("cut-to-40", "All but forty characters cut off", "too_short", &pair(SESSION, cut(40))).await?;
    siege.ask("no-token", "A cookie that says admin=true", "not_a_token", &pair(SESSION, "admin=true")).await?;

    let mut guest = siege.browser();
    guest.get("/account").await?;
    let field = pair(SESSION, &guest.cookie(RETURN)?);
    siege.ask("return-as-session", "A return-url token in the session’s cookie", "unknown_key", &field).await?;
    let opened = siege.app.return_url.open([pair(RETURN, &alice)]);
    let said = opened.map_or_else(|reason| reason.code(), |_| "opened");
    siege.row("session-as-return", "A session’s token in the return-url cookie", "unknown_key", said);
    Ok(())
}

/// Several cookies, or another name.
pub async fn cookies(siege: &mut Siege) -> Result<(), Failure> {
    let alice = siege.signed_on("alice@example.org").await?.cookie(SESSION)?;
    let mut guest = siege.browser();
    guest.post("/basket/add", &[("product", "wax")]).await?;
    let other = guest.cookie(SESSION)?;

    let field = format!("{}; {}", pair(SESSION, &other), pair(SESSION, &alice));
    siege.ask("tossed", "Two valid cookies of different sessions", "ambiguous", &field).await?;
    let five: Vec<_> = (0..5).map(|at| pair(SESSION, &touched(&alice, alice.len() - 1 - at))).collect();
    siege.ask("tossed-5", "Five different cookies of the name", "ambiguous", &five.join("; ")).await?;
    let field = format!("{}; {}", pair(SESSION, "junk"), pair(SESSION, &alice));
    siege.ask("junk-first", "Junk of the same name before the good cookie", "opened", &field).await?;
    let field = format!("%;;=; \"; a=\"b; {}; {}", pair(SESSION, &alice), pair(SESSION, &alice));
    siege.ask("odd-neighbours", "The good cookie twice, among broken foreign ones", "opened", &field).await?;
    siege
        .ask(
            "percent",
            "The name percent-encoded: __%48ost-Http-session",
            "absent",
            &pair("__%48ost-Http-session", &alice),
        )
        .await?;
    siege
        .ask("case", "The name in another case: __host-http-session", "absent", &pair("__host-http-session", &alice))
        .await
}

/// Parts of two sessions too large for one cookie.
pub async fn two_cookies(siege: &mut Siege) -> Result<(), Failure> {
    let mut writer = siege.browser();
    let mut parts = Vec::new();
    for letter in ["a", "b"] {
        writer.post("/notes", &[("notes", &letter.repeat(3_500))]).await?;
        parts.push((writer.cookie(SESSION)?, writer.cookie(SECOND)?));
    }
    let [(first_a, second_a), (first_b, second_b)] = parts.as_slice() else { return Err("two were written".into()) };
    let both = |first: &str, second: &str| format!("{}; {}", pair(SESSION, first), pair(SECOND, second));
    siege.ask("large", "A session in two cookies, as they were set", "opened", &both(first_a, second_a)).await?;
    let field = both(first_a, second_b);
    siege.ask("parts-mixed", "First cookie of one writing, second of another", "chunks", &field).await?;
    // `2.` id `.` first part: the id of b before the part of a.
    let forged = format!("{}{}", first_b.get(..11).unwrap_or_default(), first_a.get(11..).unwrap_or_default());
    let field = both(&forged, second_b);
    siege.ask("parts-forged", "The same, with the id forged to match", "auth_failed", &field).await?;
    siege.ask("part-missing", "The second cookie missing", "chunks", &pair(SESSION, first_a)).await?;
    let twice = format!("{}; {}", both(first_a, second_a), pair(SECOND, &touched(second_a, second_a.len() - 1)));
    siege.ask("part-twice", "Two different second cookies of the same id", "chunks", &twice).await
}

/// Keys that are not, or no longer, in the ring.
pub async fn keys(siege: &mut Siege) -> Result<(), Failure> {
    let stranger = Arc::new(App::in_memory(siege.app.config.clone(), Keyring::from(Key::generate()?))?);
    let mut visitor = super::Browser::new(router(&stranger));
    visitor.post("/basket/add", &[("product", "ring")]).await?;
    let field = visitor.field();
    siege.ask("unknown-key", "A session that another key sealed", "unknown_key", &field).await?;

    let field = siege.signed_on("alice@example.org").await?.field();
    let ring = siege.app.keys.ring();
    let sealing = ring.entries().first().and_then(keys::key_id);
    let id = sealing.ok_or("no key")?.to_string();
    let app = Arc::clone(&siege.app);
    app.exchange(&app.keys.retire(&id, SystemTime::now().try_into()?)?);
    siege.ask("retired-key", "A good session, after its key was ended", "key_inactive", &field).await
}

fn pair(name: &str, value: &str) -> String {
    format!("{name}={value}")
}

/// Changes one character.
fn touched(text: &str, at: usize) -> String {
    let swap = |letter| if letter == 'A' { 'B' } else { 'A' };
    text.chars().enumerate().map(|(i, letter)| if i == at { swap(letter) } else { letter }).collect()
}
