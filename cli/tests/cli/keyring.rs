//! keyring check.

use serde_json::{Value, json};

use crate::support::{NOW, cretula, document, keygen};

fn check(ring: &str, more: &[&str]) -> Value {
    let now = NOW.to_string();
    cretula("keyring check --json - --now").args([now.as_str()]).args(more.iter().copied()).stdin(ring).json()
}

#[test]
fn tells_who_seals_and_what_is_accepted() {
    let keys: Vec<_> = (0..6).map(|_| keygen()).collect();
    let ring = document(&[
        (&keys[0], None, Some(NOW)),
        (&keys[1], Some(NOW - 500), Some(NOW + 200_000)),
        (&keys[2], Some(NOW - 900), Some(NOW + 200_000)),
        (&keys[3], Some(NOW + 200_000), None),
        (&keys[4], Some(NOW + 100_000), None),
        (&keys[5], Some(NOW + 100_000), None),
    ]);
    let report = check(&ring, &["--longest-ttl", "3600"]);
    let states: Vec<_> = report["entries"].as_array().unwrap().iter().map(|entry| &entry["state"]).collect();
    // Of two with the same seal_from the first seals.
    assert_eq!(states, ["ended", "seals_now", "accepted", "seals_later", "seals_next", "accepted"]);
    assert_eq!(report["sealing_entry"], 1);
    assert_eq!(report["next"], json!({"at": NOW + 100_000, "sealing_entry": 4}));
    assert_eq!(
        report["entries"][1],
        json!({"position": 1, "seal_from": NOW - 500, "accept_until": NOW + 200_000, "state": "seals_now"})
    );
    assert_eq!(report["entries"][3]["accept_until"], Value::Null);
    let rotation = json!([report["now"], report["longest_ttl"], report["reload_grace"], report["leeway"]]);
    assert_eq!(rotation, json!([NOW, 3600, 300, 60]));
    // The ended entry ended before its last tokens did; it is too late to warn of it.
    assert_eq!(report["warnings"], json!([]));

    let text = cretula("keyring check - --longest-ttl 3600 --now").args(["1790000000"]).stdin(&ring).text();
    for line in [
        "valid keyring of 6 entries",
        "now    2026-09-21T14:13:20Z (1790000000)",
        "seals  entry 1",
        "next   entry 4 from 2026-09-22T18:00:00Z (1790100000)",
        "    0  ended        the beginning                       2026-09-21T14:13:20Z (1790000000)",
        "    4  seals next   2026-09-22T18:00:00Z (1790100000)   no end",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line:?} in {text}");
    }
    for key in &keys {
        assert!(!text.contains(&key[13..77]) && !report.to_string().contains(&key[13..77]));
    }
}

#[test]
fn tells_when_nobody_seals() {
    let key = keygen();
    let soon = check(&document(&[(&key, None, Some(NOW + 5))]), &[]);
    assert_eq!(soon["next"], json!({"at": NOW + 5, "sealing_entry": null}));
    assert_eq!(soon["warnings"], json!([]));
    let ended = check(&document(&[(&key, None, Some(NOW))]), &[]);
    assert_eq!((&ended["sealing_entry"], &ended["next"]), (&Value::Null, &Value::Null));
    assert_eq!(ended["warnings"][0]["code"], "no_sealing_key");
    assert_eq!(ended["warnings"][0]["entry"], Value::Null);
    let text = cretula("keyring check - --now 1790000000").stdin(document(&[(&key, Some(NOW + 9), None)])).text();
    assert!(text.contains("seals  none\nnext   entry 0 from 2026-09-21T14:13:29Z (1790000009)\n"), "{text}");
    assert!(text.ends_with("\nwarning: no_sealing_key: no entry seals now; tokens are opened and none is made\n"));
}

/// [RING-18], at its edges.
#[test]
fn warns() {
    let (old, new) = (keygen(), keygen());
    let codes = |seal_from: u64, accept_until: u64, more: &[&str]| -> Vec<String> {
        let ring = document(&[(&old, None, Some(accept_until)), (&new, Some(seal_from), None)]);
        let report = check(&ring, more);
        let warnings = report["warnings"].as_array().unwrap().iter();
        warnings.map(|warning| format!("{} {}", warning["entry"], warning["code"].as_str().unwrap())).collect()
    };
    let far = NOW + 10_000;
    let hour = ["--longest-ttl", "3600"];
    assert!(codes(far, far + 3900, &hour).is_empty());
    assert_eq!(codes(far, far + 3899, &hour), ["0 ends_before_its_tokens"]);
    assert!(codes(far, far + 3600, &["--longest-ttl", "3600", "--reload-grace", "0"]).is_empty());
    // Without --longest-ttl the longest of all is assumed.
    assert_eq!(codes(far, far + 3900, &[]), ["0 ends_before_its_tokens"]);
    assert!(codes(far, far + 34_560_300, &[]).is_empty());
    assert!(codes(NOW + 360, NOW + 9000, &hour).is_empty());
    assert_eq!(codes(NOW + 359, NOW + 9000, &hour), ["1 takes_over_too_soon"]);
    assert!(codes(NOW + 359, NOW + 9000, &["--longest-ttl", "3600", "--leeway", "59"]).is_empty());
    assert_eq!(codes(NOW + 1, NOW + 100, &hour), ["0 ends_before_its_tokens", "1 takes_over_too_soon"]);
}

#[test]
fn denies_warnings() {
    let (old, new) = (keygen(), keygen());
    let ring = document(&[(&old, None, Some(NOW + 100)), (&new, Some(NOW + 50), None)]);
    let check = || cretula("keyring check - --now 1790000000 --longest-ttl 60").stdin(&ring);
    let text = check().text();
    let cut = "ends_before_its_tokens: entry 0 ends before its successor's seal_from + longest ttl 60 s + reload grace \
               300 s: sessions are cut off";
    let soon = "takes_over_too_soon: entry 1 seals in less than reload grace 300 s + leeway 60 s: a server that has not \
                read it yet refuses its tokens";
    assert!(text.ends_with(&format!("\nwarning: {cut}\nwarning: {soon}\n")), "{text}");
    let done = check().args(["--deny-warnings"]).run();
    assert_eq!(done.status, Some(1));
    assert_eq!(String::from_utf8(done.stdout).unwrap(), text);
    assert_eq!(done.stderr, format!("cretula: {cut}\ncretula: {soon}\n"));
    // Without warnings it changes nothing.
    cretula("keyring check - --deny-warnings").stdin(&new).ok();
}

#[test]
fn colours_only_where_wanted() {
    let key = keygen();
    let check = || cretula("keyring check -").stdin(&key);
    assert!(!check().text().contains('\x1b'));
    assert!(check().env("CLICOLOR_FORCE", "1").text().contains('\x1b'));
    assert!(!check().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").text().contains('\x1b'));
}
