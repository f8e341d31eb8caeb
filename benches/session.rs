//! What a session costs a request, against the bare unseal of its token, and what hostile Cookie fields cost.
//!
//! `cargo bench --manifest-path benches/Cargo.toml --bench session`. The clock stands, so none is read.

use std::{hint::black_box, time::Duration};

use cretula::{Answer, Cookie, Data, Key, Sessions, Site, UnixTime};
use criterion::{BenchmarkId, Criterion, Throughput};
use serde::{Deserialize, Serialize};

const NOW: u64 = 1_790_000_000;

/// A session such as a shop keeps.
#[derive(Default, Serialize, Deserialize)]
struct Shop {
    basket: Vec<u32>,
    note: String,
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    requests(&mut criterion);
    hostile(&mut criterion);
    criterion.final_summary();
}

fn site() -> Site {
    let site = Site::new(Key::from_bytes(&[7; 32]).unwrap(), "shop.example").unwrap();
    site.clock(|| UnixTime::new(NOW).ok())
}

/// A signed-on session with a note of `size` octets: its cookie pair, and its token.
fn signed_on(sessions: &Sessions<Shop>, size: usize) -> (String, String) {
    let mut session = sessions.open([""]).unchecked().unwrap();
    session.sign_on("ada", 7).unwrap();
    *session.data_mut() = Shop { basket: vec![17, 4], note: "n".repeat(size) };
    let committed = sessions.commit(session).unwrap();
    let (_, line) = committed.headers().next().unwrap();
    let pair = line.split(';').next().unwrap();
    (pair.to_owned(), pair.split_once('=').unwrap().1.to_owned())
}

fn requests(criterion: &mut Criterion) {
    let plain = site().sealer("session").build().unwrap();
    let sessions = site().sessions::<Shop>().build().unwrap();
    let mut group = criterion.benchmark_group("request");
    for size in [0, 256, 1024] {
        let (pair, token) = signed_on(&sessions, size);
        let fields = [format!("theme=dark; _ga=GA1.2.1234567890.1234567890; {pair}; lang=en")];
        group.bench_function(BenchmarkId::new("bare unseal", size), |bencher| {
            bencher.iter(|| plain.unseal(black_box(&token)).unwrap());
        });
        group.bench_function(BenchmarkId::new("open and commit, read only", size), |bencher| {
            bencher.iter(|| {
                let session = sessions.open(black_box(&fields)).checked(Answer::Generation(7)).unwrap();
                assert!(session.user().is_some());
                sessions.commit(session).unwrap()
            });
        });
        group.bench_function(BenchmarkId::new("open, change and commit", size), |bencher| {
            bencher.iter(|| {
                let mut session = sessions.open(black_box(&fields)).checked(Answer::Generation(7)).unwrap();
                session.data_mut().basket.push(1);
                sessions.commit(session).unwrap()
            });
        });
    }
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let cookie = Cookie::default().large();
    let sessions = site().sessions::<Data>().cookie(cookie).build().unwrap();
    let token = site().sealer("session").build().unwrap().seal("", Duration::from_secs(60)).unwrap();
    let many = |pair: &dyn Fn(usize) -> String| vec![(0..10_000).map(pair).collect::<Vec<_>>().join("; ")];
    let cases = [
        ("100 fields of 16 KB", (0..100).map(|n| format!("x{n}={}", ";=\\\"".repeat(4096))).collect()),
        ("10 000 foreign pairs", many(&|n| format!("a{n}=b"))),
        ("10 000 pairs of our name", many(&|n| format!("__Host-Http-session=CrE1{n}"))),
        ("10 000 tokens of our key", many(&|n| format!("__Host-Http-session={}{n:012}", &token[..102]))),
    ];
    let mut group = criterion.benchmark_group("hostile");
    for (name, fields) in cases {
        let octets: usize = fields.iter().map(String::len).sum();
        group.throughput(Throughput::Bytes(octets.try_into().unwrap()));
        group.bench_function(name, |bencher| bencher.iter(|| sessions.open(black_box(&fields)).unchecked()));
    }
    group.finish();
}
