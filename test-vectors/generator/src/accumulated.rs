//! `accumulated.json`: calls made from a number, and digests over what came of them, as `test-vectors/README.md` words it.

use std::collections::BTreeMap;

use crate::{
    json::{Json, hex, object},
    opener::{Code, Context},
    reference::{Source, base64url, sha256},
    vector::{Entry, Outcome, Vector},
};

/// How many cases there are.
pub const CASES: u32 = 10_000;
/// How many mutations of them are opened, of each kind.
pub const MUTATIONS: u32 = 50_000;
const BLOCK: usize = 1_000;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MAGICS: [&[u8; 4]; 8] = [b"CrE1", b"CrS1", b"CrE2", b"CrS0", b"CrE-", b"CrE.", b"crE1", b"C1rE"];

pub(crate) fn vectors() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (kind, seal, unseal, spec) in [
        (0x45, "seal", "unseal", ["SEAL-01", "DERIVE-01", "WIRE-01", "TEXT-01"]),
        (0x53, "sign", "verify", ["SIGN-01", "DERIVE-01", "WIRE-01", "TEXT-01"]),
    ] {
        let cases: Vec<Source> = (0..CASES).map(|number| case(kind, number)).collect();
        let tokens: Vec<Vec<u8>> = cases.iter().map(|case| base64url(&case.build().bytes).into_bytes()).collect();
        let outcomes = (0..MUTATIONS).map(|number| {
            let index = usize::try_from(number % CASES).expect("a small number");
            Mutation::new(&cases[index], &tokens[index], number).open().err().unwrap_or("ok").as_bytes().to_vec()
        });
        vectors.push(vector(unseal, &["OPEN-01", "TEXT-02", "TIME-03"], &outcomes.collect::<Vec<_>>()));
        vectors.push(vector(seal, &spec, &tokens));
    }
    vectors.sort_by(|a, b| a.id.cmp(&b.id));
    vectors
}

/// Returns the number of a few bytes, most significant first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn index(number: u64, length: usize) -> usize {
    usize::try_from(number % u64::try_from(length).expect("a length")).expect("below a length")
}

/// Returns case number i (README, `accumulated.json`).
#[must_use]
pub fn case(kind: u8, number_of: u32) -> Source {
    let block = |count: u32| {
        sha256(&[&b"cretula-accumulated-case"[..], &number_of.to_be_bytes(), &count.to_be_bytes()].concat())
    };
    let stream: Vec<u8> = (0..18).flat_map(block).collect();
    let length = index(number(&stream[52..54]), 512);
    Source {
        kind,
        key: [b"cretula-test-key", &stream[..16]].concat(),
        audience: format!("audience-{}", stream[16]),
        purpose: format!("purpose-{}", stream[17]),
        issued_at: number(&stream[18..24]),
        ttl: 1 + number(&stream[24..28]) % 34_560_000,
        payload: stream[64..64 + length].to_vec(),
        salt: stream[28..40].to_vec(),
        iv: stream[40..52].to_vec(),
        set: BTreeMap::new(),
    }
}

/// Holds a text, and what it is opened with beside its case's ring and context.
pub struct Mutation<'a> {
    case: &'a Source,
    /// The text: ASCII.
    pub text: Vec<u8>,
    /// Time of opening, in seconds.
    pub now: u64,
    /// In seconds.
    pub max_age: u64,
    /// In octets.
    pub limit: usize,
}

impl<'a> Mutation<'a> {
    /// Makes mutation number j of a case's token.
    ///
    /// # Panics
    /// For an empty token.
    #[must_use]
    pub fn new(case: &'a Source, token: &[u8], number_of: u32) -> Self {
        let m = sha256(&[&b"cretula-accumulated-mutation"[..], &number_of.to_be_bytes()].concat());
        let mut text = token.to_vec();
        let p = index(number(&m[..4]), text.len());
        let c = 32 + m[4] % 95;
        let past = 1_i64 << 48;
        let issued_at = i64::try_from(case.issued_at).expect("48 bits");
        let seconds = |n: u64| i64::try_from(n).expect("a life");
        let step = i64::from(m[6] % 4);
        let (mut now, mut max_age, mut limit) = (issued_at, 34_560_000, 16_384);
        match m[5] % 12 {
            0 => text[p] = c,
            1 => drop(text.remove(p)),
            2 => text.insert(p, c),
            3 => text.truncate(p),
            4 => {
                let other = (p + 1) % text.len();
                text.swap(p, other);
            }
            5 => {
                let mut bytes = case.build().bytes;
                let at = index(number(&m[..4]), bytes.len());
                bytes[at] ^= 1 << (m[6] % 8);
                text = base64url(&bytes).into_bytes();
            }
            6 => *text.last_mut().expect("not empty") = ALPHABET[usize::from(m[6] % 64)],
            7 => text[..4].copy_from_slice(MAGICS[usize::from(m[6] % 8)]),
            8 => now = issued_at + seconds(case.ttl) - 2 + step,
            9 => now = issued_at - 62 + step,
            10 => {
                max_age = 1 + number(&m[8..12]) % 34_560_000;
                now = issued_at + seconds(max_age) - 2 + step;
            }
            _ => limit = text.len() - 1 + usize::from(m[6] % 2),
        }
        let now = u64::try_from(now.clamp(0, past - 1)).expect("not negative");
        Self { case, text, now, max_age, limit }
    }

    fn open(&self) -> Result<(), Code> {
        let Source { kind, key, audience, purpose, .. } = self.case.clone();
        let context = Context { ring: vec![Entry { key, seal_from: None, accept_until: None }], audience, purpose };
        context.open(kind, &self.text, (self.max_age, 60), self.limit, self.now).map(drop)
    }
}

fn vector(op: &str, spec: &[&'static str], outcomes: &[Vec<u8>]) -> Vector {
    let digest = |outcomes: &[Vec<u8>]| {
        let lines: Vec<u8> = outcomes.iter().flat_map(|outcome| [outcome, &b"\n"[..]].concat()).collect();
        hex(&sha256(&lines))
    };
    let blocks: Vec<String> = outcomes.chunks(BLOCK).map(digest).collect();
    Vector {
        id: format!("accumulated/{op}"),
        spec: spec.to_vec(),
        flags: vec!["accumulated"],
        comment: format!("{} calls", outcomes.len()),
        inputs: vec![
            ("op".to_owned(), op.into()),
            ("count".to_owned(), u64::try_from(outcomes.len()).expect("a count").into()),
        ],
        outcome: Outcome::Result(object([
            ("sha256", digest(outcomes).into()),
            ("blocks", Json::List(blocks.into_iter().map(Json::from).collect())),
        ])),
    }
}
