#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cretula_fuzz::session(data));
