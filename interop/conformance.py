"""Runs every implementation through `cretula conform`, and each against each: conformance.md.

From the repository's root, with the adapters built:

python interop/conformance.py             writes the page
python interop/conformance.py --check     compares with the page, all but the accumulated vectors
"""

import json
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CRETULA = "target/debug/cretula"
ADAPTERS = {
    "Rust": f"{CRETULA} adapter",
    "JavaScript": "node interop/javascript/adapter.js",
    "Python": "python interop/python/adapter.py",
    "Go": "target/cretula-go",  # go build -o ../../target/cretula-go ./adapter
    "Java": "java -cp interop/java/target/classes:interop/java/target/test-classes"
    " dev.cretula.conform.Adapter",
}
PAGE = Path(__file__).with_name("conformance.md")


def run(*arguments: str) -> dict:
    """Gives the JSON document of a command; its exit status is part of it (`holds`, `full`)."""
    done = subprocess.run(
        [CRETULA, "conform", *arguments], capture_output=True, text=True, check=False
    )
    if not done.stdout:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def conformance(options: list[str]) -> tuple[list[str], bool, int]:
    """Gives the table of implementations and classes, whether all hold, and the right vectors."""
    with ThreadPoolExecutor(2) as pool:
        commands = [shlex.split(command) for command in ADAPTERS.values()]
        reports = list(pool.map(lambda command: run("--json", *options, "--", *command), commands))
    classes = {count["class"]: count["vectors"] for report in reports for count in report["counts"]}
    lines = [row(["class", "vectors", *ADAPTERS]), row(["---", *["---:"] * (1 + len(ADAPTERS))])]
    right = 0
    for name, vectors in classes.items():
        cells = []
        for report in reports:
            count = next((count for count in report["counts"] if count["class"] == name), {})
            right += count.get("right", 0)
            skipped = count.get("skipped", 0)
            cells.append(
                str(count.get("right", 0)) + (f" and {skipped} skipped" if skipped else "")
            )
        lines.append(row([name, str(vectors), *cells]))
    lines += ["", "Skipped, with the adapter's reason:", ""]
    for language, report in zip(ADAPTERS, reports, strict=True):
        for vector in report["skipped"]:
            lines.append(f"- {language}, `{vector['id']}`: {vector['reason']}")
        for vector in report["not_right"]:
            print(f"{language}: {vector['id']}: {vector['outcome']}", file=sys.stderr)
    return lines, all(report["holds"] for report in reports), right


def matrix() -> tuple[list[str], bool]:
    """Gives the table of makers and openers, and whether every cell is full."""
    report = run("matrix", "--json", *ADAPTERS.values())
    lines = [
        row(["made by", *(f"opened by {name}" for name in ADAPTERS)]),
        row(["---", *["---:"] * len(ADAPTERS)]),
    ]
    for name, cells in zip(ADAPTERS, report["cells"], strict=True):
        lines.append(row([name, *(f"{cell['right']} of {cell['of']}" for cell in cells)]))
    return lines, report["full"]


def main() -> int:
    check = "--check" in sys.argv[1:]
    table, holds, right = conformance(["--quick"] if check else [])
    cells, full = matrix()
    page = [
        "# Conformance",
        "",
        "Written by `python interop/conformance.py`, and compared by `.ci/jobs/conformance`.",
        "",
        "## Every implementation, every vector",
        "",
        *table,
        "",
        "## What each makes, every other opens",
        "",
        "Sealed and signed tokens, sessions and cookies, each maker with its own randomness.",
        "",
        *cells,
        "",
    ]
    if check:
        written = PAGE.read_text(encoding="utf-8").split("\n")
        written, page = (
            [line for line in lines if not line.startswith("| accumulated ")]
            for lines in (written, page)
        )
        same = written == page
    else:
        PAGE.write_text("\n".join(page), encoding="utf-8")
        same = True
    print("\n".join(page))
    if not same:
        print(f"{PAGE.name} differs from this", file=sys.stderr)
    print(f"{right} passed")
    return 0 if holds and full and same else 1


if __name__ == "__main__":
    sys.exit(main())
