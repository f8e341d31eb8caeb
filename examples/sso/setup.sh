#!/bin/sh
# Builds the five servers and what drives the browser. Once more does no harm. SSO_RUST_BIN names a Rust server that is
# built already.
set -eu
cd "$(dirname "$0")"

echo "rust"
test -n "${SSO_RUST_BIN:-}" || cargo build --quiet --manifest-path ../Cargo.toml -p sso-rust

echo "express"
(cd express && npm ci --silent --no-audit --no-fund)

echo "flask"
test -x .venv/bin/python || python3 -m venv .venv
(cd flask && ../.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt)

echo "go"
(cd go && go build -o sso .)

echo "java"
(cd ../../interop/java && mvn --quiet --batch-mode install -DskipTests)
(cd java && mvn --quiet --batch-mode process-classes)

echo "browser test"
(cd e2e && npm ci --silent --no-audit --no-fund)
