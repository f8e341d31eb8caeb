//! The only call for randomness (§9 [SEAL-03], §4 [KEY-03]).

/// Fills `bytes` from the operating system's generator, afresh at every call: nothing is kept that a fork or a clone
/// could hand out again. `None` where the system gives none.
pub(crate) fn fill(bytes: &mut [u8]) -> Option<()> {
    #[cfg(all(feature = "hazmat", feature = "std"))]
    if FAILS.get() {
        return None;
    }
    getrandom::fill(bytes).ok()
}

#[cfg(all(feature = "hazmat", feature = "std"))]
std::thread_local! {
    static FAILS: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// Makes a call with a generator that fails, on this thread.
#[cfg(all(feature = "hazmat", feature = "std"))]
pub(crate) fn failing<R>(call: impl FnOnce() -> R) -> R {
    FAILS.set(true);
    let result = call();
    FAILS.set(false);
    result
}
