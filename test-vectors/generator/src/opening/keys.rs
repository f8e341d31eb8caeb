//! Step 5: key id and accept_until.

use super::*;

impl Cases {
    /// Step 5.
    #[rustfmt::skip] // one case a line
    pub(super) fn keys(&mut self) {
        let usual = standard();
        let ring = |ring| Opening { ring, ..standard() };
        let context = |audience: &str, purpose: &str| Opening {
            audience: audience.into(),
            purpose: purpose.into(),
            ..standard()
        };
        let key_id = self.bases["ok/basic"].build().key_id;
        let flip = |at: usize| {
            let mut id = key_id.clone();
            id[at] ^= 1;
            vec![Step::Set("key_id", id)]
        };
        self.bad("unknown-key/other-key", "unknown_key", "made with a key that the ring lacks", &[], "ok/basic", &[Step::Key(key(9))], &usual);
        self.bad("unknown-key/other-ring", "unknown_key", "the ring holds two other keys", &[], "ok/basic", &[], &ring(vec![Entry::new(2), Entry::new(3)]));
        self.bad("unknown-key/audience", "unknown_key", "opened under another audience", &["context-confusion"], "ok/basic", &[], &context("forum.example", "session"));
        self.bad("unknown-key/purpose", "unknown_key", "opened under another purpose: a value swapped between cookies", &["context-confusion"], "ok/basic", &[], &context("shop.example", "return-url"));
        self.bad("unknown-key/audience-case", "unknown_key", "case matters", &["context-confusion"], "ok/basic", &[], &context("SHOP.example", "session"));
        self.bad("unknown-key/purpose-case", "unknown_key", "case matters", &["context-confusion"], "ok/basic", &[], &context("shop.example", "Session"));
        self.bad("unknown-key/swapped", "unknown_key", "audience and purpose exchanged", &["context-confusion"], "ok/basic", &[], &context("session", "shop.example"));
        self.bad("unknown-key/joined-1", "unknown_key", "joined without lengths the contexts would be one", &["context-confusion"], "ok/context-split-1", &[], &context("a", "bc"));
        self.bad("unknown-key/joined-2", "unknown_key", "joined without lengths the contexts would be one", &["context-confusion"], "ok/context-split-2", &[], &context("ab", "c"));
        self.bad("unknown-key/audience-made", "unknown_key", "made for another audience", &["context-confusion"], "ok/basic", &[Step::Audience("forum.example")], &usual);
        self.bad("unknown-key/purpose-made", "unknown_key", "made for another purpose", &["context-confusion"], "ok/basic", &[Step::Purpose("return-url")], &usual);
        let other_kind = if self.sealed() { 0x53 } else { 0x45 };
        self.bad("unknown-key/other-kind-derived", "unknown_key", "this kind's layout under the other kind's keys", &["kind-confusion"], "ok/basic", &[Step::Set("kind", vec![other_kind])], &usual);
        let twin = Source { kind: other_kind, ..self.bases["ok/basic"].clone() };
        let twin_bytes = twin.build().bytes;
        let ours = self.bases["ok/basic"].build().bytes;
        let mut relabelled = twin_bytes;
        relabelled.splice(..3, ours[..3].iter().copied());
        self.bad("unknown-key/other-kind-relabelled", "unknown_key", "an authentic token of the other kind with this kind's start", &["kind-confusion"], "ok/basic", &[Step::Bytes(0, ours.len(), relabelled)], &usual);
        for at in [0, 7, 8, 15, 16, 31] {
            self.bad(&format!("unknown-key/id-byte-{at}"), "unknown_key", &format!("authentic but for one bit of byte {at} of the key id, which the tag covers"), &["id-prefix-compare", "trial-decryption"], "ok/basic", &flip(at), &usual);
        }
        self.bad("unknown-key/id-zero", "unknown_key", "a key id of zeros over an authentic token", &["trial-decryption"], "ok/basic", &[Step::Set("key_id", vec![0; 32])], &usual);
        self.bad("unknown-key/id-ones", "unknown_key", "a key id of 0xFF over an authentic token", &["trial-decryption"], "ok/basic", &[Step::Set("key_id", vec![0xFF; 32])], &usual);
        let okm = self.bases["ok/basic"].build().okm;
        self.bad("unknown-key/id-is-working-key", "unknown_key", "the halves of okm exchanged", &["id-prefix-compare"], "ok/basic", &[Step::Set("working_key", okm[32..].to_vec()), Step::Set("key_id", okm[..32].to_vec())], &usual);
        let second = derive(&key(2), self.kind, "shop.example", "session").1[32..].to_vec();
        self.bad("auth-failed/id-of-other-key", "auth_failed", "the id of the ring's second key over a token of the first: only the named key is tried", &["trial-decryption"], "ok/basic", &[Step::Set("key_id", second.clone())], &ring(vec![Entry::new(1), Entry::new(2)]));
        self.bad("auth-failed/id-of-other-key-2", "auth_failed", "the same with the ring in the other order", &["trial-decryption"], "ok/basic", &[Step::Set("key_id", second)], &ring(vec![Entry::new(2), Entry::new(1)]));

        self.bad("key-inactive/at-second", "key_inactive", "the key ends at this very second", &["inactive-key", "off-by-one"], "ok/basic", &[], &ring(vec![Entry::new(1).until(NOW)]));
        self.bad("key-inactive/long-ago", "key_inactive", "the key ended long ago; a newer one seals", &["inactive-key"], "ok/basic", &[], &ring(vec![Entry::new(1).until(1), Entry::new(2)]));
        let leeway = Opening { leeway: 300, ..ring(vec![Entry::new(1).until(NOW - 1)]) };
        self.bad("key-inactive/leeway", "key_inactive", "leeway does not lengthen the life of a key", &["inactive-key", "leeway-on-life"], "ok/basic", &[], &leeway);
    }
}
