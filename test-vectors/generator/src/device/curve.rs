//! Numbers of the curve P-256, and signatures that are made from the end: for a chosen r or s, the key of which they
//! are the signature.

use p256::{
    AffinePoint, FieldBytes, ProjectivePoint, Scalar,
    ecdsa::{Signature, VerifyingKey},
    elliptic_curve::{
        PrimeField as _, ops::Reduce as _, point::DecompressPoint as _, sec1::ToSec1Point as _, subtle::Choice,
    },
};

use super::{
    SID, bound_to,
    post::{BARE, Post, device_token_of, refresh},
    reference::{PublicKey, Sign},
};
use crate::{
    reference::{base64url, sha256},
    session::Made,
    vector::Vector,
};

/// The order of the curve, n.
pub(super) const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7,
    0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
];
/// The prime of its field, p.
const FIELD: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
];

/// Returns a small number in 32 bytes.
pub(super) fn small(number: u64) -> Vec<u8> {
    [&[0; 24][..], &number.to_be_bytes()].concat()
}

/// Adds a small number.
fn plus(bytes: [u8; 32], number: u64) -> [u8; 32] {
    let mut sum = bytes;
    let mut carry = number;
    for byte in sum.iter_mut().rev() {
        carry += u64::from(*byte);
        *byte = u8::try_from(carry & 0xFF).expect("a byte");
        carry >>= 8;
    }
    assert_eq!(carry, 0, "256 bits");
    sum
}

/// Subtracts from another number of 32 bytes.
fn minus(from: [u8; 32], bytes: &[u8]) -> Vec<u8> {
    let mut difference = from;
    let mut borrow = 0;
    for (byte, other) in difference.iter_mut().rev().zip(bytes.iter().rev()) {
        let value = 256 + i32::from(*byte) - i32::from(*other) - borrow;
        *byte = u8::try_from(value & 0xFF).expect("a byte");
        borrow = i32::from(value < 256);
    }
    difference.to_vec()
}

fn point(x: &[u8]) -> Option<AffinePoint> {
    let x = FieldBytes::try_from(x).expect("32 bytes");
    AffinePoint::decompress(&x, Choice::from(0)).into_option()
}

/// Returns x + p and y of the point of the smallest x above 0.
pub(super) fn beyond_field() -> (String, String) {
    let (x, point) = (1..).find_map(|x| Some((x, point(&small(x))?))).expect("one of a few");
    let y = point.to_sec1_point(false).as_bytes()[33..].to_vec();
    (base64url(&plus(FIELD, x)), base64url(&y))
}

/// Returns p − y.
pub(super) fn negated(y: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    base64url(&minus(FIELD, &URL_SAFE_NO_PAD.decode(y).expect("a coordinate")))
}

/// Returns n − s.
pub(super) fn negated_scalar(signature: &Signature) -> Vec<u8> {
    minus(ORDER, &signature.to_bytes()[32..])
}

/// A JWT that every case here signs.
const CLAIMS: &str = "{\"jti\":\"x\"}";

/// Returns the key of which (r, s) is the signature: (sR − zG) / r, where R has the x-coordinate r, or r + n.
fn key_of(r_point: AffinePoint, r: Scalar, s: Scalar) -> PublicKey {
    let signed = format!("{}.{}", base64url(BARE.as_bytes()), base64url(CLAIMS.as_bytes()));
    let hash = FieldBytes::try_from(&sha256(signed.as_bytes())[..]).expect("32 bytes");
    let z = Scalar::reduce(&hash);
    let inverse = r.invert().expect("not 0");
    let key = (ProjectivePoint::from(r_point) * s - ProjectivePoint::GENERATOR * z) * inverse;
    PublicKey::at(VerifyingKey::from_affine(key.to_affine()).expect("a key"))
}

/// Makes a refresh whose device token has this key.
fn post(id: &'static str, comment: &'static str, key: &PublicKey, signature: [&[u8]; 2]) -> Post {
    refresh(id, &["signature-range"], comment)
        .with(|case| {
            case.spec = &["DEV-06", "DEV-08"];
            case.tokens = vec![Made::new(bound_to(&key.thumbprint(), &[])), device_token_of(&key.device_payload(SID))];
        })
        .claims(CLAIMS)
        .sign(Sign::Octets(signature.concat()))
}

/// The challenge of these is none: a good signature is answered with a new one.
#[rustfmt::skip] // one case a line
pub(super) fn vectors() -> Vec<Vector> {
    let scalar = |bytes: &[u8]| Scalar::from_repr(FieldBytes::try_from(bytes).expect("32 bytes")).expect("below n");
    let (r, r_point) = (5..).find_map(|r| Some((r, point(&small(r))?))).expect("one of a few");
    let some = sha256(b"cretula vectors s");
    let small_r = key_of(r_point, scalar(&small(r)), scalar(&some));
    // R = 2G, and an s of 7.
    let double = (ProjectivePoint::GENERATOR + ProjectivePoint::GENERATOR).to_affine();
    let x = double.to_sec1_point(false).as_bytes()[1..33].to_vec();
    let small_s = key_of(double, scalar(&x), scalar(&small(7)));
    // An x-coordinate between n and p.
    let (over, over_point) = (1..).find_map(|over| Some((over, point(&plus(ORDER, over))?))).expect("one of a few");
    let reduced = key_of(over_point, scalar(&small(over)), scalar(&some));
    let good = Ok("403 challenge_invalid");
    let bad = Ok("401 jwt_signature");
    vec![
        post("signature/r-small", "a small r; the challenge is none", &small_r, [&small(r), &some]).answers(good),
        post("signature/r-and-order", "the same r and n more: not below the order", &small_r, [&plus(ORDER, r), &some]).answers(bad),
        post("signature/s-small", "a small s", &small_s, [&x, &small(7)]).answers(good),
        post("signature/s-and-order", "the same s and n more", &small_s, [&x, &plus(ORDER, 7)]).answers(bad),
        post("signature/r-reduced", "an x-coordinate that is n more than r", &reduced, [&small(over), &some]).answers(good),
        post("signature/r-not-reduced", "the coordinate itself is not below the order", &reduced, [&plus(ORDER, over), &some]).answers(bad),
    ]
}
