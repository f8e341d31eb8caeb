#![no_main]

use cretula_fuzz::{plant, targets};

libfuzzer_sys::fuzz_target!(init: plant("open"), |data: &[u8]| targets::open(data));
