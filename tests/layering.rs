//! Holds the floors of each crate's files, the single places of the outside crates, and the constants of §3 of the
//! specification.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use cretula::limits;

/// Modules by floor. A file imports from lower floors only; files of one floor do not know each other. On floor 2
/// `wire` stands above `key`, whose `KeyId` it reads.
const FLOORS: &[(u32, &[&str])] = &[
    (0, &["limits", "error"]),
    (10, &["base64url", "json", "time", "random"]),
    (11, &["options"]),
    (20, &["key", "context"]),
    (21, &["wire", "opened"]),
    (30, &["derive", "keyring"]),
    (31, &["ring"]),
    (40, &["aead", "mac", "codec"]),
    (50, &["sealed", "signed"]),
    (60, &["session"]),
    (65, &["device"]),
    (70, &["cookie"]),
    (72, &["site"]),
    (75, &["hazmat", "guide"]),
    (80, &["lib"]),
];

/// Floors with the modules on them. A folder's name stands for its `mod.rs`, and for each of its files that is not named
/// itself, as `folder/file`.
type Floors = &'static [(u32, &'static [&'static str])];

/// The other crates, file by file. None of their files import each other in a circle.
const CRATES: &[(&str, Floors)] = &[
    ("cli/src", CLI),
    ("conform/src", CONFORM),
    ("adapters/tower/src", TOWER),
    ("adapters/middleware/src", MIDDLEWARE),
];

const CLI: Floors = &[
    (0, &["examples", "number", "failure", "hint", "report"]),
    (10, &["args", "streams"]),
    (20, &["values", "keys", "exit"]),
    (30, &["token", "inspect", "keyring"]),
    (40, &["adapter/outcome"]),
    (41, &["adapter/members"]),
    (42, &["adapter/token"]),
    (43, &["adapter/keyring", "adapter/session"]),
    (44, &["adapter/cookie"]),
    (45, &["adapter/device"]),
    (46, &["adapter"]),
    (50, &["conform/bar", "conform/people", "conform/reference"]),
    (51, &["conform/matrix", "conform/run", "conform/differ"]),
    (52, &["conform"]),
    (60, &["main"]),
];

const CONFORM: Floors = &[
    (0, &["error", "hex", "text", "progress", "answer", "vector", "process", "compare", "differ/draw", "differ/units"]),
    (10, &["class", "request", "finding", "differ/json", "differ/forge"]),
    (20, &["suite", "drawn", "made", "differ/case"]),
    (30, &["adapter", "choice", "report", "judge", "differ/setting", "differ/told"]),
    (40, &["accumulated", "matrix", "statement", "differ/tokens", "differ/keyring", "differ/session", "differ/ask"]),
    (41, &["differ/cookie", "differ/shrink", "differ/found"]),
    (42, &["differ/device"]),
    (43, &["differ/cases"]),
    (50, &["run", "differ"]),
    (60, &["lib"]),
];

const TOWER: Floors = &[(0, &["layer"]), (10, &["service"]), (11, &["device"]), (20, &["lib"])];

const MIDDLEWARE: Floors = &[(0, &["handle", "testing"]), (10, &["middleware"]), (20, &["lib"])];

/// What may be named in one or two files only, so that one look there is enough.
const PLACES: &[(&str, &[&str])] = &[
    ("aes_gcm", &["aead.rs"]),
    ("aws_lc_rs", &["aead.rs"]),
    ("\"aws-lc\"", &["aead.rs"]),
    ("hkdf::", &["derive.rs"]),
    ("hmac::", &["derive.rs", "mac.rs"]),
    ("getrandom", &["random.rs"]),
    ("base64::", &["base64url.rs"]),
    ("p256", &["device/jwt.rs"]),
    ("SystemTime", &["time.rs"]),
    ("arc_swap", &["ring.rs"]),
    ("fs::", &["site/source.rs"]),
];

/// Returns a crate's sources by path inside `folder`, without comments and without test modules.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
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
    assert!(sources.len() > 2, "the sources of {folder} were not found");
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

/// Returns the names in which a file stands in a table: of `a/mod.rs` only `a`.
fn place_of(file: &str) -> Vec<&str> {
    let name = file.strip_suffix(".rs").unwrap();
    name.strip_suffix("/mod").unwrap_or(name).split('/').collect()
}

/// Returns the path of a file's module, without `crate`: empty for `lib.rs` and `main.rs`.
fn module_of(file: &str) -> Vec<&str> {
    if matches!(file, "lib.rs" | "main.rs") { Vec::new() } else { place_of(file) }
}

/// Returns what the table says of a module, or of the nearest one around it: name and floor.
fn floor_of(floors: Floors, module: &[impl AsRef<str>]) -> Option<(&'static str, u32)> {
    let parts: Vec<&str> = module.iter().map(AsRef::as_ref).collect();
    let around = (1..=parts.len()).rev().map(|length| parts[..length].join("/"));
    around.into_iter().find_map(|name| {
        let (floor, names) = floors.iter().find(|(_, names)| names.contains(&name.as_str()))?;
        Some((*names.iter().find(|known| **known == name)?, *floor))
    })
}

/// Returns every path that begins with `crate`, `super` or `self`, those of a group one by one.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for word in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(word) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '$')) {
                path(&code[at..], &mut Vec::new(), &mut found);
            }
        }
    }
    found
}

/// Reads a path or a group of paths at the beginning of `code`. Returns what stands after it.
fn path<'a>(code: &'a str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'a str {
    if let Some(mut group) = code.strip_prefix('{') {
        loop {
            group = group.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if let Some(rest) = group.strip_prefix('}') {
                return rest;
            }
            let rest = path(group, before, found);
            // `as` and a new name may follow.
            group = &rest[rest.find([',', '}']).unwrap_or(rest.len())..];
            assert!(!group.is_empty(), "a group without an end");
        }
    }
    let name = code.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
    let rest = &code[name.len()..];
    let depth = before.len();
    if !name.is_empty() && (name != "self" || depth == 0) {
        before.push(name.to_owned());
    }
    let rest = match rest.strip_prefix("::") {
        Some(rest) => path(rest, before, found),
        None => {
            found.push(before.clone());
            rest
        }
    };
    before.truncate(depth);
    rest
}

/// Returns what a file imports, as paths without `crate`. An empty path is the crate's root: what `lib.rs` re-exports.
fn imports(file: &str, code: &str) -> Vec<Vec<String>> {
    let module: Vec<String> = module_of(file).into_iter().map(str::to_owned).collect();
    let absolute = |path: Vec<String>| match path[0].as_str() {
        "crate" => path[1..].to_vec(),
        "self" => [&module, &path[1..]].concat(),
        _ => {
            let up = path.iter().take_while(|name| *name == "super").count();
            let parent = &module[..module.len().saturating_sub(up)];
            // The parent of a file of the first level is the root.
            if parent.is_empty() { Vec::new() } else { [parent, &path[up..]].concat() }
        }
    };
    paths(code).into_iter().map(absolute).collect()
}

/// Returns what breaks the floors: file, and what it imports.
fn violations(floors: Floors, sources: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for (file, code) in sources {
        let Some((name, floor)) = floor_of(floors, &place_of(file)) else {
            found.push(format!("{file} has no floor"));
            continue;
        };
        for import in imports(file, code) {
            // A path without a module is a re-export of the root, the highest floor.
            if floor_of(floors, &import).is_none_or(|(other, below)| other != name && below >= floor) {
                found.push(format!("{file} imports {}", import.join("::")));
            }
        }
    }
    found
}

/// Returns the files that import each other in a circle, and those between two circles. A file imports what it declares
/// with `mod`, so that a file which takes something of its parent stands in a circle with it.
fn circles(sources: &BTreeMap<String, String>) -> Vec<&str> {
    let files: BTreeMap<String, &str> = sources.keys().map(|file| (module_of(file).join("/"), file.as_str())).collect();
    let file_of = |path: &[String]| {
        let around = (0..=path.len()).rev().map(|length| path[..length].join("/"));
        around.into_iter().find_map(|name| files.get(&name).copied())
    };
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, code) in sources {
        let children = code.lines().filter_map(|line| {
            let (_, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
            Some(module_of(file).into_iter().chain([name]).map(str::to_owned).collect())
        });
        let imported = imports(file, code).into_iter().chain(children).filter_map(|path| file_of(&path));
        graph.insert(file, imported.filter(|other| other != file).collect());
    }
    // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
    loop {
        let left: BTreeSet<&str> = graph.keys().copied().collect();
        let imported: BTreeSet<&str> = graph.values().flatten().copied().collect();
        graph.retain(|file, imports| imported.contains(file) && !imports.is_disjoint(&left));
        if graph.len() == left.len() {
            return left.into_iter().collect();
        }
    }
}

#[test]
fn files_use_only_floors_below_their_own() {
    for (folder, floors) in [&("src", FLOORS)].into_iter().chain(CRATES) {
        let sources = sources(folder);
        assert_eq!(violations(floors, &sources), Vec::<String>::new(), "{folder}");
        let places: Vec<_> = sources.keys().filter_map(|file| floor_of(floors, &place_of(file))).collect();
        for name in floors.iter().flat_map(|(_, names)| *names) {
            assert!(places.iter().any(|(found, _)| found == name), "{folder}: no file for {name}");
        }
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for folder in CRATES.iter().map(|(folder, _)| *folder).chain(["src"]) {
        assert_eq!(circles(&sources(folder)), Vec::<&str>::new(), "{folder}");
    }
}

#[test]
fn the_parser_sees_imports_where_they_stand() {
    let code = "//! use crate::a;
use crate::{
    b, c::{self, d},
    e::F as G,
};
fn f() { crate::g::h::<u8>() } // crate::i
#[cfg(test)]
mod tests {
    use crate::j;
}
use crate::K;
use super::{l::*, super_m};
use super::super::n;
pub(crate) use self::o::P;
";
    let seen: Vec<_> = imports("x/y/z.rs", &code_of(code)).iter().map(|path| path.join("::")).collect();
    assert_eq!(seen, ["b", "c", "c::d", "e::F", "g::h", "K", "x::y::l", "x::y::super_m", "x::n", "x::y::z::o::P"]);
    let breaks = |file: &str, code: &str| violations(FLOORS, &[(file.to_owned(), code.to_owned())].into()).len();
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
fn the_floors_of_a_folder_hold_file_by_file() {
    const TABLE: Floors = &[(0, &["a/low"]), (1, &["a/high"]), (2, &["a"]), (3, &["main"])];
    let breaks = |file: &str, code: &str| violations(TABLE, &[(file.to_owned(), code.to_owned())].into()).len();
    assert_eq!(breaks("a/mod.rs", "use self::{high::H, low};"), 0);
    assert_eq!(breaks("a/high.rs", "use super::low;"), 0);
    assert_eq!(breaks("a/other.rs", "use super::{high, low};"), 0, "on the floor of its folder");
    assert_eq!(breaks("a/low.rs", "use super::high;"), 1, "upwards");
    assert_eq!(breaks("a/high.rs", "use crate::a::Item;"), 1, "by the folder");
    assert_eq!(breaks("main.rs", "use crate::a::low;"), 0);
}

#[test]
fn circles_are_seen() {
    let circles = |files: &[(&str, &str)]| {
        let sources = files.iter().map(|(file, code)| ((*file).to_owned(), (*code).to_owned())).collect();
        circles(&sources).join(" ")
    };
    let main = ("main.rs", "mod a;\nmod b;\nuse crate::a::A;");
    assert_eq!(circles(&[main, ("a.rs", "use crate::b::B;"), ("b.rs", "")]), "");
    assert_eq!(circles(&[main, ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::{a::A};")]), "a.rs b.rs");
    assert_eq!(circles(&[main, ("a.rs", "fn a() { crate::A::new() }"), ("b.rs", "")]), "a.rs main.rs");
    assert_eq!(circles(&[main, ("a.rs", ""), ("b.rs", "use super::a::A;")]), "b.rs main.rs", "by the parent");
    let three = [("a.rs", "use crate::b;"), ("b.rs", "use crate::c;"), ("c.rs", "use crate::a;")];
    assert_eq!(circles(&three), "a.rs b.rs c.rs");
    assert_eq!(circles(&[("f/mod.rs", "mod g;"), ("f/g.rs", "use super::Item;")]), "f/g.rs f/mod.rs");
    assert_eq!(circles(&[("f/mod.rs", "mod g;\nmod h;"), ("f/g.rs", "use super::h::H;"), ("f/h.rs", "")]), "");
}

#[test]
fn outside_crates_are_named_in_their_places_only() {
    for (word, places) in PLACES {
        let sources = sources("src");
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
        ("JKT_CHARACTERS", limits::JKT_CHARACTERS),
        ("JWT_MAX", limits::JWT_MAX),
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
    assert_eq!(number(&take("RECHECK_MAX")), u64::from(limits::RECHECK_MAX));
    assert_eq!(number(&take("CHALLENGE_LIFE")), u64::from(limits::CHALLENGE_LIFE));
    assert_eq!(number(&take("PROOF_FIRST")), u64::from(limits::PROOF_FIRST));
    assert_eq!(number(&take("PROOF_DEFAULT")), u64::from(limits::PROOF_DEFAULT));
    assert_eq!(number(&take("PROOF_MAX")), u64::from(limits::PROOF_MAX));
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
