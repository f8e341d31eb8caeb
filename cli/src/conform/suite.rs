//! The vectors: those compiled in, or a folder of the same form, counted and compared with the manifest.

use std::{collections::BTreeMap, fmt, fs, io::Read as _, path::Path};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::request;
use crate::{failure::Failure, hex};

/// More than ten times the largest file.
const FILE_MAX_BYTES: u64 = 1 << 26;

/// What an implementation claims (§15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    Unsealer,
    Sealer,
    Signer,
    Verifier,
    Keyring,
    Session,
    Cookie,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}

/// The classes of which each is asked to derive.
pub(crate) const TOKEN_CLASSES: [Class; 4] = [Class::Sealer, Class::Unsealer, Class::Signer, Class::Verifier];

/// How much a vector obliges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Must,
    Should,
    May,
}

pub(crate) struct Suite {
    pub(crate) version: String,
    /// SHA-256 of `manifest.json`, in hexadecimal digits.
    pub(crate) digest: String,
    pub(crate) files: Vec<File>,
}

pub(crate) struct File {
    /// `derivation`, a [`Class`]'s name, or `accumulated`.
    pub(crate) class: String,
    /// What bug a flag stands for.
    pub(crate) flags: BTreeMap<String, String>,
    pub(crate) vectors: Vec<Vector>,
}

#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) spec: Vec<String>,
    pub(crate) level: Level,
    pub(crate) flags: Vec<String>,
    pub(crate) comment: String,
    /// Everything else: inputs, what is for generators, what is expected.
    #[serde(flatten)]
    pub(crate) members: Map<String, Value>,
}

#[derive(Deserialize)]
struct Manifest {
    format: String,
    suite: String,
    files: Vec<Counted>,
}

#[derive(Deserialize)]
struct Counted {
    file: String,
    class: String,
    vectors: usize,
    positive: usize,
    negative: usize,
    sha256: String,
}

#[derive(Deserialize)]
struct Content {
    format: String,
    suite: String,
    class: String,
    flags: BTreeMap<String, String>,
    vectors: Vec<Vector>,
}

impl Vector {
    pub(crate) fn op(&self) -> Option<&str> {
        self.members.get("op").and_then(Value::as_str)
    }

    pub(crate) fn has(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.has("result")
    }
}

impl File {
    /// Tells whether an implementation of these classes is asked this vector.
    pub(crate) fn asks(&self, vector: &Vector, classes: &[Class]) -> bool {
        let claimed = |name: &str| classes.iter().any(|class| class.to_string() == name);
        match self.class.as_str() {
            "derivation" => TOKEN_CLASSES.iter().any(|class| classes.contains(class)),
            "accumulated" => match vector.op() {
                Some("seal") => claimed("sealer"),
                Some("sign") => claimed("signer"),
                Some("unseal") => claimed("unsealer"),
                _ => claimed("verifier"),
            },
            class => claimed(class),
        }
    }
}

impl Suite {
    /// Takes the vectors that are compiled in.
    pub(crate) fn own() -> Result<Self, Failure> {
        Self::read("vectors", |name| {
            let text = cretula_test_vectors::file(name).map(|text| text.as_bytes().to_vec());
            text.ok_or_else(|| Failure::io("vectors", format_args!("{name} is not there")))
        })
    }

    /// Takes those of a folder.
    pub(crate) fn of_folder(folder: &Path) -> Result<Self, Failure> {
        Self::read(&format!("{folder:?}"), |name| {
            let path = folder.join(name);
            let place = format!("{path:?}");
            let mut bytes = Vec::new();
            let read = fs::File::open(&path).and_then(|file| file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes));
            match read.map(u64::try_from) {
                Ok(Ok(..=FILE_MAX_BYTES)) => Ok(bytes),
                Ok(_) => Err(Failure::io(place, "too large")),
                Err(error) => Err(Failure::io(place, error)),
            }
        })
    }

    fn read(place: &str, file: impl Fn(&str) -> Result<Vec<u8>, Failure>) -> Result<Self, Failure> {
        let wrong = |name: &str, words: fmt::Arguments<'_>| Failure::io(format_args!("{place}, {name}"), words);
        let bytes = file("manifest.json")?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| wrong("manifest.json", format_args!("{error}")))?;
        if manifest.format != "cretula-manifest-1" {
            return Err(wrong("manifest.json", format_args!("not of the format cretula-manifest-1")));
        }
        let mut suite = Self { version: manifest.suite, digest: digest(&bytes), files: Vec::new() };
        for counted in manifest.files {
            let name = counted.file.as_str();
            if name.contains(['/', '\\', ':']) || name.starts_with('.') {
                return Err(wrong("manifest.json", format_args!("{name:?} is no file of the folder")));
            }
            let bytes = file(name)?;
            if digest(&bytes) != counted.sha256 {
                return Err(wrong(name, format_args!("its digest is not the manifest's")));
            }
            let content: Content =
                serde_json::from_slice(&bytes).map_err(|error| wrong(name, format_args!("{error}")))?;
            check(&content, &counted, &suite).map_err(|words| wrong(name, format_args!("{words}")))?;
            let Content { class, flags, vectors, .. } = content;
            suite.files.push(File { class, flags, vectors });
        }
        Ok(suite)
    }
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes))
}

/// Compares a file with the manifest, and looks whether this command knows everything in it.
fn check(content: &Content, counted: &Counted, suite: &Suite) -> Result<(), String> {
    if content.format != "cretula-vectors-1" {
        return Err("not of the format cretula-vectors-1".to_owned());
    }
    if content.class != counted.class || content.suite != suite.version {
        return Err("its class or suite is not the manifest's".to_owned());
    }
    let positive = content.vectors.iter().filter(|vector| vector.is_positive()).count();
    let negative = content.vectors.len().saturating_sub(positive);
    if (content.vectors.len(), positive, negative) != (counted.vectors, counted.positive, counted.negative) {
        return Err("its number of vectors is not the manifest's".to_owned());
    }
    let mut ids: Vec<_> = content.vectors.iter().map(|vector| vector.id.as_str()).collect();
    ids.sort_unstable();
    if let Some([id, ..]) = ids.windows(2).find(|pair| pair.first() == pair.last()) {
        return Err(format!("{id} stands twice"));
    }
    content.vectors.iter().try_for_each(|vector| {
        if vector.is_positive() == vector.has("error") {
            return Err(format!("{} has not exactly one outcome", vector.id));
        }
        request::check(&content.class, vector).map_err(|words| format!("{}: {words}", vector.id))
    })
}
