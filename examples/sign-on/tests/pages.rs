//! Every page over a real socket: status, headers, and no script.

mod common;

use common::Server;

#[test]
fn every_page_is_there_and_strict() {
    let server = Server::start(&[]);
    let mut browser = server.registered("ada@example.org");
    let pages = ["/", "/basket", "/basket/checkout", "/notes", "/account", "/account/password", "/confirm", "/cookie"];
    let more = ["/operator", "/sign-on", "/register", "/signed-off", "/style.css", "/icon.svg", "/healthz"];
    for path in pages.into_iter().chain(more) {
        let page = browser.get(path);
        assert_eq!(page.status, 200, "{path}");
        let policy = page.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"));
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert!(!page.body.contains("<script") && !page.body.contains("style=\""), "{path}");
        let has_session = !["/style.css", "/icon.svg", "/healthz"].contains(&path);
        assert_eq!(page.headers.get("vary").is_some(), has_session, "{path}");
    }
    assert_eq!(browser.get("/healthz").body, "ok");
    assert_eq!(browser.get("/nowhere").status, 404);
    assert_eq!(browser.post("/nowhere", &[]).status, 404);
    assert_eq!(browser.post("/basket/add", &[]).status, 422);
    assert_eq!(browser.get("/account").text("who"), "Ada");
}

#[test]
fn the_page_of_attacks_shows_each_as_expected() {
    let server = Server::start(&[]);
    let page = server.browser().get("/attacks");
    assert_eq!(page.text("attacks-held"), page.text("attacks-total"));
    assert_eq!(page.count("attack"), page.text("attacks-total").parse::<usize>().expect("a number"));
    assert!(page.count("attack") >= 30 && !page.body.contains("NOT AS EXPECTED"));
}

#[test]
fn wrong_settings_stop_the_start() {
    for (name, value) in [("PROFILE", "prod"), ("PORT", "x"), ("IDLE", "0"), ("TLS_CERT", "only.pem")] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sign-on"));
        let data = std::env::temp_dir().join(format!("sign-on-refused-{}", std::process::id()));
        let output = command.env_clear().env("PORT", "0").env("DATA", &data).env(name, value).output().expect("run");
        assert!(!output.status.success() && output.stderr.starts_with(b"error: "), "{name}");
        let _ = std::fs::remove_dir_all(data);
    }
}
