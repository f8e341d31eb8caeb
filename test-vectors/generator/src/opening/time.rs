//! Steps 7 and 8: the life of a token.

use super::*;

impl Cases {
    /// Steps 7 and 8.
    #[rustfmt::skip] // one case a line
    pub(super) fn time(&mut self) {
        let at = |now| Opening { now, ..standard() };
        for (leeway, ahead) in [(60, 61), (0, 1), (300, 301)] {
            let opening = Opening { leeway, ..at(ISSUED - ahead) };
            self.bad(&format!("issued-in-future/leeway-{leeway}"), "issued_in_future", &format!("issued {ahead} seconds ahead of this clock, leeway {leeway}"), &["off-by-one"], "ok/basic", &[], &opening);
        }
        let future: [(&str, &[Step], u64, &str); 6] = [
            ("48-bits", &[Step::IssuedAt(END - 1)], 0, "the last second that there is, at time 0"),
            ("32-bits-cut", &[Step::IssuedAt(NOW + (1 << 32) - 50)], NOW, "cut to 32 bits it would be alive"),
            ("40-bits-cut", &[Step::IssuedAt(NOW + (1 << 40) - 50)], NOW, "cut to 40 bits it would be alive"),
            ("top-bit", &[Step::IssuedAt(1 << 47)], NOW, "negative as a signed 48-bit number"),
            ("milliseconds", &[Step::IssuedAt(ISSUED * 1000)], NOW, "issued in milliseconds by mistake"),
            ("epoch", &[Step::IssuedAt(61)], 0, "one second beyond leeway at time 0"),
        ];
        for (name, steps, now, comment) in future {
            self.bad(&format!("issued-in-future/{name}"), "issued_in_future", comment, &["wide-time"], "ok/basic", steps, &at(now));
        }
        let payload = self.bases["ok/basic"].payload.clone();
        let little = [&ISSUED.to_le_bytes()[..6], &1800_u32.to_be_bytes(), &payload].concat();
        self.bad("issued-in-future/little-endian", "issued_in_future", "issued_at least significant byte first", &["wide-time"], "ok/basic", &[Step::Set("body", little)], &at(NOW));

        let expired: [(&str, &[Step], u64, &str); 9] = [
            ("at-second", &[], ISSUED + 1800, "the second after the last"),
            ("one-later", &[], ISSUED + 1801, "one second later"),
            ("leeway-inside", &[], ISSUED + 1859, "within leeway of the end: leeway does not count"),
            ("long-ago", &[], ISSUED + LIFE_MAX, "400 days later"),
            ("ttl-1", &[Step::Ttl(1)], ISSUED + 1, "a life of one second, one second later"),
            ("ttl-max", &[Step::Ttl(LIFE_MAX)], ISSUED + LIFE_MAX, "the longest life, over"),
            ("epoch", &[Step::IssuedAt(0)], NOW, "issued at time 0"),
            ("end-of-time", &[Step::IssuedAt(0), Step::Ttl(LIFE_MAX)], END - 1, "issued at time 0, opened in the last second that there is"),
            ("across-32-bits", &[Step::IssuedAt((1 << 32) - 5), Step::Ttl(10)], (1 << 32) + 5, "the life crosses 2^32 and ends"),
        ];
        for (name, steps, now, comment) in expired {
            let flag = match name {
                "leeway-inside" => "leeway-on-life",
                "epoch" | "end-of-time" | "across-32-bits" => "wide-time",
                _ => "off-by-one",
            };
            self.bad(&format!("expired/{name}"), "expired", comment, &[flag], "ok/basic", steps, &at(now));
        }
        let opening = Opening { leeway: 300, ..at(ISSUED + 1800) };
        self.bad("expired/leeway-300", "expired", "leeway 300 at the first second after the end", &["leeway-on-life", "off-by-one"], "ok/basic", &[], &opening);
        for (name, max_age, now, comment) in [
            ("max-age", 100, NOW, "max_age of 100 seconds, reached"),
            ("max-age-1", 1, ISSUED + 1, "max_age of one second, one second later"),
            ("max-age-over-ttl", 3600, ISSUED + 1800, "a greater max_age does not lengthen ttl"),
        ] {
            let opening = Opening { max_age, ..at(now) };
            self.bad(&format!("expired/{name}"), "expired", comment, &["max-age-ignored", "off-by-one"], "ok/basic", &[], &opening);
        }
        let opening = Opening { leeway: 300, max_age: 100, ..at(NOW) };
        self.bad("expired/max-age-leeway", "expired", "leeway does not lengthen max_age either", &["leeway-on-life", "max-age-ignored"], "ok/basic", &[], &opening);
        for (name, ttl) in [("0", 0), ("max-plus-1", LIFE_MAX + 1), ("31-bits", 1 << 31), ("32-bits", (1 << 32) - 1)] {
            self.bad(&format!("expired/ttl-{name}"), "expired", &format!("an authentic token with a ttl of {ttl}, in its first second"), &["ttl-range"], "ok/basic", &[Step::Ttl(ttl)], &at(ISSUED));
        }
        self.bad("expired/ttl-0-later", "expired", "a ttl of 0 within leeway before issued_at", &["ttl-range"], "ok/basic", &[Step::Ttl(0)], &at(ISSUED - 10));
        let opening = Opening { max_age: 3600, ..at(NOW) };
        self.bad("expired/ttl-max-plus-1-max-age", "expired", "a ttl out of range is refused though max_age is less", &["ttl-range"], "ok/basic", &[Step::Ttl(LIFE_MAX + 1)], &opening);
    }
}
