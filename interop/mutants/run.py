"""Prove that the suite catches faulty implementations (README.md).

Each mutant is a copy of an implementation with one fault. It is caught if a vector that is not
right has the flag that names the fault.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any, Final, NamedTuple

INTEROP: Final = Path(__file__).resolve().parent.parent
VECTORS: Final = INTEROP.parent / "test-vectors" / "v1"
# What an implementation and its adapter need, and how the adapter is run.
SOURCES: Final = {
    "python": ("src", "generator", "adapter.py"),
    "javascript": ("src", "calls.js", "package.json", "adapter.js"),
    "go": (".",),
}
LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "*_test.go", "middleware")
COMMANDS: Final = {
    "python": [sys.executable, "adapter.py"],
    "javascript": ["node", "adapter.js"],
    "go": ["./mutant"],
}
# The build cache spares all that a change leaves alone; -trimpath, for it knows no folders then.
BUILDS: Final = {"go": ["go", "build", "-trimpath", "-o", "mutant", "./adapter"]}


class Mutant(NamedTuple):
    """An entry of mutants.json. `flag` is that of the vectors that must catch it."""

    name: str
    language: str
    flag: str
    fault: str
    seen_in: str
    changes: list[dict[str, str]]


class Verdict(NamedTuple):
    """What a run of the suite came to: what is not right, or why there was no run."""

    not_right: list[dict[str, Any]]
    error: str = ""

    def first(self, flag: str) -> dict[str, Any] | None:
        """The first vector with this flag that is not right."""
        return next((vector for vector in self.not_right if flag in vector["flags"]), None)


@contextmanager
def changed_copy(mutant: Mutant) -> Iterator[Path]:
    """A folder with the faulty implementation, built.

    ValueError if a change does not apply, or what comes of it does not compile.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in SOURCES[mutant.language]:
            path = INTEROP / mutant.language / source
            if path.is_dir():
                shutil.copytree(path, folder / source, ignore=LEFT_OUT, dirs_exist_ok=True)
            else:
                shutil.copy(path, folder / source)
        for change in mutant.changes:
            path = folder / change["file"]
            text = path.read_text(encoding="utf-8")
            times = text.count(change["find"])
            if times != 1:
                raise ValueError(f"{change['file']} has {times} times: {change['find']}")
            path.write_text(text.replace(change["find"], change["replace"]), encoding="utf-8")
        if mutant.language in BUILDS:
            build(BUILDS[mutant.language], folder)
        yield folder


def build(command: list[str], folder: Path) -> None:
    """Run a build; ValueError with the compiler's first words if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise ValueError(" ".join(done.stderr.split())[:200] or "the build failed")


def conform(cretula: Path, mutant: Mutant, vectors: Iterable[str] = ()) -> Verdict:
    """Run the suite, or some vectors of it, against a mutant."""
    only = [argument for vector in vectors for argument in ("--only", vector)]
    command = [str(cretula), "conform", "--json", "--quick", "--timeout", "60", *only, "--"]
    try:
        with changed_copy(mutant) as folder:
            paths = f"{folder / 'src'}{os.pathsep}{folder / 'generator'}"
            done = subprocess.run(
                [*command, *COMMANDS[mutant.language]],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": paths},
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        not_right = json.loads(done.stdout)["not_right"]
    except json.JSONDecodeError:
        return Verdict([], done.stderr.strip())
    except ValueError as error:
        return Verdict([], str(error))
    if done.returncode != bool(not_right):
        return Verdict(not_right, f"exit status {done.returncode}")
    return Verdict(not_right)


def flagged() -> dict[str, list[str]]:
    """The ids of the vectors that have a flag, by flag."""
    ids: dict[str, list[str]] = {}
    for vector in (vector for file in files() for vector in file["vectors"]):
        for flag in vector["flags"]:
            ids.setdefault(flag, []).append(vector["id"])
    return ids


def files() -> list[dict[str, Any]]:
    """The files of vectors, without the accumulated ones, which a quick run leaves out."""
    manifest = json.loads((VECTORS / "manifest.json").read_text(encoding="utf-8"))
    names = [file["file"] for file in manifest["files"] if file["class"] != "accumulated"]
    return [json.loads((VECTORS / name).read_text(encoding="utf-8")) for name in names]


def row(mutant: Mutant, verdict: Verdict) -> str:
    """The table's line of a mutant."""
    first = verdict.first(mutant.flag)
    told = f"not caught by {mutant.flag}" if first is None else first["id"]
    outcome = "" if first is None else first["outcome"].replace("_", " ")
    columns = (
        f"{mutant.name:27} {mutant.language:10} {len(verdict.not_right):4}  {told:46} {outcome:11}"
    )
    return f"{columns}  {verdict.error or mutant.fault}"


def show_useless(killed: set[str]) -> bool:
    """List the vectors that killed no mutant; whether each of them covers a requirement."""
    idle, without = 0, 0
    for file in files():
        vectors = file["vectors"]
        left = [vector for vector in vectors if vector["id"] not in killed]
        print(f"\n{file['class']}: {len(left)} of {len(vectors)} kill none")
        for vector in left:
            print(f"  {vector['id']:50} {', '.join(vector['spec']) or 'covers nothing'}")
            without += not vector["spec"]
        idle += len(left)
    print(f"\n{len(killed)} vectors killed at least one mutant; ", end="")
    print(
        f"{idle} kill none, and {'cover requirements' if not without else f'{without} cover none'}"
    )
    return not without


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    cretula = INTEROP.parent / "target" / "debug" / "cretula"
    parser.add_argument("--cretula", type=Path, default=cretula, help="the command to run")
    parser.add_argument(
        "--matrix", type=Path, help="write which vectors each mutant killed, as JSON"
    )
    some = parser.add_mutually_exclusive_group()
    some.add_argument("--only", metavar="NAME", help="run this mutant alone")
    some.add_argument("--useless", action="store_true", help="list vectors that kill no mutant")
    options = parser.parse_args()
    if not options.cretula.is_file():
        parser.error(f"{options.cretula} is not there; cargo build -p cretula-cli makes it")

    text = (INTEROP / "mutants" / "mutants.json").read_text(encoding="utf-8")
    mutants = [Mutant(**entry) for entry in json.loads(text)]
    if len({mutant.name for mutant in mutants}) < len(mutants):
        parser.error("two mutants have one name")
    mutants = [mutant for mutant in mutants if options.only in (None, mutant.name)]
    if not mutants:
        parser.error(f"no mutant {options.only}")

    whole = options.useless or options.matrix
    ids = flagged()

    def verdict_of(mutant: Mutant) -> Verdict:
        """The vectors with the mutant's flag first; all if none of them catches it."""
        if not whole and mutant.flag in ids:
            verdict = conform(options.cretula, mutant, ids[mutant.flag])
            if verdict.error or verdict.not_right:
                return verdict
        return conform(options.cretula, mutant)

    controls = [Mutant("unchanged", language, "", "", "", []) for language in SOURCES]
    caught = 0
    killed: dict[str, list[str]] = {}
    with ThreadPool(os.cpu_count()) as pool:
        verdicts = pool.imap(verdict_of, controls + mutants)
        for control, verdict in zip(controls, verdicts, strict=False):
            if verdict != Verdict([]):
                print(f"{control.language}, unchanged: {verdict.error or verdict.not_right}")
                return 1
        for mutant, verdict in zip(mutants, verdicts, strict=True):
            print(row(mutant, verdict), flush=True)
            killed[mutant.name] = [vector["id"] for vector in verdict.not_right]
            caught += not verdict.error and verdict.first(mutant.flag) is not None

    if options.matrix:
        options.matrix.write_text(json.dumps(killed, indent=1) + "\n", encoding="utf-8")
    good = caught == len(mutants)
    if options.useless:
        good &= show_useless({vector for vectors in killed.values() for vector in vectors})
    print(f"\n{len(mutants)} mutants, {caught} caught by a vector whose flag names the fault")
    print(f"{caught} passed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
