#!/usr/bin/env bash
# Builds the data packages for npm and PyPI from the files here, installs both in a folder of their own, and sees that
# they hold the vectors of the manifest, with its digests, and nothing else.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

suite=$(python3 -c 'import json; print(json.load(open("v1/manifest.json"))["suite"])')
expected=$(cd v1 && sha256sum ./*.json)
# Prints the JSON files of a folder with their digests, and fails if it holds anything else.
digests() {
  test -z "$(find "$1" -type f ! -name '*.json')"
  (cd "$1" && sha256sum ./*.json)
}
# Compares each file with the digest that the installed manifest has for it.
manifest='import hashlib, json, sys
from pathlib import Path
folder = Path(sys.argv[1])
files = json.loads((folder / "manifest.json").read_text())["files"]
for file in files:
    assert hashlib.sha256((folder / file["file"]).read_bytes()).hexdigest() == file["sha256"], file["file"]
print(len(files), "files as the manifest says")'

cd "$work"
npm pack --silent "$here" >/dev/null
npm install --silent --no-audit --no-fund --prefix npm "./cretula-test-vectors-$suite.tgz"
npm=npm/node_modules/cretula-test-vectors
test "$(cd "$npm" && ls | sort | xargs)" = "README.md package.json v1"
test "$(digests "$npm/v1")" = "$expected"
python3 -c "$manifest" "$npm/v1"
test "$(cd npm && node -p 'require("cretula-test-vectors/manifest.json").suite')" = "$suite"

pip wheel --quiet --no-deps --wheel-dir wheels "$here"
pip install --quiet --no-deps --no-index --target pypi "wheels/cretula_test_vectors-$suite-py3-none-any.whl"
test "$(cd pypi && ls -d [!.]* | sort | xargs)" = "cretula_test_vectors cretula_test_vectors-$suite.dist-info"
test "$(digests pypi/cretula_test_vectors)" = "$expected"
python3 -c "$manifest" pypi/cretula_test_vectors
test "$(PYTHONPATH=pypi python3 -c 'import importlib.resources, json
print(json.loads((importlib.resources.files("cretula_test_vectors") / "manifest.json").read_text())["suite"])')" = "$suite"
echo "packages of suite $suite: 2 passed"
