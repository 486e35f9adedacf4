"""Drive every pattern over every path, and compare streamwatch's verdicts with the truth."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from loopback import Mitmdump, wait_for
from streamwatchlib.model import HELD_BACK

from . import programs
from .paths import TOPOLOGIES, Topology
from .patterns import PATTERNS, QUICK, Pattern

NOTICEABLE = 0.150
"""Seconds of mean hold that must be found."""
HARMLESS = 0.040
"""Seconds below which nothing was held."""
ENOUGH = 16
"""Content events of a channel from which on its mean hold counts."""
TOGETHER = 4
"""Streams at a time: more would make the proxy late on two cores."""
HASTY = 500
"""Tokens per second from which on a stream gets the machine to itself."""


@dataclass(frozen=True)
class Outcome:
    """One stream: the truth and the verdict."""

    path: Topology
    pattern: Pattern
    record: dict[str, Any]

    @property
    def verdict(self) -> dict[str, Any]:
        verdict: dict[str, Any] = self.record["verdict"]
        return verdict

    @property
    def held(self) -> bool:
        return self.verdict["label"] in HELD_BACK

    @property
    def hold(self) -> float:
        """Seconds by which the average content event was later than the least delayed one, in the worst channel."""
        started = datetime.fromisoformat(self.record["started_at"]).timestamp()
        late: dict[str, list[float]] = {}
        for event in self.record["events"]:
            data = json.loads(event["data"]) if event["content"] else {}
            if "x_sent" in data:
                channel = next(iter(data["choices"][0]["delta"]), "")
                late.setdefault(channel, []).append(started + event["t"] - float(data["x_sent"]))
        least = min((value for values in late.values() for value in values), default=0.0)
        return max((sum(v) / len(v) - least for v in late.values() if len(v) >= ENOUGH), default=0.0)

    @property
    def suspect(self) -> str:
        suspects = self.verdict["suspects"]
        return f"{suspects[0]['confidence']}: {suspects[0]['cause'].split(':')[0]}" if suspects else ""

    @property
    def right(self) -> bool:
        suspects = self.verdict["suspects"]
        return bool(suspects) and any(word in suspects[0]["cause"] for word in self.path.suspects)

    @property
    def faults(self) -> list[str]:
        """What streamwatch got wrong."""
        found = []
        if self.held and (not self.path.suspects or self.hold < HARMLESS):
            found.append("accused a path that held nothing")
        if self.path.suspects and self.hold >= NOTICEABLE and self.verdict["label"] == "streaming":
            found.append("missed a hold")
        if self.held and self.path.suspects and not self.right:
            found.append("wrong suspect first")
        if self.path.suspects and any(
            suspect["confidence"] in ("certain", "high")
            and not any(word in suspect["cause"] for word in self.path.suspects)
            for suspect in self.verdict["suspects"]
        ):
            found.append("wrong suspect with high confidence")
        return found


def run(paths: Sequence[Topology], patterns: Sequence[Pattern]) -> tuple[list[Outcome], dict[str, str]]:
    """Run every pattern over every path; return the outcomes, and the paths that are missing with the reason."""
    missing: dict[str, str] = {}
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        ready = list(_started(paths, stack, missing))
        export = Path(folder) / "lab.jsonl"
        options = [f"streamwatch_export={export}", "ssl_insecure=true", f"confdir={folder}"]
        watched = stack.enter_context(Mitmdump(*(f"reverse:{url}" for _, url in ready), options=options))
        jobs = [
            (url, path, pattern) for (path, _), url in zip(ready, watched.urls, strict=True) for pattern in patterns
        ]
        asyncio.run(_drive(jobs))
        wait_for(lambda: export.exists() and export.read_text().count("\n") >= len(jobs), "the records", 30)
        records = [json.loads(line) for line in export.read_text().splitlines()]
    return list(_outcomes(records, paths, patterns)), missing


def _started(
    paths: Iterable[Topology], stack: contextlib.ExitStack, missing: dict[str, str]
) -> Iterator[tuple[Topology, str]]:
    for path in paths:
        try:
            yield path, stack.enter_context(path.start())
        except programs.Missing as reason:
            missing[path.name] = str(reason)


async def _drive(jobs: Sequence[tuple[str, Topology, Pattern]]) -> None:
    """Send slow streams `TOGETHER` at a time, and hasty ones one after the other."""
    places = asyncio.Semaphore(TOGETHER)
    async with httpx.AsyncClient(timeout=120, trust_env=False, limits=httpx.Limits(max_connections=None)) as client:

        async def place(job: tuple[str, Topology, Pattern]) -> None:
            async with places:
                await _ask(client, *job)

        await asyncio.gather(*(place(job) for job in jobs if job[2].rate < HASTY))
        for job in jobs:
            if job[2].rate >= HASTY:
                await _ask(client, *job)


async def _ask(client: httpx.AsyncClient, url: str, path: Topology, pattern: Pattern) -> None:
    asked = {"model": "lab", "stream": True, "messages": [], "user": [path.name, pattern.name]}
    body, headers = asked | {"schedule": pattern.schedule()}, {"accept-encoding": path.accept or "identity"}
    async with client.stream("POST", f"{url}/v1/chat/completions", json=body, headers=headers) as response:
        async for _ in response.aiter_raw():
            pass


def _outcomes(
    records: Iterable[dict[str, Any]], paths: Sequence[Topology], patterns: Sequence[Pattern]
) -> Iterator[Outcome]:
    by_path, by_pattern = {path.name: path for path in paths}, {pattern.name: pattern for pattern in patterns}
    for record in records:
        path, pattern = json.loads(record["request"]["body"]["content"])["user"]
        yield Outcome(by_path[path], by_pattern[pattern], record)


# --- what is printed ------------------------------------------------------------------------------------------


COLUMNS = ("path", "truth", "verdicts", "held at most", "right suspect first")


def report(outcomes: Sequence[Outcome], missing: dict[str, str], paths: Sequence[Topology], markdown: bool) -> int:
    """Print the matrix; return 1 if any verdict is wrong."""
    rows = [row([outcome for outcome in outcomes if outcome.path is path], missing, path) for path in paths]
    print(table(COLUMNS, rows, markdown), end="\n\n")
    for name, of in _totals(outcomes):
        print(f"{'- ' if markdown else ''}{name}: {of}")
    wrong = [outcome for outcome in outcomes if outcome.faults]
    for outcome in sorted(wrong, key=lambda o: o.path.name):
        print(
            f"  {outcome.path.name} / {outcome.pattern.name}: {', '.join(outcome.faults)}: {outcome.verdict['label']}, "
            f"true mean hold {outcome.hold * 1e3:.0f} ms, {outcome.suspect}\n      {outcome.verdict['measures']}"
        )
    return bool(wrong)


def row(mine: Sequence[Outcome], missing: dict[str, str], path: Topology) -> tuple[str, ...]:
    """The row of one path: the truth and the verdicts."""
    labels = Counter(outcome.verdict["label"] for outcome in mine)
    verdicts = ", ".join(f"{label} {n}" for label, n in labels.most_common()) or f"skipped: {missing.get(path.name)}"
    held = [outcome for outcome in mine if outcome.held]
    longest = f"{max(outcome.hold for outcome in mine) * 1e3:.0f} ms" if mine else ""
    right = f"{sum(outcome.right for outcome in held)} of {len(held)}" if held and path.suspects else ""
    return path.name, "may hold" if path.suspects else "flows", verdicts, longest, right


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool) -> str:
    if markdown:
        return "\n".join(f"| {' | '.join(cells)} |" for cells in [columns, ["---"] * len(columns), *rows])
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = ("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in [columns, *rows])
    return "\n".join(lines)


def _totals(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str]]:
    flows = [outcome for outcome in outcomes if not outcome.path.suspects or outcome.hold < HARMLESS]
    bad = [o for o in outcomes if o.path.suspects and o.hold >= NOTICEABLE]
    accused = [o for o in outcomes if o.held]
    spread = ", ".join(f"{label} {n}" for label, n in Counter(o.verdict["label"] for o in bad).most_common())
    yield "streams", str(len(outcomes))
    yield "nothing held and accused", f"{sum(o.held for o in flows)} of {len(flows)}"
    found = sum(o.held for o in bad)
    yield f"held {NOTICEABLE * 1e3:.0f} ms and more and said so", f"{found} of {len(bad)} ({spread})"
    yield "right suspect first", f"{sum(o.right for o in accused)} of {len(accused)} accused"
    wrong = sum("wrong suspect with high confidence" in o.faults for o in outcomes)
    yield "wrong suspect with high confidence", str(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/lab", description="Real hops, known truth, streamwatch's verdicts.")
    parser.add_argument("--quick", action="store_true", help="the part that runs in under two minutes")
    parser.add_argument("--path", default="", help="only paths whose name contains this")
    parser.add_argument("--pattern", default="", help="only patterns whose name contains this")
    parser.add_argument("--keep", type=Path, help="keep the records in this .jsonl")
    parser.add_argument("--markdown", action="store_true", help="print the matrix as Markdown")
    parser.add_argument("--no-install", action="store_true", help="skip what is not installed")
    args = parser.parse_args()
    programs.INSTALL = not args.no_install
    paths, patterns = chosen(args.quick, args.path, args.pattern)
    if not paths or not patterns:
        parser.error("no path, or no pattern, has that in its name")
    outcomes, missing = run(paths, patterns)
    if args.keep:
        args.keep.write_text("".join(json.dumps(outcome.record) + "\n" for outcome in outcomes))
    return report(outcomes, missing, paths, args.markdown)


def chosen(quick: bool, path: str = "", pattern: str = "") -> tuple[list[Topology], list[Pattern]]:
    paths = [p for p in TOPOLOGIES if path.lower() in p.name.lower() and (p.quick or not quick)]
    patterns = [p for p in PATTERNS if pattern.lower() in p.name.lower() and (p.name in QUICK or not quick)]
    return paths, patterns
