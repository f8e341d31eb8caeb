//! The bar of a long run, on a terminal only.

use cretula_conform::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far a run is. It is cleared when the run ends, and when it is dropped.
#[derive(Default)]
pub(crate) struct Bar(Option<ProgressBar>);

impl Progress for Bar {
    fn begins(&mut self, calls: u64) {
        let bar = ProgressBar::with_draw_target(Some(calls), ProgressDrawTarget::stderr());
        self.0 = Some(match ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        });
    }

    fn reaches(&mut self, id: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(id.to_owned());
        }
    }

    fn advances(&mut self, calls: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(calls);
        }
    }

    fn ends(&mut self) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}
