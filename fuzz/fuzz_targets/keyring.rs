#![no_main]

use cretula_fuzz::{plant, targets};

libfuzzer_sys::fuzz_target!(init: plant("keyring"), |data: &[u8]| targets::keyring(data));
