//! Cases of `derivation.json`: contexts, and what is derived from them.

use crate::{
    json::{hex, object},
    reference,
    vector::{Outcome, Vector, key, members},
};

pub(crate) fn vectors() -> Vec<Vector> {
    let long = "x".repeat(255);
    let visible: String = (0x21..=0x7E_u8).map(char::from).collect();
    let good = [
        ("ok/sealed", 1, "sealed", "shop.example", "session", "the usual context"),
        (
            "ok/signed",
            1,
            "signed",
            "shop.example",
            "session",
            "the same context for the other kind: another key and another id",
        ),
        ("ok/other-key", 2, "sealed", "shop.example", "session", "another master key"),
        ("ok/one-byte", 1, "sealed", "a", "b", "fields of one byte"),
        ("ok/swapped", 1, "sealed", "session", "shop.example", "audience and purpose exchanged"),
        ("ok/split-1", 1, "sealed", "ab", "c", "joined without lengths, this and the next would be one"),
        ("ok/split-2", 1, "sealed", "a", "bc", "joined without lengths, this and the one before would be one"),
        (
            "ok/length-byte",
            1,
            "sealed",
            "a!b",
            "c",
            "a visible character whose value is that of a length (0x21 = 33) confuses nobody",
        ),
        ("ok/case", 1, "sealed", "Shop.example", "session", "case matters"),
        ("ok/purpose-case", 1, "sealed", "shop.example", "Session", "case matters"),
        ("ok/visible", 1, "sealed", &visible, "session", "every character that is allowed"),
        ("ok/audience-255", 1, "sealed", &long, "p", "the longest audience"),
        ("ok/purpose-255", 1, "signed", "a", &long, "the longest purpose; a length byte of 255 is not negative"),
        ("ok/zero-audience", 1, "sealed", "0", "session", "the digit 0, which some languages hold to be nothing"),
        ("ok/zero-purpose", 1, "signed", "shop.example", "0", "the digit 0 as purpose"),
        ("ok/both-255", 1, "sealed", &long, &long, "the longest info: 524 bytes"),
    ];
    let over = "x".repeat(256);
    let bad = [
        ("context/audience-empty", "", "session", "an empty audience"),
        ("context/purpose-empty", "shop.example", "", "an empty purpose"),
        ("context/audience-256", &over, "session", "one byte too long: its length byte would be 0"),
        ("context/purpose-256", "shop.example", &over, "one byte too long"),
        ("context/space", "shop example", "session", "0x20 is not visible"),
        ("context/leading-space", " shop.example", "session", "nothing is trimmed"),
        ("context/trailing-newline", "shop.example", "session\n", "nothing is trimmed"),
        ("context/trim-line-feed", "shop.example\n", "session", "a line feed behind the audience"),
        ("context/trim-crlf", "shop.example\r\n", "session", "a line break behind the audience"),
        ("context/trim-nul", "shop.example", "session\u{0}", "a zero character behind the purpose"),
        ("context/trim-space", "shop.example ", "session", "a space behind the audience"),
        ("context/trim-no-break-space", "shop.example", "session\u{a0}", "a no-break space behind the purpose"),
        ("context/nul", "shop.example\u{0}", "session", "0x00"),
        ("context/tab", "shop.example", "ses\tsion", "0x09"),
        ("context/unit-separator", "shop.example", "\u{1f}", "0x1F"),
        ("context/delete", "shop.example\u{7f}", "session", "0x7F"),
        ("context/latin-1", "caf\u{e9}.example", "session", "beyond ASCII, in UTF-8 two bytes"),
        ("context/wide", "shop.example", "\u{ff53}ession", "a full-width letter is not folded"),
    ];
    let mut vectors = Vec::new();
    for (id, number, kind, audience, purpose, comment) in good {
        let byte = if kind == "sealed" { 0x45 } else { 0x53 };
        let (info, okm) = reference::derive(&key(number), byte, audience, purpose);
        vectors.push(Vector {
            id: format!("derive/{id}"),
            spec: vec!["DERIVE-01", "CTX-02"],
            flags: if ["swapped", "split", "case"].iter().any(|word| id.contains(word)) {
                vec!["context-confusion"]
            } else if id.contains("zero") {
                vec!["falsy-value"]
            } else {
                vec![]
            },
            comment: comment.to_owned(),
            inputs: members([
                ("key", hex(&key(number)).into()),
                ("kind", kind.into()),
                ("audience", audience.into()),
                ("purpose", purpose.into()),
            ]),
            outcome: Outcome::Result(object([
                ("info", hex(&info).into()),
                ("okm", hex(&okm).into()),
                ("working_key", hex(&okm[..32]).into()),
                ("key_id", hex(&okm[32..]).into()),
            ])),
        });
    }
    for (id, audience, purpose, comment) in bad {
        vectors.push(Vector {
            id: format!("derive/{id}"),
            spec: vec!["CTX-01"],
            flags: if id.contains("trim-") { vec!["caller-error", "trimmed-text"] } else { vec!["caller-error"] },
            comment: comment.to_owned(),
            inputs: members([
                ("key", hex(&key(1)).into()),
                ("kind", "sealed".into()),
                ("audience", audience.into()),
                ("purpose", purpose.into()),
            ]),
            outcome: Outcome::Error("context_invalid"),
        });
    }
    vectors
}
