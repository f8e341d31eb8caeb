//! How far a long run is: a bar on a terminal, elsewhere a line now and then.

use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

use cretula_conform::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Time from line to line, and from the start to the first: a shorter run writes none.
const EVERY: Duration = Duration::from_secs(10);

/// Shows how far a run is, on standard error. The bar is cleared when the run ends, and when it is dropped.
#[derive(Default)]
pub(crate) struct Bar(Option<Shown>);

enum Shown {
    Bar(ProgressBar),
    Lines(Lines),
}

/// What the lines say, for a log.
struct Lines {
    due: Instant,
    class: String,
    done: u64,
    all: u64,
}

impl Progress for Bar {
    fn begins(&mut self, calls: u64) {
        // A run that ends by the clock does not know how many calls it makes.
        let length = Some(calls).filter(|calls| *calls > 0);
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        self.0 = Some(if bar.is_hidden() {
            Shown::Lines(Lines { due: Instant::now() + EVERY, class: String::new(), done: 0, all: calls })
        } else {
            Shown::Bar(match ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            })
        });
    }

    fn reaches(&mut self, class: &str, id: &str) {
        match &mut self.0 {
            Some(Shown::Bar(bar)) => bar.set_message(id.to_owned()),
            Some(Shown::Lines(lines)) => class.clone_into(&mut lines.class),
            None => {}
        }
    }

    fn advances(&mut self, calls: u64) {
        match &mut self.0 {
            Some(Shown::Bar(bar)) => bar.inc(calls),
            Some(Shown::Lines(lines)) => lines.advance(calls),
            None => {}
        }
    }

    fn ends(&mut self) {
        if let Some(Shown::Bar(bar)) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

impl Lines {
    /// Counts calls that begin. Those before them are done.
    fn advance(&mut self, calls: u64) {
        let now = Instant::now();
        if now >= self.due {
            // Nobody has to read it.
            let of = if self.all == 0 { String::new() } else { format!(" of {}", self.all) };
            let _ = writeln!(io::stderr(), "progress: {}, {}{of} calls", self.class, self.done);
            self.due = now + EVERY;
        }
        self.done = self.done.saturating_add(calls);
    }
}
