//! Key rotation while users stay signed on. A real server puts this behind its operators' own sign-on, or has no such
//! page at all: the server reads the keyring file again by itself.

use axum::{Form, extract::State, response::Redirect};
use std::time::{Duration, SystemTime};

use cretula::{ErrorCode as _, KeyEntry, Keyring, Rotation, UnixTime};
use maud::{Markup, html};
use serde::Deserialize;

use super::{duration, page};
use crate::{Shared, failure::Failure, keys, sessions::Visit};

/// Longest time until every server has read a new document, and its clock shows the same. One server, one second.
const GRACE: u64 = 2;

#[derive(Deserialize)]
pub struct Add {
    /// Seconds until the new key seals.
    delay: u32,
}

#[derive(Deserialize)]
pub struct Retire {
    id: String,
    /// `now`, or `later`: when no session of it can be alive any more.
    when: String,
}

pub async fn show(State(app): State<Shared>, visit: Visit) -> Result<Markup, Failure> {
    let (ring, now) = (app.keys.ring(), UnixTime::try_from(SystemTime::now())?);
    let denied = app.users.denied().await?;
    let reload_grace = Duration::from_secs(GRACE);
    let rotation = Rotation { longest_ttl: app.config.idle, reload_grace, ..Rotation::default() };
    let rows = ring.entries().iter().enumerate().map(|(at, entry)| row(&ring, at, entry, now));
    let warnings = ring.warnings(now, rotation)?;
    let content = html! {
        h1 { "Operator" }
        p.lead { "Change the key under the feet of signed-on users: they notice nothing." }
        table data-testid="keys" {
            thead { tr { th { "Key id of sessions" } th { "State" } th { "Seals from" } th { "Accepted" } th { "" } } }
            tbody { @for row in rows { (row) } }
        }
        @for warning in &warnings {
            p.fault data-testid="warning" { code { (warning.kind.code()) } ": key " (warning.entry + 1) }
        }
        form.inline method="post" action="/operator/add" {
            label for="delay" { "New key, to seal in" }
            input id="delay" name="delay" type="number" min="0" max="86400" value="0" required;
            " seconds "
            button data-testid="add-key" { "Add key" }
        }
        p { "Denied sessions: " strong data-testid="denied" { (denied) } }
        p.small { "Open to everybody here, because this server listens on the loopback interface only." }
    };
    Ok(page(&visit, "Operator", content))
}

pub async fn add(State(app): State<Shared>, visit: Visit, Form(add): Form<Add>) -> Result<Redirect, Failure> {
    let from = UnixTime::new(crate::now() + u64::from(add.delay))?;
    app.exchange(&app.keys.add(from)?);
    visit.notice("A new key is in the ring.");
    Ok(Redirect::to("/operator"))
}

pub async fn retire(State(app): State<Shared>, visit: Visit, Form(it): Form<Retire>) -> Result<Redirect, Failure> {
    let (ring, now) = (app.keys.ring(), UnixTime::try_from(SystemTime::now())?);
    let sealing = ring.sealing_entry(now).and_then(|at| ring.entries().get(at));
    let Some(sealing) = sealing.filter(|entry| id(entry) != it.id) else {
        visit.notice("This key seals; add another first.");
        return Ok(Redirect::to("/operator"));
    };
    let life = app.config.idle.as_secs() + GRACE;
    let end = if it.when == "now" { now.as_secs() } else { sealing.seal_from.max(now).as_secs() + life };
    app.exchange(&app.keys.retire(&it.id, UnixTime::new(end)?)?);
    visit.notice("The key is retired.");
    Ok(Redirect::to("/operator"))
}

fn id(entry: &KeyEntry) -> String {
    keys::key_id(entry).map(|id| id.to_string()).unwrap_or_default()
}

fn row(ring: &Keyring, at: usize, entry: &KeyEntry, now: UnixTime) -> Markup {
    let id = id(entry);
    let seals = ring.sealing_entry(now) == Some(at);
    let state = match (seals, entry.is_accepted(now)) {
        (true, _) => "seals",
        (_, true) if entry.seal_from > now => "waits",
        (_, true) => "opens",
        _ => "ended",
    };
    let from = match entry.seal_from.as_secs().checked_sub(now.as_secs()) {
        None | Some(0) => "now".into(),
        Some(left) => format!("in {}", duration(left)),
    };
    let until = match entry.accept_until.map(|end| end.as_secs().saturating_sub(now.as_secs())) {
        None => "without end".into(),
        Some(0) => "no more".into(),
        Some(left) => format!("for {}", duration(left)),
    };
    html! {
        tr data-testid="key" data-key-id=(id) data-state=(state) {
            td.long { code { (id) } }
            td data-testid="key-state" { (state) }
            td { (from) }
            td { (until) }
            td {
                @if state == "opens" && entry.accept_until.is_none() { (retire_button(&id, "later", "Retire")) }
                @if state == "opens" { (retire_button(&id, "now", "End now")) }
            }
        }
    }
}

fn retire_button(id: &str, when: &str, label: &str) -> Markup {
    html! {
        form method="post" action="/operator/retire" {
            input type="hidden" name="id" value=(id);
            input type="hidden" name="when" value=(when);
            button.quiet data-testid={ "retire-" (when) } { (label) }
        }
    }
}
