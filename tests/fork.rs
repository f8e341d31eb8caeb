//! Processes that came from one by a fork seal with its sealer, and draw no salt and no iv twice.
//!
//! The only test of its file: beside its own threads there is the harness's, which waits.
#![cfg(unix)]

use std::{
    collections::HashSet,
    io::{self, PipeReader, Read as _, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use cretula::{Key, Sealer, Site, UntrustedToken};
use fork::{Fork, fork, waitpid};

const CHILDREN: usize = 6;
/// Of each process, beside the one that it begins with.
const THREADS: usize = 3;
const TOKENS: usize = 200;

/// Salt and iv of a new token.
fn draw(sealer: &Sealer) -> Vec<u8> {
    let token = sealer.seal("the same", Duration::from_secs(60)).unwrap();
    UntrustedToken::parse(token, 999).unwrap().bytes[35..59].to_vec()
}

/// What this thread draws, and then the threads that it makes.
fn draw_many(sealer: &Sealer) -> Vec<u8> {
    let many = || (0..TOKENS).flat_map(|_| draw(sealer)).collect::<Vec<u8>>();
    let mut drawn = many();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(many)).collect();
        drawn.extend(threads.into_iter().flat_map(|thread| thread.join().unwrap()));
    });
    drawn
}

/// A child that draws, and what it has drawn.
struct Child(i32, PipeReader);

impl Child {
    fn new(work: impl FnOnce() -> Vec<u8>) -> Self {
        let (reader, mut writer) = io::pipe().unwrap();
        match fork().unwrap() {
            Fork::Parent(id) => Self(id, reader),
            // The child must not go on with its parent's tests.
            Fork::Child => {
                let sent = catch_unwind(AssertUnwindSafe(|| writer.write_all(&work()).is_ok()));
                process::exit(if sent.unwrap_or(false) { 0 } else { 1 })
            }
        }
    }

    fn drawn(mut self) -> Vec<u8> {
        let mut drawn = Vec::new();
        self.1.read_to_end(&mut drawn).unwrap();
        assert_eq!(waitpid(self.0).unwrap(), 0);
        drawn
    }
}

// covers: [SEAL-03] [SEAL-07]
#[test]
fn no_salt_and_no_iv_is_drawn_twice_after_a_fork() {
    let sealer = Site::new(Key::generate().unwrap(), "a").unwrap().sealer("p").build().unwrap();
    // A generator in the process would be seeded here, and what it keeps would be in every child.
    let mut drawn = draw_many(&sealer);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // Threads that seal while the process forks.
        let busy = || {
            let mut drawn = Vec::new();
            for _ in 0..100_000 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                drawn.extend(draw(&sealer));
            }
            drawn
        };
        let busy: Vec<_> = (0..2).map(|_| scope.spawn(busy)).collect();
        let child = |number| {
            Child::new(|| {
                let mut drawn = draw_many(&sealer);
                if number % 2 == 0 {
                    let own = Child::new(|| draw_many(&sealer));
                    drawn.extend(draw_many(&sealer));
                    drawn.extend(own.drawn());
                }
                drawn
            })
        };
        // The first three children begin with the same memory, the others with what came between.
        let mut children: Vec<_> = (0..CHILDREN / 2).map(child).collect();
        drawn.extend(draw(&sealer));
        children.extend((CHILDREN / 2..CHILDREN).map(child));
        done.store(true, Ordering::Relaxed);
        drawn.extend(draw_many(&sealer));
        drawn.extend(children.into_iter().flat_map(Child::drawn));
        drawn.extend(busy.into_iter().flat_map(|thread| thread.join().unwrap()));
    });

    // The parent before and after, the children, and the children of half of them, each twice.
    let processes = 2 + CHILDREN + 2 * CHILDREN / 2;
    assert!(drawn.len() >= processes * (THREADS + 1) * TOKENS * 24);
    let mut seen = HashSet::new();
    let repeats = drawn.chunks_exact(12).filter(|nonce| !seen.insert(nonce.to_vec())).count();
    assert_eq!(repeats, 0, "of {}", drawn.len() / 12);
}
