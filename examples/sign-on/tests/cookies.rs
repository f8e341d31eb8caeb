//! What the cookie holds: its size, one or two of them, its ends, its key, and what it restores.

mod common;

use std::{fs, thread, time::Duration};

use common::Server;

#[test]
fn the_page_tells_what_the_cookie_holds() {
    let server = Server::start(&[]);
    let mut browser = server.browser();
    let page = browser.get("/cookie");
    assert_eq!(page.text("reason"), "absent");
    assert!(page.has("no-cookie"));

    let mut browser = server.registered("ada@example.org");
    browser.post("/basket/add", &[("product", "ring")]);
    let page = browser.get("/cookie");
    assert_eq!(page.count("cookie"), 1);
    let octets: usize = page.text("octets-sign-on-session").parse().expect("a number");
    assert!((200..1_000).contains(&octets));
    let idle: u64 = page.text("member-idle-left").parse().expect("a number");
    let absolute: u64 = page.text("member-absolute-left").parse().expect("a number");
    assert!((1_790..=1_800).contains(&idle) && (86_390..=86_400).contains(&absolute));
    assert!(page.text("member-data").contains("\"ring\": 1"));
    assert_eq!(page.text("member-sub"), "1");
    for (id, length) in [("member-sid", 22), ("member-key-id", 43)] {
        assert!(page.text(id).len() >= length, "{id}");
    }
    let rev: u32 = page.text("member-rev").parse().expect("a number");
    assert_eq!(browser.get("/cookie").set_cookies(), Vec::<String>::new(), "reading writes nothing");
    browser.post("/notes", &[("notes", "x")]);
    assert_eq!(browser.member("rev"), (rev + 2).to_string(), "the notice taken, the notes written");
}

#[test]
fn in_development_too_much_is_refused_and_nothing_is_lost() {
    let server = Server::start(&[]);
    let mut browser = server.browser();
    browser.post("/notes", &[("notes", "short")]);
    let before = browser.jar.clone();
    let long = "n".repeat(4_000);
    let page = browser.post("/notes", &[("notes", &long)]);
    assert_eq!((page.status, page.text("largest").as_str()), (413, "notes"));
    assert!(page.text("excess").parse::<u32>().expect("a number") > 1_000);
    assert!(page.body.contains(&long), "what was written is shown");
    assert!(page.set_cookies().is_empty());
    assert_eq!(browser.jar, before);
    assert_eq!(browser.get("/notes").text("notes-octets"), "5");
    server.expect_log("session not sent: cookie_too_large");
}

#[test]
fn in_production_a_session_grows_into_two_cookies_and_shrinks_again() {
    let server = Server::start_https();
    let mut browser = server.registered("ada@example.org");
    let names = |browser: &common::Browser| browser.jar.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&browser), ["__Host-Http-session"]);
    let page = browser.post("/notes", &[("notes", &"n".repeat(3_800))]);
    assert_eq!(page.status, 303);
    for line in page.set_cookies() {
        assert!(line.contains("; Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax"), "{line}");
        assert!(line.split(';').next().expect("a pair").len() <= 4_097);
    }
    assert_eq!(names(&browser), ["__Host-Http-session", "__Host-Http-session.1"]);
    assert_eq!(browser.get("/notes").text("notes-octets"), "3800");
    assert_eq!(browser.get("/cookie").count("cookie"), 2);

    let page = browser.post("/notes", &[("notes", &"n".repeat(6_000))]);
    assert_eq!((page.status, page.text("largest").as_str()), (413, "notes"));
    assert_eq!(browser.get("/notes").text("notes-octets"), "3800");

    browser.post("/notes", &[("notes", "short")]);
    assert_eq!(names(&browser), ["__Host-Http-session"]);
    assert_eq!(browser.get("/notes").text("notes-octets"), "5");
    browser.post("/notes", &[("notes", &"n".repeat(3_800))]);
    browser.post("/sign-off", &[]);
    assert_eq!(names(&browser), ["__Host-Http-session.end"]);
}

#[test]
fn sessions_end_when_idle_and_in_any_case() {
    let server = Server::start(&[("IDLE", "4"), ("ABSOLUTE", "8")]);
    let mut idle = server.registered("ada@example.org");
    let mut busy = server.signed_on("ada@example.org");
    for _ in 0..9 {
        thread::sleep(Duration::from_millis(500));
        assert_eq!(busy.get("/account").status, 200);
    }
    assert_eq!(idle.reason(), "expired");
    assert_eq!(idle.get("/account").location, "/sign-on");
    server.expect_log("session refused: expired: GET /account");
    for _ in 0..9 {
        thread::sleep(Duration::from_millis(500));
        busy.get("/account");
    }
    assert_eq!(busy.get("/account").location, "/sign-on");
}

#[test]
fn a_crash_costs_no_basket_and_no_session() {
    let server = Server::start(&[]);
    let mut guest = server.browser();
    let mut user = server.registered("ada@example.org");
    for browser in [&mut guest, &mut user] {
        browser.post("/basket/add", &[("product", "clay")]);
        browser.post("/basket/add", &[("product", "cord")]);
        browser.get("/basket");
        assert_eq!(browser.get("/basket").text("basket-source"), "memory");
    }
    let server = server.crash_and_restart();
    for browser in [&mut guest, &mut user] {
        browser.base.clone_from(&server.base);
        let page = browser.get("/basket");
        assert_eq!((page.text("basket-source"), page.text("pieces-clay")), ("cookie".into(), "1".into()));
        let page = browser.get("/basket");
        assert_eq!((page.text("basket-source"), page.text("pieces-cord")), ("memory".into(), "1".into()));
    }
    assert_eq!(user.get("/account").status, 200);
}

#[test]
fn keys_change_under_the_feet_of_signed_on_users() {
    let server = Server::start(&[]);
    let mut browser = server.registered("ada@example.org");
    let mut asleep = server.signed_on("ada@example.org");
    let old = browser.member("key-id");
    assert_eq!(browser.post("/operator/retire", &[("id", &old), ("when", "now")]).status, 303);
    assert_eq!(browser.get("/operator").text("notice"), "This key seals; add another first.");

    browser.get("/");
    assert_eq!(server.browser().post("/operator/add", &[("delay", "0")]).status, 303);
    let page = browser.get("/operator");
    assert_eq!(page.attributes("data-state"), ["opens", "seals"]);
    assert_eq!(browser.member("key-id"), old, "nothing was written since");
    browser.post("/basket/add", &[("product", "clay")]);
    let new = browser.member("key-id");
    assert_eq!(page.attributes("data-key-id"), [old.clone(), new.clone()]);

    assert_eq!(server.browser().post("/operator/retire", &[("id", &old), ("when", "later")]).status, 303);
    let page = browser.get("/operator");
    assert!(!page.has("warning") && page.attributes("data-state") == ["opens", "seals"]);
    assert_eq!(asleep.get("/account").status, 200);
    assert_eq!(server.browser().post("/operator/retire", &[("id", &old), ("when", "now")]).status, 303);
    assert_eq!(browser.get("/operator").attributes("data-state"), ["ended", "seals"]);
    assert_eq!(asleep.reason(), "key_inactive");
    assert_eq!(browser.get("/account").status, 200);

    let mut browser = browser;
    let server = server.crash_and_restart();
    browser.base.clone_from(&server.base);
    assert_eq!(browser.get("/operator").attributes("data-state"), ["ended", "seals"], "the file was written");
    assert_eq!(browser.member("key-id"), new);
}

#[test]
fn the_keyring_file_is_read_again_and_a_refused_one_is_not_put_in_force() {
    let server = Server::start(&[]);
    let path = server.data.join("keys.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
    let mut browser = server.registered("ada@example.org");
    fs::write(&path, "{\"cretula\":\"keyring-v1\",\"keys\":[]}").expect("written");
    server.expect_log("ALARM: keyring refused, the old one stays");
    assert_eq!(browser.get("/account").status, 200);
    assert_eq!(browser.get("/operator").attributes("data-state"), ["seals"]);

    let key = cretula::Key::generate().expect("random").to_text();
    fs::write(&path, key.as_bytes()).expect("written");
    server.expect_log("note: keyring exchanged, 1 keys");
    assert_eq!(browser.reason(), "unknown_key");
    assert_eq!(browser.get("/account").location, "/sign-on");
    assert!(browser.jar.contains_key("sign-on-session"), "nothing is written after a failed open");
    assert_eq!(browser.sign_on("ada@example.org", common::PASSWORD).location, "/account");
}
