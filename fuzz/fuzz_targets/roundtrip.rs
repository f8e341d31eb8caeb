#![no_main]

use cretula_fuzz::{plant, targets};

libfuzzer_sys::fuzz_target!(init: plant("roundtrip"), |data: &[u8]| targets::roundtrip(data));
