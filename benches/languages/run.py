"""Cretula in the other languages, beside what their users would pick instead.

`python3 benches/languages/run.py` writes `benches/LANGUAGES.md`. With `--quick`, every case is run
and checked, none is timed, and nothing is written. It needs Node, Python, Go, and Maven with a JDK.
All else is put into `target/languages`, but for the caches of npm, pip, Go and Maven, and Cretula's
own jar, which Maven finds only in its local repository.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILT = ROOT / "target" / "languages"
REPORT = HERE.parent / "LANGUAGES.md"

SIZE = 256
"""Bytes of payload, where a browser's cookie has room for about 3000."""
ROUNDS = 51
SETTINGS = {
    "ttl": 1800,
    "tokens": 64,
    # Of processor time, in milliseconds.
    "turn": 5,
}

Command = list[str | Path]


def payload() -> str:
    """Text that does not repeat: some peers compress it."""
    blocks = (hashlib.sha256(str(number).encode()).digest() for number in range(SIZE // 32))
    return base64.urlsafe_b64encode(b"".join(blocks)).decode()[:SIZE]


def run(command: Command, folder: Path) -> None:
    # The report is all that goes to the standard output of a case.
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)


def javascript() -> Command:
    folder = BUILT / "javascript"  # as deep as the original: package.json says where Cretula is
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "cases.js"):
        shutil.copy(HERE / "javascript" / name, folder)
    run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], folder)
    return ["node", folder / "cases.js"]


def python() -> Command:
    venv = BUILT / "python"
    if not (venv / "bin" / "pip").exists():
        run([sys.executable, "-m", "venv", venv], HERE)
    pip: Command = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--requirement", "requirements.txt"], HERE / "python")
    return [venv / "bin" / "python", HERE / "python" / "cases.py"]


def go() -> Command:
    program = BUILT / "go"
    run(["go", "build", "-o", program, "."], HERE / "go")
    return [program]


def java() -> Command:
    maven: Command = ["mvn", "--quiet", "--batch-mode", "--file"]
    library = ROOT / "interop" / "java" / "pom.xml"
    run([*maven, library, "install", "-Dmaven.test.skip=true"], HERE)
    run([*maven, HERE / "java" / "pom.xml", "process-classes"], HERE)
    path = f"{BUILT / 'java' / 'classes'}:{BUILT / 'java' / 'lib'}/*"
    # -Xbatch: the compiler does its work in the warm-up, also on a busy machine.
    return ["java", "-Xbatch", "-cp", path, "Cases"]


LANGUAGES: dict[str, tuple[Callable[[], Command], int]] = {
    "JavaScript": (javascript, 300),
    "Python": (python, 20),
    "Go": (go, 20),
    "Java": (java, 800),
}
"""How each is installed, and the milliseconds that a case needs until its code is compiled."""

WORDS = f"""\
# Benchmarks of the other languages

<!-- Written by `python3 benches/languages/run.py`. -->

Cretula in each language beside what its users would pick instead, with {SIZE} bytes of payload.
Rust has [a report of its own](REPORT.md).

**÷: how many times as fast as Cretula.** A row with 2.00 takes half of Cretula's time, one with
0.50 takes twice as long. Cretula is the first row of each table. Compare the ratios within a
table, not times: those of two languages, or of two machines, have nothing to do with each other.

- All cases of a column were timed in turns in one process, after a warm-up, in an order that
  changes from round to round. A time is the median of {ROUNDS} rounds, in microseconds a call. The
  next call begins when the one before has its result.
- Times are the processor's: what else runs on the machine does not count, and what WebCrypto does
  in other threads does. In Java it is the time of the calling thread, without the collector.
- WebCrypto and the asynchronous calls of Node hand each step to another thread and wait for it.
  What that costs depends on the machine's load, so JavaScript's ratios move most between runs.
- *Seal*: text in, token out, for {SETTINGS["ttl"] // 60} minutes. *Unseal*: token in, text out;
  each of {SETTINGS["tokens"]} tokens in turn.
- *Read* and *change* are whole requests: from the raw Cookie field with three cookies to a user,
  a basket and a note of {SIZE} bytes, and to the Set-Cookie lines. *Read* writes none.
- *Encrypted*: only who has the key can read the payload. *Signed only*: everybody who sees the
  token can read it. Signing is less work, so compare encrypted with encrypted.
- In a request Cretula does what the peers leave to the application: it compares the user's
  session generation, and ends a session that was idle, or alive, for too long.
- Before a case is timed, its results are checked: what was sealed has to open, and what was
  changed has to be there in the next request. An altered token has to be refused.
"""


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def table(first: dict[str, Any], second: dict[str, Any]) -> str:
    """Two sections with the same cases, each as a column of times and one of ratios."""
    columns = [section["section"].capitalize() for section in (first, second)]
    head = "".join(f" {name}, µs | ÷ |" for name in columns)
    lines = [f"| | |{head}", f"|---|---|{'--:|--:|' * 2}"]
    for place, case in enumerate(first["cases"]):
        cells = [case["name"], case["kind"]]
        for section in (first, second):
            own = section["cases"][place]
            assert own["name"] == case["name"]
            times = own["microseconds"]
            ratio = section["cases"][0]["microseconds"] / times
            cells += [f"{times:.1f}", f"{ratio:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    quick = sys.argv[1:] == ["--quick"]
    if sys.argv[1:] and not quick:
        raise SystemExit(__doc__)
    # All is installed before anything is timed.
    commands = {name: (install(), warm_up) for name, (install, warm_up) in LANGUAGES.items()}
    report = f"{WORDS}\n- Processor: {processor()}\n"
    for name, (command, warm_up) in commands.items():
        rounds = {"rounds": 0 if quick else ROUNDS, "warm_up": warm_up}
        settings = {**SETTINGS, **rounds, "text": payload()}
        done = subprocess.run(
            [*command, json.dumps(settings)], check=True, stdout=subprocess.PIPE, text=True
        )
        measured = json.loads(done.stdout)
        print(f"{name}: {'checked' if quick else 'timed'}", file=sys.stderr)
        if quick:
            continue
        seal, unseal, read, change = measured["sections"]
        report += f"\n## {name}\n\n{measured['runtime']}. Peers: {', '.join(measured['peers'])}.\n"
        report += f"\n{table(seal, unseal)}\n\n{table(read, change)}\n"
    if not quick:
        REPORT.write_text(report)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"failed: {Path(str(error.cmd[0])).name}") from None
