//! Cases of `sealer.json` and `signer.json`.

use std::collections::BTreeMap;

use crate::{
    json::{Json, hex},
    reference::{Source, base64url},
    vector::{Entry, Outcome, Vector, key_of, members, nonce, ring_json},
};

/// Most payload bytes whose token fits 16 384 characters.
const fn largest(kind: u8) -> usize {
    if kind == 0x45 { 12_203 } else { 12_211 }
}

struct Case {
    id: &'static str,
    flags: Vec<&'static str>,
    comment: &'static str,
    ring: Vec<Entry>,
    context: (String, String),
    limit: u64,
    now: u64,
    ttl: u64,
    payload: Vec<u8>,
    /// Position of the sealing entry, or the code.
    expect: Result<usize, &'static str>,
}

#[rustfmt::skip] // one case a line
pub(crate) fn vectors(kind: u8) -> Vec<Vector> {
    let now = 1_790_000_000;
    let end = 1 << 48;
    let usual = |id, comment| Case {
        id,
        flags: vec![],
        comment,
        ring: vec![Entry::new(1)],
        context: ("shop.example".into(), "session".into()),
        limit: 16_384,
        now,
        ttl: 1800,
        payload: br#"{"sub":"ada","basket":[17,4]}"#.to_vec(),
        expect: Ok(0),
    };
    let size =
        |id, comment, payload: usize| Case { payload: vec![0x61; payload], flags: vec!["size"], ..usual(id, comment) };
    let ttl = |id, comment, ttl| Case { ttl, flags: vec!["off-by-one"], ..usual(id, comment) };
    let clock = |id, comment, now| Case { now, flags: vec!["wide-time"], ..usual(id, comment) };
    let ring = |id, comment, ring, expect| Case { ring, expect, flags: vec!["no-fall-back"], ..usual(id, comment) };
    let bad = |case: Case, code| Case { expect: Err(code), flags: vec!["caller-error"], ..case };
    let fits = |limit, case: Case| Case { limit, flags: vec!["size", "off-by-one"], ..case };
    let (empty, text_of_29) = if kind == 0x45 { (114, 152) } else { (103, 142) };
    let cases = vec![
        usual("ok/basic", "a small JSON payload"),
        Case { payload: vec![], flags: vec!["empty-payload"], ..usual("ok/empty", "no payload at all") },
        size("ok/one-byte", "one byte", 1),
        size("ok/two-bytes", "two bytes", 2),
        size("ok/three-bytes", "three bytes: every length modulo 3 has been had", 3),
        Case { payload: (0..=255).collect(), ..usual("ok/all-bytes", "every byte value") },
        size("ok/block", "body of exactly one AES block", 6),
        size("ok/1024", "a kilobyte", 1024),
        size("ok/largest", "the largest payload under the default limit: 16 384 characters", largest(kind)),
        ttl("ok/ttl-1", "the shortest life", 1),
        ttl("ok/ttl-max", "the longest life, 400 days", 34_560_000),
        clock("ok/epoch", "time 0", 0),
        clock("ok/32-bits", "2^32: 33 bits", 1 << 32),
        clock("ok/31-bits", "2^31: negative as a signed 32-bit number", 1 << 31),
        clock("ok/last-second", "2^48 - 1", end - 1),
        Case { context: ("a".into(), "b".into()), ..usual("ok/context-1", "fields of one byte") },
        Case { context: ("x".repeat(255), "y".repeat(255)), ..usual("ok/context-255", "the longest fields") },
        fits(text_of_29, usual("ok/limit-exact", "a limit of exactly the token's length")),
        fits(empty, Case { payload: vec![], ..usual("ok/limit-exact-empty", "the smallest token and a limit of its length") }),
        ring("ok/ring-first", "two keys without times: the first seals", vec![Entry::new(1), Entry::new(2)], Ok(0)),
        ring("ok/ring-greatest", "the greatest seal_from that has come", vec![Entry::new(1), Entry::new(2).from(now - 5), Entry::new(3).from(now - 9)], Ok(1)),
        ring("ok/ring-second-before", "one second before the next key takes over", vec![Entry::new(1), Entry::new(2).from(now + 1)], Ok(0)),
        ring("ok/ring-at-second", "at the second of the take-over", vec![Entry::new(1), Entry::new(2).from(now)], Ok(1)),
        ring("ok/ring-equal", "of equal seal_from the first", vec![Entry::new(3), Entry::new(1).from(now), Entry::new(2).from(now)], Ok(1)),
        ring("ok/ring-last-second", "the sealing key ends with the next second", vec![Entry::new(1).until(now + 1)], Ok(0)),
        bad(ttl("ttl/0", "a life of nothing", 0), "ttl_range"),
        bad(ttl("ttl/max-plus-1", "one second over 400 days", 34_560_001), "ttl_range"),
        bad(ttl("ttl/31-bits", "2^31", 1 << 31), "ttl_range"),
        bad(ttl("ttl/32-bits", "2^32 - 1", (1 << 32) - 1), "ttl_range"),
        bad(clock("clock/48-bits", "2^48 does not fit", end), "clock_range"),
        bad(clock("clock/53-bits", "2^53 - 1, the largest exact integer of JavaScript", (1 << 53) - 1), "clock_range"),
        bad(Case { limit: 0, ..usual("limit/0", "no limit is 0") }, "limit_range"),
        bad(Case { limit: 16_777_217, ..usual("limit/max-plus-1", "a limit over 2^24") }, "limit_range"),
        ring("key/future", "the only key does not seal yet", vec![Entry::new(1).from(now + 1)], Err("no_sealing_key")),
        ring("key/ended", "the only key has ended this second", vec![Entry::new(1).until(now)], Err("no_sealing_key")),
        ring("key/no-fall-back", "the sealing key has ended; the older one, still accepted, does not take its place", vec![Entry::new(1), Entry::new(2).from(now - 10).until(now)], Err("no_sealing_key")),
        fits(
            text_of_29 - 1,
            Case {
                expect: Err("result_too_long"),
                ..usual("size/limit-minus-1", "a limit one less than the token's length")
            },
        ),
        fits(
            empty - 1,
            Case {
                payload: vec![],
                expect: Err("result_too_long"),
                ..usual("size/limit-minus-1-empty", "a limit below the smallest token")
            },
        ),
        Case {
            expect: Err("result_too_long"),
            ..size("size/largest-plus-1", "one byte more than fits the default limit", largest(kind) + 1)
        },
        bad(
            Case {
                ttl: 0,
                now: end,
                limit: 0,
                ..usual("order/limit-first", "limit, clock and ttl out of range: the limit is told")
            },
            "limit_range",
        ),
        bad(
            Case {
                ttl: 0,
                now: end,
                ..usual("order/clock-before-ttl", "clock and ttl out of range: the clock is told")
            },
            "clock_range",
        ),
        bad(
            Case {
                ttl: 0,
                ring: vec![Entry::new(1).from(now + 1)],
                ..usual("order/ttl-before-key", "no ttl and no key: the ttl is told")
            },
            "ttl_range",
        ),
        Case {
            flags: vec!["order"],
            ..ring("order/key-before-size", "no key and too large: the key is told", vec![Entry::new(1).from(now + 1)], Err("no_sealing_key"))
        }
        .too_large(kind),
        Case {
            ttl: 0,
            ..bad(
                size("order/ttl-before-size", "no ttl and too large: the ttl is told", largest(kind) + 1),
                "ttl_range",
            )
        },
    ];
    let wide = |id, comment, ring: Vec<Entry>, seals| Case { ring, flags: vec!["wide-time"], expect: Ok(seals), ..usual(id, comment) };
    let exact = |id, comment, payload: &[u8]| Case { payload: payload.into(), flags: vec!["falsy-value", "trimmed-text"], ..usual(id, comment) };
    let low = (1 << 32) + 5;
    let mut many: Vec<_> = (0..1000).map(|number| Entry { key: key_of(number), ..Entry::new(1) }).collect();
    many[999].seal_from = Some(now);
    let letters = |count: usize| "\u{e9}".repeat(count).into_bytes();
    let two_hundred = if kind == 0x45 { 380 } else { 370 };
    let further = vec![
        exact("ok/exact-zero", "the digit 0, which some languages hold to be nothing", b"0"),
        exact("ok/exact-nul", "a zero byte", b"\0"),
        exact("ok/exact-nul-inside", "a zero byte among others", b"a\0b"),
        exact("ok/exact-line-feed", "a line feed at the end", b"payload\n"),
        exact("ok/exact-space", "white space at both ends", b" \tpayload \r\n"),
        exact("ok/exact-bom", "a byte order mark in front", b"\xef\xbb\xbfpayload"),
        exact("ok/exact-not-utf-8", "octets that are no text", b"\xff\xfe\xc0\x80"),
        wide("ok/wide-accept-until-31-bits", "an end beyond 2^31, negative as a signed 32-bit number", vec![Entry::new(1).until((1 << 31) + 5)], 0),
        wide("ok/wide-accept-until-32-bits", "an end beyond 2^32, past if cut to 32 bits", vec![Entry::new(1).until(low)], 0),
        wide("ok/wide-seal-from-32-bits", "a start beyond 2^32, past if cut to 32 bits", vec![Entry::new(1), Entry::new(2).from(low)], 0),
        Case { now: low, ..wide("ok/wide-now", "a clock beyond 2^32: the key that began last seals", vec![Entry::new(1).from(1 << 31), Entry::new(2).from(1 << 32)], 1) },
        Case { flags: vec!["many-keys"], ..wide("ok/many", "the last of 1 000 keys seals", many, 999) },
        Case { payload: letters(100), ..fits(two_hundred, usual("size/multibyte-exact", "100 characters in 200 bytes, and a limit of the token's length")) },
        Case { expect: Err("result_too_long"), payload: letters(100), flags: vec!["octet-length"], ..fits(two_hundred - 1, usual("size/multibyte-limit-minus-1", "the same, and a limit one less: bytes count, not characters")) },
        Case { expect: Err("result_too_long"), flags: vec!["octet-length"], payload: letters(6200), ..usual("size/multibyte-default", "6 200 characters in 12 400 bytes, over the default limit") },
        Case { expect: Err("result_too_long"), ..size("size/16-bits", "a token of more than 65 536 characters, short if its length is cut to 16 bits", 49_152) },
    ];
    cases.into_iter().chain(further).map(|case| case.vector(kind)).collect()
}

impl Case {
    fn too_large(self, kind: u8) -> Self {
        Self { payload: vec![0x61; largest(kind) + 1], ..self }
    }

    fn vector(self, kind: u8) -> Vector {
        let (call, rule) = if kind == 0x45 { ("seal", "SEAL") } else { ("sign", "SIGN") };
        let id = format!("{call}/{}", self.id);
        let (audience, purpose) = self.context;
        let (salt, iv) = (nonce("salt", &id), nonce("iv", &id));
        let mut inputs = members([
            ("keyring", ring_json(&self.ring)),
            ("audience", audience.clone().into()),
            ("purpose", purpose.clone().into()),
            ("limit", self.limit.into()),
            ("now", self.now.into()),
            ("ttl", self.ttl.into()),
            ("payload", hex(&self.payload).into()),
        ]);
        if kind == 0x45 {
            inputs.extend(members([("salt", hex(&salt).into()), ("iv", hex(&iv).into())]));
        }
        let mut spec = match (self.expect, kind) {
            (Ok(_), 0x45) => vec!["SEAL-01", "WIRE-01", "TEXT-01"],
            (Ok(_), _) => vec!["SIGN-01", "WIRE-01", "TEXT-01"],
            (Err("result_too_long"), 0x45) => vec!["SEAL-02", "SEAL-05"],
            (Err("result_too_long"), _) => vec!["SIGN-02", "SEAL-05"],
            (Err("no_sealing_key"), _) => vec!["RING-07", "RING-09"],
            (Err(_), 0x45) => vec!["SEAL-02", "TIME-01"],
            (Err(_), _) => vec!["SIGN-02", "TIME-01"],
        };
        if self.payload.is_empty() && self.expect.is_ok() {
            spec.push("WIRE-02");
        }
        let chosen = self.flags.contains(&"no-fall-back") || self.id.starts_with("ok/wide-") || self.id == "ok/many";
        if chosen && self.expect.is_ok() {
            spec.push("RING-07");
        }
        if self.flags.contains(&"many-keys") {
            spec.push("RING-10");
        }
        if self.id.starts_with("order/") && self.expect == Err("no_sealing_key") {
            spec.push(if rule == "SEAL" { "SEAL-02" } else { "SIGN-02" });
        }
        let outcome = match self.expect {
            Err(code) => Outcome::Error(code),
            Ok(position) => {
                let key = self.ring[position].key.clone();
                let (issued_at, ttl, payload) = (self.now, self.ttl, self.payload);
                let set = BTreeMap::new();
                let source = Source { kind, key, audience, purpose, issued_at, ttl, payload, salt, iv, set };
                let built = source.build();
                let mut result = crate::opening::intermediates(kind, &built);
                result.push(("token".to_owned(), base64url(&built.bytes).into()));
                Outcome::Result(Json::Object(result))
            }
        };
        let mut flags = self.flags;
        if self.id.starts_with("order/") && !flags.contains(&"order") {
            flags.push("order");
        }
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }
}
