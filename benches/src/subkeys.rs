//! What a store of subkeys would save an opener ([OPEN-16]): by the share of requests that find something in it, in a
//! simulated fleet, and by what looking, keeping and wiping take.
//!
//! All is timed on one thread, which never waits for a lock.

use std::hint::black_box;

use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{AeadInOut as _, consts::U12},
    aes::Aes256Enc,
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    fleet::{Balance, SITES, hits},
    measure::{self, Case},
    requests,
    store::{Salt, Store},
};

/// The word on the command line.
pub const WORD: &str = "subkeys";
const SIZES: [usize; 5] = [64, 256, 1024, 4096, 16384];
const FLEETS: [usize; 4] = [3, 10, 30, 100];
/// Bytes of a body: a session with a note of 256 bytes.
const BODY: usize = 430;

type Cipher = AesGcm<Aes256Enc, U12>;

/// What an opener does with a salt.
struct Opener {
    mac: Hmac<Sha256>,
    salts: Vec<Salt>,
}

impl Opener {
    fn new(count: usize) -> Self {
        let mac = Hmac::new_from_slice(&[7; 32]).expect("a key");
        let salts = (0..count as u64).map(|number| {
            let mut salt = [0; 12];
            // Spread as random ones are.
            salt[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32).to_be_bytes());
            salt
        });
        Self { mac, salts: salts.collect() }
    }

    fn subkey(&self, salt: &Salt) -> Zeroizing<[u8; 32]> {
        let mut mac = self.mac.clone();
        mac.update(b"cretula-v1 token");
        mac.update(salt);
        mac.update(&[1]);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    fn cipher(&self, salt: &Salt) -> Cipher {
        Cipher::new((&*self.subkey(salt)).into())
    }

    /// Encrypts, which takes as long as it takes to decrypt under the right tag.
    fn open(cipher: &Cipher, salt: &Salt, body: &mut [u8]) {
        let _ = black_box(cipher.encrypt_inout_detached((&[1; 12]).into(), salt, body.into()));
    }
}

/// What an opener takes with and without a store of one size, in nanoseconds.
struct Costs {
    cold: f64,
    hit: f64,
    miss: f64,
}

impl Costs {
    /// Returns what the store saves where that share of requests finds something in it.
    fn saved(&self, hits: f64) -> f64 {
        self.cold - hits * self.hit - (1.0 - hits) * self.miss
    }
}

/// One salt after another, far apart: in no order that a processor foresees.
fn case(name: &str, salts: Vec<Salt>, call: impl Fn(&Salt, &mut [u8]) + 'static) -> Case<'static> {
    let (mut body, mut turn) = ([5; BODY], 0_usize);
    Case::new(name, move || {
        turn += 7919;
        call(&salts[turn % salts.len()], &mut body);
    })
}

fn cases(entries: usize) -> [Case<'static>; 3] {
    let full = || {
        let (opener, store) = (Opener::new(entries / 2), Store::new(entries));
        opener.salts.iter().for_each(|salt| store.keep(*salt, opener.cipher(salt)));
        move |salt: &Salt, body: &mut [u8]| {
            if store.with(salt, |cipher| Opener::open(cipher, salt, body)).is_none() {
                let cipher = opener.cipher(salt);
                Opener::open(&cipher, salt, body);
                store.keep(*salt, cipher);
            }
        }
    };
    let opener = Opener::new(entries / 2);
    let known = opener.salts.clone();
    [
        case("cold", known.clone(), move |salt, body| Opener::open(&opener.cipher(salt), salt, body)),
        case("hit", known, full()),
        // Eight times as many salts as are kept above: none is met while it is kept.
        case("miss", Opener::new(entries * 4).salts, full()),
    ]
}

/// Prints both tables.
pub fn run(rounds: usize) {
    let opener = Opener::new(SIZES[0]);
    let hmac = case("HMAC", opener.salts.clone(), move |salt, _| drop(black_box(opener.subkey(salt))));
    let mut all: Vec<_> = SIZES.into_iter().flat_map(cases).chain([hmac]).collect();
    all.extend(requests::request(256, false));
    let times = measure::measure(all, rounds);
    let time = |name| times.iter().find(|cost| cost.name == name).expect("a case").nanoseconds;
    let request = time("Cretula");
    let costs = times.chunks_exact(3).zip(SIZES).map(|(times, _)| {
        let [cold, hit, miss] = [0, 1, 2].map(|at| times[at].nanoseconds);
        Costs { cold, hit, miss }
    });
    let costs: Vec<_> = costs.collect();
    println!("A request that only reads: {request:.0} ns. Of it the HMAC: {:.0} ns. HMAC, key set-up", time("HMAC"));
    println!("and decryption, ns, and KiB of a store that keeps ciphers:\n");
    println!("| entries | KiB | without a store | found | not found |");
    println!("|--:|--:|--:|--:|--:|");
    for (entries, Costs { cold, hit, miss }) in SIZES.iter().zip(&costs) {
        println!(
            "| {entries} | {} | {cold:.0} | {hit:.0} | {miss:.0} |",
            Store::<Cipher>::new(*entries).bytes() / 1024
        );
    }
    println!("\nThe share of requests that find something, and what the store takes off a request:\n");
    println!("| site | servers | {} |", SIZES.map(|size| size.to_string()).join(" | "));
    println!("|---|---|{}", "--:|".repeat(SIZES.len()));
    let mut apart = 0.0_f64;
    for site in &SITES {
        let row = |servers: &str, hits: &[f64]| {
            let cells = hits
                .iter()
                .zip(&costs)
                .map(|(hits, costs)| format!("{:.0} %, {:+.1} %", hits * 100.0, costs.saved(*hits) / request * 100.0));
            println!("| {} | {servers} | {} |", site.name, cells.collect::<Vec<_>>().join(" | "));
        };
        let alone = hits(site, 1, Balance::Random, &SIZES);
        row("1, or sticky", &alone);
        for servers in FLEETS {
            let [sticky, random, turns] =
                [Balance::Sticky, Balance::Random, Balance::Turns].map(|balance| hits(site, servers, balance, &SIZES));
            row(&servers.to_string(), &random);
            let pairs = random.iter().zip(&turns).chain(sticky.iter().zip(&alone));
            apart = pairs.map(|(one, other)| (one - other).abs()).fold(apart, f64::max);
        }
    }
    println!("\nServers get requests at random. In turn, and with sticky users on more servers, the share differs by");
    println!("{:.1} points at most.", apart * 100.0);
}
