//! Tokens that a careless opener reads otherwise: long ones, late ones, those of a ring of many or of similar keys.

use super::*;
use crate::vector::key_of;

impl Cases {
    #[rustfmt::skip] // one case a line
    pub(super) fn wide(&mut self) {
        let ring = |ring| Opening { ring, ..standard() };
        let low = (1 << 32) + 5;

        for (name, payload, comment) in [
            ("ok/exact-zero", &b"0"[..], "the digit 0, which some languages hold to be nothing"),
            ("ok/exact-nul", b"\0", "a zero byte"),
            ("ok/exact-nul-inside", b"a\0b", "a zero byte among others"),
            ("ok/exact-line-feed", b"payload\n", "a line feed at the end"),
            ("ok/exact-space", b" \tpayload \r\n", "white space at both ends"),
            ("ok/exact-bom", b"\xef\xbb\xbfpayload", "a byte order mark in front"),
            ("ok/exact-not-utf-8", b"\xff\xfe\xc0\x80", "octets that are no text"),
        ] {
            let source = Source { payload: payload.into(), ..self.source(name) };
            self.ok(name, comment, &["falsy-value", "trimmed-text"], source, &standard());
        }

        for (name, until) in [("31-bits", (1 << 31) + 5), ("32-bits", low), ("47-bits", (1 << 47) + 5)] {
            let name = format!("ok/wide-accept-until-{name}");
            let source = self.source(&name);
            self.ok(&name, "the end of its key is beyond so many bits", &["wide-time"], source, &ring(vec![Entry::new(1).until(until)]));
        }
        let source = Source { issued_at: low, ..self.source("ok/wide-now") };
        self.ok("ok/wide-now", "a clock beyond 2^32, and a key that ends later", &["wide-time"], source, &Opening { now: low + 100, ..ring(vec![Entry::new(1).until(low + 101)]) });
        self.bad("key-inactive/wide", "key_inactive", "a clock beyond 2^32, and a key that ended before", &["wide-time", "inactive-key"], "ok/wide-now", &[], &Opening { now: low + 100, ..ring(vec![Entry::new(1).until(NOW)]) });
        self.bad("key-inactive/wide-end", "key_inactive", "clock and end beyond 2^32", &["wide-time", "inactive-key"], "ok/wide-now", &[], &Opening { now: low + 100, ..ring(vec![Entry::new(1).until(low + 100)]) });

        // 49 160 bytes are 65 547 characters, few enough for the file to stay small.
        let source = Source { payload: vec![0x61; 49_160 - self.least()], ..self.source("ok/16-bits") };
        self.ok("ok/16-bits", "a token of more than 65 536 characters, under the greatest limit", &["size"], source, &Opening { limit: 16_777_216, ..standard() });
        let length = base64url(&self.bases["ok/basic"].build().bytes).len();
        self.bad("too-long/16-bits", "too_long", "as long as a good token if its length is cut to 16 bits", &["size", "octet-length"], "ok/basic", &[Step::Text(length, 0, "A".repeat(65_536))], &standard());

        let mut many: Vec<_> = (0..999).map(|number| Entry { key: key_of(number), ..Entry::new(1) }).collect();
        many.push(Entry::new(1));
        let source = self.source("ok/many");
        self.ok("ok/many", "the last of 1 000 keys", &["many-keys"], source, &ring(many));
        let source = self.source("ok/ring-fifth");
        self.ok("ok/ring-fifth", "the fifth of five keys", &["many-keys"], source, &ring([2, 3, 4, 5, 1].map(Entry::new).into()));
        for (name, byte, comment) in [("last-byte", 31, "differs in its last byte"), ("byte-16", 16, "differs in byte 16")] {
            let mut other = key(1);
            other[byte] ^= 1;
            let name = format!("ok/ring-differ-{name}");
            let source = self.source(&name);
            self.ok(&name, &format!("the key before it in the ring {comment}"), &["loose-comparison"], source, &ring(vec![Entry { key: other, ..Entry::new(2) }, Entry::new(1)]));
        }

        let text = base64url(&self.bases["ok/basic"].build().bytes);
        let letter = |from: usize| from + text[from..].find(|letter: char| letter.is_ascii_alphabetic()).expect("a letter");
        let swapped = |at: usize| {
            let letter = text.as_bytes()[at] ^ 0x20;
            Step::Text(at, 1, char::from(letter).to_string())
        };
        // Characters 5 to 45 hold nothing but the key id.
        self.bad("unknown-key/id-case", "unknown_key", "one letter of the key id in the other case", &["loose-comparison", "id-prefix-compare"], "ok/basic", &[swapped(letter(10))], &standard());
        let masked = |at: usize, more: u32| {
            let code = u32::from(text.as_bytes()[at]) | more;
            vec![Step::Text(at, 1, char::from_u32(code).expect("a letter").to_string())]
        };
        for (name, at, more, comment) in [
            ("7-bits", 70, 0x80, "a character whose low 7 bits are those of the right one"),
            ("8-bits", 70, 0x100, "a character whose low 8 bits are those of the right one"),
            ("16-bits", 70, 0x10000, "a character whose low 16 bits are those of the right one"),
            ("key-id", 20, 0x80, "the same in the key id"),
            ("last", text.len() - 1, 0x80, "the same at the end"),
        ] {
            self.bad(&format!("masked/{name}"), "encoding", comment, &["masked-octet", "lax-base64"], "ok/basic", &masked(at, more), &standard());
        }
        self.bad("masked/octets", "encoding", "two octets of UTF-8 whose low 7 bits are of the alphabet, in the place of two characters", &["masked-octet", "lax-base64"], "ok/basic", &[Step::Text(70, 2, "\u{f0}".into())], &standard());
    }
}
