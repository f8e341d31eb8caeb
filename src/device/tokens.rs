//! Challenge, device token and proof (§21.2).

use alloc::{format, string::String, vec::Vec};

use super::{
    jwt::{DeviceKey, object, text},
    settings::{DeviceBinding, Settings},
};
use crate::{
    context::Context,
    error::{SealError, SetupError, UnsealError},
    json::Members,
    limits::{CHALLENGE_LIFE, LIFE_MAX, LIMIT_DEFAULT, PROOF_FIRST, PROOF_MAX},
    opened::Claims,
    options::Options,
    ring::Ring,
    sealed::Sealer,
    session::{Draws, is_jkt, is_sid},
    time::UnixTime,
};

/// The three, each with its place in the draws, and beside the ring of the session.
#[derive(Clone, Copy)]
enum Token {
    Challenge,
    Device,
    Proof,
}

impl Token {
    const ALL: [Self; 3] = [Self::Challenge, Self::Device, Self::Proof];

    const fn number(self) -> usize {
        match self {
            Self::Challenge => 0,
            Self::Device => 1,
            Self::Proof => 2,
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Challenge => ".challenge",
            Self::Device => ".device",
            Self::Proof => ".proof",
        }
    }
}

/// What a challenge is for.
#[derive(PartialEq, Eq)]
pub(crate) enum Challenge {
    /// The registration of a key for the session of this sid.
    Register(String),
    /// A proof of the key of this thumbprint.
    Refresh(String),
}

/// Device binding as it was set up.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    settings: Settings,
    leeway: u32,
}

impl Device {
    pub(crate) fn new(binding: DeviceBinding, leeway: u32) -> Result<Self, SetupError> {
        Ok(Self { settings: binding.try_into()?, leeway })
    }

    /// Returns the contexts of the three tokens, which stand beside that of the session.
    pub(crate) fn contexts(audience: &str, purpose: &str) -> Result<Vec<Context>, SetupError> {
        Token::ALL.iter().map(|token| Context::new(audience, &format!("{purpose}{}", token.end()))).collect()
    }

    pub(crate) fn path(&self) -> &str {
        &self.settings.path
    }

    /// Returns true if a user's session that began then has to be bound by now ([DEV-04]).
    pub(crate) fn is_required(&self, start: UnixTime, now: UnixTime) -> bool {
        let after = self.settings.require_after.map(u64::from);
        after.is_some_and(|after| now.as_secs() >= start.as_secs().saturating_add(after))
    }

    /// Returns what a proof's key ids are looked up in.
    pub(crate) fn proofs(ring: &Ring) -> Option<&Ring> {
        ring.beside(Token::Proof.number())
    }

    pub(crate) fn challenge(
        ring: &Ring,
        challenge: &Challenge,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<String, SealError> {
        let payload = match challenge {
            Challenge::Register(sid) => format!(r#"{{"use":"register","sid":"{sid}"}}"#),
            Challenge::Refresh(jkt) => format!(r#"{{"use":"refresh","jkt":"{jkt}"}}"#),
        };
        sealed(ring, Token::Challenge, &payload, CHALLENGE_LIFE, now, draws)
    }

    /// Seals a device token of a session that ends then.
    pub(crate) fn device_token(
        ring: &Ring,
        (sid, end): (&str, UnixTime),
        key: &DeviceKey,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<String, SealError> {
        let payload = format!(r#"{{"sid":"{sid}","x":"{}","y":"{}"}}"#, key.x, key.y);
        let left = end.as_secs().saturating_sub(now.as_secs());
        sealed(ring, Token::Device, &payload, u32::try_from(left).unwrap_or(LIFE_MAX).min(LIFE_MAX), now, draws)
    }

    /// Seals a proof for a session whose end in force is `last`, and returns it with its ttl.
    pub(crate) fn proof(
        &self,
        ring: &Ring,
        (sid, jkt): (&str, &str),
        is_first: bool,
        last: UnixTime,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<(String, u32), SealError> {
        let left = last.as_secs().saturating_sub(now.as_secs());
        let longest = if is_first { PROOF_FIRST } else { PROOF_MAX };
        let ttl = u32::try_from(left).unwrap_or(LIFE_MAX).min(self.settings.proof).min(longest);
        let payload = format!(r#"{{"sid":"{sid}","jkt":"{jkt}"}}"#);
        sealed(ring, Token::Proof, &payload, ttl, now, draws).map(|proof| (proof, ttl))
    }

    pub(crate) fn open_challenge(&self, ring: &Ring, challenge: &str, now: UnixTime) -> Option<Challenge> {
        let (payload, _) = self.opened(ring, Token::Challenge, CHALLENGE_LIFE, challenge.as_bytes(), now).ok()?;
        let members = members(&payload, 2).ok()?;
        match text(&members, "use")? {
            "register" => text(&members, "sid").filter(|sid| is_sid(sid)).map(|sid| Challenge::Register(sid.into())),
            "refresh" => text(&members, "jkt").filter(|jkt| is_jkt(jkt)).map(|jkt| Challenge::Refresh(jkt.into())),
            _ => None,
        }
    }

    /// Returns the sid of the registration, and the key.
    pub(crate) fn open_device(
        &self,
        ring: &Ring,
        token: &[u8],
        now: UnixTime,
    ) -> Result<(String, DeviceKey), UnsealError> {
        let (payload, _) = self.opened(ring, Token::Device, LIFE_MAX, token, now)?;
        let members = members(&payload, 3)?;
        let sid = text(&members, "sid").filter(|sid| is_sid(sid));
        let key = text(&members, "x").zip(text(&members, "y")).and_then(|(x, y)| DeviceKey::new(x, y));
        sid.map(Into::into).zip(key).ok_or(UnsealError::PayloadInvalid)
    }

    /// Returns the sid of a proof of that key, and when it was made; `None` if it is none.
    pub(crate) fn open_proof(&self, ring: &Ring, proof: &[u8], jkt: &str, now: UnixTime) -> Option<(String, UnixTime)> {
        let (payload, claims) = self.opened(ring, Token::Proof, self.settings.proof, proof, now).ok()?;
        let members = members(&payload, 2).ok()?;
        let sid = text(&members, "sid").filter(|sid| is_sid(sid))?;
        (text(&members, "jkt")? == jkt).then(|| (sid.into(), claims.issued_at))
    }

    fn opened(
        &self,
        ring: &Ring,
        token: Token,
        max_age: u32,
        text: &[u8],
        now: UnixTime,
    ) -> Result<(Vec<u8>, Claims), UnsealError> {
        let ring = ring.beside(token.number()).ok_or(UnsealError::UnknownKey)?;
        let options = Options { max_age, leeway: self.leeway, limit: LIMIT_DEFAULT };
        let mut payload = Vec::new();
        let claims = Sealer::unseal_under(ring, options, text, &mut payload, now)?;
        Ok((payload, claims))
    }
}

fn sealed(
    ring: &Ring,
    token: Token,
    payload: &str,
    ttl: u32,
    now: UnixTime,
    draws: &Draws,
) -> Result<String, SealError> {
    let ring = ring.beside(token.number()).ok_or(SealError::NoSealingKey)?;
    let mut sealed = String::new();
    let nonces = |nonces: &mut [u8]| draws.token(token.number(), nonces);
    Sealer::seal_under(ring, LIMIT_DEFAULT, payload.as_bytes(), ttl, now, &mut sealed, nonces)?;
    Ok(sealed)
}

/// Reads a payload of so many members ([DEV-02]).
fn members(payload: &[u8], count: usize) -> Result<Members<'_>, UnsealError> {
    object(payload).filter(|members| members.len() == count).ok_or(UnsealError::PayloadInvalid)
}
