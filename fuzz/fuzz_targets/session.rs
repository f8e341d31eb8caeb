#![no_main]

use cretula_fuzz::{plant, targets};

libfuzzer_sys::fuzz_target!(init: plant("session"), |data: &[u8]| targets::session(data));
