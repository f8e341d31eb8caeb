//! The steps that are refused: tokens changed, over, or taken for what they are not.

use std::{collections::BTreeSet, ops::Range};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::{Key, Opened, Site, UnsealError, UntrustedToken};

use crate::{
    LIMIT_DEFAULT, SEALED_MIN_BYTES, Step, Story, TTL, at,
    check::{section, told},
    secs, shop,
};

/// Bytes of the tags (§7).
const GCM_TAG_BYTES: usize = 16;
const HMAC_TAG_BYTES: usize = 32;

impl Story {
    pub(crate) fn tampering(&mut self) -> Step {
        println!("\n5  Tampering: of each byte of a field in turn, one bit is flipped");
        let (sealer, signer, now) = (self.sealer.clone(), self.signer.clone(), self.moment(60)?);
        let unseal = |text: &str| at(&sealer, now).unseal(text);
        let bytes = UntrustedToken::parse(&self.token, LIMIT_DEFAULT)?.bytes;
        let (tag, end) = (bytes.len() - GCM_TAG_BYTES, bytes.len());
        self.flips("sealed: magic", &bytes, 0..2, "not_a_token", unseal)?;
        self.flips("sealed: magic (version)", &bytes, 2..3, "unsupported_version", unseal)?;
        self.flips("sealed: key_id", &bytes, 3..35, "unknown_key", unseal)?;
        self.flips("sealed: salt", &bytes, 35..47, "auth_failed", unseal)?;
        self.flips("sealed: iv", &bytes, 47..59, "auth_failed", unseal)?;
        self.flips("sealed: ciphertext", &bytes, 59..tag, "auth_failed", unseal)?;
        self.flips("sealed: tag", &bytes, tag..end, "auth_failed", unseal)?;
        let cut = |end| bytes.get(..end).map(|part| URL_SAFE_NO_PAD.encode(part)).unwrap_or_default();
        self.checks.refused("sealed: the last byte cut off", unseal(&cut(end - 1)), "auth_failed")?;
        self.checks.refused("sealed: cut to 84 bytes", unseal(&cut(SEALED_MIN_BYTES - 1)), "too_short")?;
        self.checks.refused("sealed: `=` appended", unseal(&format!("{}=", self.token)), "encoding")?;
        self.checks.refused("a JWT in its place", unseal("eyJhbGciOiJub25lIn0.e30."), "not_a_token")?;

        let signed = at(&signer, self.moment(0)?).sign(&self.payload, secs(TTL))?;
        let verify = |text: &str| at(&signer, now).verify(text);
        self.checks.opened("signed: untouched", verify(&signed), &self.payload, "§10")?;
        let shown = UntrustedToken::parse(&signed, LIMIT_DEFAULT)?;
        let readable = shown.unverified().is_some_and(|(_, _, payload)| payload == self.payload.as_bytes());
        self.checks.is("signed: readable without a key", readable, true, "§1, §7.4")?;
        let bytes = &shown.bytes;
        let (tag, end) = (bytes.len() - HMAC_TAG_BYTES, bytes.len());
        self.flips("signed: issued_at", bytes, 35..41, "auth_failed", verify)?;
        self.flips("signed: ttl", bytes, 41..45, "auth_failed", verify)?;
        self.flips("signed: payload", bytes, 45..tag, "auth_failed", verify)?;
        self.flips("signed: tag", bytes, tag..end, "auth_failed", verify)
    }

    pub(crate) fn time(&mut self) -> Step {
        println!("\n6  Time: the token of T, and clocks that differ");
        let (token, ttl) = (self.token.clone(), TTL);
        let sealer = self.sealer.clone();
        let strict = self.site.sealer("session").max_age(secs(900)).build()?;
        self.opens(&sealer, &token, ttl - 1, "in the last second of its life", "§8 [TIME-03]")?;
        self.refuses(&sealer, &token, ttl, "a second later", "expired")?;
        self.opens(&strict, &token, 899, "by an opener of max_age 900", "§8 [TIME-03]")?;
        self.refuses(&strict, &token, 900, "a second later", "expired")?;
        let ahead = at(&sealer, self.moment(61)?).seal(&self.payload, secs(TTL))?;
        self.opens(&sealer, &ahead, 1, "issued 60 s ahead of this clock", "§8, leeway")?;
        self.refuses(&sealer, &ahead, 0, "issued 61 s ahead of this clock", "issued_in_future")?;
        self.checks.refused("sealed for no time at all", sealer.seal(&self.payload, secs(0)), "ttl_range")
    }

    pub(crate) fn elsewhere(&mut self) -> Step {
        println!("\n7  Elsewhere: authentic tokens, taken for what they are not");
        let (sealer, token) = (self.sealer.clone(), self.token.clone());
        let forum = Site::new(self.key.clone(), "forum.example")?;
        let audience = forum.sealer("session").build()?;
        self.refuses(&audience, &token, 60, "by audience forum.example", "unknown_key")?;
        let purpose = self.site.sealer("return-url").build()?;
        self.refuses(&purpose, &token, 60, "by purpose return-url", "unknown_key")?;
        let stranger = shop(Key::generate()?.into())?.sealer("session").build()?;
        self.refuses(&stranger, &token, 60, "by the same context, another key", "unknown_key")?;
        let signed = at(&self.signer, self.moment(0)?).sign(&self.payload, secs(TTL))?;
        self.refuses(&sealer, &signed, 60, "a signed token, unsealed", "wrong_kind")?;
        let relabelled = signed.replacen("CrS1", "CrE1", 1);
        self.refuses(&sealer, &relabelled, 60, "and relabelled as sealed", "unknown_key")?;
        self.checks.refused(
            "the sealed token, verified",
            at(&self.signer, self.moment(60)?).verify(&token),
            "wrong_kind",
        )
    }

    /// States that flipping a bit in any one byte of the field is refused with one and the same code.
    fn flips<F>(&mut self, field: &str, token: &[u8], range: Range<usize>, code: &str, open: F) -> Step
    where
        F: Fn(&str) -> Result<Opened, UnsealError>,
    {
        let flip = |place| token.iter().enumerate().map(move |(at, byte)| byte ^ u8::from(at == place)).collect();
        let results: BTreeSet<_> =
            range.clone().map(|place| told(open(&URL_SAFE_NO_PAD.encode::<Vec<_>>(flip(place))))).collect();
        let results: Vec<_> = results.into_iter().collect();
        let what = format!("{field:<26} bytes {}..{}", range.start, range.end);
        self.checks.is(&what, results.join(", "), format!("refused: {code}"), section(code))
    }
}
