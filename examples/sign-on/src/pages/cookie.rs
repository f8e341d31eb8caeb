//! What the cookie of this request holds.

use axum::{
    extract::State,
    http::{HeaderMap, header},
};
use cretula::{ErrorCode as _, UnixTime};
use maud::{Markup, html};

use super::{duration, page};
use crate::{App, Shared, failure::Failure, now, sessions::Visit};

pub async fn show(State(app): State<Shared>, visit: Visit, headers: HeaderMap) -> Result<Markup, Failure> {
    let cookies = ours(&app, &headers);
    let content = html! {
        h1 { "Your cookie" }
        p.lead { "Nobody but this server can read it. This is what it reads in the cookie that came with this request." }
        (sizes(&cookies))
        (members(&visit)?)
        p.small { "The page was made from this state; if it writes the session again, " code { "rev" } " is one more next time." }
    };
    Ok(page(&visit, "Cookie", content))
}

/// Name and number of octets of name and value of each cookie of ours, as received.
fn ours(app: &App, headers: &HeaderMap) -> Vec<(String, usize)> {
    let name = app.sessions.cookie_name();
    let names = [name.to_owned(), format!("{name}.1"), format!("{name}.end"), app.config.return_name().to_owned()];
    let mut found = Vec::new();
    for field in headers.get_all(header::COOKIE) {
        for pair in String::from_utf8_lossy(field.as_bytes()).split(';') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let name = name.trim_matches([' ', '\t']);
            if names.iter().any(|it| it == name) {
                found.push((name.to_owned(), name.len() + value.trim_matches([' ', '\t']).len()));
            }
        }
    }
    found
}

fn sizes(cookies: &[(String, usize)]) -> Markup {
    html! {
        table data-testid="cookies" {
            thead { tr { th { "Cookie" } th.number { "Octets of name and value" } } }
            tbody {
                @for (name, octets) in cookies {
                    tr data-testid="cookie" {
                        td { code { (name) } }
                        td.number data-testid={ "octets-" (name) } { (octets) }
                    }
                }
            }
        }
        @if cookies.is_empty() { p data-testid="no-cookie" { "None came." } }
    }
}

fn members(visit: &Visit) -> Result<Markup, Failure> {
    let session = visit.session();
    let (Some(sid), Some(info)) = (session.sid(), session.info()) else {
        let reason = session.reason().map_or("none", |reason| reason.code());
        return Ok(html! {
            p { "No session came with this request: " code data-testid="reason" { (reason) } "." }
            p.small { "A real server keeps this word for its log." }
        });
    };
    let left = |time: UnixTime| time.as_secs().saturating_sub(now());
    let (idle, end) = (info.expires_at, info.end);
    let data = serde_json::to_string_pretty(session.data())?;
    let user = session.user();
    let mut rows = vec![
        ("sid", sid.to_owned(), "names the session".to_owned()),
        ("rev", info.rev.to_string(), "how often it was sealed".into()),
        ("start", info.start.to_string(), "when it began".into()),
        ("end", end.to_string(), format!("its absolute end, in {}", duration(left(end)))),
        ("idle-end", idle.to_string(), format!("if nothing is asked for, it ends in {}", duration(left(idle)))),
        ("idle-left", left(idle).to_string(), "the same, in seconds".into()),
        ("absolute-left", left(end).to_string(), "until the absolute end, in seconds".into()),
        ("key-id", info.key_id.to_string(), "which key sealed it".into()),
    ];
    if let Some(user) = user {
        rows.push(("sub", user.sub.clone(), "who is signed on".into()));
        rows.push(("gen", user.generation.to_string(), "the session generation of that user".into()));
        rows.push(("auth_time", user.auth_time.to_string(), "when they last proved who they are".into()));
    }
    Ok(html! {
        table.facts data-testid="members" {
            tbody {
                @for (name, value, text) in &rows {
                    tr { th scope="row" { (name) } td.long { code data-testid={ "member-" (name) } { (value) } } td { (text) } }
                }
                tr { th scope="row" { "data" } td.long colspan="2" { pre data-testid="member-data" { (data) } } }
            }
        }
    })
}
