"""The wheel, in clean environments of every supported Python and mitmproxy: does it install, watch and report there?

    uv run scripts/versions.py [--python 3.12 3.13 /opt/python3.14/bin/python] [--require 'mitmproxy>=12.1.2']

For each Python that is there, with the lowest and with the newest mitmproxy that its requirements allow: the built
wheel is installed, ``mitmdump -s "$(streamwatch path)"`` watches a stream of the demo's server, the record is read,
the capture is read again with ``mitmdump -nr``, and a report is made of both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import requests
from loopback import ROOT, Mitmdump, asgi, tool, wait_for
from servers import ANSWER, openai_like

PYTHONS = ("3.12", "3.13", "3.14")
RESOLUTIONS = ("lowest-direct", "highest")
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}
REQUIRED: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
SHOWN = ("mitmproxy", "rich", "h11", "brotli")


@dataclass(frozen=True)
class Outcome:
    """The result in one environment."""

    installed: str
    """Versions of Python and mitmproxy; empty if there is no such environment."""
    result: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="*", default=PYTHONS, help="versions, or paths")
    parser.add_argument("--require", nargs="*", default=[], help="further requirements: of what must not be older")
    args = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder, asgi(openai_like(0.02)) as server:
        wheel = build(Path(folder))
        print(f"| Python | requirements | {' · '.join(SHOWN)} | result |\n|---|---|---|---|")
        for python in args.python:
            for resolution in RESOLUTIONS:
                place = Path(folder, f"{Path(python).name}-{resolution}")
                outcome = attempt(place, [str(wheel), *REQUIRED, *args.require], python, resolution, server)
                print(f"| {python} | {resolution} | {outcome.installed} | {outcome.result} |", flush=True)
                failed += bool(outcome.installed) and outcome.result != "good"
    return 1 if failed else 0


def build(folder: Path) -> Path:
    run("uv", "build", "--wheel", "--out-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    return wheel


def attempt(folder: Path, required: list[str], python: str, resolution: str, server: str) -> Outcome:
    """Install the wheel and try it; what is missing here, or goes wrong, is in the outcome."""
    try:
        run("uv", "venv", "--python", python, "--no-python-downloads", str(folder))
    except subprocess.CalledProcessError:
        return Outcome("", "this Python is not here")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    try:
        run("uv", "pip", "install", "--python", str(folder), "--resolution", resolution, *required)
        installed = json.loads(run("uv", "pip", "list", "--python", str(folder), "--format", "json"))
        versions = {package["name"].lower(): package["version"] for package in installed}
        shown = " · ".join(versions[name] for name in SHOWN)
    except subprocess.CalledProcessError as error:
        reason = next((line for line in error.stderr.splitlines() if line.startswith("error")), "for no stated reason")
        return Outcome("none", f"does not install: {reason}")
    try:
        check(programs, folder, server)
    except (AssertionError, RuntimeError, TimeoutError, subprocess.SubprocessError) as error:
        return Outcome(shown, f"FAILED: {str(error).splitlines()[-1]} {getattr(error, 'stderr', '')}")
    return Outcome(shown, "good")


def check(programs: Path, folder: Path, server: str) -> None:
    """Watch a stream, live and from its capture, and make a report of both."""
    out, again, flows = folder / "out.jsonl", folder / "again.jsonl", folder / "flows.mitm"
    streamwatch, mitmdump = str(programs / "streamwatch"), str(programs / "mitmdump")
    script = Path(run(streamwatch, "path").strip())
    assert script.is_relative_to(folder), f"{script} is not that of the wheel"
    proxy = Mitmdump(
        f"reverse:{server}",
        script=script,
        options=[f"streamwatch_export={out}"],
        arguments=["-w", str(flows)],
        confdir=folder / "conf",
    )
    proxy.command[0] = mitmdump
    with proxy:
        with requests.post(f"{proxy.url}/v1/chat/completions", json=ASK, stream=True, timeout=30) as response:
            assert sum(1 for line in response.iter_lines() if line) > 20
        wait_for(lambda: out.exists() and out.read_text().endswith("\n"), "the record")
        assert "Traceback" not in proxy.output, proxy.output
    options = ["--set", f"confdir={folder / 'conf'}", "--set", f"streamwatch_export={again}"]
    output = run(mitmdump, "-nr", str(flows), "-s", str(script), *options)
    assert "Traceback" not in output, output
    live, offline = (json.loads(path.read_text()) for path in (out, again))
    assert live == offline, "live and offline differ"
    assert live["verdict"]["label"] == "streaming", live["verdict"]
    assert live["llm"]["text"].strip() == ANSWER.strip(), live["llm"]
    run(streamwatch, "report", str(out), str(flows), str(folder / "report.html"))


def run(*command: str) -> str:
    """Run a command in an environment free of our own variables, and return its output.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    program, *arguments = command
    found = [tool(program), *arguments] if program == "uv" else command
    done = subprocess.run(found, check=True, capture_output=True, text=True, env=environment, timeout=300)
    return done.stdout


_OURS = {"VIRTUAL_ENV", "PYTHONPATH", "UV_RUN_RECURSION_DEPTH"}


if __name__ == "__main__":
    sys.exit(main())
