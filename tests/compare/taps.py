"""Records of one request as two taps see it, made by the observer from bytes and times."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from streamwatchlib.model import Headers, Limits, Outcome, Record, RequestHead, ResponseHead
from streamwatchlib.observer import Observer

START = 1_760_000_000.0
PATH = "/v1/chat/completions"

type Piece = tuple[float, bytes]
"""When it came, seconds after the request's head, and what."""


def events(words: Sequence[str], id: str = "chatcmpl-1") -> list[bytes]:
    """Each word as an SSE event of an OpenAI-like stream."""
    chunks = [
        {"id": id, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": word}}]}
        for word in words
    ]
    return [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks] + [b"data: [DONE]\n\n"]


def paced(
    n: int = 40, gap: float = 0.05, first: float = 0.2, id: str = "chatcmpl-1", word: str = "word"
) -> list[Piece]:
    """A stream of `n` events, a gap between each two."""
    return [(first + i * gap, event) for i, event in enumerate(events([f"{word} {i} " for i in range(n)], id))]


def whole(pieces: Sequence[Piece], block: int | None = None) -> list[Piece]:
    """What a hop makes of it that gathers `block` bytes, or all, before it passes them on."""
    out: list[Piece] = []
    held = b""
    for t, data in pieces:
        held += data
        while block and len(held) >= block:
            out.append((t, held[:block]))
            held = held[block:]
    return [*out, (pieces[-1][0], held)] if held else out


def later(pieces: Sequence[Piece], seconds: float) -> list[Piece]:
    return [(t + seconds, data) for t, data in pieces]


@dataclass(frozen=True)
class Tap:
    """One side.  `at` is the clock there when the request's head had been read."""

    id: str
    at: float
    pieces: Sequence[Piece]
    url: str = "http://model:9000" + PATH
    asked: object = field(default_factory=lambda: {"model": "m", "stream": True, "messages": ["hello"]})
    headers: Headers = (("content-type", "application/json"),)
    response_headers: Headers = (("content-type", "text/event-stream"),)
    status: int = 200
    outcome: Outcome = "complete"
    request_end: float = 0.001
    head: float | None = None
    """None: with the first piece."""
    keep_text: bool = True
    http_version: str = "HTTP/1.1"

    def record(self) -> Record:
        opening = RequestHead(self.id, self.at, "POST", self.url, self.http_version, self.headers)
        observer = Observer(opening, Limits(), keep_text=self.keep_text)
        observer.end_request(
            self.asked if isinstance(self.asked, bytes) else json.dumps(self.asked).encode(), self.request_end
        )
        first = self.pieces[0][0] if self.pieces else None
        observer.response_head(
            ResponseHead(self.status, "HTTP/1.1", self.response_headers), self.head if self.head is not None else first
        )
        for t, data in self.pieces:
            observer.feed(data, t)
        return observer.close(self.pieces[-1][0] + 0.001 if self.pieces else 0.01, self.outcome)


def sides(
    made: Sequence[Piece],
    passed: Sequence[Piece],
    *,
    way: float = 0.002,
    ahead: float = 0.0,
    name: str = "1",
    start: float = START,
    **more: Any,
) -> tuple[Record, Record]:
    """Upstream and downstream of a hop that takes `way` seconds each way, with the clock downstream `ahead`.

    `passed` is what the hop makes of `made`, dated as if the way took no time.
    """
    up = Tap(f"up-{name}", start + way + 0.001, made)
    down = Tap(f"down-{name}", start + ahead, later(passed, 2 * way + 0.001), url="http://hop:8080" + PATH)
    up, down = (replace(tap, **more) for tap in (up, down))
    return up.record(), down.record()
