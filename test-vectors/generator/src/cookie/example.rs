//! The example of the specification (§20.7): a sign-on, a request, a sign-off, with every line.

use std::fmt::Write as _;

use super::{
    jar::{Cookie, DEFAULT},
    reference::{self, Drawn, Written},
};
use crate::{
    json::hex,
    session::{
        START,
        action::{Action, set_data, sign_on},
        drawn_sid,
        reference::{Request, without_proofs},
        setup,
    },
    vector::nonce,
};

/// Stands before the generated text.
pub const SESSION_BEGIN: &str = "<!-- session-example:begin -->";
/// Stands after it.
pub const SESSION_END: &str = "<!-- session-example:end -->";

/// Returns the generated text.
///
/// # Panics
/// Never: it writes to memory, and its sessions open.
#[must_use]
pub fn session_example() -> String {
    let (setup, cookie) = (setup(), Cookie::named(DEFAULT));
    let mut held: Option<String> = None;
    let mut text = String::new();
    let steps: [(&str, u64, &[Action]); 3] = [
        ("Ada signs on", START, &[sign_on("ada", 7), set_data("{\"basket\":[17,4]}")]),
        ("A page, 1 000 seconds later: more than half the window is over", START + 1000, &[]),
        ("Ada signs off, 500 seconds later", START + 1500, &[Action::SignOff]),
    ];
    for (number, (title, now, actions)) in steps.into_iter().enumerate() {
        let field = held.as_ref().map(|token| format!("{}={token}", cookie.name));
        let fields: Vec<_> = field.iter().map(|field| field.as_bytes().to_vec()).collect();
        let (opened, others) = reference::read(&setup, &cookie, &fields, now);
        let (mut request, answer) = Request::begin(&setup, opened, &others, now, without_proofs);
        for action in actions {
            request.apply(action).expect("an action of the example");
        }
        let id = format!("session-example/{number}");
        let drawn = Drawn { id: id.clone(), sid: drawn_sid(&id), chunk_id: String::new() };
        let Written { lines, payload, .. } =
            reference::write(&setup, &cookie, &fields, &request, now, Some(&drawn), false).expect("a response");
        let mut rows = vec![("now".to_owned(), now.to_string())];
        rows.extend(field.map(|field| ("Cookie".to_owned(), field)));
        rows.push(("opens".to_owned(), answer.err().unwrap_or("yes").to_owned()));
        if let Some(payload) = payload {
            rows.push(("payload".to_owned(), payload));
            rows.push(("salt".to_owned(), hex(&nonce("salt", &id))));
            rows.push(("iv".to_owned(), hex(&nonce("iv", &id))));
        }
        rows.extend(lines.iter().map(|line| ("Set-Cookie".to_owned(), line.clone())));
        rows.extend([("Vary", "Cookie"), ("Cache-Control", "no-store")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        rows.extend(request.ended().iter().map(|(sid, end)| ("deny-list".to_owned(), format!("{sid} until {end}"))));
        writeln!(text, "\n**{title}.**\n\n```").expect("writes to memory");
        for (name, value) in rows {
            let mut name = &name[..];
            for part in value.as_bytes().chunks(100) {
                writeln!(text, "{name:13}  {}", String::from_utf8_lossy(part)).expect("writes to memory");
                name = "";
            }
        }
        text.push_str("```\n");
        let value = lines.first().and_then(|line| line.split_once('=')).and_then(|(_, rest)| rest.split_once(';'));
        held = value.map(|(token, _)| token.to_owned()).filter(|token| !token.is_empty());
    }
    text.push('\n');
    text
}
