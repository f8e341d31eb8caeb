//! Deep link, sign-on, forged posts, sign-off, change of password, known sessions.

mod common;

use std::{thread, time::Duration};

use common::{PASSWORD, Server};

const SESSION: &str = "sign-on-session";
const RETURN: &str = "sign-on-return";

#[test]
fn a_deep_link_survives_the_sign_on_and_the_basket_does_too() {
    let server = Server::start(&[]);
    server.registered("ada@example.org");
    let mut browser = server.browser();

    assert!(browser.get("/").set_cookies().is_empty(), "no session for who only looks");
    browser.post("/basket/add", &[("product", "wax")]);
    browser.post("/basket/add", &[("product", "wax")]);
    assert_eq!(browser.get("/basket").text("pieces-wax"), "2");
    browser.post("/notes", &[("notes", "a guest's")]);
    let guest = browser.member("sid");

    let page = browser.get("/basket/checkout?voucher=SPRING%2F24");
    assert_eq!((page.status, page.location.as_str()), (303, "/sign-on"));
    let line = page.set_cookies().into_iter().find(|line| line.starts_with(RETURN)).expect("remembered");
    assert!(line.contains("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), "{line}");
    assert_eq!(page.headers["cache-control"], "no-store");

    let page = browser.sign_on("ada@example.org", "not the password");
    assert_eq!((page.status, page.text("error").as_str()), (422, "Address or password is wrong."));
    assert_eq!(browser.sign_on("nobody@example.org", PASSWORD).status, 422);
    let page = browser.sign_on("ADA@example.org", PASSWORD);
    assert_eq!((page.status, page.location.as_str()), (303, "/basket/checkout?voucher=SPRING%2F24"));
    assert!(!browser.jar.contains_key(RETURN));

    let page = browser.get(&page.location);
    assert_eq!((page.text("voucher"), page.text("pieces-wax")), ("SPRING/24".into(), "2".into()));
    assert_eq!((page.text("who"), page.text("notice")), ("Ada".into(), "You are signed on.".into()));
    assert!(!browser.get("/").has("notice"), "said once");
    assert_ne!(browser.member("sid"), guest);
    assert!(!browser.member("data").contains("notes"), "kept is what is named");

    let page = browser.post("/basket/order", &[]);
    assert_eq!(browser.get(&page.location).text("notice"), "Thank you for your order. (Nothing will be delivered.)");
    assert!(browser.get("/basket").has("basket-empty"));
}

#[test]
fn ways_back_lead_to_this_site_only() {
    let server = Server::start(&[]);
    server.registered("ada@example.org");
    for (asked, got) in [
        ("/notes", "/notes"),
        ("//evil.example", "/account"),
        ("/%5Cevil.example", "/account"),
        ("/%09/evil.example", "/account"),
        ("https://evil.example", "/account"),
    ] {
        let mut browser = server.browser();
        assert_eq!(browser.get(&format!("/sign-on?return={asked}")).location, "/sign-on");
        assert_eq!(browser.sign_on("ada@example.org", PASSWORD).location, got, "{asked}");
    }
}

#[test]
fn posts_from_elsewhere_are_refused() {
    let server = Server::start(&[]);
    let mut browser = server.registered("ada@example.org");
    let host = server.base.clone();
    let refused: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", &host), ("sec-fetch-site", "cross-site")],
    ];
    for headers in refused {
        for path in ["/sign-off", "/sign-on", "/account/name"] {
            assert_eq!(browser.post_with(path, &[("name", "Eve")], headers).status, 403, "{headers:?}");
        }
    }
    assert_eq!(browser.get("/account").text("who"), "Ada");
    let page = browser.post_with("/account/name", &[("name", "Ada <b>L.</b>")], &[("sec-fetch-site", "same-origin")]);
    assert_eq!(page.status, 303);
    let page = browser.get("/account");
    assert!(page.body.contains("Ada &lt;b&gt;L.&lt;/b&gt;") && !page.body.contains("<b>L."));
}

#[test]
fn registering_says_what_is_wrong() {
    let server = Server::start(&[]);
    server.registered("ada@example.org");
    let mut browser = server.browser();
    for (email, name, password, said) in [
        ("ada@example.org", "Ada", PASSWORD, "This address is registered already."),
        ("eve@example.org", "Eve", "short", "A password has at least 8 characters."),
        ("eve", "Eve", PASSWORD, "Please give an e-mail address and a name of at most 60 characters."),
    ] {
        let page = browser.post("/register", &[("email", email), ("name", name), ("password", password)]);
        assert_eq!((page.status, page.text("error").as_str()), (422, said));
    }
    assert!(browser.jar.is_empty());
}

#[test]
fn a_copy_from_before_the_sign_off_opens_nothing() {
    let server = Server::start(&[]);
    let mut browser = server.registered("ada@example.org");
    let mut thief = browser.clone();
    assert_eq!(browser.post("/sign-off", &[]).location, "/signed-off");
    assert!(!browser.jar.contains_key(SESSION) && browser.jar.contains_key("sign-on-session.end"));
    assert_eq!(browser.get("/account").location, "/sign-on");

    assert_eq!(thief.reason(), "signed_off");
    assert_eq!(thief.get("/account").location, "/sign-on");
    server.expect_log("session refused: signed_off: GET /account");
    assert_eq!(browser.get("/operator").text("denied"), "1");
}

#[test]
fn a_changed_password_signs_every_other_browser_off() {
    let server = Server::start(&[("REAUTH", "4")]);
    let mut here = server.registered("ada@example.org");
    let mut there = server.signed_on("ada@example.org");
    thread::sleep(Duration::from_millis(5_100));

    let page = here.get("/account/password");
    assert_eq!((page.status, page.location.as_str()), (303, "/confirm"), "the proof is too old");
    let page = here.post("/account/password", &[("new", "another password"), ("again", "another password")]);
    assert_eq!(page.location, "/confirm", "nor does a post get by");
    let page = here.post("/confirm", &[("current", "wrong")]);
    assert_eq!((page.status, page.text("error").as_str()), (422, "This is not your password."));
    let before = here.member("sid");
    let page = here.post("/confirm", &[("current", PASSWORD)]);
    assert_eq!(page.location, "/account/password");
    let confirmed = here.member("sid");
    assert_ne!(confirmed, before);

    let page = here.post("/account/password", &[("new", "another password"), ("again", "another one")]);
    assert_eq!(page.text("error"), "The two passwords differ.");
    let page = here.post("/account/password", &[("new", "another password"), ("again", "another password")]);
    assert_eq!((page.status, page.location.as_str()), (303, "/account"));
    let page = here.get("/account");
    assert_eq!(page.text("notice"), "Your password is changed. Every other browser is signed off.");
    assert_eq!(page.count("session"), 1);

    assert_eq!(there.reason(), "revoked");
    assert_eq!(there.get("/account").location, "/sign-on");
    server.expect_log("session refused: revoked: GET /account");
    assert_eq!(there.sign_on("ada@example.org", PASSWORD).status, 422);
    assert_eq!(there.sign_on("ada@example.org", "another password").status, 303);
    assert_eq!(here.get("/account").status, 200);
}

#[test]
fn a_change_of_password_whose_session_would_not_fit_changes_nothing() {
    let server = Server::start(&[]);
    let mut browser = server.registered("ada@example.org");
    let excess = browser.post("/notes", &[("notes", &"n".repeat(4_000))]).text("excess");
    // Four characters of a token hold three octets.
    let fitting = 4_000 - (excess.parse::<usize>().expect("a number") * 3).div_ceil(4);
    assert_eq!(browser.post("/notes", &[("notes", &"n".repeat(fitting))]).status, 303);
    browser.get("/notes");
    let page = browser.post("/account/password", &[("new", "another password"), ("again", "another password")]);
    assert_eq!((page.status, page.text("largest").as_str()), (413, "notes"));
    assert_eq!(browser.get("/notes").text("notes-octets"), fitting.to_string());
    assert_eq!(server.browser().sign_on("ada@example.org", "another password").status, 422);
}

#[test]
fn one_session_of_several_is_ended_and_then_all_are() {
    let server = Server::start(&[]);
    let mut here = server.registered("ada@example.org");
    let mut there = server.signed_on("ada@example.org");
    let mut third = server.signed_on("ada@example.org");
    let page = there.get("/account");
    assert_eq!((page.count("session"), page.count("end-session"), page.count("this-session")), (3, 2, 1));
    let mut eve = server.registered("eve@example.org");

    let id = page.attributes("name=\"id\" value")[0].clone();
    assert_eq!(eve.post("/account/sessions/end", &[("id", &id)]).status, 303);
    assert_eq!(third.get("/account").status, 200, "not another user's to end");
    assert_eq!(there.post("/account/sessions/end", &[("id", &id)]).status, 303);
    assert_eq!(there.get("/account").text("notice"), "The session is ended.");
    assert_eq!(third.reason(), "signed_off");
    assert_eq!(here.get("/account").count("session"), 2);

    assert_eq!(here.post("/sign-off-everywhere", &[]).location, "/signed-off");
    assert_eq!(there.reason(), "revoked");
    assert_eq!(there.get("/account").location, "/sign-on");
    assert_eq!(eve.get("/account").status, 200);
}
