//! The browser's JWTs (§21.5). Anyone who sends a request controls every octet here.

use alloc::{borrow::ToOwned as _, format, string::String, vec::Vec};
use core::str;

use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use sha2::{Digest as _, Sha256};

use crate::{
    base64url,
    error::DeviceError,
    json::{self, Json, Members},
    limits::JWT_MAX,
};

/// A public key of a device: a point of the curve P-256.
#[derive(Clone)]
pub(crate) struct DeviceKey {
    /// The coordinates, each 43 characters of base64url.
    pub(super) x: String,
    pub(super) y: String,
    key: VerifyingKey,
}

impl DeviceKey {
    /// `None` unless both are 43 characters of base64url, and the coordinates of a point of the curve ([DEV-06]).
    pub(super) fn new(x: &str, y: &str) -> Option<Self> {
        let mut point = Vec::from([4]); // uncompressed (SEC 1)
        point.extend(base64url::decode_array::<32>(x.as_bytes())?);
        point.extend(base64url::decode_array::<32>(y.as_bytes())?);
        let key = VerifyingKey::from_sec1_bytes(&point).ok()?;
        Some(Self { x: x.to_owned(), y: y.to_owned(), key })
    }

    /// Reads a `jwk` ([DEV-06]).
    fn of_jwk(jwk: Option<&Json<'_>>) -> Option<Self> {
        let Some(Json::Object(members)) = jwk else { return None };
        let is_right = text(members, "kty") == Some("EC") && text(members, "crv") == Some("P-256");
        if !is_right || members.contains_key("d") {
            return None;
        }
        Self::new(text(members, "x")?, text(members, "y")?)
    }

    /// Returns the thumbprint ([DEV-03]).
    pub(crate) fn jkt(&self) -> String {
        let Self { x, y, .. } = self;
        let mut jkt = String::new();
        base64url::encode(&Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)), &mut jkt);
        jkt
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = base64url::decode_array::<64>(signature).and_then(|bytes| Signature::from_slice(&bytes).ok());
        signature.is_some_and(|signature| self.key.verify_prehash(&Sha256::digest(message), &signature).is_ok())
    }
}

/// Returns what a header field says, which some browsers put between quotation marks (§21.5).
pub(crate) fn value(field: &[u8]) -> &[u8] {
    let mut octets = field;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    match octets {
        [b'"', inside @ .., b'"'] => inside,
        _ => octets,
    }
}

/// Reads a JWT, and returns its challenge and its key: the one given, or that of its own header at a registration.
///
/// ```text
/// 1  if value has more than 4 096 octets, or is not three parts joined by ".":      fail jwt_format
///    header, claims = the first two parts, base64url ([TEXT-02]) of JSON objects     or fail jwt_format
/// 2  if claims.jti is no string:                                                    fail jwt_format
/// 3  if header.typ ≠ "dbsc+jwt", header.alg ≠ "ES256", or header has crit:           fail jwt_algorithm
/// 4  if key is none:  key = header.jwk                                              or fail jwt_key
/// 5  signature = the third part, base64url ([TEXT-02]) of 64 bytes r | s             or fail jwt_signature
///    verify it by ECDSA, P-256 and SHA-256, over the octets before the second "."    or fail jwt_signature
/// ```
pub(crate) fn read(value: &[u8], key: Option<DeviceKey>) -> Result<(String, DeviceKey), DeviceError> {
    // 1
    let parts: Vec<&[u8]> = value.splitn(4, |octet| *octet == b'.').collect();
    let &[first, second, third] = parts.as_slice() else { return Err(DeviceError::JwtFormat) };
    if value.len() > JWT_MAX {
        return Err(DeviceError::JwtFormat);
    }
    let (mut header, mut claims) = (Vec::new(), Vec::new());
    base64url::decode(first, &mut header).ok_or(DeviceError::JwtFormat)?;
    base64url::decode(second, &mut claims).ok_or(DeviceError::JwtFormat)?;
    let header = object(&header).ok_or(DeviceError::JwtFormat)?;
    let claims = object(&claims).ok_or(DeviceError::JwtFormat)?;
    // 2
    let jti = text(&claims, "jti").ok_or(DeviceError::JwtFormat)?;
    // 3
    let is_right = text(&header, "typ") == Some("dbsc+jwt") && text(&header, "alg") == Some("ES256");
    if !is_right || header.contains_key("crit") {
        return Err(DeviceError::JwtAlgorithm);
    }
    // 4
    let key = match key {
        Some(key) => key,
        None => DeviceKey::of_jwk(header.get("jwk")).ok_or(DeviceError::JwtKey)?,
    };
    // 5
    let message = value.get(..first.len().saturating_add(1).saturating_add(second.len())).unwrap_or_default();
    if !key.verifies(message, third) {
        return Err(DeviceError::JwtSignature);
    }
    Ok((jti.to_owned(), key))
}

/// Reads the text of an object as the session profile reads its own ([SESS-01], [SESS-03], [SESS-06]).
pub(super) fn object(text: &[u8]) -> Option<Members<'_>> {
    let read = json::read(str::from_utf8(text).ok()?).ok()?;
    read.refused().ok()?;
    match read {
        Json::Object(members) => Some(members),
        _ => None,
    }
}

/// Returns a member that is a string.
pub(super) fn text<'m>(members: &'m Members<'_>, name: &str) -> Option<&'m str> {
    match members.get(name) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    }
}
