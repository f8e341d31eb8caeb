//! Times cases in turns, so that a machine that slows down slows all of them.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
    time::{Duration, Instant},
};

/// One thing to do, again and again.
pub struct Case<'c> {
    pub name: String,
    time: Box<dyn FnMut(u32) -> Taken + 'c>,
}

/// What so many calls took: time, and allocations.
pub type Taken = (Duration, u64);

impl<'c> Case<'c> {
    pub fn new<R>(name: impl Into<String>, mut run: impl FnMut() -> R + 'c) -> Self {
        let time = move |calls| {
            let (begun, before) = (Instant::now(), ALLOCATIONS.get());
            for _ in 0..calls {
                drop(black_box(run()));
            }
            (begun.elapsed(), ALLOCATIONS.get() - before)
        };
        Self { name: name.into(), time: Box::new(time) }
    }

    /// A case whose calls are made and timed elsewhere.
    pub fn elsewhere(name: String, time: impl FnMut(u32) -> Taken + 'c) -> Self {
        Self { name, time: Box::new(time) }
    }

    pub fn time(&mut self, calls: u32) -> Taken {
        (self.time)(calls)
    }
}

/// What a case costs: the median of all rounds, and the allocations of one call.
pub struct Cost {
    pub name: String,
    pub nanoseconds: f64,
    pub allocations: u64,
}

/// The costs of the same cases at several sizes.
pub type Sizes = Vec<(usize, Vec<Cost>)>;

/// Times each case at each size; all of them take turns.
pub fn measure_sizes(sizes: &[usize], make: impl Fn(usize) -> Vec<Case<'static>>, rounds: usize) -> Sizes {
    let made: Vec<_> = sizes.iter().map(|size| make(*size)).collect();
    let each = made[0].len();
    let mut costs = measure(made.into_iter().flatten().collect(), rounds).into_iter();
    sizes.iter().map(|size| (*size, costs.by_ref().take(each).collect())).collect()
}

/// Times each case in each round, in an order that turns from round to round.
pub fn measure(mut cases: Vec<Case<'_>>, rounds: usize) -> Vec<Cost> {
    let calls: Vec<u32> = cases.iter_mut().map(calibrate).collect();
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for round in 0..rounds {
        for turn in 0..cases.len() {
            let at = (round + turn) % cases.len();
            let (case, calls) = (&mut cases[at], calls[at]);
            times[at].push(case.time(calls).0.as_secs_f64() * 1e9 / f64::from(calls));
        }
    }
    let costs = cases.iter_mut().zip(times).map(|(case, mut times)| {
        times.sort_by(f64::total_cmp);
        let (_, allocations) = case.time(1);
        Cost { name: case.name.clone(), nanoseconds: times[times.len() / 2], allocations }
    });
    costs.collect()
}

/// Warms a case up, and returns how many calls take about half a millisecond.
fn calibrate(case: &mut Case<'_>) -> u32 {
    let mut calls = 1;
    loop {
        // A first call may make what the later ones use, and others may interrupt one.
        let fastest = (0..3).map(|_| case.time(calls).0).min();
        if fastest > Some(Duration::from_micros(500)) || calls > 1 << 20 {
            return calls;
        }
        calls *= 2;
    }
}

thread_local! {
    /// Of each thread: a count that threads share would slow them down.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: each call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}
