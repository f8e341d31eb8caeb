#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cretula_fuzz::cookie(data));
