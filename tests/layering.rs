//! Holds the floors of `src/`, the single places of the outside crates, and the constants of §3 of the specification.

use std::{collections::BTreeMap, fs, path::Path};

use cretula::limits;

/// Modules by floor. A file imports from lower floors only; files of one floor do not know each other. On floor 2
/// `wire` stands above `key`, whose `KeyId` it reads.
const FLOORS: &[(u32, &[&str])] = &[
    (0, &["limits", "error"]),
    (10, &["base64url", "json", "time", "random", "options"]),
    (20, &["key", "context"]),
    (21, &["wire", "opened"]),
    (30, &["derive", "keyring"]),
    (31, &["ring"]),
    (40, &["aead", "mac", "codec"]),
    (50, &["sealed", "signed"]),
    (60, &["session"]),
    (70, &["cookie"]),
    (75, &["hazmat", "guide"]),
    (80, &["lib"]),
];

/// What may be named in one or two files only, so that one look there is enough.
const PLACES: &[(&str, &[&str])] = &[
    ("aes_gcm", &["aead.rs"]),
    ("hkdf::", &["derive.rs"]),
    ("hmac::", &["derive.rs", "mac.rs"]),
    ("getrandom", &["random.rs"]),
    ("base64::", &["base64url.rs"]),
    ("SystemTime", &["time.rs"]),
    ("arc_swap", &["ring.rs"]),
];

/// Returns the sources by path inside `src/`, without comments and without test modules.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                sources.insert(name, code_of(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(sources.len() > 15, "the sources were not found");
    sources
}

/// Drops comments, and test modules: from `#[cfg(test)]`, or with more conditions, to a closing brace in the first column.
fn code_of(text: &str) -> String {
    let (mut code, mut in_tests) = (String::new(), false);
    for line in text.lines() {
        in_tests |= line == "#[cfg(test)]" || line.starts_with("#[cfg(all(test, ");
        if !in_tests {
            code.push_str(line.split_once("//").map_or(line, |(before, _)| before));
            code.push('\n');
        }
        in_tests &= line != "}";
    }
    code
}

/// Returns the module of a file: its name, or its folder's.
fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

fn floor_of(module: &str) -> Option<u32> {
    FLOORS.iter().find(|(_, modules)| modules.contains(&module)).map(|(floor, _)| *floor)
}

/// Returns the first name after each `crate::`, those of a group `crate::{…}` one by one.
fn imports(code: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (_, rest) in code.match_indices("crate::").map(|(at, word)| code.split_at(at + word.len())) {
        let Some(group) = rest.strip_prefix('{') else {
            found.push(name(rest));
            continue;
        };
        let (mut depth, mut item) = (1, true);
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => item = true,
                _ if item && !character.is_whitespace() => {
                    found.push(name(&group[at..]));
                    item = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

/// Returns what breaks the rule: (file, what it imports).
fn violations(sources: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for (file, code) in sources {
        let module = module_of(file);
        let Some(floor) = floor_of(module) else {
            found.push(format!("{file} has no floor"));
            continue;
        };
        for import in imports(code) {
            // A name that is no module is a re-export of lib.rs, the highest floor.
            if floor_of(&import).is_none_or(|below| below >= floor) {
                found.push(format!("{file} imports {import}"));
            }
        }
        // Files of a folder may know each other; no other file has a parent but lib.rs.
        if code.contains("super::") && !file.contains('/') {
            found.push(format!("{file} imports its parent"));
        }
        if code.contains("super::super") {
            found.push(format!("{file} imports lib"));
        }
    }
    found
}

#[test]
fn files_use_only_floors_below_their_own() {
    let sources = sources();
    assert_eq!(violations(&sources), Vec::<String>::new());
    for module in FLOORS.iter().flat_map(|(_, modules)| *modules) {
        assert!(sources.keys().any(|file| module_of(file) == *module), "no file for {module}");
    }
}

#[test]
fn the_parser_sees_imports_where_they_stand() {
    let code = "//! use crate::a;
use crate::{
    b, c::{self, d},
    e::F,
};
fn f() { crate::g::h() } // crate::i
#[cfg(test)]
mod tests {
    use crate::j;
}
use crate::K;
";
    assert_eq!(imports(&code_of(code)), ["b", "c", "e", "g", "K"]);
    let breaks = |file: &str, code: &str| violations(&[(file.to_owned(), code.to_owned())].into()).len();
    assert_eq!(breaks("wire.rs", "use crate::key::KeyId;"), 0);
    assert_eq!(breaks("keyring/document.rs", "use super::Keyring; use crate::error::KeyError;"), 0);
    assert_eq!(breaks("key.rs", "use crate::wire;"), 1, "upwards");
    assert_eq!(breaks("mac.rs", "use crate::{derive::WorkingKey, aead};"), 1, "sideways");
    assert_eq!(breaks("mac.rs", "use crate::Context;"), 1, "by the re-export");
    assert_eq!(breaks("key.rs", "use super::wire;"), 1, "by the parent");
    assert_eq!(breaks("keyring/document.rs", "use super::super::wire;"), 1, "by the parent's parent");
    assert_eq!(breaks("new.rs", ""), 1, "a file without a floor");
}

#[test]
fn outside_crates_are_named_in_their_places_only() {
    for (word, places) in PLACES {
        let sources = sources();
        let named: Vec<_> = sources.iter().filter(|(_, code)| names(code, word)).map(|(file, _)| file).collect();
        assert_eq!(named, *places, "{word}");
    }
}

/// Tells whether `word` stands in the code, and not as the end of a longer name.
fn names(code: &str, word: &str) -> bool {
    let mut found = code.match_indices(word).map(|(at, _)| code[..at].chars().next_back());
    found.any(|before| before.is_none_or(|c| !c.is_alphanumeric() && c != '_'))
}

/// Returns the table of §3: the value for each name, and names that share a row with the values that share it.
fn constants() -> BTreeMap<String, String> {
    let specification = include_str!("../spec/cretula-v1.md");
    let section = specification.split("\n## 3 Constants").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let mut constants = BTreeMap::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let columns: Vec<_> = row.split('|').map(str::trim).collect();
        let names: Vec<_> = columns[1].split(", ").map(|name| name.trim_matches('`')).collect();
        let value = columns[2];
        let each: Vec<_> = match value.strip_suffix(" each") {
            Some(value) => vec![value; names.len()],
            None if names.len() > 1 => value.split(", ").collect(),
            None => vec![value],
        };
        assert_eq!(names.len(), each.len(), "{row}");
        for (name, value) in names.into_iter().zip(each) {
            assert_eq!(constants.insert(name.to_owned(), value.to_owned()), None, "{name} stands twice");
        }
    }
    constants
}

/// Returns the number that a value of the table begins with, or that stands after `2^n =`; digits in groups of three.
#[track_caller]
fn number(value: &str) -> u64 {
    let value = value.split_once("= ").map_or(value, |(_, number)| number);
    let digits = value.chars().take_while(|c| c.is_ascii_digit() || *c == ' ').filter(|c| *c != ' ');
    digits.collect::<String>().parse().unwrap()
}

/// Returns the bytes of a value such as `` `0A B1 35`, text `CrE1` `` or `` `45` (`E`) ``.
#[track_caller]
fn hex(value: &str) -> Vec<u8> {
    let digits = value.split('`').nth(1).unwrap();
    digits.split(' ').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn limits_are_the_table_of_the_specification() {
    let mut table = constants();
    let mut take = |name: &str| table.remove(name).unwrap_or_else(|| panic!("{name} is not in the table"));

    assert_eq!(hex(&take("MAGIC_SEALED")), limits::MAGIC_SEALED);
    assert_eq!(hex(&take("MAGIC_SIGNED")), limits::MAGIC_SIGNED);
    assert_eq!(hex(&take("KIND_SEALED")), [limits::KIND_SEALED]);
    assert_eq!(hex(&take("KIND_SIGNED")), [limits::KIND_SIGNED]);
    assert_eq!(take("INFO_LABEL").trim_matches(['`', '"']).as_bytes(), limits::INFO_LABEL);
    assert_eq!(take("SUBKEY_LABEL").trim_matches(['`', '"']).as_bytes(), limits::SUBKEY_LABEL);
    assert_eq!(take("KEY_PREFIX").trim_matches(['`', '"']), limits::KEY_PREFIX);
    assert_eq!(take("TEST_KEY_PREFIX").trim_matches(['`', '"']).as_bytes(), limits::TEST_KEY_PREFIX);

    let numbers = [
        ("MASTER_KEY_BYTES", limits::MASTER_KEY_BYTES),
        ("WORKING_KEY_BYTES", limits::WORKING_KEY_BYTES),
        ("KEY_ID_BYTES", limits::KEY_ID_BYTES),
        ("SUBKEY_BYTES", limits::SUBKEY_BYTES),
        ("SALT_BYTES", limits::SALT_BYTES),
        ("IV_BYTES", limits::IV_BYTES),
        ("GCM_TAG_BYTES", limits::GCM_TAG_BYTES),
        ("HMAC_TAG_BYTES", limits::HMAC_TAG_BYTES),
        ("SEALED_MIN_BYTES", limits::SEALED_MIN_BYTES),
        ("SIGNED_MIN_BYTES", limits::SIGNED_MIN_BYTES),
        ("CONTEXT_FIELD_MAX", limits::CONTEXT_FIELD_MAX),
        ("LIMIT_DEFAULT", limits::LIMIT_DEFAULT),
        ("LIMIT_MAX", limits::LIMIT_MAX),
        ("SID_CHARACTERS", limits::SID_CHARACTERS),
        ("SUB_MAX", limits::SUB_MAX),
        ("NESTING_MAX", limits::NESTING_MAX),
        ("COOKIE_NAME_MAX", limits::COOKIE_NAME_MAX),
        ("COOKIE_PATH_MAX", limits::COOKIE_PATH_MAX),
        ("COOKIE_DOMAIN_MAX", limits::COOKIE_DOMAIN_MAX),
        ("COOKIE_TOKEN_MAX", limits::COOKIE_TOKEN_MAX),
        ("COOKIE_CANDIDATES_MAX", limits::COOKIE_CANDIDATES_MAX),
        ("COOKIE_MAX", limits::COOKIE_MAX),
        ("COOKIE_LARGE", limits::COOKIE_LARGE),
        ("COOKIE_PART_MAX", limits::COOKIE_PART_MAX),
    ];
    for (name, ours) in numbers {
        assert_eq!(number(&take(name)), u64::try_from(ours).unwrap(), "{name}");
    }
    assert_eq!(number(&take("TIME_END")), limits::TIME_END);
    assert_eq!(number(&take("LIFE_MAX")), u64::from(limits::LIFE_MAX));
    assert_eq!(number(&take("INTEGER_MAX")), limits::INTEGER_MAX);
    assert_eq!(number(&take("IDLE_DEFAULT")), u64::from(limits::IDLE_DEFAULT));
    assert_eq!(number(&take("ABSOLUTE_DEFAULT")), u64::from(limits::ABSOLUTE_DEFAULT));
    assert_eq!(number(&take("LEEWAY_MAX")), u64::from(limits::LEEWAY_MAX));
    assert_eq!(number(&take("LEEWAY_DEFAULT")), u64::from(limits::LEEWAY_DEFAULT));
    assert!(table.is_empty(), "not compared: {table:?}");
}

#[test]
fn every_constant_of_limits_is_in_the_table() {
    let table = constants();
    let declared = include_str!("../src/limits.rs").lines().filter_map(|line| line.strip_prefix("pub const "));
    let names: Vec<_> = declared.filter_map(|rest| rest.split(':').next()).collect();
    assert_eq!(names.len(), table.len());
    assert!(names.iter().all(|name| table.contains_key(*name)), "{names:?}");
}
