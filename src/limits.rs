//! Every constant of the format. The table is §3 of the specification; `tests/layering.rs` keeps the two equal.
//!
//! ```
//! // Payload bytes whose sealed token fits the default limit.
//! use cretula::limits::{LIMIT_DEFAULT, SEALED_MIN_BYTES};
//! assert_eq!(LIMIT_DEFAULT / 4 * 3 - SEALED_MIN_BYTES, 12_203);
//! ```

/// First bytes of a sealed token; as text `CrE1` (§7).
pub const MAGIC_SEALED: [u8; 3] = [0x0A, 0xB1, 0x35];
/// First bytes of a signed token; as text `CrS1` (§7).
pub const MAGIC_SIGNED: [u8; 3] = [0x0A, 0xB4, 0xB5];
/// Kind byte of sealed tokens in the derivation (§6).
pub const KIND_SEALED: u8 = 0x45;
/// Kind byte of signed tokens in the derivation (§6).
pub const KIND_SIGNED: u8 = 0x53;
/// First bytes of HKDF's info (§6).
pub const INFO_LABEL: &[u8] = b"cretula-v1";
/// First bytes of the message that a subkey is the HMAC of (§9).
pub const SUBKEY_LABEL: &[u8] = b"cretula-v1 token";
/// First characters of a key text (§4.2).
pub const KEY_PREFIX: &str = "cretula_key1_";
/// First 16 bytes of every published test key (§4.3).
pub const TEST_KEY_PREFIX: &[u8] = b"cretula-test-key";
/// Bytes of a master key (§4.1).
pub const MASTER_KEY_BYTES: usize = 32;
/// Bytes of a working key (§6).
pub const WORKING_KEY_BYTES: usize = 32;
/// Bytes of a key id (§6).
pub const KEY_ID_BYTES: usize = 32;
/// Bytes of a subkey (§9).
pub const SUBKEY_BYTES: usize = 32;
/// Bytes of a sealed token's salt (§7).
pub const SALT_BYTES: usize = 12;
/// Bytes of a sealed token's iv (§7).
pub const IV_BYTES: usize = 12;
/// Bytes of a sealed token's tag (§7).
pub const GCM_TAG_BYTES: usize = 16;
/// Bytes of a signed token's tag (§7).
pub const HMAC_TAG_BYTES: usize = 32;
/// Bytes of the shortest sealed token, that of the empty payload (§7).
pub const SEALED_MIN_BYTES: usize = 85;
/// Bytes of the shortest signed token, that of the empty payload (§7).
pub const SIGNED_MIN_BYTES: usize = 77;
/// Most bytes of an audience or a purpose (§5).
pub const CONTEXT_FIELD_MAX: usize = 255;
/// Every time, in seconds since the Unix epoch, is below this (§8).
pub const TIME_END: u64 = 281_474_976_710_656;
/// Longest ttl and greatest max_age, in seconds: 400 days (§8).
pub const LIFE_MAX: u32 = 34_560_000;
/// Greatest leeway, in seconds (§8).
pub const LEEWAY_MAX: u32 = 300;
/// Leeway where none is given, in seconds (§8).
pub const LEEWAY_DEFAULT: u32 = 60;
/// Longest token where no limit is given, in octets of text (§10).
pub const LIMIT_DEFAULT: usize = 16_384;
/// Greatest limit, in octets of text (§10).
pub const LIMIT_MAX: usize = 16_777_216;
/// Characters of a session's `sid` (§19.1).
pub const SID_CHARACTERS: usize = 22;
/// Most bytes of a session's `sub` (§19.1).
pub const SUB_MAX: usize = 255;
/// Greatest integer that a session holds, 2^53 − 1 (§19.1).
pub const INTEGER_MAX: u64 = 9_007_199_254_740_991;
/// Most levels of arrays and objects in a session, the session's own object being the first (§19.1).
pub const NESTING_MAX: usize = 16;
/// Characters of a session's `jkt` (§19.1).
pub const JKT_CHARACTERS: usize = 43;
/// Idle life where no policy is given, in seconds (§19.2).
pub const IDLE_DEFAULT: u32 = 1_800;
/// Absolute life where no policy is given, in seconds (§19.2).
pub const ABSOLUTE_DEFAULT: u32 = 86_400;
/// Greatest recheck, in seconds (§19.2).
pub const RECHECK_MAX: u32 = 86_400;
/// Most characters of a cookie's name (§20.1).
pub const COOKIE_NAME_MAX: usize = 64;
/// Most characters of a cookie's Path (§20.1).
pub const COOKIE_PATH_MAX: usize = 1_024;
/// Most characters of a cookie's Domain (§20.1).
pub const COOKIE_DOMAIN_MAX: usize = 253;
/// Longest token that cookies carry, in octets of text (§20.3).
pub const COOKIE_TOKEN_MAX: usize = 5_980;
/// Most values of a cookie's name that are opened (§20.3).
pub const COOKIE_CANDIDATES_MAX: usize = 4;
/// Most octets of a cookie's name and value together (§20.4).
pub const COOKIE_MAX: usize = 4_096;
/// Lines with more octets of names and values together are told to be large (§20.4).
pub const COOKIE_LARGE: usize = 3_500;
/// Most octets of each value if a token is in two cookies (§20.5).
pub const COOKIE_PART_MAX: usize = 3_000;
/// Life of a challenge, in seconds (§21.2).
pub const CHALLENGE_LIFE: u32 = 60;
/// Life of a proof where none is given, in seconds (§21.1).
pub const PROOF_DEFAULT: u32 = 600;
/// Longest life of the proof of a registration, in seconds (§21.2).
pub const PROOF_FIRST: u32 = 60;
/// Longest life of a proof, in seconds (§21.1).
pub const PROOF_MAX: u32 = 3_600;
/// Longest header value with a device's JWT, in octets (§21.5).
pub const JWT_MAX: usize = 4_096;
