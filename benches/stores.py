"""What a session costs a request: sealed into a cookie, or looked up on the same machine.

`python3 benches/stores.py` writes `benches/STORES.md`. It needs `redis-server` with
`redis-benchmark`, `postgres` with `initdb` and `pgbench`, and the report: `cargo build --release
--manifest-path benches/Cargo.toml`. The servers are its own: they listen on 127.0.0.1 and live in a
temporary folder.
"""

from __future__ import annotations

import csv
import glob
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
REPORT = HERE / "target" / "release" / "report"
ROUNDS = 7
SIZE = 700
"""Octets of a row: those of the cookie of the report's session with a note of 256 bytes."""
ROWS = 100_000
# initdb and postgres refuse to run as root.
NOT_ROOT: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}


def program(name: str) -> str:
    """The path of a program; Debian keeps PostgreSQL's out of PATH."""
    found = shutil.which(name) or max(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), default="")
    if not found:
        raise SystemExit(f"{name} is not installed")
    return found


def run(*command: str | Path, **options: Any) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, **options)
    return done.stdout


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def cretula(call: str) -> float:
    """Microseconds of one call, by the difference of two runs: how they begin does not count."""

    def seconds(calls: int) -> float:
        begun = time.perf_counter()
        run(REPORT, "count", call, "Cretula", str(calls))
        return time.perf_counter() - begun

    return (seconds(200_000) - seconds(100_000)) * 10


def redis(port: int, command: str) -> float:
    """Microseconds of one command, by one client that waits for each answer."""
    text = run(
        program("redis-benchmark"),
        *("-h", "127.0.0.1", "-p", str(port), "-c", "1", "-n", "20000"),
        *("-d", str(SIZE), "-t", command, "--csv"),
    )
    row = next(csv.DictReader(text.splitlines()))
    return 1_000_000 / float(row["rps"])


def postgres(port: int, script: Path) -> float:
    """Microseconds of one prepared statement, by one client that waits for each answer."""
    options = ("-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-n", "-M", "prepared")
    text = run(program("pgbench"), *options, "-t", "5000", "-f", script, "postgres")
    latency = re.search(r"latency average = ([0-9.]+) ms", text)
    if latency is None:
        raise SystemExit(f"pgbench says nothing of latency:\n{text}")
    return float(latency[1]) * 1000


def measure(folder: Path) -> dict[str, float]:
    redis_port, postgres_port = free_port(), free_port()
    data = folder / "data"
    servers = [
        subprocess.Popen(
            [program("redis-server"), *f"--port {redis_port} --bind 127.0.0.1 --save".split(), ""],
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
    ]
    try:
        initdb = [program("initdb"), "--auth=trust", "--username=postgres", "--pgdata", data]
        run(*initdb, cwd=folder, **NOT_ROOT)
        command = [program("postgres"), "-D", str(data), "-p", str(postgres_port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
        servers.append(subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, **NOT_ROOT))
        wait_for(redis_port)
        wait_for(postgres_port)
        at = f"postgresql://postgres@127.0.0.1:{postgres_port}/postgres"
        run(
            program("psql"),
            at,
            "-c",
            "CREATE TABLE session (id integer PRIMARY KEY, data text);"
            f"INSERT INTO session SELECT n, repeat('x', {SIZE}) FROM generate_series(1, {ROWS}) n",
        )
        chosen = f"\\set id random(1, {ROWS})\n"
        read, write = folder / "read.sql", folder / "write.sql"
        read.write_text(f"{chosen}SELECT data FROM session WHERE id = :id;\n")
        write.write_text(f"{chosen}UPDATE session SET data = reverse(data) WHERE id = :id;\n")
        cases: dict[str, Callable[[], float]] = {
            "Cretula, a request that only reads": lambda: cretula("a request that only reads"),
            "Cretula, a request with a change": lambda: cretula("a request with a change"),
            "Redis, GET": lambda: redis(redis_port, "get"),
            "Redis, SET": lambda: redis(redis_port, "set"),
            "PostgreSQL, SELECT by primary key": lambda: postgres(postgres_port, read),
            "PostgreSQL, UPDATE by primary key": lambda: postgres(postgres_port, write),
        }
        redis(redis_port, "set")  # what GET finds
        rounds = [{name: case() for name, case in cases.items()} for _ in range(ROUNDS)]
    finally:
        for server in servers:
            server.terminate()
            server.wait()
    return {name: median(each[name] for each in rounds) for name in cases}


def page(times: dict[str, float]) -> str:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    redis_version = run(program("redis-server"), "--version").split("v=")[1].split()[0]
    postgres_version = run(program("postgres"), "--version").split()[2]
    least = min(times.values())
    rows = "\n".join(
        f"| {name} | {microseconds:.1f} | {microseconds / least:.0f} |"
        for name, microseconds in times.items()
    )
    return f"""# A sealed session beside a look-up

<!-- Written by `python3 benches/stores.py`. -->

A session in a cookie costs the processor of the server that has the request, and nothing else. A
session in a store costs a round trip. The shortest one there is goes to a server on the same
machine, with nothing else to do:

| | µs | times the first |
|---|--:|--:|
{rows}

- Cretula, in Rust: from the raw Cookie field to the application's type, with a note of 256 bytes,
  and to what the response carries: what [the report](REPORT.md) times.
- Redis and PostgreSQL: one client over 127.0.0.1 that waits for each answer, {SIZE} octets a value,
  {ROWS:,} rows for PostgreSQL, prepared statements. Redis writes nothing to a disk. PostgreSQL
  does, as it does without settings.
- Medians of {ROUNDS} rounds, in turns. Processor: {cpu[1] if cpu else "unknown"}. Redis
  {redis_version}, PostgreSQL {postgres_version}.

In a data centre a round trip takes longer than on one machine, and the store can be down when the
server is up. Not counted: the user's session generation, which most servers find in a row that they
read anyway. What the cookie costs instead: its octets go over the network with each request, it
holds at most about 3000 bytes, and to end one session before its time you need [a list or a number
to look up](../guides/revocation.md).
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if NOT_ROOT:
            shutil.chown(folder, "postgres")
        times = measure(folder)
    (HERE / "STORES.md").write_text(page(times).replace(f"{ROWS:,}", f"{ROWS:,}".replace(",", " ")))


main()
