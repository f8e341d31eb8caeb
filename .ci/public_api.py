"""Lists the public API of the crate with its default features and `http`, from rustdoc's JSON and the sources.

    python .ci/public_api.py           writes public-api.txt
    python .ci/public_api.py --check   fails if it is another, or has more than 91 functions
"""

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
LIST = ROOT / "public-api.txt"
MOST = 91

command = ["cargo", "rustdoc", "--quiet", "--lib", "--features", "http", "--", "-Zunstable-options", "--output-format", "json"]
subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
crate = json.loads((target / "doc" / "cretula.json").read_text())
index = crate["index"]


def source(item):
    """The declaration as it is written: up to its body, or a whole field or variant."""
    span = item["span"]
    lines = (ROOT / span["filename"]).read_text().splitlines()
    (first, start), (last, end) = span["begin"], span["end"]
    text = "\n".join(lines[first - 1 : last])
    tail = len(lines[last - 1]) - end
    text = text[start - 1 : len(text) - tail if tail else None]
    text = "\n".join(line for line in text.split("\n") if not line.strip().startswith(("//", "#[")))
    return " ".join(re.split(r"\s*\{\n|\s*\{$|\s\{ ", text, maxsplit=1)[0].split()).rstrip(" ,;")


def functions(owner, item):
    """The functions of its own of a type or a trait; each counts, also where two have one name."""
    kind = next(iter(item["inner"]))
    if kind == "trait":
        for child in item["inner"]["trait"]["items"]:
            yield f"fn {owner}::{index[str(child)]['name']}: {source(index[str(child)])}", True
        return
    for impl in item["inner"][kind].get("impls", []):
        impl = index[str(impl)]["inner"]["impl"]
        children = [index[str(child)] for child in impl["items"]]
        if impl["trait"] is None:
            for child in children:
                if child["visibility"] == "public":
                    yield f"fn {owner}::{child['name']}: {source(child)}", True


def entries():
    for item in sorted((index[str(child)] for child in index[str(crate["root"])]["inner"]["module"]["items"]), key=str):
        use = item["inner"].get("use")
        if use is None:
            continue
        made = index.get(str(use["id"]))
        if made is None:
            continue
        kind, name = next(iter(made["inner"])), use["name"]
        yield f"{kind} {name}", False
        if kind == "struct":
            fields = made["inner"]["struct"]["kind"].get("plain", {}).get("fields", []) if isinstance(
                made["inner"]["struct"]["kind"], dict
            ) else []
            for field in (index[str(field)] for field in fields if str(field) in index):
                if field["visibility"] == "public":
                    yield f"field {name}.{source(field).removeprefix('pub ')}", False
        if kind == "enum":
            for variant in made["inner"]["enum"]["variants"]:
                yield f"variant {name}::{source(index[str(variant)])}", False
        yield from functions(name, made)


found = sorted(entries())
count = sum(is_function for _, is_function in found)
text = "".join(f"{line}\n" for line, _ in found)
text = f"# Written by .ci/public_api.py, and compared by .ci/jobs/docs: {count} functions.\n{text}"
if "--check" in sys.argv:
    if text != LIST.read_text():
        LIST.with_suffix(".new").write_text(text)
        sys.exit(f"{LIST.name} is another: python .ci/public_api.py")
    if count > MOST:
        sys.exit(f"{count} public functions are more than {MOST}")
else:
    LIST.write_text(text)
print(f"{count} public functions")
