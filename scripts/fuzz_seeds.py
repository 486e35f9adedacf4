"""The seeds of fuzzing, and mutations of JSON that leave it JSON.

Seeds are the responses that the tests of the dialects make up, in every framing, after a few bytes that choose how
they are read (`Choices`).  Nothing here was recorded.
"""

from __future__ import annotations

import ast
import json
import random
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.llm import replies  # noqa: E402 - they are found by the path above
from tests.llm.replies import Said, Spoken  # noqa: E402 - they are found by the path above
from tests.wire.framing import aws_event  # noqa: E402 - they are found by the path above

SAYINGS = (
    Said(["Hel", "lo ", "世界"]),
    Said(["a", "b"], ["hm", "m"]),
    Said((), (), [("f", ['{"x":', "1}"])]),
    Said(["\ud83d", "\ude00"], ["t"], [("f", ["{}"]), ("g", ['{"a":[1,2]}'])]),
    Said(),
)
type Named = Sequence[tuple[str, object]]


class Choices:
    """Bytes as choices among options, one byte each, and a rest."""

    def __init__(self, data: bytes) -> None:
        self._data, self._taken = data, 0

    def of[Option](self, options: Sequence[Option]) -> Option:
        byte = self._data[self._taken] if self._taken < len(self._data) else 0
        self._taken += 1
        return options[byte % len(options)]

    @property
    def rest(self) -> bytes:
        return self._data[self._taken :]


# --- answers ------------------------------------------------------------------------------------------------


def spoken() -> Iterator[Spoken]:
    """Every one of `SAYINGS` in every dialect."""
    return (speak(said) for speak in replies.DIALECTS for said in SAYINGS)


def named(stream: Sequence[object]) -> Named:
    """The payloads of a stream, each with the name of its event."""
    return [payload if isinstance(payload, tuple) else ("message", payload) for payload in stream]


def as_text(payload: object) -> str:
    return payload if isinstance(payload, str) else json.dumps(payload)


FRAMED: Mapping[str, Callable[[Named], bytes]] = {
    "sse": lambda stream: "".join(f"event: {n}\ndata: {as_text(p)}\n\n" for n, p in stream).encode(),
    "ndjson": lambda stream: "".join(f"{as_text(p)}\n" for _, p in stream).encode(),
    "json-seq": lambda stream: "".join(f"\x1e{as_text(p)}\n" for _, p in stream).encode(),
    "tagged-json": lambda stream: "".join(f"{n[:1]}:{as_text(p)}\n" for n, p in stream).encode(),
    "json-array": lambda stream: f"[{',\n'.join(as_text(p) for _, p in stream)}]".encode(),
    "aws-eventstream": lambda stream: b"".join(aws_event(n, as_text(p)) for n, p in stream),
}
"""The bytes of a stream in each framing."""


def words(*folders: Path) -> list[str]:
    """Every word that the sources in these folders look for."""
    return sorted(
        {
            node.value
            for folder in folders
            for source in folder.glob("*.py")
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 40
        }
    )


WORDS = words(ROOT / "addons" / "streamwatchlib" / "llm", ROOT / "addons" / "streamwatchlib" / "wire")

# --- spoiling -----------------------------------------------------------------------------------------------

_SCALARS: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, 1e308, 10**30, -(10**20), float("inf"), float("nan")),
    *("", "a", "null", "stop", "[DONE]", "\ud83d", "\ude00", "\0", "2025-10-26T17:15:24Z"),
)
_TRIES = 8


def spoil_json(data: bytes, rng: random.Random) -> bytes | None:
    """Change something inside one of the JSON values that the bytes hold; None if they hold none."""
    text = data.decode("utf-8", "surrogateescape")
    starts = [at for at, character in enumerate(text) if character in "{["]
    for start in rng.sample(starts, min(_TRIES, len(starts))):
        try:
            value, end = json.JSONDecoder().raw_decode(text, start)
            spoilt = json.dumps(_spoilt(value, rng))
        except (ValueError, RecursionError):
            continue
        return (text[:start] + spoilt + text[end:]).encode("utf-8", "surrogateescape")
    return None


def _spoilt(value: Any, rng: random.Random) -> Any:
    if not isinstance(value, dict | list) or not value or rng.random() < 0.1:
        return _anything(value, rng)
    key = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
    dice = rng.random()
    if dice < 0.6:
        value[key] = _spoilt(value[key], rng)
    elif dice < 0.7:
        del value[key]
    elif isinstance(value, dict):
        value[rng.choice(WORDS)] = value[key] if dice < 0.85 else _anything(value[key], rng)
    else:
        value.insert(key, _anything(value[key], rng) if dice < 0.85 else value[key])
    return value


def _anything(value: Any, rng: random.Random) -> Any:
    """Something in place of `value`: any scalar, a word that the code looks for, or `value` wrapped, perhaps deeply."""
    dice = rng.random()
    if dice < 0.5:
        return rng.choice(_SCALARS)
    if dice < 0.8:
        return rng.choice(WORDS)
    if dice < 0.99:
        return [value] if dice < 0.9 else {rng.choice(WORDS): value}
    for _ in range(500):
        value = [value]
    return value


def mend_checksums(data: bytes) -> bytes:
    """Correct the checksums of the messages of an AWS event stream, up to one whose lengths are wrong."""
    out, at = bytearray(data), 0
    while at + 16 <= len(out):
        size = int.from_bytes(out[at : at + 4])
        if not 16 <= size <= len(out) - at:
            break
        out[at + 8 : at + 12] = struct.pack(">I", zlib.crc32(out[at : at + 8]))
        out[at + size - 4 : at + size] = struct.pack(">I", zlib.crc32(out[at : at + size - 4]))
        at += size
    return bytes(out)
