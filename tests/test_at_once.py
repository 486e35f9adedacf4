"""Arrivals read together or one by one are the same arrivals."""

from __future__ import annotations

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Head, Limits, Opening, Record
from streamwatchlib.observer import Observer

HEADS = {
    "sse": Head(200, "HTTP/1.1", (("content-type", "text/event-stream"),)),
    "ndjson": Head(200, "HTTP/1.1", (("content-type", "application/x-ndjson"),)),
    "plain": Head(200, "HTTP/1.1", (("content-type", "text/plain"),)),
}


def event(word: str) -> str:
    return json.dumps({"id": "1", "choices": [{"index": 0, "delta": {"content": word}}]})


def sse(word: str) -> bytes:
    return f"data: {event(word)}\n\n".encode()


PIECES = {
    "sse": [sse, sse, sse, lambda word: f"event: x\ndata: {event(word)}\n\n".encode(), lambda word: b": ping\n\n"],
    "ndjson": [lambda word: f"{event(word)}\n".encode()],
    "plain": [lambda word: word.encode("utf-8", "replace"), lambda word: b"\n"],
}


def observer(head: Head) -> Observer:
    made = Observer(Opening("x", 1e9, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ()), Limits())
    made.request_body(b'{"stream": true}', 0.001)
    made.response_head(head, 0.01)
    return made


def one_by_one(head: Head, arrivals: list[tuple[bytes, float, int]]) -> Record:
    made = observer(head)
    for arrival in arrivals:
        made.feed(*arrival)
    return made.close(99.0, "complete")


def together(head: Head, arrivals: list[tuple[bytes, float, int]], rng: random.Random) -> Record:
    made = observer(head)
    rest = [*arrivals]
    while rest:
        some, rest = rest[: (count := rng.randint(1, 9))], rest[count:]
        made.feed_all(some)
    return made.close(99.0, "complete")


@settings(max_examples=150)
@given(st.sampled_from([*PIECES]), st.lists(st.text(max_size=5), min_size=1, max_size=30), st.randoms())
def test_however_arrivals_are_read_the_record_is_the_same(format: str, words: list[str], rng: random.Random) -> None:
    body = [rng.choice(PIECES[format])(word) for word in words]
    if rng.random() < 0.5:  # cut anywhere instead of between events
        whole = b"".join(body)
        cuts = sorted(rng.randint(0, len(whole)) for _ in range(rng.randint(0, 9)))
        body = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    arrivals = [(piece, 0.02 * (i + 1), 1 + i % 3) for i, piece in enumerate(body) if piece]
    assert together(HEADS[format], arrivals, rng) == one_by_one(HEADS[format], arrivals)
