//! Tokens that open.

use super::*;

impl Cases {
    #[rustfmt::skip] // one case a line
    pub(super) fn positive(&mut self) {
        let usual = standard();
        let at = |now| Opening { now, ..standard() };
        let payload = |cases: &Self, name: &str, payload: Vec<u8>| Source { payload, ..cases.source(name) };
        let largest = 12_288 - self.least();
        let long = |letter: &str| letter.repeat(255);

        self.ok("ok/basic", "a small JSON payload", &[], self.source("ok/basic"), &usual);
        for (name, bytes) in [("ok/empty", 0), ("ok/one-byte", 1), ("ok/two-bytes", 2)] {
            let comment =
                format!("{bytes} bytes of payload: last character of length modulo 3 = {}", (self.least() + bytes) % 3);
            let flags: &[&str] = if bytes == 0 { &["empty-payload"] } else { &[] };
            self.ok(name, &comment, flags, payload(self, name, vec![0x61; bytes]), &usual);
        }
        self.ok("ok/all-bytes", "every byte value", &[], payload(self, "ok/all-bytes", (0..=255).collect()), &usual);
        self.ok("ok/3000", "3 000 bytes", &[], payload(self, "ok/3000", vec![0x7b; 3000]), &usual);
        let source = payload(self, "ok/largest", vec![0x61; largest]);
        self.ok("ok/largest", "the largest token of the default limit: 16 384 octets", &["size"], source, &usual);
        let text = base64url(&self.bases["ok/basic"].build().bytes).len();
        let limit = Opening { limit: u64::try_from(text).expect("small"), ..standard() };
        self.ok("ok/limit-exact", "a limit of exactly the token's length", &["size", "off-by-one"], self.source("ok/basic"), &limit);
        let limit = Opening { limit: 16_777_216, ..standard() };
        self.ok("ok/limit-greatest", "the greatest limit", &[], self.source("ok/basic"), &limit);

        for (name, issued_at, ttl, now, comment) in [
            ("ok/ttl-1", ISSUED, 1, ISSUED, "the shortest life, in its only second"),
            ("ok/ttl-max", ISSUED, LIFE_MAX, ISSUED + LIFE_MAX - 1, "the longest life, in its last second"),
            ("ok/last-second", ISSUED, 1800, ISSUED + 1799, "the last second"),
            ("ok/first-second", ISSUED, 1800, ISSUED, "the first second"),
            ("ok/epoch", 0, 1800, 0, "time 0"),
            ("ok/epoch-later", 0, 1800, 1799, "issued at time 0, in its last second"),
            ("ok/31-bits", 1 << 31, 1800, (1 << 31) + 5, "2^31: negative as a signed 32-bit number"),
            ("ok/32-bits", 1 << 32, 1800, (1 << 32) + 5, "2^32: 33 bits"),
            ("ok/across-32-bits", (1 << 32) - 5, 10, (1 << 32) + 4, "the life crosses 2^32"),
            ("ok/48-bits", END - 1, LIFE_MAX, END - 1, "the last second that there is; the sum exceeds 48 bits"),
            ("ok/47-bits", 1 << 47, 1800, (1 << 47) + 5, "the highest of 48 bits set"),
        ] {
            let source = Source { issued_at, ttl, ..self.source(name) };
            let flag = if issued_at == ISSUED { "off-by-one" } else { "wide-time" };
            self.ok(name, comment, &[flag], source, &at(now));
        }
        for (name, leeway, ahead) in [("ok/leeway-60", 60, 60), ("ok/leeway-0", 0, 0), ("ok/leeway-300", 300, 300)] {
            let opening = Opening { leeway, now: ISSUED - ahead, ..standard() };
            let comment = format!("issued {ahead} seconds ahead of this clock, leeway {leeway}");
            self.ok(name, &comment, &["off-by-one"], self.source(name), &opening);
        }
        let opening = Opening { leeway: 300, now: END - 1, ..standard() };
        let source = Source { issued_at: END - 1, ..self.source("ok/leeway-48-bits") };
        self.ok("ok/leeway-48-bits", "now + leeway exceeds 48 bits", &["wide-time"], source, &opening);
        for (name, max_age, now, comment) in [
            ("ok/max-age-1", 1, ISSUED, "max_age of one second"),
            ("ok/max-age-last-second", 101, NOW, "max_age less than ttl, in the last second that it leaves"),
            ("ok/max-age-over-ttl", 3600, ISSUED + 1799, "max_age greater than ttl: ttl holds, in its last second"),
        ] {
            let opening = Opening { max_age, now, ..standard() };
            self.ok(name, comment, &["max-age-ignored", "off-by-one"], self.source(name), &opening);
        }

        for (name, audience, purpose) in [
            ("ok/context-1", "a".to_owned(), "b".to_owned()),
            ("ok/context-255", long("x"), long("y")),
            ("ok/context-split-1", "ab".to_owned(), "c".to_owned()),
            ("ok/context-split-2", "a".to_owned(), "bc".to_owned()),
        ] {
            let opening = Opening { audience: audience.clone(), purpose: purpose.clone(), ..standard() };
            let source = Source { audience, purpose, ..self.source(name) };
            let flags: &[&str] = if name.contains("split") { &["context-confusion"] } else { &[] };
            self.ok(name, "a context", flags, source, &opening);
        }

        let rings = [
            ("ok/ring-second", "the second of three keys, which does not seal now", vec![Entry::new(2), Entry::new(1), Entry::new(3)]),
            ("ok/ring-before-seal-from", "accepted before its seal_from: another server's clock is ahead", vec![Entry::new(2), Entry::new(1).from(NOW + 1000)]),
            ("ok/ring-last-second", "its key ends with the next second", vec![Entry::new(2), Entry::new(1).until(NOW + 1)]),
            ("ok/ring-opens-only", "no key of the ring seals; opening goes on", vec![Entry::new(1).from(END - 1)]),
            ("ok/ring-beside-ended", "an ended key beside it does no harm", vec![Entry::new(2).until(NOW), Entry::new(1)]),
        ];
        for (name, comment, ring) in rings {
            let opening = Opening { ring, ..standard() };
            let flags: &[&str] =
                if name.ends_with("second") && !name.ends_with("ring-second") { &["off-by-one"] } else { &[] };
            self.ok(name, comment, flags, self.source(name), &opening);
        }
    }
}
