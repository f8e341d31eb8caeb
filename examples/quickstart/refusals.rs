//! The steps that are refused: tokens changed, over, or taken for what they are not.

use std::{collections::BTreeSet, ops::Range};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::{
    Context, Key, Keyring, Opened, Options, Sealer, UnsealError, UntrustedToken,
    limits::{GCM_TAG_BYTES, HMAC_TAG_BYTES, LIMIT_DEFAULT, SEALED_MIN_BYTES},
};

use crate::{
    Step, Story, TTL,
    check::{section, told},
};

impl Story {
    pub(crate) fn tampering(&mut self) -> Step {
        println!("\n5  Tampering: of each byte of a field in turn, one bit is flipped");
        let (sealer, signer, now) = (self.sealer.clone(), self.signer.clone(), self.at(60)?);
        let unseal = |text: &str| sealer.unseal_at(text, now);
        let bytes = UntrustedToken::parse(&self.token, LIMIT_DEFAULT)?.as_bytes().to_vec();
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

        let signed = signer.sign_at(&self.payload, TTL, self.at(0)?)?;
        let verify = |text: &str| signer.verify_at(text, now);
        self.checks.opened("signed: untouched", verify(&signed), &self.payload, "§10")?;
        let shown = UntrustedToken::parse(&signed, LIMIT_DEFAULT)?;
        let readable = shown.unverified().is_some_and(|(_, _, payload)| payload == self.payload.as_bytes());
        self.checks.is("signed: readable without a key", readable, true, "§1, §7.4")?;
        let bytes = shown.as_bytes();
        let (tag, end) = (bytes.len() - HMAC_TAG_BYTES, bytes.len());
        self.flips("signed: issued_at", bytes, 35..41, "auth_failed", verify)?;
        self.flips("signed: ttl", bytes, 41..45, "auth_failed", verify)?;
        self.flips("signed: payload", bytes, 45..tag, "auth_failed", verify)?;
        self.flips("signed: tag", bytes, tag..end, "auth_failed", verify)
    }

    pub(crate) fn time(&mut self) -> Step {
        println!("\n6  Time: the token of T, and clocks that differ");
        let (token, ttl) = (self.token.clone(), u64::from(TTL));
        let sealer = self.sealer.clone();
        let options = Options::default().max_age(900)?;
        let strict = Sealer::with_options(&self.key.clone().into(), &self.context, options);
        self.opens(&sealer, &token, ttl - 1, "in the last second of its life", "§8 [TIME-03]")?;
        self.refuses(&sealer, &token, ttl, "a second later", "expired")?;
        self.opens(&strict, &token, 899, "by an opener of max_age 900", "§8 [TIME-03]")?;
        self.refuses(&strict, &token, 900, "a second later", "expired")?;
        let ahead = sealer.seal_at(&self.payload, TTL, self.at(61)?)?;
        self.opens(&sealer, &ahead, 1, "issued 60 s ahead of this clock", "§8, leeway")?;
        self.refuses(&sealer, &ahead, 0, "issued 61 s ahead of this clock", "issued_in_future")?;
        self.checks.refused("sealed for no time at all", sealer.seal(&self.payload, 0), "ttl_range")
    }

    pub(crate) fn elsewhere(&mut self) -> Step {
        println!("\n7  Elsewhere: authentic tokens, taken for what they are not");
        let (sealer, token, ring) = (self.sealer.clone(), self.token.clone(), Keyring::from(self.key.clone()));
        let audience = Sealer::new(&ring, &Context::new("forum.example", "session")?);
        self.refuses(&audience, &token, 60, "by audience forum.example", "unknown_key")?;
        let purpose = Sealer::new(&ring, &Context::new("shop.example", "return-url")?);
        self.refuses(&purpose, &token, 60, "by purpose return-url", "unknown_key")?;
        let stranger = Sealer::new(&Key::generate()?.into(), &self.context);
        self.refuses(&stranger, &token, 60, "by the same context, another key", "unknown_key")?;
        let signed = self.signer.sign_at(&self.payload, TTL, self.at(0)?)?;
        self.refuses(&sealer, &signed, 60, "a signed token, unsealed", "wrong_kind")?;
        let relabelled = signed.replacen("CrS1", "CrE1", 1);
        self.refuses(&sealer, &relabelled, 60, "and relabelled as sealed", "unknown_key")?;
        self.checks.refused("the sealed token, verified", self.signer.verify_at(&token, self.at(60)?), "wrong_kind")
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
