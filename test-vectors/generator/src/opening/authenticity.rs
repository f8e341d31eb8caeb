//! Step 6: authenticity.

use super::*;

impl Cases {
    /// Step 6.
    #[rustfmt::skip] // one case a line
    pub(super) fn authenticity(&mut self) {
        let usual = standard();
        let built = self.bases["ok/basic"].build();
        let length = built.bytes.len();
        let xor = |at: usize, bits: u8| vec![Step::Bytes(at, 1, vec![built.bytes[at] ^ bits])];
        let fields: &[(&str, usize, usize)] = if self.sealed() {
            &[
                ("salt", 35, 47),
                ("iv", 47, 59),
                ("issued-at", 59, 65),
                ("ttl", 65, 69),
                ("payload", 69, length - 16),
                ("tag", length - 16, length),
            ]
        } else {
            &[("issued-at", 35, 41), ("ttl", 41, 45), ("payload", 45, length - 32), ("tag", length - 32, length)]
        };
        for (field, from, to) in fields {
            for (which, at, bits) in [("first", *from, 0x80), ("last", *to - 1, 0x01)] {
                self.bad(&format!("auth-failed/{field}-{which}-bit"), "auth_failed", &format!("the {which} bit of {field} changed"), &["tampered"], "ok/basic", &xor(at, bits), &usual);
            }
        }
        let tag = if self.sealed() { 16 } else { 32 };
        let long = self.bases["ok/all-bytes"].build().bytes.len();
        for keep in [tag - 1, tag - 4, tag / 2, 4, 0] {
            let steps = [Step::Bytes(long - tag + keep, tag - keep, vec![])];
            self.bad(&format!("auth-failed/tag-{keep}-bytes"), "auth_failed", &format!("the tag cut to {keep} bytes"), &["truncated-tag"], "ok/all-bytes", &steps, &usual);
        }
        self.bad("auth-failed/tag-zero", "auth_failed", "a tag of zeros", &["tampered"], "ok/basic", &[Step::Set("tag", vec![0; tag])], &usual);
        self.bad("auth-failed/appended", "auth_failed", "a byte after the tag", &["tampered"], "ok/basic", &[Step::Bytes(length, 0, vec![0])], &usual);
        self.bad("auth-failed/removed", "auth_failed", "a byte of the payload removed", &["tampered"], "ok/basic", &[Step::Bytes(length - tag - 1, 1, vec![])], &usual);
        self.bad("auth-failed/inserted", "auth_failed", "a byte inserted before the tag", &["tampered"], "ok/basic", &[Step::Bytes(length - tag, 0, vec![0x20])], &usual);
        let other = self.bases["ok/leeway-60"].build().bytes;
        self.bad(
            "auth-failed/tag-of-other-token",
            "auth_failed",
            "the tag of another authentic token",
            &["tampered"],
            "ok/basic",
            &[Step::Set(
                "tag",
                if self.sealed() {
                    other[other.len() - tag..].to_vec()
                } else {
                    self.bases["ok/two-bytes"].build().tag
                },
            )],
            &usual,
        );
        self.bad(
            "auth-failed/working-key",
            "auth_failed",
            "the right key id over another working key: the id alone opens nothing",
            &["trial-decryption"],
            "ok/basic",
            &[
                Step::Set("working_key", derive(&key(2), self.kind, "shop.example", "session").1[..32].to_vec()),
                Step::Set("key_id", built.key_id.clone()),
            ],
            &usual,
        );
        self.bad("auth-failed/master-as-working-key", "auth_failed", "the master key used without derivation", &["wrong-subkey"], "ok/basic", &[Step::Set("working_key", key(1)), Step::Set("key_id", built.key_id.clone())], &usual);
        if self.sealed() {
            let salt = self.bases["ok/basic"].salt.clone();
            let iv = self.bases["ok/basic"].iv.clone();
            let label = |text: &[u8], end: &[u8]| hmac(&built.working_key, &[text, &salt, end].concat());
            for (name, aad, comment) in [
                ("aad-with-iv", [&built.aad[..], &iv].concat(), "the iv among the additional data"),
                ("aad-empty", vec![], "no additional data"),
                ("aad-without-salt", built.aad[..35].to_vec(), "additional data without the salt"),
                ("aad-without-magic", built.aad[3..].to_vec(), "additional data without the magic"),
                ("aad-key-id-only", built.aad[3..35].to_vec(), "the key id alone as additional data"),
            ] {
                self.bad(&format!("auth-failed/{name}"), "auth_failed", comment, &["wrong-aad"], "ok/basic", &[Step::Set("aad", aad)], &usual);
            }
            for (name, subkey, comment) in [
                ("subkey-working-key", built.working_key.clone(), "the working key used without a subkey: one static AES key"),
                ("subkey-key-id", built.key_id.clone(), "the public key id used as the key"),
                ("subkey-zero", vec![0; 32], "an AES key of zeros"),
                ("subkey-no-counter", label(b"cretula-v1 token", &[]), "the subkey without the last byte 01"),
                ("subkey-counter-0", label(b"cretula-v1 token", &[0]), "a counter of 0 instead of 1"),
                ("subkey-no-label", label(b"", &[1]), "the subkey without its label"),
                ("subkey-other-label", label(b"cretula-v1", &[1]), "the label of the derivation"),
                ("subkey-iv", hmac(&built.working_key, &[&b"cretula-v1 token"[..], &iv, &[1]].concat()), "the iv in place of the salt"),
                ("subkey-okm", hmac(&built.okm, &[&b"cretula-v1 token"[..], &salt, &[1]].concat()), "all 64 bytes of okm as the HMAC key"),
            ] {
                self.bad(&format!("auth-failed/{name}"), "auth_failed", comment, &["wrong-subkey"], "ok/basic", &[Step::Set("subkey", subkey)], &usual);
            }
            let swapped = [iv, salt].concat();
            self.bad("auth-failed/salt-and-iv-exchanged", "auth_failed", "salt and iv in each other's place on the wire", &["tampered"], "ok/basic", &[Step::Bytes(35, 24, swapped)], &usual);
            self.bad("auth-failed/tag-before-ciphertext", "auth_failed", "the tag in front of the ciphertext", &["tampered"], "ok/basic", &[Step::Bytes(59, length - 59, [&built.tag[..], &built.ciphertext].concat())], &usual);
        } else {
            let message = &built.bytes[..length - 32];
            for (name, tag, comment) in [
                ("mac-body-only", hmac(&built.working_key, &built.body), "the tag over the body alone"),
                ("mac-payload-only", hmac(&built.working_key, &built.body[10..]), "the tag over the payload alone"),
                ("mac-without-magic", hmac(&built.working_key, &message[3..]), "the tag without the magic"),
                ("mac-without-times", hmac(&built.working_key, &[&message[..35], &message[45..]].concat()), "the tag without the times"),
                ("mac-of-text", hmac(&built.working_key, base64url(message).as_bytes()), "the tag over the text instead of the bytes"),
                ("mac-key-id", hmac(&built.key_id, message), "the public key id as the HMAC key"),
                ("mac-okm", hmac(&built.okm, message), "all 64 bytes of okm as the HMAC key"),
                ("mac-zero-key", hmac(&[0; 32], message), "an HMAC key of zeros"),
                ("mac-no-key", sha256(message), "SHA-256 without a key"),
                ("mac-prefix-hash", sha256(&[&built.working_key[..], message].concat()), "SHA-256 of key and message, open to length extension"),
            ] {
                self.bad(&format!("auth-failed/{name}"), "auth_failed", comment, &["mac-input"], "ok/basic", &[Step::Set("tag", tag)], &usual);
            }
        }
    }
}
