//! The worked example of the specification (§13): one payload, sealed and signed, with every intermediate.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    json::hex,
    reference::{Source, base64url, key_text},
    vector::{key, nonce},
};

/// Stands before the generated text.
pub const BEGIN: &str = "<!-- worked-example:begin -->";
/// Stands after it.
pub const END: &str = "<!-- worked-example:end -->";

/// Returns the generated text.
///
/// # Panics
/// Never: it writes to memory.
#[must_use]
pub fn worked_example() -> String {
    let mut source = Source {
        kind: 0x45,
        key: key(1),
        audience: "shop.example".into(),
        purpose: "session".into(),
        issued_at: 1_790_000_000,
        ttl: 1800,
        payload: br#"{"sub":"ada","basket":[17,4]}"#.to_vec(),
        salt: nonce("salt", "example"),
        iv: nonce("iv", "example"),
        set: BTreeMap::new(),
    };
    let sealed = source.build();
    source.kind = 0x53;
    let signed = source.build();
    let payload = String::from_utf8_lossy(&source.payload).into_owned();
    let common: [(&str, String); 6] = [
        ("master key", hex(&source.key)),
        ("key text", key_text(&source.key)),
        ("audience", format!("\"{}\"", source.audience)),
        ("purpose", format!("\"{}\"", source.purpose)),
        ("issued_at, ttl", format!("{}, {}", source.issued_at, source.ttl)),
        ("payload", format!("{payload}  ({} bytes)", source.payload.len())),
    ];
    let sealed = [
        ("info", hex(&sealed.info)),
        ("okm", hex(&sealed.okm)),
        ("K = okm[0..32]", hex(&sealed.working_key)),
        ("key_id = okm[32..64]", hex(&sealed.key_id)),
        ("salt", hex(&source.salt)),
        ("iv", hex(&source.iv)),
        ("aad", hex(&sealed.aad)),
        ("subkey", hex(&sealed.subkey)),
        ("body", hex(&sealed.body)),
        ("ciphertext", hex(&sealed.ciphertext)),
        ("tag", hex(&sealed.tag)),
        ("bytes", format!("{} of them", sealed.bytes.len())),
        ("token", base64url(&sealed.bytes)),
    ];
    let signed = [
        ("info", hex(&signed.info)),
        ("okm", hex(&signed.okm)),
        ("K = okm[0..32]", hex(&signed.working_key)),
        ("key_id = okm[32..64]", hex(&signed.key_id)),
        ("body", hex(&signed.body)),
        ("m", hex(&signed.bytes[..signed.bytes.len() - 32])),
        ("tag", hex(&signed.tag)),
        ("bytes", format!("{} of them", signed.bytes.len())),
        ("token", base64url(&signed.bytes)),
    ];
    let mut text = String::new();
    for (title, rows) in [("The input", &common[..]), ("Sealed", &sealed), ("Signed", &signed)] {
        writeln!(text, "\n**{title}.**\n\n```").expect("writes to memory");
        for (name, value) in rows {
            let mut name = *name;
            for line in value.as_bytes().chunks(90) {
                writeln!(text, "{name:20}  {}", String::from_utf8_lossy(line)).expect("writes to memory");
                name = "";
            }
        }
        text.push_str("```\n");
    }
    text.push('\n');
    text
}
