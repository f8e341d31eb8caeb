//! The pages. Elements that a test looks for have an `id` or a `data-testid`; the README lists them.

use maud::{DOCTYPE, Markup, html};

use crate::sessions::Visit;

pub mod account;
pub mod attacks;
pub mod basket;
pub mod cookie;
pub mod home;
pub mod notes;
pub mod operator;
pub mod password;
pub mod refusal;
pub mod sign_on;

const NAVIGATION: [(&str, &str, &str); 7] = [
    ("/", "Shop", "nav-shop"),
    ("/basket", "Basket", "nav-basket"),
    ("/notes", "Notes", "nav-notes"),
    ("/account", "Account", "nav-account"),
    ("/cookie", "Cookie", "nav-cookie"),
    ("/operator", "Operator", "nav-operator"),
    ("/attacks", "Attacks", "nav-attacks"),
];

/// A whole page: head, navigation, who is signed on, what is to be said, and the content.
pub fn page(visit: &Visit, title: &str, content: Markup) -> Markup {
    let mut session = visit.session();
    let notices = session.take_flash("notice");
    let pieces: u32 = session.data().basket.values().sum();
    drop(session);
    let header = html! {
        nav aria-label="Pages" {
            @for (path, name, id) in NAVIGATION {
                a href=(path) data-testid=(id) aria-current=[(name == title).then_some("page")] {
                    (name)
                    @if path == "/basket" && pieces > 0 { " " span.count data-testid="basket-count" { (pieces) } }
                }
            }
        }
        div.who {
            @if let Some(person) = &visit.person {
                span data-testid="who" { (person.name) }
                form method="post" action="/sign-off" { button.quiet data-testid="sign-off" { "Sign off" } }
            } @else {
                span data-testid="who" { "Guest" }
                a href="/sign-on" data-testid="nav-sign-on" { "Sign on" }
                a href="/register" data-testid="nav-register" { "Register" }
            }
        }
    };
    let said = html! {
        @for notice in &notices {
            @if let Some(text) = notice.as_str() { p.notice role="status" data-testid="notice" { (text) } }
        }
    };
    frame(title, header, html! { (said) (content) })
}

/// A page that needs no session.
pub fn bare(title: &str, text: &str) -> Markup {
    let header = html! { nav { a href="/" data-testid="nav-shop" { "Shop" } } };
    frame(title, header, html! { h1 { (title) } p data-testid="message" { (text) } })
}

pub(crate) fn frame(title: &str, header: Markup, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Clay & Seal" }
                link rel="stylesheet" href="/style.css";
                link rel="icon" type="image/svg+xml" href="/icon.svg";
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header { a.brand href="/" { "Clay " span { "&" } " Seal" } (header) }
                main id="content" { (content) }
                footer { "A demonstration of sealed sessions: your session is in your cookie." }
            }
        }
    }
}

/// One labelled field of a form.
pub(crate) struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: &'a str,
    pub value: &'a str,
    pub autocomplete: &'a str,
}

impl maud::Render for Field<'_> {
    fn render(&self) -> Markup {
        html! {
            label for=(self.name) { (self.label) }
            input id=(self.name) name=(self.name) type=(self.kind) value=(self.value) autocomplete=(self.autocomplete)
                required maxlength="200";
        }
    }
}

/// Tells password managers whose password a form is about.
pub(crate) fn username(email: &str) -> Markup {
    html! { input type="text" name="username" value=(email) autocomplete="username" hidden; }
}

/// What a form was refused for.
pub(crate) fn fault(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p.fault role="alert" data-testid="error" { (text) } } }
}

/// `1 minute 5 seconds`, for people.
pub(crate) fn duration(seconds: u64) -> String {
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let said: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if said.is_empty() { "0 s".into() } else { said.join(" ") }
}
