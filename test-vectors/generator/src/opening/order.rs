//! Two faults in one token, and values of the caller's out of range.

use super::*;

impl Cases {
    /// Two faults in one token.
    #[rustfmt::skip] // one case a line
    pub(super) fn order(&mut self) {
        let usual = standard();
        let at = |now| Opening { now, ..standard() };
        let ring = |ring| Opening { ring, ..standard() };
        let text = base64url(&self.bases["ok/basic"].build().bytes);
        let length = text.len();
        let short = Opening { limit: 100, ..standard() };
        let bytes = self.bases["ok/basic"].build().bytes;
        let flip = |at: usize| Step::Bytes(at, 1, vec![bytes[at] ^ 1]);
        let last = bytes.len() - 1;
        let (ours, other) = if self.sealed() { ("CrE", "CrS") } else { ("CrS", "CrE") };
        let whole = |replacement: String| vec![Step::Text(0, length, replacement)];
        let late = ISSUED + 1800;
        let unknown = Step::Set("key_id", vec![0x5A; 32]);

        self.bad("order/long-and-version", "too_long", "too long, and version 2", &["order"], "ok/basic", &[Step::Text(3, 1, "2".into())], &short);
        self.bad("order/long-and-kind", "too_long", "too long, and of the other kind", &["order"], "ok/basic", &[Step::Text(0, 4, format!("{other}1"))], &short);
        self.bad("order/long-and-encoding", "too_long", "too long, and not base64url", &["order"], "ok/basic", &[Step::Text(70, 1, "+".into())], &short);
        self.bad("order/long-and-expired", "too_long", "too long, and expired", &["order"], "ok/basic", &[], &Opening { now: late, ..short });
        self.bad("order/version-and-encoding", "unsupported_version", "version 2, and not base64url", &["order"], "ok/basic", &[Step::Text(3, 1, "2".into()), Step::Text(70, 1, "+".into())], &usual);
        self.bad("order/version-and-short", "unsupported_version", "version 2, and too short", &["order"], "ok/basic", &whole(format!("{ours}2AAAA")), &usual);
        self.bad("order/kind-and-encoding", "wrong_kind", "the other kind, and not base64url", &["order"], "ok/basic", &[Step::Text(0, 4, format!("{other}1")), Step::Text(70, 1, "=".into())], &usual);
        self.bad("order/kind-and-short", "wrong_kind", "the other kind, and too short", &["order"], "ok/basic", &whole(format!("{other}1AAAA")), &usual);
        self.bad("order/encoding-and-short", "encoding", "not base64url, and too short", &["order"], "ok/basic", &whole(format!("{ours}1AA=")), &usual);
        self.bad("order/bits-and-short", "encoding", "unused bits set, and too short", &["order", "non-canonical-bits"], "ok/basic", &whole(format!("{ours}1AB")), &usual);
        self.bad("order/encoding-and-unknown", "encoding", "not base64url, and an unknown key", &["order"], "ok/basic", &[unknown.clone(), Step::Text(70, 1, "\n".into())], &usual);
        self.bad("order/encoding-and-expired", "encoding", "padding, and expired", &["order"], "ok/basic", &[Step::Text(length, 0, "=".into())], &at(late));
        self.bad("order/short-and-unknown", "too_short", "too short, and an unknown key", &["order"], "ok/empty", &[unknown.clone(), Step::Bytes(60, self.least() - 60, vec![])], &usual);
        self.bad("order/unknown-and-tampered", "unknown_key", "an unknown key, and a wrong tag", &["order"], "ok/basic", &[Step::Key(key(9)), Step::Set("tag", vec![0; if self.sealed() { 16 } else { 32 }])], &usual);
        self.bad("order/unknown-and-expired", "unknown_key", "an unknown key, and expired", &["order"], "ok/basic", &[Step::Key(key(9))], &at(late));
        self.bad("order/unknown-and-future", "unknown_key", "an unknown key, and issued in the future", &["order"], "ok/basic", &[Step::Key(key(9))], &at(ISSUED - 1000));
        self.bad("order/inactive-and-tampered", "key_inactive", "an ended key, and a wrong tag", &["order"], "ok/basic", &[flip(last)], &ring(vec![Entry::new(1).until(NOW)]));
        self.bad("order/inactive-and-expired", "key_inactive", "an ended key, and expired", &["order"], "ok/basic", &[], &Opening { now: late, ..ring(vec![Entry::new(1).until(NOW)]) });
        self.bad("order/tampered-and-expired", "auth_failed", "a wrong tag, and expired", &["order", "time-before-auth"], "ok/basic", &[flip(last)], &at(late));
        self.bad("order/tampered-and-future", "auth_failed", "a wrong tag, and issued in the future", &["order", "time-before-auth"], "ok/basic", &[flip(last)], &at(ISSUED - 1000));
        self.bad("order/tampered-and-ttl", "auth_failed", "a wrong tag, and a ttl of 0", &["order", "time-before-auth"], "ok/basic", &[Step::Ttl(0), flip(40)], &usual);
        self.bad("order/future-and-ttl-0", "issued_in_future", "issued in the future, and a ttl of 0", &["order"], "ok/basic", &[Step::Ttl(0)], &at(ISSUED - 61));
        self.bad("order/future-and-ttl-max", "issued_in_future", "issued in the future, and a ttl out of range", &["order"], "ok/basic", &[Step::Ttl((1 << 32) - 1)], &at(ISSUED - 61));
        self.bad(
            "order/everything",
            "too_long",
            "too long, version, encoding, all at once",
            &["order"],
            "ok/basic",
            &whole(format!("{other}2{}", "+".repeat(200))),
            &Opening { limit: 100, now: late, ..standard() },
        );
    }

    /// Values of the caller's out of range: told before anything of the token.
    #[rustfmt::skip] // one case a line
    pub(super) fn callers(&mut self) {
        let usual = standard();
        let cases: [(&str, &'static str, Opening, &str); 11] = [
            ("leeway-301", "leeway_range", Opening { leeway: 301, ..usual.clone() }, "leeway over 300"),
            ("max-age-0", "max_age_range", Opening { max_age: 0, ..usual.clone() }, "a max_age of 0"),
            ("max-age-over", "max_age_range", Opening { max_age: LIFE_MAX + 1, ..usual.clone() }, "max_age over 400 days"),
            ("limit-0", "limit_range", Opening { limit: 0, ..usual.clone() }, "a limit of 0"),
            ("limit-over", "limit_range", Opening { limit: 16_777_217, ..usual.clone() }, "a limit over 2^24"),
            ("now-48-bits", "clock_range", Opening { now: END, ..usual.clone() }, "a clock of 2^48"),
            ("now-53-bits", "clock_range", Opening { now: (1 << 53) - 1, ..usual.clone() }, "a clock of 2^53 - 1"),
            ("limit-first", "limit_range", Opening { limit: 0, leeway: 301, max_age: 0, now: END, ..usual.clone() }, "all four out of range"),
            ("leeway-second", "leeway_range", Opening { leeway: 301, max_age: 0, now: END, ..usual.clone() }, "leeway, max_age and clock out of range"),
            ("max-age-third", "max_age_range", Opening { max_age: 0, now: END, ..usual.clone() }, "max_age and clock out of range"),
            ("before-token", "clock_range", Opening { now: END, limit: 1, ..usual }, "a clock out of range, and a token over the limit"),
        ];
        for (name, code, opening, comment) in cases {
            self.bad(&format!("caller/{name}"), code, comment, &["caller-error"], "ok/basic", &[], &opening);
        }
    }
}
