//! Threads share sealers and signers, and the keyring is exchanged under them.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use std::time::Duration;

use cretula::{
    Claims, ErrorCode as _, Key, KeyEntry, Keyring, Opened, Sealer, Signer, Site, UnixTime, UnsealError,
    UntrustedToken, hazmat::At as _,
};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const NOW: u64 = 1_790_000_000;

const fn assert_shareable<T: Send + Sync + Clone + 'static>() {}
const _: () = {
    assert_shareable::<Sealer>();
    assert_shareable::<Signer>();
    assert_shareable::<Keyring>();
    assert_shareable::<KeyEntry>();
    assert_shareable::<Key>();
    assert_shareable::<Site>();
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

fn site(entries: &[u8]) -> (Site, Sealer, Signer) {
    let site = Site::new(ring(entries), "a").unwrap();
    let (sealer, signer) = (site.sealer("p").build().unwrap(), site.signer("p").build().unwrap());
    (site, sealer, signer)
}

fn sealer(entries: &[u8]) -> Sealer {
    site(entries).1
}

// covers: [RING-16] [RING-17]
#[test]
fn rings_are_exchanged_whole_while_threads_work() {
    const OLD: u8 = 1;
    const NEW: u8 = 2;
    let (site, shared, shared_signer) = site(&[OLD]);
    let ids =
        [OLD, NEW].map(|byte| sealer(&[byte]).at(now()).unseal(sealer(&[byte]).at(now()).seal("", secs(9)).unwrap()));
    let ids = ids.map(|opened| opened.unwrap().claims.key_id);
    let (done, begin) = (AtomicBool::new(false), Barrier::new(9));

    let work = |number: u32, sealer: Sealer, signer: Signer| {
        let payload = format!("thread {number}");
        let (mut buffer, mut opened, mut unknown) = (Vec::new(), 0_u32, 0_u32);
        begin.wait();
        while opened == 0 || !done.load(Ordering::Relaxed) {
            let token = sealer.at(now()).seal(&payload, secs(60)).unwrap();
            match sealer.at(now()).unseal_into(&token, &mut buffer) {
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
            match signer.at(now()).verify(signer.at(now()).sign(&payload, secs(60)).unwrap()) {
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
        for round in 0..300 {
            let next: &[u8] = [&[OLD][..], &[NEW], &[OLD, NEW]][round % 3];
            site.replace_keyring(ring(next));
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
    let (site, shared, shared_signer) = site(&[1]);
    let (clone, clone_signer) = (shared.clone(), shared_signer.clone());
    let token = shared.at(now()).seal("x", secs(60)).unwrap();
    let signed = shared_signer.at(now()).sign("x", secs(60)).unwrap();

    // Both keys, the new one first: old tokens open and say that they want to be sealed anew.
    site.clone().replace_keyring(ring(&[2, 1]));
    assert!(!shared.at(now()).unseal(&token).unwrap().claims.sealing_key);
    assert!(!shared_signer.at(now()).verify(&signed).unwrap().claims.sealing_key);

    site.replace_keyring(ring(&[2]));
    for sealer in [&shared, &clone] {
        assert_eq!(sealer.at(now()).unseal(&token).unwrap_err(), UnsealError::UnknownKey);
        assert!(sealer.at(now()).unseal(shared.at(now()).seal("y", secs(60)).unwrap()).unwrap().claims.sealing_key);
    }
    for signer in [&shared_signer, &clone_signer] {
        assert_eq!(signer.at(now()).verify(&signed).unwrap_err(), UnsealError::UnknownKey);
        assert!(signer.at(now()).verify(shared_signer.at(now()).sign("y", secs(60)).unwrap()).is_ok());
    }

    // Another site has a ring of its own.
    assert!(sealer(&[1]).at(now()).unseal(&token).is_ok());
}

// covers: [RING-16]
#[test]
fn a_ring_that_is_refused_leaves_the_old_one_in_force() {
    let (site, shared, _) = site(&[1]);
    let token = shared.at(now()).seal("x", secs(60)).unwrap();
    let good = Key::from_bytes(&[2; 32]).unwrap().to_text();
    // The good key before the fault is not put in force either.
    let two_faults = format!("{} cretula_key1_oops", good.as_str());
    let cut_off = format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":"{}"}}"#, good.as_str());
    let reload = |text: &str| site.reload(text);
    for text in ["", "{oops", &two_faults, &cut_off] {
        let error = reload(text).unwrap_err();
        assert!(error.code().starts_with("key"));
        assert!(shared.at(now()).unseal(&token).unwrap().claims.sealing_key);
        let other = sealer(&[2]).at(now()).seal("x", secs(60)).unwrap();
        assert_eq!(shared.at(now()).unseal(other).unwrap_err(), UnsealError::UnknownKey);
    }

    reload(&good).unwrap();
    assert_eq!(shared.at(now()).unseal(&token).unwrap_err(), UnsealError::UnknownKey);
}
