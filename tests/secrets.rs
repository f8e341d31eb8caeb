//! What must not be left behind, repeated or cut short: plaintext in buffers, keys in memory, salt and iv, tags.
//!
//! Safe code cannot look behind the length of a `Vec`. On Linux these tests read their own memory through
//! `/proc/self/mem` instead, and first show that they see the secret while it is there. Elsewhere they check no more
//! than lengths. What no test here sees: copies that the compiler left in registers and on the stack.

mod model;

use std::collections::HashSet;

use aes_gcm::Aes256Gcm;
use std::time::Duration;

use cretula::{Key, Keyring, Kind, Site, UnixTime, UnsealError, UntrustedToken, hazmat::At as _};
use hmac::{Hmac, KeyInit as _};
use sha2::Sha256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const NOW: u64 = 1_790_000_000;
const SECRET: model::Secret = *b"qZ7~xW#kP2!vN9$hJ4%bR6^mT8&dF3*s";

/// Proves that the `zeroize` features of the libraries are on. `Hmac<Sha256>`, which holds the working key, has no such
/// mark: its two states are SHA-256's, which have it; see also `a_dropped_working_key_is_wiped`.
const fn assert_wiped_on_drop<T: ZeroizeOnDrop>() {}
const _: () = {
    assert_wiped_on_drop::<Aes256Gcm>();
    assert_wiped_on_drop::<Sha256>();
    assert_wiped_on_drop::<Zeroizing<[u8; 32]>>();
};

fn at(seconds: u64) -> UnixTime {
    UnixTime::new(seconds).unwrap()
}

fn ring() -> Keyring {
    Keyring::from(Key::from_bytes(&SECRET).unwrap())
}

fn site() -> Site {
    Site::new(ring(), "a").unwrap()
}

/// Reads this process's memory.
#[cfg(target_os = "linux")]
#[track_caller]
fn memory(address: usize, length: usize) -> Vec<u8> {
    use std::{fs::File, os::unix::fs::FileExt as _};
    let mut bytes = vec![0; length];
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut bytes, address.try_into().unwrap()).unwrap();
    bytes
}

/// Tells whether any 8 neighbouring bytes of `secret` stand in this process's memory from `address` on.
#[cfg(target_os = "linux")]
#[track_caller]
fn stands_at(secret: &[u8], address: usize, length: usize) -> bool {
    let memory = memory(address, length);
    secret.windows(8).any(|part| memory.windows(8).any(|other| other == part))
}

// covers: [OPEN-12]
#[test]
fn an_authentic_token_that_is_refused_leaves_no_plaintext() {
    let payload: Vec<u8> = (0..200).map(|n: u8| n.wrapping_mul(37) ^ 0x5A).collect();
    let sealer = site().sealer("p").leeway(secs(0)).build().unwrap();
    let signer = site().signer("p").leeway(secs(0)).build().unwrap();
    let forged =
        |kind, ttl| model::encode(&model::build(&SECRET, kind, ("a", "p"), (NOW, ttl, &payload), ([1; 12], [2; 12])));
    let cases = [
        (60, NOW + 60, UnsealError::Expired),
        (60, NOW - 1, UnsealError::IssuedInFuture),
        (0, NOW, UnsealError::Expired),
        (34_560_001, NOW, UnsealError::Expired),
    ];
    for (ttl, now, error) in cases {
        let mut buffer = Vec::<u8>::with_capacity(1024);
        let address = buffer.as_ptr().addr();
        // What the buffer looks like when the same token opens, so that the search below is known to find it.
        let good = sealer.at(at(now)).seal(&payload, secs(60)).unwrap();
        assert!(sealer.at(at(now)).unseal_into(&good, &mut buffer).is_ok());
        assert_eq!((buffer.as_ptr().addr(), &buffer), (address, &payload));
        #[cfg(target_os = "linux")]
        {
            assert!(stands_at(&payload, address, buffer.capacity()));
            buffer.fill(0);
            buffer.resize(buffer.capacity(), 0);
            assert!(!stands_at(&payload, address, buffer.capacity()));
        }

        assert_eq!(sealer.at(at(now)).unseal_into(forged(Kind::Sealed, ttl), &mut buffer), Err(error));
        assert_eq!((buffer.len(), buffer.as_ptr().addr()), (0, address));
        #[cfg(target_os = "linux")]
        assert!(!stands_at(&payload, address, buffer.capacity()));

        assert_eq!(signer.at(at(now)).verify_into(forged(Kind::Signed, ttl), &mut buffer), Err(error));
        assert_eq!((buffer.len(), buffer.as_ptr().addr()), (0, address));
        #[cfg(target_os = "linux")]
        assert!(!stands_at(&payload, address, buffer.capacity()));
    }
}

// covers: [OPEN-12]
#[test]
fn a_changed_token_leaves_no_plaintext() {
    let payload = b"the quick brown fox jumps over the lazy dog".repeat(4);
    let sealer = site().sealer("p").build().unwrap();
    let token = sealer.at(at(NOW)).seal(&payload, secs(60)).unwrap();
    let bytes = model::decode(token.as_bytes()).unwrap();
    // The first byte after the head, one in the middle, the last of the tag.
    for place in [59, 120, bytes.len() - 1] {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        let mut buffer = Vec::<u8>::with_capacity(1024);
        let opened = sealer.at(at(NOW)).unseal_into(model::encode(&bytes), &mut buffer);
        assert_eq!((opened, buffer.len()), (Err(UnsealError::AuthFailed), 0));
        #[cfg(target_os = "linux")]
        assert!(!stands_at(&payload, buffer.as_ptr().addr(), buffer.capacity()));
    }
}

#[cfg(target_os = "linux")]
// covers: [OPEN-12]
#[test]
fn a_buffer_that_is_used_again_keeps_no_earlier_plaintext_after_a_failure() {
    let payload = b"the quick brown fox jumps over the lazy dog".repeat(4);
    let sealer = site().sealer("p").build().unwrap();
    let token = sealer.at(at(NOW)).seal(&payload, secs(60)).unwrap();
    for (bad, now) in [("garbage", NOW), ("CrE1", NOW), (&token, NOW + 60)] {
        let mut buffer = Vec::with_capacity(1024);
        sealer.at(at(NOW)).unseal_into(&token, &mut buffer).unwrap();
        assert!(stands_at(&payload, buffer.as_ptr().addr(), buffer.capacity()));
        sealer.at(at(now)).unseal_into(bad, &mut buffer).unwrap_err();
        assert!(!stands_at(&payload, buffer.as_ptr().addr(), buffer.capacity()), "after {bad}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_dropped_key_is_wiped() {
    let mut place = Box::new(Some(Key::from_bytes(&SECRET).unwrap()));
    let (address, length) = (std::ptr::from_ref(&*place).addr(), size_of_val(&*place));
    assert!(stands_at(&SECRET, address, length));
    *place = None;
    assert!(!stands_at(&SECRET, address, length));
    assert!(place.is_none());
}

#[cfg(target_os = "linux")]
#[test]
fn a_dropped_working_key_is_wiped() {
    // The type that the crate keeps it in, with the features that the crate asks for.
    let mut place = Box::new(Some(Hmac::<Sha256>::new_from_slice(&SECRET).unwrap()));
    let (address, length) = (std::ptr::from_ref(&*place).addr(), size_of_val(&*place));
    let states = memory(address, length);
    let states: Vec<_> = states.windows(8).filter(|part| !part.contains(&0)).collect();
    assert!(states.len() > 16, "the two states of 32 bytes are in sight");
    *place = None;
    assert!(states.iter().all(|part| !stands_at(part, address, length)));
    assert!(place.is_none());
}

/// Counts the places of this process's memory that hold the secret whose bytes, each changed by `MASK`, are `masked`.
#[cfg(all(feature = "aws-lc", target_os = "linux"))]
fn places(masked: &[u8]) -> usize {
    use std::{fs::File, os::unix::fs::FileExt as _};
    let (maps, memory) = (std::fs::read_to_string("/proc/self/maps").unwrap(), File::open("/proc/self/mem").unwrap());
    // Some pages cannot be read. What was read is changed at once and then cleared, so that it is not found again.
    let mut block = vec![0; 4096];
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let number = |hex| u64::from_str_radix(hex, 16).unwrap();
        for page in (number(start)..number(end)).step_by(block.len()) {
            if memory.read_exact_at(&mut block, page).is_ok() {
                block.iter_mut().for_each(|byte| *byte ^= MASK);
                found += block.windows(masked.len()).filter(|part| *part == masked).count();
                block.fill(0);
            }
        }
    }
    found
}

#[cfg(all(feature = "aws-lc", target_os = "linux"))]
const MASK: u8 = 0xA5;

/// AWS-LC's heap and stack hold no copy of a key that was used and dropped. AES-256's first two round keys are the key.
#[cfg(all(feature = "aws-lc", target_os = "linux"))]
#[test]
fn a_dropped_cipher_of_aws_lc_is_wiped() {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let mut key = Zeroizing::new(vec![0; 32]);
    getrandom::fill(&mut key[..]).unwrap();
    let masked: Vec<_> = key.iter().map(|byte| byte ^ MASK).collect();
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key[..]).unwrap());
    let tag = cipher.seal_in_place_separate_tag(Nonce::from(&[1; 12]), Aad::from([2; 47]), &mut [3; 100]).unwrap();
    assert_eq!(tag.as_ref().len(), 16);
    drop(key);
    assert!(places(&masked) > 0, "the round keys are in sight");
    drop(cipher);
    assert_eq!(places(&masked), 0);
}

// covers: [SEAL-03]
#[test]
fn salt_and_iv_are_fresh_each_time() {
    let sealer = site().sealer("p").build().unwrap();
    let (mut seen, mut differences) = (HashSet::new(), HashSet::new());
    let mut ones = [0_u32; 24 * 8];
    for _ in 0..10_000 {
        let token = sealer.at(at(NOW)).seal("the same", secs(60)).unwrap();
        let token = UntrustedToken::parse(token, 999).unwrap();
        let bytes = &token.bytes;
        let (salt, iv) = (&bytes[35..47], &bytes[47..59]);
        // A repeat of 96 random bits among 20 000 has a chance below 2^-67, so none must be seen; nor may one of the two
        // follow from the other.
        assert!(seen.insert(salt.to_vec()) && seen.insert(iv.to_vec()));
        assert!(differences.insert(salt.iter().zip(iv).map(|(a, b)| a ^ b).collect::<Vec<_>>()));
        for (bit, count) in ones.iter_mut().enumerate() {
            *count += u32::from(bytes[35 + bit / 8] >> (bit % 8) & 1);
        }
    }
    // Every bit is random: 10 standard deviations (50 each) around the half.
    for (bit, count) in ones.iter().enumerate() {
        assert!((4500..=5500).contains(count), "bit {bit} was set {count} times");
    }
}

/// Opens the bytes under the right key at the right time.
fn open(kind: Kind, bytes: &[u8]) -> Result<Vec<u8>, UnsealError> {
    let text = model::encode(bytes);
    let opened = match kind {
        Kind::Sealed => site().sealer("p").build().unwrap().at(at(NOW)).unseal(text),
        Kind::Signed => site().signer("p").build().unwrap().at(at(NOW)).verify(text),
    };
    opened.map(|opened| opened.payload)
}

fn authentic(kind: Kind) -> (Vec<u8>, usize) {
    let tag = if kind == Kind::Sealed { 16 } else { 32 };
    let payload = [7; 40];
    let bytes = model::build(&SECRET, kind, ("a", "p"), (NOW, 60, &payload), ([1; 12], [2; 12]));
    assert_eq!(open(kind, &bytes), Ok(payload.to_vec()));
    (bytes, tag)
}

// covers: [OPEN-08]
#[test]
fn every_bit_of_a_token_is_authenticated() {
    for kind in [Kind::Sealed, Kind::Signed] {
        let (bytes, tag) = authentic(kind);
        for bit in 35 * 8..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(kind, &bytes), Err(UnsealError::AuthFailed), "bit {bit}, tag of {tag} bytes");
        }
        // The 32 bytes before are the key id: all of them are compared ([OPEN-06]).
        for bit in 3 * 8..35 * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(kind, &bytes), Err(UnsealError::UnknownKey), "bit {bit}");
        }
    }
}

// covers: [OPEN-08]
#[test]
fn no_shorter_or_longer_tag_is_accepted() {
    for kind in [Kind::Sealed, Kind::Signed] {
        let (bytes, tag) = authentic(kind);
        for cut in 1..=tag {
            assert_eq!(open(kind, &bytes[..bytes.len() - cut]), Err(UnsealError::AuthFailed), "{cut} bytes cut off");
        }
        for more in 1..=tag {
            let longer = [&bytes[..], &vec![0; more]].concat();
            assert_eq!(open(kind, &longer), Err(UnsealError::AuthFailed), "{more} bytes added");
        }
        // A tag of zeros, and the tag twice.
        let (before, full) = bytes.split_at(bytes.len() - tag);
        assert_eq!(open(kind, &[before, &vec![0; tag]].concat()), Err(UnsealError::AuthFailed));
        assert_eq!(open(kind, &[before, full, full].concat()), Err(UnsealError::AuthFailed));
    }
}
