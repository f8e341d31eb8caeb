//! Why a device's request was refused (§21).

use thiserror::Error;

use super::{code::ErrorCode, session::NoSession};

/// Why an endpoint of device binding refused a request: for the log, never for the page (§21.6, §21.7).
///
/// ```
/// use cretula::{DeviceError, ErrorCode as _};
///
/// assert_eq!(DeviceError::JwtSignature.code(), "jwt_signature");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The session or the device token: the code of that.
    #[error("{0}")]
    Session(NoSession),
    /// Not one JWT of three parts, with headers and claims in JSON: `jwt_format`.
    #[error("it is not one JWT of three parts, with headers and claims in JSON")]
    JwtFormat,
    /// `typ`, `alg` or `crit`: `jwt_algorithm`.
    #[error("typ is dbsc+jwt, alg is ES256, and there is no crit")]
    JwtAlgorithm,
    /// No P-256 public key in `jwk`: `jwt_key`.
    #[error("jwk is no public key of the curve P-256")]
    JwtKey,
    /// The signature is not that of the key: `jwt_signature`.
    #[error("the signature is not that of the key")]
    JwtSignature,
    /// The challenge is over, or not for this use, session or key: `challenge_invalid`.
    #[error("the challenge is over, or not for this use, session or key")]
    Challenge,
    /// The session is another's, or bound to another key: `device_mismatch`.
    #[error("the session is another's, or bound to another key")]
    Mismatch,
}

impl ErrorCode for DeviceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Session(reason) => reason.code(),
            Self::JwtFormat => "jwt_format",
            Self::JwtAlgorithm => "jwt_algorithm",
            Self::JwtKey => "jwt_key",
            Self::JwtSignature => "jwt_signature",
            Self::Challenge => "challenge_invalid",
            Self::Mismatch => "device_mismatch",
        }
    }
}

impl From<NoSession> for DeviceError {
    fn from(reason: NoSession) -> Self {
        Self::Session(reason)
    }
}
