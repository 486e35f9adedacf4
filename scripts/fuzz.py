"""Look for bytes that break a promise: coverage-guided fuzzing, each target in turn and in a process of its own.

    uv run --group fuzz scripts/fuzz.py [--minutes N] [--keep FOLDER] [TARGET ...]
    uv run --group fuzz scripts/fuzz.py --again FILE TARGET

The minutes (10 by default) are shared by the targets; without names, all of `fuzz_targets.TARGETS`.  FOLDER keeps the
corpus of each target for the next run.  An input that breaks a promise is written beside it, its traceback is shown,
and the exit code is 1; `--again` runs such an input again.  https://github.com/google/atheris
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["streamwatchlib"]):
    from fuzz_seeds import WORDS
    from fuzz_targets import TARGETS, Target

LONGEST = 4096
"""Bytes of an input at most: what needs more to break is left to the tests."""
SIGNS = ("data: ", "event: ", "\n\n", "\r\n", "[DONE]", "\x1e", "\ufeff", "--B", "--B--\r\n", "%ff", "\\ud83d", "sk-")
_RUNS = re.compile(rb"stat::number_of_executed_units: (\d+)")
_ENDED = re.compile(rb"^==\d+== ERROR: .*|^SUMMARY: .*|Test unit written to .*", re.MULTILINE)
_SHARE_SPOILT = 0.6


# --- in the process of a target -----------------------------------------------------------------------------


def fuzz(target: Target, arguments: Sequence[str]) -> None:
    """Fuzz until the time is over or a promise broken.  Does not return: the fuzzer ends the process."""

    def change(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        changed = target.mutate(data, rng) if target.mutate and rng.random() < _SHARE_SPOILT else None
        return changed if changed and len(changed) <= most else atheris.Mutate(data, most)

    atheris.Setup([sys.argv[0], *arguments], target.check, custom_mutator=change)
    atheris.Fuzz()


# --- in the process that starts them ------------------------------------------------------------------------


def run(name: str, seconds: int, folder: Path) -> bool:
    """Fuzz one target and print the result.  True if every promise held."""
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in (*SIGNS, *WORDS)))
    limits = ["-timeout=30", "-rss_limit_mb=2048", f"-max_len={LONGEST}", f"-max_total_time={seconds}"]
    command = [sys.executable, __file__, "--inside", name, *limits, f"-dict={words}", "-print_final_stats=1"]
    began = time.monotonic()
    done = subprocess.run([*command, f"-artifact_prefix={folder}/{name}-", str(corpus)], capture_output=True)
    runs = _RUNS.search(done.stderr)
    took = time.monotonic() - began
    print(f"{name}: {int(runs[1]) if runs else 'unknown'} executions in {took:.0f} s", flush=True)
    if done.returncode:
        print(b"\n".join([done.stdout, *_ENDED.findall(done.stderr)]).decode(errors="replace"), flush=True)
    return done.returncode == 0


def _escaped(word: str) -> str:
    """A word as libFuzzer's dictionaries spell it."""
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--inside"]:
        fuzz(TARGETS[arguments[1]], arguments[2:])
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--again", type=Path, metavar="FILE", help="check one input, without the fuzzer")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    options = parser.parse_args(arguments)
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if options.again:
        for name in options.targets:
            TARGETS[name].check(options.again.read_bytes())
        return 0
    names = options.targets or list(TARGETS)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="streamwatch-fuzz-"))
    print(f"in {os.fspath(folder)}")
    held = [run(name, int(options.minutes * 60 / len(names)), folder) for name in names]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
