//! Where the time goes: what the parts of a call take alone, beside the whole.

use std::{hint::black_box, time::SystemTime};

use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{AeadInOut as _, consts::U12},
    aes::Aes256Enc,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use rand::RngCore as _;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    measure::{Case, Cost, measure},
    peers::{TTL, payload, sealer},
    requests::{Shop, request, signed_on},
    turns::Turns,
};

const SIZE: usize = 256;
/// Bytes of a token that are no payload.
const TOKEN: usize = 85;
/// Bytes of the body before the payload.
const BODY: usize = 13;

/// Parts, with how often each of two calls does them, and both calls as wholes.
pub struct Parts {
    pub parts: Vec<(Cost, [u32; 2])>,
    pub wholes: [Cost; 2],
}

fn timed(parts: Vec<(Case<'static>, [u32; 2])>, wholes: [Case<'static>; 2], rounds: usize) -> Parts {
    let (mut cases, times): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    cases.extend(wholes);
    let mut costs = measure(cases, rounds);
    let wholes = costs.split_off(times.len());
    Parts { parts: costs.into_iter().zip(times).collect(), wholes: wholes.try_into().ok().expect("two") }
}

/// A seal and an unseal. The thread's generator is in neither: `cookie` draws from one.
pub fn tokens(rounds: usize) -> Parts {
    let mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("a key");
    let subkey = move || {
        let mut mac = mac.clone();
        mac.update(b"cretula-v1 token");
        mac.update(&[3; 12]);
        mac.update(&[1]);
        Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()))
    };
    let cipher = |key: &[u8; 32]| AesGcm::<Aes256Enc, U12>::new(key.into());
    let (kept, mut body) = (cipher(&[7; 32]), vec![5; BODY + SIZE]);
    // Encrypting takes as long as decrypting under the right tag.
    let encrypt = move || kept.encrypt_inout_detached((&[1; 12]).into(), &[2; 47], body.as_mut_slice().into());
    let bytes = vec![7; TOKEN + SIZE];
    let text = BASE64_URL_SAFE_NO_PAD.encode(&bytes);
    let (mut written, mut read) = (vec![0; text.len()], vec![0; bytes.len() + 3]);
    timed(
        vec![
            (
                Case::new("24 random bytes of the system", || drawn(|bytes| getrandom::fill(bytes).expect("bytes"))),
                [1, 0],
            ),
            (
                Case::new("24 random bytes of the thread", || drawn(|bytes| rand::thread_rng().fill_bytes(bytes))),
                [0, 0],
            ),
            (Case::new("HMAC of the subkey", subkey), [1, 1]),
            (Case::new("set-up of the cipher", move || cipher(black_box(&[7; 32]))), [1, 1]),
            (Case::new("cipher", encrypt), [1, 1]),
            (
                Case::new("base64url, written", move || BASE64_URL_SAFE_NO_PAD.encode_slice(&bytes, &mut written)),
                [1, 0],
            ),
            (Case::new("base64url, read", move || BASE64_URL_SAFE_NO_PAD.decode_slice(&text, &mut read)), [0, 1]),
            (Case::new("clock", SystemTime::now), [1, 1]),
        ],
        [seal(SIZE), unseal(SIZE)],
        rounds,
    )
}

/// A request that only reads, and one with a change.
pub fn requests(rounds: usize) -> Parts {
    let shop = Shop::new(SIZE);
    let (_, pair) = signed_on(SIZE);
    let token = pair.split_once('=').map_or("", |(_, token)| token);
    let size = token.len() * 3 / 4 - TOKEN;
    let text = serde_json::to_string(&shop).expect("JSON");
    let whole = |changes| request(SIZE, changes).swap_remove(0);
    timed(
        vec![
            (unseal(size), [1, 1]),
            (Case::new("data read by serde_json", move || serde_json::from_str::<Shop>(&text).is_ok()), [1, 1]),
            (Case::new("data written by serde_json", move || serde_json::to_string(&shop)), [0, 2]),
            (seal(size), [0, 1]),
        ],
        [whole(false), whole(true)],
        rounds,
    )
}

fn drawn(draw: impl FnOnce(&mut [u8])) -> [u8; 24] {
    let mut bytes = [0; 24];
    draw(&mut bytes);
    bytes
}

fn seal(size: usize) -> Case<'static> {
    let (own, text) = (sealer(), payload(size));
    Case::new("seal", move || own.seal(&text, TTL))
}

fn unseal(size: usize) -> Case<'static> {
    let (own, text) = (sealer(), payload(size));
    let mut tokens = Turns::of(|| own.seal(&text, TTL).expect("sealed"));
    Case::new("unseal", move || own.unseal(tokens.next()))
}
