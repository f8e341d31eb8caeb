//! What a commit draws (§19.4, §20.5).

#[cfg(feature = "hazmat")]
use crate::limits::{IV_BYTES, SALT_BYTES};
use crate::random;

/// The source of a commit's random bytes.
pub(crate) enum Draws {
    /// The operating system.
    System,
    /// The vectors: sid, salt and iv, the id of two cookies; salt and iv of challenge, device token and proof.
    #[cfg(feature = "hazmat")]
    Fixed {
        sid: [u8; 16],
        nonces: [u8; SALT_BYTES + IV_BYTES],
        id: [u8; 6],
        #[cfg(feature = "device")]
        tokens: [[u8; SALT_BYTES + IV_BYTES]; 3],
    },
}

impl Draws {
    /// Draws a new session's name.
    pub(super) fn sid(&self) -> Option<[u8; 16]> {
        match self {
            Self::System => system(),
            #[cfg(feature = "hazmat")]
            Self::Fixed { sid, .. } => Some(*sid),
        }
    }

    /// Fills salt and iv.
    pub(super) fn nonces(&self, nonces: &mut [u8]) -> Option<()> {
        match self {
            Self::System => random::fill(nonces),
            #[cfg(feature = "hazmat")]
            Self::Fixed { nonces: fixed, .. } => nonces.first_chunk_mut().map(|nonces| *nonces = *fixed),
        }
    }

    /// Fills salt and iv of a token of device binding.
    #[cfg(feature = "device")]
    pub(crate) fn token(
        &self,
        #[cfg_attr(not(feature = "hazmat"), expect(unused_variables, reason = "the system's are not told apart"))]
        number: usize,
        nonces: &mut [u8],
    ) -> Option<()> {
        match self {
            Self::System => random::fill(nonces),
            #[cfg(feature = "hazmat")]
            Self::Fixed { tokens, .. } => {
                let fixed = tokens.get(number)?;
                nonces.first_chunk_mut().map(|nonces| *nonces = *fixed)
            }
        }
    }

    /// Draws the id of two cookies (§20.5).
    pub(crate) fn id(&self) -> Option<[u8; 6]> {
        match self {
            Self::System => system(),
            #[cfg(feature = "hazmat")]
            Self::Fixed { id, .. } => Some(*id),
        }
    }
}

fn system<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    random::fill(&mut bytes)?;
    Some(bytes)
}
