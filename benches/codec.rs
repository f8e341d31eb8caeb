//! How long it takes to make, to open and to refuse a token.
//!
//! `cargo bench --manifest-path benches/Cargo.toml --bench codec`. The clock stands, so none is read; throughput counts
//! payload bytes.

use std::{hint::black_box, time::Duration};

use cretula::{ErrorCode as _, Key, Sealer, Signer, Site, UnixTime};
use criterion::{BenchmarkId, Criterion, Throughput};

const NOW: u64 = 1_790_000_000;
const MINUTE: Duration = Duration::from_secs(60);
const SIZES: [u16; 4] = [64, 256, 1024, 3000];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let site = site(0x41);
    let (sealer, signer) = (site.sealer("session").build().unwrap(), site.signer("session").build().unwrap());
    owned(&mut criterion, &sealer, &signer);
    into(&mut criterion, &sealer, &signer);
    refused(&mut criterion, &sealer, &signer);
    criterion.final_summary();
}

fn site(byte: u8) -> Site {
    let site = Site::new(Key::from_bytes(&[byte; 32]).unwrap(), "shop.example").unwrap();
    site.clock(|| UnixTime::new(NOW).ok())
}

fn payload(size: u16) -> Vec<u8> {
    br#"{"user":"ada","basket":[17,4]}"#.iter().copied().cycle().take(size.into()).collect()
}

/// The forms that return what they make, by payload size.
fn owned(criterion: &mut Criterion, sealer: &Sealer, signer: &Signer) {
    for operation in ["seal", "unseal", "sign", "verify"] {
        let mut group = criterion.benchmark_group(operation);
        for size in SIZES {
            let payload = payload(size);
            let sealed = sealer.seal(&payload, MINUTE).unwrap();
            let signed = signer.sign(&payload, MINUTE).unwrap();
            group.throughput(Throughput::Bytes(size.into()));
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| match operation {
                "seal" => bencher.iter(|| sealer.seal(black_box(&payload), MINUTE).unwrap()),
                "unseal" => bencher.iter(|| sealer.unseal(black_box(&sealed)).unwrap()),
                "sign" => bencher.iter(|| signer.sign(black_box(&payload), MINUTE).unwrap()),
                _ => bencher.iter(|| signer.verify(black_box(&signed)).unwrap()),
            });
        }
    }
}

/// The forms that fill a warm buffer, at 256 bytes.
fn into(criterion: &mut Criterion, sealer: &Sealer, signer: &Signer) {
    let mut group = criterion.benchmark_group("into");
    group.throughput(Throughput::Bytes(256));
    let payload = payload(256);
    let sealed = sealer.seal(&payload, MINUTE).unwrap();
    let signed = signer.sign(&payload, MINUTE).unwrap();
    let (mut text, mut bytes) = (String::with_capacity(1024), Vec::with_capacity(1024));
    group.bench_function("seal", |bencher| {
        bencher.iter(|| sealer.seal_into(black_box(&payload), MINUTE, &mut text).unwrap());
    });
    group.bench_function("unseal", |bencher| {
        bencher.iter(|| sealer.unseal_into(black_box(&sealed), &mut bytes).unwrap());
    });
    group.bench_function("sign", |bencher| {
        bencher.iter(|| signer.sign_into(black_box(&payload), MINUTE, &mut text).unwrap());
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| signer.verify_into(black_box(&signed), &mut bytes).unwrap());
    });
}

/// Tokens of 256 bytes that do not open: what a flood of them costs.
fn refused(criterion: &mut Criterion, sealer: &Sealer, signer: &Signer) {
    let mut group = criterion.benchmark_group("refused");
    let payload = payload(256);
    let unknown = site(0x42).sealer("session").build().unwrap().seal(&payload, MINUTE).unwrap();
    let garbage = "x".repeat(unknown.len());
    let not_base64 = unknown.replace(|character: char| character.is_ascii_digit(), "%").replacen("CrE%", "CrE1", 1);
    let mut changed = sealer.seal(&payload, MINUTE).unwrap();
    let last = if changed.ends_with('A') { "Q" } else { "A" };
    changed.replace_range(changed.len() - 1.., last);
    let wrong_kind = signer.sign(&payload, MINUTE).unwrap();
    let cases = [
        ("unknown_key", unknown),
        ("not_a_token", garbage),
        ("encoding", not_base64),
        ("auth_failed", changed),
        ("wrong_kind", wrong_kind),
    ];
    let mut bytes = Vec::with_capacity(1024);
    for (code, token) in cases {
        assert_eq!(sealer.unseal(&token).unwrap_err().code(), code);
        group.bench_function(BenchmarkId::new("owned", code), |bencher| {
            bencher.iter(|| sealer.unseal(black_box(&token)).unwrap_err());
        });
        // A warm buffer of 1 KiB is wiped to its end after each of them.
        group.bench_function(BenchmarkId::new("into", code), |bencher| {
            bencher.iter(|| sealer.unseal_into(black_box(&token), &mut bytes).unwrap_err());
        });
    }
}
