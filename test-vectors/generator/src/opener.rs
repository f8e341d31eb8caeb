//! Opening and choosing a key (§10, §11.2), as plain as `reference` makes tokens: what the profile's vectors stand on.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    reference::{derive, hmac},
    vector::Entry,
};

/// Kind of the tokens that hold sessions.
const SEALED: u8 = 0x45;

/// Code of a refusal.
pub(crate) type Code = &'static str;

/// Holds what a ring opens and seals for.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) ring: Vec<Entry>,
    pub(crate) audience: String,
    pub(crate) purpose: String,
}

/// Holds what steps 0 to 8 give back.
#[derive(Clone)]
pub(crate) struct Unsealed {
    pub(crate) payload: Vec<u8>,
    pub(crate) issued_at: u64,
    pub(crate) ttl: u64,
}

impl Context {
    /// Returns working key and key id of an entry.
    fn derived(&self, kind: u8, entry: &Entry) -> (Vec<u8>, Vec<u8>) {
        let (_, okm) = derive(&entry.key, kind, &self.audience, &self.purpose);
        (okm[..32].to_vec(), okm[32..].to_vec())
    }

    /// Returns whether a key id is one of the ring's.
    pub(crate) fn knows(&self, key_id: &[u8]) -> bool {
        self.ring.iter().any(|entry| self.derived(SEALED, entry).1 == key_id)
    }

    /// Steps 0 to 8 of opening.
    pub(crate) fn open(
        &self,
        kind: u8,
        text: &[u8],
        life: (u64, u64),
        limit: usize,
        now: u64,
    ) -> Result<Unsealed, Code> {
        let (max_age, leeway) = life;
        if leeway > 300 {
            return Err("leeway_range");
        }
        if !(1..=34_560_000).contains(&max_age) {
            return Err("max_age_range");
        }
        if now >= 1 << 48 {
            return Err("clock_range");
        }
        if text.len() > limit {
            return Err("too_long");
        }
        let digit = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-' || *octet == b'_';
        match text.get(..4).unwrap_or(text) {
            b"CrE1" if kind == SEALED => {}
            b"CrS1" if kind != SEALED => {}
            b"CrE1" | b"CrS1" => return Err("wrong_kind"),
            [b'C', b'r', b'E' | b'S', version] if digit(version) => return Err("unsupported_version"),
            _ => return Err("not_a_token"),
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| "encoding")?;
        if bytes.len() < if kind == SEALED { 85 } else { 77 } {
            return Err("too_short");
        }
        let entry = self.ring.iter().find(|entry| self.derived(kind, entry).1 == bytes[3..35]).ok_or("unknown_key")?;
        if entry.accept_until.is_some_and(|end| now >= end) {
            return Err("key_inactive");
        }
        let working_key = self.derived(kind, entry).0;
        let body = if kind == SEALED {
            let message = [b"cretula-v1 token", &bytes[35..47], &[1]].concat();
            let cipher = Aes256Gcm::new_from_slice(&hmac(&working_key, &message)).expect("32 bytes");
            let sealed = Payload { msg: &bytes[59..], aad: &bytes[..47] };
            cipher.decrypt(bytes[47..59].try_into().expect("12 bytes"), sealed).map_err(|_| "auth_failed")?
        } else {
            let (signed, tag) = bytes.split_at(bytes.len() - 32);
            if hmac(&working_key, signed) != tag {
                return Err("auth_failed");
            }
            signed[35..].to_vec()
        };
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let (issued_at, ttl) = (number(&body[..6]), number(&body[6..10]));
        if issued_at > now + leeway {
            return Err("issued_in_future");
        }
        if !(1..=34_560_000).contains(&ttl) || now >= issued_at + ttl.min(max_age) {
            return Err("expired");
        }
        Ok(Unsealed { payload: body[10..].to_vec(), issued_at, ttl })
    }

    /// Returns the entry that seals.
    pub(crate) fn sealing_entry(&self, now: u64) -> Result<&Entry, Code> {
        let mut chosen: Option<&Entry> = None;
        for entry in self.ring.iter().filter(|entry| entry.seal_from.unwrap_or(0) <= now) {
            if chosen.is_none_or(|chosen| entry.seal_from.unwrap_or(0) > chosen.seal_from.unwrap_or(0)) {
                chosen = Some(entry);
            }
        }
        chosen.filter(|entry| entry.accept_until.is_none_or(|end| now < end)).ok_or("no_sealing_key")
    }
}
