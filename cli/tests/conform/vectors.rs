//! `--vectors`: another folder, held to its manifest.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{call, conform, support::directory};

/// A copy of the files in which `change` was made to the text of one, with the manifest's digest of it.
fn folder(name: &str, file: &str, change: impl Fn(String) -> String) -> PathBuf {
    let folder = directory(name);
    for (name, text) in cretula_test_vectors::FILES {
        fs::write(folder.join(name), text).unwrap();
    }
    let digest = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let before = cretula_test_vectors::file(file).unwrap();
    let after = change(before.to_owned());
    assert_ne!(before, after, "{name}");
    fs::write(folder.join(file), &after).unwrap();
    if file != "manifest.json" {
        let manifest = cretula_test_vectors::file("manifest.json").unwrap();
        fs::write(folder.join("manifest.json"), manifest.replace(&digest(before), &digest(&after))).unwrap();
    }
    folder
}

fn option(folder: &Path) -> String {
    format!("--vectors {}", folder.to_str().unwrap())
}

pub(crate) fn takes_a_folder() {
    let changed = |text: String| text.replacen("\"comment\": \"", "\"comment\": \"other: ", 1);
    let folder = folder("vectors-good", "keyring.json", changed);
    let (status, document) = conform(&format!("{} --class keyring", option(&folder)), "none");
    assert_eq!((status, &document["complete"]), (Some(0), &true.into()));
    let (_, own) = conform("--only unseal/ok/basic", "none");
    assert_ne!(document["digest"], own["digest"]);
}

pub(crate) fn refuses_folders() {
    let refused = |folder: &Path, words: &str| {
        let done = call(&option(folder), "none").run();
        assert_eq!((done.status, done.stdout.as_slice()), (Some(1), &b""[..]), "{words}");
        assert!(done.stderr.starts_with("cretula: io: ") && done.stderr.contains(words), "{words}: {}", done.stderr);
    };
    let manifest = |name: &str, from: &str, to: &str| folder(name, "manifest.json", |text| text.replacen(from, to, 1));
    let keyring = |name: &str, from: &str, to: &str| folder(name, "keyring.json", |text| text.replacen(from, to, 1));

    let tampered = keyring("vectors-tampered", "\"comment\": \"", "\"comment\": \"other: ");
    fs::write(tampered.join("manifest.json"), cretula_test_vectors::file("manifest.json").unwrap()).unwrap();
    refused(&tampered, "keyring.json: its digest is not the manifest's");
    refused(&directory("vectors-none"), "manifest.json");
    refused(&manifest("vectors-format", "manifest-1", "manifest-2"), "not of the format cretula-manifest-1");
    refused(&manifest("vectors-suite", "\"suite\": \"", "\"suite\": \"9"), "its class or suite is not the manifest's");
    refused(&manifest("vectors-count", "\"positive\": 1", "\"positive\": 2"), "its number of vectors");
    refused(&manifest("vectors-path", "\"derivation.json\"", "\"../x.json\""), "is no file of the folder");
    refused(&keyring("vectors-op", "\"op\": \"warn\"", "\"op\": \"wink\""), "op wink of class keyring is not known");
    refused(&keyring("vectors-member", "\"op\": \"warn\"", "\"op\": \"warn\", \"mood\": 1"), "mood is not known");
    refused(&keyring("vectors-both", "\"result\": {", "\"error\": \"x\", \"result\": {"), "exactly one outcome");
    refused(&keyring("vectors-twice", "\"keyring/key-text/empty\"", "\"keyring/key-text/ok\""), "is there twice");
    refused(&keyring("vectors-json", "{", "["), "keyring.json: ");
}

pub(crate) fn fails_nothing_for_should() {
    let only = "unseal/ok/basic";
    for (level, expected) in [("should", 0), ("may", 0), ("must", 1)] {
        let changed = |text: String| {
            let mut file: Value = serde_json::from_str(&text).unwrap();
            let vectors = file["vectors"].as_array_mut().unwrap();
            let vector = vectors.iter_mut().find(|vector| vector["id"] == only).unwrap();
            vector["level"] = level.into();
            file.to_string()
        };
        let folder = folder("vectors-level", "unsealer.json", changed);
        let (status, document) = conform(&format!("{} --only {only}", option(&folder)), &format!("code {only}"));
        assert_eq!(status, Some(expected), "{document}");
        assert_eq!(document["not_right"][0]["level"], level);
        assert_eq!(document["holds"], expected == 0);
    }
}
