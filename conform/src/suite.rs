//! The vectors: those compiled in, or a folder of the same form, counted and compared with the manifest.

use std::{collections::BTreeMap, fmt, fs, io::Read as _, path::Path};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{class::Class, error::Error, hex, request, vector::Vector};

/// More than ten times the largest file.
const FILE_MAX_BYTES: u64 = 1 << 26;

/// The classes of which each is asked to derive.
const TOKEN_CLASSES: [Class; 4] = [Class::Sealer, Class::Unsealer, Class::Signer, Class::Verifier];

/// A suite of test vectors.
#[derive(Debug)]
pub struct Suite {
    pub(crate) version: String,
    /// SHA-256 of `manifest.json`, in hexadecimal digits.
    pub(crate) digest: String,
    pub(crate) files: Vec<File>,
}

#[derive(Debug)]
pub(crate) struct File {
    /// `derivation`, a [`Class`]'s name, or `accumulated`.
    pub(crate) class: String,
    /// The bug that a flag means.
    pub(crate) flags: BTreeMap<String, String>,
    pub(crate) vectors: Vec<Vector>,
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

impl File {
    /// Returns true if an implementation of these classes is asked this vector.
    pub(crate) fn asks(&self, vector: &Vector, classes: &[Class]) -> bool {
        let claimed = |name: &str| classes.iter().any(|class| class.name() == name);
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
    /// Returns the vectors that are compiled in.
    ///
    /// # Errors
    /// [`Error::Vectors`] if this version does not know everything in them; a test rules that out.
    ///
    /// ```
    /// let suite = cretula_conform::Suite::bundled()?;
    /// # Ok::<(), cretula_conform::Error>(())
    /// ```
    pub fn bundled() -> Result<Self, Error> {
        Self::read("vectors", |name| {
            let text = cretula_test_vectors::file(name).map(|text| text.as_bytes().to_vec());
            text.ok_or_else(|| Error::vectors("vectors", format_args!("{name} is not there")))
        })
    }

    /// Reads the vectors of a folder, `manifest.json` and the files that it counts.
    ///
    /// # Errors
    /// [`Error::Vectors`] if a file cannot be read or has more than 64 MiB, if a file is not what the manifest says
    /// (digest, class, suite, numbers of vectors), or if it holds an op or a member that this version does not know.
    pub fn from_folder(folder: &Path) -> Result<Self, Error> {
        Self::read(&format!("{folder:?}"), |name| {
            let path = folder.join(name);
            let place = format!("{path:?}");
            let mut bytes = Vec::new();
            let read = fs::File::open(&path).and_then(|file| file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes));
            match read.map(u64::try_from) {
                Ok(Ok(..=FILE_MAX_BYTES)) => Ok(bytes),
                Ok(_) => Err(Error::vectors(place, "too large")),
                Err(error) => Err(Error::vectors(place, error)),
            }
        })
    }

    fn read(place: &str, file: impl Fn(&str) -> Result<Vec<u8>, Error>) -> Result<Self, Error> {
        let wrong = |name: &str, words: fmt::Arguments<'_>| Error::vectors(format_args!("{place}, {name}"), words);
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

fn digest(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes))
}

/// Compares a file with the manifest, and refuses what this version does not know.
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
        return Err(format!("{id} is there twice"));
    }
    content.vectors.iter().try_for_each(|vector| {
        if vector.is_positive() == vector.has("error") {
            return Err(format!("{} has not exactly one outcome", vector.id));
        }
        request::check(&content.class, vector).map_err(|words| format!("{}: {words}", vector.id))
    })
}

#[cfg(test)]
mod tests {
    use super::Suite;

    #[test]
    fn the_bundled_vectors_are_what_their_manifest_says() {
        assert_eq!(Suite::bundled().unwrap().files.len(), 10);
    }
}
