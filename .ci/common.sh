# What the jobs share. A job runs from the repository's root, on a clean clone, and installs what the machine lacks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR=never
# A clean clone is compiled once: what speeds up the next compilation, or a debugger, only costs time.
test -z "${CI:-}" || export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
mkdir -p target/ci

# `.ci/run --long` is the run before a release.
long() { test -n "${CI_LONG:-}"; }

# Jobs run side by side: one at a time for what a lock is named after.
alone() {
  local lock=$1
  shift
  flock "target/ci/$lock.lock" "$@"
}

install() { alone apt bash -c 'apt-get update -qq && apt-get install -qq -y "$@" >/dev/null' apt "$@"; }
# Installs Debian packages if a command is missing: need COMMAND PACKAGE…
need() { command -v "$1" >/dev/null || install "${@:2}"; }

need_c() { need cc gcc libc6-dev; }
need_rustup() { alone rustup rustup "$@"; }
# Every job compiles our own crates with clippy's driver, so nothing is compiled a second time for lints.
need_rust() {
  need_c
  need_rustup component add clippy
  RUSTC_WORKSPACE_WRAPPER=$(rustup which clippy-driver)
  export RUSTC_WORKSPACE_WRAPPER
}
need_chromium() { need chromium chromium; }
need_java() {
  need javac openjdk-17-jdk-headless
  need mvn maven
}
# Debian 12 has older ones of these two: the machine brings them, and without them the job fails.
need_go() { go version; }
need_node() { node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'; }

# Puts a Python first in PATH that has the package `cretula` and what its tests need.
use_python() {
  python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' || install python3 python3-venv
  alone python bash -c 'test -x target/ci/python/bin/ruff || {
    python3 -m venv target/ci/python
    target/ci/python/bin/pip install --quiet --disable-pip-version-check --editable "interop/python[test]"
  }'
  PATH="$PWD/target/ci/python/bin:$PATH"
}

# Installs the packages of a folder with a package-lock.json.
npm_ci() {
  need_node
  npm ci --silent --no-audit --no-fund --prefix "$1"
}

# Builds the command `cretula` out of what `cargo test --workspace` compiles too.
build_cretula() {
  need_rust
  cargo test --quiet --workspace --no-run --test cli
}

# Calls a build, and fails on a warning.
linted() {
  local log
  log=$(mktemp)
  "$@" 2>&1 | tee "$log"
  ! grep -q '^warning' "$log"
}

# Builds Go's adapter; two jobs use the one file.
build_go_adapter() {
  need_go
  alone go go build -C interop/go -o ../../target/cretula-go ./adapter
}

# Builds the frameworks' workspace, once for all jobs that need a part of it.
build_examples() {
  need_rust
  linted cargo build --quiet --workspace --all-targets --manifest-path examples/Cargo.toml
}
