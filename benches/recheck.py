"""What `recheck` saves, and what it costs: look-ups of a day, against the delay of a revocation.

`python3 benches/recheck.py` writes `benches/RECHECK.md`, `benches/charts/recheck.svg` and the plot
in `guides/revocation.md`: the same at each run. It simulates §19.5 and §21.3 of the specification
for a day of one million requests.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

HERE = Path(__file__).resolve().parent
REQUESTS = 1_000_000
IDLE, PROOF, FIRST, AHEAD = 1800, 600, 60, 120
"""Seconds: the idle life, the life of a proof and of the first one, and how long before its end a
browser refreshes."""
POLICIES = (0, 60, 300, 600, 1800)
BEGIN, END = "<!-- benches/recheck.py -->", "<!-- end -->"
"""Around the plot in the guide."""
REVOKED = 0.02
"""Of the sessions, those whose user is revoked somewhere in the middle."""


def visits() -> list[list[float]]:
    """The times of the requests of each session, in seconds of the day.

    A session begins at a time of the day; most begin in the evening. A page comes after a pause,
    half of them within 35 seconds and some after an hour; it is one request, and up to eight more
    a moment later. A pause longer than the idle life ends the session.
    """
    draw = random.Random(20261127)
    sessions, count = [], 0
    while count < REQUESTS:
        hour = draw.triangular(6, 26, 20) % 24
        now, times = hour * 3600 + draw.random() * 3600, []
        for _ in range(1 + int(draw.expovariate(1 / 12))):
            times.append(now)
            times += sorted(now + 0.3 + draw.random() for _ in range(draw.randrange(9)))
            pause = draw.lognormvariate(3.55, 1.4)
            if pause >= IDLE:
                break
            now += pause + 1.5
        sessions.append(times)
        count += len(times)
    return sessions


@dataclass
class Day:
    """What a policy made of the day."""

    requests: int = 0
    lookups: int = 0
    written: int = 0
    refreshes: int = 0
    delays: tuple[float, ...] = ()


def day(sessions: list[list[float]], recheck: int, bound: bool) -> Day:
    """Lets the sessions pass under a policy."""
    result, delays = Day(), []
    draw = random.Random(1)
    for times in sessions:
        revoked = None
        if draw.random() < REVOKED:
            revoked = times[0] + draw.random() * (times[-1] - times[0])
        start = times[0]
        issued, checked, proof = start, start, start if bound else -PROOF
        over, last_taken = start + FIRST, start
        for now in times:
            result.requests += 1
            is_revoked = revoked is not None and now > revoked
            if bound and now > start and now >= over - AHEAD:
                # The browser proves its key before it sends the request; the check is asked there.
                result.refreshes += 1
                result.lookups += 1
                if is_revoked:
                    break
                proof, over = now, now + PROOF
            write = now - issued >= IDLE / 2
            trusted = max(checked, proof) if bound else checked
            if recheck == 0 or now >= trusted + recheck:
                result.lookups += 1
                if is_revoked:
                    break
                if recheck:
                    checked, write = now, True
            if write:
                result.written += 1
                issued = now
            last_taken = now
        if revoked is not None:
            delays.append(max(0.0, last_taken - revoked))
    result.delays = tuple(sorted(delays))
    return result


def label(recheck: int) -> str:
    return f"{recheck} s" if recheck else "0"


def chart(rows: list[tuple[int, bool, Day]]) -> str:
    """Look-ups for a thousand requests by `recheck`, two bars each."""
    width, height, left, top, bar = 640, 300, 60, 30, 36
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{left}" y="18">Look-ups for 1 000 requests, by recheck</text>',
    ]
    greatest = max(result.lookups / result.requests for _, _, result in rows)
    floor, scale = height - 40, (height - 40 - top - 20) / greatest
    for at, recheck in enumerate(POLICIES):
        x = left + 20 + at * 110
        for step, (is_bound, colour) in enumerate(((False, "#4878a8"), (True, "#e08214"))):
            (found,) = (row[2] for row in rows if row[:2] == (recheck, is_bound))
            share = found.lookups / found.requests
            size, place = share * scale, x + step * (bar + 4)
            parts.append(
                f'<rect x="{place}" y="{floor - size:.1f}" width="{bar}" height="{size:.1f}" '
                f'fill="{colour}"/>'
                f'<text x="{place + bar / 2}" y="{floor - size - 4:.1f}" text-anchor="middle">'
                f"{share * 1000:.0f}</text>"
            )
        parts.append(
            f'<text x="{x + bar}" y="{floor + 16}" text-anchor="middle">{label(recheck)}</text>'
        )
    for at, (words, colour) in enumerate((("unbound", "#4878a8"), ("bound", "#e08214"))):
        x = width - 170 + at * 85
        parts.append(
            f'<rect x="{x}" y="8" width="12" height="12" fill="{colour}"/>'
            f'<text x="{x + 16}" y="18">{words}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def columns(value: float, most: float) -> str:
    """Up to 24 columns, and the value."""
    return f"{'█' * round(24 * value / most)} {value:.0f}".strip().ljust(30)


def plot(rows: list[tuple[int, bool, Day]]) -> str:
    """The same in a guide, as text."""
    head = f"{'recheck':<24}{'look-ups of 1 000':<30}{'delay in seconds: mean':<30}longest"
    lines = [head]
    for recheck, bound, a_day in rows:
        if recheck == 1800 or (bound and recheck != PROOF):
            continue
        name = label(recheck) + (", device binding" if bound else "")
        per_thousand = a_day.lookups * 1000 / a_day.requests
        figures = (per_thousand, 1000), (mean(a_day.delays), 600), (a_day.delays[-1], 600)
        bars = [columns(value, most) for value, most in figures]
        lines.append((f"{name:<24}" + "".join(bars)).rstrip())
    return "```text\n" + "\n".join(lines) + "\n```"


def main() -> None:
    sessions = visits()
    rows = [
        (recheck, bound, day(sessions, recheck, bound))
        for bound in (False, True)
        for recheck in POLICIES
    ]
    requests = sum(map(len, sessions))
    lines = [
        "# Recheck: look-ups saved, and the delay of a revocation",
        "",
        "Written by `python3 benches/recheck.py`, a simulation; the same at each run. The rules",
        "are those of §19.5 and §21.3 of the specification.",
        "",
        f"A day of {requests:,} requests in {len(sessions):,} sessions of signed-on users.".replace(
            ",", " "
        ),
        f"Idle life {IDLE} s, proofs of {PROOF} s, the first of {FIRST} s, which browsers refresh",
        f"{AHEAD} s ahead. The user of {REVOKED:.0%} of the sessions is revoked somewhere in the",
        "middle. The delay is the time from there to the last request that was still taken; 0 if",
        "there was none.",
        "",
        "![Look-ups for 1 000 requests](charts/recheck.svg)",
        "",
        "| recheck | device binding | look-ups for 1 000 requests | session cookies written |"
        " refreshes | delay: mean | 95 % | longest |",
        "|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for recheck, bound, result in rows:
        per = 1000 / result.requests
        delays = result.delays
        lines.append(
            f"| {label(recheck)} | {'yes' if bound else 'no'} | {result.lookups * per:.0f} |"
            f" {result.written * per:.0f} | {result.refreshes * per:.0f} | {mean(delays):.0f} s |"
            f" {delays[int(len(delays) * 0.95)]:.0f} s | {delays[-1]:.0f} s |"
        )
    lines += ["", "Look-ups, cookies and refreshes are for 1 000 requests of the application.", ""]
    (HERE / "RECHECK.md").write_text("\n".join(lines), encoding="utf-8")
    (HERE / "charts" / "recheck.svg").write_text(chart(rows), encoding="utf-8")
    guide = HERE.parent / "guides" / "revocation.md"
    before, _, rest = guide.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    guide.write_text(f"{before}{BEGIN}\n{plot(rows)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
