//! How often calls allocate, on the thread that makes them: a call that begins to copy shows here before it shows in a
//! measurement.

use std::time::Duration;

use allocation_counter::measure;
use cretula::{Answer, Data, ErrorCode as _, Key, Sealer, Signer, Site};

const TTL: Duration = Duration::from_secs(60);

/// Bytes of payloads: none, those of small and of large cookies, and one that fits no cookie.
const SIZES: [usize; 6] = [0, 1, 64, 256, 3000, 12_000];

fn site() -> Site {
    Site::new(Key::from_bytes(&[7; 32]).unwrap(), "a").unwrap()
}

fn sealer() -> Sealer {
    site().sealer("p").limit(16_384).build().unwrap()
}

fn signer() -> Signer {
    site().signer("p").limit(16_384).build().unwrap()
}

/// Counts the allocations of a call after another has made what all later ones use. Growing a buffer counts as one.
fn count<R>(mut call: impl FnMut() -> R) -> u64 {
    drop(call());
    measure(|| drop(call())).count_total
}

#[test]
fn the_count_sees_an_allocation_and_a_growth() {
    assert_eq!(count(|| ()), 0);
    assert_eq!(count(|| vec![1_u8]), 1);
    assert_eq!(count(|| vec![1_u8].reserve_exact(1000)), 2);
}

#[test]
fn a_token_is_one_allocation() {
    let (sealer, signer) = (sealer(), signer());
    for size in SIZES {
        let payload = vec![5; size];
        assert_eq!(count(|| sealer.seal(&payload, TTL).unwrap()), 1, "{size} bytes");
        assert_eq!(count(|| signer.sign(&payload, TTL).unwrap()), 1, "{size} bytes");
    }
}

#[test]
fn an_opened_payload_is_one_allocation() {
    let (sealer, signer) = (sealer(), signer());
    for size in SIZES {
        let payload = vec![5; size];
        let (sealed, signed) = (sealer.seal(&payload, TTL).unwrap(), signer.sign(&payload, TTL).unwrap());
        assert_eq!(count(|| sealer.unseal(&sealed).unwrap()), 1, "{size} bytes");
        assert_eq!(count(|| signer.verify(&signed).unwrap()), 1, "{size} bytes");
    }
}

#[test]
fn calls_with_a_buffer_that_was_used_before_allocate_nothing() {
    let (sealer, signer) = (sealer(), signer());
    let (mut text, mut bytes) = (String::new(), Vec::new());
    for size in SIZES {
        let payload = vec![5; size];
        assert_eq!(count(|| sealer.seal_into(&payload, TTL, &mut text).unwrap()), 0, "{size} bytes");
        assert_eq!(count(|| sealer.unseal_into(&text, &mut bytes).unwrap()), 0, "{size} bytes");
        assert_eq!(bytes, payload);
        assert_eq!(count(|| signer.sign_into(&payload, TTL, &mut text).unwrap()), 0, "{size} bytes");
        assert_eq!(count(|| signer.verify_into(&text, &mut bytes).unwrap()), 0, "{size} bytes");
        assert_eq!(bytes, payload);
    }
}

// covers: [OPEN-02]
#[test]
fn what_is_refused_before_it_is_decoded_allocates_nothing() {
    let (sealer, signer) = (sealer(), signer());
    let (sealed, signed) = (sealer.seal("x", TTL).unwrap(), signer.sign("x", TTL).unwrap());
    let tokens = [
        ("CrE1".repeat(5000), "too_long"),
        ("undefined".to_owned(), "not_a_token"),
        (sealed.replacen('1', "2", 1), "unsupported_version"),
        (signed, "wrong_kind"),
    ];
    for (token, code) in tokens {
        assert_eq!(sealer.unseal(&token).unwrap_err().code(), code);
        assert_eq!(count(|| sealer.unseal(&token).is_err()), 0, "{code}");
    }
}

/// No more than this: fewer are welcome, and then the number here is to follow.
#[test]
fn a_request_allocates_no_more_than_it_did() {
    let sessions = site().sessions::<Data>().build().unwrap();
    let mut session = sessions.open(["theme=dark"]).unchecked().unwrap();
    session.sign_on("ada", 7).unwrap();
    session.data_mut().insert("note".into(), "x".repeat(256).into());
    let committed = sessions.commit(session).unwrap();
    let line = committed.headers().next().unwrap().1.split(';').next().unwrap().to_owned();
    let field = format!("theme=dark; {line}; lang=en");

    let request = |changes: bool| {
        let mut session = sessions.open([&field]).checked(Answer::Generation(7)).unwrap();
        assert!(session.user().is_some());
        if changes {
            session.data_mut().insert("note".into(), "y".into());
        }
        sessions.commit(session).unwrap()
    };
    let (reads, changes) = (count(|| request(false)), count(|| request(true)));
    println!("reads {reads}, changes {changes}");
    assert!(reads <= 8, "{reads}");
    assert!(changes <= 18, "{changes}");
}
