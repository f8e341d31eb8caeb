//! Times cases in turns, so that a machine that slows down slows all of them.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// One thing to do, again and again.
pub struct Case<'c> {
    pub name: String,
    run: Box<dyn FnMut() + 'c>,
}

impl<'c> Case<'c> {
    pub fn new<R>(name: impl Into<String>, mut run: impl FnMut() -> R + 'c) -> Self {
        Self { name: name.into(), run: Box::new(move || drop(black_box(run()))) }
    }
}

/// What a case costs: the median of all rounds, and the allocations of one call.
pub struct Cost {
    pub name: String,
    pub nanoseconds: f64,
    pub allocations: u64,
}

/// Times each case in each round, in an order that turns from round to round.
pub fn measure(mut cases: Vec<Case<'_>>, rounds: usize) -> Vec<Cost> {
    let calls: Vec<u32> = cases.iter_mut().map(calibrate).collect();
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for round in 0..rounds {
        for turn in 0..cases.len() {
            let at = (round + turn) % cases.len();
            let (case, calls) = (&mut cases[at], calls[at]);
            let begun = Instant::now();
            for _ in 0..calls {
                (case.run)();
            }
            times[at].push(begun.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
        }
    }
    let costs = cases.iter_mut().zip(times).map(|(case, mut times)| {
        times.sort_by(f64::total_cmp);
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        (case.run)();
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        Cost { name: case.name.clone(), nanoseconds: times[times.len() / 2], allocations }
    });
    costs.collect()
}

/// Warms a case up, and returns how many calls take about half a millisecond.
fn calibrate(case: &mut Case<'_>) -> u32 {
    let mut calls = 1;
    loop {
        let begun = Instant::now();
        for _ in 0..calls {
            (case.run)();
        }
        if begun.elapsed() > Duration::from_micros(500) || calls > 1 << 20 {
            return calls;
        }
        calls *= 2;
    }
}

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: each call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}
