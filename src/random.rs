//! The only call for randomness (§9 [SEAL-03], §4 [KEY-03]).

/// Fills `bytes` from the operating system's generator, afresh at every call: nothing is kept that a fork or a clone
/// could hand out again. `None` where the system gives none.
pub(crate) fn fill(bytes: &mut [u8]) -> Option<()> {
    getrandom::fill(bytes).ok()
}
