#!/bin/sh
# Builds the wheel, looks what is in it, installs it into a fresh environment, and runs there what README.md shows, in its
# order, but for the frameworks (tests/test_frameworks.py does that).
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m pip wheel --quiet --no-deps --wheel-dir "$work" .
python3 - "$work"/cretula-*.whl <<'END'
import sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
others = {name.split("/")[0] for name in names} - {"cretula"}
assert len(others) == 1 and others.pop().endswith(".dist-info"), names
assert "cretula/py.typed" in names, names
assert {name.split("/")[-1] for name in names if "/licenses/" in name} == {"LICENSE-APACHE", "LICENSE-MIT"}, names
END

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "$work"/cretula-*.whl
cp README.md "$work"
cd "$work"
CRETULA_KEYS=$(venv/bin/python -c 'from cretula import Key; print(Key.generate().to_text())')
export CRETULA_KEYS
venv/bin/python - <<'END'
import cretula.asgi, cretula.wsgi
names = {"__name__": "readme"}
for part in open("README.md", encoding="utf-8").read().split("```python\n")[1:]:
    block = part.split("```")[0]
    if "SessionMiddleware" not in block:
        exec(compile(block, "README.md", "exec"), names)
body = names["application"]({"PATH_INFO": "/sign-on"}, lambda status, headers: None)
assert body == [b"ada, visit 0\n"], body
names["put_in"], names["Handler"]  # all blocks ran
END
echo "the wheel is as it should be"
