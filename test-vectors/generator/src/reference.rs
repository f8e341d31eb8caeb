//! The plainest form of the format that could be right: every formula of the specification once, in its order, nothing
//! cached, nothing checked. It shares no code with the crate `cretula`, and tests hold the crate against it.

use std::collections::BTreeMap;

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

/// Holds what a token is made from: the `made_from` of a vector, and what its mutation sets.
#[derive(Clone, Debug)]
pub struct Source {
    /// `45` sealed, `53` signed: which layout is built.
    pub kind: u8,
    /// Master key, 32 bytes.
    pub key: Vec<u8>,
    /// Audience.
    pub audience: String,
    /// Purpose.
    pub purpose: String,
    /// Seconds since the Unix epoch.
    pub issued_at: u64,
    /// Seconds.
    pub ttl: u64,
    /// Payload.
    pub payload: Vec<u8>,
    /// Salt, 12 bytes; sealed kind only.
    pub salt: Vec<u8>,
    /// Iv, 12 bytes; sealed kind only.
    pub iv: Vec<u8>,
    /// Intermediates that are set instead of computed, by name.
    pub set: BTreeMap<&'static str, Vec<u8>>,
}

/// Holds a token and every value that was computed on the way.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Built {
    pub info: Vec<u8>,
    pub okm: Vec<u8>,
    pub working_key: Vec<u8>,
    pub key_id: Vec<u8>,
    pub subkey: Vec<u8>,
    pub aad: Vec<u8>,
    pub body: Vec<u8>,
    pub ciphertext: Vec<u8>,
    pub tag: Vec<u8>,
    pub bytes: Vec<u8>,
}

/// Returns HMAC-SHA256, 32 bytes.
///
/// # Panics
/// Never: HMAC takes keys of every length.
#[must_use]
pub fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Returns SHA-256, 32 bytes.
#[must_use]
pub fn sha256(message: &[u8]) -> Vec<u8> {
    Sha256::digest(message).to_vec()
}

/// Returns unpadded base64url.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the text form of a key (§4.2).
#[must_use]
pub fn key_text(key: &[u8]) -> String {
    let head = format!("cretula_key1_{}", crate::json::hex(key));
    let sum = sha256(head.as_bytes());
    format!("{head}_{}", crate::json::hex(&sum[..4]))
}

/// Returns info and okm (§6).
///
/// # Panics
/// For an audience or purpose beyond 255 bytes.
#[must_use]
pub fn derive(key: &[u8], kind: u8, audience: &str, purpose: &str) -> (Vec<u8>, Vec<u8>) {
    let length = |field: &str| u8::try_from(field.len()).expect("at most 255 bytes");
    let mut info = b"cretula-v1".to_vec();
    info.extend([0, kind, length(audience)]);
    info.extend(audience.bytes());
    info.push(length(purpose));
    info.extend(purpose.bytes());
    let okm = expand(key, &info);
    (info, okm)
}

fn expand(key: &[u8], info: &[u8]) -> Vec<u8> {
    let mut okm = vec![0; 64];
    Hkdf::<Sha256>::new(Some(&[0; 32]), key).expand(info, &mut okm).expect("64 bytes is within HKDF's reach");
    okm
}

impl Source {
    /// Builds the token, as `test-vectors/README.md` words it.
    ///
    /// # Panics
    /// For values of a wrong length.
    #[must_use]
    pub fn build(&self) -> Built {
        let set = |name: &str, computed: Vec<u8>| self.set.get(name).cloned().unwrap_or(computed);
        let sealed = self.kind == 0x45;
        let magic = set("magic", if sealed { vec![0x0A, 0xB1, 0x35] } else { vec![0x0A, 0xB4, 0xB5] });
        let kind = set("kind", vec![self.kind])[0];
        let info = set("info", derive(&self.key, kind, &self.audience, &self.purpose).0);
        let okm = expand(&self.key, &info);
        let working_key = set("working_key", okm[..32].to_vec());
        let key_id = set("key_id", okm[32..].to_vec());
        let ttl = u32::try_from(self.ttl).expect("32 bits");
        let body = [&self.issued_at.to_be_bytes()[2..], &ttl.to_be_bytes(), &self.payload].concat();
        let body = set("body", body);
        let mut built = Built {
            info,
            okm,
            working_key,
            key_id,
            subkey: Vec::new(),
            aad: Vec::new(),
            body,
            ciphertext: Vec::new(),
            tag: Vec::new(),
            bytes: Vec::new(),
        };
        if sealed {
            built.aad = set("aad", [&magic[..], &built.key_id, &self.salt].concat());
            let message = [b"cretula-v1 token", &self.salt[..], &[1]].concat();
            built.subkey = set("subkey", hmac(&built.working_key, &message));
            let cipher = Aes256Gcm::new_from_slice(&built.subkey).expect("32 bytes");
            let payload = Payload { msg: &built.body, aad: &built.aad };
            let iv = self.iv.as_slice().try_into().expect("12 bytes");
            let mut ciphertext = cipher.encrypt(iv, payload).expect("below 64 GiB");
            let tag = ciphertext.split_off(ciphertext.len() - 16);
            built.ciphertext = set("ciphertext", ciphertext);
            built.tag = set("tag", tag);
            let fields = [&magic, &built.key_id, &self.salt, &self.iv, &built.ciphertext, &built.tag];
            built.bytes = fields.map(Vec::as_slice).concat();
        } else {
            let message = [&magic[..], &built.key_id, &built.body].concat();
            built.tag = set("tag", hmac(&built.working_key, &message));
            built.bytes = [message, built.tag.clone()].concat();
        }
        built
    }
}
