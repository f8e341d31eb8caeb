//! Every requirement of the specification has a vector or a named test, and every citation a requirement.
//!
//! A test cites requirements in a line `// covers: [ID] [ID]` directly above its attribute; a vector in its `spec`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn specification() -> String {
    fs::read_to_string(root().join("spec/cretula-v1.md")).unwrap()
}

/// Returns ids in square brackets, such as `[OPEN-07]`.
fn ids(text: &str) -> Vec<String> {
    let inside = text.split('[').skip(1).filter_map(|part| part.split_once(']')).map(|(inside, _)| inside);
    let is_id = |id: &&str| {
        id.split_once('-').is_some_and(|(name, number)| {
            name.len() > 1
                && name.bytes().all(|byte| byte.is_ascii_uppercase())
                && number.len() == 2
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    inside.filter(is_id).map(str::to_owned).collect()
}

/// Returns the paragraphs and list items of the specification.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        if line.is_empty() || line.starts_with("- ") || line.starts_with("| ") {
            blocks.push(String::new());
        }
        let block = blocks.last_mut().unwrap();
        block.push_str(line);
        block.push('\n');
    }
    blocks
}

/// Returns each id that is defined, once.
fn defined() -> BTreeSet<String> {
    let mut defined = BTreeSet::new();
    for block in blocks(&specification()) {
        if let Some(rest) = block.strip_prefix("- **[") {
            let id = rest.split(']').next().unwrap().to_owned();
            assert!(defined.insert(id.clone()), "{id} is defined twice");
        }
    }
    assert!(defined.len() > 50, "{}", defined.len());
    defined
}

/// Returns the ids that vectors cite, each with a vector's id.
fn cited_by_vectors() -> BTreeMap<String, String> {
    let mut cited = BTreeMap::new();
    let manifest = fs::read_to_string(root().join("test-vectors/v1/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for class in manifest["files"].as_array().unwrap().iter().map(|file| file["class"].as_str().unwrap()) {
        let path = root().join(format!("test-vectors/v1/{class}.json"));
        let file: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let spec = vector["spec"].as_array().unwrap();
            assert!(!spec.is_empty(), "{} cites no requirement", vector["id"]);
            for id in spec {
                cited.insert(id.as_str().unwrap().to_owned(), vector["id"].to_string());
            }
        }
    }
    cited
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Returns the ids that tests cite, each with the test's name.
fn cited_by_tests() -> BTreeMap<String, String> {
    let mut files = Vec::new();
    for folder in ["tests", "src", "cli/tests", "adapters/tower"] {
        rust_files(&root().join(folder), &mut files);
    }
    let mut cited = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(list) = line.strip_prefix("// covers:") else { continue };
            let above = lines[at + 1..].iter().take_while(|line| line.starts_with("//") || line.starts_with("#["));
            let below = at + 1 + above.clone().count();
            let function = lines.get(below).map(|line| line.strip_prefix("async ").unwrap_or(line));
            let function = function.and_then(|line| line.strip_prefix("fn "));
            let is_test = |line: &&str| ["#[test]", "#[tokio::test]"].contains(line);
            let function = function.filter(|_| above.clone().any(is_test));
            let function = function.unwrap_or_else(|| panic!("{}:{}: no test below", file.display(), at + 1));
            let name = function.split('(').next().unwrap();
            assert!(!ids(list).is_empty(), "{}:{}: no id", file.display(), at + 1);
            for id in ids(list) {
                cited.insert(id, name.to_owned());
            }
        }
    }
    cited
}

#[test]
fn every_requirement_has_a_vector_or_a_test() {
    let (vectors, tests) = (cited_by_vectors(), cited_by_tests());
    let all = defined();
    let open: Vec<_> = all.iter().filter(|id| !vectors.contains_key(*id) && !tests.contains_key(*id)).collect();
    assert!(open.is_empty(), "neither vector nor named test: {open:?}");
    let by_vector = all.iter().filter(|id| vectors.contains_key(*id)).count();
    println!("{} requirements: {by_vector} with vectors, {} by named tests alone", all.len(), all.len() - by_vector);
}

#[test]
fn every_citation_exists() {
    let defined = defined();
    let mut cited: Vec<_> = cited_by_vectors().into_iter().chain(cited_by_tests()).collect();
    cited.extend(ids(&specification()).into_iter().map(|id| (id, "the specification".to_owned())));
    for (id, by) in cited {
        assert!(defined.contains(&id), "{by} cites [{id}], which does not exist");
    }
}

#[test]
fn every_must_carries_an_id() {
    for block in blocks(&specification()) {
        let is_convention = block.trim_start().starts_with("MUST, MUST NOT, SHOULD and MAY");
        assert!(
            is_convention || !block.contains("MUST") || block.starts_with("- **["),
            "a MUST without an id: {block}"
        );
    }
}
