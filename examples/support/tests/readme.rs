//! Where a framework needs glue, the README shows the glue that runs.

use std::{fs, path::Path};

/// Without indentation.
fn trimmed(text: &str) -> Vec<&str> {
    text.trim().lines().map(str::trim).collect()
}

#[test]
fn the_readme_shows_the_glue() {
    for framework in ["poem", "salvo"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(framework);
        let [source, readme] = ["src/main.rs", "README.md"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
        let between = |text: &str, begin: &str, end: &str| {
            let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{framework}: {begin}"));
            let (block, rest) = rest.split_once(end).unwrap_or_else(|| panic!("{framework}: {end}"));
            assert!(!rest.contains(begin), "{framework}: {begin} twice");
            block.to_owned()
        };
        let glue = between(&source, "// glue:begin\n", "// glue:end\n");
        let shown = between(&readme, "```rust\n", "```\n");
        assert_eq!(trimmed(&shown), trimmed(&glue), "{framework}");
        println!("{framework}: {} lines", trimmed(&glue).len());
    }
}
