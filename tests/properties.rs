//! Properties of tokens and keyrings, for arbitrary inputs.
//!
//! Expectations are computed a second time, by `model` and `opening`, from the specification and the bare primitives.
//! Runs are the same every time; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` make them longer and other.

#[path = "model/cases.rs"]
mod cases;
mod model;
#[path = "model/opening.rs"]
mod opening;

use std::collections::HashMap;

use cases::check;
use std::time::Duration;

use cretula::{
    ErrorCode as _, Key, KeyEntry, Keyring, Kind, Opened, SealError, Sealer, Signer, Site, UnixTime, UnsealError,
    UntrustedToken,
    hazmat::{self, At as _},
    limits::{LEEWAY_MAX, LIFE_MAX, TIME_END},
};
use model::Secret;
use opening::Opener;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const NOW: u64 = 1_790_000_000;
const A: Secret = [0x41; 32];
const B: Secret = [0x42; 32];

/// The settings of an opener.
#[derive(Clone, Copy)]
struct Options {
    max_age: u32,
    leeway: u32,
    limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_age: LIFE_MAX, leeway: 60, limit: 16_384 }
    }
}

/// Either kind behind one interface.
enum Codec {
    Sealed(Sealer),
    Signed(Signer),
}

impl Codec {
    fn new(kind: Kind, ring: &Keyring, (audience, purpose): (&str, &str), options: Options) -> Self {
        let site = Site::new(ring.clone(), audience).unwrap();
        let Options { max_age, leeway, limit } = options;
        let (max_age, leeway) = (secs(max_age), secs(leeway));
        match kind {
            Kind::Sealed => {
                Self::Sealed(site.sealer(purpose).max_age(max_age).leeway(leeway).limit(limit).build().unwrap())
            }
            Kind::Signed => {
                Self::Signed(site.signer(purpose).max_age(max_age).leeway(leeway).limit(limit).build().unwrap())
            }
        }
    }

    fn make(&self, payload: &[u8], ttl: u32, now: u64) -> Result<String, SealError> {
        match self {
            Self::Sealed(sealer) => sealer.at(at(now)).seal(payload, secs(ttl)),
            Self::Signed(signer) => signer.at(at(now)).sign(payload, secs(ttl)),
        }
    }

    fn open(&self, token: &[u8], now: u64) -> Result<Opened, UnsealError> {
        match self {
            Self::Sealed(sealer) => sealer.at(at(now)).unseal(token),
            Self::Signed(signer) => signer.at(at(now)).verify(token),
        }
    }
}

#[track_caller]
fn at(seconds: u64) -> UnixTime {
    UnixTime::new(seconds).unwrap()
}

#[track_caller]
fn entry(secret: &Secret, seal_from: u64, accept_until: Option<u64>) -> KeyEntry {
    KeyEntry { seal_from: at(seal_from), accept_until: accept_until.map(at), ..Key::from_bytes(secret).unwrap().into() }
}

#[track_caller]
fn ring_of(secrets: &[Secret]) -> Keyring {
    Keyring::new(secrets.iter().map(|secret| entry(secret, 0, None))).unwrap()
}

fn kind() -> impl Strategy<Value = Kind> {
    select(&[Kind::Sealed, Kind::Signed][..])
}

fn secret() -> impl Strategy<Value = Secret> {
    any::<Secret>().prop_filter("a usable key", |secret| Key::from_bytes(secret).is_ok())
}

/// A field of a context: mostly short, sometimes of the full 255 bytes.
fn field() -> impl Strategy<Value = String> {
    let of = |lengths| vec(0x21_u8..0x7F, lengths).prop_map(|bytes| String::from_utf8(bytes).unwrap());
    prop_oneof![9 => of(1..=9_usize), 1 => of(255..=255)]
}

/// A number anywhere in 0..end, or within 3 of one of the edges.
fn near(edges: Vec<u64>, end: u64) -> impl Strategy<Value = u64> {
    let close = (select(edges), -3_i64..=3).prop_map(move |(edge, by)| edge.saturating_add_signed(by).min(end - 1));
    prop_oneof![4 => close, 1 => 0..end]
}

fn time() -> impl Strategy<Value = u64> {
    near(vec![0, NOW, u64::from(u32::MAX), TIME_END], TIME_END)
}

// covers: [SEAL-01] [SIGN-01] [WIRE-02] [OPEN-14]
#[test]
fn all_forms_give_the_payload_back() {
    let inputs = (secret(), field(), field(), vec(any::<u8>(), 0..600), time(), 1..=LIFE_MAX);
    check(inputs, |(secret, audience, purpose, payload, now, ttl)| {
        let site = Site::new(ring_of(&[secret]), &audience).unwrap();
        let (sealer, signer) = (site.sealer(&purpose).build().unwrap(), site.signer(&purpose).build().unwrap());
        let (mut text, mut buffer) = (String::from("before"), b"before".to_vec());

        let token = sealer.at(at(now)).seal(&payload, secs(ttl)).unwrap();
        let opened = sealer.at(at(now)).unseal(&token).unwrap();
        let claims = opened.claims;
        assert_eq!(opened.payload, payload);
        assert_eq!((claims.issued_at.as_secs(), claims.ttl, claims.sealing_key), (now, ttl, true));
        assert_eq!(claims.expires_at.as_secs(), now + u64::from(ttl));
        assert_eq!(*claims.key_id.as_bytes(), opening::derive(&secret, Kind::Sealed, (&audience, &purpose)).1);
        sealer.at(at(now)).seal_into(&payload, secs(ttl), &mut text).unwrap();
        assert_eq!(text.len(), token.len());
        assert_eq!(sealer.at(at(now)).unseal_into(&text, &mut buffer), Ok(claims));
        assert_eq!(buffer, payload);

        let token = signer.at(at(now)).sign(&payload, secs(ttl)).unwrap();
        let opened = signer.at(at(now)).verify(&token).unwrap();
        let claims = opened.claims;
        assert_eq!(opened.payload, payload);
        assert_eq!((claims.issued_at.as_secs(), claims.ttl, claims.sealing_key), (now, ttl, true));
        assert_eq!(*claims.key_id.as_bytes(), opening::derive(&secret, Kind::Signed, (&audience, &purpose)).1);
        signer.at(at(now)).sign_into(&payload, secs(ttl), &mut text).unwrap();
        assert_eq!(text, token);
        assert_eq!(signer.at(at(now)).verify_into(&text, &mut buffer), Ok(claims));
        assert_eq!(buffer, payload);
    });
}

#[test]
fn json_forms_are_the_plain_ones_over_json() {
    let value = (any::<String>(), vec(any::<i64>(), 0..9), any::<Option<bool>>());
    check((value, time(), 1..=LIFE_MAX), |(value, now, ttl)| {
        let site = Site::new(ring_of(&[A]), "a").unwrap();
        let (sealer, signer) = (site.sealer("p").build().unwrap(), site.signer("p").build().unwrap());
        let json = serde_json::to_vec(&value).unwrap();

        let token = sealer.at(at(now)).seal_json(&value, secs(ttl)).unwrap();
        let opened = sealer.at(at(now)).unseal(&token).unwrap();
        assert_eq!(opened.payload, json);
        assert_eq!(sealer.at(at(now)).unseal_json(&token), Ok((value.clone(), opened.claims)));

        let token = signer.at(at(now)).sign_json(&value, secs(ttl)).unwrap();
        assert_eq!(token, signer.at(at(now)).sign(&json, secs(ttl)).unwrap());
        let claims = signer.at(at(now)).verify(&token).unwrap().claims;
        assert_eq!(signer.at(at(now)).verify_json(&token), Ok((value, claims)));
    });
}

// covers: [DERIVE-01] [WIRE-01] [TEXT-01]
#[test]
fn the_model_makes_the_same_tokens() {
    let inputs = (secret(), field(), field(), vec(any::<u8>(), 0..200), time(), 1..=LIFE_MAX, any::<[[u8; 12]; 2]>());
    check(inputs, |(secret, audience, purpose, payload, now, ttl, [salt, iv])| {
        let site = Site::new(ring_of(&[secret]), &audience).unwrap();
        let sealed =
            hazmat::seal_at(&site.sealer(&purpose).build().unwrap(), &payload, ttl, at(now), salt, iv).unwrap();
        let signed = site.signer(&purpose).build().unwrap().at(at(now)).sign(&payload, secs(ttl)).unwrap();
        let model = |kind| model::build(&secret, kind, (&audience, &purpose), (now, ttl, &payload), (salt, iv));
        assert_eq!(sealed, model::encode(&model(Kind::Sealed)));
        assert_eq!(signed, model::encode(&model(Kind::Signed)));
    });
}

// covers: [SEAL-03] [SIGN-01]
#[test]
fn two_seals_differ_and_two_signs_do_not() {
    check((vec(any::<u8>(), 0..50), 1..=LIFE_MAX, time()), |(payload, ttl, now)| {
        for kind in [Kind::Sealed, Kind::Signed] {
            let codec = Codec::new(kind, &ring_of(&[A]), ("a", "p"), Options::default());
            let [one, two] = [(); 2].map(|()| codec.make(&payload, ttl, now).unwrap());
            assert_eq!(one == two, kind == Kind::Signed);
        }
    });
}

/// Opens `text` with an opener that is described by `opener`, and by the model.
#[track_caller]
fn assert_as_predicted(opener: &Opener<'_>, text: &[u8], made: &[u8]) {
    let ring = opener.ring.iter().map(|(secret, end)| entry(secret, 0, *end));
    let options = Options { limit: opener.limit, ..Options::default() };
    let codec = Codec::new(opener.kind, &Keyring::new(ring).unwrap(), opener.context, options);
    let code = codec.open(text, NOW).err().map(|error| error.code());
    assert_eq!(code, opener.predict(text, NOW, made), "{}", String::from_utf8_lossy(text));
}

/// Octets that a text may be spoiled with: mostly of the alphabet, often of other base64 forms.
fn octet() -> impl Strategy<Value = u8> {
    prop_oneof![6 => select(model::ALPHABET), 2 => select(&b"+/= \r\n\t,.~%\0"[..]), 1 => any::<u8>()]
}

// covers: [OPEN-01] [OPEN-03] [OPEN-04] [OPEN-05] [OPEN-06] [OPEN-07] [OPEN-08] [OPEN-13] [TEXT-02]
#[test]
fn one_edit_gives_the_code_that_the_order_gives() {
    let edit = (0..4, any::<Index>(), octet());
    check((kind(), vec(any::<u8>(), 0..60), edit, 0..7), |(kind, payload, (edit, place, octet), opener)| {
        let ring = ring_of(&[A]);
        let token = Codec::new(kind, &ring, ("a", "p"), Options::default()).make(&payload, 60, NOW).unwrap();
        let made = model::decode(token.as_bytes()).unwrap();
        let mut text = token.clone().into_bytes();
        let place = place.index(text.len() - 1);
        match edit {
            0 => text[place + 1] = octet,
            1 => text.insert(place + 2, octet),
            2 => drop(text.remove(place + 1)),
            _ => text.swap(place, place + 1),
        }
        let other = if kind == Kind::Sealed { Kind::Signed } else { Kind::Sealed };
        let good = Opener { kind, limit: 16_384, ring: vec![(B, None), (A, None)], context: ("a", "p") };
        let opener = match opener {
            0 => Opener { kind: other, ..good },
            1 => Opener { limit: token.len() - 1, ..good },
            2 => Opener { limit: token.len(), ..good },
            3 => Opener { ring: vec![(B, None)], ..good },
            4 => Opener { ring: vec![(A, Some(NOW)), (B, None)], ..good },
            5 => Opener { context: ("a", "P"), ..good },
            _ => good,
        };
        assert_as_predicted(&opener, token.as_bytes(), &made);
        assert_as_predicted(&opener, &text, &made);
    });
}

// covers: [OPEN-01] [OPEN-03] [OPEN-06] [OPEN-08] [TEXT-02]
#[test]
fn every_octet_in_every_place_gives_its_code() {
    for kind in [Kind::Sealed, Kind::Signed] {
        let ring = ring_of(&[A]);
        let codec = Codec::new(kind, &ring, ("a", "p"), Options::default());
        let opener = Opener { kind, limit: 16_384, ring: vec![(A, None)], context: ("a", "p") };
        let token = codec.make(b"", 60, NOW).unwrap().into_bytes();
        let made = model::decode(&token).unwrap();
        let (mut seen, mut text) = (HashMap::new(), token.clone());
        for place in 0..token.len() {
            for octet in 0..=255 {
                text[place] = octet;
                let code = codec.open(&text, NOW).err().map(|error| error.code());
                assert_eq!(code, opener.predict(&text, NOW, &made), "{octet:#x} in place {place}");
                assert_eq!(code.is_none(), text == token);
                *seen.entry(code).or_insert(0_u32) += 1;
            }
            text[place] = token[place];
        }
        for length in 0..made.len() {
            let cut = model::encode(&made[..length]);
            let code = codec.open(cut.as_bytes(), NOW).err().map(|error| error.code());
            assert_eq!(code, opener.predict(cut.as_bytes(), NOW, &made), "{length} bytes");
            *seen.entry(code).or_insert(0) += 1;
        }
        // The test has met what it is about: the unchanged token once in every place, and each code of the steps.
        assert_eq!(seen.len(), 8, "{seen:?}");
        assert_eq!(seen[&None], u32::try_from(token.len()).unwrap());
    }
}

// covers: [TEXT-02] [OPEN-04]
#[test]
fn nothing_stands_before_or_after_a_token() {
    for kind in [Kind::Sealed, Kind::Signed] {
        let codec = Codec::new(kind, &ring_of(&[A]), ("a", "p"), Options::default());
        // Texts of every length modulo 4.
        for payload in [&b""[..], b"1", b"12"] {
            let token = codec.make(payload, 60, NOW).unwrap();
            for more in ["=", "==", "===", "A", "\n", "\r\n", " ", "\0", ";", "%3D"] {
                let after = codec.open(format!("{token}{more}").as_bytes(), NOW).unwrap_err();
                assert!([UnsealError::Encoding, UnsealError::AuthFailed].contains(&after), "{after} for {more:?}");
                assert_eq!(after == UnsealError::Encoding, more != "A" || token.len().is_multiple_of(4), "{more:?}");
                let before = codec.open(format!("{more}{token}").as_bytes(), NOW);
                assert_eq!(before, Err(UnsealError::NotAToken), "{more:?}");
            }
        }
    }
}

// covers: [SEAL-05]
#[test]
fn a_token_of_the_limit_is_made_and_none_longer() {
    check((kind(), vec(any::<u8>(), 0..300)), |(kind, payload)| {
        let with = |limit| Codec::new(kind, &ring_of(&[A]), ("a", "p"), Options { limit, ..Options::default() });
        let length = with(16_384).make(&payload, 60, NOW).unwrap().len();
        let least = if kind == Kind::Sealed { 85 } else { 77 };
        assert_eq!(length, ((payload.len() + least) * 4).div_ceil(3));
        assert_eq!(with(length).make(&payload, 60, NOW).map(|token| token.len()), Ok(length));
        let too_long = SealError::ResultTooLong { length, limit: length - 1 };
        assert_eq!(with(length - 1).make(&payload, 60, NOW), Err(too_long));
    });
}

// covers: [TEXT-02] [TEXT-01]
#[test]
fn a_parsed_token_encodes_to_its_text() {
    let loose = vec(octet(), 99..130)
        .prop_flat_map(|tail| select(&["CrE1", "CrS1"][..]).prop_map(move |start| [start.as_bytes(), &tail].concat()));
    let alphabet = vec(select(model::ALPHABET), 99..130).prop_map(|tail| [&b"CrS1"[..], &tail].concat());
    check(prop_oneof![1 => loose, 9 => alphabet], |text| {
        let bytes = model::decode(&text);
        let parsed = UntrustedToken::parse(&text, 16_384);
        let long_enough = |bytes: &Vec<u8>| bytes.len() >= if text[2] == b'E' { 85 } else { 77 };
        assert_eq!(parsed.as_ref().ok().map(|token| token.bytes.clone()), bytes.filter(long_enough));
        if let Ok(token) = parsed {
            assert_eq!(model::encode(&token.bytes).as_bytes(), text);
        }
    });
}

// covers: [DERIVE-01] [CTX-02]
#[test]
fn no_two_derivations_share_a_key_id() {
    // Fields over {a, A} up to three long: many pairs coincide when audience and purpose stand side by side.
    let mut fields = vec![String::new()];
    for length in 0..3 {
        let longest: Vec<_> = fields.iter().filter(|field| field.len() == length).cloned().collect();
        fields.extend(longest.iter().flat_map(|field| ["a", "A"].map(|end| format!("{field}{end}"))));
    }
    let mut seen = HashMap::new();
    for secret in [A, B] {
        for kind in [Kind::Sealed, Kind::Signed] {
            for audience in &fields[1..] {
                for purpose in &fields[1..] {
                    let codec = Codec::new(kind, &ring_of(&[secret]), (audience, purpose), Options::default());
                    let token = codec.make(b"", 60, NOW).unwrap();
                    let id = UntrustedToken::parse(token, 16_384).unwrap().key_id;
                    let what = (secret[0], kind, audience.clone(), purpose.clone());
                    assert_eq!(seen.insert(id, what.clone()), None, "{what:?}");
                }
            }
        }
    }
    assert_eq!(seen.len(), 2 * 2 * 14 * 14);
}

// covers: [TIME-03] [OPEN-10] [OPEN-11]
#[test]
fn a_token_is_alive_iff_the_formula_says_so() {
    let life = || near(vec![1, 60, u64::from(LIFE_MAX)], u64::from(LIFE_MAX) + 1).prop_map(|n| n.max(1));
    let ttl = near(vec![0, 60, u64::from(LIFE_MAX), u64::from(u32::MAX)], 1 << 32);
    let inputs = (kind(), time(), ttl, life(), 0..=LEEWAY_MAX).prop_flat_map(|(kind, now, ttl, max_age, leeway)| {
        let edges = vec![now + u64::from(leeway), now.saturating_sub(ttl.min(max_age)), now];
        (Just((kind, now, ttl, max_age, leeway)), near(edges, TIME_END))
    });
    check(inputs, |((kind, now, ttl, max_age, leeway), issued_at)| {
        let (ttl, max_age) = (u32::try_from(ttl).unwrap(), u32::try_from(max_age).unwrap());
        let options = Options { max_age, leeway, ..Options::default() };
        let token = model::build(&A, kind, ("a", "p"), (issued_at, ttl, b"payload"), ([1; 12], [2; 12]));
        let opened = Codec::new(kind, &ring_of(&[A]), ("a", "p"), options).open(model::encode(&token).as_bytes(), now);

        let [issued, wide_now] = [issued_at, now].map(i128::from);
        let end = issued + i128::from(ttl).min(i128::from(max_age));
        let expected = if issued > wide_now + i128::from(leeway) {
            Err("issued_in_future")
        } else if !(1..=34_560_000).contains(&ttl) || wide_now >= end {
            Err("expired")
        } else {
            Ok((b"payload".to_vec(), issued_at, ttl, end))
        };
        let opened = opened.map_err(|error| error.code());
        let opened = opened.map(|Opened { payload, claims: c, .. }| {
            (payload, c.issued_at.as_secs(), c.ttl, i128::from(c.expires_at.as_secs()))
        });
        assert_eq!(opened, expected);
    });
}

// covers: [RING-07] [RING-08] [RING-09] [OPEN-07]
#[test]
fn the_ring_selects_as_the_model_does() {
    let window = (0_u64..6, proptest::option::of(1_u64..6)).prop_map(|(from, life)| (from, life.map(|n| from + n)));
    check((kind(), vec(window, 1..7), 0_u64..12), |(kind, windows, now)| {
        let secret = |position: usize| [u8::try_from(position).unwrap() + 1; 32];
        let entries = windows.iter().enumerate().map(|(position, (from, end))| entry(&secret(position), *from, *end));
        let ring = Keyring::new(entries).unwrap();
        let seals = opening::sealing_entry(&windows, now);
        assert_eq!(ring.sealing_entry(at(now)), seals);

        let codec = Codec::new(kind, &ring, ("a", "p"), Options::default());
        let made = codec.make(b"x", 60, now);
        let made_by = made.as_ref().ok().map(|token| *UntrustedToken::parse(token, 999).unwrap().key_id.as_bytes());
        assert_eq!(made_by, seals.map(|position| opening::derive(&secret(position), kind, ("a", "p")).1));
        if seals.is_none() {
            assert_eq!(made, Err(SealError::NoSealingKey));
        }
        for (position, (_, end)) in windows.iter().enumerate() {
            let token = Codec::new(kind, &ring_of(&[secret(position)]), ("a", "p"), Options::default());
            let opened = codec.open(token.make(b"x", 60, now).unwrap().as_bytes(), now);
            let accepted = end.is_none_or(|end| now < end);
            assert_eq!(ring.entries()[position].is_accepted(at(now)), accepted);
            let flag = opened.map(|opened| opened.claims.sealing_key);
            assert_eq!(flag, if accepted { Ok(seals == Some(position)) } else { Err(UnsealError::KeyInactive) });
        }
    });
}
