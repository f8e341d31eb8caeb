//! The shop: what stands in the session, who exists, and the page.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use cretula::{Answer, ErrorCode, Key, Sessions, Site, UnixTime};
use cretula_middleware::{Check, Event, Middleware};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The application's part of the session.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shop {
    pub visits: u64,
    pub basket: Vec<String>,
}

pub type Session = cretula::Session<Shop>;
/// Reaches the session of a request.
pub type Handle = cretula_middleware::SessionHandle<Shop>;

/// A page with a Cache-Control of its own, `max-age=60`.
pub const HELP: &str = "Put something into the basket.\n";

/// What the server has: a keyring, and a table of users.
pub struct App {
    pub sessions: Sessions<Shop>,
    /// Seconds by which the clock is ahead, for the tests. A server leaves `clock` out.
    pub ahead: Arc<AtomicI64>,
    /// Sub and session generation. Password and all else: see the example `sign-on`.
    users: Mutex<HashMap<String, u64>>,
    log: Mutex<Vec<&'static str>>,
}

impl App {
    /// The key is gone with the process, and so are all sessions. A server reads its keyring from a secret.
    pub fn new() -> Result<Arc<Self>, Error> {
        let ahead = Arc::new(AtomicI64::new(0));
        let reading = ahead.clone();
        let site = Site::new(Key::generate()?, "shop.example")?.clock(move || {
            let now = UnixTime::try_from(SystemTime::now()).ok()?.as_secs();
            UnixTime::new(now.checked_add_signed(reading.load(Ordering::Relaxed))?).ok()
        });
        Ok(Arc::new(Self { sessions: site.sessions().build()?, ahead, users: Mutex::default(), log: Mutex::default() }))
    }

    /// The user's present session generation; a guest needs none. A server asks its database, which may fail.
    pub async fn answer(&self, sub: Option<&str>) -> Result<Answer, Error> {
        let Some(sub) = sub else { return Ok(Answer::Unanswered) };
        Ok(lock(&self.users).get(sub).map_or(Answer::Denied, |generation| Answer::Generation(*generation)))
    }

    /// What all frameworks share: the check, and what goes into the log.
    pub fn middleware(self: &Arc<Self>) -> Middleware<Shop> {
        let (users, log) = (self.clone(), self.clone());
        let check = move |check: Check| {
            let users = users.clone();
            async move { users.answer(check.sub.as_deref()).await }
        };
        Middleware::new(self.sessions.clone(), check).on_event(move |event| match event {
            Event::Refused(reason) => log.log(reason),
            Event::NotWritten(error) => log.log(*error),
            _ => {}
        })
    }

    /// Takes the code of a refusal or an error: never the token.
    fn log(&self, error: &impl ErrorCode) {
        eprintln!("session: {}", error.code());
        lock(&self.log).push(error.code());
    }

    /// The codes since the last call.
    pub fn logged(&self) -> Vec<&'static str> {
        std::mem::take(&mut *lock(&self.log))
    }

    pub fn visit(&self, session: &mut Session) -> String {
        session.data_mut().visits += 1;
        self.page(session)
    }

    pub fn basket(&self, session: &mut Session, item: &str) -> String {
        session.data_mut().basket.push(item.to_owned());
        self.page(session)
    }

    /// Anybody may be anyone here. The basket comes along, the visits do not.
    pub fn sign_on(&self, session: &mut Session, sub: &str) -> String {
        let generation = *lock(&self.users).entry(sub.to_owned()).or_default();
        let basket = std::mem::take(&mut session.data_mut().basket);
        // Refused, it leaves the session as it is, so the basket goes back in any case.
        let refused = session.sign_on(sub, generation).err();
        session.data_mut().basket = basket;
        refused.map_or_else(|| self.page(session), |error| error.to_string())
    }

    pub fn sign_off(&self, session: &mut Session) -> String {
        session.sign_off();
        self.page(session)
    }

    /// Closes every session of the user, in this and all other browsers.
    pub fn sign_off_everywhere(&self, session: &mut Session) -> String {
        if let Some(user) = session.user() {
            *lock(&self.users).entry(user.sub.clone()).or_default() += 1;
        }
        self.sign_off(session)
    }

    pub fn page(&self, session: &Session) -> String {
        let user = session.user().map_or("guest", |user| user.sub.as_str());
        let mut page = format!(
            "<!doctype html><meta charset=utf-8><title>Shop</title>\n<p>user: {}\n<p>visits: {}\n<p>basket: {}\n",
            escape(user),
            session.data().visits,
            escape(&session.data().basket.join(", ")),
        );
        for (action, input) in
            [("visit", ""), ("basket", "item"), ("sign-on", "sub"), ("sign-off", ""), ("sign-off-everywhere", "")]
        {
            let input = if input.is_empty() { String::new() } else { format!("<input name={input} required>") };
            // Writing to a String does not fail.
            let _ = writeln!(page, "<form method=post action=/{action}>{input}<button>{action}</button></form>");
        }
        page
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
