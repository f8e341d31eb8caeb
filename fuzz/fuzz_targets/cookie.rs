#![no_main]

use cretula_fuzz::{plant, targets};

libfuzzer_sys::fuzz_target!(init: plant("cookie"), |data: &[u8]| targets::cookie(data));
