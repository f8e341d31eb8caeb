//! Every test, vector and requirement that spec/security-review.md names exists, and its counts are right.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const WHO: [&str; 5] = ["met", "shared", "application", "differs", "n/a"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// One item of a document.
struct Row {
    document: String,
    item: String,
    who: String,
    done: String,
    shown_by: String,
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Returns the rows of the tables of items, and the table of counts by document.
fn page(text: &str) -> (Vec<Row>, BTreeMap<String, Vec<usize>>) {
    let (mut rows, mut counts, mut document, mut head) = (Vec::new(), BTreeMap::new(), String::new(), String::new());
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut document);
        } else if !line.starts_with('|') {
            head.clear();
        } else if head.is_empty() {
            line.clone_into(&mut head);
        } else if line.starts_with("|---") {
        } else if head.starts_with("| item |") {
            let [item, _, who, done, shown_by] = <[String; 5]>::try_from(cells(line)).expect(line);
            rows.push(Row { document: document.clone(), item, who, done, shown_by });
        } else if head.starts_with("| document | met |") {
            let (name, numbers) = (cells(line)[0].clone(), cells(line)[1..].to_vec());
            counts.insert(name, numbers.iter().map(|number| number.parse().expect(line)).collect());
        }
    }
    (rows, counts)
}

/// Returns ids in square brackets, such as `[OPEN-07]`.
fn ids(text: &str) -> Vec<&str> {
    let inside = text.split('[').skip(1).filter_map(|part| part.split_once(']')).map(|(inside, _)| inside);
    let is_id =
        |id: &&str| id.len() > 3 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    inside.filter(is_id).collect()
}

fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Every source that may hold a test, by its path from the root.
struct Sources(BTreeMap<String, String>);

impl Sources {
    fn new() -> Self {
        let mut found = BTreeMap::new();
        for folder in ["tests", "src", "cli", "conform", "adapters", "examples", "interop"] {
            Self::collect(&root().join(folder), &mut found);
        }
        Self(found)
    }

    fn collect(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["node_modules", "target", "build", "__pycache__"].contains(&&*name) && !name.starts_with('.') {
                    Self::collect(&path, found);
                }
            } else if [".rs", ".py", ".js", ".go", ".java"].iter().any(|end| name.ends_with(end)) {
                let place = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(place, fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// Returns the one file of this path; the path may leave out folders at its beginning.
    fn file(&self, path: &str) -> Option<(&str, &str)> {
        if let Some((place, text)) = self.0.get_key_value(path) {
            return Some((place, text));
        }
        let end = format!("/{path}");
        let mut of_this_end = self.0.iter().filter(|(place, _)| place.ends_with(&end));
        let (place, text) = of_this_end.next()?;
        of_this_end.next().is_none().then_some((place, text))
    }

    fn has(&self, path: &str, name: &str) -> bool {
        self.file(path).is_some_and(|(place, text)| defines(place, text, name))
    }
}

/// Returns true if the text of this file has a test of this name, by what begins one in its language.
fn defines(place: &str, text: &str, name: &str) -> bool {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    // The lines of attributes and comments directly above.
    let above = |at: usize, mark: &str| {
        let is_above = |line: &&&str| line.starts_with("#[") || line.starts_with("//") || line.starts_with('@');
        lines[..at].iter().rev().take_while(is_above).any(|line| line.ends_with(mark) || line.starts_with(mark))
    };
    let begins = |line: &str, begin: String| line.starts_with(&begin);
    lines.iter().enumerate().any(|(at, line)| match place.rsplit('.').next() {
        Some("rs") => begins(line.strip_prefix("async ").unwrap_or(line), format!("fn {name}(")) && above(at, "test]"),
        Some("py") => {
            name.starts_with("test_") && begins(line.strip_prefix("async ").unwrap_or(line), format!("def {name}("))
        }
        Some("js") => begins(line, format!("test('{name}', ")) || begins(line, format!("test(\"{name}\", ")),
        Some("go") => name.starts_with("Test") && begins(line, format!("func {name}(t *testing.T)")),
        Some("java") => line.contains(&format!("void {name}(")) && above(at, "@Test"),
        _ => false,
    })
}

fn vectors() -> BTreeSet<String> {
    let manifest: serde_json::Value = serde_json::from_str(&read("test-vectors/v1/manifest.json")).unwrap();
    let mut all = BTreeSet::new();
    for class in manifest["files"].as_array().unwrap().iter().map(|file| file["class"].as_str().unwrap()) {
        let file: serde_json::Value = serde_json::from_str(&read(format!("test-vectors/v1/{class}.json"))).unwrap();
        all.extend(file["vectors"].as_array().unwrap().iter().map(|vector| vector["id"].as_str().unwrap().to_owned()));
    }
    assert!(all.len() > 1000, "{}", all.len());
    all
}

/// Returns what is wrong with the page.
fn faults(text: &str) -> Vec<String> {
    let (specification, vectors, sources) = (read("spec/cretula-v1.md"), vectors(), Sources::new());
    let (rows, counts) = page(text);
    let mut faults = Vec::new();
    for id in ids(text) {
        if !specification.contains(&format!("- **[{id}]**")) {
            faults.push(format!("no requirement [{id}]"));
        }
    }
    let (mut items, mut counted) = (BTreeSet::new(), BTreeMap::<&str, Vec<usize>>::new());
    for Row { document, item, who, done, shown_by } in &rows {
        let mut tell = |fault: String| faults.push(format!("{document}, {item}: {fault}"));
        if !items.insert((document, item)) {
            tell("twice".to_owned());
        }
        match WHO.iter().position(|known| known == who) {
            Some(column) => counted.entry(document).or_insert_with(|| vec![0; WHO.len()])[column] += 1,
            None => tell(format!("who is {who:?}")),
        }
        for named in spans(shown_by) {
            let exists =
                named.split_once("::").map_or_else(|| vectors.contains(named), |(path, name)| sources.has(path, name));
            if !exists {
                tell(format!("no test or vector {named}"));
            }
        }
        let is_shown = !spans(shown_by).is_empty();
        if ["met", "shared", "differs"].contains(&&**who) && (!is_shown || ids(done).is_empty()) {
            tell("neither a requirement nor a test".to_owned());
        }
        if !is_shown && shown_by != "–" {
            tell(format!("shown by {shown_by:?}"));
        }
    }
    for (document, numbers) in &counted {
        if counts.get(*document) != Some(numbers) {
            faults.push(format!("{document}: counted {numbers:?}, the table says {:?}", counts.get(*document)));
        }
    }
    if counts.len() != counted.len() {
        faults.push(format!("the table of counts has {} documents, not {}", counts.len(), counted.len()));
    }
    faults
}

#[test]
fn every_claim_of_the_security_review_exists() {
    let text = read("spec/security-review.md");
    let rows = page(&text).0;
    assert!(rows.len() > 80, "{} rows", rows.len());
    let faults = faults(&text);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_wrong_claim_of_the_security_review_is_seen() {
    let page = |done: &str, shown_by: &str| {
        let counts = "| document | met | shared | application | differs | n/a |\n|---|--:|--:|--:|--:|--:|\n| A | 1 | 0 | 0 | 0 | 0 |\n";
        format!(
            "{counts}\n## A\n\n| item | asks | who | what | shown by |\n|---|---|---|---|---|\n| 1 | x | met | {done} | {shown_by} |\n"
        )
    };
    let good = [
        "`tests/security_review.rs::a_wrong_claim_of_the_security_review_is_seen`",
        "`tests/device.rs::no_header_makes_an_endpoint_panic`",
        "`test_session.py::test_reauth_within`",
        "`jwt.test.js::the value of a field`",
        "`wrap_test.go::TestDenyListIsTold`",
        "`JwtTest.java::algorithm`",
        "`session/open/ok/user`",
    ];
    for named in good {
        assert_eq!(faults(&page("[SESS-01]", named)), Vec::<String>::new());
    }
    let wrong = [
        "`tests/device.rs::no_header_makes_an_endpoint_panics`",
        "`tests/device.rs::at`", // a function, no test
        "`tests/devices.rs::no_header_makes_an_endpoint_panic`",
        "`mod.rs::no_header_makes_an_endpoint_panic`", // several files
        "`test_session.py::test_reauth`",
        "`jwt.test.js::the value of`",
        "`wrap_test.go::TestDenyList`",
        "`JwtTest.java::algorithms`",
        "`session/open/ok/users`",
        "`session/open/ok`",
        "–",
        "",
    ];
    for named in wrong {
        assert!(!faults(&page("[SESS-01]", named)).is_empty(), "{named}");
    }
    for done in ["[SESS-99]", "[SESS-1]", "none"] {
        assert!(!faults(&page(done, good[0])).is_empty(), "{done}");
    }
    let more = page("[SESS-01]", good[0]).replace("| met | [", "| shared | [");
    assert!(faults(&more).iter().any(|fault| fault.contains("counted")), "{more}");
}
