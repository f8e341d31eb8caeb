//! The server attacks a server like itself, in memory, and writes down what that one says.

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use cretula::{Key, KeyEntry, Keyring};

use crate::{
    App, Shared,
    config::{Config, Profile},
    failure::Failure,
    router,
};

mod browser;
mod device;
mod ending;
mod values;

use browser::Browser;

const SESSION: &str = "__Host-Http-session";
const SECOND: &str = "__Host-Http-session.1";
const RETURN: &str = "__Host-Http-return-url";
const PASSWORD: &str = "correct horse battery";

/// One attack.
pub struct Row {
    pub id: &'static str,
    pub done: &'static str,
    pub expected: &'static str,
    pub said: String,
}

impl Row {
    pub fn held(&self) -> bool {
        self.said == self.expected
    }
}

/// The server under attack, and what came of it so far.
struct Siege {
    app: Shared,
    router: Router,
    rows: Vec<Row>,
}

impl Siege {
    fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    async fn registered(&self, email: &str) -> Result<Browser, Failure> {
        let mut browser = self.browser();
        browser.post("/register", &[("email", email), ("name", "Victim"), ("password", PASSWORD)]).await?;
        browser.get("/account").await?;
        Ok(browser)
    }

    async fn signed_on(&self, email: &str) -> Result<Browser, Failure> {
        let mut browser = self.browser();
        browser.post("/sign-on", &[("email", email), ("password", PASSWORD)]).await?;
        browser.get("/account").await?;
        Ok(browser)
    }

    fn row(&mut self, id: &'static str, done: &'static str, expected: &'static str, said: impl Into<String>) {
        self.rows.push(Row { id, done, expected, said: said.into() });
    }

    /// Sends a Cookie field to the whole server.
    async fn ask(
        &mut self,
        id: &'static str,
        done: &'static str,
        expected: &'static str,
        field: &str,
    ) -> Result<(), Failure> {
        let said = browser::ask(&self.router, field).await?;
        self.row(id, done, expected, said);
        Ok(())
    }
}

/// Carries out all attacks.
pub async fn run() -> Result<Vec<Row>, Failure> {
    let config = Config {
        port: 0,
        data: PathBuf::new(),
        keys_file: PathBuf::new(),
        profile: Profile::Production,
        idle: Duration::from_secs(1_800),
        absolute: Duration::from_secs(86_400),
        reauth: Duration::from_secs(120),
        proof: Duration::from_secs(600),
        tls: None,
    };
    // Two keys: one of them is retired under a living session.
    let ring = Keyring::new([KeyEntry::from(Key::generate()?), KeyEntry::from(Key::generate()?)])?;
    let app = Arc::new(App::in_memory(config, ring)?);
    let mut siege = Siege { router: router(&app), app, rows: Vec::new() };
    device::stolen_jar(&mut siege).await?;
    values::token(&mut siege).await?;
    values::cookies(&mut siege).await?;
    values::two_cookies(&mut siege).await?;
    ending::sign_off(&mut siege).await?;
    ending::clocks(&mut siege).await?;
    ending::rollback(&mut siege).await?;
    ending::forms(&mut siege).await?;
    values::keys(&mut siege).await?;
    Ok(siege.rows)
}
