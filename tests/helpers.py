"""Helpers for every room's tests: hostile ways to feed bytes, and the recorded corpus."""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Iterator
from pathlib import Path

import corpus_report
import pytest
from corpus_report import Place, Recording

_CORPUS = Path(os.environ.get("STREAMWATCH_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus")


def corpus(*parts: str) -> Path:
    """A path in the recorded corpus; skips the test, saying so, where it is absent."""
    path = _CORPUS.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the recorded corpus: no {path} (set STREAMWATCH_CORPUS)", allow_module_level=True)
    return path


@functools.cache
def recordings() -> list[tuple[Place, Recording]]:
    """Every recorded exchange with its place; read once, since it takes half a second, so leave them as they are."""
    return list(corpus_report.recordings(corpus("llm").parent))


def recorded_files() -> list[str]:
    """The names of the files in which they are."""
    return sorted(path.name for path in corpus("llm").glob("*.jsonl"))


def feedings(data: bytes, seed: int = 0) -> Iterator[list[bytes]]:
    """The same bytes whole, one by one, split in two at every place (at 300 places of a long one), and at random."""
    yield [data]
    yield [data[i : i + 1] for i in range(len(data))]
    step = max(1, len(data) // 300)
    for i in range(1, len(data), step):
        yield [data[:i], data[i:]]
    rng = random.Random(seed)
    for _ in range(5):
        yield pieces(data, rng)


def pieces(data: bytes, rng: random.Random, most: int = 64) -> list[bytes]:
    """The same bytes in random pieces of 1 to `most` bytes."""
    out, i = [], 0
    while i < len(data):
        n = rng.randint(1, most)
        out.append(data[i : i + n])
        i += n
    return out
