//! Progress of a run.

/// Shows how far a run has come. `()` shows nothing.
pub trait Progress {
    /// The run begins; it is of `calls` calls.
    fn begins(&mut self, calls: u64) {
        let _ = calls;
    }

    /// The vector with this id is next; `class` is the name of a class, `derivation` or `accumulated`.
    fn reaches(&mut self, class: &str, id: &str) {
        let _ = (class, id);
    }

    /// So many further calls are made, or left out.
    fn advances(&mut self, calls: u64) {
        let _ = calls;
    }

    /// The last answer has come. Not called if the run ends with an error.
    fn ends(&mut self) {}
}

impl Progress for () {}
