//! Threads share sealers and signers, and the keyring is exchanged under them.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use cretula::{
    Claims, Context, Key, KeyEntry, Keyring, Opened, Options, Sealer, Signer, UnixTime, UnsealError, UntrustedToken,
};

const NOW: u64 = 1_790_000_000;

const fn assert_shareable<T: Send + Sync + Clone + 'static>() {}
const _: () = {
    assert_shareable::<Sealer>();
    assert_shareable::<Signer>();
    assert_shareable::<Keyring>();
    assert_shareable::<KeyEntry>();
    assert_shareable::<Key>();
    assert_shareable::<Context>();
    assert_shareable::<Options>();
    assert_shareable::<Opened>();
    assert_shareable::<Claims>();
    assert_shareable::<UntrustedToken>();
};

fn now() -> UnixTime {
    UnixTime::new(NOW).unwrap()
}

fn entry(byte: u8) -> KeyEntry {
    Key::from_bytes(&[byte; 32]).unwrap().into()
}

fn ring(entries: &[u8]) -> Keyring {
    Keyring::new(entries.iter().map(|byte| entry(*byte))).unwrap()
}

fn sealer(entries: &[u8]) -> Sealer {
    Sealer::new(&ring(entries), &Context::new("a", "p").unwrap())
}

fn signer(entries: &[u8]) -> Signer {
    Signer::new(&ring(entries), &Context::new("a", "p").unwrap())
}

// covers: [RING-16] [RING-17]
#[test]
fn rings_are_exchanged_whole_while_threads_work() {
    const OLD: u8 = 1;
    const NEW: u8 = 2;
    let (shared, shared_signer) = (sealer(&[OLD]), signer(&[OLD]));
    let ids = [OLD, NEW].map(|byte| sealer(&[byte]).unseal_at(sealer(&[byte]).seal_at("", 9, now()).unwrap(), now()));
    let ids = ids.map(|opened| opened.unwrap().claims.key_id);
    let (done, begin) = (AtomicBool::new(false), Barrier::new(9));

    let work = |number: u32, sealer: Sealer, signer: Signer| {
        let payload = format!("thread {number}");
        let (mut buffer, mut opened, mut unknown) = (Vec::new(), 0_u32, 0_u32);
        begin.wait();
        while opened == 0 || !done.load(Ordering::Relaxed) {
            let token = sealer.seal_at(&payload, 60, now()).unwrap();
            match sealer.unseal_into_at(&token, &mut buffer, now()) {
                Ok(claims) => {
                    assert_eq!(buffer, payload.as_bytes());
                    assert!(ids.contains(&claims.key_id));
                    // Opened and judged by one ring: wherever the old key is accepted, it seals.
                    assert!(claims.sealing_key || claims.key_id == ids[1]);
                    opened += 1;
                }
                // Sealed under one ring, opened under the next.
                Err(UnsealError::UnknownKey) => {
                    assert!(buffer.is_empty());
                    unknown += 1;
                }
                Err(other) => panic!("{other}"),
            }
            match signer.verify_at(signer.sign_at(&payload, 60, now()).unwrap(), now()) {
                Ok(Opened { payload: got, .. }) => assert_eq!(got, payload.as_bytes()),
                Err(error) => assert_eq!(error, UnsealError::UnknownKey),
            }
        }
        (opened, unknown)
    };
    thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = (0..8)
            .map(|number| {
                let (sealer, signer) = (shared.clone(), shared_signer.clone());
                scope.spawn(move || work(number, sealer, signer))
            })
            .collect();
        begin.wait();
        for round in 0..1000 {
            let next: &[u8] = [&[OLD][..], &[NEW], &[OLD, NEW]][round % 3];
            shared.replace_keyring(&ring(next));
            shared_signer.replace_keyring(&ring(next));
            thread::yield_now();
        }
        done.store(true, Ordering::Relaxed);
        let sum = |(a, b): (u32, u32), (c, d)| (a + c, b + d);
        let (opened, unknown) = workers.into_iter().map(|worker| worker.join().unwrap()).fold((0, 0), sum);
        println!("{opened} opened, {unknown} sealed under one ring and refused under the next");
    });
}

// covers: [RING-17]
#[test]
fn after_the_exchange_removed_keys_are_unknown_to_every_clone() {
    let (shared, shared_signer) = (sealer(&[1]), signer(&[1]));
    let (clone, clone_signer) = (shared.clone(), shared_signer.clone());
    let token = shared.seal_at("x", 60, now()).unwrap();
    let signed = shared_signer.sign_at("x", 60, now()).unwrap();

    // Both keys, the new one first: old tokens open and say that they want to be sealed anew.
    clone.replace_keyring(&ring(&[2, 1]));
    clone_signer.replace_keyring(&ring(&[2, 1]));
    assert!(!shared.unseal_at(&token, now()).unwrap().claims.sealing_key);
    assert!(!shared_signer.verify_at(&signed, now()).unwrap().claims.sealing_key);

    clone.replace_keyring(&ring(&[2]));
    clone_signer.replace_keyring(&ring(&[2]));
    for sealer in [&shared, &clone] {
        assert_eq!(sealer.unseal_at(&token, now()).unwrap_err(), UnsealError::UnknownKey);
        assert!(sealer.unseal_at(shared.seal_at("y", 60, now()).unwrap(), now()).unwrap().claims.sealing_key);
    }
    for signer in [&shared_signer, &clone_signer] {
        assert_eq!(signer.verify_at(&signed, now()).unwrap_err(), UnsealError::UnknownKey);
        assert!(signer.verify_at(shared_signer.sign_at("y", 60, now()).unwrap(), now()).is_ok());
    }

    // One that was made apart, not cloned, has a ring of its own.
    assert!(sealer(&[1]).unseal_at(&token, now()).is_ok());
}

// covers: [RING-16]
#[test]
fn a_ring_that_is_refused_leaves_the_old_one_in_force() {
    let shared = sealer(&[1]);
    let token = shared.seal_at("x", 60, now()).unwrap();
    let good = Key::from_bytes(&[2; 32]).unwrap().to_text();
    // The good key before the fault is not put in force either.
    let two_faults = format!("{} cretula_key1_oops", good.as_str());
    let cut_off = format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":"{}"}}"#, good.as_str());
    let reload = |text: &str| Keyring::parse(text).map(|ring| shared.replace_keyring(&ring));
    for text in ["", "{oops", &two_faults, &cut_off] {
        let error = reload(text).unwrap_err();
        assert!(error.code().starts_with("key"));
        assert!(shared.unseal_at(&token, now()).unwrap().claims.sealing_key);
        let other = sealer(&[2]).seal_at("x", 60, now()).unwrap();
        assert_eq!(shared.unseal_at(other, now()).unwrap_err(), UnsealError::UnknownKey);
    }

    reload(&good).unwrap();
    assert_eq!(shared.unseal_at(&token, now()).unwrap_err(), UnsealError::UnknownKey);
}
