//! Every name of the table in interop/README.md is defined in its language.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Language, where its sources are, and how a line begins that defines a name; `""` is the name itself.
const LANGUAGES: [(&str, &str, &[&str]); 5] = [
    ("Rust", "public-api.txt", &["fn ", "struct ", "enum ", "field ", "variant "]),
    ("JavaScript", "interop/javascript/src/index.d.ts", &["get ", "static ", "readonly ", "export class ", ""]),
    ("Python", "interop/python/src/cretula", &["def ", "class ", ""]),
    ("Go", "interop/go", &["func ", "type ", "var ", ""]),
    ("Java", "interop/java/src/main/java/dev/cretula", &["public ", ""]),
];

fn files(place: PathBuf, found: &mut String) {
    if place.is_file() {
        let name = place.to_string_lossy();
        if ["txt", "ts", "py", "go", "java"].iter().any(|end| name.ends_with(&format!(".{end}"))) {
            found.push_str(&fs::read_to_string(place).unwrap());
        }
        return;
    }
    for item in fs::read_dir(place).unwrap() {
        let path = item.unwrap().path();
        if !["node_modules", "internal", "adapter", "__pycache__"].iter().any(|name| path.ends_with(name)) {
            files(path, found);
        }
    }
}

/// Returns true if the line defines the name: begins as definitions do, and has it as a whole word.
fn defines(line: &str, name: &str, begins: &[&str]) -> bool {
    let line = line.trim_start();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + name.len()..]);
        !before.ends_with(is_part)
            && !after.starts_with(is_part)
            && begins.iter().any(|begin| if begin.is_empty() { before.is_empty() } else { before.starts_with(begin) })
    })
}

#[test]
fn every_name_is_defined_in_its_language() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("interop/README.md")).unwrap();
    let mut rows = readme.lines().skip_while(|line| !line.starts_with("| what |"));
    let head: Vec<_> = rows.next().expect("the table of names").split('|').map(str::trim).collect();
    let rows: Vec<Vec<_>> =
        rows.skip(1).take_while(|line| line.starts_with('|')).map(|line| line.split('|').collect()).collect();
    assert!(rows.len() > 15, "{} rows", rows.len());
    for (language, place, begins) in LANGUAGES {
        let column = head.iter().position(|name| *name == language).expect(language);
        let mut sources = String::new();
        files(root.join(place), &mut sources);
        for row in &rows {
            for name in row[column].split('`').skip(1).step_by(2) {
                let last = name.rsplit([':', '.']).next().unwrap();
                let is_defined = sources.lines().any(|line| defines(line, last, begins));
                assert!(is_defined, "{language}: {name}");
            }
        }
    }
}

#[test]
fn what_is_no_definition_is_not_taken_for_one() {
    assert!(defines("    def sign_on(", "sign_on", &["def "]));
    for line in ["    session.sign_on(", "def sign_on_all(", "# def sign_on", "def x(sign_on_): sign_on_"] {
        assert!(!defines(line, "sign_on", &["def "]), "{line}");
    }
}
