//! Attacks on the end of a session, on its clock, on what it held, and on forms.

use std::sync::atomic::Ordering;

use cretula::{Answer, ErrorCode as _, NotNow, Opening};

use super::{RETURN, Siege, browser};
use crate::{
    failure::Failure,
    sessions::{Session, Shop},
};

/// Copies of a session that its user ended.
pub async fn sign_off(siege: &mut Siege) -> Result<(), Failure> {
    let mut victim = siege.registered("bob@example.org").await?;
    let copy = victim.field();
    let opening = siege.app.sessions.open([&copy]);
    let said = code(&opening.checked(Answer::Unanswered).unwrap_or_else(NotNow::into_guest));
    siege.row("no-answer", "A good session while the database gives no answer", "unchecked", said);

    victim.post("/sign-off", &[]).await?;
    let late = format!("{}; {copy}", victim.field());
    let said = code(&unchecked(siege.app.sessions.open([&late])));
    siege.row("late", "A late response sets the cookie again after sign-off, no check made", "signed_off", said);
    let said = code(&unchecked(siege.app.sessions.open([&copy])));
    let done = "A copy from before the sign-off, in another browser, no check made: it lives on until its end";
    siege.row("replay-unchecked", done, "opened", said);
    siege.ask("replay-denied", "The same copy, with the deny-list asked", "signed_off", &copy).await?;

    let copy = siege.signed_on("bob@example.org").await?.field();
    let mut other = siege.signed_on("bob@example.org").await?;
    other.post("/sign-off-everywhere", &[]).await?;
    siege.ask("replay-revoked", "A copy from before “sign off everywhere”", "revoked", &copy).await
}

/// Too late, too early, and for ever.
pub async fn clocks(siege: &mut Siege) -> Result<(), Failure> {
    let field = siege.signed_on("alice@example.org").await?.field();
    let sessions = &siege.app.sessions;
    let open = |field: &str, ahead: i64| {
        siege.app.ahead.store(ahead, Ordering::Relaxed);
        unchecked(sessions.open([field]))
    };
    let (late, early) = (code(&open(&field, 1_801)), code(&open(&field, -3_600)));

    let (mut busy, mut ahead) = (field, 0);
    while ahead < 86_400 {
        ahead += 1_500;
        let committed = sessions.commit(open(&busy, ahead))?;
        let line = committed.headers().find(|(name, _)| *name == "set-cookie").map(|(_, line)| line);
        if let Some(pair) = line.and_then(|line| line.split(';').next()) {
            busy = pair.into();
        }
    }
    let busy = code(&open(&busy, ahead));
    siege.app.ahead.store(0, Ordering::Relaxed);
    siege.row("idle", "A session left alone for half an hour", "expired", late);
    siege.row("future", "A session from a server whose clock is an hour ahead", "issued_in_future", early);
    siege.row("absolute", "A session kept busy every 25 minutes, for a day", "expired", busy);
    Ok(())
}

/// An earlier cookie put back.
pub async fn rollback(siege: &mut Siege) -> Result<(), Failure> {
    let mut visitor = siege.browser();
    visitor.post("/basket/add", &[("product", "clay")]).await?;
    visitor.post("/notes", &[("notes", "first")]).await?;
    let earlier = visitor.jar.clone();
    visitor.post("/basket/add", &[("product", "wax")]).await?;
    visitor.post("/notes", &[("notes", "second")]).await?;

    visitor.jar = earlier;
    visitor.get("/basket").await?;
    let session = unchecked(siege.app.sessions.open([visitor.field()]));
    let products = session.data().basket.len().to_string();
    let notes = session.data().notes.clone();
    siege.row("rollback-memory", "An earlier cookie put back: products in the basket, kept in memory", "2", products);
    let done = "The same: the notes, kept in the cookie alone. They go back, and nothing can tell";
    siege.row("rollback-cookie", done, "first", notes);
    Ok(())
}

/// Posts from elsewhere, and ways back to elsewhere.
pub async fn forms(siege: &mut Siege) -> Result<(), Failure> {
    let field = siege.signed_on("alice@example.org").await?.field();
    let said = browser::forge(&siege.router, "/sign-off", &field, "cross-site").await?;
    siege.row("cross-site", "A post from another site, with the victim’s cookies", "403", said);
    let said = browser::forge(&siege.router, "/sign-on", "", "same-site").await?;
    siege.row("same-site", "A sign-on form posted from a neighbouring subdomain", "403", said);

    let ids = [
        ("return-host", "Sign-on asked to go back to //evil.example", "//evil.example"),
        ("return-backslash", "Sign-on asked to go back to /\\evil.example", "/%5Cevil.example"),
        ("return-tab", "Sign-on asked to go back to /<tab>/evil.example", "/%09/evil.example"),
        ("return-scheme", "Sign-on asked to go back to https://evil.example", "https://evil.example"),
    ];
    for (id, done, path) in ids {
        let mut visitor = siege.browser();
        visitor.get(&format!("/sign-on?return={path}")).await?;
        let said = if visitor.jar.contains_key(RETURN) { "remembered" } else { "ignored" };
        siege.row(id, done, "ignored", said);
    }
    Ok(())
}

fn unchecked(opening: Opening<Shop>) -> Session {
    opening.unchecked().unwrap_or_else(NotNow::into_guest)
}

fn code(session: &Session) -> &'static str {
    session.reason().map_or("opened", |reason| reason.code())
}
