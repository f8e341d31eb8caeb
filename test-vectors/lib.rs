//! The test vectors of the Cretula v1 token format, as they stand in `v1/`. `README.md` describes them.
//!
//! ```
//! let (name, text) = cretula_test_vectors::FILES[0];
//! assert_eq!(name, "manifest.json");
//! assert!(text.starts_with("{\n \"format\": \"cretula-manifest-1\","));
//! ```
#![no_std]

/// Lists the files by name with their text, `manifest.json` first, then those it counts in its order, then
/// `schema.json`.
pub const FILES: &[(&str, &str)] = &[
    ("manifest.json", include_str!("v1/manifest.json")),
    ("derivation.json", include_str!("v1/derivation.json")),
    ("sealer.json", include_str!("v1/sealer.json")),
    ("unsealer.json", include_str!("v1/unsealer.json")),
    ("signer.json", include_str!("v1/signer.json")),
    ("verifier.json", include_str!("v1/verifier.json")),
    ("keyring.json", include_str!("v1/keyring.json")),
    ("session.json", include_str!("v1/session.json")),
    ("cookie.json", include_str!("v1/cookie.json")),
    ("device.json", include_str!("v1/device.json")),
    ("accumulated.json", include_str!("v1/accumulated.json")),
    ("schema.json", include_str!("v1/schema.json")),
];

/// Returns the text of a file of that name.
///
/// ```
/// assert!(cretula_test_vectors::file("sealer.json").is_some());
/// assert!(cretula_test_vectors::file("no.json").is_none());
/// ```
#[must_use]
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::FILES;
    use std::{fs, path::Path, string::String, vec::Vec};

    #[test]
    fn lists_what_the_manifest_counts() {
        let (_, manifest) = FILES[0];
        let counted: Vec<_> =
            manifest.lines().filter_map(|line| line.trim().strip_prefix("\"file\": \"")?.strip_suffix("\",")).collect();
        let listed: Vec<_> = FILES[1..FILES.len() - 1].iter().map(|(name, _)| *name).collect();
        assert_eq!(counted, listed);
    }

    #[test]
    fn lists_every_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("v1");
        let mut there: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let mut listed: Vec<_> = FILES.iter().map(|(name, _)| String::from(*name)).collect();
        there.sort();
        listed.sort();
        assert_eq!(there, listed);
    }
}
